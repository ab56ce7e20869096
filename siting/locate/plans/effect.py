"""What a plan brings, in the figure that its model is about: people served, mean way, worst way, separation."""

import math
from dataclasses import replace
from string import ascii_uppercase

from siting.display import percent_up
from siting.ledger import Text
from siting.locate.plans.measure import Measure
from siting.locate.plans.model_words import COUNTS_SITES, HAS_ROOM, MODELS, SERVES_MOST, WITHIN_LIMIT, words_of
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
    by_people = (SERVES_MOST | COUNTS_SITES) - HAS_ROOM
    if not plan.measures or (plan.result.model in by_people and counts_served(plan)):
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
    if plan.result.model in HAS_ROOM:
        name = Text(f"{limit.zh}内有设施（不论容量）", f"a site within {limit.en}, full or not")
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
        if plan.result.model == "capacitated" and not plan.result.parameters.get("opening_cost"):
            return _ways_told(plan, value)
        return words_of(plan.result).objective, Text(shown, shown)
    return main.name, with_unit(main, value * (main.after / best))


def _ways_told(plan: Plan, value: float) -> tuple[Text, Text]:
    """Return the sum of all ways in people times kilometres or hours."""
    name = Text("总路程（无处可去者按最远计）", "all ways (without a place: the farthest)")
    timed = plan.result.parameters.get("unit") == "s"
    per, way = (3600.0, Text("小时", "hours")) if timed else (1000.0, Text("公里", "km"))
    shown = f"{value / per:,.1f}"
    return name, Text(f"{shown} {plan.unit.zh}·{way.zh}", f"{shown} {plan.unit.en} × {way.en}")


def loss_told(loss: float) -> Text:
    """Say how much worse a plan is than the best one."""
    if loss <= 0:
        return Text("同样好", "as good")
    return Text(f"差 {percent_up(loss)}", f"worse by {percent_up(loss)}")


def variant(place: int) -> str:
    """Name the plans of a comparison as people do: A for the best, then B, C, …; past Z by number."""
    letters = ascii_uppercase
    return letters[place] if place < len(letters) else str(place + 1)
