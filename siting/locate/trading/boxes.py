"""All efficient plans of two objectives, by asking one model for its best plan under ever other limits.

What a plan takes (sites, money, the worst distance) is counted in whole steps. A plan that was found bounds a box:
below what it takes and above the next limit that was asked. The largest box is asked next, first in its middle, later
just below its plan; each answer splits the box or closes it, until no box is left (epsilon-constraint method: Haimes,
Lasdon & Wismer 1971, IEEE Transactions on Systems, Man and Cybernetics 1, 296-297).
"""

import math
from dataclasses import dataclass
from typing import Literal, Protocol

from siting.errors import InfeasibleError, SolverError
from siting.locate.clock import Clock
from siting.locate.result import SitingResult

NARROW = 1 / 32
"""Of the whole width: boxes that are wider are halved, so that a curve that time cuts short has even gaps; narrower
ones are closed from their plan downwards, a question for each plan."""
_SAME = 1e-10
_SHARE = 4


class Question(Protocol):
    """A model under a limit on what a plan takes, in whole steps.

    Attributes
    ----------
    better : whether more or less of the second objective is better
    bottom : the highest step at which there is known to be no plan, or none is asked for
    top : the highest step
    """

    better: Literal["more", "less"]
    bottom: int
    top: int

    def value(self, step: int) -> float:
        """Return what a step is, in the caller's terms."""

    def middle(self, low: int, high: int) -> int:
        """Return a step between two others."""

    def taken(self, result: SitingResult) -> int:
        """Return the step that a plan takes."""

    def ask(self, step: int, seconds: float) -> SitingResult:
        """Return the best plan that takes at most ``step``.

        Raises
        ------
        InfeasibleError
            There is none.
        SolverError
            None was found in time.
        """


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """The best plan found that takes at most ``asked``; None where there is no plan.

    Attributes
    ----------
    asked : the limit, in steps
    taken : what the plan takes
    """

    asked: int
    taken: int
    result: SitingResult | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Box:
    low: int
    below: SitingResult | None
    high: Answer


def explore(question: Question, clock: Clock, most: int | None) -> tuple[list[Answer], bool]:
    """Return the answers, and whether they leave no efficient plan out.

    Parameters
    ----------
    most : most questions; None = until no box is left or time is up

    Raises
    ------
    InfeasibleError, SolverError
        There is no plan at all, or none was found in time.
    """
    top = question.ask(question.top, clock.left_s / 2)
    first = Answer(asked=question.top, taken=question.taken(top), result=top)
    answers, whole = [first], True
    whole_box = _Box(low=question.bottom, below=None, high=first)
    boxes = [whole_box]
    stopped = bool(top.parameters.get("interrupted", False))
    while boxes := [box for box in boxes if box.high.taken - 1 > box.low]:
        if stopped or clock.is_over or (most is not None and len(answers) >= most):
            return answers, False
        box = max(boxes, key=lambda box: _area(question, box, first))
        boxes.remove(box)
        step = box.high.taken - 1
        if most is not None or _width(question, box) > NARROW * _width(question, whole_box):
            step = min(step, max(box.low + 1, question.middle(box.low, box.high.taken)))
        try:
            result: SitingResult | None = question.ask(step, clock.left_s / _SHARE)
        except InfeasibleError:
            result = None
        except SolverError:
            whole = False
            continue
        except KeyboardInterrupt:
            return answers, False
        answer = Answer(asked=step, taken=step if result is None else question.taken(result), result=result)
        answers.append(answer)
        if result is None:
            boxes.append(_Box(low=step, below=None, high=box.high))
            continue
        stopped = bool(result.parameters.get("interrupted", False))
        boxes.append(_Box(low=box.low, below=box.below, high=answer))
        assert box.high.result is not None
        if worse(question, result.objective, box.high.result.objective):
            boxes.append(_Box(low=step, below=result, high=box.high))
    return answers, whole and all(a.result is None or a.result.status == "optimal" for a in answers)


def worse(question: Question, value: float, other: float) -> bool:
    """Say whether a value of the second objective is worse than another, by more than the models prove."""
    less = other - value if question.better == "more" else value - other
    return less > _SAME * max(abs(value), abs(other))


def _area(question: Question, box: _Box, first: Answer) -> tuple[float, int]:
    assert box.high.result is not None
    assert first.result is not None
    value, best = box.high.result.objective, first.result.objective
    # Below a box at the lower end nothing is known: it counts as high as the best plan is.
    high = abs(value - box.below.objective) if box.below is not None else max(abs(best), abs(value))
    area = _width(question, box) * high
    return (area if math.isfinite(area) else math.inf), box.high.taken


def _width(question: Question, box: _Box) -> float:
    return question.value(box.high.taken) - question.value(max(box.low, question.bottom + 1))
