"""Everything that reads files: layers, OSM extracts, rasters, and the demand made from them.

The names load on first use, so that a stage that needs one reader does not pay for all.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from siting.inputs.coordinates import choose_crs as choose_crs
    from siting.inputs.datum_check import suspect_gcj02 as suspect_gcj02
    from siting.inputs.demand import DemandSpec as DemandSpec
    from siting.inputs.demand import build_demand as build_demand
    from siting.inputs.layers import Layer as Layer
    from siting.inputs.layers import LayerSpec as LayerSpec
    from siting.inputs.layers import read_layer as read_layer
    from siting.inputs.osm import read_osm as read_osm
    from siting.inputs.rasters import read_population as read_population
    from siting.inputs.spread import estimate_from_buildings as estimate_from_buildings
    from siting.inputs.spread import spread_over_buildings as spread_over_buildings

_HOME = {
    "DemandSpec": "demand",
    "Layer": "layers",
    "LayerSpec": "layers",
    "build_demand": "demand",
    "choose_crs": "coordinates",
    "estimate_from_buildings": "spread",
    "read_layer": "layers",
    "read_osm": "osm",
    "read_population": "rasters",
    "spread_over_buildings": "spread",
    "suspect_gcj02": "datum_check",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        msg = f"module 'siting.inputs' has no attribute '{name}'"
        raise AttributeError(msg)
    return getattr(import_module(f"siting.inputs.{_HOME[name]}"), name)
