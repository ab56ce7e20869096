"""Two rules over each other: who meets both, one or neither, with a square of four fields as its legend."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Patch, Rectangle
from matplotlib.transforms import Affine2D, Bbox, ScaledTranslation, Transform
from numpy.typing import NDArray

from siting.coverage.gap_names import facility_noun
from siting.coverage.model import Audit
from siting.errors import InputError
from siting.ledger import Lang, Text
from siting.outputs import palette
from siting.outputs.contract import MapBase, RunLike
from siting.outputs.maps import marks, style
from siting.outputs.maps.frame import around
from siting.outputs.maps.furniture import corners
from siting.outputs.maps.ground import Ground
from siting.outputs.maps.panel import text_width, wrap
from siting.outputs.maps.scene import place_or, scene
from siting.outputs.maps.words import LegendRow
from siting.standards import DISTANCES
from siting.standards.model import DistanceKind

CELL_PT, PLATE_PT = 27.0, (168.0, 104.0)
"""Height of a field of the legend square, and the room that the whole takes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crossed:
    """Two audits over each other.

    Attributes
    ----------
    names : what each of the two asks for, e.g. "park within 500 m"
    kinds : the kind of distance that each is judged by
    masks : who meets both, only the first, only the second, neither, in this order; rows of ``demand``
    weight : what the shares count, by row
    counted : its name
    """

    names: tuple[Text, Text]
    kinds: tuple[DistanceKind, DistanceKind]
    demand: gpd.GeoDataFrame
    masks: tuple[marks.Mask, marks.Mask, marks.Mask, marks.Mask]
    weight: NDArray[np.float64]
    counted: Text

    @property
    def amounts(self) -> tuple[float, ...]:
        """How many are in each of the four classes."""
        return tuple(float(self.weight[mask].sum()) for mask in self.masks)

    @property
    def shares(self) -> tuple[float | None, ...]:
        """Share of each class in the whole; None where there is nobody."""
        total = float(self.weight.sum())
        return tuple(amount / total if total else None for amount in self.amounts)

    @property
    def kind(self) -> Text:
        """Say how distances are measured; both kinds where the two differ."""
        first, second = (DISTANCES[kind] for kind in self.kinds)
        return first if first == second else Text(f"{first.zh} × {second.zh}", f"{first.en} × {second.en}")

    @property
    def class_names(self) -> tuple[Text, Text, Text, Text]:
        """Names of the four classes."""
        a, b = self.names
        return (
            Text("两者皆可达", "both"),
            Text(f"仅有 {a.zh}", f"only {a.en}"),
            Text(f"仅有 {b.zh}", f"only {b.en}"),
            Text("两者皆不可达", "neither"),
        )


def cross(first: Audit, second: Audit, distance: DistanceKind | None = None) -> Crossed:
    """Lay two judged audits of one demand over each other.

    Parameters
    ----------
    distance : "network" or "straight", where both rules are in metres; default: the kind that each rule means

    Raises
    ------
    InputError
        A rule was not judged, has no figures by this kind of distance, or the two share no demand.
    """
    masks = []
    index = first.demand.index.intersection(second.demand.index, sort=False)
    for audit in (first, second):
        column = "served" if distance is None or distance == audit.distance else f"served_{distance}"
        if not audit.judged or column not in audit.demand.columns:
            why = "was not judged" if not audit.judged else f"has no figures by distance '{distance}'"
            msg = f"{audit.name} {why}: a map of two rules needs both"
            raise InputError(msg)
        masks.append(audit.demand[column].reindex(index).to_numpy(dtype=bool))
    if not len(index):
        msg = f"{first.name} and {second.name} share no demand: judge both for the same points"
        raise InputError(msg)
    one, two = masks
    demand = first.demand.loc[index]
    unit = next((d for d in ("people", "units") if d in demand.columns and demand[d].notna().any()), None)
    weight = np.ones(len(demand)) if unit is None else demand[unit].fillna(0).to_numpy(dtype=np.float64)
    counted = Text("需求点", "demand points")
    if unit is not None:
        counted = first.noun("people" if unit == "people" else "units")
    return Crossed(
        names=(_asked(first), _asked(second)),
        kinds=(distance or first.distance, distance or second.distance),
        demand=demand,
        masks=(one & two, one & ~two, ~one & two, ~one & ~two),
        weight=weight,
        counted=counted,
    )


