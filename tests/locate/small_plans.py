"""Small problems with every condition, and all plans of exactly p sites that the conditions allow."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np


@dataclass(frozen=True)
class SmallPlans:
    """Conditions as the models take them, and the plans that meet them."""

    p: int
    conditions: dict[str, Any]
    plans: list[tuple[int, ...]]

    @property
    def existing(self) -> list[int]:
        """Sites that stand already."""
        found: list[int] = self.conditions["existing"]
        return found


def draw_plans(rng: np.random.Generator, m: int) -> SmallPlans:
    """Draw conditions on ``m`` candidates and list the plans."""
    role = rng.choice(["free", "existing", "required", "excluded"], size=m, p=[0.73, 0.1, 0.08, 0.09])
    existing, required, excluded = (np.flatnonzero(role == r).tolist() for r in ("existing", "required", "excluded"))
    density = rng.choice([0.0, 0.15])
    pairs = [pair for pair in combinations(range(m), 2) if rng.random() < density]
    zones = rng.choice(["a", "b", "c"], size=m).tolist()
    least = {z: int(rng.integers(0, 2)) for z in sorted(set(zones)) if rng.random() < 0.3}
    most = {z: int(rng.integers(1, 3)) for z in sorted(set(zones)) if rng.random() < 0.3}
    conditions = {"existing": existing, "required": required, "excluded": excluded, "too_close": pairs}
    if rng.random() < 0.6:
        conditions |= {"zones": zones, "at_least": least, "at_most": most}
    else:
        least, most = {}, {}
    p = int(rng.integers(1, m + 1))

    def allowed(js: tuple[int, ...]) -> bool:
        now = set(js) | set(existing)
        count = {z: sum(zones[j] == z for j in now) for z in zones}
        clash = any(a in now and b in now and not (a in existing and b in existing) for a, b in pairs)
        in_quota = all(count[z] >= k for z, k in least.items()) and all(count[z] <= k for z, k in most.items())
        return set(required) <= set(js) and not clash and in_quota

    may = [j for j in range(m) if role[j] in ("free", "required")]
    return SmallPlans(p, conditions, [js for js in combinations(may, p) if allowed(js)])
