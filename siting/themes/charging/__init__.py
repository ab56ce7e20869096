"""Charging: spaces ready for electric cars, public stations, where the next go, and sheds for electric bicycles."""

from siting.themes.charging.assumed import Assumed
from siting.themes.charging.audit import Charging, audit_charging
from siting.themes.charging.sheds import Sheds, site_sheds

__all__ = ["Assumed", "Charging", "Sheds", "audit_charging", "site_sheds"]
