"""Who is how far from what: nearest facility, cost matrix, entries of area facilities, service areas."""

from siting.access.cost import CostMatrix
from siting.access.gates import entries
from siting.access.matrix import cost_matrix
from siting.access.nearest import nearest, nearest_by_entries
from siting.access.service_area import service_areas
from siting.access.straight import cost_matrix_straight, nearest_straight

__all__ = [
    "CostMatrix",
    "cost_matrix",
    "cost_matrix_straight",
    "entries",
    "nearest",
    "nearest_by_entries",
    "nearest_straight",
    "service_areas",
]
