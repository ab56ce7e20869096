"""Streets for tests, written as nodes and the ways over them, in metres of EPSG:32649."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from siting.inputs.streets import TAG_COLUMNS, Streets
from siting.ledger import Account
from siting.network import Network

METRES = CRS.from_epsg(32649)
TAGS = dict.fromkeys(TAG_COLUMNS) | {
    "highway": "residential", "bridge": False, "tunnel": False, "layer": 0, "steps": False, "piece": 0,
    "walk": True, "walk_forward": True, "walk_backward": True, "drive_forward": True, "drive_backward": True,
}  # fmt: skip


def streets(nodes: dict[str, tuple[float, float]], *ways: str | tuple[str, dict[str, object]]) -> Streets:
    """Ways such as ``"A B C"`` or ``("A B", {"bridge": True})`` over named nodes."""
    names = list(nodes)
    plain = [(way, {}) if isinstance(way, str) else way for way in ways]
    passed = [[names.index(n) for n in way.split()] for way, _ in plain]
    tags = [TAGS | {"way_id": f"way/{k}"} | own for k, (_, own) in enumerate(plain)]
    return Streets(
        node_id=np.arange(len(names), dtype=np.int64),
        lon=np.array([nodes[n][0] for n in names], dtype=float),
        lat=np.array([nodes[n][1] for n in names], dtype=float),
        way_ptr=np.cumsum([0] + [len(p) for p in passed]).astype(np.int64),
        way_node=np.array([n for p in passed for n in p], dtype=np.int64),
        tags=pd.DataFrame(tags),
        crs=METRES,
        account=Account(layer="streets", source="drawing", rows_in=len(ways), rows_used=len(ways)),
    )


def draw(nodes: dict[str, tuple[float, float]], *ways: str | tuple[str, dict[str, object]], **options) -> Network:
    """The network of such streets; every component carries points unless the options say otherwise."""
    return Network.from_streets(streets(nodes, *ways), METRES, **({"min_component_share": 0.0} | options))


def points(**at: tuple[float, float]) -> gpd.GeoDataFrame:
    """Point layer: ``points(home=(3, 4))``."""
    return gpd.GeoDataFrame(
        geometry=[shapely.Point(xy) for xy in at.values()], index=pd.Index(list(at), name="id"), crs=METRES
    )


def areas(**shape: shapely.Geometry) -> gpd.GeoDataFrame:
    """Area layer: ``areas(park=shapely.box(0, 0, 10, 10))``."""
    return gpd.GeoDataFrame(geometry=list(shape.values()), index=pd.Index(list(shape), name="id"), crs=METRES)
