"""Beside a plan on the page: its figures before and after, plans nearly as good, what zones gain, as plain values."""

from typing import Any

from siting.display import percent_up
from siting.locate.plans.effect import change_with_unit, loss_told, main_measure, objective_told, told_measures, variant
from siting.locate.plans.plan import Plan
from siting.outputs.columns import safe_name
from siting.outputs.contract import RunLike
from siting.outputs.plan_tables import gain_rows, not_in_best
from siting.outputs.report.figures import count, percent
from siting.outputs.views.of_run import colour_of
from siting.outputs.web.rules import both


def plan_tables(plan: Plan, run: RunLike) -> dict[str, Any]:
    """Return ``measures``, ``alternatives`` and ``gains`` of a plan; None or empty where it has none."""
    return {
        "measures": _measures(plan),
        "alternatives": _alternatives(plan) if len(plan.alternatives) > 1 else None,
        "gains": _gains(plan, run),
    }


def _measures(plan: Plan) -> list[dict[str, Any]]:
    main = main_measure(plan)
    return [
        {
            "name": both(one.name),
            "change": both(change_with_unit(one)),
            "main": one is main,
        }
        for one in told_measures(plan)
    ]


def _alternatives(plan: Plan) -> dict[str, Any]:
    return {
        "view": f"plan_{safe_name(plan.name)}_alternatives",
        "objective": both(objective_told(plan, plan.result.objective)[0]),
        "rows": [
            {
                "variant": variant(k),
                "colour": colour_of(k),
                "objective": both(objective_told(plan, one.result.objective)[1]),
                "loss": both(loss_told(one.loss)) if k else None,
                "proved": one.result.status == "optimal",
                "gap": percent_up(one.result.gap),
                "other": list(not_in_best(plan, k)),
                "without": [str(site) for site in one.without],
            }
            for k, one in enumerate(plan.alternatives)
        ],
    }


def _gains(plan: Plan, run: RunLike) -> list[dict[str, Any]]:
    return [
        {
            "zone": row["zone_name"],
            "gained": count(row["gained"]),
            "unserved": count(row["unserved"]),
            "share": f"{percent(row['share_before'])} → {percent(row['share_after'])}",
        }
        for row in gain_rows(plan, run)
    ]
