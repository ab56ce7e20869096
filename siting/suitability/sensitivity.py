"""How much the best places depend on the weights."""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InputError
from siting.suitability.overlay import Suitability
from siting.suitability.scored import factor_scores

Floats = NDArray[np.float64]
_TIE = 1e-12


def sensitivity(
    suitability: Suitability,
    candidates: gpd.GeoDataFrame | None = None,
    *,
    k: int | None = None,
    change: float = 0.2,
) -> pd.DataFrame:
    """Raise and lower each weight, and see which of the best places stay among the best.

    Parameters
    ----------
    candidates : the places that are ranked; None ranks the cells
    k : how many are "the best"; default: a hundredth of the places, at least 10
    change : share by which a weight moves; the weights sum to 1 again afterwards

    Returns
    -------
    Two rows a factor: ``factor``, ``change`` (−0.2, 0.2), ``weight`` after it, ``k``, ``kept`` (how many of today's k
    best are still among the k best; equally good ones count as kept), ``kept_share``, ``first_stays`` (whether the best
    is still best), ``leaving`` and ``entering`` (the first 10 ids; cells as "row,column")

    Raises
    ------
    InputError
        ``change`` is not between 0 and 1, ``k`` is not above 0, or no place has a score.
    """
    if not 0 < change < 1:
        msg = f"change is {change!r}, expected a share between 0 and 1"
        raise InputError(msg)
    ids, scores = _places(suitability, candidates)
    if not len(ids):
        msg = "sensitivity: no place has a score"
        raise InputError(msg)
    wanted = max(10, len(ids) // 100) if k is None else k
    if wanted < 1:
        msg = f"k is {k!r}, expected 1 or more"
        raise InputError(msg)
    best = min(wanted, len(ids))
    names = [f.name for f in suitability.factors]
    weights = np.array([suitability.weights[n] for n in names])
    before = scores @ weights
    top = _top(before, best)
    rows = []
    for position, name in enumerate(names):
        for moved in (-change, change):
            changed = weights.copy()
            changed[position] *= 1 + moved
            changed /= changed.sum() if changed.sum() > 0 else 1.0
            after = scores @ changed
            limit = np.sort(after)[::-1][best - 1]
            kept = after[top] >= limit - _TIE
            now = _top(after, best)
            entering = now[~np.isin(now, top) & (after[now] > after[top].min() + _TIE)] if not kept.all() else now[:0]
            rows.append(
                {
                    "factor": name,
                    "change": moved,
                    "weight": float(changed[position]),
                    "k": best,
                    "kept": int(kept.sum()),
                    "kept_share": float(kept.mean()),
                    "first_stays": bool(after[top[0]] >= after.max() - _TIE),
                    "leaving": ";".join(map(str, ids[top[~kept]][:10])),
                    "entering": ";".join(map(str, ids[entering][:10])),
                }
            )
    return pd.DataFrame(rows)


def _places(suitability: Suitability, candidates: gpd.GeoDataFrame | None) -> tuple[NDArray[np.object_], Floats]:
    """Ids of the places with a score, and the score of each factor there, shape (n, factors)."""
    if candidates is not None:
        table = factor_scores(suitability, candidates)
        known = table.notna().all(axis=1)
        return np.asarray(table.index[known], dtype=object), table[known].to_numpy(dtype=np.float64)
    row, column = np.nonzero(suitability.valid)
    ids = np.array([f"{r},{c}" for r, c in zip(row, column, strict=True)], dtype=object)
    return ids, np.column_stack([f.score[row, column] for f in suitability.factors])


def _top(score: Floats, k: int) -> NDArray[np.int64]:
    """Return positions of the k best, the best first; of equally good ones the first."""
    return np.argsort(-np.round(score, 12), kind="stable")[:k]
