"""How a theme's layer is read on a map: its classes or breaks, their colours, and their words in a legend."""

from dataclasses import dataclass, replace
from typing import TypeVar

import mapclassify
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.ledger import Text
from siting.outputs import palette
from siting.themes.result import Mark, Ramp, Role, Scale, ThemeLayer

ROLE_COLOUR: dict[Role, str] = {
    "good": palette.SERVED,
    "fair": "#b9dcec",
    "poor": "#f2a65a",
    "bad": palette.UNSERVED,
    "none": "#d6d3cb",
    "site": palette.SITE,
    "existing": palette.STANDING,
    "accent": palette.NEWLY_SERVED,
    "muted": "#9ca3af",
}
"""Colours that stay apart for colour-blind readers and, from good to bad, on a grey print."""
RAMP_COLOURS: dict[Ramp, tuple[str, ...]] = {
    "more_is_better": ("#5a1404", "#99310a", "#c25d17", "#56a3c9", "#8fd0f5"),
    "more_is_worse": ("#8fd0f5", "#56a3c9", "#c25d17", "#99310a", "#5a1404"),
    "neutral": ("#e3edf3", "#b4cfde", "#7fadc8", "#40809f", "#0f4a6b"),
}
"""The worse the darker, so that a grey print still tells which end is which."""
LINE_COLOURS = ("#7aa7c7", "#5287ad", "#2f6690", "#164668", "#08263f")
"""Neutral figures of lines: the lightest still stands out from streets and water, where an area of it would."""
LINE_MM = (0.35, 0.7, 1.1, 1.6, 2.2)
"""Widths of lines that are the wider the more."""
THIN_MM = 0.12
MARK_MM: dict[Mark, float] = {"dot": 2.0, "square": 2.7, "triangle": 3.2, "diamond": 1.7, "star": 4.2}
"""How wide a mark is drawn: forms of one weight; what was not chosen (a diamond) stays back."""
FEW = 300
"""Points of a layer with no more than this are marks that stand out; those of larger ones are dots of demand."""
MISSING = Text("无数据", "no data")
MISSING_COLOUR = "#e5e7eb"
MOST_CLASSES = 5
Step = TypeVar("Step", str, float)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """One class as it is drawn: which rows, in which colour, form and width of line, under which words."""

    rows: NDArray[np.bool_]
    colour: str
    name: Text
    role: Role | None = None
    low: float | None = None
    high: float | None = None
    mark: Mark = "dot"
    width_mm: float | None = None


def shown_classes(layer: ThemeLayer) -> list[Shown]:
    """Return the classes of a layer in the order of its legend; each row is in exactly one of them."""
    found = _classes(layer)
    if layer.strokes == "thin":
        return [replace(one, width_mm=THIN_MM) for one in found]
    if layer.strokes == "by_value":
        ranges = [one for one in found if one.low is not None]
        widths = spread(LINE_MM, len(ranges))
        wide = [replace(one, width_mm=width) for one, width in zip(ranges, widths, strict=True)]
        return [*wide, *(replace(one, width_mm=LINE_MM[0]) for one in found if one.low is None)]
    return found


def _classes(layer: ThemeLayer) -> list[Shown]:
    n = len(layer.frame)
    if layer.show is None:
        return [Shown(rows=np.ones(n, dtype=bool), colour=ROLE_COLOUR["accent"], name=layer.title)]
    column = layer.frame[layer.show]
    if layer.scale is not None:
        colours = RAMP_COLOURS[layer.scale.ramp]
        if layer.scale.ramp == "neutral" and n and (shapely.get_dimensions(layer.frame.geometry.array) == 1).all():
            colours = LINE_COLOURS
        return _graduated(column.to_numpy(dtype=np.float64, na_value=np.nan), layer.scale, colours)
    found = [
        Shown(
            rows=(column == c.value).fillna(False).to_numpy(dtype=bool),
            colour=ROLE_COLOUR[c.role],
            name=c.name,
            role=c.role,
            mark=c.mark if n <= FEW else "dot",
        )
        for c in layer.classes
    ]
    return [*found, *_missing(column.isna().to_numpy())]


def _graduated(values: NDArray[np.float64], scale: Scale, ramp: tuple[str, ...]) -> list[Shown]:
    """Cut numbers at the breaks; a class holds its upper break, as a legend "100 – 200" is read."""
    known = np.isfinite(values)
    breaks = list(scale.breaks) if scale.breaks is not None else _natural_breaks(values[known])
    edges = [-np.inf, *breaks, np.inf]
    least, most = (float(values[known].min()), float(values[known].max())) if known.any() else (-np.inf, np.inf)
    colours = spread(ramp, len(edges) - 1)
    found = []
    for low, high, colour in zip(edges[:-1], edges[1:], colours, strict=True):
        rows = known & (values > low) & (values <= high)
        # An open end says what there is where that is one figure: "0", not "≤ 0" or "all".
        name = _range_text(least if high == least else low, high, scale)
        if len(edges) == 2:
            name = _range_text(least, most, scale)
        elif np.isinf(high) and scale.breaks is None and len(np.unique(values[rows])) == 1:
            name = _range_text(most, most, scale)
        found.append(Shown(rows=rows, colour=colour, name=name, low=float(low), high=float(high)))
    infinite = np.isinf(values)
    if infinite.any():
        far = Text("无路可达", "no path")
        found.append(Shown(rows=infinite, colour=ROLE_COLOUR["muted"], name=far))
    return [*found, *_missing(np.isnan(values))]


def _natural_breaks(values: NDArray[np.float64]) -> list[float]:
    """Return breaks between natural groups, rounded to two figures, so that a legend can be read."""
    distinct = np.unique(values)
    if len(distinct) < 2:
        return []
    wanted = min(MOST_CLASSES, len(distinct))
    sample = values if len(values) <= 5000 else np.quantile(values, np.linspace(0, 1, 5000))
    bins = mapclassify.FisherJenks(sample, k=wanted).bins[:-1] if wanted > 1 else []
    rounded = sorted({float(f"{b:.2g}") for b in bins})
    return [b for b in rounded if distinct[0] <= b < distinct[-1]]


def spread(steps: tuple[Step, ...], n: int) -> list[Step]:
    """Return ``n`` steps of a ramp: its ends, and what lies evenly between."""
    if n == 1:
        return [steps[len(steps) // 2]]
    return [steps[round(i * (len(steps) - 1) / (n - 1))] for i in range(n)]


def _range_text(low: float, high: float, scale: Scale) -> Text:
    def shown(value: float) -> str:
        return f"{100 * value:g}%" if scale.percent else f"{value:,.10g}"

    unit = Text("", "") if scale.percent else Text(f" {scale.unit.zh}", f" {scale.unit.en}")
    if low == high:
        figure = shown(float(f"{high:.3g}"))
        return Text(f"{figure}{unit.zh}", f"{figure}{unit.en}")
    if np.isinf(low) and np.isinf(high):
        return MISSING
    if np.isinf(low):
        return Text(f"≤ {shown(high)}{unit.zh}", f"≤ {shown(high)}{unit.en}")
    if np.isinf(high):
        return Text(f"> {shown(low)}{unit.zh}", f"> {shown(low)}{unit.en}")
    return Text(f"{shown(low)} – {shown(high)}{unit.zh}", f"{shown(low)} – {shown(high)}{unit.en}")


def _missing(rows: NDArray[np.bool_]) -> list[Shown]:
    return [Shown(rows=rows, colour=MISSING_COLOUR, name=MISSING)] if rows.any() else []
