"""Waste of a study: the layers that only it reads, what arises, its points, and what is sited."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import geopandas as gpd
import pyproj

from siting.errors import InputError, ModelError
from siting.ledger import Text
from siting.pipeline.reading import Reader
from siting.pipeline.waste_chain import chain_of, columns_of
from siting.pipeline.waste_plants import plants_of
from siting.pipeline.waste_stations import stations_fit, stations_of, versions_of
from siting.study import Study
from siting.study.study import CANDIDATE_KINDS
from siting.study.waste_points_table import WastePointsTable, WasteSitesTable
from siting.study.waste_table import WasteSourceTable, WasteTable
from siting.themes import City, ThemeResult
from siting.themes.waste.generation import Container, Generation, Source, Year, waste_generated
from siting.themes.waste.points import audit_waste_points, site_waste_points
from siting.themes.waste.points.audit import BodyLayer, ShopsAsked, UnitsAsked
from siting.themes.waste.points.pilots import PilotsAsked
from siting.themes.waste.points.siting_shown import THEME as SITES_THEME
from siting.themes.waste.points.siting_shown import TITLE as SITES


@dataclass(frozen=True, kw_only=True, eq=False)
class WasteLayers:
    """Layers by the key that names them, in the CRS of the study; what it has not is not in it."""

    by_key: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)


def read_waste_layers(study: Study, reader: Reader, crs: pyproj.CRS | None) -> WasteLayers:
    """Read what `[waste]` and `[waste.points]` name; faults are noted with those of the other layers."""
    table = study.settings.waste
    if table is None:
        return WasteLayers()
    found = {}
    columns = _columns(table)
    for key, ref in table.layers():
        if ref is None or (key.endswith(".candidates") and ref.source in CANDIDATE_KINDS):
            continue
        layer = reader.layer(key, ref, "any", crs, columns.get(key, ()))
        if layer is not None:
            found[key] = layer.frame
    return WasteLayers(by_key=found)


def _columns(table: WasteTable) -> dict[str, tuple[str, ...]]:
    """Columns that a layer must have, since the study names them."""
    named: dict[str, tuple[str, ...]] = {}
    for i, source in enumerate(table.sources):
        wanted = [c for c in (source.t_day, source.units, *(source.t_day_of or {}).values()) if c is not None]
        named[f"waste.sources[{i + 1}].layer"] = tuple(dict.fromkeys(wanted))
    if table.points is not None:
        for i, body in enumerate(table.points.bodies):
            named[f"waste.points.bodies[{i + 1}].layer"] = () if body.sorted is None else (body.sorted,)
        if table.points.shops is not None and table.points.shops.bins is not None:
            named["waste.points.shops.layer"] = (table.points.shops.bins,)
    return named | ({} if table.chain is None else columns_of(table.chain))


def generation_of(study: Study, city: City, layers: WasteLayers) -> Generation:
    """Work out what arises in a study; other parts of the theme start from it."""
    table = study.settings.waste
    assert table is not None
    container = None
    if table.container is not None:
        given = table.container
        container = Container(density_t_m3=dict(given.density_t_m3), volume_m3=given.volume_m3)
    return waste_generated(
        city,
        kg_per_person_day=table.kg_per_person_day,
        shares=None if table.shares is None else {str(k): v for k, v in table.shares.items()},
        sources=[_source(k, source, city, layers) for k, source in enumerate(table.sources)],
        basis=table.basis,
        a1=table.a1,
        a2=table.a2,
        a3=table.a3,
        a4=table.a4,
        b=table.b,
        k=table.k,
        container=container,
        base_year=table.base_year,
        years=[Year(**year.model_dump()) for year in table.years],
        source=_text(table.source_zh, table.source_en),
    )


def waste_of(study: Study, city: City, layers: WasteLayers) -> dict[str, Callable[[], ThemeResult]]:
    """Return what a study asks of its waste, by theme, to be called in this order."""
    table = study.settings.waste
    if table is None:
        return {}

    @cache
    def generated() -> Generation:
        return generation_of(study, city, layers)

    asked: dict[str, Callable[[], ThemeResult]] = {"waste_generation": lambda: generated().themed()}
    points = table.points
    if points is not None:
        asked["waste_points"] = lambda: _points(points, city, layers, generated)
        sites = points.sites
        if sites is not None:
            asked[SITES_THEME] = lambda: _sites(points, sites, city, layers)
    stations = table.stations
    fitting: Callable[[], gpd.GeoDataFrame] | None = None
    if stations is not None:
        fitted = cache(lambda: stations_fit(stations, city, layers.by_key))
        fitting = lambda: versions_of(fitted(), city)  # noqa: E731
        asked |= stations_of(stations, city, layers.by_key, generated, fitted)
    chain = table.chain
    if chain is not None:
        asked["waste_chain"] = lambda: chain_of(chain, city, layers.by_key, generated, fitting)
    return asked | plants_of(table.plants, city, layers.by_key, generated)


def _source(k: int, table: WasteSourceTable, city: City, layers: WasteLayers) -> Source:
    layer = layers.by_key.get(f"waste.sources[{k + 1}].layer") if table.layer is not None else None
    return Source(
        origin=table.origin,
        layer=_of_classes(city, table.facility, f"waste.sources[{k + 1}]") if layer is None else layer,
        t_day=table.t_day,
        t_day_of=None if table.t_day_of is None else dict(table.t_day_of),
        kg_per_unit_day=table.kg_per_unit_day,
        units=table.units,
        unit=_text(table.unit_zh, table.unit_en),
        shares=None if table.shares is None else {str(k): v for k, v in table.shares.items()},
        name=_text(table.name_zh, table.name_en),
        source=_text(table.source_zh, table.source_en),
    )


def _points(
    table: WastePointsTable, city: City, layers: WasteLayers, generated: Callable[[], Generation]
) -> ThemeResult:
    bodies = [
        BodyLayer(
            layer=_layer(layers, city, f"waste.points.bodies[{i + 1}]", body.facility),
            rule=body.rule,
            sorted=body.sorted,
        )
        for i, body in enumerate(table.bodies)
    ]
    shops = None
    if table.shops is not None:
        shops = ShopsAsked(
            layer=_layer(layers, city, "waste.points.shops", table.shops.facility),
            bins_per_shop=table.shops.bins_per_shop,
            bins=table.shops.bins,
            within_m=table.shops.within_m,
        )
    units = None if table.pretreatment is None else UnitsAsked(**table.pretreatment.model_dump())
    return audit_waste_points(
        city,
        estates=layers.by_key.get("waste.points.estates"),
        edge_m=table.edge_m,
        streams=table.streams,
        sorting=table.sorting,
        households=table.households,
        people_per_household=table.people_per_household,
        recycle_rules=table.recycle_rules,
        match_m=table.match_m,
        sorted_share=table.sorted_share,
        level=table.level,
        bodies=bodies,
        dumps=layers.by_key.get("waste.points.dumps"),
        generation=None if units is None else generated(),
        pretreatment=units,
        shops=shops,
        pilots=None if table.pilots is None else PilotsAsked(**table.pilots.model_dump()),
    ).themed()


def _sites(table: WastePointsTable, sites: WasteSitesTable, city: City, layers: WasteLayers) -> ThemeResult:
    candidates: str | gpd.GeoDataFrame | None = layers.by_key.get("waste.points.sites.candidates")
    spacing: dict[str, Any] = {}
    given = sites.candidates
    if given is not None:
        if candidates is None:
            candidates = given.source
        if "spacing_m" in given.model_fields_set:
            spacing["spacing_m"] = given.spacing_m
        if given.min_area_m2 is not None:
            spacing["min_area_m2"] = given.min_area_m2
    try:
        return site_waste_points(
            city,
            p=sites.p,
            rule=sites.rule,
            distance=sites.distance,
            candidates=candidates,
            estates=layers.by_key.get("waste.points.estates"),
            edge_m=table.edge_m,
            estate_step_m=sites.estate_step_m,
            max_candidates=20_000 if given is None else given.max_candidates,
            required=sites.required,
            excluded=sites.excluded,
            min_spacing_m=sites.min_spacing_m,
            time_limit_s=sites.time_limit_s,
            mip_gap=sites.mip_gap,
            seed=sites.seed,
            **spacing,
        ).themed()
    except ModelError as error:
        why = Text(f"没有可行方案：{error}", f"no plan: {error}")
        figures = {"status": "infeasible", "reason": str(error)}
        return ThemeResult(theme=SITES_THEME, title=SITES, figures=figures, missing=((SITES, why),))


def _layer(layers: WasteLayers, city: City, key: str, classes: list[str] | None) -> gpd.GeoDataFrame:
    found = layers.by_key.get(f"{key}.layer")
    return _of_classes(city, classes, key) if found is None else found


def _of_classes(city: City, classes: list[str] | None, key: str) -> gpd.GeoDataFrame:
    from siting.standards import load_classes

    known = load_classes()
    for name in classes or ():
        if name not in known:
            msg = f"{key}: no facility class {name!r}; `siting rules` and the reference list them"
            raise InputError(msg)
    # Exactly these: what counts as a market for an audit makes no market's waste.
    return gpd.GeoDataFrame(city.facilities[city.facilities["class"].isin(classes or ())])


def _text(zh: str | None, en: str | None) -> Text | None:
    either = zh or en
    return None if either is None else Text(zh or either, en or either)
