"""Candidates ranked by several criteria with open weights, and which change of a weight would make another first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InputError
from siting.ledger import Text
from siting.suitability import AhpWeights, Linear, ahp
from siting.suitability.ahp import Judgement, normalised

Floats = NDArray[np.float64]
NO_UNIT = Text("", "")
_TIE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """What candidates are compared by.

    Attributes
    ----------
    name : column of the candidates with the values
    better : whether more of it is better, or less
    worst, best : values that score 0 and 1, flat beyond; None: the worst and best among the candidates
    """

    name: str
    title: Text
    better: Literal["more", "less"]
    unit: Text = NO_UNIT
    worst: float | None = None
    best: float | None = None

    def __post_init__(self) -> None:
        if self.better not in ("more", "less"):
            msg = f"criterion {self.name}: better is {self.better!r}, expected 'more' or 'less'"
            raise InputError(msg)
        if (self.worst is None) != (self.best is None):
            msg = f"criterion {self.name}: worst and best belong together: give both"
            raise InputError(msg)
        if self.worst is not None and self.best is not None and (self.best > self.worst) != (self.better == "more"):
            msg = f"criterion {self.name}: {self.better} is better, but worst is {self.worst:g} and best {self.best:g}"
            raise InputError(msg)

    def scored(self, values: Floats) -> tuple[Floats, float, float]:
        """Return scores from 0 to 1 and the values that score 0 and 1; where all are alike, all score 1."""
        known = values[np.isfinite(values)]
        if self.worst is not None and self.best is not None:
            worst, best = self.worst, self.best
        elif not len(known):
            return np.full(len(values), np.nan), np.nan, np.nan
        else:
            low, high = float(known.min()), float(known.max())
            worst, best = (low, high) if self.better == "more" else (high, low)
        if worst == best:
            return np.where(np.isnan(values), np.nan, 1.0), worst, best
        return Linear(worst, best)(values), worst, best


@dataclass(frozen=True, kw_only=True, eq=False)
class Ranking:
    """Candidates in order.

    Attributes
    ----------
    table : a row a candidate, index = id, the best first, those without a score last; ``score`` (0 to 100), ``rank``
        (1 = best, equals share it), ``value_<criterion>``, ``score_<criterion>`` (0 to 1), ``adds_<criterion>`` (to
        the score), ``lacks`` (criteria that are not known: such a candidate has no score)
    weights : of each criterion, sum 1
    criteria : in order
    scales : by criterion, the values that score 0 and 1
    flips : a row a criterion: ``weight``; ``lower_to`` and ``raise_to``, the nearest weights at which another becomes
        first, the others keeping their proportions, and ``lower_first``, ``raise_first``, who that is; NaN and None
        where no weight does it
    sensitivity : a row a criterion and change of its weight by a share: ``first``, ``first_stays``
    judged : where the weights come from pairwise judgements
    """

    table: pd.DataFrame
    weights: Mapping[str, float]
    criteria: tuple[Criterion, ...]
    scales: Mapping[str, tuple[float, float]]
    flips: pd.DataFrame
    sensitivity: pd.DataFrame
    judged: AhpWeights | None = None

    @property
    def first(self) -> str | None:
        """Id of the best; None where no candidate has a score."""
        scored = self.table["score"].notna()
        return str(self.table.index[0]) if scored.any() else None


def rank_plants(
    candidates: pd.DataFrame,
    criteria: Sequence[Criterion],
    weights: Mapping[str, float] | None = None,
    *,
    judgements: Sequence[Sequence[Judgement]] | None = None,
    change: float = 0.2,
) -> Ranking:
    """Rank candidates by the weighted sum of their scores.

    Parameters
    ----------
    candidates : index = id, a column of numbers for each criterion
    weights : of each criterion, 0 or more, made to sum 1
    judgements : pairwise, in place of weights (`siting.suitability.ahp`, in the order of ``criteria``)
    change : share by which weights move in ``sensitivity``

    Raises
    ------
    InputError
        No criteria, a column is missing, weights or judgements that cannot be used, both or neither of them.
    """
    names = [c.name for c in criteria]
    if not names or len(set(names)) < len(names):
        msg = f"criteria: expected one or more with different names, got {names}"
        raise InputError(msg)
    lacking = [n for n in names if n not in candidates.columns]
    if lacking:
        msg = f"criteria: the candidates have no column {', '.join(lacking)}"
        raise InputError(msg)
    if (weights is None) == (judgements is None):
        msg = "rank_plants: give weights or judgements, one of them"
        raise InputError(msg)
    if not 0 < change < 1:
        msg = f"change is {change!r}, expected a share between 0 and 1"
        raise InputError(msg)
    judged = None if judgements is None else ahp(judgements, names)
    share = normalised(judged.as_dict() if judged is not None else dict(weights or {}), names)
    values = candidates[names].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64, copy=True)
    values[~np.isfinite(values)] = np.nan
    scores, scales = np.full(values.shape, np.nan), {}
    for j, c in enumerate(criteria):
        scores[:, j], worst, best = c.scored(values[:, j])
        scales[c.name] = (worst, best)
    weight = np.array([share[n] for n in names])
    ids = candidates.index.astype(str)
    total = scores @ weight
    order = np.lexsort((ids.to_numpy(), -np.round(np.nan_to_num(total, nan=-1.0), 12)))
    made: dict[str, object] = {"score": np.round(100 * total, 2)[order], "rank": _ranks(total)[order]}
    for j, name in enumerate(names):
        made[f"value_{name}"] = values[order, j]
        # Plus 0: a worst score is 0, not -0.
        made[f"score_{name}"] = np.round(scores[order, j], 4) + 0.0
        made[f"adds_{name}"] = np.round(100 * scores[order, j] * weight[j], 2) + 0.0
    made["lacks"] = [" ".join(n for j, n in enumerate(names) if np.isnan(scores[k, j])) for k in order]
    known = order[~np.isnan(total[order])]
    return Ranking(
        table=pd.DataFrame(made, index=pd.Index(ids[order], name="id")),
        weights=share,
        criteria=tuple(criteria),
        scales=scales,
        flips=flips(scores[known], weight, ids[known].tolist(), names),
        sensitivity=_moved(scores[known], weight, ids[known].tolist(), names, change),
        judged=judged,
    )


def _ranks(total: Floats) -> Floats:
    """Rank from 1 = best; equals share the better rank; NaN without a score."""
    rounded = np.round(total, 12)
    return np.array([np.nan if np.isnan(t) else 1.0 + float((rounded > t).sum()) for t in rounded])


def flips(scores: Floats, weight: Floats, ids: Sequence[str], names: Sequence[str]) -> pd.DataFrame:
    """Find for each criterion the nearest weights at which another candidate becomes first.

    While one weight moves to ``t``, the others keep their proportions, so the lead of the first over another is a
    straight line in ``t``: with its value now and at ``t = 1`` it is known, and where it reaches 0 the other is first.

    Parameters
    ----------
    scores : shape (n, k), the first candidate's row first
    weight : shape (k,), sum 1
    """
    rows = []
    for j, name in enumerate(names):
        now = float(weight[j])
        found: dict[str, tuple[float, str | None]] = {"lower": (np.nan, None), "raise": (np.nan, None)}
        if len(scores) > 1 and len(names) > 1:
            others = _others(weight, j)
            lead_at_0 = (scores[0] - scores[1:]) @ others
            lead_at_1 = scores[0, j] - scores[1:, j]
            slope = lead_at_1 - lead_at_0
            with np.errstate(divide="ignore", invalid="ignore"):
                cross = np.where(np.abs(slope) > _TIE, -lead_at_0 / slope, np.nan)
            # A lead that falls as the weight rises is lost above, one that rises with it is lost below.
            for side, able in (("raise", slope < -_TIE), ("lower", slope > _TIE)):
                # At the very end of the scale they would only be equal.
                inside = able & (cross > _TIE if side == "lower" else cross < 1 - _TIE)
                if not inside.any():
                    continue
                at = np.where(inside, cross, np.inf if side == "raise" else -np.inf)
                k = int(at.argmin() if side == "raise" else at.argmax())
                found[side] = (float(np.clip(at[k], 0.0, 1.0)), ids[k + 1])
        rows.append(
            {
                "criterion": name,
                "weight": now,
                "lower_to": found["lower"][0],
                "lower_first": found["lower"][1],
                "raise_to": found["raise"][0],
                "raise_first": found["raise"][1],
            }
        )
    made = pd.DataFrame(rows, columns=["criterion", "weight", "lower_to", "lower_first", "raise_to", "raise_first"])
    # None stays None: who is first is text or nobody.
    who = {c: pd.Series([r[c] for r in rows], dtype=object) for c in ("lower_first", "raise_first")}
    return made.assign(**who)


def _others(weight: Floats, j: int) -> Floats:
    """Return the weights where that of one criterion is 0 and the others keep their proportions."""
    rest = weight.copy()
    rest[j] = 0.0
    if rest.sum() <= 0 and len(rest) > 1:
        rest[:] = 1.0
        rest[j] = 0.0
    return rest / rest.sum() if rest.sum() > 0 else rest


def _moved(scores: Floats, weight: Floats, ids: Sequence[str], names: Sequence[str], change: float) -> pd.DataFrame:
    rows = []
    for j, name in enumerate(names):
        for moved in (-change, change):
            to = min(weight[j] * (1 + moved), 1.0)
            changed = _others(weight, j) * (1 - to)
            changed[j] = to
            total = scores @ changed
            first = int(np.round(total, 12).argmax()) if len(total) else -1
            rows.append(
                {
                    "criterion": name,
                    "change": moved,
                    "weight": float(to),
                    "first": ids[first] if first >= 0 else None,
                    "first_stays": bool(first >= 0 and total[0] >= total.max() - _TIE),
                }
            )
    return pd.DataFrame(rows, columns=["criterion", "change", "weight", "first", "first_stays"])
