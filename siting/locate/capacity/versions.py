"""Versions of sites: the sizes a new site may have, and what an existing one may be enlarged to."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InputError
from siting.locate.conditions import Conditions
from siting.locate.costs import Costs, read_by_candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What each candidate may be opened as, in rows.

    Attributes
    ----------
    site : shape (k,), position of the candidate, ascending
    name : of the size, None where a site comes in one only, and for existing sites as they are
    capacity, price : shape (k,), in the caller's terms; existing sites as they are cost nothing
    base : shape (k,), existing sites as they are
    """

    site: NDArray[np.intp]
    name: tuple[str | None, ...]
    capacity: NDArray[np.float64]
    price: NDArray[np.float64]
    base: NDArray[np.bool_]

    @property
    def are_named(self) -> bool:
        """Whether any site has sizes or upgrades."""
        return any(name is not None for name in self.name)

    def smallest(self, version: int, load: float) -> int:
        """Return the cheapest version of the same site that holds a load, the smallest and the first of equals."""
        same = np.flatnonzero(self.site == self.site[version])
        fits = [k for k in same.tolist() if self.capacity[k] >= load or k == version]
        return int(min(fits, key=lambda k: (self.price[k], self.capacity[k], k)))


def read_versions(
    costs: Costs, capacity: Any, price: Any, sizes: Any, upgrades: Any, conditions: Conditions,
    *, price_name: str = "fixed_cost",
) -> Versions:  # fmt: skip
    """Check capacities, opening costs, sizes and upgrades.

    Parameters
    ----------
    capacity : one for all sites, or one a site; None where every site that may be open has sizes
    price : of opening, likewise; None = nothing
    sizes : rows of name, capacity and opening cost that every candidate but existing ones may have; or, by site, such
        rows for some candidates; or a table with columns ``name``, ``capacity``, ``cost`` and, by site, ``site``
    upgrades : rows of existing site, name, capacity after and cost; or a table with columns ``site``, ``name``,
        ``capacity`` and ``cost``
    price_name : what the argument ``price`` is called

    Raises
    ------
    InputError
        What cannot be used: unknown sites, sizes of existing sites, names that occur twice, an upgrade that does not
        enlarge, no capacity for a site.
    """
    existing = np.zeros(costs.n_candidates, dtype=bool)
    existing[conditions.existing] = True
    sized = _sizes(costs, sizes, existing)
    enlarged = _upgrades(costs, upgrades, existing)
    may_open = existing | conditions.choosable
    may_open[conditions.required] = True
    lacking = [j for j in np.flatnonzero(may_open).tolist() if j not in sized]
    if capacity is None and lacking:
        first = list(costs.label(np.array(lacking[:3])))
        msg = f"capacity is None, but {len(lacking)} sites that may be open have no sizes (first {first})"
        raise InputError(msg)
    room = np.zeros(costs.n_candidates)
    if capacity is not None:
        room = read_by_candidate(capacity, costs, "capacity", unlimited=True)
    paid = np.zeros(costs.n_candidates) if price is None else read_by_candidate(price, costs, price_name)
    rows: list[tuple[int, str | None, float, float, bool]] = []
    for j in range(costs.n_candidates):
        if j in sized:
            rows += [(j, name, held, cost, False) for name, held, cost in sized[j]]
            continue
        rows.append((j, None, float(room[j]), 0.0 if existing[j] else float(paid[j]), bool(existing[j])))
        for name, held, cost in enlarged.get(j, ()):
            if held <= room[j]:
                msg = (
                    f"upgrades: {name} of {costs.columns[j]} holds {held:g}, not more than its present capacity of "
                    f"{room[j]:g}; give the capacity after the upgrade"
                )
                raise InputError(msg)
            rows.append((j, name, held, cost, False))
    return Versions(
        site=np.array([row[0] for row in rows], dtype=np.intp),
        name=tuple(row[1] for row in rows),
        capacity=np.array([row[2] for row in rows]),
        price=np.array([row[3] for row in rows]),
        base=np.array([row[4] for row in rows], dtype=bool),
    )


_Row = tuple[str, float, float]


