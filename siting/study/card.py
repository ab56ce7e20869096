"""A study as a notebook shows it: what would be read, judged and sited."""

from pathlib import Path
from typing import TYPE_CHECKING

from siting.display import Markup, Piece, card, facts, folded, grid, joined, named
from siting.ledger import Text
from siting.standards.card import rules_grid

if TYPE_CHECKING:
    from siting.study.study import Study


def study_card(study: "Study") -> str:
    """Show a study: its rules with their clauses, its plans, and the files that it reads."""
    settings = study.settings
    head = settings.study
    tables = ("living_circle", "green", "toilets", "parking", "charging", "suitability")
    themes = [name for name in tables if getattr(settings, name) is not None]
    rows: list[tuple[Text, Piece]] = [
        (Text("研究文件", "study file"), study.path.name),
        (Text("坐标系", "CRS"), head.crs or Text("自动选择", "chosen when it runs")),
        (Text("分区", "zones"), joined([z.level_name for z in head.zones]) if head.zones else None),
        (Text("人口", "people"), Path(settings.demand.source).name),
        (Text("专题", "themes"), joined(themes) if themes else None),
    ]
    parts = [facts(rows)]
    if settings.audit:
        title = Text(f"评估 {len(settings.audit)} 条规则", f"{len(settings.audit)} rules to judge")
        parts.append(folded(title, rules_grid(study.rule_of(audit) for audit in settings.audit)))
    if settings.locate:
        title = Text(f"选址 {len(settings.locate)} 项", f"{len(settings.locate)} plans to answer")
        parts.append(folded(title, _plans(study)))
    # Names alone: where the files lie is the business of the machine, not of who reads the notebook.
    files = sorted({Path(source).name for _, source in study.sources()})
    if files:
        title = Text(f"读取 {len(files)} 个文件", f"{len(files)} files to read")
        parts.append(folded(title, grid((Text("文件", "file"),), [(name,) for name in files])))
    title = Text(head.title_zh or head.name, head.title_en or head.name)
    return card(title, *parts, kind=Text("研究", "study"))


def _plans(study: "Study") -> Markup:
    rows = []
    for entry in study.settings.locate:
        size = entry.p if entry.p is not None else entry.budget
        title = Text(entry.title_zh or entry.name, entry.title_en or entry.name)
        rows.append((named(title, entry.name), entry.model, None if size is None else f"{size:g}", entry.rule))
    head = (
        Text("选址", "plan"),
        Text("模型", "model"),
        Text("数量或预算", "p or budget"),
        Text("规则", "rule"),
    )
    return grid(head, rows, figures=(2,))
