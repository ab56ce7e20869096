"""How one class of a view is drawn: a mark, a line or a surface."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.outputs import palette
from siting.outputs.qgis.elements import FONT, Element, Value, by_expression, colour, literal, node, options
from siting.outputs.views import View, ViewClass

MARKS = {
    "dot": "circle", "square": "square", "triangle": "triangle", "diamond": "diamond", "star": "star", "pin": "circle",
}  # fmt: skip
NO_SCALE = "3x:0,0,0,0,0,0"
LEAST_DOT_MM = 0.7
SAMPLE = 2_000
DRIVEN = (
    ("motorway", "trunk", "primary", "motorway_link", "trunk_link", "primary_link"),
    ("secondary", "tertiary", "secondary_link", "tertiary_link"),
    ("residential", "unclassified", "living_street", "pedestrian"),
)
STREET_M = (14.0, 10.0, 6.0)
FOOTWAY_M = 1.5
"""Metres by the kind of street: thin where a whole city is shown, as wide as they are from near."""
STREET_SCALE = "3x:0,0,1,0.06,1,1.2"
"""Never thinner or thicker than this many millimetres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a symbol needs to know of the table beside its view.

    Attributes
    ----------
    spacing_m : usual distance between neighbouring points, so that dots of a dense layer do not hide each other; None
        where it is not known
    columns : names of its columns
    ends : the least and the greatest figure of its columns of numbers
    """

    spacing_m: float | None = None
    columns: frozenset[str] = frozenset()
    ends: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def look_of(frame: gpd.GeoDataFrame) -> Look:
    """Measure a table: the middle distance between each point and its nearest neighbour, of some thousands at most."""
    columns = frozenset(str(c) for c in frame.columns)
    figures = frame.select_dtypes("number")
    least, most = figures.min(), figures.max()
    ends = {str(c): (float(least[c]), float(most[c])) for c in figures.columns if pd.notna(least[c])}
    shapes = np.asarray(frame.geometry.array, dtype=object)
    shapes = shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]
    if len(shapes) < 3 or shapely.get_dimensions(shapes).max() > 0:
        return Look(columns=columns, ends=ends)
    tree = shapely.STRtree(shapes)
    some = shapes[:: max(1, len(shapes) // SAMPLE)]
    _, metres = tree.query_nearest(some, exclusive=True, all_matches=False, return_distance=True)
    apart = metres[metres > 0]
    return Look(spacing_m=float(np.median(apart)) if len(apart) else None, columns=columns, ends=ends)


def symbol(view: View, name: str, one: ViewClass, look: Look, level: int = 0) -> Element:
    """Return the symbol of one class.

    Parameters
    ----------
    name : by which renderers and rules call it
    level : of drawing, the lowest first, where its renderer goes by levels
    """
    if one.mark is not None or one.size_mm is not None:
        view = replace(view, mark=one.mark or view.mark, size_mm=view.size_mm if one.size_mm is None else one.size_mm)
    if view.shape == "point":
        return _wrap(name, "marker", *_marker(view, one.colour, look, one.edge))
    if view.shape == "line":
        return _wrap(name, "line", *_line(view, one.colour, look, level))
    return _wrap(name, "fill", _fill(view, one.colour))


def plain_symbol(kind: str, settings: dict[str, Value], layer: str, name: str = "") -> Element:
    """Return a symbol of one layer for pages, frames and lines of a layout."""
    return _wrap(name, kind, _layer(layer, settings))


def _marker(view: View, shade: str, look: Look, edge: str | None = None) -> list[Element]:
    size: dict[str, Value] = {"size": view.size_mm, "size_unit": "MM", "size_map_unit_scale": NO_SCALE}
    rim: dict[str, Value] = {"outline_color": colour("#ffffff"), "outline_width": 0.15}
    if view.mark == "dot" and look.spacing_m is not None:
        # As wide as the homes lie apart, but never too small to be seen or so large that it hides the street.
        scale = f"3x:0,0,1,{LEAST_DOT_MM:g},1,{view.size_mm:g}"
        size = {"size": round(0.75 * look.spacing_m, 2), "size_unit": "MapUnit", "size_map_unit_scale": scale}
        rim = {"outline_color": colour("#ffffff", 140), "outline_width": 0.05}
    if view.mark == "pin":
        rim = {"outline_color": colour(palette.SITE_RING), "outline_width": 0.5}
    if view.mark == "star":
        rim = {"outline_color": colour(palette.SITE_RING), "outline_width": 0.3}
    if view.mark == "diamond":
        rim = {"outline_color": colour("#ffffff"), "outline_width": 0.1}
    if edge is not None:
        rim = {"outline_color": colour(edge), "outline_width": 0.15}
    disc: dict[str, Value] = {"name": MARKS[view.mark], "color": colour(shade), **size, **rim, "outline_style": "solid"}
    layers = [_layer("SimpleMarker", {**disc, "outline_width_unit": "MM", "scale_method": "diameter"})]
    if view.mark == "pin" and "order" in look.columns:
        number: dict[str, Value] = {
            "font": FONT, "font_style": "Bold", "chr": "1", "color": colour("#ffffff"), "size": 0.62 * view.size_mm,
            "size_unit": "MM", "outline_width": 0, "outline_width_unit": "MM", "offset": "0,-0.25", "offset_unit": "MM",
        }  # fmt: skip
        layers.append(_layer("FontMarker", number, {"char": 'to_string("order")'}))
    return layers


def _line(view: View, shade: str, look: Look, level: int) -> list[Element]:
    settings: dict[str, Value] = {
        "line_color": colour(shade), "line_style": "solid", "line_width": view.size_mm, "line_width_unit": "MM",
        "capstyle": "round", "joinstyle": "round",
    }  # fmt: skip
    if view.table != "base_streets" or "highway" not in look.columns:
        return [_layer("SimpleLine", settings, level=level)]
    settings |= {"line_width_unit": "MapUnit", "line_width": STREET_M[-1], "width_map_unit_scale": STREET_SCALE}
    inside = {**settings, "line_color": colour(palette.STREET)}
    driven = f'"highway" IN ({", ".join(literal(kind) for kinds in DRIVEN for kind in kinds)})'
    # The carriageways of all streets lie over the edges of all, so that crossings are open.
    return [
        _layer("SimpleLine", settings, {"outlineWidth": _street_width(1.0)}),
        _layer("SimpleLine", inside, {"outlineWidth": _street_width(0.7), "enabled": driven}, level=1),
    ]


def _street_width(share: float) -> str:
    """Return metres by the kind of street as an expression, ``share`` of each."""
    cases = [
        f'WHEN "highway" IN ({", ".join(literal(kind) for kind in kinds)}) THEN {share * metres:g}'
        for kinds, metres in zip(DRIVEN, STREET_M, strict=True)
    ]
    return f"CASE {' '.join(cases)} ELSE {share * FOOTWAY_M:g} END"


def _fill(view: View, shade: str) -> Element:
    ground = view.group.kind == "ground"
    edge, width, alpha = colour("#ffffff", 150), 0.1, 215
    if view.outline:
        edge, width, alpha = colour(shade), view.size_mm, 60 if view.kind != "single" else 25
    elif ground:
        edge, width, alpha = colour(palette.STREET_EDGE), 0.05, 255
    return _layer(
        "SimpleFill",
        {
            "color": colour(shade, alpha), "style": "solid", "outline_color": edge, "outline_style": "solid",
            "outline_width": width, "outline_width_unit": "MM", "joinstyle": "round",
        },
    )  # fmt: skip


def _layer(
    kind: str, settings: dict[str, Value], expressions: dict[str, str] | None = None, *, level: int = 0
) -> Element:
    return node(
        "layer",
        {"class": kind, "enabled": 1, "locked": 0, "pass": level},
        *options(settings),
        by_expression("data_defined_properties", expressions or {}),
    )


def _wrap(name: str, kind: str, *layers: Element) -> Element:
    attributes: dict[str, Value] = {"name": name, "type": kind, "alpha": 1, "clip_to_extent": 1, "force_rhr": 0}
    return node("symbol", attributes, by_expression("data_defined_properties", {}), *layers)
