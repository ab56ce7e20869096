"""What can be reached: opportunities within a distance, and opportunities that count less the farther they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.access.amounts import LARGEST_EXACT, THOUSANDTHS, Amounts, amounts_of, thousandths, totals
from siting.access.crowd import Crowd
from siting.access.decay import Decay, decay_of
from siting.errors import SchemaError
from siting.network.graph import MAX_SNAP_M
from siting.units import MM_PER_M, limit_to_mm

if TYPE_CHECKING:
    from siting.network.graph import Network

Longs = NDArray[np.int64]
Floats = NDArray[np.float64]


def cumulative(
    network: Network,
    demand: gpd.GeoDataFrame,
    opportunities: gpd.GeoDataFrame,
    cutoffs: float | Sequence[float],
    weight: str | None = None,
    *,
    max_snap_m: float = MAX_SNAP_M,
    entrances: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Opportunities within given distances of every demand point (cumulative opportunities, 累积机会).

    ``A_i(T) = sum_j w_j  where c_ij <= T``, in the unit of the weight. To count people within a distance of facilities,
    let the facilities be ``demand`` and the people ``opportunities``.

    Parameters
    ----------
    demand : points in any CRS
    opportunities : points and areas in any CRS, entered as `siting.access.entries` says
    cutoffs : metres (seconds, where the network has times), one or several; an opportunity exactly at one is within it
    weight : column of ``opportunities`` (jobs, beds, seats), 0 or more; None counts each row once
    max_snap_m, entrances : as for `siting.access.nearest`

    Returns
    -------
    Index = demand id; a column ``within_<cutoff>`` for each cutoff, int64 where the weights are integers, 0 where
    nothing is within; ``nearest``, cost to the nearest opportunity in the network's unit, ``inf`` where none is within
    the largest cutoff (counted by `siting.access.count_unreachable`). The same for every order of rows.

    Raises
    ------
    SchemaError
        A cutoff is negative or not finite or occurs twice, or a weight is missing or negative.

    References
    ----------
    Wachs & Kumagai (1973), Socio-Economic Planning Sciences 7, 437-456.
    """
    limits = [float(c) for c in np.atleast_1d(np.asarray(cutoffs, dtype=np.float64))]
    if not limits or not all(np.isfinite(c) and c >= 0 for c in limits) or len(set(limits)) < len(limits):
        msg = f"cumulative: cutoffs {limits} must be different metres, 0 or more"
        raise SchemaError(msg)
    amount = amounts_of(opportunities, weight, "opportunities")
    crowd = Crowd.of(network, demand, opportunities, max(limits), max_snap_m=max_snap_m, entrances=entrances)
    sums, nearest = sums_within(crowd, amount, np.array([within_mm(limit) for limit in limits]))
    table = pd.DataFrame({f"within_{limit:g}": sums[:, k] for k, limit in enumerate(limits)}, index=crowd.rows)
    table["nearest"] = np.where(nearest <= crowd.limit, nearest / MM_PER_M, np.inf)
    return table


def sums_within(crowd: Crowd, amount: Amounts, limits_mm: NDArray[np.int64]) -> tuple[Amounts, NDArray[np.int64]]:
    """Sum up amounts by the rule of `siting.access.amounts.totals`; shape (n_point, n_limit), and the nearest."""
    if np.issubdtype(amount.dtype, np.integer):
        sums, nearest = crowd.sums(amount.reshape(-1, 1), limits_mm, in_order=False)
        return sums[:, :, 0], nearest
    milli, whole = thousandths(amount.astype(np.float64))
    columns = np.column_stack([np.where(whole, milli, 0), ~whole]).astype(np.int64)
    sums, nearest = crowd.sums(columns[:, : 1 if whole.all() else 2], limits_mm, in_order=False)
    odd = sums[:, :, 0] >= LARGEST_EXACT
    if sums.shape[2] > 1:
        odd |= sums[:, :, 1] > 0
    made = sums[:, :, 0] / THOUSANDTHS
    if odd.any():
        added = crowd.sums(amount.reshape(-1, 1).astype(np.float64), limits_mm, in_order=True)[0][:, :, 0]
        made[odd] = added[odd]
    return made, nearest


def within_mm(limit: float) -> int:
    """Largest whole millimetre (millisecond) whose metres (seconds) are within a limit, as numbers compare."""
    mm = limit_to_mm(limit)
    return mm if mm / MM_PER_M <= limit else mm - 1


def gravity(
    network: Network,
    demand: gpd.GeoDataFrame,
    opportunities: gpd.GeoDataFrame,
    weight: str | None = None,
    *,
    decay: Decay | str,
    beta: float | None = None,
    sigma: float | None = None,
    threshold: float | None = None,
    least: float | None = None,
    cutoff: float | None = None,
    max_snap_m: float = MAX_SNAP_M,
    entrances: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Opportunities that count less the farther they are (gravity or Hansen accessibility, 引力模型).

    ``A_i = sum_j w_j f(c_ij)`` over the opportunities within ``cutoff``, in the unit of the weight.

    Parameters
    ----------
    demand, opportunities, weight, max_snap_m, entrances : as for `cumulative`
    decay : a `siting.access.Decay`, or the name of one with its parameters ``beta``, ``sigma``, ``threshold``,
        ``least``; formulas and units stand there
    cutoff : in the network's unit, as the decay's parameters are; farther opportunities are left out. None takes
        all for which f is above 0, that is every connected pair where f only fades: the time of a full matrix

    Returns
    -------
    Index = demand id; ``access``, and ``nearest``, cost to the nearest opportunity taken, ``inf`` where there
    is none, so that ``access`` is 0 (counted by `siting.access.count_unreachable`). The same for every order of rows.

    Raises
    ------
    SchemaError
        The decay's parameters do not fit, or a weight is missing or negative.

    References
    ----------
    Hansen (1959), Journal of the American Institute of Planners 25, 73-76.
    """
    fade = decay_of(decay, beta=beta, sigma=sigma, threshold=threshold, least=least)
    amount = amounts_of(opportunities, weight, "opportunities")
    reach = min(fade.reach, np.inf if cutoff is None else float(cutoff))
    crowd = Crowd.of(network, demand, opportunities, reach, max_snap_m=max_snap_m, entrances=entrances)

    def work(points: Longs, row: Longs, site: Longs, cost: Floats) -> tuple[Floats, Floats]:
        part = np.asarray(amount[site] * fade(cost), dtype=np.float64)
        return np.asarray(totals(row, part, len(points)), dtype=np.float64), least_of_rows(len(points), row, cost)

    access, nearest = np.zeros(len(crowd.rows)), np.full(len(crowd.rows), np.inf)
    for points, (some, nearest_some) in crowd.by_point(work):
        access[points], nearest[points] = some, nearest_some
    return pd.DataFrame({"access": access, "nearest": nearest}, index=crowd.rows)


def least_of_rows(n: int, row: Longs, cost: Floats) -> Floats:
    """Least cost of each row, ``inf`` where it has none, shape (n,)."""
    least = np.full(n, np.inf)
    np.minimum.at(least, row, cost)
    return least
