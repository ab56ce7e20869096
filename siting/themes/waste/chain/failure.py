"""When one station fails: where its tonnes go, what that costs more, and what finds no room."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

if TYPE_CHECKING:
    from siting.themes.waste.chain.plan import ChainPlan

FAILURE_COLUMNS = [
    "station",
    "load_t_day",
    "moved_t_day",
    "unsent_t_day",
    "extra_cost_day",
    "takes_over",
    "takes_over_t_day",
]
_ENDLESS_S = 60.0


def failures(plan: ChainPlan, *, time_limit_s: float = _ENDLESS_S) -> pd.DataFrame:
    """Take away one open station after the other; all others stay as they are.

    Parameters
    ----------
    time_limit_s : for each of them

    Returns
    -------
    One row a station with a load, the largest load first: ``moved_t_day`` that other stations or plants take,
    ``unsent_t_day`` that has no way or no room, ``extra_cost_day`` of what is moved (what the station itself would
    have cost goes on), and the station that takes most of it, or the plant that takes it straight. For gathered
    sources on the ways of those that stand for them.
    """
    question = plan.question
    index = question.stations.frame.index
    open_ = plan.stations.index[plan.stations["opened"]].tolist()
    closed = [i for i in index if i not in set(open_)]
    dearest = _dearest(plan)
    names = [*index, *question.plants.frame.index]
    before, cost_before, _ = _loads(plan, open_, closed, dearest, time_limit_s)
    rows = []
    for station in plan.stations.index[plan.stations["opened"] & (plan.stations["load_t_day"] > 0)]:
        others = [i for i in open_ if i != station]
        after, cost, unsent = _loads(plan, others, [*closed, station], dearest, time_limit_s)
        more = after - before
        more[index.get_loc(station)] = 0.0  # the rest are stations, then plants that take it straight
        load = float(before[index.get_loc(station)])
        takes = int(np.argmax(more)) if len(more) and more.max() > 0 else None
        rows.append((
            station, load, max(0.0, load - unsent), unsent, cost - cost_before,
            None if takes is None else names[takes], 0.0 if takes is None else float(more[takes]),
        ))  # fmt: skip
    frame = pd.DataFrame(rows, columns=FAILURE_COLUMNS)
    return frame.sort_values(["load_t_day", "station"], ascending=[False, True], kind="stable", ignore_index=True)


def _dearest(plan: ChainPlan) -> float:
    """More than any tonne costs on any way, so that nothing stays that could be taken."""
    question = plan.question
    most = 0.0
    for stream in question.streams:
        for table in (question.collect_cost(stream), question.haul_cost(stream), question.direct_cost(stream)):
            if table is not None:
                most += float(np.max(table, initial=0.0, where=np.isfinite(table)))
    return 10.0 * (1.0 + most)


def _loads(
    plan: ChainPlan, open_: list[str], closed: list[str], dearest: float, time_limit_s: float
) -> tuple[NDArray[np.float64], float, float]:
    """Load of every station, what comes to every plant straight, in one row; cost of all that is sent; what stays."""
    question = plan.question
    found = question.ask(
        existing=open_, excluded=closed, unsent_per_t=dearest, time_limit_s=time_limit_s,
    )  # fmt: skip
    left = len(question.plants.frame)
    load, straight, unsent = np.zeros(len(question.stations.frame)), np.zeros(left), 0.0
    for stream in question.streams:
        sent = found.flows.of[stream]
        load += np.asarray(sent.collect.sum(axis=0)).ravel()
        direct = sparse.csc_array(sent.direct)
        straight += np.asarray(direct.sum(axis=0)).ravel()[:left]
        unsent += math.fsum(direct[:, [left]].data)
    return np.concatenate([load, straight]), found.objective - dearest * unsent, unsent