def _sizes(costs: Costs, sizes: Any, existing: NDArray[np.bool_]) -> dict[int, list[_Row]]:
    if sizes is None:
        return {}
    if isinstance(sizes, pd.DataFrame) and "site" in sizes.columns:
        found = _by_site(costs, _table(sizes, ("site", "name", "capacity", "cost"), "sizes"), "sizes")
    elif isinstance(sizes, Mapping):
        triples = [(site, *row) for site, rows in sizes.items() for row in _rows(rows, 3, "sizes")]
        found = _by_site(costs, triples, "sizes")
    else:
        rows = _table(sizes, ("name", "capacity", "cost"), "sizes") if isinstance(sizes, pd.DataFrame) else sizes
        same = _checked(_rows(rows, 3, "sizes"), "sizes", "every candidate")
        return dict.fromkeys(np.flatnonzero(~existing).tolist(), same)
    wrong = [j for j in found if existing[j]]
    if wrong:
        msg = f"sizes: {costs.columns[wrong[0]]} exists already; what it may be enlarged to belongs into upgrades"
        raise InputError(msg)
    return found


def _upgrades(costs: Costs, upgrades: Any, existing: NDArray[np.bool_]) -> dict[int, list[_Row]]:
    if upgrades is None or len(upgrades) == 0:
        return {}
    if isinstance(upgrades, pd.DataFrame):
        upgrades = _table(upgrades, ("site", "name", "capacity", "cost"), "upgrades")
    found = _by_site(costs, _rows(upgrades, 4, "upgrades"), "upgrades")
    wrong = [j for j in found if not existing[j]]
    if wrong:
        msg = (
            f"upgrades: {costs.columns[wrong[0]]} is not among the existing sites; sizes of new ones belong into sizes"
        )
        raise InputError(msg)
    return found


def _table(table: pd.DataFrame, columns: tuple[str, ...], argument: str) -> list[tuple[Any, ...]]:
    missing = [name for name in columns if name not in table.columns]
    if missing:
        msg = f"{argument} lacks the columns {missing}; expected {list(columns)}, got {list(table.columns)}"
        raise InputError(msg)
    return list(table[list(columns)].itertuples(index=False, name=None))


def _rows(rows: Any, width: int, argument: str) -> list[tuple[Any, ...]]:
    expected = "(name, capacity, cost)" if width == 3 else "(site, name, capacity, cost)"
    listed = list(rows) if isinstance(rows, Iterable) and not isinstance(rows, str) else []
    if not listed or any(isinstance(row, str) or np.size(row) != width for row in listed):
        msg = f"{argument} is {rows!r}, expected rows of {expected}"
        raise InputError(msg)
    return [tuple(row) for row in listed]


def _by_site(costs: Costs, rows: list[tuple[Any, ...]], argument: str) -> dict[int, list[_Row]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for site, *row in rows:
        if costs.labelled:
            j = int(costs.columns.get_indexer(pd.Index([site]))[0])
        else:
            j = int(site) if isinstance(site, int | np.integer) and 0 <= site < costs.n_candidates else -1
        if j < 0:
            kind = "label" if costs.labelled else "position"
            msg = f"{argument}: {site!r} is no {kind} of one of the {costs.n_candidates} candidates"
            raise InputError(msg)
        found.setdefault(j, []).append(tuple(row))
    return {j: _checked(listed, argument, str(costs.columns[j])) for j, listed in found.items()}


def _checked(rows: list[tuple[Any, ...]], argument: str, whose: str) -> list[_Row]:
    names = [str(row[0]) for row in rows]
    if len(set(names)) < len(names):
        msg = f"{argument}: a name occurs twice among those of {whose}: {names}"
        raise InputError(msg)
    found = []
    for name, (_, capacity, cost) in zip(names, rows, strict=True):
        held, paid = _number(capacity), _number(cost)
        if not held >= 0 or not (paid >= 0 and math.isfinite(paid)):
            msg = (
                f"{argument}: {name} of {whose} has capacity {capacity!r} and cost {cost!r}; expected a capacity of 0 "
                "or more (inf = no limit) and a finite cost of 0 or more"
            )
            raise InputError(msg)
        found.append((name, held, paid))
    return found


def _number(given: Any) -> float:
    try:
        return math.nan if isinstance(given, bool | str) else float(given)
    except (TypeError, ValueError):
        return math.nan
