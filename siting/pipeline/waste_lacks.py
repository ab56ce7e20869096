"""What `[waste]` asks for and a study has not."""

from collections.abc import Iterator
from dataclasses import replace

from siting.ledger import Text
from siting.pipeline.lacking import ON_FOOT, Lack, no_such_places, refused_by
from siting.pipeline.waste import WasteLayers, _of_classes, _source
from siting.pipeline.waste_chain import NO_STATIONS, NO_STREETS
from siting.pipeline.waste_keep import keeps
from siting.pipeline.waste_plants import lacks_plant, title_of
from siting.pipeline.waste_stations import KEY, NO_PLOTS, has_ground
from siting.study import Study
from siting.study.waste_chain_table import ChainSitesTable
from siting.study.waste_plants_table import WastePlantTable
from siting.study.waste_points_table import WastePointsTable
from siting.study.waste_table import WasteSourceTable, WasteTable
from siting.themes import City
from siting.themes.waste.chain.shown import TITLE as CHAIN
from siting.themes.waste.generation.sources import read_source
from siting.themes.waste.plants import TARGETS
from siting.themes.waste.points.audit import NO_ESTATES, NO_POINTS, NO_RECYCLING
from siting.themes.waste.points.siting_shown import TITLE as SITES
from siting.themes.waste.stations.fit_shown import TITLE as FIT

POINTS = Text("收集点与回收点", "collection and recycling points")
SOURCES = Text("垃圾产生量", "waste that arises")
NO_VACANT = Text(
    "没有空置用地；请给出 [land] vacant，或改用 candidates",
    "there is no vacant land; give [land] vacant, or other candidates",
)
NO_FRONTAGE = Text("没有路网，无沿街候选点；请给出 [streets]", "no streets, so no places along them; give [streets]")


def waste_lacks(study: Study, city: City, layers: WasteLayers) -> Iterator[Lack]:
    """List what each table of waste lacks."""
    table = study.settings.waste
    if table is None:
        return
    for k, source in enumerate(table.sources):
        yield from _source_lacks(k, source, city, layers)
    if table.points is not None:
        yield from _points(table.points, city, layers)
    yield from _stations(table, city, layers)
    for plant in table.plants:
        yield from _plant(plant, city, layers)


def _source_lacks(k: int, table: WasteSourceTable, city: City, layers: WasteLayers) -> Iterator[Lack]:
    """Say that there are no such places before saying which columns they lack."""
    key = f"waste.sources[{k + 1}]"
    absent = list(no_such_places(city, key, SOURCES, table.facility or ()))
    refused = list(refused_by(key, SOURCES, lambda: read_source(_source(k, table, city, layers), city.crs)))
    yield from (replace(lack, refused=bool(refused)) for lack in absent)
    if not absent:
        yield from refused


def _plant(table: WastePlantTable, city: City, layers: WasteLayers) -> Iterator[Lack]:
    key, title = f"waste.plants.{table.label}", title_of(table)
    lacking = lacks_plant(table, city, layers.by_key)
    if lacking is not None:
        yield Lack(table=key, what=title, why=lacking)
    yield from refused_by(key, title, lambda: keeps(table.keep, key, city, layers.by_key, TARGETS))


def _classes(city: City, key: str, what: Text, classes: list[str] | None) -> Iterator[Lack]:
    """Refuse classes of facilities that nobody knows; say which of them the study has none of."""
    unknown = list(refused_by(key, what, lambda: _of_classes(city, classes, key)))
    yield from unknown or no_such_places(city, key, what, classes or ())


def _points(table: WastePointsTable, city: City, layers: WasteLayers) -> Iterator[Lack]:
    there = set(city.facilities["class"])
    estates = layers.by_key.get("waste.points.estates", city.old_estates)
    for (what, why), has in (
        (NO_POINTS, "waste_point" in there),
        (NO_ESTATES, estates is not None and len(estates) > 0),
        (NO_RECYCLING, "recycling_point" in there),
    ):
        if not has:
            yield Lack(table="waste.points", what=what, why=why, whole=False)
    for k, body in enumerate(table.bodies):
        yield from _classes(city, f"waste.points.bodies[{k + 1}]", POINTS, body.facility)
    if table.shops is not None:
        yield from _classes(city, "waste.points.shops", POINTS, table.shops.facility)
    sites = table.sites
    if sites is None:
        return
    asked = None if sites.candidates is None else sites.candidates.source
    if asked == "vacant" and (city.vacant is None or not len(city.vacant)):
        yield Lack(table="waste.points.sites", what=SITES, why=NO_VACANT, refused=True)
    if asked == "street" and city.network is None:
        yield Lack(table="waste.points.sites", what=SITES, why=NO_FRONTAGE, refused=True)
    if sites.distance == "network" and city.network is None:
        yield Lack(table="waste.points.sites", what=SITES, why=ON_FOOT, refused=True)


def _stations(table: WasteTable, city: City, layers: WasteLayers) -> Iterator[Lack]:
    stations, chain = table.stations, table.chain
    ground = stations is not None and has_ground(city, layers.by_key)
    if stations is not None:
        if not ground:
            yield Lack(table="waste.stations", what=FIT, why=NO_PLOTS)
        yield from refused_by("waste.stations", FIT, lambda: keeps(stations.keep, KEY, city, layers.by_key, TARGETS))
    if chain is None:
        return
    if city.network is None:
        yield Lack(table="waste.chain", what=CHAIN, why=NO_STREETS)
    elif not isinstance(chain.stations, ChainSitesTable) and not ground:
        yield Lack(table="waste.chain", what=CHAIN, why=NO_STATIONS)
