"""What is proved of a plan, in plain words; every figure is rounded so that its sentence stays true."""

import math

from siting.display import percent_up
from siting.ledger import Text
from siting.locate.plans.plan import Plan
from siting.outputs.report.figures import count, percent

COUNTS_SITES = ("lscp", "partial_cover")
"""Models whose objective is a number of sites."""
COUNTS_SERVED = ("mclp", "budget_cover", "joint_cover")
"""Models whose objective is what is served."""


def proof(plan: Plan) -> Text:
    """Say how good the plan is proved to be, among which plans."""
    result = plan.result
    if result.model in COUNTS_SITES:
        return _fewest(plan)
    among = _among(plan)
    if result.model not in COUNTS_SERVED:
        return _of_objective(plan, among)
    unit = plan.unit
    if result.status == "optimal":
        return Text(
            f"已证明最优：{among.zh}，没有别的选法能服务更多{unit.zh}。",
            f"Proved optimal: {among.en}, no other choice of sites serves more {unit.en}.",
        )
    more = max(0.0, result.bound - result.objective)
    amount = _up(more)
    if result.objective > 0:
        share = percent_up(more / result.objective)
        bound = Text(
            f"{among.zh}，任何方案都不可能比本方案多服务 {share} 以上（至多多 {amount} {unit.zh}）。",
            f"{among.en}, no plan can serve more than {share} more {unit.en} than this one (at most {amount} more).",
        )
    else:
        bound = Text(
            f"{among.zh}，任何方案至多服务 {amount} {unit.zh}。",
            f"{among.en}, no plan can serve more than {amount} {unit.en}.",
        )
    return Text(
        f"尚未证明最优，但差距已证明：{bound.zh}",
        f"Not proved optimal, but how far off it can be is proved: {bound.en}",
    )


def _of_objective(plan: Plan, among: Text) -> Text:
    """Say it of the objective itself, for a model whose objective is neither people nor sites."""
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
    if isinstance(p, int):
        return Text(
            f"从同样的候选点中、同样条件下至多选 {p} 处",
            f"with at most {p} sites from the same candidates and conditions",
        )
    return Text("在同样的候选点和条件下", "among the same candidates, under the same conditions")


def _up(value: float) -> str:
    return f"{math.ceil(round(value, 6)):,}"
