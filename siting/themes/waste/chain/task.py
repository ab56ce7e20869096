"""What the chain is planned from: sources, stations, plants and the ways between them, read and measured once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from siting.coverage.schema import in_crs, keyed
from siting.errors import InputError
from siting.themes.waste.chain.gather import Gathered, gather
from siting.themes.waste.chain.layers import Sites, Sources, read_sites, read_sources, unpriced, without_cost
from siting.themes.waste.chain.outside import not_asked, off_the_roads
from siting.themes.waste.chain.question import Question
from siting.themes.waste.chain.rates import Rates, check_rates
from siting.themes.waste.chain.ways import Roads, with_ways
from siting.themes.waste.streams import Stream, tonnes_of

if TYPE_CHECKING:
    from siting.network import Network

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class ChainTask:
    """What a plan is made from.

    Attributes
    ----------
    question : for the sources as they were gathered
    read : all sources that are carried
    roads : ways of all of them
    unpriced : ids of candidates that were left out since they would be free
    """

    network: Network
    question: Question
    read: Sources
    gathered: Gathered
    roads: Roads
    unpriced: frozenset[str]

    def grown(self, factors: Mapping[Stream, float]) -> ChainTask:
        """Multiply the tonnes of each stream."""
        by = np.array([factors.get(s, 1.0) for s in self.question.streams])
        columns = {tonnes_of(s): self.read.points[tonnes_of(s)] * factors.get(s, 1.0) for s in self.question.streams}
        read = replace(
            self.read,
            points=gpd.GeoDataFrame(self.read.points.assign(**columns)),
            tonnes=self.read.tonnes * by,
            left_out_t={s: t * factors.get(s, 1.0) for s, t in self.read.left_out_t.items()},
        )
        return replace(self, read=read, question=replace(self.question, tonnes=self.question.tonnes * by))

    def among(self, stations: Mask, plants: Mask, *, none_required: bool = False) -> ChainTask:
        """Keep some stations and plants; what was required by its status becomes a candidate if so asked."""
        at, to = _some(self.question.stations, stations), _some(self.question.plants, plants)
        if none_required:
            at = replace(at, frame=gpd.GeoDataFrame(at.frame.replace({"status": {"required": "candidate"}})))
        question = replace(
            self.question, stations=at, plants=to, roads=_ways(self.question.roads, stations, plants)
        )  # fmt: skip
        return replace(self, question=question, roads=_ways(self.roads, stations, plants))


def _some(sites: Sites, keep: Mask) -> Sites:
    return Sites(
        frame=gpd.GeoDataFrame(sites.frame[keep]), capacity=sites.capacity[keep], fixed=sites.fixed[keep],
        per_t=sites.per_t[keep], takes=sites.takes[keep],
    )  # fmt: skip


def _ways(roads: Roads, stations: Mask, plants: Mask) -> Roads:
    return Roads(
        collect=roads.collect[:, stations], haul=roads.haul[stations][:, plants], direct=roads.direct[:, plants]
    )


def read_task(
    network: Network,
    sources: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame,
    plants: gpd.GeoDataFrame,
    *,
    rates: Rates,
    required: Sequence[str],
    most_sources: int,
    max_snap_m: float,
) -> ChainTask:
    """Read all layers, as `siting.themes.waste.chain.site_chain` takes them, and measure the ways.

    Raises
    ------
    InputError, CRSError
        Layers or figures that cannot be used.
    """
    known = check_rates(rates)
    if most_sources < 1:
        msg = f"waste chain: most_sources is {most_sources!r}, expected 1 or more"
        raise InputError(msg)
    streams = tuple(known)
    sources, stations, plants = (
        keyed(in_crs(name, layer, network.crs))
        for name, layer in (("waste sources", sources), ("waste stations", stations), ("waste plants", plants))
    )
    read = read_sources(network, sources, streams, max_snap_m)
    free = unpriced(stations, required)
    at = read_sites(gpd.GeoDataFrame(stations[~free]), streams, "waste stations")
    to = read_sites(plants, streams, "waste plants")
    read, roads = with_ways(
        network, read, streams, at, to, {s: r.direct_per_t_km is not None for s, r in known.items()}, max_snap_m
    )
    gathered = gather(network, read.points, read.tonnes.sum(axis=1), most_sources)
    seats = gpd.GeoDataFrame(read.points.iloc[gathered.seat])
    question = Question(
        ids=seats.index, tonnes=gathered.sums(read.tonnes), stations=at, plants=to, rates=known,
        roads=roads.of_sources(gathered.seat),
    )  # fmt: skip
    more_found = (*not_asked(sources, streams), *off_the_roads(roads, at, to), *without_cost(stations.index[free]))
    return ChainTask(
        network=network, question=question, read=replace(read, findings=(*read.findings, *more_found)),
        gathered=gathered, roads=roads, unpriced=frozenset(stations.index[free].astype(str)),
    )  # fmt: skip
