"""All location models on one kind of small problem, each with the value of a plan as its formula says it."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from any_plans import draw_any_plans
from locate_costs import labelled
from scipy.optimize import linprog

from siting.errors import InfeasibleError, SolverError
from siting.locate import (
    backup_coverage,
    budget_cover,
    capacitated,
    facility_location,
    gradual_cover,
    joint_cover,
    joint_set_cover,
    lscp,
    mclp,
    p_center,
    p_dispersion,
    p_median,
    transfer,
    transfer_streams,
)
from siting.locate.capacitated_cover import capacitated_cover
from siting.locate.partial import partial_cover

LIMIT, SHARE, SHORT, FAR = 5.0, 0.6, 3.0, 8.0


@dataclass(frozen=True)
class Problem:
    """Everything that some model asks for.

    Attributes
    ----------
    cost : demand by candidate
    distance : candidate by candidate
    price, room : of opening each candidate, and what it can serve
    haul : from each candidate to each of two plants
    conditions : as all models take them
    plans : all sets of candidates that the conditions allow, of any number
    """

    cost: np.ndarray
    weight: np.ndarray
    distance: np.ndarray
    price: np.ndarray
    room: np.ndarray
    haul: np.ndarray
    p: int
    budget: float
    conditions: dict[str, Any] = field(default_factory=dict)
    plans: list[tuple[int, ...]] = field(default_factory=list)

    @property
    def existing(self) -> list[int]:
        """Sites that stand already."""
        return list(self.conditions.get("existing", ()))

    def least(self, js: tuple[int, ...]) -> np.ndarray:
        """Cost of every row to its nearest open site."""
        return self.cost[:, [*js, *self.existing]].min(axis=1, initial=np.inf)

    def served(self, js: tuple[int, ...]) -> float:
        """Weight within the limit."""
        return float(self.weight[self.least(js) <= LIMIT].sum())

    def priced(self, js: tuple[int, ...]) -> float:
        """What opening costs."""
        return float(self.price[list(js)].sum())


def draw_problem(rng: np.random.Generator, *, with_conditions: bool = True) -> Problem:
    """Draw a small problem, some of whose pairs have no path."""
    n, m = int(rng.integers(1, 8)), int(rng.integers(2, 7))
    cost = rng.integers(0, 10, (n, m)) * 1.0
    cost[rng.random((n, m)) < rng.choice([0.0, 0.2])] = np.inf
    distance = rng.integers(0, 12, (m, m)) * 1.0
    distance = np.minimum(distance, distance.T)
    np.fill_diagonal(distance, 0.0)
    drawn = draw_any_plans(rng, m)
    price = rng.integers(0, 6, m) * 1.0
    problem = Problem(
        cost=cost,
        weight=np.maximum(rng.integers(0, 9, n), np.arange(n) == 0) * 1.0,
        distance=distance,
        price=price,
        room=rng.integers(2, 30, m) * 1.0,
        haul=rng.integers(0, 6, (m, 2)) * 1.0,
        p=int(rng.integers(1, m + 1)),
        budget=float(rng.integers(1, 3 + int(price.sum()))),
    )
    if with_conditions:
        problem = replace(problem, conditions=drawn.conditions, plans=drawn.plans)
    return problem


def named(problem: Problem, rows: list[int] | None = None, columns: list[int] | None = None) -> Problem:
    """Give rows and candidates labels, which sort as the positions do, and put them in another order."""
    n, m = problem.cost.shape
    rows, columns = rows or list(range(n)), columns or list(range(m))
    c = problem.conditions
    name = [f"C{j}" for j in range(m)]
    given: dict[str, Any] = {key: [name[j] for j in c[key]] for key in ("existing", "required", "excluded") if key in c}
    if "too_close" in c:
        given["too_close"] = [(name[a], name[b]) for a, b in c["too_close"]]
    if "zones" in c:
        given |= {"zones": [c["zones"][j] for j in columns], "at_least": c["at_least"], "at_most": c["at_most"]}
    labels = [name[j] for j in columns]
    return replace(
        problem,
        cost=labelled(problem.cost[np.ix_(rows, columns)], [f"D{i}" for i in rows], labels),
        weight=problem.weight[rows],
        distance=labelled(problem.distance[np.ix_(columns, columns)], labels, labels),
        price=problem.price[columns],
        room=problem.room[columns],
        haul=problem.haul[columns],
        conditions=given,
    )


def framed(problem: Problem, rows: list[int], columns: list[int]) -> Problem:
    """Give rows and candidates labels as tables have them, in another order."""
    given, index = named(problem, rows, columns), [f"D{i}" for i in rows]
    labels = [f"C{j}" for j in columns]
    return replace(
        given,
        cost=pd.DataFrame(problem.cost[np.ix_(rows, columns)], index, labels),
        distance=pd.DataFrame(problem.distance[np.ix_(columns, columns)], labels, labels),
    )


def _flow(problem: Problem, js: tuple[int, ...], *, hauled: bool) -> float | None:
    """Least cost of serving all weight from open sites that have room, by linear programming; None = no way."""
    every = [*js, *problem.existing]
    rows = np.flatnonzero(problem.weight > 0)
    if not len(rows):
        return 0.0
    way = problem.cost[np.ix_(rows, every)]
    if hauled:
        way = way + problem.haul[every].min(axis=1)
    n, k = way.shape
    if k == 0:
        return None
    room = np.kron(np.ones((1, n)), np.eye(k))
    all_of_it = np.kron(np.eye(n), np.ones((1, k)))
    answer = linprog(
        np.where(np.isfinite(way), way, 0.0).ravel(), A_ub=room, b_ub=problem.room[every], A_eq=all_of_it,
        b_eq=problem.weight[rows], bounds=[(0, None if np.isfinite(c) else 0) for c in way.ravel()],
    )  # fmt: skip
    return None if answer.status == 2 else float(answer.fun)


def _taken(problem: Problem, js: tuple[int, ...]) -> float:
    """Most weight that open sites within the limit have room for, by linear programming."""
    every = [*js, *problem.existing]
    reach = (problem.cost[:, every] <= LIMIT).astype(float)
    n, k = reach.shape
    if k == 0:
        return 0.0
    room, demand = np.kron(np.ones((1, n)), np.eye(k)), np.kron(np.eye(n), np.ones((1, k)))
    answer = linprog(
        -np.ones(n * k), A_ub=np.vstack([room, demand]), b_ub=np.concatenate([problem.room[every], problem.weight]),
        bounds=[(0, None if near else 0) for near in reach.ravel()],
    )  # fmt: skip
    return float(-answer.fun)


@dataclass(frozen=True)
class Model:
    """A model as a function of a problem, and the value of a plan; None = no answer of this model."""

    name: str
    solve: Callable[..., Any]
    value: Callable[[Problem, tuple[int, ...]], float | None]
    most: bool
    count: str = "any"  # number of sites: "any", "at most" p or "exactly" p

    def allows(self, problem: Problem, js: tuple[int, ...]) -> bool:
        """Say whether the plan has as many sites as the model takes."""
        return {"any": True, "at most": len(js) <= problem.p, "exactly": len(js) == problem.p}[self.count]

    def values(self, problem: Problem) -> dict[tuple[int, ...], float]:
        """Value of every plan that answers the model."""
        found = {js: self.value(problem, js) for js in problem.plans if self.allows(problem, js)}
        known = {js: value for js, value in found.items() if value is not None}
        if self.name == "backup_coverage":
            fewest = min(map(len, known), default=0)
            known = {js: value for js, value in known.items() if len(js) == fewest}
        return known

    def best(self, problem: Problem) -> float | None:
        """Return the best value of all plans; None if there is none."""
        values = self.values(problem).values()
        return None if not values else (max if self.most else min)(values)

    def __str__(self) -> str:
        """Name it in the list of tests."""
        return self.name


def _twice(q: Problem, js: tuple[int, ...]) -> float | None:
    times = (q.cost[:, [*js, *q.existing]] <= LIMIT).sum(axis=1)
    return None if (times == 0).any() else float(q.weight[times >= 2].sum())


def _weighted(q: Problem, js: tuple[int, ...]) -> float | None:
    alive, least = q.weight > 0, q.least(js)
    return None if np.isinf(least[alive]).any() else float((q.weight[alive] * least[alive]).sum())


def _plus_price(q: Problem, js: tuple[int, ...], value: float | None) -> float | None:
    return None if value is None else value + q.priced(js)


def _worst(q: Problem, js: tuple[int, ...]) -> float | None:
    worst = float(q.least(js).max())
    return None if np.isinf(worst) else worst


def _apart(q: Problem, js: tuple[int, ...]) -> float | None:
    pairs = [q.distance[a, b] for a in js for b in [*js, *q.existing] if a != b]
    return float(min(pairs)) if pairs else None


AREA = {"care": 6.0, "meals": 9.0}


def _needs(q: Problem) -> dict[str, np.ndarray]:
    return {"care": q.weight, "meals": q.weight % 4}


def _packed(q: Problem, js: tuple[int, ...]) -> float:
    """Weight served at most where care and meals share the room of each site, and existing sites have both."""
    fits = [[c for c in ((), ("care",), ("meals",), tuple(AREA)) if sum(AREA[s] for s in c) <= q.room[j]] for j in js]
    near, best = q.cost <= LIMIT, 0.0
    for choice in itertools.product(*(c[-2:] for c in fits)):  # what is left out has no more
        at = {s: [j for j, c in zip(js, choice, strict=True) if s in c] + q.existing for s in AREA}
        best = max(best, sum(float(w[near[:, at[s]].any(axis=1)].sum()) for s, w in _needs(q).items()))
    return best


def _one(result: Any) -> Any:
    """Put the rows of all services below one another, as other models have them."""
    return replace(result, assignment=np.concatenate(list(result.assignment.values())))


def _everybody(q: Problem, **options: Any) -> Any:
    """Take only answers that serve all: which are left out is its own choice, of those of equal weight."""
    found = joint_set_cover(q.cost, _needs(q), LIMIT, **q.conditions, **options)
    if any(found.parameters["not_served"].values()):
        raise InfeasibleError if found.parameters["most_weight_proved"] else SolverError
    return _one(found)


MODELS = [
    Model(
        "mclp", lambda q, **o: mclp(q.cost, q.weight, LIMIT, q.p, **q.conditions, **o), Problem.served, True, "at most"
    ),
    Model(
        "lscp",
        lambda q, **o: lscp(q.cost, LIMIT, weight=q.weight, **q.conditions, **o),
        lambda q, js: float(len(js)) if (q.least(js) <= LIMIT).all() else None,
        False,
    ),
    Model(
        "partial_cover",
        lambda q, **o: partial_cover(q.cost, q.weight, LIMIT, SHARE, **q.conditions, **o),
        lambda q, js: float(len(js)) if q.served(js) * 5 >= 3 * q.weight.sum() else None,
        False,
    ),
    Model(
        "budget_cover",
        lambda q, **o: budget_cover(q.cost, q.weight, LIMIT, q.price, q.budget, **q.conditions, **o),
        lambda q, js: q.served(js) if q.priced(js) <= q.budget else None,
        True,
    ),
    Model(
        "backup_coverage",
        lambda q, **o: backup_coverage(q.cost, LIMIT, q.weight, **q.conditions, **o),
        _twice,
        True,
    ),
    Model(
        "gradual_cover",
        lambda q, **o: gradual_cover(q.cost, q.weight, SHORT, FAR, q.p, **q.conditions, **o),
        lambda q, js: float((q.weight * np.clip((FAR - q.least(js)) / (FAR - SHORT), 0, 1)).sum()),
        True,
        "at most",
    ),
    Model(
        "p_median",
        lambda q, **o: p_median(q.cost, q.weight, q.p, **q.conditions, **o),
        _weighted,
        False,
        "at most",
    ),
    Model(
        "facility_location",
        lambda q, **o: facility_location(q.cost, q.weight, q.price, **q.conditions, **o),
        lambda q, js: _plus_price(q, js, _weighted(q, js)),
        False,
    ),
    Model("p_center", lambda q, **o: p_center(q.cost, q.p, **q.conditions, **o), _worst, False, "exactly"),
    Model("p_dispersion", lambda q, **o: p_dispersion(q.distance, q.p, **q.conditions, **o), _apart, True, "exactly"),
    Model(
        "capacitated",
        lambda q, **o: capacitated(q.cost, q.weight, q.room, q.price, q.p, **q.conditions, **o),
        lambda q, js: _plus_price(q, js, _flow(q, js, hauled=False)),
        False,
        "at most",
    ),
    Model(
        "capacitated_cover",
        lambda q, **o: capacitated_cover(q.cost, q.weight, LIMIT, q.p, q.room, **q.conditions, **o),
        _taken,
        True,
        "at most",
    ),
    Model(
        "transfer",
        lambda q, **o: transfer(
            q.weight, q.cost, q.haul, q.room, q.price, np.full(2, np.inf), p=q.p, **q.conditions, **o
        ),
        lambda q, js: _plus_price(q, js, _flow(q, js, hauled=True)),
        False,
        "at most",
    ),
    Model(
        "transfer_streams",
        lambda q, **o: transfer_streams(
            {"wet": q.weight // 3, "dry": q.weight - q.weight // 3},
            q.cost,
            q.haul,
            q.room,
            q.price,
            np.inf,
            p=q.p,
            **q.conditions,
            **o,
        ),
        lambda q, js: _plus_price(q, js, _flow(q, js, hauled=True)),
        False,
        "at most",
    ),
    Model(
        "joint_cover",
        lambda q, **o: _one(joint_cover(q.cost, _needs(q), LIMIT, q.p, area=AREA, floor=q.room, **q.conditions, **o)),
        _packed,
        True,
        "at most",
    ),
    Model(
        "joint_set_cover",
        _everybody,
        lambda q, js: float(len(js)) if (q.least(js) <= LIMIT)[q.weight > 0].all() else None,
        False,
    ),
]
