"""Plants and yards of a study: each `[[waste.plants]]` sited."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import geopandas as gpd

from siting.ledger import Text
from siting.pipeline.waste_keep import either, keeps
from siting.study.waste_plants_table import PlantCriterionTable, WastePlantTable
from siting.themes import City, ThemeResult
from siting.themes.waste.generation import Generation
from siting.themes.waste.plants import BUILT_IN, KINDS, TARGETS, Criterion, Wind, site_plant
from siting.themes.waste.plants.shown import themed
from siting.themes.waste.streams import tonnes_of

NO_CANDIDATES = Text("缺少候选地块（candidates，或 [land] vacant）", "no candidates (candidates, or [land] vacant)")
NO_AREA = Text("缺少研究范围（[study] boundary）", "no study area ([study] boundary)")


def plants_of(
    tables: list[WastePlantTable],
    city: City,
    layers: Mapping[str, gpd.GeoDataFrame],
    generated: Callable[[], Generation],
) -> dict[str, Callable[[], ThemeResult]]:
    """Return the sitings of a study, by theme, to be called in this order."""

    def one(table: WastePlantTable) -> Callable[[], ThemeResult]:
        return lambda: _site(table, city, layers, generated)

    return {f"waste_plant_{table.label}": one(table) for table in tables}


def title_of(table: WastePlantTable) -> Text:
    """Return what a siting is called."""
    return Text(f"{KINDS[table.kind].name.zh}选址", f"Site of the {KINDS[table.kind].name.en}")


def lacks_plant(table: WastePlantTable, city: City, layers: Mapping[str, gpd.GeoDataFrame]) -> Text | None:
    """Say why nothing can be sited; None if it can."""
    candidates = layers.get(f"waste.plants.{table.label}.candidates", city.vacant)
    if candidates is None or not len(candidates):
        return NO_CANDIDATES
    return NO_AREA if city.boundary is None else None


def _site(
    table: WastePlantTable,
    city: City,
    layers: Mapping[str, gpd.GeoDataFrame],
    generated: Callable[[], Generation],
) -> ThemeResult:
    key = f"waste.plants.{table.label}"
    title, lacking = title_of(table), lacks_plant(table, city, layers)
    candidates = layers.get(f"{key}.candidates", city.vacant)
    if lacking is not None or candidates is None:
        assert lacking is not None
        return ThemeResult(theme=f"waste_plant_{table.label}", title=title, missing=((title, lacking),))
    wind = None
    if table.wind is not None and table.wind_radius_m is not None:
        wind = Wind(shares={str(k): v for k, v in table.wind.items()}, radius_m=table.wind_radius_m)
    site = site_plant(
        city,
        table.kind,
        candidates,
        sources=_sources(table, layers.get(f"{key}.sources"), generated),
        existing=layers.get(f"{key}.existing"),
        drive=None if city.trucks is None else city.trucks(),
        keep=keeps(table.keep, key, city, layers, TARGETS),
        weights=table.weights,
        judgements=table.judgements,
        criteria=[_criterion(c) for c in table.criteria],
        p=table.p,
        weight=table.weight,
        min_area_m2=table.min_area_m2,
        max_road_m=table.max_road_m,
        min_served=table.min_served,
        capacity_t_day=table.capacity_t_day,
        m2_per_t_day=table.m2_per_t_day,
        people_radius_m=table.people_radius_m,
        wind=wind,
        change=table.change,
        time_limit_s=table.time_limit_s,
        seed=table.seed,
    )
    return themed(site, table.label)


def _sources(
    table: WastePlantTable, own: gpd.GeoDataFrame | None, generated: Callable[[], Generation]
) -> gpd.GeoDataFrame | None:
    """Return the sources of the study's own layer, else what arises of the kind's streams; None where none is known."""
    if own is not None:
        return own
    points = generated().points
    named = [table.weight] if table.weight is not None else [tonnes_of(s) for s in KINDS[table.kind].streams]
    there = [c for c in named if c in points.columns and points[c].notna().any()]
    return points if there else None


def _criterion(table: PlantCriterionTable) -> Criterion:
    known = BUILT_IN.get(table.name)
    title = either(table.name_zh, table.name_en)
    unit = either(table.unit_zh, table.unit_en)
    if known is not None:
        return replace(known, worst=table.worst, best=table.best, title=title or known.title, unit=unit or known.unit)
    return Criterion(
        name=table.name,
        title=title or Text(table.name, table.name),
        better=table.better or "more",
        unit=unit or Text("", ""),
        worst=table.worst,
        best=table.best,
    )
