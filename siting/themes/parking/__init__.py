"""Public parking: spaces against cars within a walk, who is short, what opening other lots gives, and new ones."""

from siting.themes.parking.audit import Parking, audit_parking, lacks_parking
from siting.themes.parking.new_lots.lot_types import LotType
from siting.themes.parking.new_lots.siting_parking import ParkingPlan, site_parking
from siting.themes.parking.supply import parking_supply

__all__ = ["LotType", "Parking", "ParkingPlan", "audit_parking", "lacks_parking", "parking_supply", "site_parking"]
