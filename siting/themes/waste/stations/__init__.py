"""Transfer stations: their classes, which fits which plot, and how far they serve."""

from siting.themes.waste.stations.audit import StationAudit, audit_stations
from siting.themes.waste.stations.classes import StationClass, class_of, class_table, station_classes
from siting.themes.waste.stations.fit import StationFit, fit_stations
from siting.themes.waste.stations.standing import StationCost

__all__ = [
    "StationAudit",
    "StationClass",
    "StationCost",
    "StationFit",
    "audit_stations",
    "class_of",
    "class_table",
    "fit_stations",
    "station_classes",
]
