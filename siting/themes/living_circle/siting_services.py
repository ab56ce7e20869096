"""Site any class or bundle of classes of the living circle for the people without: one building, many services."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.access import CostMatrix, cost_matrix, cost_matrix_straight
from siting.coverage.rollup import ZONE_PREFIX
from siting.display import percent_up
from siting.errors import InfeasibleError, InputError
from siting.ledger import Text
from siting.locate import JointResult, joint_cover, joint_set_cover, make_candidates
from siting.nearest_word import hint
from siting.standards.model import Reading
from siting.themes.city import City
from siting.themes.living_circle.counting import Counting
from siting.themes.living_circle.siting_needs import LeftOut, Measure, Need, needs_of
from siting.themes.living_circle.siting_result import ServiceSites
from siting.themes.living_circle.siting_tables import building_table, point_table, service_table, zone_table

_ONE_STOREY = 1.0


def site_services(
    city: City,
    classes: Sequence[str] | None = None,
    *,
    p: int | None,
    tier: str | None = None,
    candidates: gpd.GeoDataFrame | None = None,
    floor_area: str | float | pd.Series | None = None,
    storeys: float = _ONE_STOREY,
    limit_m: float | Mapping[str, float] | None = None,
    area: Mapping[str, float] | None = None,
    importance: Mapping[str, float] | None = None,
    most: Mapping[str, int] | None = None,
    measure: Measure | None = None,
    exclusions: Mapping[str, gpd.GeoDataFrame] | None = None,
    required: Sequence[str] = (),
    excluded: Sequence[str] = (),
    min_spacing_m: float | None = None,
    level: str | None = None,
    name: str = "services",
    title: Text | None = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
) -> ServiceSites:
    """Choose buildings, and the services in each, so that most people get what they lack.

    A person who lacks three of the classes counts three times (class-persons), unless ``importance`` says otherwise.
    Who lacks a class today is judged by the distance of the class's tier; places that exist are those of the audit.

    Parameters
    ----------
    city : layers, from a study's run or `City.of`
    classes : classes of the facility table (``"kindergarten"``), its rules (``"fac.kindergarten"``) or facility
        classes; default: the required classes of ``tier`` of which the data hold places
    p : most buildings; None = as few as give everybody in reach of a plot every class
    tier : "15min", "10min", "5min" or "block"
    candidates : as `make_candidates` returns them, or a layer of plots, sites or public buildings, which is tested
        first; default: the city's vacant plots
    floor_area : room of each place: a column of the layer, square metres for all, or by candidate id. Default: the free
        ground of each plot, times ``storeys``; places without an area take everything
    storeys : assumed number of floors where ``floor_area`` is not given
    limit_m : distance in place of the tier's, for all or by class
    area : room in square metres in place of the table's, by class
    importance, most : by class, as in `siting.locate.joint_cover`
    measure : "network" or "straight"; default: along the streets where there are any
    exclusions : where nothing may stand, for a layer that is tested here; default: the city's exclusions, water and
        buildings; ``{}`` for public buildings that exist
    required, excluded : candidate ids
    min_spacing_m : straight distance between new buildings, at least
    level : zones of the table before and after; default: the smallest

    Returns
    -------
    `ServiceSites`; ``.themed()`` for the outputs of a run

    Raises
    ------
    InputError
        Classes, areas or candidates that cannot be used; the message says which and what would work.
    InfeasibleError
        No candidate may be built on; required places exclude each other, or are more than ``p``.
    """
    way = _measure(city, measure)
    needs, left = needs_of(city, classes, tier, limit_m=limit_m, area=area, measure=way)
    places, room_notes = _places(city, candidates, exclusions)
    allowed = gpd.GeoDataFrame(places[places["allowed"]])
    if not len(allowed):
        msg = (
            f"{name}: none of {len(places)} candidates may be built on{_reasons(places)}. Relax a test, or give others"
        )
        raise InfeasibleError(msg)
    floor, floor_note = _floor(allowed, city.vacant if candidates is None else candidates, floor_area, storeys)
    room = _room(needs, floor, storeys if floor_area is None else 1.0)
    counting = Counting.of(city)
    costs = _costs(city, allowed, max(n.limit_m for n in needs), way)
    weight = counting.main_weight / counting.per_whole
    limits = {n.key: n.limit_m for n in needs}
    given: dict[str, Any] = {
        "area": room,
        "floor": None if room is None else floor,
        "required": [str(r) for r in required],
        "excluded": [str(e) for e in excluded],
        "min_spacing_m": min_spacing_m,
        "xy": None if min_spacing_m is None else np.column_stack([allowed.geometry.x, allowed.geometry.y]),
        "served": {n.key: n.served for n in needs},
        "time_limit_s": time_limit_s,
        "mip_gap": mip_gap,
        "seed": seed,
    }
    weights = {n.key: weight for n in needs}
    if p is None:
        if importance or most:
            msg = f"{name}: importance and most have no meaning without p: every reachable person gets every class"
            raise InputError(msg)
        result = joint_set_cover(costs, weights, limits, **given)
    else:
        # So many buildings as there are places are as many as one can ask for.
        result = joint_cover(costs, weights, limits, min(p, len(allowed)), importance=importance, most=most, **given)
    level = _level(city, level)
    reach = _within_reach(costs, needs, room, floor)
    return ServiceSites(
        name=name,
        title=title or _title(needs, tier),
        needs=needs,
        result=result,
        buildings=building_table(allowed, needs, result, room, floor),
        by_service=service_table(needs, result, counting, reach),
        by_zone=zone_table(needs, result, counting, level),
        points=point_table(city, needs, result, reach),
        level=level,
        measure=way,
        unit=counting.main,
        proof=proof_in_words(result, p),
        notes=(*_notes(needs, way, importance, room is not None), *_partial(needs, left), *room_notes, floor_note),
        left_out=left,
        candidates=places,
    )


def _reasons(places: gpd.GeoDataFrame) -> str:
    """Return the most frequent reasons of refusal, for a message."""
    if "refusal" not in places.columns:
        return ""
    counts = places["refusal"].value_counts()
    return f" ({', '.join(f'{reason}: {n}' for reason, n in counts.head(3).items())})" if len(counts) else ""


def _measure(city: City, measure: Measure | None) -> Measure:
    if measure not in (None, "network", "straight"):
        msg = f"measure is {measure!r}, expected 'network' or 'straight'"
        raise InputError(msg)
    if measure == "network" and city.network is None:
        msg = "measure = 'network' needs streets, which the city has not"
        raise InputError(msg)
    return measure or ("straight" if city.network is None else "network")


def _places(
    city: City, given: gpd.GeoDataFrame | None, exclusions: Mapping[str, gpd.GeoDataFrame] | None
) -> tuple[gpd.GeoDataFrame, tuple[Text, ...]]:
    """Return candidates with their tests."""
    if given is not None and {"allowed", "area_m2"} <= set(given.columns):
        return given, tuple(given.attrs.get("notes", ()))
    if given is None and (city.vacant is None or not len(city.vacant)):
        msg = "services: the city has no vacant land; give candidates, a layer of plots or public buildings"
        raise InputError(msg)
    taken = dict(city.exclusions) if exclusions is None else dict(exclusions)
    if exclusions is None:
        taken |= {k: v for k, v in (("water", city.water), ("buildings", city.buildings)) if v is not None and len(v)}
    taken = {k: gpd.GeoDataFrame(v[v.geom_type.isin(["Polygon", "MultiPolygon"])]) for k, v in taken.items()}
    made = make_candidates(
        "vacant" if given is None else "layer",
        land=city.vacant if given is None else None,
        layer=None if given is None else gpd.GeoDataFrame(given.to_crs(city.crs)),
        streets=None if city.network is None else city.network.edges_frame(),
        exclusions={k: v for k, v in taken.items() if len(v)},
        within=city.boundary,
    )
    return made, tuple(made.attrs.get("notes", ()))


def _floor(
    allowed: gpd.GeoDataFrame,
    layer: gpd.GeoDataFrame | None,
    floor_area: str | float | pd.Series | None,
    storeys: float,
) -> tuple[NDArray[np.float64], Text]:
    """Room of each place in square metres, ``inf`` where everything fits, and where the figure is from."""
    if floor_area is None:
        if not (math.isfinite(storeys) and storeys > 0):
            msg = f"storeys is {storeys!r}, expected a number above 0"
            raise InputError(msg)
        ground = allowed["area_m2"].to_numpy(dtype=np.float64)
        # A place without ground of its own, such as a point in a building, says nothing of its room.
        open_end = np.isnan(ground) | (ground <= 0)
        unknown = int(open_end.sum())
        more = Text(f"；{unknown} 处面积未知，视为都容得下", f"; {unknown} places of unknown area take everything")
        note = Text(
            f"可容面积按地块净面积 × {storeys:g} 层计（本工具设定）{more.zh if unknown else ''}",
            f"room is the free ground of a plot times {storeys:g} storeys (assumed here){more.en if unknown else ''}",
        )
        return np.where(open_end, np.inf, ground * storeys), note
    if isinstance(floor_area, str):
        source = allowed if floor_area in allowed.columns else layer
        if source is None or floor_area not in source.columns:
            known = [str(c) for c in (allowed if layer is None else layer).columns]
            msg = f"floor_area: no column {floor_area!r} among the candidates{hint(floor_area, known)}"
            raise InputError(msg)
        ids = source["id"] if "id" in source.columns else source.index
        floor_area = pd.Series(source[floor_area].to_numpy(), index=pd.Index(ids).astype(str))
        note = Text("可容面积取自候选图层", "room as the layer of candidates has it")
    else:
        note = Text("可容面积由研究给定", "room as the study gives it")
    if isinstance(floor_area, pd.Series):
        values = pd.to_numeric(floor_area.set_axis(floor_area.index.astype(str)), errors="coerce").reindex(
            allowed.index
        )
        bad = values.isna() | (values < 0)
        if bad.any():
            msg = (
                f"floor_area: {int(bad.sum())} of {len(values)} places have none (first {list(values.index[bad][:3])})"
            )
            raise InputError(msg)
        return values.to_numpy(dtype=np.float64), note
    if isinstance(floor_area, bool) or not (isinstance(floor_area, int | float) and floor_area > 0):
        msg = f"floor_area is {floor_area!r}, expected a column, square metres above 0, or a value by candidate id"
        raise InputError(msg)
    return np.full(len(allowed), float(floor_area)), note


def _room(needs: Sequence[Need], floor: NDArray[np.float64], storeys: float) -> dict[str, float] | None:
    """Room that each class takes: open ground cannot be stacked, so it takes every storey. None: everything fits."""
    if not np.isfinite(floor).any():
        return None
    return {n.key: n.room_m2 * (storeys if n.room_of == "land" else 1.0) for n in needs}


def _costs(city: City, allowed: gpd.GeoDataFrame, cutoff_m: float, way: Measure) -> CostMatrix:
    if way == "straight" or city.network is None:
        return cost_matrix_straight(city.demand, allowed, cutoff_m)
    return cost_matrix(city.network, city.demand, allowed, cutoff_m, max_snap_m=city.max_snap_m)


def _within_reach(
    costs: CostMatrix, needs: Sequence[Need], room: Mapping[str, float] | None, floor: NDArray[np.float64]
) -> dict[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """By class: demand with any place in reach, and with one that has room for the class alone."""
    row = np.repeat(np.arange(costs.shape[0]), np.diff(costs.indptr))
    found = {}
    for need in needs:
        near = costs.cost_mm <= round(need.limit_m * 1000)
        fits = near if room is None else near & (floor[costs.indices] >= room[need.key])
        found[need.key] = tuple(np.bincount(row[keep], minlength=costs.shape[0]) > 0 for keep in (near, fits))
    return found  # type: ignore[return-value]


def _level(city: City, level: str | None) -> str | None:
    known = [k for k in city.zones if ZONE_PREFIX + k in city.demand.columns]
    if level is not None and level not in known:
        msg = f"services: no level of zones {level!r}{hint(level, known)}; the levels are: {', '.join(known) or 'none'}"
        raise InputError(msg)
    return level or next(iter(known), None)


def _title(needs: Sequence[Need], tier: str | None) -> Text:
    if tier is not None and len(needs) > 1:
        name = needs[0].element.tier.name
        return Text(f"{name.zh}设施集约选址", f"Joint sites for the {name.en}")
    zh, en = "、".join(n.name.zh for n in needs), ", ".join(n.name.en for n in needs)
    return Text(f"新增设施选址：{zh}", f"New sites: {en}")


def proof_in_words(result: JointResult, p: int | None) -> Text:
    """Say what is proved of an answer."""
    n = len(result.sites)
    if p is None:
        if result.status == "optimal":
            return Text(
                f"已证明最优：服务这些人口至少需要 {n} 栋建筑",
                f"proved: no fewer than {n} buildings can serve these people",
            )
        return Text(
            f"可行方案：{n} 栋；已证明至少需要 {result.bound:.0f} 栋",
            f"feasible: {n} buildings; at least {result.bound:.0f} are needed, proved",
        )
    if result.status == "optimal":
        return Text(
            f"已证明最优：在这些候选地点、距离和面积条件下，{p} 栋建筑不可能服务更多人次",
            f"proved: with these places, distances and areas no {p} buildings serve more",
        )
    return Text(
        f"可行方案，距已证明的上界不超过 {percent_up(result.gap)}（限时内未证明最优）",
        f"feasible, within {percent_up(result.gap)} of the proved bound (not proved best in the time given)",
    )


def _partial(needs: Sequence[Need], left: LeftOut) -> tuple[Text, ...]:
    """Say so where a tier was asked for and the data hold only some of its classes."""
    if not left:
        return ()
    k, n = len(needs), len(needs) + len(left)
    return (
        Text(
            f"本层级应配设施 {n} 类中选址 {k} 类，其余数据中没有或不宜合建，未列入",
            f"{k} of {n} required classes of the tier are sited; the data hold none of the others, or they stand alone",
        ),
    )


def _notes(
    needs: Sequence[Need], way: Measure, importance: Mapping[str, float] | None, limited: bool
) -> tuple[Text, ...]:
    notes = []
    if not importance:
        notes.append(
            Text(
                "权重：每人每缺一类计一次（人次），各类同等", "each class a person lacks counts once, all classes alike"
            )
        )
    if way == "straight":
        notes.append(Text("距离为直线距离", "distances are straight lines"))
    if limited:
        unread = [n for n in needs if n.room_reading is not None and n.room_reading is not Reading.CLAUSE]
        none = [n for n in needs if n.room_of == "none"]
        if unread:
            names = Text("、".join(n.name.zh for n in unread), ", ".join(n.name.en for n in unread))
            notes.append(
                Text(
                    f"最小面积取自设施表，未经条文核实：{names.zh}",
                    f"least areas are those of the facility table, not read in the clause: {names.en}",
                )
            )
        if none:
            names = Text("、".join(n.name.zh for n in none), ", ".join(n.name.en for n in none))
            notes.append(Text(f"表中无面积，按 0 计：{names.zh}", f"no area in the table, counted as none: {names.en}"))
    unknown = [n for n in needs if not n.known]
    if unknown:
        names = Text("、".join(n.name.zh for n in unknown), ", ".join(n.name.en for n in unknown))
        notes.append(
            Text(
                f"数据中没有此类设施，按现状无人可达计：{names.zh}",
                f"the data hold none, so nobody is taken to have one today: {names.en}",
            )
        )
    return tuple(notes)
