"""From a quantity to a score: 0 is worst, 1 is best; what is not known stays unknown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from siting.errors import InputError
from siting.ledger import Text

Floats = NDArray[np.float64]


class Scale(Protocol):
    """Turns a quantity into a score."""

    def __call__(self, values: Floats) -> Floats:
        """Return scores in 0..1 of the same shape; NaN where the value is NaN or has no score."""

    @property
    def text(self) -> Text:
        """The rule in words, without the unit."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A straight line from 0 at ``worst`` to 1 at ``best``, flat beyond both; either may be the larger."""

    worst: float
    best: float

    def __post_init__(self) -> None:
        if not np.isfinite([self.worst, self.best]).all() or self.worst == self.best:
            msg = f"worst = {self.worst!r} and best = {self.best!r}: expected two different numbers"
            raise InputError(msg)

    def __call__(self, values: Floats) -> Floats:
        """Return the scores of values."""
        share = (np.asarray(values, dtype=np.float64) - self.worst) / (self.best - self.worst)
        return np.clip(share, 0.0, 1.0)

    @property
    def text(self) -> Text:
        """The rule in words."""
        return Text(
            f"线性：{self.worst:g} 得 0 分，{self.best:g} 得 1 分",
            f"linear: 0 at {self.worst:g}, 1 at {self.best:g}",
        )


@dataclass(frozen=True, slots=True)
class Steps:
    """One score up to each limit, the limit included; above the last limit the last score.

    ``limits`` ascend; ``scores`` has one more: ``Steps([5, 15], [1, 0.5, 0])``.
    """

    limits: tuple[float, ...]
    scores: tuple[float, ...]

    def __init__(self, limits: Sequence[float], scores: Sequence[float]) -> None:
        object.__setattr__(self, "limits", tuple(float(v) for v in limits))
        object.__setattr__(self, "scores", tuple(float(v) for v in scores))
        if len(self.scores) != len(self.limits) + 1 or not self.limits:
            msg = f"steps: {len(self.limits)} limits need {len(self.limits) + 1} scores, got {len(self.scores)}"
            raise InputError(msg)
        if not np.isfinite(self.limits).all() or (np.diff(self.limits) <= 0).any():
            msg = f"steps: limits {list(self.limits)} must ascend"
            raise InputError(msg)
        _check_scores(self.scores)

    def __call__(self, values: Floats) -> Floats:
        """Return the scores of values."""
        values = np.asarray(values, dtype=np.float64)
        found = np.asarray(self.scores)[np.searchsorted(self.limits, values, side="left")]
        return np.where(np.isnan(values), np.nan, found)

    @property
    def text(self) -> Text:
        """The rule in words."""
        parts = [f"≤ {limit:g}: {score:g}" for limit, score in zip(self.limits, self.scores[:-1], strict=True)]
        parts.append(f"> {self.limits[-1]:g}: {self.scores[-1]:g}")
        return Text("分级：" + ";".join(parts), "steps: " + "; ".join(parts))


@dataclass(frozen=True, slots=True)
class Classes:
    """A score for each class of a raster of classes; a class that is not listed has none."""

    scores: tuple[tuple[float, float], ...]

    def __init__(self, scores: Mapping[float, float]) -> None:
        object.__setattr__(self, "scores", tuple(sorted((float(k), float(v)) for k, v in scores.items())))
        if not self.scores:
            msg = "classes: give at least one class and its score"
            raise InputError(msg)
        _check_scores([score for _, score in self.scores])

    def __call__(self, values: Floats) -> Floats:
        """Return the scores of values."""
        values = np.asarray(values, dtype=np.float64)
        found = np.full(values.shape, np.nan)
        for value, score in self.scores:
            found[values == value] = score
        return found

    @property
    def text(self) -> Text:
        """The rule in words."""
        parts = "; ".join(f"{value:g}: {score:g}" for value, score in self.scores)
        return Text(f"类别：{parts}", f"classes: {parts}")


@dataclass(frozen=True, slots=True)
class Threshold:
    """1 on the good side of a limit, the limit included, and 0 on the other."""

    limit: float
    at_least: bool
    """Whether more is better."""

    def __post_init__(self) -> None:
        if not np.isfinite(self.limit):
            msg = f"threshold: the limit is {self.limit!r}, expected a number"
            raise InputError(msg)

    def __call__(self, values: Floats) -> Floats:
        """Return the scores of values."""
        values = np.asarray(values, dtype=np.float64)
        good = values >= self.limit if self.at_least else values <= self.limit
        return np.where(np.isnan(values), np.nan, good.astype(np.float64))

    @property
    def text(self) -> Text:
        """The rule in words."""
        sign = "≥" if self.at_least else "≤"
        return Text(f"门槛：{sign} {self.limit:g} 得 1 分，否则 0 分", f"threshold: 1 if {sign} {self.limit:g}, else 0")


def _check_scores(scores: Sequence[float]) -> None:
    bad = [score for score in scores if not 0 <= score <= 1]
    if bad:
        msg = f"scores must lie between 0 and 1, got {bad[0]:g}"
        raise InputError(msg)