def _asked(audit: Audit) -> Text:
    noun, limit = facility_noun(audit), audit.limit_text
    noun = Text(
        noun.zh.removesuffix("入口").removeprefix("各类"), noun.en.removesuffix(" gate").removesuffix(" entrance")
    )
    return noun if limit is None else Text(f"{limit.zh}内{noun.zh}", f"{noun.en} within {limit.en}")


def bivariate(
    first: Audit,
    second: Audit,
    ax: Axes | None = None,
    base: MapBase | Ground | None = None,
    *,
    run: RunLike | None = None,
    distance: DistanceKind | None = None,
    demand: gpd.GeoDataFrame | None = None,
    zones: gpd.GeoDataFrame | None = None,
    lang: Lang | None = None,
    legend: bool = True,
) -> Axes:
    """Draw who meets both of two rules, only one, or neither, with a square of four fields as the legend.

    Parameters
    ----------
    first, second : two judged rules of one study, for instance green within 300 m and a park within 500 m
    distance : "network" (on foot) or "straight" (as official figures measure), where both rules are in metres;
        default: the kind that each rule means
    ax, base, run, demand, zones, lang, legend : as for `coverage`

    Returns
    -------
    The Axes; its figure is ``.figure``.

    Raises
    ------
    InputError
        A rule was not judged, has no figures by this kind of distance, or the two share no demand.
    """
    found = cross(first, second, distance)
    given = around(run, lang, base, demand, zones)
    with scene(ax, given, place_or(given.demand, found.demand)) as drawn:
        drawn.demand(found.demand, list(zip(found.masks, palette.BIVARIATE, strict=True)))
        drawn.scale(found.demand)
        if legend:
            drawn.legend(
                [
                    (handle, f"{text}  {style.percent(share)}")
                    for (handle, text), share in zip(legend_rows([found], given.lang), _occurring(found), strict=True)
                ]
            )
            _plate(drawn.ax, found, given.lang, drawn.taken)
            both = Text(f"{found.names[0].zh} × {found.names[1].zh}", f"{found.names[0].en} × {found.names[1].en}")
            share = style.percent(found.shares[0])
            grades = tuple(dict.fromkeys(audit.rule.confidence.text for audit in (first, second)))
            read = Text("、".join(g.zh for g in grades), ", ".join(g.en for g in grades))
            headline = Text(
                f"{share} 的{found.counted.zh}两者皆可达（{found.kind.zh}；{read.zh}）",
                f"{share} of {found.counted.en} have both ({found.kind.en}; {read.en})",
            )
            drawn.title(both, headline.get(given.lang))
    return drawn.ax


def legend_rows(maps: Sequence[Crossed], lang: Lang) -> list[LegendRow]:
    """One row a class that occurs on any of the maps."""
    return [
        (Patch(facecolor=colour, edgecolor="white"), style.clean(name.get(lang)))
        for k, (colour, name) in enumerate(zip(palette.BIVARIATE, maps[0].class_names, strict=True))
        if any(found.masks[k].any() for found in maps)
    ]


def _occurring(found: Crossed) -> list[float | None]:
    """Return the shares of the classes that occur."""
    return [share for share, mask in zip(found.shares, found.masks, strict=True) if mask.any()]


