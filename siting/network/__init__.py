"""Streets as an exact graph in whole millimetres, and points on its edges."""

from siting.network.graph import MAX_SNAP_M, MIN_COMPONENT_SHARE, Network
from siting.network.snap import Snapped, snap

__all__ = ["MAX_SNAP_M", "MIN_COMPONENT_SHARE", "Network", "Snapped", "snap"]
