"""Tables of a plan beside its sites: its figures before and after, plans nearly as good, what each zone gains."""

from collections.abc import Iterator

from siting.display import percent_up
from siting.ledger import Text
from siting.locate.plans.effect import figure, loss_told, objective_told, told_measures, variant
from siting.locate.plans.model_words import bound_name
from siting.locate.plans.plan import Plan
from siting.outputs.plan_tables import gain_rows, not_in_best
from siting.outputs.report.content import Block, Column, Paragraph, Table
from siting.outputs.report.figures import UNKNOWN, count, percent
from siting.outputs.report.material import Material

MOST_ZONES = 60
_BETTER = {"more": Text("多者为好", "more is better"), "less": Text("少者为好", "less is better")}


def measures(m: Material, plan: Plan) -> Iterator[Block]:
    """Show every figure that the plan changes, the one that its model optimises first."""
    told = told_measures(plan)
    if not told:
        return
    yield Table(
        key=f"measures-{plan.name}",
        caption=Text(f"{plan.title.zh}：前后指标", f"{plan.title.en}: before and after"),
        columns=(
            Column(title=m.say("指标", "figure"), width=2.6),
            Column(title=m.say("现状", "before"), right=True, width=1.1),
            Column(title=m.say("规划后", "after"), right=True, width=1.1),
            Column(title=m.say("单位", "unit"), width=1.0),
            Column(title=m.say("好坏", "reading"), width=1.2),
        ),
        rows=tuple(
            (
                one.name.get(m.lang), figure(one, one.before), figure(one, one.after),
                one.unit.get(m.lang) or UNKNOWN, _BETTER[one.better].get(m.lang),
            )
            for one in told
        ),
    )  # fmt: skip


def alternatives(m: Material, plan: Plan) -> Iterator[Block]:
    """Show plans nearly as good beside the best, each with its own proof."""
    if len(plan.alternatives) < 2:
        return
    best = plan.alternatives[0].result
    yield Table(
        key=f"alternatives-{plan.name}",
        caption=Text(f"{plan.title.zh}：备选方案", f"{plan.title.en}: plans nearly as good"),
        columns=(
            Column(title=m.say("方案", "plan"), width=0.6),
            Column(title=objective_told(plan, best.objective)[0].get(m.lang), right=True, width=1.2),
            Column(title=bound_name(best).get(m.lang).split("（")[0].split(" (")[0], right=True, width=1.1),
            Column(title=m.say("与最优相比", "beside the best"), right=True, width=0.9),
            Column(title=m.say("证明", "proof"), width=1.1),
            Column(title=m.say("最优方案没有的选点", "sites that the best plan does not have"), width=1.9),
            Column(title=m.say("不得使用的选点", "sites that it must do without"), width=1.9),
        ),
        rows=tuple(_alternative(m, plan, k) for k in range(len(plan.alternatives))),
    )
    yield Paragraph(
        text=m.say(
            "方案 A 为最优；其后各方案须放弃此前方案的部分选点，其余条件相同。"
            "“已证明”指在须放弃这些选点的前提下没有更好的选法。",
            "Plan A is the best; each plan after it has to do without some sites of the plans before, under the same "
            "conditions otherwise. “Proved” means that no choice without those sites is better.",
        ),
        kind="note",
    )


def _alternative(m: Material, plan: Plan, place: int) -> tuple[str, ...]:
    one = plan.alternatives[place]
    result = one.result
    proved = (
        m.say("已证明", "proved") if result.status == "optimal" else m.say("差距 ", "gap ") + percent_up(result.gap)
    )
    return (
        variant(place),
        objective_told(plan, result.objective)[1].get(m.lang),
        objective_told(plan, result.bound)[1].get(m.lang),
        loss_told(one.loss).get(m.lang) if place else UNKNOWN,
        proved,
        ", ".join(not_in_best(plan, place)) or UNKNOWN,
        ", ".join(str(site) for site in one.without) or UNKNOWN,
    )


def zones(m: Material, plan: Plan) -> Iterator[Block]:
    """Tell what each zone gains."""
    rows = gain_rows(plan, m.run)
    if not rows:
        return
    unit = plan.unit
    yield Table(
        key=f"gains-{plan.name}",
        caption=Text(f"{plan.title.zh}：各分区所得（{unit.zh}）", f"{plan.title.en}: what zones gain ({unit.en})"),
        columns=(
            Column(title=m.say("分区", "zone"), width=1.8),
            Column(title=m.say("新选点", "sites"), right=True, width=0.7),
            Column(title=m.say("总量", "all"), right=True),
            Column(title=m.say("现状", "before"), right=True),
            Column(title=m.say("新增", "gained"), right=True),
            Column(title=m.say("仍未覆盖", "unserved"), right=True),
            Column(title=m.say("覆盖率变化", "share served"), right=True, width=1.5),
        ),
        rows=tuple(
            (
                row["zone_name"] or m.say("不在任何分区", "in no zone"), count(row["sites"]), count(row["weight"]),
                count(row["before"]), count(row["gained"]), count(row["unserved"]),
                f"{percent(row['share_before'])} → {percent(row['share_after'])}",
            )
            for row in rows[:MOST_ZONES]
        ),
    )  # fmt: skip
    if len(rows) > MOST_ZONES:
        more = len(rows) - MOST_ZONES
        yield Paragraph(
            text=m.say(f"另有 {more} 个，见 tables/plan_gains.csv。", f"{more} more are in tables/plan_gains.csv."),
            kind="note",
        )
    yield Paragraph(
        text=m.say("同时服务两个分区的选点在两个分区各计一次。", "A site that serves two zones is counted in both."),
        kind="note",
    )
