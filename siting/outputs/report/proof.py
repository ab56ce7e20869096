"""What is proved of a plan, in plain words; every figure is rounded so that its sentence stays true."""

import math
from collections.abc import Callable

from siting.coverage.travel import SECONDS_PER_MIN
from siting.display import percent_up
from siting.ledger import Text
from siting.locate.plans.model_words import COUNTS_SITES, MODELS, SERVES_MOST, best_share
from siting.locate.plans.plan import Plan
from siting.outputs.report.figures import count, percent

OPENS_EXACTLY = ("p_center", "p_dispersion")
"""Models that open as many sites as they are asked for, not at most so many."""


def proof(plan: Plan) -> Text:
    """Say how good the plan is proved to be, among which plans."""
    model = plan.result.model
    if model in COUNTS_SITES:
        return _fewest(plan)
    if model in SERVES_MOST:
        return _most(plan, Text(f"服务更多{plan.unit.zh}", f"serves more {plan.unit.en}"), Text("服务", "serve"))
    if model == "gradual_cover":
        more = Text(
            f"使折算后服务到的{plan.unit.zh}更多", f"covers more {plan.unit.en}, counted less the farther they live"
        )
        return _most(plan, more, Text("折算后服务", "cover, so counted,"))
    if model == "backup_coverage":
        more = Text(
            f"在全部覆盖的同时使更多{plan.unit.zh}被两处以上服务", f"covers all and reaches more {plan.unit.en} twice"
        )
        return _most(plan, more, Text("以两处以上服务", "reach at least twice"))
    if model == "p_center":
        return _worst(plan)
    if model == "p_dispersion":
        return _apart(plan)
    return _least(plan)


def _most(plan: Plan, better: Text, does: Text) -> Text:
    """Say it for a model that serves as much as it can; ``does`` is the verb of a bound."""
    result, unit, among = plan.result, plan.unit, _among(plan)
    if result.status == "optimal":
        return Text(
            f"已证明最优：{among.zh}，没有别的选法能{better.zh}。",
            f"Proved optimal: {among.en}, no other choice of sites {better.en}.",
        )
    more = max(0.0, result.bound - result.objective)
    amount = _up(more)
    if result.objective > 0:
        share = percent_up(more / result.objective)
        bound = Text(
            f"{among.zh}，任何方案都不可能比本方案多{does.zh} {share} 以上（至多多 {amount} {unit.zh}）。",
            f"{among.en}, no plan can {does.en} more than {share} more {unit.en} than this one "
            f"(at most {amount} more).",
        )
    else:
        bound = Text(
            f"{among.zh}，任何方案至多{does.zh} {amount} {unit.zh}。",
            f"{among.en}, no plan can {does.en} more than {amount} {unit.en}.",
        )
    return _unproved(bound)


def _least(plan: Plan) -> Text:
    """Say it for a model whose objective is a cost: ways alone, or ways and building together."""
    result, among, what = plan.result, _among(plan), _cost(plan)
    if result.model not in MODELS:
        return _of_objective(plan, among)
    if result.status == "optimal":
        return Text(
            f"已证明最优：{among.zh}，没有别的选法能使{what.zh}更低。",
            f"Proved optimal: {among.en}, no other choice of sites brings {what.en} lower.",
        )
    share = best_share(result)
    if share is None:
        return _of_objective(plan, among)
    shown = percent_up(share)
    return _unproved(
        Text(
            f"{among.zh}，任何方案的{what.zh}至多比本方案低 {shown}。",
            f"{among.en}, no plan can bring {what.en} more than {shown} lower.",
        )
    )


def _cost(plan: Plan) -> Text:
    if plan.result.model == "p_median":
        if plan.distance == "time":
            return Text("总路上时间（因而平均时间）", "the sum of all travel times (and so the mean time)")
        return Text("总路程（因而平均距离）", "the sum of all ways (and so the mean way)")
    if plan.result.model == "capacitated" and not plan.result.parameters.get("opening_cost"):
        return Text("总路程（无处可去者按最远计）", "the sum of all ways (who has no place counted at the farthest)")
    if plan.result.model == "transfer":
        return Text("收运与建设总成本", "the total cost of hauling and opening")
    return Text("建设与出行总成本", "the total cost of opening and travel")


def _worst(plan: Plan) -> Text:
    """Say it for the way of whoever is worst off."""
    result, among = plan.result, _among(plan)
    if result.status == "optimal":
        return Text(
            f"已证明最优：{among.zh}，没有别的选法能使最远者更近。",
            f"Proved optimal: {among.en}, no other choice of sites brings those worst off nearer.",
        )
    now, least = _way(plan, result.objective, math.ceil), _way(plan, result.bound, math.floor)
    return _unproved(
        Text(
            f"{among.zh}，无论怎样选址，最远者的路程都不少于 {least.zh}（本方案 {now.zh}）。",
            f"{among.en}, whichever are chosen, somebody has at least {least.en} to go (with this plan {now.en}).",
        )
    )


