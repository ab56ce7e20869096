"""Public toilets of a study: their audit, the spacing along streets, where the next go, and which could open."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import geopandas as gpd

from siting.coverage.schema import keyed
from siting.errors import ModelError
from siting.inputs.footfall_raster import FOOTFALL
from siting.ledger import Text
from siting.outputs.columns import safe_name
from siting.pipeline.toilet_site_layers import NO_LOTS, SiteLayers
from siting.pipeline.toilet_spacing import NO_SPACING, shown_spacing, spacing_of
from siting.pipeline.toilets import ToiletLayers, audit_toilets_of
from siting.standards import load_classes
from siting.study import Study
from siting.study.toilet_sites_table import FootfallTable, ToiletSitesTable
from siting.study.toilets_table import ToiletsTable
from siting.themes import City, ThemeResult
from siting.themes.toilets import Columns, Footfall, lacks_toilets, open_toilets, site_toilets, toilet_candidates
from siting.themes.toilets.land_classes import RULE_OF_CLASS, ClassedLand, classed_land
from siting.themes.toilets.opening import lots_of
from siting.themes.toilets.opening_shown import TITLE as OPENING
from siting.themes.toilets.records import RESTRICTED, read_records
from siting.themes.toilets.siting_shown import TITLE as SITES
from siting.themes.toilets.spacing import ToiletSpacing
from siting.themes.toilets.study_area import inside_area

METRO_ENTRANCE = "metro_entrance"
RASTER_UNIT = Text("栅格计数", "the raster's counts")


def toilets_of(study: Study, city: City, layers: ToiletLayers) -> dict[str, Callable[[], ThemeResult]]:
    """Return what a study asks about public toilets, by theme, to be called in this order."""
    table = study.settings.toilets
    if table is None:
        return {}
    asked: dict[str, Callable[[], ThemeResult]] = {"toilets": lambda: audit_toilets_of(study, city, layers)}
    spacing = cache(lambda: spacing_of(study, city))
    if table.spacing is not None:
        asked["toilet_spacing"] = lambda: shown_spacing(city, spacing)
    if table.opening is not None:
        asked["toilet_opening"] = lambda: _opening(table, city, layers)
    for k, sites in enumerate(table.sites):
        asked[_theme(sites)] = partial(_sites, table, sites, city, layers, layers.sites[k], spacing)
    return asked


def _suffix(sites: ToiletSitesTable) -> str:
    return "" if sites.name is None else safe_name(sites.name)


def _theme(sites: ToiletSitesTable) -> str:
    return "_".join(["toilet_sites", *([_suffix(sites)] if sites.name else [])])


def _title(sites: ToiletSitesTable) -> Text | None:
    zh, en = sites.title_zh or sites.title_en or sites.name, sites.title_en or sites.title_zh or sites.name
    return None if zh is None or en is None else Text(zh, en)


def _sites(
    table: ToiletsTable,
    sites: ToiletSitesTable,
    city: City,
    layers: ToiletLayers,
    own: SiteLayers,
    spacing: Callable[[], ToiletSpacing],
) -> ThemeResult:
    """Choose the sites; where that cannot be, the theme says why."""
    title = _title(sites)
    lacking = lacks_toilets(city)
    if lacking is None and sites.spacing and city.network is None:
        lacking = NO_SPACING
    if lacking is not None:
        return ThemeResult(theme=_theme(sites), title=title or SITES, missing=((title or SITES, lacking),))
    try:
        plan = site_toilets(
            city,
            p=sites.p,
            candidates=_places(sites, city, own),
            costs=None if sites.costs is None else {str(k): v for k, v in sites.costs.items()},
            toilets=read_records(city, Columns(**table.columns.model_dump())).drawn,
            radius=sites.radius or None,
            measure=sites.distance,
            spacing=spacing() if sites.spacing else None,
            level=sites.level,
            density=sites.density,
            land=_land(table, city, layers) if _by_class(sites) else None,
            beside_m=table.beside_m,
            shortfall=sites.shortfall,
            people_weight=sites.people_weight,
            footfall={name: _footfall(name, one, city, own) for name, one in sites.footfall.items()},
            serve=sites.serve,
            required=sites.required,
            excluded=sites.excluded,
            min_spacing_m=sites.min_spacing_m,
            time_limit_s=sites.time_limit_s,
            mip_gap=sites.mip_gap,
            seed=sites.seed,
            cost_unit=_unit(sites),
        )
    except ModelError as error:
        why = Text(f"没有可行方案：{error}", f"no plan: {error}")
        return ThemeResult(
            theme=_theme(sites),
            title=title or SITES,
            figures={"status": "infeasible", "reason": str(error)},
            missing=((title or SITES, why),),
        )
    return plan.themed(_suffix(sites), title)


def _places(sites: ToiletSitesTable, city: City, own: SiteLayers) -> gpd.GeoDataFrame:
    measures: dict[str, Any] = {"spacing_m": sites.spacing_m, "footway_m": sites.footway_m}
    if sites.min_area_m2 is not None:
        measures["min_area_m2"] = sites.min_area_m2
    layers = dict(own.places)
    if sites.buildings:
        layers["building"] = inside_area(city, city.of_class(*sites.buildings, RESTRICTED))
    places = toilet_candidates(
        city,
        None if sites.kinds is None else [str(k) for k in sites.kinds],
        layers=layers,
        separations=own.apart,
        **measures,
    )
    if sites.buildings:
        known = load_classes()
        names = [known[c].name for c in sites.buildings]
        said = Text(
            f"假定{'、'.join(n.zh for n in names)}内设有可开放的厕所（未逐处核实）",
            f"{', '.join(n.en for n in names)}: assumed to have a toilet that could open (nobody checked each)",
        )
        places.attrs["notes"] = (*places.attrs.get("notes", ()), said)
    return places


def _unit(sites: ToiletSitesTable) -> Text | None:
    zh, en = sites.cost_unit_zh or sites.cost_unit_en, sites.cost_unit_en or sites.cost_unit_zh
    return None if zh is None or en is None else Text(zh, en)


def _by_class(sites: ToiletSitesTable) -> bool:
    return not set(RULE_OF_CLASS.values()).isdisjoint(sites.density)


def _land(table: ToiletsTable, city: City, layers: ToiletLayers) -> ClassedLand | None:
    """Sort the land as the audit does."""
    if layers.land_use is not None:
        return classed_land(keyed(layers.land_use), table.land_use_class, city.catalogue, table.land_use_classes)
    if city.residential is not None and len(city.residential):
        areas = gpd.GeoDataFrame(city.residential.assign(**{"class": "residential"}))
        return classed_land(areas, "class", city.catalogue)
    return None


def _footfall(name: str, one: FootfallTable, city: City, own: SiteLayers) -> Footfall:
    zh, en = one.name_zh or one.name_en, one.name_en or one.name_zh
    title = None if zh is None or en is None else Text(zh, en)
    if one.facility is not None:
        if title is None:
            known = load_classes()
            title = Text(
                "、".join(known[c].name.zh for c in one.facility), ", ".join(known[c].name.en for c in one.facility)
            )
        return Footfall(places=_busy_of(city, one.facility), weight=one.weight, title=title)
    frame = own.busy[name]
    has_figures = one.column is not None or one.is_raster
    return Footfall(
        places=frame,
        weight=one.weight,
        column=FOOTFALL if has_figures else None,
        title=title,
        unit=RASTER_UNIT if one.is_raster else None if one.column is None else Text(one.column, one.column),
    )


def _busy_of(city: City, classes: list[str]) -> gpd.GeoDataFrame:
    """Busy places of the study area, each once: where the stations of a metro are known, its entrances are no more."""
    places = city.of_class(*classes)
    if "metro" in set(places["class"]) and METRO_ENTRANCE not in classes:
        places = places[places["class"] != METRO_ENTRANCE]
    return inside_area(city, gpd.GeoDataFrame(places[~places.index.duplicated()]))


def _opening(table: ToiletsTable, city: City, layers: ToiletLayers) -> ThemeResult:
    asked = table.opening
    assert asked is not None
    classes = tuple(asked.facility)
    lacking = lacks_toilets(city)
    if lacking is None and not lots_of(city, layers.opening, classes, asked.restricted):
        lacking = NO_LOTS
    if lacking is not None:
        return ThemeResult(theme="toilet_opening", title=OPENING, missing=((OPENING, lacking),))
    return open_toilets(
        city,
        layers.opening,
        classes=classes,
        restricted=asked.restricted,
        hours=asked.hours,
        measure=asked.distance,
        slots=table.slots,
        columns=Columns(**table.columns.model_dump()),
    ).themed()
