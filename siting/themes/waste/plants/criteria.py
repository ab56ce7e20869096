"""What candidates for a plant are compared by: haul, homes, people, wind, land, road, ground, and the study's own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import geopandas as gpd
import numpy as np
import shapely

from siting.errors import InputError
from siting.inputs.schema import parse_numbers
from siting.ledger import Text
from siting.nearest_word import hint
from siting.suitability import score_candidates
from siting.themes.city import City, people_of
from siting.themes.waste.plants.haul import Haul, people_within
from siting.themes.waste.plants.ranking import Criterion
from siting.themes.waste.plants.wind import Wind, downwind_share

_M, _KM, _M2 = Text("米", "m"), Text("公里", "km"), Text("平方米", "m²")
BUILT_IN: Mapping[str, Criterion] = {
    c.name: c
    for c in (
        Criterion(name="haul", title=Text("平均运距", "mean haul"), better="less", unit=_KM),
        Criterion(name="homes", title=Text("至最近住宅", "to the nearest home"), better="more", unit=_M),
        Criterion(name="people", title=Text("周边人口", "people around"), better="less", unit=Text("人", "people")),
        Criterion(
            name="downwind", title=Text("居民处于下风向的时间占比", "time in which people lie downwind"), better="less"
        ),
        Criterion(name="area", title=Text("地块面积", "area of the plot"), better="more", unit=_M2),
        Criterion(name="road", title=Text("至机动车道路", "to a street for vehicles"), better="less", unit=_M),
        Criterion(name="suitability", title=Text("用地适宜性", "suitability of the ground"), better="more"),
    )
}


def wanted(names: Collection[str], given: Sequence[Criterion]) -> tuple[Criterion, ...]:
    """Return the criteria that are weighed: the study's own, else those that are built in.

    Raises
    ------
    InputError
        A name is neither.
    """
    own = {c.name: c for c in given}
    known = {**BUILT_IN, **own}
    for name in names:
        if name not in known:
            msg = f"weights: '{name}' is no criterion{hint(name, known)}; there are {', '.join(known)}"
            raise InputError(msg)
    return tuple(known[n] for n in names)


def with_values(
    city: City,
    table: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    criteria: Sequence[Criterion],
    haul: Haul | None,
    *,
    wind: Wind | None,
    people_radius_m: float | None,
) -> tuple[gpd.GeoDataFrame, tuple[tuple[Text, Text], ...]]:
    """Add a column for each criterion to tested candidates; also return (criterion, why it is not known).

    Parameters
    ----------
    table : tested candidates that are measured, index = id
    candidates : the layer as it was given, for columns of the study's own
    """
    shapes = np.asarray(table.geometry.array, dtype=object)
    centres = shapely.get_coordinates(shapely.centroid(shapes)) if len(shapes) else np.empty((0, 2))
    xy = shapely.get_coordinates(np.asarray(city.demand.geometry.array, dtype=object))
    known = people_of(city.demand)
    people = None if known is None else known.to_numpy(dtype=np.float64)
    missing: list[tuple[Text, Text]] = []
    columns: dict[str, np.ndarray] = {}
    for c in criteria:
        value, why = np.full(len(table), np.nan), None
        if c.name == "haul":
            why = _no_haul(haul)
            value = value if haul is None else haul.mean_km
        elif c.name in ("homes", "area", "road"):
            value = table[{"homes": "home_m", "area": "area_m2", "road": "road_m"}[c.name]].to_numpy(dtype=np.float64)
            why = Text("缺少图层", "no such layer") if np.isnan(value).all() else None
        elif c.name == "suitability":
            why = None if city.suitability is not None else Text("研究无适宜性评价", "the study weighs no suitability")
            if city.suitability is not None and len(table):
                value = score_candidates(city.suitability, table)["suitability"].to_numpy(dtype=np.float64)
        elif c.name in ("people", "downwind"):
            lacks = wind is None if c.name == "downwind" else people_radius_m is None
            if people is None:
                why = Text("人口未知", "people are not known")
            elif lacks:
                why = Text("研究未给出风频或半径", "the study gives no wind rose, or no radius")
            elif wind is not None and c.name == "downwind":
                value = downwind_share(centres, xy, people, wind)
            elif people_radius_m is not None:
                value = people_within(centres, xy, people, people_radius_m)
        else:
            value, why = _column(candidates, c.name, table)
        columns[c.name] = value
        if why is not None:
            missing.append((c.title, why))
    return gpd.GeoDataFrame(table.assign(**columns)), tuple(missing)


def _no_haul(haul: Haul | None) -> Text | None:
    if haul is None:
        return Text("缺少产生源", "no sources are given")
    if not len(haul.sources):
        return Text("没有已知数量、能到达候选地块的产生源", "no source has a known amount and a way to a candidate")
    return None


def _column(candidates: gpd.GeoDataFrame, name: str, table: gpd.GeoDataFrame) -> tuple[np.ndarray, Text | None]:
    if name not in candidates.columns:
        return np.full(len(table), np.nan), Text(f"候选图层无 {name} 字段", f"the candidates have no column {name}")
    ids = (candidates["id"] if "id" in candidates.columns else candidates.index).astype(str)
    column = candidates[name].set_axis(ids).reindex(table.index)
    values, _, unreadable = parse_numbers(column)
    return np.where(unreadable, np.nan, values), None
