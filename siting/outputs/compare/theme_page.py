"""One page a share of a theme that zones have: where it rose, where it fell, by how much."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.ledger import Lang, Text
from siting.outputs.columns import safe_name
from siting.outputs.compare.changes import Comparison
from siting.outputs.compare.page import LIST_LINE_PT, frame_of
from siting.outputs.compare.theme_words import BY_ZONE, headlines, signed_points
from siting.outputs.compare.themes import ThemeChange
from siting.outputs.contract import MapBase
from siting.outputs.maps import marks, style
from siting.outputs.maps.frame import Around
from siting.outputs.maps.page import format_for, page
from siting.outputs.maps.scene import Scene
from siting.outputs.maps.theme_plot import LABELLED, draw_classes, legend_rows
from siting.outputs.theme_style import shown_classes
from siting.themes.result import Class, ThemeLayer

UP, SAME, DOWN = "up", "same", "down"
CLASSES = (
    Class(value=UP, name=Text("上升", "up"), role="good"),
    Class(value=SAME, name=Text("不变", "unchanged"), role="muted"),
    Class(value=DOWN, name=Text("下降", "down"), role="bad"),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ThemePage:
    """A map of one share of a theme: the zones with their change, and the theme it is of."""

    layer: ThemeLayer
    change: ThemeChange
    what: Text


def theme_pages(found: Comparison) -> list[ThemePage]:
    """Return the pages of the shares that changed in some zone of a level that both runs have."""
    pages = []
    for change in found.themes.values():
        for theme, table, column, what in BY_ZONE:
            rows = change.by_zone(table, column) if theme == change.theme else pd.DataFrame()
            zones = None if rows.empty else found.b.zones.get(str(rows["zone_level"].iloc[0]))
            if zones is None or not rows["change"].abs().gt(0).any():
                continue
            layer = _layer(rows, zones, f"compare_{safe_name(theme)}_{safe_name(column)}", change.title, what)
            if len(layer.frame):
                pages.append(ThemePage(layer=layer, change=change, what=what))
    return pages


def theme_map(path: Path, one: ThemePage, found: Comparison, lang: Lang) -> None:
    """Draw the page of one share."""
    layer, place = one.layer, found.b.title
    title = Text(f"{place.zh} · {layer.title.zh}", f"{place.en} · {layer.title.en}")
    runs = f"{found.a.name} → {found.b.name}"
    note = Text(f"{runs}；百分点", f"{runs}; in points")
    layers: list[gpd.GeoDataFrame | None] = [layer.frame]
    with page(path, frame_of(found, lang), format_for(layers), title, note) as (ax, panel):
        drawn = Scene.on(ax, Around(lang, MapBase(), None, None), layers)
        classes = shown_classes(layer)
        draw_classes(drawn, layer.frame, classes)
        drawn.scale()
        if len(layer.frame) <= LABELLED:
            drawn.labels(list(layer.frame["label"]), marks.point_xy(layer.frame))
        for text in headlines(one.change):
            panel.both(text, lang)
        panel.heading(style.label(Text("图例", "Legend"), lang))
        panel.legend(legend_rows(layer, classes, lang))
        moved = layer.frame[layer.frame["change"].abs() > 0]
        moved = moved.loc[moved["change"].abs().sort_values(ascending=False, kind="stable").index]
        if len(moved) and panel.left > 45:
            panel.heading(style.label(Text("变化最大的分区", "Zones that changed most"), lang))
            for row in moved.head(int((panel.left - 14) / LIST_LINE_PT)).to_dict("records"):
                panel.row(str(row["name"]), signed_points(row["change"]))


def page_texts(pages: list[ThemePage]) -> list[str]:
    """Every text of these maps that comes from the data."""
    return [str(name) for one in pages for name in one.layer.frame["name"]]


def _layer(rows: pd.DataFrame, zones: gpd.GeoDataFrame, name: str, theme: Text, what: Text) -> ThemeLayer:
    rows = rows.assign(zone=rows["zone"].astype(str)).set_index("zone")
    shapes = zones.set_axis(zones.index.astype(str), axis=0)
    known = [zone for zone in rows.index if zone in shapes.index]
    change = rows.loc[known, "change"].to_numpy(dtype=np.float64)
    names = [str(label or zone) for zone, label in zip(known, rows.loc[known, "zone_name"], strict=True)]
    frame = gpd.GeoDataFrame(
        {
            "name": names,
            "change": change,
            "state": np.select([change > 0, change < 0], [UP, DOWN], SAME),
            "label": [f"{n} {signed_points(c)}" for n, c in zip(names, change, strict=True)],
        },
        geometry=shapes.geometry.loc[known].array,
        index=known,
        crs=zones.crs,
    )
    title = Text(f"{theme.zh}：{what.zh}的变化", f"{theme.en}: change of {what.en}")
    return ThemeLayer(name=name, title=title, frame=frame, show="state", classes=CLASSES, label="label")
