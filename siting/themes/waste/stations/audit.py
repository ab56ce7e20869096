"""Stations as they stand: who lies too far, what they must take, one stage or two, and estates that need their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.coverage.rollup import ZONE_PREFIX
from siting.coverage.schema import in_crs, keyed
from siting.errors import InputError
from siting.inputs.schema import parse_numbers
from siting.ledger import Finding, Text
from siting.standards import Catalogue
from siting.themes.city import City, people_of
from siting.themes.waste.ground.plots import rows_found
from siting.themes.waste.stations.classes import StationClass, station_classes
from siting.themes.waste.stations.estates import estates_of
from siting.themes.waste.stations.reach import CLASSES, StationReach, limits_of, reach_of
from siting.themes.waste.stations.sizing import loads_of, season_of
from siting.themes.waste.stations.stages import stages_of
from siting.themes.waste.stations.standing import amounts
from siting.themes.waste.streams import STREAMS, Stream, tonnes_of

if TYPE_CHECKING:
    from siting.network import Network
    from siting.themes.result import ThemeResult

HOUSEHOLD: tuple[Stream, ...] = ("kitchen", "recyclable", "hazardous", "other")
TOTAL = "t_day"
TONNES, PEOPLE = Text("吨/日", "t/d"), Text("人", "people")
NO_STREETS = (
    Text("沿机动车路网的收运距离", "collection distance on streets"),
    Text("缺少机动车路网，只有直线距离", "no streets for vehicles; straight lines only"),
)
NO_LARGE = (
    Text("大型机动车收集距离", "distance of large vehicles"),
    Text("规则目录无数值，研究未自定", "no rule of the catalogue gives a figure, and the study none"),
)
NO_TONNES = (
    Text("所需转运能力", "capacity that is needed"),
    Text("缺少垃圾产生量", "the tonnes that arise are not known"),
)
NO_PLANTS = (
    Text("一级或二级转运", "one stage or two"),
    Text("缺少末端处理设施图层", "no layer of plants"),
)
NO_ESTATES = (
    Text("封闭小区设站", "stations of closed estates"),
    Text("缺少封闭小区图层", "no layer of closed estates"),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class StationAudit:
    """What the audit of stations found.

    Attributes
    ----------
    reach : distances by way of collecting; None where there is no station
    stations : a row a station, index = id: ``facility`` and what it must take (`sizing.COLUMNS`); empty without tonnes
    needed : total tonnes a day at the ends of the seasonal factor; None without tonnes
    stages : by each reading, whether the mean haul calls for a large station; empty without plants
    estates : closed estates against the thresholds; None without a layer of them
    """

    reach: StationReach | None
    stations: gpd.GeoDataFrame
    needed: tuple[float, float] | None
    season: tuple[float, float] | None
    stages: pd.DataFrame
    estates: gpd.GeoDataFrame | None
    classes: tuple[StationClass, ...]
    catalogue: Catalogue
    findings: tuple[Finding, ...]
    missing: tuple[tuple[Text, Text], ...]

    def themed(self) -> ThemeResult:
        """Put it into the shape that all writers read."""
        from siting.themes.waste.stations.audit_shown import themed

        return themed(self)


def audit_stations(
    city: City,
    stations: Mapping[str, gpd.GeoDataFrame] | None = None,
    *,
    sources: gpd.GeoDataFrame | None = None,
    streams: Sequence[Stream] = HOUSEHOLD,
    drive: Network | None = None,
    plants: gpd.GeoDataFrame | None = None,
    estates: gpd.GeoDataFrame | None = None,
    limits: Mapping[str, float] | None = None,
    limits_source: Text | None = None,
    rural: bool = False,
) -> StationAudit:
    """Audit stations.

    Parameters
    ----------
    stations : by class ("waste_station", "waste_transfer"), points or areas, ``capacity_t_day`` where known; default:
        the city's facilities of these classes
    sources : points with ``t_day_<stream>``, or ``t_day`` where the streams are not known, as
        `siting.themes.waste.generation` gives them; default: the people of the city, and no capacities are judged
    streams : that go to stations
    drive : streets for vehicles; None: straight lines only
    plants : where stations send to, for one stage or two
    estates : closed estates, as areas
    limits : metres by way of collecting ("hand", "small", "large"), the study's own beside the clauses
    rural : judge collection stations by the rural rules too

    Raises
    ------
    InputError
        Classes, modes or amounts that cannot be used.
    """
    catalogue = city.catalogue
    layers, findings = _stations(city, stations)
    missing = []
    points, unit, said = _sources(city, sources, streams)
    findings += said
    wanted = limits_of(catalogue, limits, rural=rural, source=limits_source)
    if drive is None:
        missing.append(NO_STREETS)
    if "large" not in (limits or {}):
        missing.append(NO_LARGE)
    missing += [
        (
            Text(f"{name.zh}的收运距离", f"distance to a {name.en}"),
            Text("无此类设施图层，无数据不等于没有", "no such layer; no data does not mean none"),
        )
        for facility, name in CLASSES.items()
        if facility not in layers
    ]
    reach = None
    if layers and len(points):
        reach = reach_of(points, unit, layers, wanted, drive, city.max_snap_m)
    classes, season = station_classes(catalogue), season_of(catalogue)
    sized, needed = _sized(reach, layers, classes, season, city.catalogue, findings) if unit is TONNES else (None, None)
    if unit is not TONNES:
        missing.append(NO_TONNES)
    stages = pd.DataFrame()
    if plants is None or not len(plants):
        missing.append(NO_PLANTS)
    elif len(points):
        stages = stages_of(points, keyed(in_crs("plants", plants, city.crs)), catalogue, drive, city.max_snap_m)
    held = None
    if estates is None:
        missing.append(NO_ESTATES)
    else:
        every = (
            None
            if not layers
            else gpd.GeoDataFrame(pd.concat([f[["geometry"]] for f in layers.values()]), crs=city.crs)
        )
        known = people_of(city.demand)
        held, of_estates = estates_of(
            estates, city.demand, None if known is None else known.to_numpy(dtype=np.float64),
            points if unit is TONNES else None, every, catalogue,
        )  # fmt: skip
        findings += of_estates
    return StationAudit(
        reach=reach,
        stations=_standing(layers, sized, city),
        needed=needed,
        season=season,
        stages=stages,
        estates=held,
        classes=classes,
        catalogue=catalogue,
        findings=tuple(findings),
        missing=tuple(missing),
    )


def _stations(
    city: City, given: Mapping[str, gpd.GeoDataFrame] | None
) -> tuple[dict[str, gpd.GeoDataFrame], list[Finding]]:
    if given is None:
        given = {facility: city.of_class(facility) for facility in CLASSES}
    unknown = [name for name in given if name not in CLASSES]
    if unknown:
        msg = f"stations: '{unknown[0]}' is no class of station; there are {', '.join(CLASSES)}"
        raise InputError(msg)
    found, said = {}, []
    for facility, layer in given.items():
        layer = keyed(in_crs(facility, layer, city.crs))
        shapes = np.asarray(layer.geometry.array, dtype=object)
        bad = shapely.is_missing(shapes) | shapely.is_empty(shapes)
        if bad.any():
            text = Text(
                f"{CLASSES[facility].zh}：{int(bad.sum())} 行无几何",
                f"{facility}: {int(bad.sum())} rows have no geometry",
            )
            said.append(rows_found("station_no_geometry", "warning", layer.index[bad].astype(str), text))
        layer = gpd.GeoDataFrame(layer[~bad])
        if not layer.index.is_unique:
            msg = f"{facility}: ids repeat. Give each station its own"
            raise InputError(msg)
        if len(layer):
            found[facility] = layer
    return found, said


def _sources(
    city: City, sources: gpd.GeoDataFrame | None, streams: Sequence[Stream]
) -> tuple[gpd.GeoDataFrame, Text, list[Finding]]:
    """Return points with ``amount``: tonnes a day of the streams, else people."""
    for stream in streams:
        if stream not in STREAMS:
            msg = f"streams: '{stream}' is none; there are {', '.join(STREAMS)}"
            raise InputError(msg)
    if sources is None:
        known = people_of(city.demand)
        amount = np.ones(len(city.demand)) if known is None else np.nan_to_num(known.to_numpy(dtype=np.float64))
        made = gpd.GeoDataFrame(
            {"amount": amount}, geometry=city.demand.geometry, index=city.demand.index, crs=city.crs
        ).join(_zones(city.demand))
        return made, PEOPLE if known is not None else Text("处", "sources"), []
    layer = keyed(in_crs("sources", sources, city.crs))
    named = [tonnes_of(s) for s in streams if tonnes_of(s) in layer.columns]
    if not named and TOTAL not in layer.columns:
        msg = f"sources: no column {TOTAL} or {', '.join(tonnes_of(s) for s in streams)}"
        raise InputError(msg)
    every = [np.where(np.isfinite(v) & (v >= 0), v, np.nan) for v in (_numbers(layer[c]) for c in named)]
    split = np.nansum(every, axis=0) if every else np.full(len(layer), np.nan)
    unknown = np.all(np.isnan(every), axis=0) if every else np.ones(len(layer), dtype=bool)
    whole = _numbers(layer[TOTAL]) if TOTAL in layer.columns else np.full(len(layer), np.nan)
    amount = np.where(unknown, whole, split)
    shapes = np.asarray(layer.geometry.array, dtype=object)
    lost = shapely.is_missing(shapes) | shapely.is_empty(shapes) | ~np.isfinite(amount) | (amount < 0)
    said = []
    if lost.any():
        text = Text(
            f"产生源：{int(lost.sum())} 行的产生量缺失、为负或无几何，未计入",
            f"sources: {int(lost.sum())} rows lack an amount or a place, or it is negative: not counted",
        )
        said.append(rows_found("source_amount", "warning", layer.index[lost].astype(str), text))
    keep = ~lost & (amount > 0)
    points = np.where(shapely.get_type_id(shapes[keep]) == 0, shapes[keep], shapely.point_on_surface(shapes[keep]))
    at = layer.index[keep]
    made = gpd.GeoDataFrame(
        {"amount": amount[keep]}, geometry=gpd.GeoSeries(points, index=at, crs=city.crs), index=at, crs=city.crs
    )
    return gpd.GeoDataFrame(made.join(_zones(layer)[keep])), TONNES, said


def _zones(layer: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame(layer[[c for c in layer.columns if str(c).startswith(ZONE_PREFIX)]])


def _numbers(column: pd.Series) -> np.ndarray:
    values, _, unreadable = parse_numbers(column)
    return np.where(unreadable, np.nan, values)


def _sized(
    reach: StationReach | None,
    layers: Mapping[str, gpd.GeoDataFrame],
    classes: tuple[StationClass, ...],
    season: tuple[float, float] | None,
    catalogue: Catalogue,
    findings: list[Finding],
) -> tuple[dict[str, pd.DataFrame] | None, tuple[float, float] | None]:
    if reach is None:
        return None, None
    made = {}
    for facility, layer in layers.items():
        capacity, said = amounts(layer, "capacity_t_day", facility)
        findings += said
        made[facility] = loads_of(reach, facility, layer, capacity, classes, season, catalogue)
    total = float(reach.sources["amount"].sum())
    return made, None if season is None else (total * season[0], total * season[1])


def _standing(
    layers: Mapping[str, gpd.GeoDataFrame], sized: Mapping[str, pd.DataFrame] | None, city: City
) -> gpd.GeoDataFrame:
    """Stations of all classes in one frame, with what they must take where that is known."""
    parts = []
    for facility, layer in layers.items():
        if sized is not None:
            parts.append(gpd.GeoDataFrame(sized[facility], geometry=layer.geometry, crs=city.crs))
            continue
        name = layer["name"] if "name" in layer.columns else None
        plain = pd.DataFrame({"facility": facility, "name": name}, index=layer.index)
        parts.append(gpd.GeoDataFrame(plain, geometry=layer.geometry, crs=city.crs))
    if not parts:
        return gpd.GeoDataFrame({"facility": [], "name": []}, geometry=[], crs=city.crs)
    made = gpd.GeoDataFrame(pd.concat(parts), crs=city.crs)
    made.index = pd.Index(made.index.astype(str), name="id")
    if not made.index.is_unique:
        made.index = pd.Index([f"{f}-{i}" for f, i in zip(made["facility"], made.index, strict=True)], name="id")
    return made
