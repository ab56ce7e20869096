"""What a plan must respect: existing, required and excluded sites, how many, and which lie too close together."""

import math
import numbers
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from siting.errors import InfeasibleError, InputError
from siting.locate.costs import Costs
from siting.locate.quotas import Quota, read_quotas
from siting.nearest_word import suggest

# Demand rows that a message names.
_NAMED = 10


class ConditionArgs(TypedDict, total=False):
    """The conditions that every model takes, under the same names; see `read_conditions`."""

    existing: Any
    required: Any
    excluded: Any
    too_close: Any
    min_spacing_m: float | None
    xy: ArrayLike | None
    zones: Any
    at_least: Any
    at_most: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Conditions on a plan, as positions of candidates.

    Attributes
    ----------
    existing : open already and free: neither counted in ``p`` nor among the sites
    required : must be among the sites, and counts in ``p``
    excluded : must not be opened
    too_close : shape (k, 2), pairs of which at most one may be open, the lower position first
    choosable : shape (n_candidates,), True where the model may decide: not existing, required or excluded, nor too
        close to a site that is open anyway
    p : how many may be opened, or None
    quotas : how many must and may be open in each zone that has a quota, existing sites included
    """

    existing: NDArray[np.intp]
    required: NDArray[np.intp]
    excluded: NDArray[np.intp]
    too_close: NDArray[np.intp]
    choosable: NDArray[np.bool_]
    p: int | None
    quotas: tuple[Quota, ...] = ()


def read_conditions(
    costs: Costs,
    *,
    p: Any = None,
    existing: Any = (),
    required: Any = (),
    excluded: Any = (),
    too_close: Any = None,
    min_spacing_m: float | None = None,
    xy: ArrayLike | None = None,
    zones: Any = None,
    at_least: Any = None,
    at_most: Any = None,
) -> Conditions:
    """Check conditions and turn labels into positions.

    Parameters
    ----------
    existing, required, excluded : positions where ``costs`` came from an array, labels where it has labels
    too_close : pairs in the same language
    min_spacing_m, xy : pairs closer than this in a straight line between the points ``xy``, shape (n_candidates, 2),
        are too close as well; exactly this far apart is allowed
    zones, at_least, at_most : the zone of each candidate, and how many sites each zone must and may have; see
        `siting.locate.quotas.read_quotas`

    Raises
    ------
    InputError
        An unknown position or label, ``p`` that is no count of candidates, a site under two contrary conditions.
    InfeasibleError
        More required sites than ``p``, or required sites too close to each other or to an existing one.
    """
    chosen = {
        "existing": _positions(existing, costs, "existing"),
        "required": _positions(required, costs, "required"),
        "excluded": _positions(excluded, costs, "excluded"),
    }
    for first, second in (("existing", "required"), ("existing", "excluded"), ("required", "excluded")):
        both = np.intersect1d(chosen[first], chosen[second])
        if len(both):
            msg = f"{_names(costs, both)} stand under both {first} and {second}; keep each site under one of them"
            raise InputError(msg)
    count = None if p is None else read_p(p, costs.n_candidates)
    need = chosen["required"]
    if count is not None and len(need) > count:
        msg = f"{len(need)} sites are required ({_names(costs, need)}), but p is {count}; p = {len(need)} would work"
        raise InfeasibleError(msg)
    pairs = _pairs(too_close, costs)
    if min_spacing_m is not None:
        pairs = np.concatenate([pairs, _spacing(min_spacing_m, xy, costs.n_candidates)])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0) if len(pairs) else pairs
    is_existing, is_open = (np.zeros(costs.n_candidates, dtype=bool) for _ in range(2))
    is_existing[chosen["existing"]] = True
    is_open[chosen["existing"]] = is_open[need] = True
    # Two existing sites may stand as close as they like: nobody moves them.
    clash = pairs[is_open[pairs].all(axis=1) & ~is_existing[pairs].all(axis=1)]
    if len(clash):
        a, b = (_names(costs, clash[0, k : k + 1]) for k in (0, 1))
        msg = (
            f"required site {a if not is_existing[clash[0, 0]] else b} is too close to "
            f"{b if not is_existing[clash[0, 0]] else a} ({len(clash)} such pairs); drop one, or lower the spacing"
        )
        raise InfeasibleError(msg)
    choosable = ~is_open
    choosable[chosen["excluded"]] = False
    for here, there in ((0, 1), (1, 0)):
        choosable[pairs[is_open[pairs[:, there]], here]] = False
    quotas = read_quotas(costs, zones, at_least, at_most, is_open=is_open, choosable=choosable, p=count, required=need)
    return Conditions(**chosen, too_close=pairs, choosable=choosable, p=count, quotas=quotas)


def read_p(p: Any, n_candidates: int) -> int:
    """Return ``p`` as a whole number between 1 and the number of candidates, or refuse it."""
    is_number = isinstance(p, numbers.Real) and not isinstance(p, bool)
    if not is_number or not math.isfinite(p) or p != math.floor(p) or p < 1:
        msg = f"p is {p!r}, expected a whole number of sites, 1 or more"
        raise InputError(msg)
    if p > n_candidates:
        msg = f"p is {p}, but there are {n_candidates} candidates; lower p or add candidates"
        raise InputError(msg)
    return int(p)


def pairs_closer_than(xy: ArrayLike, spacing_m: float) -> NDArray[np.intp]:
    """Return pairs of points that lie closer than ``spacing_m`` in a straight line; exactly that far is allowed.

    Parameters
    ----------
    xy : shape (n, 2), metres

    Returns
    -------
    shape (k, 2), the lower position first, sorted
    """
    points = np.asarray(xy, dtype=np.float64)
    pairs = cKDTree(points).query_pairs(spacing_m, output_type="ndarray").astype(np.intp).reshape(-1, 2)
    apart = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
    pairs = np.sort(pairs[apart < spacing_m], axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def refuse_unreached(model: str, costs: Costs, rows: NDArray[np.intp], way_out: str = "") -> None:
    """Refuse demand rows that no site that may be open can reach.

    Parameters
    ----------
    rows : positions of such demand rows; none is fine
    way_out : what else would work, before "raise the cutoff, add candidates there, or drop these rows"

    Raises
    ------
    InfeasibleError
        There are such rows; the message names some of them.
    """
    if len(rows):
        named = ", ".join(str(label) for label in costs.rows[rows[:_NAMED]])
        msg = (
            f"{model}: {len(rows)} of {costs.n_demand} demand rows are reached by no site that may be open"
            f"{cutoff_text(costs)} ({named}{', …' if len(rows) > _NAMED else ''}). "
            f"{f'{way_out}; or raise' if way_out else 'Raise'} the cutoff, add candidates there, or drop these rows"
        )
        raise InfeasibleError(msg)


def cutoff_text(costs: Costs) -> str:
    """Name the cutoff of the costs, where they have one, for a message."""
    return f" within the cutoff of {costs.cutoff:g} {costs.unit}" if np.isfinite(costs.cutoff) else ""


def _spacing(min_spacing_m: Any, xy: ArrayLike | None, n_candidates: int) -> NDArray[np.intp]:
    if isinstance(min_spacing_m, bool) or not np.isfinite(min_spacing_m) or min_spacing_m < 0:
        msg = f"min_spacing_m is {min_spacing_m!r}, expected 0 or more metres"
        raise InputError(msg)
    points = None if xy is None else np.asarray(xy, dtype=np.float64)
    if points is None or points.shape != (n_candidates, 2) or not np.isfinite(points).all():
        given = "nothing" if points is None else f"shape {points.shape} or NaN"
        msg = f"min_spacing_m needs xy, two finite coordinates for each of the {n_candidates} candidates; got {given}"
        raise InputError(msg)
    return pairs_closer_than(points, float(min_spacing_m))


def _pairs(too_close: Any, costs: Costs) -> NDArray[np.intp]:
    if too_close is None or len(too_close) == 0:
        return np.empty((0, 2), dtype=np.intp)
    pairs = list(too_close)
    if any(isinstance(pair, str) or np.size(pair) != 2 for pair in pairs):
        msg = "too_close is a list of pairs of candidates, as [(a, b), …]"
        raise InputError(msg)
    flat = [member for pair in pairs for member in pair]
    positions = _lookup(flat, costs, "too_close").reshape(-1, 2)
    same = positions[:, 0] == positions[:, 1]
    if same.any():
        msg = f"too_close pairs a candidate with itself: {_names(costs, positions[same, 0])}"
        raise InputError(msg)
    return positions


def _positions(given: Any, costs: Costs, name: str) -> NDArray[np.intp]:
    if given is None:
        return np.empty(0, dtype=np.intp)
    if isinstance(given, str) or not isinstance(given, Iterable):
        msg = f"{name} is {given!r}, expected a list of {'labels' if costs.labelled else 'positions'}"
        raise InputError(msg)
    return np.unique(_lookup(list(given), costs, name))


def _lookup(given: list[Any], costs: Costs, name: str) -> NDArray[np.intp]:
    if not given:
        return np.empty(0, dtype=np.intp)
    if costs.labelled:
        positions = costs.columns.get_indexer(pd.Index(given))
        unknown = [label for label, k in zip(given, positions, strict=True) if k < 0]
        if unknown:
            near = suggest(str(unknown[0]), costs.columns.astype(str))
            hint = f"; did you mean {near!r} for {unknown[0]!r}?" if near else ""
            msg = (
                f"{name}: {len(unknown)} labels are not among the {costs.n_candidates} candidates ({unknown[:3]}){hint}"
            )
            raise InputError(msg)
        return positions.astype(np.intp)
    wrong = [k for k in given if isinstance(k, bool | np.bool_) or not isinstance(k, int | np.integer)]
    if wrong:
        msg = f"{name}: cost is an array, so candidates are named by position, a whole number; got {wrong[:3]}"
        raise InputError(msg)
    outside = [int(k) for k in given if not 0 <= k < costs.n_candidates]
    if outside:
        msg = f"{name}: positions {outside[:3]} do not exist; cost has candidates 0 to {costs.n_candidates - 1}"
        raise InputError(msg)
    return np.asarray(given, dtype=np.intp)


def _names(costs: Costs, positions: NDArray[np.intp]) -> str:
    shown = ", ".join(str(label) for label in costs.columns[positions[:5]])
    return shown if len(positions) <= 5 else f"{shown} and {len(positions) - 5} more"
