"""What a plant keeps away from in one city: the study's layers, the city's own homes and exclusions, and what lacks."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd

from siting.ledger import Text
from siting.locate.candidates.exclusions import layer_text
from siting.themes.city import City
from siting.themes.waste.ground import Keep
from siting.themes.waste.plants.kinds import TARGETS, PlantKind

_SCHOOLS = ("kindergarten", "nursery", "combined_school", "primary_school", "junior_school", "school")
_HOSPITALS = ("hospital",)
OF_STUDY = Text("研究的禁建图层", "ground that the study excludes")
HOMES_BY = {
    "residential": Text("以居住用地为准", "homes are taken from residential land"),
    "buildings": Text("以全部建筑为准（缺居住用地）", "every building is taken for a home (no residential land)"),
    "demand": Text("以人口点为准（缺居住用地与建筑）", "homes are taken from the points of people"),
}


def homes_of(city: City) -> tuple[gpd.GeoDataFrame, Text] | None:
    """Return where people live, as well as the city knows, and what was taken for it."""
    for name, layer in (("residential", city.residential), ("buildings", city.buildings), ("demand", city.demand)):
        if layer is not None and len(layer):
            return layer, HOMES_BY[name]
    return None


def surroundings(
    city: City, kind: PlantKind, keep: Sequence[Keep]
) -> tuple[tuple[Keep, ...], tuple[tuple[Text, Text], ...]]:
    """Gather what a kind of plant keeps away from.

    Parameters
    ----------
    keep : of the study; one named as a target (`TARGETS`) takes the clauses of the kind and stands in place of the
        city's own layer. The city's exclusions may not be overlapped, as if the study had given each 0 m

    Returns
    -------
    The layers with their clauses; and (what is not judged, why) for targets that clauses name and no layer shows
    """
    given = [kind.named(k) for k in keep]
    names = {k.name for k in given}
    missing: list[tuple[Text, Text]] = []
    own: list[Keep] = []
    if "homes" not in names:
        found = homes_of(city)
        if found is not None:
            own.append(Keep(name="homes", title=TARGETS["homes"], layer=found[0]))
    for name, classes in (("schools", _SCHOOLS), ("hospitals", _HOSPITALS)):
        here = city.of_class(*classes)
        if name not in names and len(here):
            own.append(Keep(name=name, title=TARGETS[name], layer=here))
    made = [*given, *(kind.named(k) for k in own)]
    names = {k.name for k in made}
    missing += [
        (TARGETS[name], Text("缺少图层，无数据不等于没有", "no such layer; no data does not mean none"))
        for name in kind.clauses
        if name not in names
    ]
    made += [
        Keep(name=name, title=layer_text(name), layer=layer, distance_m=0.0, source=OF_STUDY)
        for name, layer in city.exclusions.items()
        if name not in names
    ]
    return tuple(made), tuple(missing)
