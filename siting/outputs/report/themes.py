"""Chapter 5: what each theme found: its sentences, its tables with the meaning of their columns, its notes."""

from collections.abc import Iterator

from siting.ledger import Text
from siting.outputs.maps.theme_pages import theme_map_names
from siting.outputs.report.content import Block, Figure, Items, Paragraph
from siting.outputs.report.material import Material, heading
from siting.outputs.report.theme_tables import theme_table
from siting.themes.result import ThemeResult

CURVES = ("_lorenz",)
"""Tables of points of a curve: for machines, not for a page."""


def themes(m: Material) -> Iterator[Block]:
    """Theme by theme; those that propose sites stand with the plans."""
    shown = [t for t in m.run.themes.values() if not is_siting(t)]
    if not shown:
        return
    yield heading(1, "专题结果", "Themes")
    for theme in shown:
        yield heading(2, theme.title.zh, theme.title.en)
        yield from theme_blocks(m, theme)


def _overview(m: Material, theme: ThemeResult) -> Iterator[Block]:
    """Show what lays the parts of a theme side by side: the tiers of living circles, green and parks together."""
    wanted = {"living_circle": ("living_circle",), "green": tuple(n for n in m.maps if n.startswith("bivariate_"))}
    captions = {
        "living_circle": Text("各级生活圈并列", "The tiers of living circles side by side"),
        "green": Text("两项要求同时评价：直线与步行", "Two rules at once: in a straight line and on foot"),
    }
    for name in wanted.get(theme.theme, ()):
        if name in m.maps:
            caption, place = captions[theme.theme], m.run.title
            yield Figure(
                path=m.maps[name],
                caption=caption,
                alt=m.say(f"{place.zh}地图：{caption.zh}", f"Maps of {place.en}: {caption.en}"),
            )


def is_siting(theme: ThemeResult) -> bool:
    """Whether a theme proposes sites and states their proof."""
    return {"status", "bound"} <= set(theme.figures)


def theme_blocks(m: Material, theme: ThemeResult) -> Iterator[Block]:
    """Headlines, the map of the first layer, the tables."""
    if theme.headlines:
        yield Items(lines=tuple(m.sentence(line.get(m.lang)) for line in theme.headlines))
    yield from _overview(m, theme)
    names = [name for name, (_, result) in theme_map_names(m.run).items() if result is theme]
    path = m.maps.get(names[0]) if names else None
    if path is not None:
        layer = theme_map_names(m.run)[names[0]][0]
        shown = layer.map_title or layer.title
        yield Figure(
            path=path,
            caption=shown,
            alt=m.say(f"{m.run.title.zh}地图：{shown.zh}", f"Map of {m.run.title.en}: {shown.en}"),
        )
        if len(names) > 1:
            others = [f"maps/{name}" for name in names[1:]]
            yield Paragraph(
                text=m.say(f"本专题其他地图：{'、'.join(others)}。", f"Other maps of this theme: {', '.join(others)}."),
                kind="note",
            )
    for table in theme.tables:
        if table.name.endswith(CURVES):
            continue
        if len(table.frame):
            yield from theme_table(m, table)
        if table.note is not None and len(table.frame):
            yield Paragraph(text=m.sentence(table.note.get(m.lang)), kind="note")
