"""A theme as a notebook shows it."""

from typing import TYPE_CHECKING

from siting.display import card, folded, grid, lines, warnings
from siting.ledger import Text

if TYPE_CHECKING:
    from siting.themes.result import ThemeResult


def theme_card(theme: "ThemeResult") -> str:
    """Show a theme: its sentences, what it could not judge, and where its layers and tables are."""
    parts = [lines(theme.headlines)]
    if theme.missing:
        title = Text(f"未能评估 {len(theme.missing)} 项", f"{len(theme.missing)} not judged")
        parts.append(folded(title, grid((Text("项目", "item"), Text("原因", "why")), theme.missing)))
    head = (Text("名称", "name"), Text("标题", "title"), Text("行数", "rows"))
    rows = [(f'.layer("{x.name}")', x.title, f"{len(x.frame):,}") for x in theme.layers]
    rows += [(f'.table("{x.name}")', x.title, f"{len(x.frame):,}") for x in theme.tables]
    if rows:
        title = Text(
            f"{len(theme.layers)} 个图层、{len(theme.tables)} 张表",
            f"{len(theme.layers)} layers, {len(theme.tables)} tables",
        )
        parts.append(folded(title, grid(head, rows, figures=(2,))))
    return card(theme.title, *parts, warnings(theme.findings), kind=Text("专题", "theme"))
