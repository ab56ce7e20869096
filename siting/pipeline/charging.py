"""Charging of a study: the layers that only it reads, the audit, and what is sited."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import geopandas as gpd
import pyproj

from siting.errors import ModelError
from siting.ledger import Finding, Text
from siting.nearest_word import hint
from siting.pipeline.lacking import ON_FOOT, Lack
from siting.pipeline.reading import Reader
from siting.study import Study
from siting.study.charging_table import ChargingTable
from siting.themes import City, ThemeResult
from siting.themes.charging import Assumed, Size, audit_charging, site_charging, site_sheds
from siting.themes.charging.audit import LOT_CLASSES, NO_CARS, NO_LOTS, NO_RADIUS, NO_STATIONS
from siting.themes.charging.refused import NoStationPlanError
from siting.themes.charging.sheds import HOUSEHOLDS, UNKNOWN_HOUSEHOLDS
from siting.themes.charging.sheds_shown import TITLE as SHEDS
from siting.themes.charging.stations import radius_of
from siting.themes.charging.stations_shown import TITLE as STATIONS

NO_ESTATES = Text("缺少老旧小区图层（[land] old_estates）", "no old estates ([land] old_estates)")
NO_BUILDINGS = Text("缺少建筑图层（[land] buildings）", "no buildings ([land] buildings)")
LOTS, STAND = Text("停车场", "car parks"), Text("充电站", "charging stations")
NO_PLACES = Text("缺少停车场、加油站或空置用地", "no car parks, fuel stations or vacant land")


@dataclass(frozen=True, kw_only=True, eq=False)
class ChargingLayers:
    """Places for stations by kind, and sheds that stand, in the CRS of the study; what it has not is not in it."""

    places: dict[str, gpd.GeoDataFrame]
    sheds: gpd.GeoDataFrame | None = None


def read_charging_layers(study: Study, reader: Reader, crs: pyproj.CRS | None) -> ChargingLayers:
    """Read what `[charging]` names; faults are noted with those of the other layers."""
    table = study.settings.charging
    places: dict[str, gpd.GeoDataFrame] = {}
    if table is None:
        return ChargingLayers(places=places)
    if table.stations is not None:
        named = {
            "car_park": ("car_parks", table.stations.car_parks, "any"),
            "fuel_station": ("fuel_stations", table.stations.fuel_stations, "any"),
            "vacant": ("vacant", table.stations.vacant, "polygon"),
        }
        needed = ("grid_kw",) if table.stations.assumed_grid_kw is None else ()
        for kind, (key, ref, shape) in named.items():
            if ref is None:
                continue
            layer = reader.layer(f"charging.stations.{key}", ref, shape, crs, needed)  # type: ignore[arg-type]
            if layer is not None:
                places[kind] = layer.frame
    sheds = None
    if table.sheds is not None and table.sheds.existing is not None:
        layer = reader.layer("charging.sheds.existing", table.sheds.existing, "any", crs)
        sheds = None if layer is None else layer.frame
    return ChargingLayers(places=places, sheds=sheds)


def charging_columns(study: Study, facilities: gpd.GeoDataFrame) -> list[Finding]:
    """Say which columns `[charging]` looks for in vain, before anything is run."""
    table = study.settings.charging
    if table is None:
        return []
    lots, stations = LOT_CLASSES, ("charging",)
    wanted = [
        (
            "charging.ev_spaces",
            table.ev_spaces,
            lots,
            LOTS,
            Text("充电车位无法评判", "charging spaces cannot be judged"),
        ),
        ("charging.chargers", table.chargers, stations, STAND, Text("充电能力未知", "what they give is not known")),
    ]
    own = table.stations
    if own is not None and own.assumed_grid_kw is None and own.car_parks is None and own.fuel_stations is None:
        lack = Text("这些停车场不能作候选点", "none of them can have a station")
        wanted.append(("charging.stations.car_parks", "grid_kw", ("public_parking",), LOTS, lack))
    found = []
    for key, column, classes, layer, so in wanted:
        rows = facilities[facilities["class"].isin(classes)]
        if not len(rows) or (column in rows.columns and bool(rows[column].notna().any())):
            continue
        there = [str(c) for c in rows.columns if c != "geometry" and bool(rows[c].notna().any())]
        near = hint(column, there)
        text = Text(
            f"{key}：{layer.zh}（{len(rows)} 行）没有“{column}”列或该列全空，{so.zh}；"
            f"现有的列：{'、'.join(there[:12])}",
            f"{key}: {layer.en} ({len(rows)} rows) have no column '{column}', or it is empty{near}: {so.en}; columns: "
            f"{', '.join(there[:12])}",
        )
        found.append(Finding(code="charging_column", kind="warning", count=len(rows), text=text))
    return found


def charging_of(study: Study, city: City, layers: ChargingLayers) -> dict[str, Callable[[], ThemeResult]]:
    """Return the audit and the sitings that a study asks for, by theme, to be called in this order."""
    table = study.settings.charging
    if table is None:
        return {}
    asked: dict[str, Callable[[], ThemeResult]] = {"charging": lambda: _audit(table, city)}
    if table.stations is not None:
        asked["charging_sites"] = lambda: _stations(table, city, layers)
    if table.sheds is not None:
        asked["charging_sheds"] = lambda: _sheds(table, city, layers)
    return asked


def charging_lacks(study: Study, city: City, layers: ChargingLayers) -> Iterator[Lack]:
    """List what each table of charging lacks."""
    table = study.settings.charging
    if table is None:
        return
    if not len(city.of_class(*LOT_CLASSES)):
        yield Lack(table="charging", what=NO_LOTS[0], why=NO_LOTS[1], whole=False)
    if not len(city.of_class("charging")):
        yield Lack(table="charging", what=NO_STATIONS[0], why=NO_STATIONS[1], whole=False)
    assumed = _assumed(table)
    lacking = None if assumed is None else assumed.lacks(city.demand)
    if lacking is not None:
        yield Lack(table="charging", what=NO_CARS[0], why=lacking, whole=False)
    if table.stations is not None:
        if lacking is not None:
            yield Lack(table="charging.stations", what=STATIONS, why=lacking)
        elif not _places(city, layers):
            yield Lack(table="charging.stations", what=STATIONS, why=NO_PLACES)
        if radius_of(city.catalogue, table.reach_m) is None:
            yield Lack(table="charging.stations", what=STATIONS, why=NO_RADIUS[1], refused=True)
    asked = table.sheds
    if asked is not None:
        lacking = _lacks_sheds(city)
        if lacking is not None:
            yield Lack(table="charging.sheds", what=SHEDS, why=lacking)
        if asked.distance == "network" and city.network is None:
            yield Lack(table="charging.sheds", what=SHEDS, why=ON_FOOT, refused=True)
        counted = HOUSEHOLDS in city.demand.columns or (
            asked.people_per_household is not None and "people" in city.demand.columns
        )
        if asked.bikes_per_household is not None and not counted:
            why = Text(UNKNOWN_HOUSEHOLDS, UNKNOWN_HOUSEHOLDS)
            yield Lack(table="charging.sheds", what=SHEDS, why=why, refused=True)


def _places(city: City, layers: ChargingLayers) -> dict[str, gpd.GeoDataFrame]:
    """Layers of places for stations by kind; none of them is empty."""
    places = dict(layers.places)
    if not places:
        places["car_park"] = city.of_class("public_parking")
    if "vacant" not in places and city.vacant is not None:
        places["vacant"] = city.vacant
    return {kind: layer for kind, layer in places.items() if len(layer)}


def _lacks_sheds(city: City) -> Text | None:
    if city.old_estates is None or not len(city.old_estates):
        return NO_ESTATES
    return NO_BUILDINGS if city.buildings is None or not len(city.buildings) else None


def _assumed(table: ChargingTable) -> Assumed | None:
    if table.ev_share is None:
        return None
    zh = table.source_zh or table.source_en
    return Assumed(
        ev_share=table.ev_share,
        cars_per_person=table.cars_per_person,
        per_ev_day=table.per_ev_day,
        per_charger_day=table.per_charger_day,
        unit=table.unit,
        source=None if zh is None else Text(zh, table.source_en or zh),
    )


def _audit(table: ChargingTable, city: City) -> ThemeResult:
    return audit_charging(
        city,
        rules={str(kind): ids for kind, ids in table.rules.items()},
        assumed=_assumed(table),
        reach_m=table.reach_m,
        ready=table.ev_spaces,
        kind=table.kind,
        chargers=table.chargers,
    ).themed()


def _stations(table: ChargingTable, city: City, layers: ChargingLayers) -> ThemeResult:
    asked, assumed = table.stations, _assumed(table)
    assert asked is not None
    assert assumed is not None
    lacking = assumed.lacks(city.demand)
    if lacking is not None:
        return ThemeResult(theme="charging_sites", title=STATIONS, missing=((STATIONS, lacking),))
    places = _places(city, layers)
    if not places:
        return ThemeResult(theme="charging_sites", title=STATIONS, missing=((STATIONS, NO_PLACES),))
    try:
        return site_charging(
            city,
            sizes=[Size(**size.model_dump()) for size in asked.sizes],
            assumed=assumed,
            p=asked.p,
            reach_m=table.reach_m,
            layers=places,
            assumed_grid_kw=asked.assumed_grid_kw,
            chargers=table.chargers,
            required=asked.required,
            excluded=asked.excluded,
            min_spacing_m=asked.min_spacing_m,
            time_limit_s=asked.time_limit_s,
            mip_gap=asked.mip_gap,
            seed=asked.seed,
        ).themed()
    except ModelError as error:
        said = error.text if isinstance(error, NoStationPlanError) else Text(str(error), str(error))
        why = Text(f"没有可行方案：{said.zh}", f"no plan: {said.en}")
        return ThemeResult(
            theme="charging_sites",
            title=STATIONS,
            figures={"status": "infeasible", "reason": str(error)},
            missing=((STATIONS, why),),
        )


def _sheds(table: ChargingTable, city: City, layers: ChargingLayers) -> ThemeResult:
    asked = table.sheds
    assert asked is not None
    lacking = _lacks_sheds(city)
    if lacking is not None:
        return ThemeResult(theme="charging_sheds", title=SHEDS, missing=((SHEDS, lacking),))
    return site_sheds(
        city,
        walk_m=asked.walk_m,
        separation=asked.separation,
        existing=layers.sheds,
        measure=asked.distance,
        radius_m=asked.radius_m,
        step_m=asked.step_m,
        bikes_per_shed=asked.bikes_per_shed,
        bikes_per_household=asked.bikes_per_household,
        people_per_household=asked.people_per_household,
        time_limit_s=asked.time_limit_s,
        mip_gap=asked.mip_gap,
        seed=asked.seed,
    ).themed()
