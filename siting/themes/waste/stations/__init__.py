"""Transfer stations: their classes, which fits which plot, and how far they serve."""

from siting.themes.waste.stations.classes import StationClass, class_of, class_table, station_classes
from siting.themes.waste.stations.fit import StationFit, fit_stations
from siting.themes.waste.stations.standing import StationCost

__all__ = [
    "StationClass",
    "StationCost",
    "StationFit",
    "class_of",
    "class_table",
    "fit_stations",
    "station_classes",
]
