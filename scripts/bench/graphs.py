"""The graphs of the bench: real topologies and a lattice, all with whole millimetres, no loops, no parallel edges."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

Longs = NDArray[np.int64]
METRIC = "EPSG:32722"
"""Any CRS in metres does where coordinates are made up; it is the true one of Porto Alegre."""


class NoDataError(Exception):
    """The data of a graph are not at hand; the message says what to do."""


@dataclass(frozen=True)
class BenchGraph:
    """An undirected graph: node positions, ends of the edges, their lengths in millimetres."""

    name: str
    title: str
    xy: NDArray[np.float64]
    u: Longs
    v: Longs
    mm: Longs

    @property
    def n(self) -> int:
        """Number of nodes."""
        return len(self.xy)

    def csr(self) -> csr_array:
        """Lengths as a symmetric matrix of millimetres: sums of whole floats below 2**53 are exact."""
        rows, columns = np.concatenate([self.u, self.v]), np.concatenate([self.v, self.u])
        weight = np.concatenate([self.mm, self.mm]).astype(np.float64)
        made = csr_array((weight, (rows, columns)), shape=(self.n, self.n))
        if made.nnz != len(weight):
            msg = f"{self.name}: parallel edges were added up; graphs of the bench have none"
            raise ValueError(msg)
        return made

    def save(self, path: Path) -> None:
        """Write the graph for a process that measures one contender alone."""
        np.savez(path, name=self.name, title=self.title, xy=self.xy, u=self.u, v=self.v, mm=self.mm)

    @classmethod
    def load(cls, path: Path) -> "BenchGraph":
        """Read what `save` wrote."""
        with np.load(path) as data:
            return cls(str(data["name"]), str(data["title"]), data["xy"], data["u"], data["v"], data["mm"])


def plain(name: str, title: str, xy: NDArray[np.float64], u: Longs, v: Longs, mm: Longs) -> BenchGraph:
    """Drop loops and keep the shortest of parallel edges; 1 mm is the least, as sparse matrices drop zeros."""
    low, high, mm = np.minimum(u, v), np.maximum(u, v), np.maximum(mm, 1)
    order = np.lexsort((mm, high, low))
    low, high, mm = low[order], high[order], mm[order]
    first = low != high
    first[1:] &= (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    low, high, mm = (np.ascontiguousarray(a[first], dtype=np.int64) for a in (low, high, mm))
    return BenchGraph(
        name, f"{title}, {len(xy):,} nodes, {len(low):,} edges", np.asarray(xy, dtype=float), low, high, mm
    )


def porto_alegre(data: Path) -> BenchGraph:
    """Streets of central Porto Alegre with every vertex of OpenStreetMap a node."""
    from pyproj import CRS

    from siting.inputs.osm import read_streets
    from siting.network.build import project
    from siting.units import metres_to_mm

    streets = read_streets(porto_alegre_file(data))
    xy = project(streets, CRS(METRIC))
    inside = np.ones(len(streets.way_node), dtype=bool)
    inside[streets.way_ptr[1:] - 1] = False
    at = np.flatnonzero(inside)
    u, v = streets.way_node[at], streets.way_node[at + 1]
    mm = metres_to_mm(np.hypot(*(xy[v] - xy[u]).T))
    return plain("porto-alegre", "Porto Alegre on foot", xy, u, v, mm)


def porto_alegre_file(data: Path) -> Path:
    """Path of the OSM extract."""
    return there(data / "porto-alegre" / "poa_osm.osm.pbf")


def florida(data: Path) -> BenchGraph:
    """Read the road graph of Florida; it has no lengths: they are drawn, whole millimetres, median 100 m.

    Whole millimetres let peers that add floats come to the same sums as integers do; with lengths this varied, sums
    hit a cutoff or each other so rarely that each such case can be looked into. Positions are made up too, a node
    number a place: some peers ask for them, none of the answers depends on them.
    """
    path = there(data / "us-road-graphs" / "FLA.gr.xz")
    ends = pd.read_csv(path, sep=" ", skiprows=1, header=None, dtype=np.int64).to_numpy() - 1
    n = int(pd.read_csv(path, sep=" ", nrows=1, header=None).iloc[0, 2])
    rng = np.random.default_rng(1)
    mm = np.clip(rng.lognormal(np.log(100_000), 0.6, len(ends)), 5_000, 2_000_000).astype(np.int64)
    row, column = np.divmod(np.arange(n), int(np.sqrt(n)) + 1)
    return plain("florida", "Florida, drawn lengths", np.column_stack([column, row]) * 100.0, *ends.T, mm)


def generated(nodes: int) -> BenchGraph:
    """Make the synthetic city of `scripts/make_city.py`, every bend a node."""
    import make_city

    city: Any = make_city.make_city(nodes, seed=1)
    return plain("generated", "Synthetic city", city.xy, city.u, city.v, city.length_mm)


def lattice(side: int, seed: int = 1) -> BenchGraph:
    """Make a square lattice with drawn lengths: small, for a quick run without any data."""
    rng = np.random.default_rng(seed)
    number = np.arange(side * side).reshape(side, side)
    u = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    v = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    mm = rng.integers(60_000, 140_000, len(u))
    row, column = np.divmod(np.arange(side * side), side)
    return plain("lattice", "Lattice", np.column_stack([column, row]) * 100.0, u, v, mm)


def there(path: Path) -> Path:
    """Return the path if there is such a file."""
    if not path.is_file():
        msg = f"{path}: no such file; give the folder of the data with --data, or take --graph generated"
        raise NoDataError(msg)
    return path
