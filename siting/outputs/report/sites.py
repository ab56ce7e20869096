"""Chapter 7: the proposed sites of each plan, what they win, and what is proved."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from siting.ledger import Text
from siting.locate.candidates.exclusions import layer_text
from siting.locate.plans.effect import main_measure, tells_served, with_unit
from siting.locate.plans.measure import Measure
from siting.locate.plans.model_words import words_of
from siting.locate.plans.plan import Plan
from siting.outputs.columns import file_names
from siting.outputs.evidence import TIME_LIMIT_NOTE
from siting.outputs.maps.figures import site_place
from siting.outputs.maps.pages import map_names
from siting.outputs.maps.words import measured_by
from siting.outputs.report import plan_tables
from siting.outputs.report.content import Block, Column, Figure, Items, Paragraph, Table
from siting.outputs.report.figures import KEPT, UNKNOWN, count, known, percent, words
from siting.outputs.report.material import Material, heading, rows_of
from siting.outputs.report.method import set_here
from siting.outputs.report.proof import proof
from siting.outputs.report.themes import is_siting, theme_blocks
from siting.standards.classes import load_classes

MOST_SITES = 60


def sites(m: Material) -> Iterator[Block]:
    """Plan by plan; then the joint plans of the themes."""
    joint = [t for t in m.run.themes.values() if is_siting(t)]
    if not m.run.plans and not joint and not m.run.infeasible:
        return
    yield heading(1, "选址方案", "Proposed sites")
    yield Paragraph(
        text=m.say(
            "各方案只在所列候选点中选址；权属、地下管线和规划控制线未检验，落实前须逐处现场核实。证明只对所列候选点和条件成立。",
            "A plan chooses among the candidates named here; ownership, utilities and planning lines are not tested, "
            "so every site is to be checked on the ground. What is proved holds for these candidates and conditions.",
        ),
        kind="caution",
    )
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in rows_of(m.tables["sites"]):
        rows.setdefault(str(row["plan"]), []).append(row)
    names = {shown.name: name for name, shown in map_names(m.run).items() if isinstance(shown, Plan)}
    for plan in m.run.plans.values():
        yield heading(2, plan.title.zh, plan.title.en)
        yield from _of_plan(m, plan, rows.get(plan.name, []), names[plan.name])
    for none in m.run.infeasible.values():
        yield heading(2, none.title.zh, none.title.en)
        yield Paragraph(text=_stop(none.text.get(m.lang), m), kind="caution")
    for theme in joint:
        yield heading(2, theme.title.zh, theme.title.en)
        yield from theme_blocks(m, theme)


def _of_plan(m: Material, plan: Plan, rows: list[dict[str, Any]], map_name: str) -> Iterator[Block]:
    yield Paragraph(text=_effect(m, plan), kind="lead")
    yield Paragraph(text=proof(plan).get(m.lang), kind="lead")
    if plan.result.status != "optimal":
        yield Paragraph(text=_stop(TIME_LIMIT_NOTE.get(m.lang), m), kind="note")
    yield Items(lines=tuple(_conditions(m, plan)))
    yield from plan_tables.measures(m, plan)
    if rows:
        yield _table(m, plan, sorted(rows, key=lambda r: (not known(r.get("order")), r.get("order") or 0)))
        if len(rows) > MOST_SITES:
            more = len(rows) - MOST_SITES
            yield Paragraph(
                text=m.say(f"另有 {more} 处，见 tables/sites.csv。", f"{more} more are in tables/sites.csv."),
                kind="note",
            )
    else:
        yield Paragraph(text=m.say("没有选出新点。", "No site was chosen."))
    yield from plan_tables.zones(m, plan)
    yield from plan_tables.alternatives(m, plan)
    lands = _lands(m, rows)
    if len(lands) == 1 and lands[0] != UNKNOWN:
        yield Paragraph(text=m.say(f"用地来源：{lands[0]}。", f"Land of all sites: {lands[0]}."), kind="note")
    tested = list(dict.fromkeys(_language(str(r["tests"]), m) for r in rows if isinstance(r.get("tests"), str)))
    if tested:
        yield Paragraph(text=m.sentence(_stop(tested[0], m)), kind="note")
    path = m.maps.get(map_name)
    if path is not None:
        yield Figure(
            path=path,
            caption=_map_caption(plan),
            alt=m.say(f"{m.run.title.zh}地图：{plan.title.zh}", f"Map of {m.run.title.en}: {plan.title.en}"),
        )
    others = m.maps.get(file_names([f"alternatives_{plan.name}"])[0])
    if others is not None:
        yield Figure(
            path=others,
            caption=Text(f"{plan.title.zh}：备选方案对比", f"{plan.title.en}: plans nearly as good, side by side"),
            alt=m.say(
                f"{m.run.title.zh}多幅地图：{plan.title.zh}的备选方案",
                f"Maps of {m.run.title.en}: plans nearly as good as {plan.title.en}",
            ),
        )
    beside = m.maps.get(file_names([f"before_after_{plan.name}"])[0])
    if beside is not None:
        yield Figure(
            path=beside,
            caption=Text(f"{plan.title.zh}：现状与规划后", f"{plan.title.en}: today and with the new sites"),
            alt=m.say(
                f"{m.run.title.zh}两幅地图：{plan.title.zh}实施前后",
                f"Two maps of {m.run.title.en}: before and after {plan.title.en}",
            ),
        )


def _map_caption(plan: Plan) -> Text:
    if not tells_served(plan):
        return Text(f"{plan.title.zh}：新选点", f"{plan.title.en}: new sites")
    return Text(f"{plan.title.zh}：新选点与服务变化", f"{plan.title.en}: new sites and who they serve")


def _effect(m: Material, plan: Plan) -> str:
    main, n = main_measure(plan), len(plan.sites)
    if main is not None:
        return _measured(m, plan, main)
    before, after, total, unit = plan.people_before, plan.people_after, plan.people_total, Text("人", "people")
    if before is None or after is None:
        before, after, total, unit = plan.weight_before, plan.weight_after, plan.weight_total, plan.unit
    limit = plan.limit_text
    if limit is None or before is None or after is None:
        return m.say(f"新建 {n} 处。", f"New sites: {n}.")
    kind = measured_by(plan)
    parts = Text("", "")
    if total:
        one, other = percent(before / total), percent(after / total)
        parts = Text(f"，覆盖率由 {one} 升至 {other}", f", from {one} to {other} of all")
    noun = Text("人口", "people") if unit.zh == "人" else unit
    many = "new site" if n == 1 else "new sites"
    return m.say(
        f"新建 {n} 处后，{limit.zh}（{kind.zh}）内的{noun.zh}由 {count(before)} 增至 {count(after)}{parts.zh}。",
        f"With {n} {many}, {noun.en} within {limit.en} ({kind.en}) go from {count(before)} to {count(after)}"
        f"{parts.en}.",
    )


def _measured(m: Material, plan: Plan, main: Measure) -> str:
    """Say the figure that the model is about, without and with the new sites."""
    n, kind, limit = len(plan.sites), measured_by(plan), plan.limit_text if tells_served(plan) else None
    by = kind if limit is None else Text(f"{limit.zh}，{kind.zh}", f"{limit.en}, {kind.en}")
    after, many = with_unit(main, main.after), "new site" if n == 1 else "new sites"
    if main.before is None:
        return m.say(
            f"新建 {n} 处后，{main.name.zh}（{by.zh}）为 {after.zh}。",
            f"With {n} {many}, {main.name.en} ({by.en}): {after.en}.",
        )
    before = with_unit(main, main.before)
    return m.say(
        f"新建 {n} 处后，{main.name.zh}（{by.zh}）由 {before.zh} 变为 {after.zh}。",
        f"With {n} {many}, {main.name.en} ({by.en}): {before.en} before, {after.en} after.",
    )


def _conditions(m: Material, plan: Plan) -> Iterator[str]:
    classes = load_classes()
    facility = [classes[f].name.get(m.lang) if f in classes else f for f in plan.facility]
    if facility:
        yield m.say(f"设施：{'、'.join(facility)}", f"Facility: {', '.join(facility)}")
    model = words_of(plan.result).asks
    yield m.say(f"模型：{model.zh}", f"Model: {model.en}")
    if plan.rule is not None:
        rule = plan.rule
        grade = rule.confidence.text
        yield m.say(f"依据规则：{rule.name.zh}（{grade.zh}）", f"Rule served: {rule.name.en} ({grade.en})")
        if rule.overridden:
            own = set_here(m, rule)
            yield m.say(f"本研究自设：{own}", f"Set by this study: {own}")
    limit = plan.limit_text
    if limit is not None and main_measure(plan) is not None:
        yield m.say(f"计为服务的限值：{limit.zh}", f"Limit that counts as served: {limit.en}")
    if plan.travel is not None:
        yield plan.travel.text.get(m.lang)
    if plan.budget is not None:
        yield plan.budget.text.get(m.lang)
    spacing = plan.result.parameters.get("min_spacing_m")
    if spacing:
        yield m.say(
            f"新点之间及与现有设施的间距不小于 {spacing:g} 米",
            f"Sites at least {spacing:g} m apart and from existing ones",
        )
    for word, key in ((Text("必选", "Required"), "required"), (Text("排除", "Excluded"), "excluded")):
        given = plan.result.parameters.get(key)
        if given:
            yield m.say(f"{word.zh}候选点：{len(given)} 个", f"{word.en} candidates: {len(given)}")
    yield from (m.sentence(note.get(m.lang)) for note in plan.notes)
    if not plan.notes:
        yield m.say(f"候选点 {len(plan.candidates):,} 个", f"{len(plan.candidates):,} candidates")


def _table(m: Material, plan: Plan, rows: list[dict[str, Any]]) -> Table:
    gain = next((c for c in ("gain_people", "gain_units", "gain") if any(known(r.get(c)) for r in rows)), None)
    unit = Text("人", "people") if gain == "gain_people" else plan.unit
    if not tells_served(plan):
        gain = None  # what a site takes off the ways of all is no gain of people
    columns = [
        Column(title=m.say("序", "no."), right=True, width=0.5),
        Column(title=m.say("位置", "place"), width=1.9),
        Column(title=m.say("地块或街道", "plot or street"), width=1.6),
        Column(title=m.say("面积（平方米）", "area (m²)"), right=True, width=1.2),
    ]
    figures = [] if gain is None and not tells_served(plan) else [(gain, Text("新增", "gain"), unit)]
    figures += [
        (c, title, unit)
        for c, title, unit in (
            ("load", Text("负荷", "load"), plan.unit),
            ("capacity", Text("容量", "capacity"), plan.unit),
            ("separation_m", Text("距最近一处", "to the next"), Text("米", "m")),
        )
        if any(known(r.get(c)) for r in rows)
    ]
    columns += [
        Column(title=m.say(f"{title.zh}（{unit.zh}）", f"{title.en} ({unit.en})"), right=True, width=1.1)
        for _, title, unit in figures
    ]
    sized = any(isinstance(r.get("size"), str) for r in rows)
    if sized:
        columns.append(Column(title=m.say("规模", "size"), width=0.9))
    columns.append(Column(title=m.say("最近限制要素", "nearest conflict"), width=2.1))
    shown = [c for c, _, _ in figures]
    body = [_row(m, row, shown, sized=sized) for row in rows[:MOST_SITES]]
    if len(_lands(m, rows)) > 1:  # one source for all is said below the table
        columns.append(Column(title=m.say("用地来源", "land"), width=2.0))
        body = [(*line, _land(m, row)) for line, row in zip(body, rows, strict=False)]
    return Table(
        key=f"sites-{plan.name}",
        caption=Text(f"{plan.title.zh}：新选点", f"{plan.title.en}: new sites"),
        columns=tuple(columns),
        rows=tuple(body),
    )


def _row(m: Material, row: Mapping[str, Any], figures: Sequence[str | None], *, sized: bool) -> tuple[str, ...]:
    order = row.get("order")
    return (
        str(int(order)) if order is not None and known(order) else UNKNOWN,
        site_place(dict(row.items()), str(row.get("id")), m.lang),
        words(row.get("plot")),
        count(row.get("area_m2")),
        *(count(row.get(c)) if c else UNKNOWN for c in figures),
        *([words(row.get("size"))] if sized else []),
        _conflict(m, row),
    )


def _conflict(m: Material, row: Mapping[str, Any]) -> str:
    """Write the nearest thing that would have excluded the site, its layer in words, and how far it is."""
    conflict, far = words(row.get("nearest_conflict")), row.get("nearest_conflict_m")
    if conflict == UNKNOWN:
        return UNKNOWN
    layer, blank, rest = conflict.partition(" ")
    shown = f"{layer_text(layer).get(m.lang)}{blank}{rest}"
    return m.say(f"{shown}，{far:,.0f}{KEPT}米", f"{shown}, {far:,.0f}{KEPT}m") if known(far) else shown


def _land(m: Material, row: Mapping[str, Any]) -> str:
    return _language(words(row.get("land_source")), m)


def _lands(m: Material, rows: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(_land(m, row) for row in rows))


def _language(text: str, m: Material) -> str:
    """Return the half of a bilingual cell that the reader wants; a cell in one language stays whole."""
    if " | " in text:
        zh, _, en = text.partition(" | ")
        return m.say(zh, en)
    if "）" in text:  # "空闲用地（权属未核实） vacant land (ownership not known)"
        zh, mark, en = text.rpartition("） ")
        if mark:
            return m.say(zh + "）", en)
    return text


def _stop(text: str, m: Material) -> str:
    return text if text.endswith(("。", ".")) else text + m.say("。", ".")
