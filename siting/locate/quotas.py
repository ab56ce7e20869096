"""Quotas of zones: at least one site in every district, at most two in the old town."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InfeasibleError, InputError
from siting.locate.costs import Costs


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many sites of one zone must and may be open, existing ones included.

    Attributes
    ----------
    zone : its label
    members : positions of all candidates in it, ascending
    least, most : counts; ``most`` is None where there is no upper one
    """

    zone: str
    members: NDArray[np.intp]
    least: int
    most: int | None


def read_quotas(
    costs: Costs,
    zones: Any,
    at_least: Any,
    at_most: Any,
    *,
    is_open: NDArray[np.bool_],
    choosable: NDArray[np.bool_],
    p: int | None,
    required: NDArray[np.intp],
) -> tuple[Quota, ...]:
    """Check quotas and whether each by itself can be met.

    Parameters
    ----------
    zones : shape (n_candidates,), the zone of each candidate, None or NaN where it lies in none; a Series is aligned
        to labelled costs by its index
    at_least, at_most : one count for every zone that holds a candidate, or counts by zone
    is_open, choosable : which candidates are open anyway, and which may be opened
    p : most new sites, ``required`` among them; None = any number

    Returns
    -------
    Only zones that are bound by something, by label.

    Raises
    ------
    InputError
        Quotas without zones, an unknown zone, a count that is no whole number, more at least than at most.
    InfeasibleError
        A zone has too few candidates, too many open sites, or the quotas together need more than ``p``.
    """
    if zones is None:
        if at_least is None and at_most is None:
            return ()
        msg = "at_least and at_most need zones, the zone of each candidate"
        raise InputError(msg)
    if isinstance(zones, pd.Series) and costs.labelled:
        zones = zones.reindex(costs.columns)
    labels = pd.Series(np.asarray(zones, dtype=object))
    if len(labels) != costs.n_candidates:
        msg = f"zones has {len(labels)} entries, cost has {costs.n_candidates} candidates: one zone each is expected"
        raise InputError(msg)
    members = {str(zone): rows.to_numpy() for zone, rows in labels.groupby(labels.map(_label)).groups.items()}
    least, most = _counts(at_least, members, "at_least"), _counts(at_most, members, "at_most")
    found = []
    for zone in sorted(members):
        if zone not in least and zone not in most:
            continue
        quota = Quota(
            zone=zone,
            members=np.sort(np.asarray(members[zone], dtype=np.intp)),
            least=least.get(zone, 0),
            most=most.get(zone),
        )
        _check(quota, is_open, choosable)
        found.append(quota)
    more = sum(max(0, q.least - int(is_open[q.members].sum())) for q in found)
    if p is not None and more + len(required) > p:
        works = more + len(required)
        msg = f"zones need {more} new sites beside {len(required)} required ones, but p is {p}; p = {works} would work"
        raise InfeasibleError(msg)
    return tuple(found)


def _label(zone: Any) -> str | None:
    return None if zone is None or zone is pd.NA or (isinstance(zone, float) and np.isnan(zone)) else str(zone)


def _counts(given: Any, members: Mapping[str, Any], name: str) -> dict[str, int]:
    if given is None:
        return {}
    counts = (
        {str(z): n for z, n in dict(given).items()} if isinstance(given, Mapping) else dict.fromkeys(members, given)
    )
    unknown = [zone for zone in counts if zone not in members]
    # A zone without candidates can only meet a quota of none.
    lost = [zone for zone in unknown if counts[zone] and name == "at_least"]
    if lost:
        some = ", ".join(sorted(members)[:5])
        msg = f"{name}: zone {lost[0]} holds no candidate ({len(lost)} such zones); zones with candidates: {some}"
        raise InfeasibleError(msg)
    for zone, n in counts.items():
        if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 0:
            msg = f"{name}: zone {zone} has {n!r}, expected a whole number of sites, 0 or more"
            raise InputError(msg)
    return {zone: int(n) for zone, n in counts.items() if zone in members}


def _check(quota: Quota, is_open: NDArray[np.bool_], choosable: NDArray[np.bool_]) -> None:
    already, free = int(is_open[quota.members].sum()), int(choosable[quota.members].sum())
    if quota.most is not None and quota.least > quota.most:
        msg = f"zone {quota.zone}: at least {quota.least} but at most {quota.most} sites; mend one of them"
        raise InputError(msg)
    if already + free < quota.least:
        msg = (
            f"zone {quota.zone} needs {quota.least} sites, but has {already} open and {free} candidates that may be "
            f"opened; lower its quota to {already + free}, or add candidates there"
        )
        raise InfeasibleError(msg)
    if quota.most is not None and already > quota.most:
        msg = (
            f"zone {quota.zone} may have {quota.most} sites, but {already} are existing or required there; raise its "
            f"quota to {already}"
        )
        raise InfeasibleError(msg)
