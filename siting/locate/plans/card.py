"""What was sited, as a notebook shows it: the answer and how good it is proved to be."""

import pandas as pd

from siting.display import (
    Markup,
    Piece,
    both,
    card,
    code,
    count,
    escaped,
    facts,
    folded,
    grid,
    joined,
    lines,
    one_line,
    percent,
    percent_up,
    tag,
)
from siting.ledger import Text
from siting.locate.joint.result import JointResult
from siting.locate.plans.effect import (
    change_with_unit,
    loss_told,
    main_measure,
    objective_told,
    tells_served,
    told_measures,
    variant,
)
from siting.locate.plans.model_words import bound_name, gap_text, words_of
from siting.locate.plans.plan import Plan
from siting.locate.result import SitingResult
from siting.standards.card import grade
from siting.standards.labels import DISTANCES, document_text

_LISTED = 12


def proof(result: SitingResult | JointResult) -> Markup:
    """Return how good the answer is proved to be."""
    if result.status == "optimal":
        return tag(Text("已证明最优", "proved optimal"), "good")
    room = gap_text(result)
    return tag(Text(f"可行：{room.zh}", f"feasible: {room.en}"), "caution")


def result_card(result: SitingResult) -> str:
    """Show the answer of a model: objective, bound and gap."""
    parts = [facts(_figures(result))]
    if len(result.sites):
        parts.append(folded(Text(f"选定点 {len(result.sites)} 个", f"{len(result.sites)} sites"), _sites(result)))
    return card(words_of(result).name, *parts, kind=Text("选址结果", "siting result"), marks=[proof(result)])


def joint_card(result: JointResult) -> str:
    """Show the answer of joint siting: objective, bound and gap, each service, and what each building houses."""
    rows = _figures(result)
    for name in result.services:
        opened = int(result.opened[:, result.services.index(name)].sum())
        served = f"{result.objective_by_service[name]:,.10g}"
        rows.append((Text(name, name), Text(f"{opened} 处，服务 {served}", f"{opened} opened, {served} served")))
    parts = [facts(rows)]
    if len(result.sites):
        ids = dict(zip(result.sites.tolist(), result.site_ids, strict=True))
        head = (Text("次序", "order"), Text("编号", "id"), Text("服务", "services"), Text("增益", "gain"))
        body = [
            (str(k + 1), str(ids[j]), ", ".join(result.services_of(j)), count(gain))
            for k, (j, gain) in enumerate(zip(result.order.tolist(), result.gain.tolist(), strict=True))
        ]
        title = Text(f"建筑 {len(result.sites)} 处", f"{len(result.sites)} buildings")
        parts.append(folded(title, grid(head, body, figures=(0, 3))))
    return card(words_of(result).name, *parts, kind=Text("选址结果", "siting result"), marks=[proof(result)])


def plan_card(plan: Plan) -> str:
    """Show a plan: what it changes, its proof, its sites, what else is nearly as good, and what zones gain."""
    limit = [plan.limit_text] if plan.limit_text is not None and tells_served(plan) else []
    how = joined([*limit, DISTANCES[plan.distance], words_of(plan.result).name])
    rows: list[tuple[Text, Piece]] = [(Text("口径", "measure"), how)]
    if plan.rule is not None:
        rows.append((Text("条款", "clause"), Text(document_text(plan.rule, "zh"), document_text(plan.rule, "en"))))
    if tells_served(plan):
        rows.append((Text("服务人口", "people served"), served(plan)))
    rows += [(one.name, change_with_unit(one)) for one in told_measures(plan)]
    rows.append((Text("选址", "sites"), Text(f"{len(plan.sites)} 个", str(len(plan.sites)))))
    if plan.budget is not None:
        rows.append((Text("费用", "cost"), plan.budget.text))
    rows += _figures(plan.result)
    parts = [facts(rows), _site_table(plan)]
    if len(plan.alternatives) > 1:
        others = len(plan.alternatives) - 1
        parts.append(folded(Text(f"备选方案 {others} 个", f"{others} other plans"), _alternatives(plan)))
    if plan.gains_by_zone is not None and len(plan.gains_by_zone):
        parts.append(folded(Text("各分区所得", "what zones gain"), _zones(plan.gains_by_zone)))
    if plan.notes:
        parts.append(folded(Text(f"说明 {len(plan.notes)} 条", f"{len(plan.notes)} notes"), lines(plan.notes)))
    marks = [code(plan.name), proof(plan.result), *([] if plan.rule is None else [grade(plan.rule)])]
    return card(plan.title, *parts, kind=Text("选址方案", "plan"), marks=marks)


