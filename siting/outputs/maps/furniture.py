"""Scale bar, north arrow, and labels that do not lie on one another."""

from collections.abc import Sequence
from math import floor, log10

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.patches import FancyBboxPatch, Polygon, Rectangle
from matplotlib.text import Text as Label
from matplotlib.transforms import Affine2D, Bbox, ScaledTranslation

from siting.outputs import palette
from siting.outputs.maps import style

DIRECTIONS = 16
SHORT_BAR_PT = 58.0
"""A scale bar shorter than this has no figure at its middle."""
REACHES_PT = (10.0, 20.0, 34.0, 52.0, 76.0)


def round_length(longest_m: float) -> float:
    """Return the largest 1, 2 or 5 times a power of ten that is not above ``longest_m``."""
    power = 10.0 ** floor(log10(longest_m))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= longest_m * (1 + 1e-9))


def scale_and_north(ax: Axes, avoid: np.ndarray | None = None, taken: Sequence[Bbox] = ()) -> Bbox:
    """Draw a scale bar in round metres or kilometres and a north arrow in a corner; return their box in pixels.

    Parameters
    ----------
    avoid : shape (n, 2), metres: what the map is about; the corner is the one where least of it would be hidden, the
        lower left where several hide nothing
    taken : boxes in pixels that are taken already
    """
    figure = ax.figure
    dpi = figure.dpi
    box = ax.get_window_extent()
    grown = style.type_scale(figure)
    x0, x1 = ax.get_xlim()
    span_pt = box.width * 72 / dpi / grown
    length = round_length((x1 - x0) * 0.22)
    if length / (x1 - x0) * span_pt < SHORT_BAR_PT:
        length = round_length((x1 - x0) * 0.36)
    width_pt = length / (x1 - x0) * span_pt
    pad, height = 8.0, 34.0
    size = (width_pt + 62, height)
    right, top = emptiest_corner(ax, [side * grown for side in size], avoid, taken)
    # Everything in points from that corner of the map, so that it looks the same at every resolution.
    corner = ScaledTranslation(right, top, ax.transAxes)  # type: ignore[arg-type]  # any transform is taken
    aside = Affine2D().translate(-right * (size[0] + 2 * pad), -top * (size[1] + 2 * pad))
    points = aside + Affine2D().scale(grown / 72) + figure.dpi_scale_trans + corner
    plate = FancyBboxPatch(
        (pad, pad), *size, boxstyle="round,pad=0,rounding_size=3", transform=points,
        facecolor="white", edgecolor="none", alpha=0.86, zorder=8,
    )  # fmt: skip
    ax.add_patch(plate)
    left, bottom = pad + 14, pad + 9
    for half, colour in ((0, palette.INK), (1, "white")):
        bar = Rectangle(
            (left + half * width_pt / 2, bottom), width_pt / 2, 4, transform=points, facecolor=colour,
            edgecolor=palette.INK, linewidth=0.7, zorder=9,
        )  # fmt: skip
        ax.add_patch(bar)
    kilo = length >= 1000
    unit = "km" if kilo else "m"
    for share in (0.0, 0.5, 1.0) if width_pt >= SHORT_BAR_PT else (0.0, 1.0):
        shown = f"{length * share / (1000 if kilo else 1):g}" + (f" {unit}" if share == 1 else "")
        ax.text(
            left + share * width_pt, bottom + 8, shown, transform=points, fontsize=7 * grown, color=palette.INK,
            zorder=9, ha="center", va="bottom",
        )  # fmt: skip
    x, y = left + width_pt + 30, bottom - 3
    for side, colour in ((-1, palette.INK), (1, "white")):
        arrow = Polygon(
            [(x, y + 16), (x + side * 5, y), (x, y + 4)], closed=True, transform=points, facecolor=colour,
            edgecolor=palette.INK, linewidth=0.7, zorder=9,
        )  # fmt: skip
        ax.add_patch(arrow)
    ax.text(
        x, y + 16.5, "N", transform=points, fontsize=7 * grown, color=palette.INK, ha="center", va="bottom", zorder=9,
        path_effects=style.strong(),
    )  # fmt: skip
    return plate.get_window_extent()


def emptiest_corner(
    ax: Axes, size_pt: Sequence[float], avoid: np.ndarray | None, taken: Sequence[Bbox] = (), pad_pt: float = 8.0
) -> tuple[int, int]:
    """Return the corner (right, top: 0 or 1) where a plate of that size hides least."""
    return min(corners(ax, size_pt, avoid, taken, pad_pt), key=lambda one: one[1])[0]


