"""Who is how far from what: nearest facility, cost matrix, entries of area facilities, service areas."""

from siting.access.catchment_shares import FloatingCatchment, floating_catchment
from siting.access.catchments import Catchments, catchments
from siting.access.cost import CostMatrix
from siting.access.decay import Decay
from siting.access.detour import detour_ratio
from siting.access.floating import enhanced_2sfca, three_step_fca, two_step_fca
from siting.access.gate_changes import add_gate, explicit_gates, remove_gate
from siting.access.gates import entries
from siting.access.isochrones import isochrone_bands
from siting.access.k_nearest import k_nearest
from siting.access.matrix import cost_matrix
from siting.access.nearest import nearest, nearest_by_entries
from siting.access.opportunities import cumulative, gravity
from siting.access.paths import shortest_paths
from siting.access.service_area import service_areas
from siting.access.straight import cost_matrix_straight, nearest_straight
from siting.access.unreached import count_unreachable

__all__ = [
    "Catchments",
    "CostMatrix",
    "Decay",
    "FloatingCatchment",
    "add_gate",
    "catchments",
    "cost_matrix",
    "cost_matrix_straight",
    "count_unreachable",
    "cumulative",
    "detour_ratio",
    "enhanced_2sfca",
    "entries",
    "explicit_gates",
    "floating_catchment",
    "gravity",
    "isochrone_bands",
    "k_nearest",
    "nearest",
    "nearest_by_entries",
    "nearest_straight",
    "remove_gate",
    "service_areas",
    "shortest_paths",
    "three_step_fca",
    "two_step_fca",
]
