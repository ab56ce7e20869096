"""Plants and yards of waste: where they may not stand, which candidates pass, and which is best."""

from siting.themes.waste.plants.criteria import BUILT_IN
from siting.themes.waste.plants.kinds import KINDS, TARGETS, PlantKind
from siting.themes.waste.plants.mask import PlantMask, plant_mask
from siting.themes.waste.plants.ranking import Criterion, Ranking, rank_plants
from siting.themes.waste.plants.siting_plant import PlantSite, site_plant
from siting.themes.waste.plants.wind import Wind

__all__ = [
    "BUILT_IN",
    "KINDS",
    "TARGETS",
    "Criterion",
    "PlantKind",
    "PlantMask",
    "PlantSite",
    "Ranking",
    "Wind",
    "plant_mask",
    "rank_plants",
    "site_plant",
]
