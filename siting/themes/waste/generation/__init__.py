"""How much waste arises, where and of which stream: people, shops, kitchens, markets and building sites."""

from siting.themes.waste.generation.generated import Generation, waste_generated
from siting.themes.waste.generation.sources import ORIGINS, Source
from siting.themes.waste.generation.volumes import Container
from siting.themes.waste.generation.years import Year, growing

__all__ = ["ORIGINS", "Container", "Generation", "Source", "Year", "growing", "waste_generated"]
