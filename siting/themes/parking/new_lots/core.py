"""What of a city matters for a plan of car parks: the areas that are short, and what each site could give them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.themes.parking.assignment import Ways, car_flow, short_of
from siting.themes.parking.flow import CarFlow, Doors, Longs
from siting.themes.parking.new_lots.asked import Versions


@dataclass(frozen=True, slots=True, eq=False)
class Core:
    """What matters of an instance: the areas that are short, and versions that help them.

    Attributes
    ----------
    ways : rows by lots, then by sites
    keep : positions of the versions kept; spaces of each in ``spaces``, no more than its site fills alone
    parked : cars of these rows that park today
    """

    ways: Ways
    cars: Longs
    lots: Longs
    keep: Longs
    spaces: Longs
    parked: int
    short: int
    alone: Longs


def core_of(ways: Ways, cars: Longs, spaces: Longs, versions: Versions) -> Core:
    """Keep what can matter, see the module."""
    m, n_site = len(spaces), versions.n_site
    most = np.zeros(n_site, dtype=np.int64)
    np.maximum.at(most, versions.site, versions.spaces)
    # Without sites: whoever is short, whom they could push on, and the lots that all of these reach.
    flow = car_flow(ways, cars, np.concatenate([spaces, np.zeros(n_site, dtype=np.int64)]))
    flow.settle()
    rows, wanted = short_of(flow, ways)
    short = int(flow.unparked.sum())
    merged, together = _joined(ways, cars, rows, wanted)
    lots = np.where(wanted[:m], spaces, 0)
    alone = _alone(merged, together, lots, most)
    capped = np.minimum(versions.spaces, alone[versions.site])
    must = versions.required[versions.site]
    keep = np.flatnonzero((capped > 0) | must)
    keep = keep[~_dominated(versions, capped, keep)]
    return Core(merged, together, lots, keep, capped[keep], int(together.sum()) - short, short, alone)


def _joined(ways: Ways, cars: Longs, rows: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> tuple[Ways, Longs]:
    """Ways without length and cars of the rows of short areas, those that reach the same targets as one."""
    groups: dict[bytes, int] = {}
    targets: list[Longs] = []
    total: list[int] = []
    for i in np.flatnonzero(rows).tolist():
        mine = ways.target[ways.indptr[i] : ways.indptr[i + 1]]
        mine = mine[wanted[mine]]
        k = groups.setdefault(mine.tobytes(), len(targets))
        if k == len(targets):
            targets.append(mine)
            total.append(0)
        total[k] += int(cars[i])
    return as_ways(targets), np.array(total, dtype=np.int64)


def as_ways(targets: list[Longs]) -> Ways:
    """Return ways without length from the targets of each row."""
    indptr = np.concatenate([[0], np.cumsum([len(t) for t in targets])]).astype(np.int64)
    target = np.concatenate([*targets, np.empty(0, dtype=np.int64)]).astype(np.int64)
    return Ways(indptr=indptr, target=target, cost_mm=np.zeros(len(target), dtype=np.int64))


def behind_doors(ways: Ways, cars: Longs, lots: Longs, room: Longs) -> CarFlow:
    """Return the flow in which each site stands behind a door."""
    m = len(lots)
    doors = Doors(lot=m + np.arange(len(room), dtype=np.int64), room=room)
    target = np.where(ways.target >= m, ways.target + len(room), ways.target)
    behind = Ways(indptr=ways.indptr, target=target, cost_mm=ways.cost_mm)
    return car_flow(behind, cars, np.concatenate([lots, room]), doors)


def _alone(ways: Ways, cars: Longs, lots: Longs, most: Longs) -> Longs:
    flow = behind_doors(ways, cars, lots, most)
    flow.settle()
    short = int(flow.unparked.sum())
    reached = np.zeros(len(most), dtype=bool)
    reached[ways.target[ways.target >= len(lots)] - len(lots)] = True
    alone = np.zeros(len(most), dtype=np.int64)
    for k in np.flatnonzero(reached & (most > 0)).tolist():
        flow.open_door(k)
        flow.settle()
        alone[k] = short - int(flow.unparked.sum())
        flow.open_door(k, closed=True)
        flow.settle()
    return alone


def _dominated(versions: Versions, capped: Longs, keep: Longs) -> NDArray[np.bool_]:
    """Versions for which another of their site gives as much for less."""
    site, cost = versions.site[keep], versions.cost[keep]
    order = np.lexsort((keep, -capped[keep], cost, site))
    out = np.zeros(len(keep), dtype=bool)
    best, here = -1, -1
    for k in order.tolist():
        if site[k] != here:
            here, best = int(site[k]), -1
        out[k] = capped[keep[k]] <= best
        best = max(best, int(capped[keep[k]]))
    return out


def gain_of(core: Core, versions: Versions, chosen: Longs) -> int:
    """Cars parked more by a choice of versions, by a flow of its own."""
    of_site = np.zeros(versions.n_site, dtype=np.int64)
    at = np.searchsorted(core.keep, chosen)
    of_site[versions.site[chosen]] = core.spaces[at]
    flow = car_flow(core.ways, core.cars, np.concatenate([core.lots, of_site]))
    flow.settle()
    return core.short - int(flow.unparked.sum())


def gains_of(core: Core, versions: Versions, chosen: Longs) -> Longs:
    """Cars parked more by each version when it joins those whose sites give more alone."""
    room = np.zeros(versions.n_site, dtype=np.int64)
    room[versions.site[chosen]] = core.spaces[np.searchsorted(core.keep, chosen)]
    flow = behind_doors(core.ways, core.cars, core.lots, room)
    flow.settle()
    gains = np.zeros(len(chosen), dtype=np.int64)
    left = int(flow.unparked.sum())
    for k in np.lexsort((chosen, -core.alone[versions.site[chosen]])).tolist():
        flow.open_door(int(versions.site[chosen[k]]))
        flow.settle()
        now = int(flow.unparked.sum())
        gains[k], left = left - now, now
    return gains
