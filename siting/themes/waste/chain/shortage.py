"""Where plants and stations have no room for all: the fewest tonnes that stay, and the cheapest plan for the rest."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from siting.locate import SitingResult
from siting.themes.waste.chain.question import Question
from siting.themes.waste.streams import Stream

_ROUNDED_T = 0.001
# The engine carries supplies in parts of a thousandth.


def carry_what_fits(question: Question, **more: Any) -> tuple[SitingResult, dict[Stream, float], float]:
    """Leave the fewest tonnes that any choice of stations leaves, and carry the rest at the least cost.

    Returns
    -------
    the answer without what stays, the tonnes of each stream that stay, and the bound of the cost of what is carried
    """
    free = replace(
        question,
        stations=replace(question.stations, fixed=question.stations.fixed * 0, per_t=question.stations.per_t * 0),
        plants=replace(question.plants, fixed=question.plants.fixed * 0, per_t=question.plants.per_t * 0),
        rates={
            s: replace(r, collect_per_t_km=0.0, haul_per_t_km=0.0,
                       direct_per_t_km=None if r.direct_per_t_km is None else 0.0)
            for s, r in question.rates.items()
        },
    )  # fmt: skip
    least = free.ask(unsent_per_t=1.0, **(more | {"mip_gap": 0.0})).objective
    dear = 10.0 * (1.0 + _dearest(question))
    found = question.ask(unsent_per_t=dear, unsent_room=least + _ROUNDED_T, **more)
    n = len(question.plants.frame)
    stays = {s: math.fsum(sparse.csc_array(found.flows.of[s].direct)[:, [n]].data) for s in question.streams}
    flows = {
        s: replace(sent, direct=sparse.csr_array(sent.direct[:, :n]), haul=sparse.csr_array(sent.haul[:, :n]))
        for s, sent in found.flows.of.items()
    }
    result = replace(found, flows=replace(found.flows, of=flows))
    return result, stays, found.bound - dear * sum(stays.values())


def _dearest(question: Question) -> float:
    """No tonne costs more on any way."""
    most = 0.0
    for stream in question.streams:
        for table in (question.collect_cost(stream), question.haul_cost(stream), question.direct_cost(stream)):
            if table is not None:
                most += float(np.max(table, initial=0.0, where=np.isfinite(table)))
    return most
