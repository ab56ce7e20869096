"""How much less a facility counts the farther it is: the usual decay functions, each with its unit and source."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from siting.errors import SchemaError

Kind = Literal["exponential", "gaussian", "gaussian_threshold", "power", "linear", "step", "zones"]
Floats = NDArray[np.float64]

NEEDS: dict[str, tuple[str, ...]] = {
    "exponential": ("beta",),
    "gaussian": ("sigma",),
    "gaussian_threshold": ("threshold",),
    "power": ("beta",),
    "linear": ("threshold",),
    "step": ("threshold",),
    "zones": ("limits", "weights"),
}
MAY: dict[str, tuple[str, ...]] = {"power": ("least",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decay:
    """A weight between a facility and a place at cost c from it; c in the unit of the costs (metres or seconds).

        kind                f(c)                                                        needs
        exponential         exp(−beta c)                                                beta, 1/unit
        gaussian            exp(−c² / (2 sigma²))                                       sigma, unit
        gaussian_threshold  (exp(−½ (c/T)²) − exp(−½)) / (1 − exp(−½)) for c ≤ T        threshold T, unit
        power               max(c, least)^(−beta)                                       beta; least, unit
        linear              1 − c/T for c ≤ T                                           threshold T, unit
        step                1 for c ≤ T                                                 threshold T, unit
        zones               weights[k] for the first k with c ≤ limits[k]               limits, unit; weights

    Everywhere else, and where there is no path, f is 0. A cost exactly at a threshold or limit lies within it. At cost
    0 a power has no value unless ``least`` is given, which costs below it are taken for.

    Raises
    ------
    SchemaError
        The kind is unknown, or a parameter is missing, not used by this kind, or outside its domain.

    References
    ----------
    Hansen (1959), Journal of the American Institute of Planners 25, 73-76 (power); Wilson (1971), Environment and
    Planning 3, 1-32 (exponential); Ingram (1971), Regional Studies 5, 101-107 (gaussian); Dai (2010), Health & Place
    16, 1038-1052 (gaussian with a threshold); Luo & Qi (2009), Health & Place 15, 1100-1107 (zones).
    """

    kind: Kind
    beta: float | None = None
    sigma: float | None = None
    threshold: float | None = None
    least: float | None = None
    limits: tuple[float, ...] | None = None
    weights: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if self.kind not in NEEDS:
            msg = f"decay: unknown kind {self.kind!r}; must be one of {', '.join(get_args(Kind))}"
            raise SchemaError(msg)
        for name in ("beta", "sigma", "threshold", "least", "limits", "weights"):
            value = getattr(self, name)
            if value is None:
                if name in NEEDS[self.kind]:
                    msg = f"decay {self.kind}: {name} is missing; it needs {' and '.join(NEEDS[self.kind])}"
                    raise SchemaError(msg)
            elif name not in NEEDS[self.kind] + MAY.get(self.kind, ()):
                msg = f"decay {self.kind}: {name} is not used; it needs {' and '.join(NEEDS[self.kind])}"
                raise SchemaError(msg)
            elif isinstance(value, (int, float)) and not (math.isfinite(value) and value > 0):
                msg = f"decay {self.kind}: {name} is {value}, expected above 0"
                raise SchemaError(msg)
        if self.limits is not None and self.weights is not None:
            self.check_zones(self.limits, self.weights)

    @staticmethod
    def check_zones(limits: tuple[float, ...], weights: tuple[float, ...]) -> None:
        """Refuse zones that do not ascend or whose weights are of another number, negative or not finite."""
        ascending = all(a < b for a, b in pairwise(limits))
        if not (limits and all(math.isfinite(c) and c >= 0 for c in limits) and ascending):
            msg = f"decay zones: limits {list(limits)} must be 0 or more and ascend"
            raise SchemaError(msg)
        if len(weights) != len(limits) or not all(math.isfinite(w) and w >= 0 for w in weights):
            msg = f"decay zones: weights {list(weights)} must be {len(limits)} numbers of 0 or more, one a zone"
            raise SchemaError(msg)

    @property
    def reach(self) -> float:
        """Cost beyond which the weight is 0; ``inf`` where it only fades."""
        if self.limits is not None:
            return self.limits[-1]
        return math.inf if self.threshold is None else self.threshold

    def __call__(self, cost: Floats) -> Floats:
        """Weights of costs, of the same shape; 0 at ``inf``.

        Raises
        ------
        SchemaError
            A power without ``least`` is asked for cost 0.
        """
        c = np.asarray(cost, dtype=np.float64)
        weight = np.zeros(c.shape)
        within = np.isfinite(c) & (c <= self.reach)
        weight[within] = FORMULAS[self.kind](self, c[within])
        return weight


def exponential(decay: Decay, c: Floats) -> Floats:
    """exp(−beta c)."""
    assert decay.beta is not None
    return np.exp(-decay.beta * c)


def gaussian(decay: Decay, c: Floats) -> Floats:
    """exp(−c² / (2 sigma²))."""
    assert decay.sigma is not None
    return np.exp(-0.5 * (c / decay.sigma) ** 2)


def gaussian_threshold(decay: Decay, c: Floats) -> Floats:
    """Fall from 1 to exactly 0 at the threshold."""
    assert decay.threshold is not None
    rest = math.exp(-0.5)
    return (np.exp(-0.5 * (c / decay.threshold) ** 2) - rest) / (1.0 - rest)


def power(decay: Decay, c: Floats) -> Floats:
    """max(c, least)^(−beta)."""
    assert decay.beta is not None
    if decay.least is None and (c == 0).any():
        msg = (
            f"decay power: {int((c == 0).sum())} costs are 0, where a power has no value. "
            "Say with least=… which cost nearer ones are taken for"
        )
        raise SchemaError(msg)
    base = c if decay.least is None else np.maximum(c, decay.least)
    return np.asarray(base**-decay.beta, dtype=np.float64)


def linear(decay: Decay, c: Floats) -> Floats:
    """1 − c/T."""
    assert decay.threshold is not None
    return 1.0 - c / decay.threshold


def step(decay: Decay, c: Floats) -> Floats:  # noqa: ARG001 - all that is asked lies within the threshold
    """1 within the threshold."""
    return np.ones(c.shape)


def zones(decay: Decay, c: Floats) -> Floats:
    """Weight of the first zone that holds the cost."""
    assert decay.limits is not None
    assert decay.weights is not None
    return np.asarray(decay.weights, dtype=np.float64)[np.searchsorted(decay.limits, c, side="left")]


FORMULAS: dict[str, Callable[[Decay, Floats], Floats]] = {
    "exponential": exponential,
    "gaussian": gaussian,
    "gaussian_threshold": gaussian_threshold,
    "power": power,
    "linear": linear,
    "step": step,
    "zones": zones,
}


def decay_of(decay: Decay | str, **parameters: float | tuple[float, ...] | None) -> Decay:
    """Return a decay as it is, or make the one of that name from its parameters."""
    given = {name: value for name, value in parameters.items() if value is not None}
    if isinstance(decay, Decay):
        if given:
            msg = f"decay: {', '.join(given)} given beside a Decay that has its own parameters"
            raise SchemaError(msg)
        return decay
    return Decay(kind=decay, **given)  # type: ignore[arg-type]  # checked in __post_init__
