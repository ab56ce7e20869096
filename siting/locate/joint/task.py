"""A task of joint siting: what the caller gave, checked and in whole numbers, and the answer in the caller's terms."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siting.errors import InputError
from siting.locate.answer import Units, whole_units
from siting.locate.clock import Clock
from siting.locate.conditions import ConditionArgs, Conditions, read_conditions
from siting.locate.costs import Costs, read_costs, read_served, read_weight
from siting.locate.covering.reduce import covered
from siting.locate.joint.packing import NO_LIMIT, Joint, Plan, reduce_joint
from siting.locate.joint.result import JointResult
from siting.locate.solver import solver_version
from siting.nearest_word import hint

Bools = NDArray[np.bool_]
_PARTS = 1000
"""Floor areas are compared in thousandths of a square metre."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """What the caller gave, checked; lists by service."""

    services: tuple[str, ...]
    costs: list[Costs]
    limits: list[float]
    units: list[NDArray[np.int64]]
    plain: list[NDArray[np.float64]]
    stacked: Units
    before: list[Bools]
    existing: list[NDArray[np.intp]]
    conditions: Conditions
    area: NDArray[np.int64]
    floor: NDArray[np.int64]
    quota: NDArray[np.int64]

    @property
    def roomy(self) -> bool:
        """Whether every plot houses everything, so that plots alone have to be chosen."""
        n = self.costs[0].n_candidates
        return bool((self.floor >= self.area.sum()).all() and (self.quota >= n).all())

    def reduce(self, open_rows: list[Bools], p: int, quota: NDArray[np.int64]) -> Joint:
        """Reduce the task to what is left to decide."""
        return reduce_joint(
            self.costs, self.limits, self.units, open_rows, area=self.area, floor=self.floor,
            conditions=self.conditions, p=p, quota=quota,
        )  # fmt: skip

    def spread(self, candidates: NDArray[np.intp], plan: Plan) -> Plan:
        """Return a plan of some candidates as one of all."""
        n = self.costs[0].n_candidates
        opened, built = np.zeros((n, len(self.services)), dtype=bool), np.zeros(n, dtype=bool)
        opened[candidates], built[candidates] = plan.opened, plan.built
        return Plan(opened, built)

    def standing(self, opened: Bools, built: Bools) -> NDArray[np.intp]:
        """Return the buildings that stay: with services, required, or needed by a quota."""
        stays = np.zeros(len(built), dtype=bool)
        stays[self.conditions.required] = True
        stays |= opened.any(axis=1)
        rank = self.costs[0].rank
        for quota in self.conditions.quotas:
            missing = quota.least - int(stays[quota.members].sum())
            missing -= len(np.intersect1d(quota.members, self.conditions.existing))
            spare = quota.members[built[quota.members] & ~stays[quota.members]]
            stays[spare[np.argsort(rank[spare])][: max(0, missing)]] = True
        return np.flatnonzero(stays).astype(np.intp)

    def hits(self, k: int, opened: Bools) -> Bools:
        """Mask of rows that new buildings with a service serve."""
        return covered(self.costs[k], self.limits[k], np.flatnonzero(opened[:, k]))

    def served_with(self, opened: Bools) -> list[Bools]:
        """Mask of rows served by what exists and by new buildings, by service."""
        return [self.before[k] | self.hits(k, opened) for k in range(len(self.services))]

    def without_idle(self, opened: Bools, wanted: list[Bools] | None = None) -> Bools:
        """Close services that serve nobody whom the others do not serve, the least useful first."""
        kept = opened.copy()
        rank = self.costs[0].rank
        for k, costs in enumerate(self.costs):
            need = (self.units[k] > 0) & ~self.before[k] if wanted is None else wanted[k] & (self.units[k] > 0)
            row, inside = costs.row_of_entry(), costs.within(self.limits[k])
            keep = inside & kept[costs.indices, k] & need[row]
            row, column = row[keep], costs.indices[keep]
            times = np.bincount(row, minlength=costs.n_demand)
            size = np.bincount(column, weights=self.units[k][row], minlength=costs.n_candidates)
            rows = {int(j): row[column == j] for j in np.flatnonzero(kept[:, k])}
            for j in sorted(rows, key=lambda j: (size[j], -int(rank[j]))):
                if (times[rows[j]] > 1).all():
                    times[rows[j]] -= 1
                    kept[j, k] = False
        return kept

    def answer(
        self, model: str, sites: NDArray[np.intp], opened: Bools, masks: list[Bools], clock: Clock, *, objective: float,
        bound: float, proved: bool, **more: Any,
    ) -> JointResult:  # fmt: skip
        """State the answer in the caller's terms."""
        order, gain = self._order(sites, opened)
        names = self.services
        first = self.costs[0]
        there = self.conditions.existing
        return JointResult(
            model=model,
            services=names,
            sites=sites,
            site_ids=first.label(sites),
            opened=opened[sites],
            served=dict(zip(names, masks, strict=True)),
            assignment={
                name: self.costs[k].assign(
                    np.union1d(self.existing[k], np.flatnonzero(opened[:, k])).astype(np.intp), self.limits[k]
                )
                for k, name in enumerate(names)
            },
            objective=objective,
            objective_by_service={name: math.fsum(self.plain[k][masks[k]]) for k, name in enumerate(names)},
            bound=bound,
            status="optimal" if proved else "feasible",
            seconds=clock.seconds,
            order=order,
            gain=gain,
            parameters={
                "limits": dict(zip(names, self.limits, strict=True)),
                "unit": first.unit,
                "candidates": first.n_candidates,
                "floor_area_limited": not bool((self.floor >= self.area.sum()).all()),
                "required": first.label(self.conditions.required),
                "existing": first.label(there),
                "excluded": first.label(self.conditions.excluded),
                "too_close_pairs": len(self.conditions.too_close),
                "quotas": {quota.zone: (quota.least, quota.most) for quota in self.conditions.quotas},
                "served_before": {name: math.fsum(self.plain[k][self.before[k]]) for k, name in enumerate(names)},
                "not_served": {name: math.fsum(self.plain[k][~masks[k]]) for k, name in enumerate(names)},
                "solver": solver_version(),
                "seed": clock.seed,
                "time_limit_s": clock.time_limit_s,
                **more,
            },
        )

    def _order(self, sites: NDArray[np.intp], opened: Bools) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Order buildings, with the services they have, by greedy marginal gain."""
        rows: dict[int, list[NDArray[np.int64]]] = {int(j): [] for j in sites}
        for k, costs in enumerate(self.costs):
            row, inside = costs.row_of_entry(), costs.within(self.limits[k])
            keep = inside & opened[costs.indices, k] & ~self.before[k][row]
            row, column = row[keep], costs.indices[keep]
            for j in rows:
                rows[j].append(row[column == j])
        fresh = [~b for b in self.before]
        left, order, gain = set(rows), [], []
        while left:
            won = {j: sum(int(self.units[k][r[fresh[k][r]]].sum()) for k, r in enumerate(rows[j])) for j in left}
            best = min(left, key=lambda j: (-won[j], int(self.costs[0].rank[j])))
            for k, r in enumerate(rows[best]):
                fresh[k][r] = False
            order.append(best)
            gain.append(won[best] / self.stacked.per_weight)
            left.remove(best)
        return np.array(order, dtype=np.intp), np.array(gain, dtype=np.float64)


def read_task(
    costs: Any, weights: Any, limits: Any, *, p: Any, area: Any, floor: Any, importance: Any, most: Any, served: Any,
    conditions: ConditionArgs,
) -> Task:  # fmt: skip
    """Check what the caller gave.

    Raises
    ------
    InputError
        Costs, weights, areas or conditions that cannot be used, services that do not match.
    """
    if not isinstance(weights, Mapping) or not len(weights):
        msg = "weights is a mapping from service to the weight of each demand row, as {'clinic': people, …}"
        raise InputError(msg)
    names = tuple(str(name) for name in weights)
    if isinstance(costs, Mapping):
        given = [read_costs(costs[name]) for name in _same(costs, names, "costs")]
    else:
        given = [read_costs(costs)] * len(names)
    for name, one in zip(names[1:], given[1:], strict=True):
        if not one.columns.equals(given[0].columns):
            msg = f"costs of '{name}' and '{names[0]}' have different candidates; give all services the same ones"
            raise InputError(msg)
    reach = (
        [limits[n] for n in _same(limits, names, "limits")] if isinstance(limits, Mapping) else [limits] * len(names)
    )
    for one, limit in zip(given, reach, strict=True):
        one.threshold(limit)
    existing = conditions.get("existing", ())
    by_service = existing if isinstance(existing, Mapping) else dict.fromkeys(names, existing)
    _known(by_service, names, "existing")
    there = [read_conditions(given[0], existing=by_service.get(name, ())).existing for name in names]
    all_there = np.unique(np.concatenate(there)).astype(np.intp)
    of_all: ConditionArgs = {
        **conditions,
        "existing": given[0].columns[all_there].tolist() if given[0].labelled else all_there.tolist(),
    }
    chosen = read_conditions(given[0], p=p, **of_all)
    plain = [read_weight(weights[name], one, f"weights of {name}") for name, one in zip(names, given, strict=True)]
    factor = _numbers(importance, names, "importance", 1.0)
    stacked = whole_units(np.concatenate([w * f for w, f in zip(plain, factor, strict=True)]))
    ends = np.cumsum([0, *(len(w) for w in plain)])
    done = served or {}
    _known(done, names, "served")
    before = [
        read_served(done.get(name), one) | covered(one, limit, at)
        for name, one, limit, at in zip(names, given, reach, there, strict=True)
    ]
    need, room = _areas(area, floor, names, given[0])
    return Task(
        services=names,
        costs=given,
        limits=[float(limit) for limit in reach],
        units=[stacked.units[a:b] for a, b in itertools.pairwise(ends)],
        plain=plain,
        stacked=stacked,
        before=before,
        existing=there,
        conditions=chosen,
        area=need,
        floor=room,
        quota=_quota(most, names),
    )


def _areas(area: Any, floor: Any, names: Sequence[str], costs: Costs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return what services need and plots offer, in thousandths."""
    n = costs.n_candidates
    if (area is None) != (floor is None):
        msg = "area (of services) and floor (of plots) go together: give both or neither"
        raise InputError(msg)
    if area is None:
        return np.zeros(len(names), dtype=np.int64), np.full(n, NO_LIMIT, dtype=np.int64)
    need = _numbers(area, names, "area", None)
    try:
        room = np.broadcast_to(np.asarray(floor, dtype=np.float64), (n,))
    except (TypeError, ValueError):
        msg = f"floor is one number, or one for each of {n} candidates"
        raise InputError(msg) from None
    bad = np.isnan(room) | (room < 0)
    if bad.any():
        msg = (
            f"floor: {int(bad.sum())} of {n} plots have NaN or negative areas (first {costs.columns[bad][:3].tolist()})"
        )
        raise InputError(msg)
    # A plot never houses more than everything, so that infinite room is a number as well.
    whole = np.rint(np.minimum(room, sum(need) + 1.0) * _PARTS).astype(np.int64)
    return np.array([round(a * _PARTS) for a in need], dtype=np.int64), whole


