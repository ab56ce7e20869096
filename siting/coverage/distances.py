"""The nearest-facility searches of a study, each made once and remembered for the next rule."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.access import entries, nearest_by_entries, nearest_straight
from siting.errors import InputError
from siting.network.snap import Snapped, snap
from siting.network.threads import cores
from siting.standards.model import DistanceKind

if TYPE_CHECKING:
    from siting.network.graph import Network

Kind = Literal["network", "straight"]
NO_ENTRY_COLUMNS = ["facility", "kind", "snapped"]


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """Nearest facility of each point.

    Attributes
    ----------
    cost : shape (n,), metres (seconds, where the network has times), ``inf`` = no path
    facility : shape (n,), facility id, None where there is no path
    """

    cost: NDArray[np.float64]
    facility: NDArray[np.object_]
    _shown: list[pd.Series] = field(default_factory=list, repr=False)

    def columns(self, index: pd.Index) -> tuple[pd.Series, pd.Series]:
        """Cost and facility as columns of a table of the points.

        The tables of all rules with this search share its memory: the columns are kept here, so that pandas knows of
        it and copies before one of the tables is written to.
        """
        if self._shown and self._shown[0].index.is_(index):
            return self._shown[0], self._shown[1]
        copy = bool(self._shown)
        cost = pd.Series(self.cost, index=index, copy=copy)
        facility = pd.Series(self.facility, index=index, dtype=object, copy=copy)
        if not copy:
            self._shown.extend([cost, facility])
        return cost, facility

    @classmethod
    def none(cls, n: int) -> Nearest:
        """Build the answer where nothing can be reached."""
        return cls(np.full(n, np.inf), np.full(n, None, dtype=object))

    @classmethod
    def of(cls, table: pd.DataFrame) -> Nearest:
        """Read the table of a search, which is in the order of the points."""
        facility = table["facility"].to_numpy(dtype=object, copy=True)
        facility[table["facility"].isna().to_numpy()] = None
        return cls(table["cost"].to_numpy(dtype=np.float64), facility)


@dataclass(eq=False)
class Searches:
    """Distances of one study: the same points to the same facilities are searched for once.

    Hand one of these to every `audit` of a study: rules that share facilities (300 m and 500 m to a park) then share
    their searches.

    Attributes
    ----------
    network : streets, or None where the study has none: then only straight lines are known
    max_snap_m : a point farther from every street is unsnapped, hence has no path
    entrances : mapped entrance points, at which area facilities are entered
    sharing : searches over the same streets, whose straight lines (and, where no street is closed, entries) hold here
        too: those of a network without times, for one with times
    """

    network: Network | None
    max_snap_m: float = 500.0
    entrances: gpd.GeoDataFrame | None = None
    sharing: Searches | None = None
    _known: dict[tuple[str, ...], object] = field(default_factory=dict, repr=False)

    def nearest(self, points: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, kind: Kind) -> Nearest:
        """Search the nearest facility of every point, without a cutoff.

        Parameters
        ----------
        points : layer of points, index = id
        facilities : points or areas, index = id; may be empty
        """
        return self._nearest(points, _places(points), facilities, kind)

    def both(self, points: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame) -> dict[DistanceKind, Nearest]:
        """Search over the streets and in a straight line, side by side."""
        places = _places(points)
        self.entries(facilities)  # fills what both threads would else begin

        def one(kind: Kind) -> Nearest:
            return self._nearest(points, places, facilities, kind)

        if cores() == 1:
            return {"network": one("network"), "straight": one("straight")}
        with ThreadPoolExecutor(1) as pool:
            walked = pool.submit(one, "network")
            straight = one("straight")
            return {"network": walked.result(), "straight": straight}

    def _nearest(self, points: gpd.GeoDataFrame, places: str, facilities: gpd.GeoDataFrame, kind: Kind) -> Nearest:
        if not len(facilities) or (kind == "network" and self.network is None):
            return Nearest.none(len(points))
        if kind == "straight" and self.sharing is not None:
            return self.sharing._nearest(points, places, facilities, kind)
        key = (kind, places, _fingerprint(facilities))
        if key not in self._known:
            self._known[key] = Nearest.of(self._search(points, facilities, kind))
        found = self._known[key]
        assert isinstance(found, Nearest)
        return found

    def entries(self, facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """List where facilities are entered, and whether each such point reaches a street (column ``snapped``)."""
        if self.network is None or not len(facilities):
            empty = pd.DataFrame({name: pd.Series(dtype=object) for name in NO_ENTRY_COLUMNS})
            return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=facilities.crs), crs=facilities.crs)
        if self.sharing is not None and _same_places(self.network, self.sharing.network):
            return self.sharing.entries(facilities)
        key = ("entries", _fingerprint(facilities))
        if key not in self._known:
            self._known[key] = self._entries(facilities)
        found = self._known[key]
        assert isinstance(found, gpd.GeoDataFrame)
        return found

    def _search(self, points: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, kind: Kind) -> pd.DataFrame:
        if kind == "straight" or self.network is None:
            return nearest_straight(points, facilities)
        found = self.entries(facilities)
        at = self._snapped(points)
        return nearest_by_entries(self.network, points, facilities, found, max_snap_m=self.max_snap_m, at=at)

    def _snapped(self, points: gpd.GeoDataFrame) -> Snapped:
        """Place points on the streets, once for all the facilities that they are searched for."""
        key = ("snapped", _places(points))
        if key not in self._known:
            assert self.network is not None
            self._known[key] = snap(self.network, points, self.max_snap_m, name="demand")
        found = self._known[key]
        assert isinstance(found, Snapped)
        return found

    def _entries(self, facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        assert self.network is not None
        return entries(self.network, facilities, self.entrances, max_snap_m=self.max_snap_m)


def searches_for(
    network: Network | None, searches: Searches | None, max_snap_m: float, entrances: gpd.GeoDataFrame | None
) -> Searches:
    """Take the searches of the study, or begin new ones."""
    if searches is None:
        return Searches(network, max_snap_m, entrances)
    if searches.network is not network or searches.entrances is not entrances or searches.max_snap_m != max_snap_m:
        msg = "searches were made with another network, max_snap_m or entrances; give audit the same ones"
        raise InputError(msg)
    return searches


def _same_places(network: Network, other: Network | None) -> bool:
    """Whether points are placed alike on both: one is the other with times, and closes no street."""
    if other is None or network.edge_coords is not other.edge_coords:
        return False
    return bool(np.array_equal(network.edge_carries, other.edge_carries))


def _places(points: gpd.GeoDataFrame) -> str:
    """Tell point layers apart by their places."""
    xy = shapely.get_coordinates(np.asarray(points.geometry))
    return hashlib.sha256(f"{len(points)} {points.crs}".encode() + np.ascontiguousarray(xy).tobytes()).hexdigest()


def _fingerprint(facilities: gpd.GeoDataFrame) -> str:
    """Tell facility layers apart by their ids and shapes."""
    digest = hashlib.sha256()
    digest.update("\0".join(facilities.index.astype(str)).encode())
    digest.update(b"\0".join(shape or b"" for shape in shapely.to_wkb(np.asarray(facilities.geometry))))
    return digest.hexdigest()
