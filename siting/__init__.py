"""Facility siting and coverage for city planners: exact walking distances, cited clauses, proved answers.

The public names load on first use, so that ``import siting`` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from siting import errors as errors
    from siting import locate as locate
    from siting import suitability as suitability
    from siting.access import Decay as Decay
    from siting.access import add_gate as add_gate
    from siting.access import catchments as catchments
    from siting.access import cost_matrix as cost_matrix
    from siting.access import count_unreachable as count_unreachable
    from siting.access import cumulative as cumulative
    from siting.access import detour_ratio as detour_ratio
    from siting.access import enhanced_2sfca as enhanced_2sfca
    from siting.access import entries as entries
    from siting.access import explicit_gates as explicit_gates
    from siting.access import gravity as gravity
    from siting.access import isochrone_bands as isochrone_bands
    from siting.access import k_nearest as k_nearest
    from siting.access import nearest as nearest
    from siting.access import nearest_straight as nearest_straight
    from siting.access import remove_gate as remove_gate
    from siting.access import service_areas as service_areas
    from siting.access import shortest_paths as shortest_paths
    from siting.access import three_step_fca as three_step_fca
    from siting.access import two_step_fca as two_step_fca
    from siting.coverage import Audit as Audit
    from siting.coverage import audit as audit
    from siting.coverage import coverage_gaps as coverage_gaps
    from siting.coverage import equity as equity
    from siting.download import fetch_place as fetch_place
    from siting.inputs import read_layer as read_layer
    from siting.inputs import read_osm as read_osm
    from siting.locate import Plan as Plan
    from siting.locate import SitingResult as SitingResult
    from siting.locate import make_candidates as make_candidates
    from siting.network import Network as Network
    from siting.network import add_crossing as add_crossing
    from siting.network import add_link as add_link
    from siting.network import close_street as close_street
    from siting.outputs.compare.changes import compare_runs as compare_runs
    from siting.outputs.exports import export_layers as export_layers
    from siting.outputs.maps import plot as plot
    from siting.pipeline import Run as Run
    from siting.pipeline import run as run
    from siting.sample import sample_study as sample_study
    from siting.scaffold import write_study as write_study
    from siting.standards import Rule as Rule
    from siting.standards import load_catalogue as load_catalogue
    from siting.study import Study as Study
    from siting.suitability import score_candidates as score_candidates
    from siting.themes import City as City
    from siting.themes import ThemeResult as ThemeResult
    from siting.themes.charging import audit_charging as audit_charging
    from siting.themes.charging import site_charging as site_charging
    from siting.themes.charging import site_sheds as site_sheds
    from siting.themes.green import audit_green as audit_green
    from siting.themes.green import site_green as site_green
    from siting.themes.living_circle import audit_living_circle as audit_living_circle
    from siting.themes.living_circle import living_circle_areas as living_circle_areas
    from siting.themes.living_circle import site_services as site_services
    from siting.themes.parking import audit_parking as audit_parking
    from siting.themes.parking import site_parking as site_parking
    from siting.themes.toilets import audit_spacing as audit_spacing
    from siting.themes.toilets import audit_toilets as audit_toilets
    from siting.themes.toilets import open_toilets as open_toilets
    from siting.themes.toilets import site_toilets as site_toilets
    from siting.themes.waste.chain import StreamRates as StreamRates
    from siting.themes.waste.chain import site_chain as site_chain
    from siting.themes.waste.chain import site_chain_years as site_chain_years
    from siting.themes.waste.generation import waste_generated as waste_generated
    from siting.themes.waste.plants import plant_mask as plant_mask
    from siting.themes.waste.plants import rank_plants as rank_plants
    from siting.themes.waste.plants import site_plant as site_plant
    from siting.themes.waste.points import audit_waste_points as audit_waste_points
    from siting.themes.waste.points import site_waste_points as site_waste_points
    from siting.themes.waste.stations import StationCost as StationCost
    from siting.themes.waste.stations import audit_stations as audit_stations
    from siting.themes.waste.stations import fit_stations as fit_stations
    from siting.themes.waste.stations import station_classes as station_classes

_HOME = {
    "Audit": "siting.coverage",
    "City": "siting.themes",
    "Decay": "siting.access",
    "Network": "siting.network",
    "Plan": "siting.locate",
    "Rule": "siting.standards",
    "Run": "siting.pipeline",
    "SitingResult": "siting.locate",
    "StationCost": "siting.themes.waste.stations",
    "StreamRates": "siting.themes.waste.chain",
    "Study": "siting.study",
    "ThemeResult": "siting.themes",
    "add_crossing": "siting.network",
    "add_gate": "siting.access",
    "add_link": "siting.network",
    "audit": "siting.coverage",
    "audit_charging": "siting.themes.charging",
    "audit_green": "siting.themes.green",
    "audit_living_circle": "siting.themes.living_circle",
    "audit_parking": "siting.themes.parking",
    "audit_spacing": "siting.themes.toilets",
    "audit_stations": "siting.themes.waste.stations",
    "audit_toilets": "siting.themes.toilets",
    "audit_waste_points": "siting.themes.waste.points",
    "catchments": "siting.access",
    "close_street": "siting.network",
    "compare_runs": "siting.outputs.compare.changes",
    "cost_matrix": "siting.access",
    "count_unreachable": "siting.access",
    "coverage_gaps": "siting.coverage",
    "cumulative": "siting.access",
    "detour_ratio": "siting.access",
    "enhanced_2sfca": "siting.access",
    "entries": "siting.access",
    "equity": "siting.coverage",
    "errors": "siting",
    "explicit_gates": "siting.access",
    "export_layers": "siting.outputs.exports",
    "fetch_place": "siting.download",
    "fit_stations": "siting.themes.waste.stations",
    "gravity": "siting.access",
    "isochrone_bands": "siting.access",
    "k_nearest": "siting.access",
    "living_circle_areas": "siting.themes.living_circle",
    "load_catalogue": "siting.standards",
    "locate": "siting",
    "make_candidates": "siting.locate",
    "nearest": "siting.access",
    "nearest_straight": "siting.access",
    "plant_mask": "siting.themes.waste.plants",
    "open_toilets": "siting.themes.toilets",
    "plot": "siting.outputs.maps",
    "rank_plants": "siting.themes.waste.plants",
    "read_layer": "siting.inputs",
    "read_osm": "siting.inputs",
    "remove_gate": "siting.access",
    "run": "siting.pipeline",
    "sample_study": "siting.sample",
    "service_areas": "siting.access",
    "score_candidates": "siting.suitability",
    "shortest_paths": "siting.access",
    "site_chain": "siting.themes.waste.chain",
    "site_chain_years": "siting.themes.waste.chain",
    "site_charging": "siting.themes.charging",
    "site_green": "siting.themes.green",
    "site_plant": "siting.themes.waste.plants",
    "site_sheds": "siting.themes.charging",
    "site_toilets": "siting.themes.toilets",
    "site_waste_points": "siting.themes.waste.points",
    "site_parking": "siting.themes.parking",
    "site_services": "siting.themes.living_circle",
    "station_classes": "siting.themes.waste.stations",
    "suitability": "siting",
    "three_step_fca": "siting.access",
    "two_step_fca": "siting.access",
    "waste_generated": "siting.themes.waste.generation",
    "write_study": "siting.scaffold",
}
"""Public name -> the module that it is taken from; modules themselves are given by their parent."""
_MODULES = {"errors", "locate", "plot", "suitability"}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        msg = f"module 'siting' has no attribute '{name}'"
        raise AttributeError(msg)
    home = _HOME[name]
    value = import_module(f"{home}.{name}") if name in _MODULES else getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
