"""What can be reached: opportunities within a distance, and opportunities that count less the farther they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.access.amounts import amounts_of, totals
from siting.access.decay import Decay, decay_of
from siting.access.matrix import cost_matrix
from siting.errors import SchemaError
from siting.network.graph import MAX_SNAP_M

if TYPE_CHECKING:
    from siting.access.cost import CostMatrix
    from siting.network.graph import Network


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
    matrix = cost_matrix(network, demand, opportunities, max(limits), max_snap_m=max_snap_m, entrances=entrances)
    row, cost = matrix.row_of, matrix.cost
    table = pd.DataFrame(index=matrix.rows)
    for limit in limits:
        within = cost <= limit
        table[f"within_{limit:g}"] = totals(row[within], amount[matrix.indices[within]], len(matrix.rows))
    table["nearest"] = least_of_rows(matrix)
    return table


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
        all for which f is above 0, that is every connected pair where f only fades: the time and memory of a full
        matrix

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
    matrix = cost_matrix(network, demand, opportunities, reach, max_snap_m=max_snap_m, entrances=entrances)
    part = amount[matrix.indices] * fade(matrix.cost)
    access = np.asarray(totals(matrix.row_of, part, len(matrix.rows)), dtype=np.float64)
    return pd.DataFrame({"access": access, "nearest": least_of_rows(matrix)}, index=matrix.rows)


def least_of_rows(matrix: CostMatrix) -> NDArray[np.float64]:
    """Least cost of each row, ``inf`` where it has none, shape (n_row,)."""
    least = np.full(len(matrix.rows), np.inf)
    np.minimum.at(least, matrix.row_of, matrix.cost)
    return least
