"""Named styles of the tables of `results.gpkg`: QML made from views, for its table `layer_styles`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd

from siting.ledger import Lang, Text
from siting.outputs import palette
from siting.outputs.layers import EMPTY_GEOMETRY
from siting.outputs.qgis.elements import Element, document, node, ordered
from siting.outputs.qgis.labels import labelling
from siting.outputs.qgis.renderers import renderer
from siting.outputs.qgis.symbols import Look, look_of
from siting.outputs.views import Group, View, ViewClass
from siting.outputs.views.model import Shape
from siting.outputs.views.surroundings import shape_of

QGIS_VERSION = "3.22.16"
CATEGORIES = "Symbology|Labeling|Fields"
EMPTY_SHAPE: Mapping[str, Shape] = {"Point": "point", "LineString": "line"}
GEOMETRY = {"point": 0, "line": 1, "polygon": 2}
TABLES = Group(id="tables", title=Text("图层", "Layers"), kind="ground")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedStyle:
    """One row of `layer_styles`.

    Attributes
    ----------
    table : whose style it is
    name : as QGIS lists it, in both languages
    qml : the style
    default : whether QGIS opens the table with it; one a table
    description : what a reader should know
    """

    table: str
    name: str
    qml: str
    default: bool
    description: str


def named_styles(
    views: tuple[View, ...],
    layers: Mapping[str, pd.DataFrame],
    columns: Mapping[str, Mapping[str, Text]],
    lang: Lang,
) -> list[NamedStyle]:
    """Return the styles of every table with shapes: one that shows all its rows, and one a view on it.

    Parameters
    ----------
    views : of the run
    layers : the tables of `results.gpkg`
    columns : what each column means, by table
    """
    found = []
    for table, frame in layers.items():
        if not isinstance(frame, gpd.GeoDataFrame):
            continue
        look = look_of(frame)
        own = [view for view in views if view.table == table]
        first = whole(table, frame, own)
        names: set[str] = set()
        for view in [first, *(view for view in own if view is not first)]:
            title = ordered(view.title, lang)
            if view.group.kind in ("plan", "rule") and any(view is one for one in own):
                title = f"{title} · {ordered(view.group.title, lang)}"
            name = _unused(title, names)
            note = "" if view.note is None else ordered(view.note, lang, "\n")
            qml = style_text(view, columns.get(table, {}), lang, look)
            found.append(NamedStyle(table=table, name=name, qml=qml, default=view is first, description=note))
    return found


def whole(table: str, frame: gpd.GeoDataFrame, own: list[View]) -> View:
    """Return the view with which a table opens: the first that shows all rows, else the first without its filter."""
    for view in own:
        if not view.where:
            return view
    if own:
        everything = Text(f"全部：{own[0].title.zh}", f"All: {own[0].title.en}")
        return replace(own[0], where=(), title=everything, note=None)
    name = Text(table, table)
    shape = shape_of(frame) if len(frame) else EMPTY_SHAPE.get(EMPTY_GEOMETRY.get(table, ""), "polygon")
    return View(
        id=table,
        group=TABLES,
        title=name,
        table=table,
        shape=shape,
        kind="single",
        classes=(ViewClass(name=name, colour=palette.FAINT_INK),),
        outline=True,
        size_mm=1.6 if shape == "point" else 0.3,
    )


def style_text(view: View, columns: Mapping[str, Text], lang: Lang, look: Look) -> str:
    """Return a view as the text of a QML file."""
    labels = labelling(view, lang, look)
    root = node(
        "qgis",
        {
            "version": QGIS_VERSION, "styleCategories": CATEGORIES, "labelsEnabled": labels is not None,
            "simplifyDrawingHints": 1, "simplifyMaxScale": 1, "simplifyDrawingTol": 1, "simplifyLocal": 1,
        },
        renderer(view, lang, look, filtered=True),
        *([] if labels is None else [labels]),
        node("blendMode", text="0"),
        node("featureBlendMode", text="0"),
        node("layerOpacity", text="1"),
        *aliases(columns, lang),
        node("layerGeometryType", text=str(GEOMETRY[view.shape])),
    )  # fmt: skip
    return document(root)


def aliases(columns: Mapping[str, Text], lang: Lang) -> list[Element]:
    """Return what columns are called, in both languages."""
    shown = [
        node("alias", {"field": name, "index": k, "name": ordered(text, lang)})
        for k, (name, text) in enumerate(columns.items(), start=1)
        if ordered(text, lang) != name
    ]
    return [node("aliases", {}, *shown)]


def _unused(name: str, names: set[str]) -> str:
    new, number = name, 2
    while new in names:
        new, number = f"{name} ({number})", number + 1
    names.add(new)
    return new
