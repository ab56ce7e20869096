"""What a plant keeps away from in one city: the study's layers, the city's own homes and exclusions, and what lacks."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.coverage.schema import keyed
from siting.ledger import Text
from siting.locate.candidates.exclusions import layer_text
from siting.themes.city import City, people_of
from siting.themes.waste.ground import Keep
from siting.themes.waste.plants.kinds import TARGETS, PlantKind

_SCHOOLS = ("kindergarten", "nursery", "combined_school", "primary_school", "junior_school", "school")
_HOSPITALS = ("hospital",)
OF_STUDY = Text("研究的禁建图层", "ground that the study excludes")


def homes_of(city: City) -> gpd.GeoDataFrame | None:
    """Return where people live: residential land, buildings that hold people, and points of people in no building.

    Land alone may be incomplete, points alone have no edge; each home is measured by the nearest of what shows it.
    """
    known = people_of(city.demand)
    lived = city.demand if known is None else city.demand[known.to_numpy() > 0]
    points = np.asarray(lived.geometry.array, dtype=object)
    ids = lived.index.astype(str).to_numpy(dtype=object)
    parts = []
    if city.residential is not None and len(city.residential):
        parts.append(_shapes(keyed(city.residential)))
    if city.buildings is not None and len(city.buildings) and len(points):
        buildings = keyed(city.buildings)
        shapes = np.asarray(buildings.geometry.array, dtype=object)
        point, building = shapely.STRtree(shapes).query(points, predicate="intersects")
        parts.append(_shapes(buildings.iloc[np.unique(building)]))
        alone = np.setdiff1d(np.arange(len(points)), point)
        points, ids = points[alone], ids[alone]
    if len(points):
        parts.append(gpd.GeoDataFrame(geometry=gpd.GeoSeries(points, index=ids, crs=city.crs)))
    parts = [part for part in parts if len(part)]
    return gpd.GeoDataFrame(pd.concat(parts), crs=city.crs) if parts else None


def _shapes(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(layer[["geometry"]].set_axis(layer.index.astype(str), axis=0))


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
            own.append(Keep(name="homes", title=TARGETS["homes"], layer=found))
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
