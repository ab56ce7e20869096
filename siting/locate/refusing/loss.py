"""How much worse one plan of a model is than another."""

import math
from typing import Any, Literal

Sense = Literal["more", "less"] | None


def loss_of(best: Any, other: Any) -> float:
    """Return how much worse ``other`` is than ``best``, as a share of the best; below 0 where it is better.

    Both are answers of one model to one question, ``other`` under more conditions. Where the best is 0 any loss is
    infinite. Models that ask for one thing first and for another thereafter are compared by the first that differs.
    """
    for (value, sense), (of_other, other_sense) in zip(_aims(best), _aims(other), strict=True):
        if value == of_other:
            continue
        # Both proved: whatever differs under more conditions is worse.
        less = {"more": value - of_other, "less": of_other - value}.get(
            sense or other_sense or "", abs(value - of_other)
        )
        if value == 0 or math.isinf(value):
            return math.copysign(math.inf, less)
        return less / abs(value)
    return 0.0


def _aims(result: Any) -> tuple[tuple[float, Sense], ...]:
    """Return what the model of a result asks for, first things first, and whether more or less of it is better."""
    if result.model == "backup_coverage" and "fewest_sites" in result.parameters:  # these come first
        return (float(len(result.sites)), "less"), (result.objective, "more")
    if result.model == "lscp":  # serve="reachable" counts sites for what can be served at all
        return (result.parameters["weight_served"], "more"), (result.objective, "less")
    if result.bound == result.objective:
        return ((result.objective, None),)
    return ((result.objective, "more" if result.bound > result.objective else "less"),)
