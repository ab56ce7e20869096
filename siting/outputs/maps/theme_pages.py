"""One A4 page a layer of a theme."""

from pathlib import Path

from siting.ledger import Lang, Text
from siting.outputs.contract import RunLike
from siting.outputs.maps import style, theme_plot
from siting.outputs.maps.base import fit_extent
from siting.outputs.maps.files import ONE_PNG, MapFiles
from siting.outputs.maps.ground import Grounds
from siting.outputs.maps.page import format_for, page
from siting.outputs.maps.pages import LEGEND, of_place
from siting.outputs.maps.panel import Panel
from siting.outputs.theme_style import shown_classes
from siting.themes.result import ThemeLayer, ThemeResult

HEADLINES = 4
"""Most headlines on a page."""
HEADLINE_SIZE, NOTE_SIZE, GAP = 8.5, 7.8, 4.0
"""Sizes of text, and the room under a headline, in points."""


def theme_map(
    path: Path, layer: ThemeLayer, result: ThemeResult, run: RunLike, grounds: Grounds, files: MapFiles = ONE_PNG
) -> None:
    """Draw the page of one layer: the map, the headlines of its theme, the legend, and what should be known of it."""
    layers = theme_plot.layer_extent(layer, run.demand)
    title = of_place(run, layer.map_title or layer.title)
    with page(path, run, format_for(layers, files.paper), title, result.title, files) as (ax, panel):
        ground = grounds.at(ax, fit_extent(ax, layers))
        theme_plot.layer(layer, ax, ground, run=run, lang=run.lang, legend=False)
        rows = theme_plot.legend_rows(layer, shown_classes(layer), run.lang)
        headlines(panel, result, run.lang, _height_below(panel, layer, len(rows), run.lang))
        panel.heading(style.label(LEGEND, run.lang))
        panel.legend(rows)
        if layer.note is not None:
            panel.heading(style.label(Text("说明", "Note"), run.lang))
            panel.both(layer.note, run.lang, NOTE_SIZE)


def headlines(panel: Panel, result: ThemeResult, lang: Lang, height_below: float) -> None:
    """Write the first headlines, as many as leave room for legend and note; a last one in the reader's language alone.

    All of them stand in the summary, so that a page never runs over its foot.
    """
    for rank, line in enumerate(result.headlines[:HEADLINES]):
        room = panel.left - height_below
        if panel.both_height(line, lang, HEADLINE_SIZE) + GAP <= room or rank == 0:
            panel.both(line, lang, HEADLINE_SIZE)
        else:
            own = Text(line.get(lang), line.get(lang))
            if panel.both_height(own, lang, HEADLINE_SIZE) + GAP > room:
                return
            panel.both(own, lang, HEADLINE_SIZE)
        panel.skip(GAP)


def _height_below(panel: Panel, layer: ThemeLayer, rows: int, lang: Lang) -> float:
    """Height in points of legend and note."""
    height = panel.heading_height + rows * panel.legend_row_height
    if layer.note is not None:
        height += panel.heading_height + panel.both_height(layer.note, lang, NOTE_SIZE)
    return height


def theme_map_names(run: RunLike) -> dict[str, tuple[ThemeLayer, ThemeResult]]:
    """File names of the maps of all themes, with what each shows."""
    return {
        f"theme_{layer.name}": (layer, result)
        for result in run.themes.values()
        for layer in result.layers
        if layer.own_map and len(layer.frame)
    }
