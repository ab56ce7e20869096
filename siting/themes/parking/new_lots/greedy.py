"""A first choice: the version with most cars for its cost, again and again."""

from __future__ import annotations

import numpy as np

from siting.themes.parking.flow import CarFlow, Longs
from siting.themes.parking.new_lots.asked import Asked, Versions
from siting.themes.parking.new_lots.core import Core, as_ways, behind_doors


def greedy_choice(core: Core, versions: Versions, asked: Asked) -> Longs | None:
    """Take the version with most cars for its cost again and again; None where what is required does not fit."""
    site, cost = versions.site[core.keep], versions.cost[core.keep]
    flow = _version_flow(core, site)
    flow.settle()
    close: list[set[int]] = [set() for _ in range(versions.n_site)]
    for a, b in versions.too_close.tolist():
        close[a].add(b)
        close[b].add(a)
    budget = asked.budget
    want = None if asked.remove is None else asked.remove * core.short
    used, taken, banned, spent = [], set[int](), set[int](), 0

    def take(k: int) -> None:
        nonlocal spent
        flow.open_door(k)
        flow.settle()
        used.append(k)
        taken.add(int(site[k]))
        banned.update({int(site[k])} | close[int(site[k])])
        spent += int(cost[k])

    for s in np.flatnonzero(versions.required).tolist():
        mine = np.flatnonzero(site == s)
        if not len(mine) or s in banned:
            return None
        take(int(mine[np.argmin(cost[mine])]))
    if (budget is not None and spent > budget) or (asked.p is not None and len(used) > asked.p):
        return None
    known = core.spaces.astype(np.float64)
    stale = np.ones(len(known), dtype=bool)
    left = int(flow.unparked.sum())
    while asked.p is None or len(used) < asked.p:
        if want is not None and core.short - left >= want:
            break
        may = np.array([int(s) not in banned for s in site], dtype=bool) & (known > 0)
        if budget is not None:
            may &= cost <= budget - spent
        if not may.any():
            break
        rate = np.where(may, known / np.maximum(cost, 1), -1.0)
        k = int(np.argmax(rate))
        if stale[k]:
            flow.open_door(k)
            flow.settle()
            known[k] = left - int(flow.unparked.sum())
            flow.open_door(k, closed=True)
            flow.settle()
            stale[k] = False
            continue
        take(k)
        left = int(flow.unparked.sum())
        stale[:] = True
    return np.sort(core.keep[np.array(used, dtype=np.int64)])


def _version_flow(core: Core, site: Longs) -> CarFlow:
    """Return the flow with a door for every version, each into a lot of its own."""
    m = len(core.lots)
    by_site = [np.flatnonzero(site == s) for s in range(int(site.max(initial=-1)) + 1)]
    none = np.empty(0, dtype=np.int64)
    targets = []
    for i in range(len(core.cars)):
        mine = core.ways.target[core.ways.indptr[i] : core.ways.indptr[i + 1]]
        more = [by_site[k] for k in (mine[mine >= m] - m).tolist() if k < len(by_site)]
        targets.append(np.concatenate([mine[mine < m], m + np.sort(np.concatenate([none, *more]))]))
    ways = as_ways(targets)
    return behind_doors(ways, core.cars, core.lots, core.spaces)
