"""Charging: spaces ready for electric cars, public stations, where the next go, and sheds for electric bicycles."""

from siting.themes.charging.assumed import Assumed
from siting.themes.charging.audit import Charging, audit_charging
from siting.themes.charging.sheds import Sheds, site_sheds
from siting.themes.charging.siting_stations import ChargingPlan, site_charging
from siting.themes.charging.station_places import Size, station_places

__all__ = [
    "Assumed",
    "Charging",
    "ChargingPlan",
    "Sheds",
    "Size",
    "audit_charging",
    "site_charging",
    "site_sheds",
    "station_places",
]
