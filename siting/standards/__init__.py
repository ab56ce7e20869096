"""Standards as data: facility classes and rules, each with document, clause and how well it was read."""

from siting.standards.catalogue import Catalogue, load_catalogue
from siting.standards.classes import (
    FacilityClass,
    check_class_ids,
    load_classes,
    match_osm,
    nearest_class,
    osm_keys,
    places_counting_as,
)
from siting.standards.entries import Document
from siting.standards.explain import explain_rule, rule_rows, rules_table
from siting.standards.labels import (
    DENOMINATORS,
    DISTANCES,
    LAND_PARTS,
    METRICS,
    TOPICS,
    clause_text,
    document_text,
    figure_text,
    level_text,
    unit_text,
)
from siting.standards.model import Denominator, DistanceKind, LandPart, Metric, Reading, Rule, SeenIn, Source, Target
from siting.standards.overrides import override
from siting.standards.strictness import laxer_than

__all__ = [
    "DENOMINATORS",
    "DISTANCES",
    "LAND_PARTS",
    "METRICS",
    "TOPICS",
    "Catalogue",
    "Denominator",
    "DistanceKind",
    "Document",
    "FacilityClass",
    "LandPart",
    "Metric",
    "Reading",
    "Rule",
    "SeenIn",
    "Source",
    "Target",
    "check_class_ids",
    "clause_text",
    "document_text",
    "explain_rule",
    "figure_text",
    "laxer_than",
    "level_text",
    "load_catalogue",
    "load_classes",
    "match_osm",
    "nearest_class",
    "osm_keys",
    "override",
    "places_counting_as",
    "rule_rows",
    "rules_table",
    "unit_text",
]
