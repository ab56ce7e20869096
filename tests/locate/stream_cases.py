"""Small transfer problems of several streams, drawn at random, and their least cost by trying every choice."""

from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np
from scipy.optimize import linprog


@dataclass(frozen=True)
class Case:
    """Sources, stations (versions of sites) and plants; tables have the stream first."""

    supply: np.ndarray
    collect: np.ndarray
    haul: np.ndarray
    direct: np.ndarray
    room: np.ndarray
    opening: np.ndarray
    plant_room: np.ndarray
    plant_opening: np.ndarray
    site: list[Any]
    most_share: float | None = None
    min_sites: int = 0
    p: int | None = None
    conditions: dict[str, Any] = field(default_factory=dict)

    def arguments(self) -> dict[str, Any]:
        """Return what `transfer_streams` is called with."""
        tables = {
            name: {f"s{k}": part for k, part in enumerate(table)}
            for name, table in (("collect_cost", self.collect), ("haul_cost", self.haul), ("direct_cost", self.direct))
        }
        return {
            "supply": {f"s{k}": part for k, part in enumerate(self.supply)}, **tables,
            "station_capacity": self.room, "station_cost": self.opening, "plant_capacity": self.plant_room,
            "plant_cost": self.plant_opening, "site": self.site, "most_share": self.most_share,
            "min_sites": self.min_sites, "p": self.p, **self.conditions,
        }  # fmt: skip

    def flow_cost(self, stations: Any, plants: Any) -> float:
        """Cost of the cheapest flow as a plain linear program, ``inf`` if there is none."""
        n_streams, n, m = self.collect.shape
        k = self.haul.shape[2]
        ways = [("x", s, i, j) for s, i, j in product(range(n_streams), range(n), range(m))]
        ways += [("z", s, j, q) for s, j, q in product(range(n_streams), range(m), range(k))]
        ways += [("w", s, i, q) for s, i, q in product(range(n_streams), range(n), range(k))]
        tables = {"x": self.collect, "z": self.haul, "w": self.direct}
        cost = np.array([tables[kind][s, a, b] for kind, s, a, b in ways])
        shut = np.array([
            (kind == "x" and not stations[b]) or (kind == "z" and not (stations[a] and plants[b]))
            or (kind == "w" and not plants[b]) for kind, s, a, b in ways
        ])  # fmt: skip
        bounds = [(0, 0 if off else None) for off in shut | np.isinf(cost)]
        equal, right, below, most = [], [], [], []
        total = self.supply.sum()
        for s, i in product(range(n_streams), range(n)):
            equal.append([kind in "xw" and (t, a) == (s, i) for kind, t, a, b in ways])
            right.append(self.supply[s, i])
        for s, j in product(range(n_streams), range(m)):
            equal.append([
                float(kind == "x" and (t, b) == (s, j)) - float(kind == "z" and (t, a) == (s, j))
                for kind, t, a, b in ways
            ])  # fmt: skip
            right.append(0)
        for j in range(m):
            below.append([kind == "x" and b == j for kind, t, a, b in ways])
            most.append(min(self.room[j], np.inf if self.most_share is None else self.most_share * total))
        for q in range(k):
            below.append([kind in "zw" and b == q for kind, t, a, b in ways])
            most.append(self.plant_room[q])
        matrix = [np.array(part, dtype=float) for part in (below, equal)]
        limits = np.minimum(np.array(most, dtype=float), total)
        found = linprog(np.where(np.isinf(cost), 0, cost), matrix[0], limits, matrix[1], right, bounds)
        return found.fun if found.status == 0 else np.inf

    def allows(self, stations: Any) -> bool:
        """Say whether these may be open, in the plainest words."""
        named = {name: self.conditions.get(name, []) for name in ("existing", "required", "excluded", "too_close")}
        sites = [j if label is None else label for j, label in enumerate(self.site)]
        open_now = [j for j, is_open in enumerate(stations) if is_open]
        here = [sites[j] for j in open_now]
        stands = {sites[j] for j in named["existing"]}
        must = {sites[j] for j in named["required"]}
        new = [t for t in here if t not in stands]
        clash = any(
            sites[a] != sites[b] and {sites[a], sites[b]} <= set(here) and not {sites[a], sites[b]} <= stands
            for a, b in named["too_close"]
        )
        return (
            len(set(here)) == len(here) and stands <= set(here) and not set(open_now) & set(named["excluded"])
            and all(any(sites[j] == t for j in open_now if j in named["required"]) for t in must) and not clash
            and self.min_sites <= len(new) and (self.p is None or len(new) <= self.p)
        )  # fmt: skip

    def least(self) -> float:
        """Try every choice of stations and plants; ``inf`` where none takes everything away."""
        best = np.inf
        paid = np.array([0.0 if j in self.conditions.get("existing", []) else f for j, f in enumerate(self.opening)])
        for stations in product([False, True], repeat=len(self.room)):
            if self.allows(stations):
                for plants in product([False, True], repeat=len(self.plant_room)):
                    opened = paid[np.array(stations)].sum() + self.plant_opening[np.array(plants)].sum()
                    if opened < best:
                        best = min(best, opened + self.flow_cost(stations, plants))
        return best

    def paid(self, result: Any) -> float:
        """Cost of a plan, recomputed from its flows."""
        flows = [result.flows.of[f"s{s}"] for s in range(len(self.supply))]
        total = self.opening[result.sites].sum() + self.plant_opening[result.flows.plants].sum()
        for s, flow in enumerate(flows):
            for part, table in ((flow.collect, self.collect), (flow.haul, self.haul), (flow.direct, self.direct)):
                used = part.tocoo()
                total += (table[s][used.row, used.col] * used.data).sum()
        return float(total)


