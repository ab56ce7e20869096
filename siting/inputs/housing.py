"""Which buildings are homes, and how many floors they have.

The rule moves headline shares by tens of points, so every building carries the reason why it is a home or is none, and
the count of each reason stands in the report. The values are data: `osm_kinds.yaml`, ``buildings``.
"""

import re
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.errors import SchemaError
from siting.inputs.osm_kinds import OsmKinds

HOME_REASONS = frozenset({"tagged", "stated", "assumed"})
"""``tagged``: its own value says home; ``stated``: building:use or a number of flats says so; ``assumed``: building=yes
and nothing says otherwise."""

_FEET_M = 0.3048


def classify_housing(
    buildings: gpd.GeoDataFrame,
    land: gpd.GeoDataFrame | None = None,
    grounds: gpd.GeoDataFrame | None = None,
    *,
    kinds: OsmKinds | None = None,
) -> "pd.Series[str]":
    """Say of every building why it is a home or is none.

    The first that holds decides:

    1. ``not_in_use``: disused, ruined, under construction
    2. ``tagged``: ``building`` is residential, apartments, house …
    3. ``other_value``: ``building`` is any other value than ``yes`` (school, retail, hut, garage …)
    4. ``stated``: ``building=yes`` with building:use=residential or a number of flats
    5. ``own_use``: ``building=yes`` with a tag of another use (amenity, shop, office, tourism …)
    6. ``grounds:<kind>``: it stands on grounds of one use (school, hospital, park …)
    7. ``land:<kind>``: the smallest land polygon around it is of a use without homes (industrial, retail …)
    8. ``assumed``: ``building=yes``, and nothing says otherwise

    Parameters
    ----------
    buildings : polygons
        Column ``building``; optional ``own_use`` (the tag of another use, or nothing), ``stated_homes`` and
        ``not_in_use`` (bool).
    land, grounds : polygons with a column ``kind``, in the same CRS
        A building stands on a polygon if a point inside it does.

    Returns
    -------
    One reason a building, index as in ``buildings``; homes are those in `HOME_REASONS`.

    Raises
    ------
    SchemaError
        A column is missing.
    """
    kinds = kinds or OsmKinds.default()
    _need(buildings, "building", "buildings")
    value = buildings["building"].to_numpy(dtype=object)
    n = len(buildings)
    reason = np.full(n, "", dtype=object)

    def settle(mask: NDArray[np.bool_], text: str) -> None:
        reason[mask & (reason == "")] = text

    settle(_flag(buildings, "not_in_use"), "not_in_use")
    settle(np.isin(value, list(kinds.residential_values)), "tagged")
    settle(~np.isin(value, list(kinds.unspecific_values)), "other_value")
    settle(_flag(buildings, "stated_homes"), "stated")
    if "own_use" in buildings.columns:
        settle(buildings["own_use"].notna().to_numpy(dtype=bool), "own_use")
    for layer, frame, only in (("grounds", grounds, None), ("land", land, kinds.land_without_homes)):
        if frame is None or frame.empty:
            continue
        _need(frame, "kind", layer)
        open_rows = np.flatnonzero(reason == "")
        around = _smallest_around(buildings.geometry.to_numpy()[open_rows], frame)
        for row, kind in zip(open_rows.tolist(), around, strict=True):
            if kind is not None and (only is None or kind in only):
                reason[row] = f"{layer}:{kind}"
    settle(np.ones(n, dtype=bool), "assumed")
    return pd.Series(reason, index=buildings.index, name="residential_reason", dtype="str")


def is_home(reason: "pd.Series[str]") -> "pd.Series[bool]":
    """Return whether each reason is one that makes a building a home."""
    return reason.isin(HOME_REASONS)


def own_use(tags: Mapping[str, str], kinds: OsmKinds) -> str | None:
    """Return the first tag that gives a building another use than living ("amenity=school"), or None."""
    use = tags.get("building:use")
    if use is not None and use not in kinds.residential_values:
        return f"building:use={use}"
    for key in kinds.use_keys:
        value = tags.get(key)
        if value is not None and value != "no" and not (key == "landuse" and value == "residential"):
            return f"{key}={value}"
    return None


def states_homes(tags: Mapping[str, str], kinds: OsmKinds) -> bool:
    """Whether building:use or a number of flats says that people live here."""
    flats = number(tags.get("building:flats"))
    return tags.get("building:use") in kinds.residential_values or (flats is not None and flats > 0)


def out_of_use(tags: Mapping[str, str], kinds: OsmKinds) -> bool:
    """Whether the building is disused, ruined or not finished."""
    return any(tags.get(key, "no") != "no" for key in kinds.not_in_use_keys)


def floors(levels: float | None, height_m: float | None, metres_per_floor: float) -> tuple[float | None, str | None]:
    """Return the number of floors and what it is from ("levels", "height"), or two None.

    Floors from a height are ``height / metres_per_floor`` rounded to whole floors, one at least.
    """
    if levels is not None and levels > 0:
        return levels, "levels"
    if height_m is not None and height_m > 0:
        return max(1.0, float(np.rint(height_m / metres_per_floor))), "height"
    return None, None


def number(text: str | None) -> float | None:
    """Read a plain number with an optional thousands comma ("12", "3.5", "1,234"); None if it is none."""
    if text is None:
        return None
    match = re.fullmatch(r"\s*(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*", text, flags=re.ASCII)
    return float(match.group(1).replace(",", "") + (match.group(2) or "")) if match else None


def metres(text: str | None) -> float | None:
    """Read a height in metres ("25", "25 m", "82 ft", "82'"); None if it is none."""
    if text is None:
        return None
    match = re.fullmatch(
        r"\s*(\d+(?:\.\d+)?)\s*(m|metres?|meters?|ft|feet|')?\s*", text, flags=re.ASCII | re.IGNORECASE
    )
    if match is None:
        return None
    value = float(match.group(1))
    return value * _FEET_M if (match.group(2) or "m").lower() in ("ft", "feet", "'") else value


def _smallest_around(geometry: NDArray[np.object_], frame: gpd.GeoDataFrame) -> list[str | None]:
    """Kind of the smallest polygon of a layer around a point inside each geometry; equal sizes go to the first row."""
    polygon = frame.geometry.to_numpy()
    kind = frame["kind"].to_numpy(dtype=object)
    area = shapely.area(polygon)
    order = np.lexsort((np.arange(len(polygon)), area))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    best = np.full(len(geometry), len(order), dtype=np.int64)
    point, around = shapely.STRtree(polygon).query(shapely.point_on_surface(geometry), predicate="intersects")
    np.minimum.at(best, point, rank[around])
    return [str(kind[order[b]]) if b < len(order) else None for b in best.tolist()]


def _flag(frame: gpd.GeoDataFrame, column: str) -> NDArray[np.bool_]:
    if column not in frame.columns:
        return np.zeros(len(frame), dtype=bool)
    values: NDArray[np.bool_] = frame[column].to_numpy(dtype=bool)
    return values


def _need(frame: gpd.GeoDataFrame, column: str, layer: str) -> None:
    if column not in frame.columns:
        msg = f"{layer}: column '{column}' is missing; there are {', '.join(map(str, frame.columns))}"
        raise SchemaError(msg)
