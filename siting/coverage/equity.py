"""How evenly access is shared out: Gini and Lorenz curve, the worst-served tenth, and who belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.coverage.rollup import ZONE_PREFIX
from siting.coverage.schema import people_milli
from siting.errors import SchemaError
from siting.units import MILLI_PER_PERSON, largest_remainder, people_to_milli

if TYPE_CHECKING:
    import geopandas as gpd

GROUP_PREFIX = "group_"
WORST_SHARE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Equity:
    """How evenly a figure is shared out over people.

    Attributes
    ----------
    gini : 0 = everybody has the same, towards 1 = one has all; of the people with a figure. None where nobody has one
    mean : per person, of those with a figure
    without : people that have no figure (no path to any facility, for instance): not in ``gini`` and ``mean``, but
        first among the worst served
    lorenz : columns ``people_share`` and ``value_share``, both from 0 to 1, people from the least figure to the largest
    worst_limit : the figure at which the worst-served tenth begins; ``inf`` (or −inf) where it lies among those without
    worst_mean : per person of the worst-served tenth; ``inf`` (or −inf) where any of them has no figure
    groups : one row a group of people (the city and each ``group_<name>`` column): ``people``, ``mean``, ``without``,
        ``worst_people`` (how many of them are among the worst-served tenth), ``worst_share`` (by people of the group)
    zones : the same for each zone: index (level, zone)
    """

    gini: float | None
    mean: float | None
    without: float
    lorenz: pd.DataFrame
    worst_limit: float | None
    worst_mean: float | None
    groups: pd.DataFrame
    zones: pd.DataFrame


def equity(demand: gpd.GeoDataFrame, value: NDArray[np.float64] | pd.Series, *, more_is_better: bool) -> Equity:
    """Measure how evenly a figure is shared out.

    ``G = 1 − sum_i w_i (S_i + S_(i−1)) / (W S_n)``, points in ascending order of the figure, ``w`` people, ``S`` the
    sum of people times figure so far: the area between the Lorenz curve and the diagonal, doubled. A point where the
    worst tenth of the people ends counts in part.

    Parameters
    ----------
    demand : index = id; column ``people``; ``group_<name>`` (people of a group) and ``zone_<level>`` where known
    value : shape (n,), 0 or more, in the order of ``demand``: a distance in metres, a completeness; inf or NaN where a
        point has none
    more_is_better : False for a distance, True for a completeness: which end is the worst served

    Raises
    ------
    SchemaError
        ``demand`` has no people, or a figure is negative.

    References
    ----------
    Gini (1912), Variabilità e mutabilità; Lorenz (1905), Publications of the American Statistical Association 9,
    209-219.
    """
    milli = people_milli(demand)
    figure = np.asarray(value, dtype=np.float64)
    if milli is None:
        msg = "equity: the demand has no column 'people', and access is shared out over people. Add one"
        raise SchemaError(msg)
    if figure.shape != (len(demand),):
        msg = f"equity: {figure.shape} figures for {len(demand)} demand points; give one a point, in their order"
        raise SchemaError(msg)
    known = np.isfinite(figure)
    if (figure[known] < 0).any():
        msg = f"equity: {int((figure[known] < 0).sum())} figures are negative; nothing below 0 can be shared out"
        raise SchemaError(msg)
    worst = _worst_people(milli, figure, known, more_is_better=more_is_better)
    weight, sorted_value = _ascending(milli[known], figure[known])
    lorenz, gini = _lorenz(weight, sorted_value)
    return Equity(
        gini=gini,
        mean=_mean(milli[known], figure[known]),
        without=int(milli[~known].sum()) / MILLI_PER_PERSON,
        lorenz=lorenz,
        worst_limit=_worst_limit(worst, figure, known, more_is_better=more_is_better),
        worst_mean=_mean(worst, np.where(known, figure, -np.inf if more_is_better else np.inf)),
        groups=_groups(demand, milli, figure, known, worst),
        zones=_zones(demand, milli, figure, known, worst),
    )


def _ascending(milli: NDArray[np.int64], figure: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """People by figure, each different figure once: the same for every order of rows."""
    distinct, code = np.unique(figure, return_inverse=True)
    weight = np.zeros(len(distinct), dtype=np.int64)
    np.add.at(weight, code, milli)
    return weight, distinct


def _lorenz(weight: NDArray[np.int64], value: NDArray[np.float64]) -> tuple[pd.DataFrame, float | None]:
    people = np.concatenate([[0.0], np.cumsum(weight)])
    total = np.concatenate([[0.0], np.cumsum(weight * value)])
    if len(weight) == 0 or people[-1] == 0:
        return pd.DataFrame({"people_share": [0.0, 1.0], "value_share": [0.0, 1.0]}), None
    if total[-1] == 0:  # everybody has nothing: shared out evenly
        return pd.DataFrame({"people_share": [0.0, 1.0], "value_share": [0.0, 1.0]}), 0.0
    curve = pd.DataFrame({"people_share": people / people[-1], "value_share": total / total[-1]})
    doubled = float(
        (np.diff(curve["people_share"]) * (curve["value_share"].iloc[1:] + curve["value_share"].shift().iloc[1:])).sum()
    )
    return curve, max(0.0, 1.0 - doubled)


def _worst_people(
    milli: NDArray[np.int64], figure: NDArray[np.float64], known: NDArray[np.bool_], *, more_is_better: bool
) -> NDArray[np.int64]:
    """Thousandths of people of each point that belong to the worst-served tenth; equally badly served share alike."""
    badness = np.where(known, -figure if more_is_better else figure, np.inf)
    wanted = round(int(milli.sum()) * WORST_SHARE)
    distinct, code = np.unique(badness, return_inverse=True)
    held = np.zeros(len(distinct), dtype=np.int64)
    np.add.at(held, code, milli)
    beyond = np.concatenate([np.cumsum(held[::-1])[::-1][1:], [0]])  # people worse off than each figure
    room = np.clip(wanted - beyond, 0, held)
    taken = np.zeros(len(milli), dtype=np.int64)
    whole = room[code] == held[code]
    taken[whole] = milli[whole]
    for k in np.flatnonzero((room > 0) & (room < held)):
        rows = np.flatnonzero(code == k)
        taken[rows] = largest_remainder(int(room[k]), milli[rows].astype(np.float64))
    return taken


def _worst_limit(
    worst: NDArray[np.int64], figure: NDArray[np.float64], known: NDArray[np.bool_], *, more_is_better: bool
) -> float | None:
    among = worst > 0
    if not among.any():
        return None
    value = np.where(known, figure, -np.inf if more_is_better else np.inf)[among]
    return float(value.max() if more_is_better else value.min())


def _mean(milli: NDArray[np.int64], figure: NDArray[np.float64]) -> float | None:
    counted = milli > 0
    if not counted.any():
        return None
    return float((milli[counted] * figure[counted]).sum() / milli[counted].sum())


def _row(
    milli: NDArray[np.int64], figure: NDArray[np.float64], known: NDArray[np.bool_], worst: NDArray[np.float64]
) -> dict[str, float | None]:
    total, worst_total = int(milli.sum()), float(worst.sum())
    return {
        "people": total / MILLI_PER_PERSON,
        "mean": _mean(milli[known], figure[known]),
        "without": int(milli[~known].sum()) / MILLI_PER_PERSON,
        "worst_people": worst_total / MILLI_PER_PERSON,
        "worst_share": worst_total / total if total else None,
    }


def _groups(
    demand: gpd.GeoDataFrame,
    milli: NDArray[np.int64],
    figure: NDArray[np.float64],
    known: NDArray[np.bool_],
    worst: NDArray[np.int64],
) -> pd.DataFrame:
    """Figures of each group; people of a group stand among the worst served of a point as its other people do."""
    rows = {"all": _row(milli, figure, known, worst.astype(np.float64))}
    part = np.divide(worst, milli, out=np.zeros(len(milli)), where=milli > 0)
    for column in demand.columns:
        if str(column).startswith(GROUP_PREFIX):
            own = people_to_milli(demand[column].fillna(0))
            rows[str(column).removeprefix(GROUP_PREFIX)] = _row(own, figure, known, (own * part).astype(np.float64))
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")


def _zones(
    demand: gpd.GeoDataFrame,
    milli: NDArray[np.int64],
    figure: NDArray[np.float64],
    known: NDArray[np.bool_],
    worst: NDArray[np.int64],
) -> pd.DataFrame:
    rows: dict[tuple[str, str], dict[str, float | None]] = {}
    for column in demand.columns:
        if not str(column).startswith(ZONE_PREFIX):
            continue
        level = str(column).removeprefix(ZONE_PREFIX)
        names = demand[column].astype(str).to_numpy()
        for zone in sorted(set(names)):
            mine = names == zone
            rows[level, zone] = _row(milli[mine], figure[mine], known[mine], worst[mine].astype(np.float64))
    index = pd.MultiIndex.from_tuples(list(rows), names=["level", "zone"]) if rows else None
    table = pd.DataFrame(list(rows.values()), columns=["people", "mean", "without", "worst_people", "worst_share"])
    return table if index is None else table.set_index(index)