def draw(seed: int) -> Case:
    """Draw a case; about one in ten cannot be solved."""
    rng = np.random.default_rng(seed)
    n_streams, n, m, k = (int(rng.integers(low, high)) for low, high in ((1, 4), (1, 4), (2, 6), (1, 4)))
    supply = rng.integers(0, 9, (n_streams, n)) / 2.0
    supply[0, 0] += 1
    collect = rng.integers(0, 20, (n_streams, n, m)) * 1.0
    haul = rng.integers(0, 20, (n_streams, m, k)) * 1.0
    direct = rng.integers(10, 50, (n_streams, n, k)) * 1.0
    for table, share in ((collect, 0.07), (haul, 0.12), (direct, 0.5 if rng.random() < 0.5 else 1.0)):
        table[rng.random(table.shape) < share] = np.inf
    total = supply.sum()
    role = rng.choice(["free", "existing", "required", "excluded"], size=m, p=[0.72, 0.1, 0.08, 0.1])
    site = [str(t) if t else None for t in rng.integers(0, 3, m)]
    seen = set()
    for j in range(m):
        # One existing station a site, and none of its others is required: what that means is tested by itself.
        if role[j] != "free" and site[j] is not None:
            if site[j] in seen:
                role[j] = "free"
            seen.add(site[j])
    conditions: dict[str, Any] = {
        name: np.flatnonzero(role == name).tolist() for name in ("existing", "required", "excluded")
    }
    pairs = [(a, b) for a in range(m) for b in range(a + 1, m) if rng.random() < 0.08]
    fixed = {j for j in range(m) if role[j] in ("existing", "required")}
    fixed_sites = {site[j] for j in fixed} - {None}
    conditions["too_close"] = [
        (a, b) for a, b in pairs if not any(j in fixed or site[j] in fixed_sites for j in (a, b))
    ]
    return Case(
        supply=supply, collect=collect, haul=haul, direct=direct,
        room=rng.integers(int(total / 4), int(1.3 * total) + 2, m) * 1.0, opening=rng.integers(0, 40, m) * 1.0,
        plant_room=rng.integers(int(total / 2), int(2 * total) + 2, k) * 1.0,
        plant_opening=rng.integers(0, 40, k) * float(rng.random() < 0.4), site=site,
        most_share=float(rng.choice([0.4, 0.6])) if rng.random() < 0.2 else None,
        min_sites=int(rng.integers(0, 2)) if role.tolist().count("existing") < m else 0,
        p=int(rng.integers(1, m + 1)) if rng.random() < 0.3 else None, conditions=conditions,
    )  # fmt: skip


def dearer(case: Case, factor: np.ndarray) -> Case:
    """Make ways dearer, and close those whose factor is infinite."""
    return replace(case, collect=case.collect * factor)
