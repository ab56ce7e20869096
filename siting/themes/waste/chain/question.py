"""One question to the engine: sources, stations and plants with what every tonne costs on every way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InfeasibleError
from siting.locate import SitingResult, transfer_streams
from siting.themes.waste.chain.layers import Sites
from siting.themes.waste.chain.rates import StreamRates
from siting.themes.waste.chain.ways import Roads
from siting.themes.waste.streams import Stream

_M_PER_KM = 1000.0
Table = NDArray[np.float64]
UNSENT = "unsent"
"""The plant that takes what stays where it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What the engine is asked.

    Attributes
    ----------
    ids : of the sources
    tonnes : shape (n_sources, n_streams)
    roads : kilometres between all of them
    """

    ids: pd.Index
    tonnes: Table
    roads: Roads
    stations: Sites
    plants: Sites
    rates: Mapping[Stream, StreamRates]

    @property
    def streams(self) -> tuple[Stream, ...]:
        """In the order of the columns of ``tonnes``."""
        return tuple(self.rates)

    def collect_cost(self, stream: Stream) -> Table:
        """Cost of a tonne from source to station; ``inf`` beyond the longest way that is allowed."""
        rate = self.rates[stream]
        km = self.roads.collect
        if rate.most_collect_m is not None:
            km = np.where(km * _M_PER_KM <= rate.most_collect_m, km, np.inf)
        return np.where(self._takes(self.stations, stream)[None, :], priced(km, rate.collect_per_t_km), np.inf)

    def haul_cost(self, stream: Stream) -> Table:
        """Cost of a tonne from station to plant, with what both charge for it."""
        way = priced(self.roads.haul, self.rates[stream].haul_per_t_km)
        takes = self._takes(self.stations, stream)[:, None] & self._takes(self.plants, stream)[None, :]
        return np.where(takes, way + self.stations.per_t[:, None] + self.plants.per_t[None, :], np.inf)

    def direct_cost(self, stream: Stream) -> Table | None:
        """Cost of a tonne from source to plant, with what the plant charges; None where that is not allowed."""
        per = self.rates[stream].direct_per_t_km
        if per is None:
            return None
        way = priced(self.roads.direct, per) + self.plants.per_t[None, :]
        return np.where(self._takes(self.plants, stream)[None, :], way, np.inf)

    def _takes(self, sites: Sites, stream: Stream) -> NDArray[np.bool_]:
        return sites.takes[:, self.streams.index(stream)]

    def _without_stations(self) -> Question:
        """Return the same with a place that nothing reaches, since the engine wants one to choose from."""
        words = {"status": "candidate", "site": "", "station_class": "", "streams": "", "name": ""}
        none = np.zeros(1)
        nowhere = Sites(
            frame=gpd.GeoDataFrame(pd.DataFrame(words, index=["none"]), geometry=[None]), capacity=none, fixed=none,
            per_t=none, takes=np.zeros((1, len(self.streams)), dtype=bool),
        )  # fmt: skip
        collect = np.full((len(self.ids), 1), np.inf)
        haul = np.full((1, len(self.plants.frame)), np.inf)
        return replace(self, stations=nowhere, roads=replace(self.roads, collect=collect, haul=haul))

    def ask(
        self,
        *,
        existing: Sequence[str] | None = None,
        required: Sequence[str] = (),
        excluded: Sequence[str] = (),
        unsent_per_t: float | None = None,
        unsent_room: float = np.inf,
        **more: Any,
    ) -> SitingResult:
        """Ask the engine.

        Parameters
        ----------
        existing : in place of the stations that stand
        unsent_per_t : what a tonne costs that stays where it is, as plant `UNSENT`; None = all must be taken away
        unsent_room : most tonnes that may stay
        more : as `siting.locate.transfer_streams` takes it
        """
        if not len(self.plants.frame) and unsent_per_t is None:
            msg = f"waste chain: no plant is open; {self.tonnes.sum():,.6g} t/d have nowhere to go"
            raise InfeasibleError(msg)
        if not len(self.stations.frame):
            more = {k: v for k, v in more.items() if k not in ("min_spacing_m", "xy")}
            return self._without_stations().ask(unsent_per_t=unsent_per_t, unsent_room=unsent_room, **more)
        names = [str(i) for i in self.ids]
        on, at = self.stations.frame.index, self.plants.frame.index
        streams = list(self.streams)
        haul = {s: pd.DataFrame(self.haul_cost(s), index=on, columns=at) for s in streams}
        direct = {
            s: pd.DataFrame(table, index=names, columns=at)
            for s in streams
            if (table := self.direct_cost(s)) is not None
        }
        room, fixed = pd.Series(self.plants.capacity, index=at), pd.Series(self.plants.fixed, index=at)
        fixed[self.plants.of_status("existing")] = 0.0
        if unsent_per_t is not None:
            nowhere = pd.DataFrame(np.inf, index=names, columns=at)
            direct = {s: direct.get(s, nowhere).assign(**{UNSENT: unsent_per_t}) for s in streams}
            haul = {s: table.assign(**{UNSENT: np.inf}) for s, table in haul.items()}
            room[UNSENT], fixed[UNSENT] = unsent_room, 0.0
        stand = self.stations.of_status("existing") if existing is None else list(existing)
        must = [*required, *(self.stations.of_status("required") if existing is None else [])]
        return transfer_streams(
            pd.DataFrame(self.tonnes, index=names, columns=streams),
            {s: pd.DataFrame(self.collect_cost(s), index=names, columns=on) for s in streams},
            haul,
            pd.Series(self.stations.capacity, index=on),
            pd.Series(self.stations.fixed, index=on),
            room,
            fixed,
            direct or None,
            site=self.stations.frame["site"].where(self.stations.frame["site"] != "", None),
            existing=stand,
            required=list(dict.fromkeys(must)),
            excluded=list(excluded),
            **more,
        )


def priced(km: Table, per_t_km: float) -> Table:
    """Cost of a tonne on ways; what is no way stays none although kilometres may be free."""
    cost = np.full(km.shape, np.inf)
    way = np.isfinite(km)
    cost[way] = km[way] * per_t_km
    return cost