def _quota(most: Any, names: Sequence[str]) -> NDArray[np.int64]:
    given = most or {}
    _known(given, names, "most")
    for name, number in given.items():
        if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < 0:
            msg = f"most['{name}'] is {number!r}, expected a whole number of buildings, 0 or more"
            raise InputError(msg)
    return np.array([given.get(name, NO_LIMIT) for name in names], dtype=np.int64)


def _numbers(given: Any, names: Sequence[str], what: str, default: float | None) -> list[float]:
    values = given or {}
    if default is None:
        _same(values, names, what)
    _known(values, names, what)
    found = []
    for name in names:
        value = values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 <= value < math.inf:
            msg = f"{what}['{name}'] is {value!r}, expected a number, 0 or more"
            raise InputError(msg)
        found.append(float(value))
    return found


def _same(given: Mapping[str, Any], names: Sequence[str], what: str) -> Sequence[str]:
    missing = [name for name in names if name not in given]
    if missing:
        msg = f"{what}: nothing for {', '.join(missing)}; give it for each service in weights"
        raise InputError(msg)
    return names


def _known(given: Mapping[str, Any], names: Sequence[str], what: str) -> None:
    for name in given:
        if name not in names:
            msg = f"{what}: no service {str(name)!r}{hint(str(name), names)}; the services are {', '.join(names)}"
            raise InputError(msg)
