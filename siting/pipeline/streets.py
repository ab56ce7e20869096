"""The street networks of a study, by mode."""

from siting.errors import InputError
from siting.network import Network
from siting.pipeline.sources import Sources
from siting.study import Study
from siting.study.settings import Mode


def build_network(study: Study, sources: Sources, mode: Mode = "walk") -> Network | None:
    """Build the network of a study for one mode; None where it has no streets."""
    streets = study.settings.streets
    if streets is None:
        return None
    if sources.streets_osm is not None:
        return Network.from_streets(
            sources.streets_osm.streets, sources.crs, mode=mode, min_component_share=streets.min_component_share
        )
    if sources.streets_lines is None:
        msg = f"streets: '{streets.source}' is neither an OSM file nor a line layer"
        raise InputError(msg)
    return Network.from_lines(
        sources.streets_lines,
        crs=sources.crs,
        mode=mode,
        snap_tolerance_m=streets.snap_tolerance_m,
        node_crossings=streets.node_crossings,
        min_component_share=streets.min_component_share,
    )
