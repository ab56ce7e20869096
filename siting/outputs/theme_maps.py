"""One A4 page a layer of a theme."""

from pathlib import Path

from siting.ledger import Text
from siting.outputs import map_style as style
from siting.outputs import theme_plot
from siting.outputs.contract import RunLike
from siting.outputs.map_base import fit_extent
from siting.outputs.map_ground import Grounds
from siting.outputs.map_page import format_for, page
from siting.outputs.theme_style import shown_classes
from siting.themes.result import ThemeLayer, ThemeResult

HEADLINES = 4
LEGEND = Text("图例", "Legend")


def theme_map(path: Path, layer: ThemeLayer, result: ThemeResult, run: RunLike, grounds: Grounds) -> None:
    """Draw the page of one layer: the map, the headlines of its theme, the legend, and what should be known of it."""
    layers = theme_plot.layer_extent(layer, run.demand)
    title = Text(f"{run.title.zh} · {layer.title.zh}", f"{run.title.en} · {layer.title.en}")
    with page(path, run, format_for(layers), title, result.title) as (ax, panel):
        ground = grounds.at(ax, fit_extent(ax, layers))
        theme_plot.layer(layer, ax, ground, run=run, lang=run.lang, legend=False)
        for line in result.headlines[:HEADLINES]:
            panel.both(line, run.lang, 8.5)
            panel.skip(4)
        panel.heading(style.label(LEGEND, run.lang))
        panel.legend(theme_plot.legend_rows(layer, shown_classes(layer), run.lang))
        if layer.note is not None:
            panel.heading(style.label(Text("说明", "Note"), run.lang))
            panel.both(layer.note, run.lang, 7.8)


def theme_map_names(run: RunLike) -> dict[str, tuple[ThemeLayer, ThemeResult]]:
    """File names of the maps of all themes, with what each shows."""
    return {
        f"theme_{layer.name}": (layer, result)
        for result in run.themes.values()
        for layer in result.layers
        if layer.own_map and len(layer.frame)
    }
