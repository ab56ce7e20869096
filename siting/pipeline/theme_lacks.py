"""The inputs that the themes of a study need and it has not, theme by theme."""

from siting.coverage import Searches
from siting.network import Network
from siting.pipeline.charging import charging_lacks
from siting.pipeline.lacking import Lack, note_refused
from siting.pipeline.parking_sites import parking_lacks
from siting.pipeline.people import People
from siting.pipeline.reading import Reader
from siting.pipeline.sources import Sources
from siting.pipeline.toilet_lacks import toilet_lacks
from siting.pipeline.waste_lacks import waste_lacks
from siting.study import Study
from siting.themes import City


def check_themes(study: Study, sources: Sources, network: Network | None, demand: People) -> None:
    """Refuse a study whose tables of themes ask for what it has not, all at once, before anything is computed.

    Raises
    ------
    InputError
        Kinds of places without a layer, quotas without zones, distances on foot without streets, and the like.
    """
    reader = Reader(study)
    note_refused(theme_lacks(study, sources, network, demand), reader)
    reader.faults.raise_any()


def theme_lacks(study: Study, sources: Sources, network: Network | None, demand: People) -> tuple[Lack, ...]:
    """List what the tables of themes lack; nothing is computed.

    Parameters
    ----------
    network : walking streets
    """
    city = City(
        network=network,
        demand=demand.points,
        facilities=sources.facilities,
        catalogue=study.catalogue,
        searches=Searches(network, study.settings.study.max_snap_m, sources.entrances),
        zones=sources.zones,
        green=sources.green,
        vacant=sources.vacant,
        buildings=sources.buildings,
        old_estates=sources.old_estates,
        boundary=sources.boundary,
        residential=sources.residential,
        max_snap_m=study.settings.study.max_snap_m,
    )
    return (
        *toilet_lacks(study, city, sources.toilets),
        *parking_lacks(study, city, sources.floors, sources.parking),
        *charging_lacks(study, city, sources.charging),
        *waste_lacks(study, city, sources.waste),
    )
