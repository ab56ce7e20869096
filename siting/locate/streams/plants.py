"""Which of the plants that cost something are open: decided one by one, so that the bound counts them in full."""

import heapq
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from siting.locate.clock import Clock
from siting.locate.streams.bound import StreamsBound
from siting.locate.streams.sites import SiteRules
from siting.locate.streams.task import StreamsTask

_CLIMBS = 150
_FIRST_STEP = 0.3


def bound_by_plants(
    task: StreamsTask, rules: SiteRules, root: StreamsBound, value: Callable[[], float], clock: Clock, until: float,
    look: Callable[[NDArray[np.bool_], NDArray[np.bool_]], object],
) -> float:  # fmt: skip
    """Return a lower bound of all plans; plants are branched on until nothing below ``value`` is left.

    Parameters
    ----------
    value : gives the value of the best plan
    until : second of the clock when to stop
    look : is given stations and plants that look good
    """
    assert root.worth is not None
    costly = task.plant_cost > 0
    heap = [(root.worth.bound, 0, root)]
    count = 0
    done = np.inf
    while heap:
        bound, _, node = heapq.heappop(heap)
        if bound >= value() or clock.settled(value(), bound):
            done = min(done, bound)
            continue
        undecided = np.flatnonzero(costly & ~node.closed & ~node.paid)
        if not len(undecided) or clock.seconds >= until:
            done = min(done, bound)
            if not len(undecided):
                _, chosen = node.choose(clock, 1.0)
                if chosen is not None:
                    look(chosen, ~node.closed)
            continue
        # The plant whose opening would be paid least in full, relative to what it costs.
        unpaid = task.plant_cost[undecided] - np.minimum(
            task.plant_cost[undecided], node.price[undecided] * node.plant_room[undecided]
        )
        q = int(undecided[np.argmax(unpaid)])
        for mask in ("paid", "closed"):
            closed, paid = node.closed.copy(), node.paid.copy()
            (paid if mask == "paid" else closed)[q] = True
            if int(task.plant_capacity[~closed].sum()) < task.total:
                continue
            child = StreamsBound(task, rules, closed, paid)
            child.start_from(node)
            child.step = _FIRST_STEP
            found = max(bound, child.climb(value(), _CLIMBS, clock, until))
            if found < value():
                _, chosen = child.choose(clock, 1.0)
                if chosen is not None and count % 4 == 0:
                    look(chosen, ~closed)
            count += 1
            heapq.heappush(heap, (found, count, child))
    return min(done, value())
