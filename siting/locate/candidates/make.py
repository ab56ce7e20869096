"""Places where a facility could be built: every one with its plot, free area, land source and nearest conflict.

A place is buildable as far as the given layers tell, or it is refused with the reason. Who owns it is not known here.
"""

from collections.abc import Mapping
from typing import Any, Literal, get_args

import geopandas as gpd
import numpy as np

from siting.errors import CRSError, InputError
from siting.ledger import Text
from siting.locate.candidates.exclusions import Exclusions
from siting.locate.candidates.gaps import gap_points
from siting.locate.candidates.plots import OWN_LAYER, VACANT, plot_points
from siting.locate.candidates.street import street_points

Kind = Literal["vacant", "street", "gaps", "layer"]

COLUMNS = (
    "plot", "street", "area_m2", "land_source", "tests", "nearest_conflict", "nearest_conflict_m", "street_m",
    "allowed", "refusal", "geometry",
)  # fmt: skip

DEFAULT_MIN_WIDTH_M = 6.0
"""Assumed depth that a small building needs with a passage to what stands behind it; from no standard."""
DEFAULT_MIN_AREA_M2 = 60.0
"""Assumed smallest room for a small facility (a public toilet, a waste collection point); from no standard."""


def make_candidates(
    kind: Kind,
    *,
    streets: gpd.GeoDataFrame | None = None,
    land: gpd.GeoDataFrame | None = None,
    gaps: gpd.GeoDataFrame | None = None,
    demand: gpd.GeoDataFrame | None = None,
    layer: gpd.GeoDataFrame | None = None,
    exclusions: Mapping[str, gpd.GeoDataFrame] | None = None,
    roads: gpd.GeoDataFrame | None = None,
    within: gpd.GeoDataFrame | None = None,
    spacing_m: float = 100.0,
    min_area_m2: float = DEFAULT_MIN_AREA_M2,
    min_width_m: float = DEFAULT_MIN_WIDTH_M,
    footway_m: float = 0.0,
    radius_m: float = 10.0,
    spread_m: float = 300.0,
    search_m: float = 150.0,
    max_street_m: float = 100.0,
    max_candidates: int = 20_000,
) -> gpd.GeoDataFrame:
    """Find places for new facilities and test each against what stands there.

    Parameters
    ----------
    kind : "vacant" = one a plot of ``land``; "street" = along ``streets`` every ``spacing_m``; "gaps" = where the
        people of ``gaps`` live, at the street; "layer" = ``layer`` as it is given
    streets : `Network.edges_frame`: lines, columns ``way_id``, ``name``, ``highway``, ``bridge``, ``tunnel``
    land, layer : polygons (``layer``: or points), index = id
    gaps, demand : gap polygons, and points with ``people``
    exclusions : name of layer to polygons on which nothing may stand: water, buildings, red lines …
    roads : further lines with ``highway`` whose carriageway may not be built on, e.g. the streets of the drive network
    within : polygons of the study area; places outside are left out
    min_area_m2 : smallest free ground; the default is an assumption
    min_width_m : free ground narrower than this does not count; the default is an assumption
    footway_m : "street", "gaps": strip beside every carriageway that stays free for walking
    radius_m : "street", "gaps": room is measured within a disc of this radius beside the carriageway
    spread_m, search_m : "gaps": distance between candidates of one gap, and how far room is looked for
    max_street_m : "vacant", "layer": plots further from every street are refused
    max_candidates : "street": ``spacing_m`` is widened until no more remain; ``attrs["notes"]`` says so

    Returns
    -------
    Index = candidate id (that of the plot; "F0001", … along streets; "G01-1", … in gaps), columns `COLUMNS` and
    ``gap_id`` for "gaps". ``allowed`` is False where a test failed; ``refusal`` says which. ``attrs["notes"]`` holds
    what a reader should know, as `Text`.

    Raises
    ------
    InputError
        An unknown kind, a layer that this kind needs is missing or empty, different CRS, a figure out of range.
    """
    if kind not in get_args(Kind):
        msg = f"kind is {kind!r}, expected one of {', '.join(get_args(Kind))}"
        raise InputError(msg)
    _check_figures(
        spacing_m=spacing_m, min_width_m=min_width_m, radius_m=radius_m, spread_m=spread_m, search_m=search_m,
        max_street_m=max_street_m, max_candidates=max_candidates,
    )  # fmt: skip
    if not (np.isfinite(min_area_m2) and min_area_m2 >= 0):
        msg = f"min_area_m2 is {min_area_m2!r}, expected 0 or more"
        raise InputError(msg)
    frames = {"streets": streets, "land": land, "gaps": gaps, "demand": demand, "layer": layer}
    frames |= {"roads": roads, "within": within}
    needs = {"vacant": ("land",), "street": ("streets",), "gaps": ("gaps", "demand", "streets"), "layer": ("layer",)}
    crs = _common_crs(kind, frames, needs[kind])
    conflicts = Exclusions.of(exclusions, crs)
    notes: list[Text] = []
    if kind == "street":
        found, widened = _along_streets(
            _need(streets),
            conflicts,
            within,
            spacing_m,
            min_area_m2,
            radius_m,
            min_width_m,
            footway_m,
            max_candidates,
            roads,
        )
        if widened > spacing_m:
            notes.append(
                Text(
                    f"候选点多于 {max_candidates:,} 个，间距由 {spacing_m:g} m 放宽到 {widened:g} m",
                    f"more than {max_candidates:,} candidates: spacing widened from {spacing_m:g} m to {widened:g} m",
                )
            )
        found.index = [f"F{k + 1:04d}" for k in range(len(found))]
    elif kind == "gaps":
        found = gap_points(
            _need(gaps), _need(demand), _need(streets), conflicts, spread_m=spread_m, search_m=search_m,
            min_area_m2=min_area_m2, radius_m=radius_m, min_width_m=min_width_m, footway_m=footway_m, roads=roads,
        )  # fmt: skip
        number = found.groupby("gap_id").cumcount() + 1 if len(found) else []
        found.index = [f"{gap}-{k}" for gap, k in zip(found.get("gap_id", []), number, strict=True)]
    else:
        plots = _need(land if kind == "vacant" else layer)
        plots = plots.set_axis((plots["id"] if "id" in plots.columns else plots.index).astype(str), axis=0)
        if not plots.index.is_unique:
            msg = f"candidates: ids occur twice (first {plots.index[plots.index.duplicated()][:3].tolist()})"
            raise InputError(msg)
        found = plot_points(
            gpd.GeoDataFrame(plots), streets, conflicts, source=VACANT if kind == "vacant" else OWN_LAYER,
            min_area_m2=min_area_m2, min_width_m=min_width_m, max_street_m=max_street_m,
        )  # fmt: skip
        found = _inside(found, within)
    return _finish(found, conflicts, kind, min_area_m2, radius_m, footway_m, crs, tuple(notes))


