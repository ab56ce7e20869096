"""Streets as they are read: nodes with coordinates, ways as sequences of nodes, and the tags that matter later."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from siting.errors import NetworkDataError
from siting.ledger import Account

TAG_COLUMNS = (
    "way_id", "piece", "highway", "name", "bridge", "tunnel", "layer", "steps", "covered", "indoor", "area", "surface",
    "wheelchair", "incline", "maxspeed", "service", "footway", "hgv", "maxweight", "maxheight", "walk", "walk_forward",
    "walk_backward", "drive_forward", "drive_backward",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Streets:
    """Ways that people walk or drive on.

    Attributes
    ----------
    node_id : int64, shape (n,)
        Stable node numbers (OSM ids), ascending and without repeats: two ways meet where they share one.
    lon, lat : float64, shape (n,)
        Coordinates of the nodes in `crs` (x and y if it is projected).
    way_ptr : int64, shape (w + 1,)
        Way ``i`` passes ``way_node[way_ptr[i]:way_ptr[i + 1]]``, two nodes at least, no node twice in a row.
    way_node : int64, shape (k,)
        Positions into the node arrays.
    tags : table of w rows
        ``way_id`` ("way/123"; a way cut into pieces has several rows, numbered by ``piece``), ``highway``, ``name``,
        ``bridge``, ``tunnel``, ``layer`` (int), ``steps``, ``covered``, ``indoor``, ``area`` (outline of a square),
        ``surface``, ``wheelchair``, ``incline``, ``maxspeed`` (texts or None), ``service``, ``footway``, what closes a
        way to trucks (``hgv``, ``maxweight``, ``maxheight``), and who may pass: ``walk`` (``walk_forward``,
        ``walk_backward`` differ only by oneway:foot), ``drive_forward``, ``drive_backward``.
    crs : coordinate system of lon and lat
    account : what became of the ways of the file
    """

    node_id: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    way_ptr: NDArray[np.int64]
    way_node: NDArray[np.int64]
    tags: pd.DataFrame
    crs: CRS
    account: Account

    def __post_init__(self) -> None:
        n, w = len(self.node_id), len(self.tags)
        if not (len(self.lon) == len(self.lat) == n and len(self.way_ptr) == w + 1):
            msg = f"streets: {n} nodes, {len(self.lon)} coordinates, {w} ways, {len(self.way_ptr)} way starts disagree"
            raise NetworkDataError(msg)
        if int(self.way_ptr[-1]) != len(self.way_node) or (w and int(np.diff(self.way_ptr).min()) < 2):
            msg = "streets: every way needs two nodes at least, and the ways together all node positions"
            raise NetworkDataError(msg)
        missing = [c for c in TAG_COLUMNS if c not in self.tags.columns]
        if missing:
            msg = f"streets: the way table lacks {', '.join(missing)}"
            raise NetworkDataError(msg)

    def __len__(self) -> int:
        return len(self.tags)

    def select(self, keep: NDArray[np.bool_] | Sequence[bool]) -> "Streets":
        """Return the ways that ``keep`` (shape (w,)) marks and the nodes they use; the account stays."""
        mask = np.asarray(keep, dtype=bool)
        size = np.diff(self.way_ptr)
        node = self.way_node[np.repeat(mask, size)]
        used, position = np.unique(node, return_inverse=True)
        return Streets(
            node_id=self.node_id[used],
            lon=self.lon[used],
            lat=self.lat[used],
            way_ptr=np.concatenate(([0], np.cumsum(size[mask]))).astype(np.int64),
            way_node=position.astype(np.int64).reshape(-1),
            tags=self.tags[mask].reset_index(drop=True),
            crs=self.crs,
            account=self.account,
        )