def draw_square(
    ax: Axes,
    found: Crossed,
    lang: Lang,
    at: tuple[float, float],
    transform: Transform,
    *,
    up: int = 1,
    grown: float = 1.0,
) -> None:
    """Draw the legend square: columns for the second rule, rows for the first, the share of each class in its field.

    Parameters
    ----------
    at : lower left corner in the units of ``transform``, which are points; the upper one where they count downwards
    up : 1 where the units count upwards, -1 where they count downwards
    grown : how much larger the letters are than the units say
    """
    x0, y0 = at
    height = PLATE_PT[1]
    row_label = 92.0

    def spot(x: float, y: float) -> tuple[float, float]:
        """Place a point that is given from the upper left corner of the plate."""
        return x0 + x, y0 + (height - y if up > 0 else y)

    def write(x: float, y: float, text: str, size: float, colour: str, ha: str = "center", width: float = 0.0) -> None:
        shown = style.clean(text)
        if width:
            size = fitting(shown, size, width)
        ax.text(
            *spot(x, y), shown, transform=transform, fontsize=size * grown, color=colour, ha=ha, va="center", zorder=9.2
        )  # fmt: skip

    first, second = found.names
    wide = (PLATE_PT[0] - row_label - 2) / 2
    write(row_label + wide, 7, second.get(lang), 8, palette.INK, width=2 * wide + 8)
    within, beyond = Text("可达", "within"), Text("不可达", "beyond")
    for k, word in enumerate((within, beyond)):
        write(row_label + (k + 0.5) * wide, 19, word.get(lang), 7, palette.FAINT_INK)
        write(row_label - 5, 29 + (k + 0.5) * CELL_PT, word.get(lang), 7, palette.FAINT_INK, "right")
    asked = wrap(first.get(lang), row_label - 26, 8)
    for k, line in enumerate(asked):
        write(0, 29 + CELL_PT + (k - (len(asked) - 1) / 2) * 10.5, line, 8, palette.INK, "left", width=row_label - 26)
    fields = ((0, 0, 0), (1, 1, 0), (2, 0, 1), (3, 1, 1))
    for number, column, row in fields:
        corner = spot(row_label + column * wide, 29 + (row + (1 if up > 0 else 0)) * CELL_PT)
        colour = palette.BIVARIATE[number]
        ax.add_patch(
            Rectangle(
                corner, wide, CELL_PT, transform=transform, facecolor=colour, edgecolor="white", linewidth=1.2, zorder=9
            )
        )
        ink = "white" if palette.lightness(colour) < 58 else palette.INK
        middle = row_label + (column + 0.5) * wide, 29 + (row + 0.5) * CELL_PT
        write(*middle, style.percent(found.shares[number]), 8, ink)
    of = Text(f"占{found.counted.zh}的比例", f"share of {found.counted.en}")
    write(PLATE_PT[0] / 2, height - 10, of.get(lang), 7, palette.FAINT_INK)


def fitting(text: str, size: float, width: float) -> float:
    """Return the size at which a text is no wider than ``width`` points, at most ``size``."""
    return size * min(1.0, width / text_width(text, size))


def _plate(ax: Axes, found: Crossed, lang: Lang, taken: Sequence[Bbox]) -> None:
    """Draw the square on a white plate in a corner where it hides nobody; without one the legend has the shares."""
    figure = ax.figure
    grown = style.type_scale(figure)
    size = (PLATE_PT[0] + 16, PLATE_PT[1] + 12)
    seen = marks.worth_seeing(found.demand)
    (right, top), hidden = min(corners(ax, [side * grown for side in size], seen, taken), key=lambda one: one[1])
    if any(hidden):
        return
    corner = ScaledTranslation(right, top, ax.transAxes)  # type: ignore[arg-type]  # any transform is taken
    pad = 8.0
    aside = Affine2D().translate(-right * (size[0] + 2 * pad), -top * (size[1] + 2 * pad))
    points = aside + Affine2D().scale(grown / 72) + figure.dpi_scale_trans + corner
    plate = FancyBboxPatch(
        (pad, pad), *size, boxstyle="round,pad=0,rounding_size=3", transform=points, facecolor="white",
        edgecolor="none", alpha=0.9, zorder=8,
    )  # fmt: skip
    ax.add_patch(plate)
    draw_square(ax, found, lang, (pad + 8, pad + 6), points, grown=grown)
