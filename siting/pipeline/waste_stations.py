"""Transfer stations of a study: the plots that hold one, and the stations that stand."""

from collections.abc import Callable, Mapping

import geopandas as gpd

from siting.ledger import Text
from siting.locate.candidates.exclusions import layer_text
from siting.pipeline.waste_keep import either, keeps
from siting.study.waste_stations_table import WasteStationsTable
from siting.themes import City, ThemeResult
from siting.themes.waste.generation import Generation
from siting.themes.waste.ground import Keep
from siting.themes.waste.plants import TARGETS
from siting.themes.waste.stations import StationCost, StationFit, audit_stations, fit_stations
from siting.themes.waste.stations.fit_shown import TITLE as FIT
from siting.themes.waste.stations.standing import VERSION_COLUMNS

FIT_THEME, AUDIT_THEME = "waste_stations", "waste_station_audit"
NO_PLOTS = Text("缺少候选地块（plots，或 [land] vacant）", "no plots to test (plots, or [land] vacant)")
OF_STUDY = Text("研究的禁建图层", "ground that the study excludes")
KEY = "waste.stations"


def has_ground(city: City, layers: Mapping[str, gpd.GeoDataFrame]) -> bool:
    """Whether a study has plots to test, or stations that stand."""
    plots, existing = layers.get(f"{KEY}.plots", city.vacant), layers.get(f"{KEY}.existing")
    standing = city.of_class("waste_transfer") if existing is None else existing
    return (plots is not None and len(plots) > 0) or len(standing) > 0


def stations_fit(table: WasteStationsTable, city: City, layers: Mapping[str, gpd.GeoDataFrame]) -> StationFit | None:
    """Test the plots of a study; None where it has neither plots nor stations that stand."""
    plots = layers.get(f"{KEY}.plots", city.vacant)
    existing = layers.get(f"{KEY}.existing")
    if existing is None:
        existing = city.of_class("waste_transfer")
    if plots is None or not len(plots):
        if not len(existing):
            return None
        plots = gpd.GeoDataFrame(geometry=[], crs=city.crs)
    around = keeps(table.keep, KEY, city, layers, TARGETS)
    named = {k.name for k in around}
    # Buildings are a test of their own: what stands on the plot, and how far the nearest is.
    around += [
        Keep(name=name, title=layer_text(name), layer=layer, distance_m=0.0, source=OF_STUDY)
        for name, layer in city.exclusions.items()
        if name not in named and name != "buildings"
    ]
    return fit_stations(
        plots,
        city.buildings,
        layers.get(f"{KEY}.homes"),
        catalogue=city.catalogue,
        existing=existing,
        keep=around,
        drive=None if city.trucks is None else city.trucks(),
        max_road_m=table.max_road_m,
        min_width_m=table.min_width_m,
        costs={str(c): StationCost(**cost.model_dump()) for c, cost in table.costs.items()},
        streams=table.streams,
        only=table.only,
        advisory=table.advisory,
    )


def versions_of(fit: StationFit | None, city: City) -> gpd.GeoDataFrame:
    """Return the stations that could be built and those that stand, as the chain takes them; empty where none are."""
    if fit is not None:
        return fit.versions
    return gpd.GeoDataFrame(columns=[*VERSION_COLUMNS, "geometry"], geometry="geometry", crs=city.crs)


def stations_of(
    table: WasteStationsTable,
    city: City,
    layers: Mapping[str, gpd.GeoDataFrame],
    generated: Callable[[], Generation],
    fitted: Callable[[], StationFit | None],
) -> dict[str, Callable[[], ThemeResult]]:
    """Return what a study asks of its stations, by theme, to be called in this order."""

    def fit() -> ThemeResult:
        found = fitted()
        return ThemeResult(theme=FIT_THEME, title=FIT, missing=((FIT, NO_PLOTS),)) if found is None else found.themed()

    return {FIT_THEME: fit, AUDIT_THEME: lambda: _audit(table, city, layers, generated)}


def _audit(
    table: WasteStationsTable,
    city: City,
    layers: Mapping[str, gpd.GeoDataFrame],
    generated: Callable[[], Generation],
) -> ThemeResult:
    points = generated().points
    given = {facility: city.of_class(facility) for facility in ("waste_station", "waste_transfer")}
    if f"{KEY}.existing" in layers:
        given["waste_transfer"] = layers[f"{KEY}.existing"]
    return audit_stations(
        city,
        given,
        sources=points if len(points) and points["t_day"].notna().any() else None,
        drive=None if city.trucks is None else city.trucks(),
        plants=layers.get(f"{KEY}.plants"),
        estates=layers.get(f"{KEY}.estates"),
        limits={str(mode): metres for mode, metres in table.limits.items()},
        limits_source=either(table.limits_zh, table.limits_en),
        rural=table.rural,
    ).themed()