def corners(
    ax: Axes, size_pt: Sequence[float], avoid: np.ndarray | None, taken: Sequence[Bbox] = (), pad_pt: float = 8.0
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return each corner with what a plate there would hide: boxes taken, and points of ``avoid``; lower left first."""
    frame = ax.get_window_extent()
    pixel = ax.figure.dpi / 72
    width, height = ((side + 2 * pad_pt) * pixel for side in size_pt)
    spots = np.empty((0, 2)) if avoid is None or not len(avoid) else ax.transData.transform(avoid)
    found = []
    for right, top in ((0, 0), (1, 0), (0, 1), (1, 1)):
        x0 = frame.x1 - width if right else frame.x0
        y0 = frame.y1 - height if top else frame.y0
        plate = Bbox.from_extents(x0, y0, x0 + width, y0 + height)
        under = (spots >= plate.min) & (spots <= plate.max)
        boxes = sum(plate.overlaps(other) for other in taken)
        found.append(((right, top), (boxes, int(under.all(axis=1).sum()))))
    return found


def place_labels(
    ax: Axes,
    texts: Sequence[str],
    xy: np.ndarray,
    taken: Sequence[Bbox] = (),
    *,
    fontsize: float = 7.5,
    color: str = palette.INK,
    reach_pt: float = 0.0,
) -> list[Label]:
    """Put one label beside each point, first come first served, so that none lies on another.

    Parameters
    ----------
    texts : in order of importance; one that finds no free place is left out
    xy : shape (n, 2), metres
    taken : boxes in pixels that labels keep off
    reach_pt : radius of the mark that a label stands beside

    Returns
    -------
    The labels that were placed.
    """
    figure = ax.figure
    fontsize *= style.type_scale(figure)
    renderer = renderer_of(ax)
    frame = ax.get_window_extent(renderer)
    pixel = figure.dpi / 72
    busy = list(taken)
    marks = ax.transData.transform(xy) if len(xy) else np.empty((0, 2))
    busy += [_square(x, y, reach_pt * pixel) for x, y in marks] if reach_pt else []
    placed: list[Label] = []
    for text, (x, y), mark in zip(texts, xy, marks, strict=True):
        made = ax.annotate(
            style.clean(text), (x, y), xytext=(0, 0), textcoords="offset points", fontsize=fontsize, color=color,
            ha="center", va="center", zorder=7, annotation_clip=True,
            bbox={"boxstyle": "round,pad=0.22", "facecolor": "white", "edgecolor": color, "linewidth": 0.6},
            arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 1},
        )  # fmt: skip
        made.update_positions(renderer)
        made.update_bbox_position_size(renderer)
        plate = made.get_bbox_patch()
        assert plate is not None
        size = plate.get_window_extent(renderer)
        half_width, half_height = size.width / 2, size.height / 2
        spot = _free_spot(mark, half_width, half_height, frame, busy, pixel, reach_pt)
        if spot is None:
            made.remove()
            continue
        made.set_position(((spot[0] - mark[0]) / pixel, (spot[1] - mark[1]) / pixel))
        busy.append(_box(spot[0], spot[1], half_width, half_height, 1.5 * pixel))
        placed.append(made)
    return placed


def renderer_of(ax: Axes) -> RendererAgg:
    """Return what measures text in the figure of ``ax``."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    canvas = figure.canvas
    agg = canvas if isinstance(canvas, FigureCanvasAgg) else FigureCanvasAgg(figure)
    renderer: RendererAgg = agg.get_renderer()  # type: ignore[no-untyped-call]
    return renderer


def _free_spot(
    mark: np.ndarray,
    half_width: float,
    half_height: float,
    frame: Bbox,
    busy: list[Bbox],
    pixel: float,
    reach_pt: float,
) -> tuple[float, float] | None:
    taken = np.array([other.extents for other in busy]).reshape(-1, 4)
    for reach in REACHES_PT:
        for k in range(DIRECTIONS):
            # Right and left first, then up and down: a label beside its point reads best.
            angle = (0, 8, 1, 15, 7, 9, 2, 14, 6, 10, 4, 12, 3, 13, 5, 11)[k] * 2 * np.pi / DIRECTIONS
            dx, dy = np.cos(angle), np.sin(angle)
            x = mark[0] + dx * (half_width + (reach + reach_pt) * pixel)
            y = mark[1] + dy * (half_height + (reach + reach_pt) * pixel)
            box = _box(x, y, half_width, half_height, 1.5 * pixel)
            fits = box.x0 > frame.x0 + 3 and box.x1 < frame.x1 - 3 and box.y0 > frame.y0 + 3 and box.y1 < frame.y1 - 3
            if (
                fits
                and not (
                    (taken[:, 0] < box.x1) & (taken[:, 2] > box.x0) & (taken[:, 1] < box.y1) & (taken[:, 3] > box.y0)
                ).any()
            ):
                return x, y
    return None


def _square(x: float, y: float, half: float) -> Bbox:
    return Bbox.from_extents(x - half, y - half, x + half, y + half)


def _box(x: float, y: float, half_width: float, half_height: float, pad: float) -> Bbox:
    return Bbox.from_extents(x - half_width - pad, y - half_height - pad, x + half_width + pad, y + half_height + pad)
