"""Plans on the page: who is served after the first k sites, for every k, to the person."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siting.coverage.model import Audit
from siting.locate.plans.effect import main_measure, tells_served
from siting.locate.plans.plan import PEOPLE, Plan
from siting.outputs.columns import safe_name
from siting.outputs.contract import RunLike
from siting.outputs.maps.words import measured_by, served_masks, site_labels
from siting.outputs.plan_states import SERVED, states_of
from siting.outputs.report.proof import proof
from siting.outputs.web.plan_tables import plan_tables
from siting.outputs.web.rules import both
from siting.standards import document_text
from siting.units import milli_to_people, people_to_milli

DOT_MM = 1.6
BEFORE, NEVER = 0, -1
"""Marks of demand that was served already, and of demand that no site of the plan serves."""


def plan_rows(run: RunLike, order: NDArray[np.intp] | None = None) -> list[dict[str, Any]]:
    """Return every plan in the order of the study.

    Parameters
    ----------
    order : the places of the demand rows as the page holds them; None = as the run has them
    """
    rows = [_row(plan, run) for plan in run.plans.values()]
    for row, plan in zip(rows, run.plans.values(), strict=True):
        won = won_by(plan, run)
        row["won"] = (won if order is None else won[order]).tolist()
    return rows


def won_by(plan: Plan, run: RunLike) -> NDArray[np.int64]:
    """Return for each demand row the place of the site that first serves it: 0 = served before, -1 = by none.

    Where a plan does not keep who is won by which site, all that is won counts for the last. Where it has no limit, it
    is the place of the site that the row goes to: 0 = an existing facility, -1 = none.
    """
    if not tells_served(plan):
        return _goes_to(plan, run)
    audit = next((a for a in run.audits.values() if _same_rule(a, plan)), None)
    before, after = served_masks(plan, run.demand, None if audit is None else audit.demand)
    won = np.full(len(run.demand), NEVER, dtype=np.int64)
    won[np.asarray(after, dtype=bool)] = len(plan.sites)
    if plan.newly_served is not None:
        place = {row: k for k, rows in enumerate(plan.newly_served, start=1) for row in rows}
        ids = run.demand.index.astype(str)
        known = np.array([place.get(str(i), 0) for i in ids], dtype=np.int64)
        won = np.where(known > 0, known, won)
    won[np.asarray(before, dtype=bool)] = BEFORE
    return won


def _goes_to(plan: Plan, run: RunLike) -> NDArray[np.int64]:
    if not states_of(plan, run.demand):
        return np.full(len(run.demand), NEVER, dtype=np.int64)
    order = {str(id_): k for k, id_ in enumerate(plan.sites.index, start=1)}
    place = {j: order[str(id_)] for j, id_ in zip(plan.result.sites.tolist(), plan.result.site_ids, strict=True)}
    return np.array([NEVER if j < 0 else place.get(j, BEFORE) for j in plan.result.assignment.tolist()], dtype=np.int64)


def served_after(plan: Plan, run: RunLike) -> list[float] | None:
    """Return how much is served with the first 0, 1, … sites, in people where they are known, else in the plan's unit.

    With no site it is what is served today, with all sites what the plan states; None where today is not known, or
    nothing is served or not because the plan has no limit.
    """
    if not tells_served(plan):
        return None
    if plan.people_before is not None and "people" in run.demand.columns:
        if plan.newly_served is not None:
            won, milli = won_by(plan, run), people_to_milli(run.demand["people"])
            steps = [int(milli[won == k].sum()) for k in range(1, len(plan.sites) + 1)]
            start = int(milli[won == BEFORE].sum())
            return [float(v) for v in milli_to_people(np.cumsum([start, *steps]))]
        return _by_gain(plan, "gain_people", plan.people_before)
    return None if plan.weight_before is None else _by_gain(plan, "gain", plan.weight_before)


def _by_gain(plan: Plan, column: str, before: float) -> list[float] | None:
    if column not in plan.sites.columns or plan.sites[column].isna().any():
        return None
    gains = plan.sites[column].tolist()
    return [math.fsum([before, *gains[:k]]) for k in range(len(gains) + 1)]


def plan_view(plan: Plan, run: RunLike) -> dict[str, Any] | None:
    """Return the view of the demand under a plan; the page works out its classes from `won_by` and its slider.

    None where the plan says nothing of the demand.
    """
    states = states_of(plan, run.demand)
    if not states:
        return None
    served = tells_served(plan)
    names = ("原已覆盖", "served before"), ("新增覆盖", "newly served"), ("未覆盖", "unserved")
    shown = names if states is SERVED else tuple((state.name.zh, state.name.en) for state in states)
    title = (
        ("需求点：现状与建成后", "Demand: today and with the sites") if served else ("需求点去向", "Where people go")
    )
    return {
        "id": f"plan_{safe_name(plan.name)}_demand",
        "group": f"plan_{safe_name(plan.name)}",
        "name": list(title),
        "table": "demand",
        "shape": "point",
        "kind": "plan",
        "column": None,
        "classes": [{"name": list(name), "colour": state.colour} for name, state in zip(shown, states, strict=True)],
        "marks": "",
        "labels": None,
        "mark": "dot",
        "outline": False,
        "size": DOT_MM,
        "visible": False,
        "leads": True,
        "note": None,
        "confidence": None if plan.rule is None else plan.rule.confidence.value,
    }


def _same_rule(audit: Audit, plan: Plan) -> bool:
    return plan.rule is not None and audit.judged and audit.rule.id == plan.rule.id


def _row(plan: Plan, run: RunLike) -> dict[str, Any]:
    steps = served_after(plan, run)
    in_people = plan.people_before is not None and "people" in run.demand.columns
    total = plan.people_total if in_people else plan.weight_total
    rule, n = plan.rule, len(plan.sites)
    slides = tells_served(plan) and (steps is not None or main_measure(plan) is None)
    return {
        "id": plan.name,
        "group": f"plan_{safe_name(plan.name)}",
        "name": both(plan.title),
        "limit": both(plan.limit_text) if tells_served(plan) else None,
        "measured": both(measured_by(plan)),
        "rule": None if rule is None else both(rule.name),
        "clause": None if rule is None else [document_text(rule, "zh"), document_text(rule, "en")],
        "confidence": None if rule is None else rule.confidence.value,
        "unit": both(PEOPLE if in_people else plan.unit),
        "total": total,
        "steps": steps,
        "order": [int(n) for n in plan.sites["order"]] if "order" in plan.sites.columns else list(range(1, n + 1)),
        "known_who": plan.newly_served is not None or not slides,
        "limited": slides,
        "loads": [] if steps is not None else _loads(plan),
        **plan_tables(plan, run),
        "proof": both(proof(plan)),
        "budget": None if plan.budget is None else both(plan.budget.text),
        "notes": [both(note) for note in plan.notes],
    }


def _loads(plan: Plan) -> list[list[str]]:
    """Return what stands beside each site where it is no gain of people."""
    return [list(pair) for pair in zip(site_labels(plan, "zh"), site_labels(plan, "en"), strict=True)]
