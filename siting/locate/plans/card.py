"""What was sited, as a notebook shows it: the answer and how good it is proved to be."""

from siting.display import (
    Markup,
    Piece,
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
from siting.locate.plans.plan import Plan
from siting.locate.result import SitingResult
from siting.standards.card import grade
from siting.standards.labels import DISTANCES, document_text

MODELS: dict[str, tuple[Text, Text]] = {
    "mclp": (Text("最大覆盖", "maximal covering"), Text("服务到的权重", "weight served")),
    "budget_cover": (Text("预算内最大覆盖", "maximal covering within a budget"), Text("服务到的权重", "weight served")),
    "lscp": (Text("集合覆盖", "set covering"), Text("新建数量", "new sites")),
    "partial_cover": (Text("按比例覆盖", "covering a share"), Text("新建数量", "new sites")),
    "p_median": (Text("p-中值", "p-median"), Text("加权成本", "weighted cost")),
    "p_center": (Text("p-中心", "p-center"), Text("最差成本", "worst cost")),
    "p_dispersion": (Text("p-离散", "p-dispersion"), Text("最小间距", "smallest separation")),
    "backup_coverage": (Text("备用覆盖", "backup coverage"), Text("被两处以上服务", "served at least twice")),
    "capacitated": (Text("容量约束选址", "capacitated siting"), Text("总成本", "total cost")),
    "transfer": (Text("转运选址", "transfer siting"), Text("总成本", "total cost")),
}
"""What each model is called and what its objective counts."""
_LISTED = 12


def proof(result: SitingResult) -> Markup:
    """Return how good the answer is proved to be."""
    if result.status == "optimal":
        return tag(Text("已证明最优", "proved optimal"), "good")
    return tag(Text(f"可行，距上界至多 {result.gap:.2%}", f"feasible, within {result.gap:.2%} of the bound"), "caution")


def result_card(result: SitingResult) -> str:
    """Show the answer of a model: objective, bound and gap."""
    name, _ = _names(result.model)
    parts = [facts(_figures(result))]
    if len(result.sites):
        parts.append(folded(Text(f"选定点 {len(result.sites)} 个", f"{len(result.sites)} sites"), _sites(result)))
    return card(name, *parts, kind=Text("选址结果", "siting result"), marks=[proof(result)])


def plan_card(plan: Plan) -> str:
    """Show a plan: what it serves before and after, its proof, its sites, and what a reader should know."""
    how = joined([plan.limit_text, DISTANCES[plan.distance], _names(plan.model)[0]])
    rows: list[tuple[Text, Piece]] = [(Text("口径", "measure"), how)]
    if plan.rule is not None:
        rows.append((Text("条款", "clause"), Text(document_text(plan.rule, "zh"), document_text(plan.rule, "en"))))
    rows.append((Text("服务人口", "people served"), served(plan)))
    rows.append((Text("选址", "sites"), Text(f"{len(plan.sites)} 个", str(len(plan.sites)))))
    if plan.budget is not None:
        rows.append((Text("费用", "cost"), plan.budget.text))
    rows += _figures(plan.result)
    parts = [facts(rows), _site_table(plan)]
    if plan.notes:
        parts.append(folded(Text(f"说明 {len(plan.notes)} 条", f"{len(plan.notes)} notes"), lines(plan.notes)))
    marks = [code(plan.name), proof(plan.result), *([] if plan.rule is None else [grade(plan.rule)])]
    return card(plan.title, *parts, kind=Text("选址方案", "plan"), marks=marks)


def served(plan: Plan) -> Piece:
    """Return people served without and with the new sites; None where people are unknown."""
    if plan.people_before is None or plan.people_after is None:
        return None
    text = f"{plan.people_before:,.0f} → {plan.people_after:,.0f}"
    if plan.people_total:
        before, after = (percent(people / plan.people_total) for people in (plan.people_before, plan.people_after))
        return one_line(Markup(f"{text}<br>{escaped(before)} → {escaped(after)}"))
    return text


def _names(model: str) -> tuple[Text, Text]:
    return MODELS.get(model, (Text(model, model), Text("目标值", "objective")))


def _figures(result: SitingResult) -> list[tuple[Text, Piece]]:
    unit = _names(result.model)[1]
    objective = Text(f"目标值（{unit.zh}）", f"objective ({unit.en})")
    return [
        (objective, count(result.objective)),
        (Text("上下界", "bound"), count(result.bound)),
        (Text("间隙", "gap"), percent_up(result.gap)),
    ]


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
    gain = next((c for c in ("gain_people", "gain_units", "gain") if c in table.columns), None)
    if not len(table) or gain is None:
        return Markup("")
    names = [c for c in ("name_zh", "name_en") if c in table.columns]
    rows = []
    for id_, row in list(zip(table.index, table.to_dict("records"), strict=True))[:_LISTED]:
        name = Text(*(str(row[c]) for c in names)) if len(names) == len(("zh", "en")) else Text(str(id_), str(id_))
        rows.append((count(row.get("order")), name, count(row[gain])))
    grown = (
        Text("新增人口", "more people")
        if gain == "gain_people"
        else Text(f"新增{plan.unit.zh}", f"more {plan.unit.en}")
    )
    shown = grid((Text("次序", "order"), Text("位置", "place"), grown), rows, figures=(0, 2))
    if len(table) > _LISTED:
        more = Text(f"另有 {len(table) - _LISTED} 个，见 .sites", f"{len(table) - _LISTED} more in .sites")
        shown = Markup(shown + lines([more]))
    return shown