def _along_streets(
    streets: gpd.GeoDataFrame,
    conflicts: Exclusions,
    within: gpd.GeoDataFrame | None,
    spacing_m: float,
    min_area_m2: float,
    radius_m: float,
    min_width_m: float,
    footway_m: float,
    max_candidates: int,
    roads: gpd.GeoDataFrame | None,
) -> tuple[gpd.GeoDataFrame, float]:
    near = None if within is None else streets.iloc[np.unique(within.sindex.query(streets.geometry, "intersects")[0])]
    chosen = streets if near is None else gpd.GeoDataFrame(near)
    length = float(chosen.geometry.length.sum())
    # At most about one candidate a spacing of street; a start that avoids measuring far too many.
    while length / spacing_m > 4 * max_candidates:
        spacing_m *= 1.25
    while True:
        found = street_points(
            chosen,
            conflicts,
            spacing_m=spacing_m,
            min_area_m2=min_area_m2,
            radius_m=radius_m,
            min_width_m=min_width_m,
            footway_m=footway_m,
            roads=roads,
            within=within,
        )
        found = _inside(found, within).reset_index(drop=True)
        if int(found["allowed"].sum()) <= max_candidates:
            return gpd.GeoDataFrame(found), spacing_m
        spacing_m *= 1.25


def _inside(found: gpd.GeoDataFrame, within: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    if within is None or not len(found):
        return found
    inside = np.zeros(len(found), dtype=bool)
    inside[within.sindex.query(found.geometry, "intersects")[0]] = True
    return gpd.GeoDataFrame(found[inside])


def _finish(
    found: gpd.GeoDataFrame,
    conflicts: Exclusions,
    kind: Kind,
    min_area_m2: float,
    radius_m: float,
    footway_m: float,
    crs: Any,
    notes: tuple[Text, ...],
) -> gpd.GeoDataFrame:
    if not len(found):
        return gpd.GeoDataFrame({c: [] for c in COLUMNS if c != "geometry"}, geometry=[], crs=crs)
    tested = conflicts.tested()
    roads = Text("", "")
    if kind in ("street", "gaps"):
        walk = Text(f"及 {footway_m:g} m 人行道", f" with {footway_m:g} m of footway") if footway_m else Text("", "")
        roads = Text(
            f"、车行道{walk.zh}（宽度按道路等级估计）；空地在半径 {radius_m:g} m 内量取",
            f", carriageways{walk.en} (widths assumed by class); free ground measured within {radius_m:g} m",
        )
    found["tests"] = Text(
        f"已检验：{tested.zh}{roads.zh}；可用面积不少于 {min_area_m2:g} m²；权属、地下管线、规划控制线未检验",
        f"tested: {tested.en}{roads.en}; at least {min_area_m2:g} m2 free; "
        "not tested: ownership, utilities, planning lines",
    ).both(" | ")
    points = np.asarray(found.geometry.array, dtype=object)
    label, metres = conflicts.nearest(points)
    found["nearest_conflict"], found["nearest_conflict_m"] = label, np.round(metres, 1)
    found["allowed"] = found["allowed"].astype(bool)
    found["area_m2"] = found["area_m2"].astype(np.float64)
    found["street_m"] = found["street_m"].astype(np.float64)
    found["refusal"] = found["refusal"].astype(object)
    extra = [c for c in found.columns if c not in COLUMNS]
    made = gpd.GeoDataFrame(found[[*COLUMNS[:-1], *extra, "geometry"]], geometry="geometry", crs=crs)
    made.index = made.index.astype(str)
    made.index.name = "id"
    made.attrs["notes"] = notes
    return made


def _common_crs(kind: Kind, frames: Mapping[str, gpd.GeoDataFrame | None], needed: tuple[str, ...]) -> Any:
    for name in needed:
        frame = frames[name]
        if frame is None or not len(frame):
            msg = f"candidates of kind '{kind}' need {name}, which is {'missing' if frame is None else 'empty'}"
            raise InputError(msg)
    crs = _need(frames[needed[0]]).crs
    if crs is None or not crs.is_projected:
        msg = f"{needed[0]}: CRS is {crs}; candidates are measured in metres, so project the layers first"
        raise CRSError(msg)
    for name, frame in frames.items():
        if frame is not None and frame.crs != crs:
            msg = f"{name}: CRS {frame.crs} differs from {crs} of {needed[0]}; project it first: {name}.to_crs(crs)"
            raise CRSError(msg)
    return crs


def _need(frame: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Return a layer that `_common_crs` has checked to be there."""
    if frame is None:
        msg = "candidates: a layer that this kind needs is missing"
        raise InputError(msg)
    return frame


def _check_figures(**figures: float) -> None:
    for name, value in figures.items():
        if isinstance(value, bool) or not np.isfinite(value) or value <= 0:
            msg = f"{name} is {value!r}, expected a number above 0"
            raise InputError(msg)
