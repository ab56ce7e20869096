"""Warn of layers that look shifted as Chinese web maps shift them, where the study does not say so."""

import geopandas as gpd

from siting.inputs.datum_check import suspect_gcj02
from siting.ledger import Finding
from siting.network import Network
from siting.pipeline.sources import Sources
from siting.study import Study
from siting.study.settings import FacilityTable


def shift_findings(study: Study, sources: Sources, network: Network | None) -> tuple[Finding, ...]:
    """Compare the demand and every facility layer of the study's own with the streets.

    Layers with ``coords`` in the study file are taken at their word; what comes from OSM lies where its streets lie.
    """
    if network is None:
        return ()
    settings = study.settings
    layers: dict[str, gpd.GeoDataFrame] = {}
    if sources.demand is not None and settings.demand.coords is None:
        layers["demand"] = sources.demand
    for name, table in settings.facilities.items():
        if isinstance(table, FacilityTable) and table.coords is None:
            of_class = sources.facilities[sources.facilities["class"] == name]
            layers[f"facilities.{name}"] = gpd.GeoDataFrame(of_class[of_class["source"] == table.source])
    streets = gpd.GeoSeries(network.lines, crs=network.crs)
    found = (suspect_gcj02(layer, streets, name) for name, layer in layers.items() if len(layer))
    return tuple(f for f in found if f is not None)
