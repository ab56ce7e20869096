"""Suitability of ground: factors on a grid, weighed and added, with what is out of the question kept out."""

from siting.inputs.grid import Grid
from siting.suitability.ahp import AhpWeights, ahp
from siting.suitability.exclusions import Exclusion, exclude_areas, exclude_outside, exclude_steep
from siting.suitability.factors import Factor, access_factor, distance_factor, people_factor
from siting.suitability.overlay import Reason, Suitability, overlay
from siting.suitability.scales import Classes, Linear, Scale, Steps, Threshold
from siting.suitability.scored import factor_scores, score_candidates
from siting.suitability.sensitivity import sensitivity

__all__ = [
    "AhpWeights",
    "Classes",
    "Exclusion",
    "Factor",
    "Grid",
    "Linear",
    "Reason",
    "Scale",
    "Steps",
    "Suitability",
    "Threshold",
    "access_factor",
    "ahp",
    "distance_factor",
    "exclude_areas",
    "exclude_outside",
    "exclude_steep",
    "factor_scores",
    "overlay",
    "people_factor",
    "score_candidates",
    "sensitivity",
]
