"""Charging: spaces ready for electric cars, public stations, where the next go, and sheds for electric bicycles."""

from siting.themes.charging.assumed import Assumed
from siting.themes.charging.audit import Charging, audit_charging

__all__ = ["Assumed", "Charging", "audit_charging"]
