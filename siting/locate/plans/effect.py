"""What a plan brings, in the figure that its model is about: people served, mean way, worst way, separation."""

import math
from dataclasses import replace
from string import ascii_uppercase

from siting.display import percent_up
from siting.ledger import Text
from siting.locate.plans.measure import Measure
from siting.locate.plans.model_words import COUNTS_SITES, MODELS, SERVES_MOST, WITHIN_LIMIT, words_of
from siting.locate.plans.plan import Plan

UNKNOWN = "–"
SERVED_KEY = "served"
"""The measure that says of every plan with a limit what ``weight_before`` and ``weight_after`` say."""


def tells_served(plan: Plan) -> bool:
    """Whether the plan is about who is served within a limit, before and after."""
    return plan.limit_text is not None and (plan.result.model in WITHIN_LIMIT or plan.result.model not in MODELS)


def counts_served(plan: Plan) -> bool:
    """Whether the plan is about who is served within a limit, and says how many."""
    return tells_served(plan) and (plan.people_before is not None or plan.weight_before is not None)


def main_measure(plan: Plan) -> Measure | None:
    """Return the figure that the plan's model is about; None where that is the people (or weight) served."""
    if not plan.measures or (plan.result.model in SERVES_MOST | COUNTS_SITES and counts_served(plan)):
        return None
    return plan.measures[0]


def told_measures(plan: Plan) -> tuple[Measure, ...]:
    """Return the figures to tell a reader: not who is served within the limit where that is said already."""
    main, limit = main_measure(plan), plan.limit_text
    if main is None:
        return tuple(one for one in plan.measures if one.key != SERVED_KEY)
    if limit is None:
        return plan.measures
    name = Text(f"{limit.zh}内服务", f"served within {limit.en}")
    return tuple(replace(one, name=name) if one.key == SERVED_KEY else one for one in plan.measures)


def figure(measure: Measure, value: float | None) -> str:
    """Write a value of a measure; a dash where nothing can be said."""
    return UNKNOWN if value is None or not math.isfinite(value) else f"{value:,.{measure.decimals}f}"


def change(measure: Measure) -> str:
    """Write a measure without and with the new sites: 812 → 604; only with them where nothing is said of before."""
    if measure.before is None:
        return figure(measure, measure.after)
    return f"{figure(measure, measure.before)} → {figure(measure, measure.after)}"


def with_unit(measure: Measure, value: float | None) -> Text:
    """Write a value of a measure with its unit; a unit in brackets is told elsewhere."""
    return _of_unit(measure, figure(measure, value))


def change_with_unit(measure: Measure) -> Text:
    """Write a measure without and with the new sites, and its unit."""
    return _of_unit(measure, change(measure))


def _of_unit(measure: Measure, shown: str) -> Text:
    if shown == UNKNOWN or measure.unit.en.startswith("("):
        return Text(shown, shown)
    return Text(f"{shown} {measure.unit.zh}".rstrip(), f"{shown} {measure.unit.en}".rstrip())


def objective_told(plan: Plan, value: float) -> tuple[Text, Text]:
    """Return what an objective (or a bound) of the plan's model is in words, and the value.

    In the figure that the model is about where one is a multiple of the other: metres on average, not person-metres.
    """
    main, best = main_measure(plan), plan.result.objective
    known = main is not None and main.after is not None and math.isfinite(best) and best > 0
    if main is None or main.after is None or not known or plan.result.model == "capacitated":
        if not math.isfinite(value):
            return words_of(plan.result).objective, Text(UNKNOWN, UNKNOWN)
        shown = f"{value:,.4g}" if plan.result.model in COUNTS_SITES or abs(value) < 1 else f"{value:,.0f}"
        if plan.result.model in SERVES_MOST:
            unit = plan.unit
            return Text("限值内服务", "served within the limit"), Text(f"{shown} {unit.zh}", f"{shown} {unit.en}")
        return words_of(plan.result).objective, Text(shown, shown)
    return main.name, with_unit(main, value * (main.after / best))


def loss_told(loss: float) -> Text:
    """Say how much worse a plan is than the best one."""
    if loss <= 0:
        return Text("同样好", "as good")
    return Text(f"差 {percent_up(loss)}", f"worse by {percent_up(loss)}")


def variant(place: int) -> str:
    """Name the plans of a comparison as people do: A for the best, then B, C, …; past Z by number."""
    letters = ascii_uppercase
    return letters[place] if place < len(letters) else str(place + 1)
