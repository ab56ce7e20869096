"""The layers of a project: one a view over `results.gpkg`, and the rasters beside it."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyproj

from siting.ledger import Lang, Text
from siting.outputs.qgis.elements import Element, Value, digest, node, ordered, quoted, texts
from siting.outputs.qgis.labels import labelling
from siting.outputs.qgis.places import srs
from siting.outputs.qgis.renderers import renderer, subset
from siting.outputs.qgis.styles import aliases
from siting.outputs.qgis.symbols import Look
from siting.outputs.views import View
from siting.standards.model import Reading

PACKAGE = "./results.gpkg"
GEOMETRY = {"point": "Point", "line": "Line", "polygon": "Polygon"}
NAMES = {"zh": ("name_zh", "name", "name_en"), "en": ("name_en", "name", "name_zh")}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectLayer:
    """One layer of the project: its place in the tree and its definition.

    Attributes
    ----------
    id : by which tree, themes and layouts call it
    name : in both languages
    source : where its data lie, from the folder of the project
    provider : what reads them
    leads : whether it is shown when its group is
    visible : whether it is shown when the project opens
    definition : the element of the project
    classes : names of its classes, in the order of its legend; empty where it has one symbol
    """

    id: str
    name: str
    source: str
    provider: str
    leads: bool
    visible: bool
    definition: Element
    classes: tuple[Text, ...] = ()


def of_view(
    view: View, columns: Mapping[str, Text], lang: Lang, look: Look, crs: pyproj.CRS, credit: str
) -> ProjectLayer:
    """Return the layer of a view: its rows by a filter of the layer, its classes by a plain renderer.

    Parameters
    ----------
    columns : what the columns of its table mean
    credit : source and licence
    """
    wanted = subset(view)
    source = f"{PACKAGE}|layername={view.table}" + (f"|subset={wanted}" if wanted else "")
    labels = labelling(view, lang, look)
    name = ordered(view.title, lang)
    more: dict[str, Value] = {"geometry": GEOMETRY[view.shape], "labelsEnabled": labels is not None}
    rest = [] if labels is None else [labels]
    return _layer(
        view.id, name, source, "ogr", crs, more,
        _metadata(view.id, name, about(view, lang), credit, crs),
        renderer(view, lang, look, filtered=False), *rest, *_fields(columns, lang),
        leads=view.leads, visible=view.visible,
        classes=() if view.kind == "single" else tuple(one.name for one in view.classes),
    )  # fmt: skip


def of_raster(path: str, style: Path, title: Text, lang: Lang, crs: pyproj.CRS, leads: bool) -> ProjectLayer:
    """Return a raster with the style that lies beside it.

    Parameters
    ----------
    path : from the folder of the project
    style : the file of its style
    """
    pipe = ET.parse(style).getroot().find("pipe")  # our own file
    drawn = [] if pipe is None else [pipe]
    name = ordered(title, lang)
    more: dict[str, Value] = {}
    return _layer(
        path, name, f"./{path}", "gdal", crs, more, _metadata(path, name, "", "", crs), *drawn,
        leads=leads, visible=False, kind="raster",
    )  # fmt: skip


def about(view: View, lang: Lang) -> str:
    """Return what a reader of a view should know: its note, and how well its figure was read."""
    parts = [] if view.note is None else [ordered(view.note, lang, "\n")]
    if view.confidence is not None:
        parts.append(confidence_line(view.confidence, lang))
    return "\n".join(parts)


def confidence_line(grade: str, lang: Lang) -> str:
    """Say how well the figure was read on which a view rests."""
    word = Reading(grade).text
    return ordered(Text(f"数值核实程度：{word.zh}", f"figure: {word.en}"), lang)


def _layer(
    key: str,
    name: str,
    source: str,
    provider: str,
    crs: pyproj.CRS,
    attributes: Mapping[str, Value],
    metadata: Element,
    *children: Element,
    leads: bool,
    visible: bool,
    kind: str = "vector",
    classes: tuple[Text, ...] = (),
) -> ProjectLayer:
    # QGIS throws ids of ten characters or fewer away, and with them the tree.
    made = f"layer_{digest(key)}"
    drawing: dict[str, Value] = {
        "type": kind, "styleCategories": "AllStyleCategories", "hasScaleBasedVisibilityFlag": 0, "minScale": 100000000,
        "maxScale": 0, "autoRefreshEnabled": 0, "readOnly": 0, "simplifyDrawingHints": 1, "simplifyDrawingTol": 1,
        "simplifyMaxScale": 1, "simplifyLocal": 1, "simplifyAlgorithm": 0,
    }  # fmt: skip
    named = metadata.findtext("abstract") or ""
    definition = node(
        "maplayer",
        {**drawing, **attributes},
        *texts({"id": made, "datasource": source, "shortname": f"l_{digest(key)[:12]}", "title": name}),
        *texts({"abstract": named, "layername": name}),
        node("srs", {}, srs(crs)),
        metadata,
        node("provider", {"encoding": "UTF-8"} if kind == "vector" else {}, text=provider),
        node("map-layer-style-manager", {"current": "default"}, node("map-layer-style", {"name": "default"})),
        *children,
        *texts({"blendMode": "0", "layerOpacity": "1"} if kind == "vector" else {"blendMode": "0"}),
    )
    return ProjectLayer(
        id=made, name=name, source=source, provider=provider, leads=leads, visible=visible, definition=definition,
        classes=classes,
    )  # fmt: skip


def _fields(columns: Mapping[str, Text], lang: Lang) -> list[Element]:
    names = aliases(columns, lang)
    shown = next((c for c in NAMES[lang] if c in columns), None)
    return names if shown is None else [*names, node("previewExpression", text=quoted(shown))]


def _metadata(key: str, title: str, abstract: str, credit: str, crs: pyproj.CRS) -> Element:
    rights = [node("rights", text=credit)] if credit else []
    return node(
        "resourceMetadata",
        {},
        *texts({"identifier": key, "parentidentifier": "", "language": "", "type": "dataset", "title": title}),
        node("abstract", text=abstract),
        node("links"),
        *rights,
        *texts({"fees": "", "encoding": "UTF-8"}),
        node("crs", {}, srs(crs)),
        node("extent"),
    )
