"""Ways by road between sources, stations and plants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from siting.access import cost_matrix
from siting.errors import InputError
from siting.inputs.schema import listed
from siting.ledger import Finding, Text
from siting.themes.waste.chain.layers import Sites, Sources
from siting.themes.waste.streams import STREAMS, Stream

if TYPE_CHECKING:
    from siting.network import Network

_M_PER_KM = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class Roads:
    """Kilometres of loaded way, one-way streets kept; ``inf`` where there is no way.

    Attributes
    ----------
    collect : shape (n_sources, n_stations)
    haul : shape (n_stations, n_plants)
    direct : shape (n_sources, n_plants)
    """

    collect: NDArray[np.float64]
    haul: NDArray[np.float64]
    direct: NDArray[np.float64]

    def of_sources(self, rows: NDArray[np.intp]) -> Roads:
        """Return the ways of some sources, by position."""
        return Roads(collect=self.collect[rows], haul=self.haul, direct=self.direct[rows])


def roads_between(
    network: Network,
    sources: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame,
    plants: gpd.GeoDataFrame,
    *,
    max_snap_m: float,
) -> Roads:
    """Return the ways between all of them; an area is entered at its edge, and left from there."""
    gate = stations.set_geometry(stations.geometry.representative_point())
    return Roads(
        collect=_table(network, sources, stations, max_snap_m),
        haul=_table(network, gate, plants, max_snap_m),
        direct=_table(network, sources, plants, max_snap_m),
    )


def _table(network: Network, here: gpd.GeoDataFrame, there: gpd.GeoDataFrame, max_snap_m: float) -> NDArray[np.float64]:
    if not len(here) or not len(there):
        return np.full((len(here), len(there)), np.inf)
    return cost_matrix(network, here, there, None, max_snap_m=max_snap_m).to_dense() / _M_PER_KM


def with_ways(
    network: Network,
    read: Sources,
    streams: Sequence[Stream],
    stations: Sites,
    plants: Sites,
    direct: Mapping[Stream, bool],
    max_snap_m: float,
) -> tuple[Sources, Roads]:
    """Leave out, and list, sources from which no road leads to where a stream is taken, such as a one-way dead end.

    Returns the others with their ways.

    Raises
    ------
    InputError
        That is so for every source of a stream: then it is the layers that are wrong, or no plant takes the stream.
    """
    roads = roads_between(network, read.points, stations.frame, plants.frame, max_snap_m=max_snap_m)
    lost = np.zeros(len(read.points), dtype=bool)
    for k, stream in enumerate(streams):
        some, taken = read.tonnes[:, k] > 0, plants.takes[:, k]
        onward = np.isfinite(roads.haul[:, taken]).any(axis=1) & stations.takes[:, k]
        can = np.asarray(np.isfinite(roads.collect[:, onward]).any(axis=1))
        if direct[stream]:
            can |= np.isfinite(roads.direct[:, taken]).any(axis=1)
        if some.any() and not can[some].any():
            msg = (
                f"waste chain: no source of {STREAMS[stream].en} has a way over a station to a plant that takes it; "
                "check the places of stations and plants, their streams, and the streets"
            )
            raise InputError(msg)
        lost |= some & ~can
    if not lost.any():
        return read, roads
    n, t = int(lost.sum()), float(read.tonnes[lost].sum())
    text = Text(
        f"{n} 个产生点（共 {t:,.3g} 吨/日）没有车行道路通往转运站和处理厂，未进入收运",
        f"from {n} sources ({t:,.3g} t/d) no road leads to stations and plants; they are not carried",
    )
    ids = listed(read.points.index[lost].astype(str))
    found = Finding(code="waste_no_way", kind="dropped", count=n, text=text, ids=ids)
    kept = replace(
        read,
        points=gpd.GeoDataFrame(read.points[~lost]),
        tonnes=read.tonnes[~lost],
        findings=(*read.findings, found),
        left_out_t={s: read.left_out_t[s] + float(read.tonnes[lost, k].sum()) for k, s in enumerate(streams)},
    )
    return kept, roads.of_sources(np.flatnonzero(~lost))
