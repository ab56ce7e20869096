"""What each station of a transfer plan takes off the total cost: what the plan would cost more without it."""

import math

import numpy as np
from numpy.typing import NDArray

from siting.locate.two_stage.flow import TransferFlow
from siting.locate.two_stage.task import TransferTask
from siting.locate.two_stage.whole import WholeSources


def station_gains(
    task: TransferTask, flow: TransferFlow, whole: WholeSources | None, stations: NDArray[np.bool_],
    plants: NDArray[np.bool_], sites: NDArray[np.intp], value: float,
) -> NDArray[np.float64]:  # fmt: skip
    """Return for each site what the plan would cost more without it, all flows being recomputed.

    The other stations stay as they are, and so do plants that cost something; ``inf`` where the rest cannot take
    everything. Conditions on stations play no part. Where sources go as a whole the rest is assigned by a short search.
    """
    gain = np.full(len(sites), np.inf)
    for at, j in enumerate(sites):
        rest = stations.copy()
        rest[j] = False
        if not np.isfinite(flow.open(rest, plants)):
            continue
        if whole is not None:
            found = whole.best_among(rest, plants, flow)
            gain[at] = np.inf if found is None else found.value - value
            continue
        used = flow.loads()[1] > 0
        gain[at] = ways_cost(task, flow.is_whole, flow.tables()) + task.opening(rest, used) - value
    return gain


def ways_cost(task: TransferTask, is_whole: bool, units: tuple[NDArray[np.int64], ...]) -> float:
    """Recompute the cost of all ways; ``is_whole`` where they cost whole thousandths."""
    per, total, parts = task.units.per_weight, 0, []
    for table, amount in zip((task.collect, task.haul, task.direct), units, strict=True):
        used = amount > 0
        if is_whole:
            milli = np.rint(table[used] * 1000).astype(np.int64)
            total += sum(a * c for a, c in zip(amount[used].tolist(), milli.tolist(), strict=True))
        else:
            parts += (table[used] * (amount[used] / per)).tolist()
    return total / (1000 * per) if is_whole else math.fsum(parts)
