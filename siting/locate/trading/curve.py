"""The curve of two objectives: its plans, and what is proved of each."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from siting.ledger import Text
from siting.locate.result import SitingResult
from siting.locate.trading.boxes import Answer, Question, worse

Kind = Literal["count", "cost", "worst"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TradeOffPoint:
    """One plan of a curve.

    Attributes
    ----------
    takes : sites, money, or the worst cost of anybody: less is better
    takes_bound : proved: no plan that achieves as much takes less
    achieves : the objective of the model
    achieves_bound : proved: no plan that takes as little achieves better
    efficient : no plan that was found is as good in both and better in one
    result : the plan, with its proof under the limit that was asked
    """

    takes: float
    takes_bound: float
    achieves: float
    achieves_bound: float
    efficient: bool
    result: SitingResult

    @property
    def proved(self) -> bool:
        """Whether no plan at all is as good in both and better in one."""
        return self.efficient and self.takes_bound == self.takes and self.achieves_bound == self.achieves


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TradeOff:
    """Plans between two objectives, from the one that takes least to the one that achieves most.

    Attributes
    ----------
    model : the model that was asked
    against : what plans take: "count", "cost" or "worst"
    points : all plans found, by what they take; only the efficient ones form the curve
    complete : whether every efficient combination of the two is there, proved
    better : whether more or less is better of what plans achieve
    before : what is achieved without any new site, where the model tells
    total : all weight, of which what is achieved is a part, or over which it is a sum
    takes_name, achieves_name : for readers
    unit : of costs, where they have one
    seconds : wall time
    """

    model: str
    against: Kind
    points: tuple[TradeOffPoint, ...]
    complete: bool
    better: Literal["more", "less"]
    before: float | None
    total: float
    takes_name: Text
    achieves_name: Text
    unit: str
    seconds: float

    @property
    def efficient(self) -> tuple[TradeOffPoint, ...]:
        """The plans that form the curve."""
        return tuple(point for point in self.points if point.efficient)

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each plan: both objectives with their bounds, whether it is efficient, status, sites."""
        rows = [
            {
                "takes": p.takes,
                "takes_bound": p.takes_bound,
                "achieves": p.achieves,
                "achieves_bound": p.achieves_bound,
                "per_weight": p.achieves / self.total if self.total else None,
                "efficient": p.efficient,
                "proved": p.proved,
                "status": p.result.status,
                "sites": p.result.site_ids,
            }
            for p in self.points
        ]
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        """Say how many plans there are, and whether any is missing."""
        known = "complete" if self.complete else "some may be missing"
        return f"TradeOff({self.model!r} against {self.against}: {len(self.efficient)} efficient plans, {known})"

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        return str(self.to_frame().to_html(index=False))


def points_of(question: Question, answers: list[Answer]) -> tuple[TradeOffPoint, ...]:
    """Return the plans of all answers, by what they take, with what all answers together prove of each."""
    found = [(a, a.result) for a in answers if a.result is not None]
    plans: dict[tuple[int, float], SitingResult] = {}
    for answer, plan in sorted(found, key=lambda pair: (pair[0].taken, pair[1].status != "optimal", pair[0].asked)):
        # Equal to what the models prove: the first one stands for all.
        if not any(t == answer.taken and _equal(question, v, plan.objective) for t, v in plans):
            plans[answer.taken, plan.objective] = plan
    points = []
    for (taken, value), plan in plans.items():
        above = [result.bound for a, result in found if a.asked >= taken]
        # Limits under which nothing as good as this is left.
        poorer = [a.asked for a in answers if a.result is None or worse(question, a.result.bound, value)]
        least = min(taken, 1 + max([question.bottom, *poorer]))
        tight = min(above) if question.better == "more" else max(above)
        dominated = any(
            (t <= taken and worse(question, value, v)) or (t < taken and not worse(question, v, value))
            for t, v in plans
        )
        same = not worse(question, value, tight)
        points.append(
            TradeOffPoint(
                takes=question.value(taken),
                takes_bound=question.value(least),
                achieves=value,
                achieves_bound=value if same else tight,
                efficient=not dominated,
                result=plan,
            )
        )
    return tuple(sorted(points, key=lambda p: (p.takes, p.achieves if question.better == "more" else -p.achieves)))


def _equal(question: Question, value: float, other: float) -> bool:
    return not worse(question, value, other) and not worse(question, other, value)