def _apart(plan: Plan) -> Text:
    """Say it for the two sites that are nearest to each other."""
    result, among = plan.result, _among(plan)
    if result.status == "optimal":
        return Text(
            f"已证明最优：{among.zh}，没有别的选法能使彼此最近的两处相距更远。",
            f"Proved optimal: {among.en}, no other choice keeps the two nearest sites farther apart.",
        )
    now, most = _way(plan, result.objective, math.floor), _way(plan, result.bound, math.ceil)
    return _unproved(
        Text(
            f"{among.zh}，无论怎样选址，总有两处相距不超过 {most.zh}（本方案最近的两处相距 {now.zh}）。",
            f"{among.en}, whichever are chosen, some two are at most {most.en} apart (with this plan {now.en}).",
        )
    )


def _way(plan: Plan, value: float, rounded: Callable[[float], int]) -> Text:
    """Write a cost of the model as a length or a time, rounded to the side on which the sentence stays true."""
    if not math.isfinite(value):
        return Text("无路可达", "no path")
    if plan.result.parameters.get("unit") == "s":
        tenths = rounded(round(value / SECONDS_PER_MIN * 10, 6)) / 10
        return Text(f"{tenths:,.1f} 分钟", f"{tenths:,.1f} min")
    shown = rounded(round(value, 6))
    return Text(f"{shown:,} 米", f"{shown:,} m")


def _unproved(bound: Text) -> Text:
    return Text(
        f"尚未证明最优，但差距已证明：{bound.zh}",
        f"Not proved optimal, but how far off it can be is proved: {bound.en}",
    )


def _of_objective(plan: Plan, among: Text) -> Text:
    """Say it of the objective itself, for a model that nobody described."""
    result = plan.result
    if result.status == "optimal":
        return Text(
            f"已证明最优：{among.zh}，没有别的选法能使本模型的目标值更好。",
            f"Proved optimal: {among.en}, no other choice of sites has a better value of the model's objective.",
        )
    share = percent_up(result.gap)
    return Text(
        f"尚未证明最优：{among.zh}，任何方案的目标值至多比本方案好 {share}（已证明）。",
        f"Not proved optimal: {among.en}, no plan's objective is better than this one's by more than {share} (proved).",
    )


def _fewest(plan: Plan) -> Text:
    result, n = plan.result, len(plan.result.sites)
    target = result.parameters.get("target_weight")
    if result.model == "partial_cover" and isinstance(target, int | float):
        whole = plan.weight_total or plan.people_total
        share = percent(target / whole) if whole else count(target)
        goal = Text(f"使 {share} 的{plan.unit.zh}得到服务", f"serve {share} of the {plan.unit.en}")
    else:
        goal = Text("服务候选点所能服务的全部需求", "serve all demand that the candidates can serve")
        if result.parameters.get("min_spacing_m"):
            goal = Text("在间距要求之下服务同样这些需求", "serve the same demand under the spacing that is asked for")
    if n <= 1 and result.status == "optimal":
        return Text(f"已证明最少：{n} 处即可{goal.zh}。", f"Proved to be the fewest: {n} can {goal.en}.")
    if result.status == "optimal":
        return Text(
            f"已证明最少：从所列候选点中选址，少于 {n} 处不可能{goal.zh}。",
            f"Proved: fewer than {n} of the candidates cannot {goal.en}.",
        )
    least = max(0, math.ceil(round(result.bound, 6)))
    return Text(
        f"尚未证明最少：本方案 {n} 处；已证明要{goal.zh}，至少需要 {least} 处。",
        f"Not proved to be the fewest: this plan has {n} sites; it is proved that at least {least} are needed to "
        f"{goal.en}.",
    )


def _among(plan: Plan) -> Text:
    p = plan.result.parameters.get("p")
    if plan.budget is not None:
        return Text(
            "在同样的候选点、条件和预算之内",
            "among the same candidates, under the same conditions and within the budget",
        )
    if isinstance(p, int) and plan.result.model in OPENS_EXACTLY:
        return Text(
            f"从同样的候选点中、同样条件下恰选 {p} 处",
            f"with exactly {p} sites from the same candidates and conditions",
        )
    if isinstance(p, int):
        return Text(
            f"从同样的候选点中、同样条件下至多选 {p} 处",
            f"with at most {p} sites from the same candidates and conditions",
        )
    return Text("在同样的候选点和条件下", "among the same candidates, under the same conditions")


def _up(value: float) -> str:
    return f"{math.ceil(round(value, 6)):,}"
