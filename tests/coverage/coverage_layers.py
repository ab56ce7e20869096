"""Layers small enough to compute by hand, and streets of a chessboard: the way from place to place is |dx| + |dy|."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.coverage import Searches
from siting.ledger import Text
from siting.standards.model import Reading, Rule, Source, Target

CRS = "EPSG:4547"
ALL_READ = dict.fromkeys(("threshold", "target", "denominator", "distance"), Reading.CLAUSE)


def make_rule(**changes):
    """A rule of 500 m to a public toilet, for tests; every part may be changed."""
    fields = {
        "id": "test.rule",
        "name": Text("测试", "Test"),
        "topic": "public_toilet",
        "tier": "city",
        "facility": ("public_toilet",),
        "metric": "network_distance",
        "operator": "<=",
        "threshold": 500.0,
        "unit": "m",
        "distance": "network",
        "denominator": "people",
        "target": None,
        "confidence": Reading.CLAUSE,
        "readings": dict(ALL_READ),
        "source": Source(document="GB 0", title="测试", clause="1.1", status="in force"),
    }
    return Rule(**(fields | changes))


def with_target(share, operator=">=", **changes):
    return make_rule(target=Target(share=share, operator=operator), **changes)


def points(xy, ids=None, **columns):
    """A layer of points."""
    xy = np.asarray(xy, dtype=float).reshape(-1, 2)
    ids = [f"P{k:02d}" for k in range(len(xy))] if ids is None else ids
    index = pd.Index(ids, name="id", dtype="str")
    return gpd.GeoDataFrame(columns, geometry=shapely.points(xy), index=index, crs=CRS)


def areas(shapes, ids, **columns):
    """A layer of polygons."""
    return gpd.GeoDataFrame(columns, geometry=list(shapes), index=pd.Index(ids, name="id", dtype="str"), crs=CRS)


def toilets(xy, ids=None):
    ids = [f"T{k}" for k in range(len(np.asarray(xy).reshape(-1, 2)))] if ids is None else ids
    return points(xy, ids, **{"class": "public_toilet", "name": None})


class Chessboard(Searches):
    """Searches on streets that run everywhere east-west and north-south; areas are entered at their corners.

    Counts its searches, and calls nobody farther than ``cut_off_beyond`` reachable.
    """

    def __init__(self, network, cut_off_beyond=np.inf):
        super().__init__(network)
        self.made = []
        self.cut_off_beyond = cut_off_beyond

    def _search(self, points, facilities, kind):
        self.made.append((kind, len(points)))
        start = shapely.get_coordinates(np.asarray(points.geometry))
        if kind == "straight":
            cost = shapely.distance(np.asarray(points.geometry)[:, None], np.asarray(facilities.geometry)[None, :])
        else:
            corner, owner = shapely.get_coordinates(np.asarray(facilities.geometry), return_index=True)
            way = np.abs(start[:, None, :] - corner[None, :, :]).sum(axis=2)
            way[way > self.cut_off_beyond] = np.inf
            cost = np.stack([way[:, owner == k].min(axis=1) for k in range(len(facilities))], axis=1)
        first = cost.argmin(axis=1)
        least = cost[np.arange(len(points)), first]
        name = np.where(np.isfinite(least), facilities.index.to_numpy().astype(object)[first], None)
        return pd.DataFrame({"facility": name, "cost": least}, index=points.index)

    def _entries(self, facilities):
        corner, owner = shapely.get_coordinates(np.asarray(facilities.geometry), return_index=True)
        kind = np.where(shapely.get_type_id(np.asarray(facilities.geometry)) == 0, "point", "gate")
        table = {"facility": facilities.index[owner], "kind": kind[owner], "snapped": True}
        return gpd.GeoDataFrame(table, geometry=shapely.points(corner), crs=facilities.crs)
