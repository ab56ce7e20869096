"""Small problems with every condition, and all plans of any number of sites that the conditions allow."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np


@dataclass(frozen=True)
class AnyPlans:
    """Conditions as the models take them, and the plans that meet them."""

    conditions: dict[str, Any]
    plans: list[tuple[int, ...]]

    def served(self, reach: np.ndarray, js: Any) -> np.ndarray:
        """Rows that the plan and existing sites serve."""
        return self.times(reach, js) > 0

    def times(self, reach: np.ndarray, js: Any) -> np.ndarray:
        """How many open sites serve each row."""
        return reach[:, [*js, *self.conditions["existing"]]].sum(axis=1)


def draw_any_plans(rng: np.random.Generator, m: int) -> AnyPlans:
    """Draw conditions on ``m`` candidates and list the plans."""
    role = rng.choice(["free", "existing", "required", "excluded"], size=m, p=[0.76, 0.1, 0.06, 0.08])
    existing, required, excluded = (np.flatnonzero(role == r).tolist() for r in ("existing", "required", "excluded"))
    density = rng.choice([0.0, 0.15])
    pairs = [pair for pair in combinations(range(m), 2) if rng.random() < density]
    zones = [None if rng.random() < 0.2 else str(z) for z in rng.choice(["a", "b", "c"], size=m)]
    named = sorted({z for z in zones if z})
    least = {z: int(rng.integers(0, 3)) for z in named if rng.random() < 0.4}
    most = {z: max(least.get(z, 0), int(rng.integers(0, 3))) for z in named if rng.random() < 0.4}
    conditions = {
        "existing": existing, "required": required, "excluded": excluded, "too_close": pairs, "zones": zones,
        "at_least": least, "at_most": most,
    }  # fmt: skip

    def allowed(js: tuple[int, ...]) -> bool:
        now = set(js) | set(existing)
        count = {z: sum(zones[j] == z for j in now) for z in named}
        clash = any(a in now and b in now and not (a in existing and b in existing) for a, b in pairs)
        in_quota = all(count[z] >= k for z, k in least.items()) and all(count[z] <= k for z, k in most.items())
        return set(required) <= set(js) and not clash and in_quota

    may = [j for j in range(m) if role[j] in ("free", "required")]
    return AnyPlans(conditions, [js for k in range(len(may) + 1) for js in combinations(may, k) if allowed(js)])
