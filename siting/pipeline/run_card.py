"""A finished run as a notebook shows it."""

from typing import TYPE_CHECKING

from siting.coverage.card import verdict
from siting.coverage.model import Audit
from siting.display import (
    Markup,
    Piece,
    both,
    card,
    count,
    facts,
    folded,
    grid,
    lines,
    named,
    one_line,
    percent,
    tag,
    warnings,
)
from siting.ledger import Text
from siting.locate.plans.card import effect, proof
from siting.locate.plans.effect import tells_served
from siting.standards.card import grade
from siting.standards.labels import DISTANCES
from siting.standards.model import Denominator

if TYPE_CHECKING:
    from siting.pipeline.finished import Run

IN_VIEW = 15
"""A run with more rules than these shows their table on a click."""


def run_card(run: "Run") -> str:
    """Show a run: every rule with its shares, verdict and grade; every plan with its proof; themes; warnings."""
    people = run.demand["people"].sum() if "people" in run.demand.columns else None
    crs = run.crs.to_string()
    rows: list[tuple[Text, Piece]] = [
        (Text("人口", "people"), count(people)),
        (Text("需求点", "demand points"), count(len(run.demand))),
        (
            Text("坐标系", "CRS"),
            crs if run.crs_note is None else run.crs_note,
        ),
        (Text("数据日期", "data of"), run.data_date),
    ]
    parts = [facts([row for row in rows if row[1] is not None]), _audits(run), _plans(run)]
    parts += [
        folded(Text(f"专题：{theme.title.zh}", f"theme: {theme.title.en}"), lines(theme.headlines))
        for theme in run.themes.values()
    ]
    found = [f for account in run.accounts for f in account.warnings]
    return card(run.title, *parts, warnings([*found, *run.findings]), kind=Text("成果", "run"))


def _audits(run: "Run") -> Markup:
    if not run.audits:
        return Markup("")
    head = (
        Text("评估", "audit"),
        Text("口径", "measure"),
        Text("人口", "people"),
        Text("居住用地", "land"),
        Text("单元", "units"),
        Text("结论", "verdict"),
        Text("可信度", "confidence"),
    )
    rows = [
        (named(audit.rule.name, audit.name), _measure(audit), *_shares(audit), verdict(audit), grade(audit.rule))
        for audit in run.audits.values()
    ]
    return folded(_counts(run), grid(head, rows, figures=(2, 3, 4)), unfolded=len(rows) <= IN_VIEW)


def _counts(run: "Run") -> Text:
    """Say how the rules of the run come out; a run with many shows no more than that at first."""
    judged = [audit.passes for audit in run.audits.values() if audit.judged]
    met, failed, none, n = judged.count(True), judged.count(False), judged.count(None), len(run.audits)
    return Text(
        f"评估 {n} 条：{met} 条达标，{failed} 条未达标，{none} 条不作判定，{n - len(judged)} 条未评估",
        f"{n} rules: {met} met, {failed} not met, {none} without verdict, {n - len(judged)} not judged",
    )


def _measure(audit: Audit) -> Piece:
    if audit.limit_text is None:
        return None
    kind = DISTANCES[audit.distance]
    return one_line(Markup(f"{both(audit.limit_text)}<br>{both(kind)}"))


def _shares(audit: Audit) -> list[str | None]:
    names: tuple[Denominator, ...] = ("people", "land", "units")
    found = [audit.headline(name) for name in names]
    return [None if share is None else percent(share.share) for share in found]


def _plans(run: "Run") -> Markup:
    if not run.plans and not run.infeasible:
        return Markup("")
    served = Text("服务人口", "people served")
    head = (
        Text("选址", "plan"),
        Text("数量", "sites"),
        served if all(tells_served(plan) for plan in run.plans.values()) else Text("成效", "what it changes"),
        Text("证明", "proof"),
        Text("可信度", "confidence"),
    )
    rows: list[tuple[Piece, ...]] = [
        (
            named(plan.title, plan.name),
            str(len(plan.sites)),
            effect(plan),
            proof(plan.result),
            None if plan.rule is None else grade(plan.rule),
        )
        for plan in run.plans.values()
    ]
    rows += [
        (
            named(none.title, none.name),
            None,
            None,
            tag(Text("没有方案", "no plan"), "bad"),
            None if none.rule is None else grade(none.rule),
        )
        for none in run.infeasible.values()
    ]
    return Markup(grid(head, rows, figures=(1, 2)) + lines(none.text for none in run.infeasible.values()))
