"""Facility siting and coverage for city planners: exact walking distances, cited clauses, proved answers."""

__version__ = "0.1.0"
