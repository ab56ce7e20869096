"""Which of the plants that cost something are open: decided one by one, so that the bound counts them in full."""

import heapq
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from siting.locate.clock import Clock
from siting.locate.streams.bound import StreamsBound
from siting.locate.streams.sites import SiteRules
from siting.locate.streams.task import StreamsTask

_CLIMBS, _LAST_CLIMBS = 150, 1_500
_FIRST_STEP = 0.3


def branch_on_plants(
    task: StreamsTask, rules: SiteRules, root: StreamsBound, value: Callable[[], float], clock: Clock, until: float,
    look: Callable[[NDArray[np.bool_], NDArray[np.bool_]], object],
) -> list[StreamsBound]:  # fmt: skip
    """Return bounds of which every plan below ``value`` meets one; an empty list where there is no such plan.

    Parameters
    ----------
    value : gives the value of the best plan
    until : second of the clock when to stop
    look : is given stations and plants that look good
    """
    assert root.worth is not None
    costly = task.plant_cost > 0
    heap = [(root.worth.bound, 0, root)]
    count, left = 0, []
    while heap:
        bound, _, node = heapq.heappop(heap)
        if bound >= value():
            continue
        undecided = np.flatnonzero(costly & ~node.closed & ~node.paid)
        if not len(undecided) or clock.settled(value(), bound) or clock.seconds >= until:
            left.append(node)
            continue
        # The plant whose opening is paid least in full, relative to what it costs.
        paid_for = np.minimum(task.plant_cost[undecided], node.price[undecided] * node.plant_room[undecided])
        q = int(undecided[np.argmax(task.plant_cost[undecided] - paid_for)])
        for child in _children(task, rules, node, q):
            last = not (costly & ~child.closed & ~child.paid).any()
            child.step = _FIRST_STEP
            child.climb(value(), _LAST_CLIMBS if last else _CLIMBS, clock, until)
            assert child.worth is not None
            child.worth.bound = max(child.worth.bound, bound)
            count += 1
            if child.worth.bound < value():
                _, chosen = child.choose(clock, 1.0)
                if chosen is not None and (last or count % 4 == 0):
                    look(chosen, child.likely_plants())
                heapq.heappush(heap, (child.worth.bound, count, child))
    return left


def _children(task: StreamsTask, rules: SiteRules, node: StreamsBound, q: int) -> list[StreamsBound]:
    """Return the node with the plant open, and with it closed where the others have room for everything."""
    found = []
    for is_open in (True, False):
        closed, paid = node.closed.copy(), node.paid.copy()
        (paid if is_open else closed)[q] = True
        if is_open or int(task.plant_capacity[~closed].sum()) >= task.total:
            child = StreamsBound(task, rules, closed, paid)
            child.start_from(node)
            found.append(child)
    return found
