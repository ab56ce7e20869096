"""Streets as an exact graph in whole millimetres or milliseconds, and points on its edges."""

from siting.network.graph import MAX_SNAP_M, MIN_COMPONENT_SHARE, Network
from siting.network.profiles import Profile, load_profiles
from siting.network.scenario import ChangedNetwork, add_crossing, add_link, close_street
from siting.network.snap import Snapped, snap

__all__ = [
    "MAX_SNAP_M",
    "MIN_COMPONENT_SHARE",
    "ChangedNetwork",
    "Network",
    "Profile",
    "Snapped",
    "add_crossing",
    "add_link",
    "close_street",
    "load_profiles",
    "snap",
]
