"""What goes where: the flows of the plan for every source as it stands, priced on its own ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.themes.waste.chain.gather import Gathered
from siting.themes.waste.chain.question import Question, priced
from siting.themes.waste.chain.ways import Roads

COLLECT = ["stream", "source", "station", "t_day", "km", "cost_day"]
HAUL = ["stream", "station", "plant", "t_day", "km", "cost_day"]
DIRECT = ["stream", "source", "plant", "t_day", "km", "cost_day"]
_DUST = 1e-12
# Of all tonnes: less than this share of a source is what rounding leaves.


@dataclass(frozen=True, slots=True, eq=False)
class Flows:
    """Tonnes a day by stream, with the kilometres and the cost of the way alone.

    Attributes
    ----------
    collect : columns `COLLECT`, from each source to its station
    haul : columns `HAUL`
    direct : columns `DIRECT`
    """

    collect: pd.DataFrame
    haul: pd.DataFrame
    direct: pd.DataFrame


def flows_of(
    question: Question, answer: Any, gathered: Gathered, tonnes: NDArray[np.float64], roads: Roads, ids: pd.Index
) -> Flows:
    """Share the flows of gathered sources out among those that they stand for, in proportion to their tonnes.

    Parameters
    ----------
    answer : flows of the engine, `siting.locate.streams.answer.StreamFlows`
    tonnes : shape (n_sources, n_streams), of all sources
    roads : ways of all sources
    """
    parts: dict[str, list[pd.DataFrame]] = {"collect": [], "haul": [], "direct": []}
    whole = question.tonnes
    stations, plants = question.stations.frame.index.to_numpy(), question.plants.frame.index.to_numpy()
    for k, stream in enumerate(question.streams):
        sent, rate = answer.of[stream], question.rates[stream]
        for name, table, names, km, per in (
            ("collect", sent.collect, stations, roads.collect, rate.collect_per_t_km),
            ("direct", sent.direct, plants, roads.direct, rate.direct_per_t_km or 0.0),
        ):
            row, column, share = _shares(table, whole[:, k])
            member, source = _members(gathered, row)
            t = tonnes[source, k] * share[member]
            some = t > 0
            source, to, t = source[some], column[member[some]], t[some]
            way, goal = km[source, to], "station" if name == "collect" else "plant"
            parts[name].append(pd.DataFrame({
                "stream": stream, "source": ids.to_numpy()[source], goal: names[to],
                "t_day": t, "km": way, "cost_day": t * priced(way, per),
            }))  # fmt: skip
        coo = sent.haul.tocoo()
        way = roads.haul[coo.row, coo.col]
        parts["haul"].append(pd.DataFrame({
            "stream": stream, "station": stations[coo.row], "plant": plants[coo.col], "t_day": coo.data, "km": way,
            "cost_day": coo.data * priced(way, rate.haul_per_t_km),
        }))  # fmt: skip
    made = {
        name: pd.concat(found, ignore_index=True)[columns]
        for (name, found), columns in zip(parts.items(), (COLLECT, HAUL, DIRECT), strict=True)
    }
    return Flows(**made)


def _shares(table: Any, whole: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Entries of a table of flows, and what share of its row each takes, ordered by row."""
    coo = table.tocsr().tocoo()
    share = coo.data / np.where(whole[coo.row] > 0, whole[coo.row], 1.0)
    keep = share > _DUST
    return coo.row[keep].astype(np.intp), coo.col[keep].astype(np.intp), share[keep]


def _members(gathered: Gathered, row: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Repeat each entry for all sources of its group: which entry, and which source."""
    order = np.argsort(gathered.group, kind="stable")
    start = np.searchsorted(gathered.group[order], np.arange(len(gathered.seat) + 1))
    size = (start[1:] - start[:-1])[row]
    entry = np.repeat(np.arange(len(row)), size)
    within = np.arange(len(entry)) - np.repeat(np.cumsum(size) - size, size)
    return entry, order[start[row][entry] + within]
