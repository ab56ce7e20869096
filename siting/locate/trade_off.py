"""The trade-off curve of two objectives, each point a proved plan: what plans take against what they achieve.

    best f(x)   subject to   g(x) <= e   and the conditions of the model, for every e at which the answer changes

    g = number of new sites, what they cost, or the worst cost of anybody;  f = the objective of the model

A plan is efficient if no other is as good in both and better in one. Unlike a weighted sum of the two, this finds the
efficient plans in the hollows of the curve as well.

Haimes, Lasdon & Wismer (1971), IEEE Transactions on Systems, Man and Cybernetics 1, 296-297;
Mavrotas (2009), Applied Mathematics and Computation 213, 455-465.
"""  # fmt: skip

import inspect
from collections.abc import Callable
from typing import Any

from siting.errors import InputError
from siting.ledger import Text
from siting.locate.backup_coverage import backup_coverage
from siting.locate.budget_cover import budget_cover
from siting.locate.capacitated_cover import capacitated_cover
from siting.locate.clock import start_clock
from siting.locate.conditions import ConditionArgs
from siting.locate.costs import read_costs, read_weight
from siting.locate.gradual_cover import gradual_cover
from siting.locate.mclp import mclp
from siting.locate.p_median import p_median
from siting.locate.trading.boxes import Question, explore
from siting.locate.trading.curve import Kind, TradeOff, TradeOffPoint, points_of
from siting.locate.trading.questions import Budgets, Counts, Worst
from siting.nearest_word import suggest

__all__ = ["TradeOff", "TradeOffPoint", "trade_off"]

_WAYS: dict[Any, tuple[Kind, ...]] = {
    mclp: ("count",),
    gradual_cover: ("count",),
    backup_coverage: ("count",),
    capacitated_cover: ("count",),
    budget_cover: ("cost",),
    p_median: ("worst", "count"),
}
_TAKES: dict[Kind, Text] = {
    "count": Text("新建数量", "new sites"),
    "cost": Text("费用", "cost of the sites"),
    "worst": Text("最远距离", "worst distance"),
}
_COVERED, _WAY = Text("覆盖量", "weight covered"), Text("加权总距离", "weighted distance")


def trade_off(
    model: Callable[..., Any],
    *args: Any,
    against: Kind | None = None,
    points: int | None = None,
    time_limit_s: float = 60.0,
    **kwargs: Any,
) -> TradeOff:
    """Return the plans between two objectives of which neither can be improved without the other getting worse.

    Parameters
    ----------
    model : one of `siting.locate`: `mclp`, `gradual_cover`, `capacitated_cover` or `backup_coverage` (coverage against
        the number of sites), `budget_cover` (coverage against money), `p_median` (weighted cost against the worst cost
        of anybody with weight)
    args, kwargs : as the model takes them, every condition included. ``p`` and ``budget`` are the most that is looked
        at; None of `mclp` = as many as it takes to serve all that can be served, None of `budget_cover` = the price of
        all candidates. Of `p_median` against the worst cost, ``p`` is the same for all plans
    against : "count", "cost" or "worst", where the model allows more than one: `p_median` also goes against "count"
    points : most questions to the model; None = every efficient plan, as far as the time allows
    time_limit_s : for the whole curve; where it does not suffice the curve has gaps, evenly spread, and says so

    Returns
    -------
    TradeOff with a plan for every efficient pair of values, where ``complete`` is True: of several plans of equal
    values one. Else every point still has its bounds: what no plan that takes as little achieves, and with how little
    no plan achieves as much.

    Raises
    ------
    InputError
        Another model, or arguments that the model refuses.
    InfeasibleError
        There is no plan even where most may be taken.
    SolverError
        No plan was found in time.
    """
    ways = _WAYS.get(model, ())
    if not ways or (against is not None and against not in ways):
        known = ", ".join(f"{m.__name__} ({' or '.join(w)})" for m, w in _WAYS.items())
        name = getattr(model, "__name__", repr(model))
        msg = f"trade_off: {name} against {against or 'anything'} has no curve here; these have: {known}"
        raise InputError(msg)
    if points is not None and (isinstance(points, bool) or not isinstance(points, int) or points < 1):
        msg = f"points is {points!r}, expected a whole number of questions, 1 or more"
        raise InputError(msg)
    given = _arguments(model, args, kwargs)
    clock = start_clock(time_limit_s, given.get("mip_gap", 0.0), given.get("seed", 0))
    way = against or ways[0]
    share = time_limit_s / 4
    better: Any = "less" if model is p_median else "more"
    question: Question
    if way == "cost":
        question = Budgets(model, given)
    else:
        question = Worst(model, given, share) if way == "worst" else Counts(model, given, better, share)
    answers, complete = explore(question, clock, points)
    costs = read_costs(given["cost"])
    first = answers[0].result
    assert first is not None
    return TradeOff(
        model=first.model,
        against=way,
        points=points_of(question, answers),
        complete=complete,
        better=better,
        before=first.parameters.get("served_before"),
        total=float(costs.n_demand if given.get("weight") is None else read_weight(given["weight"], costs).sum()),
        takes_name=_TAKES[way],
        achieves_name=_WAY if model is p_median else _COVERED,
        unit=costs.unit,
        seconds=clock.seconds,
    )


def _arguments(model: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return all arguments by name; ``p`` and ``budget`` may be left out where None means no limit."""
    signature = inspect.signature(model)
    for name in ("p", "budget"):
        if name in signature.parameters and name not in kwargs and len(args) <= list(signature.parameters).index(name):
            kwargs = {**kwargs, name: None}
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        msg = f"{getattr(model, '__name__', model)}: {error}"
        raise InputError(msg) from None
    given = dict(bound.arguments)
    conditions = given.pop("conditions", {})
    unknown = [name for name in conditions if name not in ConditionArgs.__annotations__]
    if unknown:
        near = suggest(unknown[0], [*signature.parameters, *ConditionArgs.__annotations__])
        hint = f"; did you mean {near!r}?" if near else ""
        msg = f"{getattr(model, '__name__', model)} takes no {unknown[0]!r}{hint}"
        raise InputError(msg)
    if given.get("p", 0) is None and model is not mclp:
        msg = f"{getattr(model, '__name__', model)} needs p, the most sites"
        raise InputError(msg)
    given.pop("progress", None)
    return {**given, **conditions}
