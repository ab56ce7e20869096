"""Public parking: spaces against cars within a walk, who is short, and what opening other lots gives."""

from siting.themes.parking.audit import Parking, audit_parking, lacks_parking
from siting.themes.parking.supply import parking_supply

__all__ = ["Parking", "audit_parking", "lacks_parking", "parking_supply"]
