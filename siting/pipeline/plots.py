"""Where new facilities may stand: the candidates of one `[[locate]]` entry, and what they must keep clear of."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from siting.coverage import Audit
from siting.errors import InputError
from siting.locate import make_candidates
from siting.network import Network
from siting.pipeline.people import People
from siting.pipeline.reading import Reader
from siting.pipeline.sources import Sources
from siting.pipeline.suitable import with_suitability
from siting.study import Study
from siting.study.settings import LocateTable
from siting.study.study import CANDIDATE_KINDS
from siting.suitability import Suitability

_FOOTWAY_RULE = "walk.footway_width"
_AREAS = ("Polygon", "MultiPolygon")
_GROUNDS_KEPT = {
    "school": "school_grounds",
    "hospital": "hospital_grounds",
    "government": "government_grounds",
    "religious": "religious_grounds",
    "transport": "transport_land",
    "utilities": "utility_grounds",
    "industrial": "industrial_land",
    "military": "military_land",
}
"""OSM grounds on which no public facility is proposed, and the name of the exclusion that holds them."""
_LAND_KEPT = {
    "military": "military_land",
    "transport": "transport_land",
    "cemetery": "cemeteries",
    "golf_course": "golf_courses",
    "extraction": "landfills_and_quarries",
}
"""The same for OSM land use."""
_PLACES_KEPT = {"sports_ground": "sports_grounds", "playground": "playgrounds"}
"""The same for facilities that are drawn as areas."""


@dataclass(frozen=True, slots=True)
class TakenGround:
    """What new sites must keep clear of: areas by the name of the exclusion, and carriageways (None: not known).

    ``suitability`` scores candidates, where the study weighs it.
    """

    exclusions: Mapping[str, gpd.GeoDataFrame]
    roads: gpd.GeoDataFrame | None
    suitability: Suitability | None = None


def taken_ground(sources: Sources, suitability: Suitability | None = None) -> TakenGround:
    """Gather what stands in a study area, and how suitable its ground is; all its plans share it."""
    return TakenGround(exclusions_of(sources), _roads(sources), suitability)


def check_candidates(entry: LocateTable, sources: Sources) -> None:
    """Refuse candidates on vacant land where there is none."""
    if entry.candidates.source == "vacant" and sources.vacant is None:
        msg = f"locate '{entry.name}': there is no vacant land; give [land] vacant, or candidates = \"street\""
        raise InputError(msg)


def gather_candidates(
    entry: LocateTable,
    study: Study,
    sources: Sources,
    network: Network | None,
    demand: People,
    gaps: gpd.GeoDataFrame,
    judged: Audit | None,
    taken: TakenGround,
) -> gpd.GeoDataFrame:
    """Find the candidates of an entry and test each against everything that is known to stand there.

    Raises
    ------
    InputError
        The study has no vacant land, or the entry's own layer cannot be used.
    """
    table = entry.candidates
    kind = table.source if table.source in CANDIDATE_KINDS else "layer"
    layer = None
    if kind == "layer":
        reader = Reader(study)
        read = reader.layer(f"locate '{entry.name}' candidates", table, "any", sources.crs)
        reader.faults.raise_any()
        layer = read.frame if read else None
    check_candidates(entry, sources)
    if kind == "gaps" and (judged is None or not judged.judged):
        msg = f"locate '{entry.name}': candidates = \"gaps\" needs an [[audit]] of the same rule that could be judged"
        raise InputError(msg)
    name = judged.name if judged is not None else ""
    if kind == "gaps" and not (gaps["rule"] == name).any():
        msg = f"locate '{entry.name}': audit '{name}' leaves nobody unserved, so it has no gaps; leave this entry out"
        raise InputError(msg)
    found = make_candidates(
        kind,  # type: ignore[arg-type]
        streets=None if network is None else network.edges_frame(),
        land=sources.vacant if kind == "vacant" else None,
        gaps=gpd.GeoDataFrame(gaps[gaps["rule"] == name]) if kind == "gaps" else None,
        demand=demand.points if kind == "gaps" else None,
        layer=layer,
        exclusions=taken.exclusions,
        roads=taken.roads,
        footway_m=_footway_m(study),
        within=sources.boundary,
        spacing_m=table.spacing_m,
        max_candidates=table.max_candidates,
        **({} if table.min_area_m2 is None else {"min_area_m2": table.min_area_m2}),
    )
    plots = {"vacant": sources.vacant, "layer": layer}.get(kind)
    found = with_suitability(found, taken.suitability, entry, plots)
    asked = [c for c in (entry.cost, entry.capacity) if isinstance(c, str) and c not in found.columns]
    if plots is None:
        return found
    # Plots keep their ids, so what each costs and holds is found by them.
    ids = (plots["id"] if "id" in plots.columns else plots.index).astype(str)
    known = {c: plots[c].set_axis(ids).reindex(found.index) for c in asked if c in plots.columns}
    return gpd.GeoDataFrame(found.assign(**known)) if known else found


def _footway_m(study: Study) -> float:
    """Width that stays free beside a carriageway: what the catalogue asks of a footway."""
    width = study.catalogue[_FOOTWAY_RULE].threshold
    return width if isinstance(width, float) else 0.0


def _roads(sources: Sources) -> gpd.GeoDataFrame | None:
    """Return the carriageways, on which nothing is proposed: also those that nobody walks on."""
    if sources.streets_osm is None:
        return None
    return Network.from_streets(sources.streets_osm.streets, sources.crs, mode="drive").edges_frame()


def exclusions_of(sources: Sources) -> dict[str, gpd.GeoDataFrame]:
    """Where nothing is proposed: water, buildings, grounds of one use, and the study's own layers."""
    found: dict[str, gpd.GeoDataFrame] = {}
    if sources.water is not None:
        found["water"] = sources.water
    if sources.buildings is not None:
        found["buildings"] = sources.buildings
    kept = [(sources.facilities, "class", _PLACES_KEPT)]
    if sources.osm is not None:
        kept += [(sources.osm.grounds, "kind", _GROUNDS_KEPT), (sources.osm.land, "kind", _LAND_KEPT)]
    for layer, column, names in kept:
        for kind, name in names.items():
            areas = layer[(layer[column] == kind) & layer.geom_type.isin(_AREAS)]
            if len(areas):
                areas = areas[["geometry"]].to_crs(sources.crs)
                found[name] = gpd.GeoDataFrame(pd.concat([found[name], areas]) if name in found else areas)
    for name, layer in sources.exclusions.items():
        found[name] = gpd.GeoDataFrame(layer[layer.geom_type.isin(_AREAS)])
    return {name: layer for name, layer in found.items() if len(layer)}
