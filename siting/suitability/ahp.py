"""Weights from pairwise judgements: the analytic hierarchy process (AHP, 层次分析法), with its check of consistency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from siting.errors import InputError
from siting.ledger import Text

Floats = NDArray[np.float64]
Judgement = float | int | str | None

RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
"""Mean consistency index of random judgements of 1 to 15 things: Saaty (1980), The Analytic Hierarchy Process."""
LARGEST_CR = 0.10
"""Judgements with a larger consistency ratio should be thought over: Saaty (1980)."""
_RECIPROCAL_TOLERANCE = 0.02
"""``0.33`` is taken for one third."""
_MOST_ROUNDS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AhpWeights:
    """Weights of a judgement matrix and how far it contradicts itself.

    Attributes
    ----------
    names : of what was compared
    weights : shape (n,), the principal eigenvector, sum 1
    lambda_max : principal eigenvalue, n if the judgements agree wholly
    consistency_index : CI = (lambda_max − n) / (n − 1)
    consistency_ratio : CR = CI / random index; 0 for one or two things
    worst_pair : the judgement farthest from the weights: the two names; None where all agree
    judged, implied : what was said of this pair, and what the weights would say
    """

    names: tuple[str, ...]
    weights: Floats
    lambda_max: float
    consistency_index: float
    consistency_ratio: float
    worst_pair: tuple[str, str] | None
    judged: float | None
    implied: float | None

    @property
    def consistent(self) -> bool:
        """Whether CR is at most 0.10."""
        return self.consistency_ratio <= LARGEST_CR

    def as_dict(self) -> dict[str, float]:
        """Return the weight of each name."""
        return {name: float(w) for name, w in zip(self.names, self.weights, strict=True)}

    @property
    def text(self) -> Text:
        """The check in words."""
        zh, en = ("一致", "consistent") if self.consistent else ("不一致", "not consistent")
        ratio = f"CR {self.consistency_ratio:.3f} {'≤' if self.consistent else '>'} {LARGEST_CR:.2f}"
        rest = f"λmax {self.lambda_max:.3f}, CI {self.consistency_index:.3f}"
        return Text(f"AHP 判断{zh}：{ratio}； {rest}", f"AHP {en}: {ratio}; {rest}")


def ahp(
    matrix: Sequence[Sequence[Judgement]] | Floats, names: Sequence[str], *, max_cr: float | None = LARGEST_CR
) -> AhpWeights:
    """Weigh things by pairwise judgements on Saaty's scale of 1 to 9 and its reciprocals.

    Parameters
    ----------
    matrix : n rows of n judgements; row i, column j says how many times as important i is as j. Numbers, or fractions
        as text ("1/3"); the lower half must be the reciprocals of the upper within 2 %, which is then exact
    names : of the n things
    max_cr : refuse judgements with a larger consistency ratio; None only reports it

    Raises
    ------
    InputError
        The matrix is not n by n, has empty, negative or not reciprocal cells (all are named), or contradicts itself:
        the message then names the judgement farthest from all the others.

    References
    ----------
    Saaty (1980), The Analytic Hierarchy Process, McGraw-Hill; Saaty (1990), European Journal of Operational Research
    48, 9-26.
    """
    names = tuple(str(name) for name in names)
    values = _read(matrix, names)
    n = len(names)
    weights, largest = _principal(values)
    index = max(largest - n, 0.0) / (n - 1) if n > 1 else 0.0
    ratio = index / RANDOM_INDEX[n - 1] if n > 2 else 0.0
    pair, judged, implied = _worst(values, weights, names)
    made = AhpWeights(
        names=names, weights=weights, lambda_max=largest, consistency_index=index, consistency_ratio=ratio,
        worst_pair=pair, judged=judged, implied=implied,
    )  # fmt: skip
    if max_cr is not None and ratio > max_cr and pair is not None and judged is not None and implied is not None:
        msg = (
            f"ahp: the judgements contradict each other (CR {ratio:.3f}, at most {max_cr:g}). Think over '{pair[0]}' "
            f"against '{pair[1]}': judged {judged:.3g}, the weights of all judgements say about {implied:.3g}"
        )
        raise InputError(msg)
    return made


def _read(matrix: Sequence[Sequence[Judgement]] | Floats, names: tuple[str, ...]) -> Floats:
    n = len(names)
    rows = [list(row) for row in matrix]
    if n < 1 or len(rows) != n or any(len(row) != n for row in rows):
        shape = f"{len(rows)} rows of {sorted({len(row) for row in rows})}"
        msg = f"ahp: {shape} judgements for {n} factors; expected {n} rows of {n}"
        raise InputError(msg)
    if n > len(RANDOM_INDEX):
        msg = f"ahp: {n} factors; consistency is known for at most {len(RANDOM_INDEX)}. Group them, or give weights"
        raise InputError(msg)
    if len(set(names)) < n:
        msg = f"ahp: names occur twice: {', '.join(sorted({x for x in names if names.count(x) > 1}))}"
        raise InputError(msg)
    faults: list[str] = []
    values = np.full((n, n), np.nan)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            try:
                values[i, j] = judgement(cell)
            except InputError as error:
                faults.append(f"{_cell(i, j, names)} {error}")
    for i in range(n):
        if np.isfinite(values[i, i]) and values[i, i] != 1:
            faults.append(f"{_cell(i, i, names)} is {values[i, i]:g}; a factor is 1 against itself")
        for j in range(i + 1, n):
            product = values[i, j] * values[j, i]
            if np.isfinite(product) and abs(product - 1) > _RECIPROCAL_TOLERANCE:
                faults.append(
                    f"{_cell(j, i, names)} is {values[j, i]:g}, but {_cell(i, j, names)} is {values[i, j]:g}: "
                    f"one must be 1 over the other"
                )
    if faults:
        raise InputError("ahp: " + "; ".join(faults))
    above = np.triu(values, 1)
    below = np.divide(1.0, above.T, out=np.zeros((n, n)), where=above.T > 0)
    return above + below + np.eye(n)


def judgement(cell: Judgement) -> float:
    """Read one judgement: a number above 0, or a fraction as text.

    Raises
    ------
    InputError
        It is empty, not a number, or not above 0.
    """
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        msg = "is empty; every pair needs a judgement"
        raise InputError(msg)
    try:
        value = float(Fraction(cell.replace(" ", ""))) if isinstance(cell, str) else float(cell)
    except (ValueError, ZeroDivisionError):
        msg = f"is {cell!r}, expected a number or a fraction such as '1/3'"
        raise InputError(msg) from None
    if np.isnan(value):
        msg = "is empty; every pair needs a judgement"
        raise InputError(msg)
    if not (np.isfinite(value) and value > 0):
        msg = f"is {value:g}, expected a number above 0"
        raise InputError(msg)
    return value


def _cell(i: int, j: int, names: tuple[str, ...]) -> str:
    return f"row {i + 1} column {j + 1} ('{names[i]}' against '{names[j]}')"


def _principal(values: Floats) -> tuple[Floats, float]:
    """Principal eigenvector (sum 1) and eigenvalue of a matrix of positive numbers, by repeated multiplication."""
    weights = np.full(len(values), 1.0 / len(values))
    for _ in range(_MOST_ROUNDS):
        grown = values @ weights
        new = grown / grown.sum()
        done = np.abs(new - weights).max() < 1e-15
        weights = new
        if done:
            break
    return weights, float((values @ weights / weights).mean())


def _worst(
    values: Floats, weights: Floats, names: tuple[str, ...]
) -> tuple[tuple[str, str] | None, float | None, float | None]:
    """Return the judgement farthest, in proportion, from the ratio of the weights."""
    n = len(weights)
    if n < 3:
        return None, None, None
    implied = weights[:, None] / weights[None, :]
    off = np.where(np.triu(np.ones((n, n), dtype=bool), 1), np.abs(np.log(values / implied)), -1.0)
    i, j = (int(k) for k in np.unravel_index(int(off.argmax()), off.shape))
    if off[i, j] < 1e-9:
        return None, None, None
    return (names[i], names[j]), float(values[i, j]), float(implied[i, j])


def normalised(weights: Mapping[str, float], names: Sequence[str]) -> dict[str, float]:
    """Return the weights of ``names`` with sum 1.

    Raises
    ------
    InputError
        One is missing, unknown, negative or not finite, or all are 0.
    """
    missing = [n for n in names if n not in weights]
    unknown = [n for n in weights if n not in set(names)]
    bad = [n for n, w in weights.items() if not (np.isfinite(w) and w >= 0)]
    for what, found in (("no weight for", missing), ("unknown factor", unknown), ("not 0 or more", bad)):
        if found:
            msg = f"weights: {what} {', '.join(found)}"
            raise InputError(msg)
    total = sum(float(weights[n]) for n in names)
    if not total > 0:
        msg = "weights: all are 0; give at least one factor a weight"
        raise InputError(msg)
    return {n: float(weights[n]) / total for n in names}