def effect(plan: Plan) -> Piece:
    """Return the figure that a plan is about without and with the new sites: people served, or that of its model."""
    main = main_measure(plan)
    if main is None:
        return served(plan)
    shown = change_with_unit(main)
    return one_line(Markup(f"{escaped(shown)}<br>{both(main.name)}"))


def served(plan: Plan) -> Piece:
    """Return people served without and with the new sites; None where people are unknown."""
    if not tells_served(plan) or plan.people_before is None or plan.people_after is None:
        return None
    text = f"{plan.people_before:,.0f} → {plan.people_after:,.0f}"
    if plan.people_total:
        before, after = (percent(people / plan.people_total) for people in (plan.people_before, plan.people_after))
        return one_line(Markup(f"{text}<br>{escaped(before)} → {escaped(after)}"))
    return text


def _figures(result: SitingResult | JointResult) -> list[tuple[Text, Piece]]:
    unit = words_of(result).objective
    return [
        (Text(f"目标值（{unit.zh}）", f"objective ({unit.en})"), count(result.objective)),
        (bound_name(result), count(result.bound)),
        (Text("间隙", "gap"), percent_up(result.gap)),
    ]


def _alternatives(plan: Plan) -> Markup:
    head = (
        Text("方案", "plan"), objective_told(plan, plan.result.objective)[0], Text("与最优相比", "beside the best"),
        Text("不同选点", "other sites"), Text("不得使用", "must do without"), Text("证明", "proof"),
    )  # fmt: skip
    rows = [
        (variant(k), objective_told(plan, one.result.objective)[1], loss_told(one.loss) if k else None,
         str(one.different), ", ".join(map(str, one.without)) or None, proof(one.result))
        for k, one in enumerate(plan.alternatives)
    ]  # fmt: skip
    return grid(head, rows, figures=(1, 2, 3))


def _zones(gains: pd.DataFrame) -> Markup:
    head = (
        Text("分区", "zone"), Text("新选点", "sites"), Text("总量", "all"), Text("现状", "before"),
        Text("新增", "gained"), Text("仍未覆盖", "unserved"),
    )  # fmt: skip
    rows = [
        (None if zone is None else str(zone), str(int(row["sites"])),
         *(count(row[c]) for c in ("weight", "before", "gained", "unserved")))
        for zone, row in zip(gains.index.tolist(), gains.to_dict("records"), strict=True)
    ]  # fmt: skip
    return grid(head, rows, figures=range(1, len(head)))


def _sites(result: SitingResult) -> Markup:
    ids = dict(zip(result.sites.tolist(), result.site_ids, strict=True))
    if len(result.order) != len(result.sites) or len(result.gain) != len(result.sites):
        return lines([str(name) for name in ids.values()])
    head = (Text("次序", "order"), Text("编号", "id"), Text("增益", "gain"))
    rows = [
        (str(k + 1), str(ids[position]), count(gain))
        for k, (position, gain) in enumerate(zip(result.order.tolist(), result.gain.tolist(), strict=True))
    ]
    return grid(head, rows, figures=(0, 2))


def _site_table(plan: Plan) -> Markup:
    table = plan.sites
    told: tuple[str, ...] = ("gain_people", "gain_units", "gain") if tells_served(plan) else ("load", "separation_m")
    if "capacity" in table.columns:
        told = ("load",)
    gain = next((c for c in told if c in table.columns), None)
    if not len(table) or gain is None:
        return Markup("")
    names = [c for c in ("name_zh", "name_en") if c in table.columns]
    rows = []
    for id_, row in list(zip(table.index, table.to_dict("records"), strict=True))[:_LISTED]:
        name = Text(*(str(row[c]) for c in names)) if len(names) == len(("zh", "en")) else Text(str(id_), str(id_))
        rows.append((count(row.get("order")), name, count(row[gain])))
    grown = {
        "gain_people": Text("新增人口", "more people"),
        "load": Text(f"负荷（{plan.unit.zh}）", f"load ({plan.unit.en})"),
        "separation_m": Text("距最近一处（米）", "to the next (m)"),
    }.get(gain, Text(f"新增{plan.unit.zh}", f"more {plan.unit.en}"))
    shown = grid((Text("次序", "order"), Text("位置", "place"), grown), rows, figures=(0, 2))
    if len(table) > _LISTED:
        more = Text(f"另有 {len(table) - _LISTED} 个，见 .sites", f"{len(table) - _LISTED} more in .sites")
        shown = Markup(shown + lines([more]))
    return shown
