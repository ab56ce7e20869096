"""Who is how far from what: nearest facility, cost matrix, entries of area facilities, service areas."""

from siting.access.cost import CostMatrix

__all__ = ["CostMatrix"]
