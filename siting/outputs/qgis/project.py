"""`project.qgz`: what a GIS team opens first, one clear map over a quiet ground, everything else one click away."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from siting.ledger import Lang, Text
from siting.outputs import palette
from siting.outputs.contract import RunLike
from siting.outputs.qgis.elements import Element, document, node, ordered, texts
from siting.outputs.qgis.layout import Page, layout
from siting.outputs.qgis.map_layers import ProjectLayer, of_raster, of_view
from siting.outputs.qgis.places import Extent, extent_of, srs
from siting.outputs.qgis.styles import QGIS_VERSION
from siting.outputs.qgis.symbols import look_of
from siting.outputs.views import Group, View

ZIP_DATE = (1980, 1, 1, 0, 0, 0)
RASTERS: Mapping[str, Text] = {
    "rasters/suitability.tif": Text("适宜性评分", "Suitability score"),
    "rasters/suitability_reasons.tif": Text("不予评分的原因", "Why ground has no score"),
}
SUITABILITY = Group(id="suitability", title=Text("适宜性", "Suitability"), kind="theme")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A group of the project and its layers, from top to bottom."""

    group: Group
    layers: tuple[ProjectLayer, ...]
    views: tuple[View, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it is shown when the project opens: a group of which some layer is, and those that lie beside all."""
        return any(one.visible for one in self.layers) or self.group.kind == "facilities"


def write_project(
    path: Path,
    run: RunLike,
    views: Sequence[View],
    layers: Mapping[str, pd.DataFrame],
    columns: Mapping[str, Mapping[str, Text]],
) -> None:
    """Write the project beside `results.gpkg`; the same run gives the same bytes.

    Parameters
    ----------
    path : of the project; its folder holds `results.gpkg`, and `rasters/` where the run has any
    views : how the tables are read; see `siting.outputs.views.views_of`
    layers : the tables of `results.gpkg`
    columns : what each column means; see `siting.outputs.views.column_texts`
    """
    text = project_text(run, views, layers, columns, path.parent)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        entry = zipfile.ZipInfo(f"{path.stem}.qgs", ZIP_DATE)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        packed.writestr(entry, text.encode())


def project_text(
    run: RunLike,
    views: Sequence[View],
    layers: Mapping[str, pd.DataFrame],
    columns: Mapping[str, Mapping[str, Text]],
    folder: Path,
) -> str:
    """Return the project as QGIS writes it, with paths relative to ``folder``."""
    folders = _folders(run, views, layers, columns, folder)
    extent = extent_of(run)
    opened = [one for one in folders if one.views and one.group.kind in ("plan", "rule", "theme")]
    ground = tuple(
        layer
        for one in folders
        if one.group.kind == "ground"
        for layer, view in zip(one.layers, one.views, strict=True)
        if layer.leads and view.table != "base_streets"  # a white line in a legend explains nothing
    )
    pages = [_page(run, one, ground, extent) for one in opened]
    title = ordered(run.title, run.lang)
    root = node(
        "qgis",
        {"version": QGIS_VERSION, "projectname": title},
        node("homePath", {"path": ""}),
        *texts({"title": title}),
        node("projectCrs", {}, srs(run.crs)),
        _tree(folders, run.lang),
        _canvas(run, extent),
        node("projectlayers", {}, *[layer.definition for one in folders for layer in one.layers]),
        node("layerorder", {}, *[node("layer", {"id": layer.id}) for one in folders for layer in one.layers]),
        _properties(),
        node("visibility-presets", {}, *[_theme(one, folders, run.lang) for one in opened]),
        _metadata(run),
        node("Layouts", {}, *[layout(page, run) for page in pages]),
        node(
            "ProjectViewSettings",
            {"UseProjectScales": 0},
            node("Scales"),
            node("DefaultViewExtent", _box(extent), srs(run.crs)),
        ),
    )
    return document(root)


def _folders(
    run: RunLike,
    views: Sequence[View],
    layers: Mapping[str, pd.DataFrame],
    columns: Mapping[str, Mapping[str, Text]],
    folder: Path,
) -> list[Folder]:
    looks = {name: look_of(frame) for name, frame in layers.items() if isinstance(frame, gpd.GeoDataFrame)}
    credit = " · ".join(line.en for line in run.attribution)
    groups = list(dict.fromkeys(view.group for view in views))
    found = []
    for group in groups:
        own = tuple(view for view in views if view.group == group)
        made = tuple(
            of_view(view, columns.get(view.table, {}), run.lang, looks[view.table], run.crs, credit) for view in own
        )
        found.append(Folder(group=group, layers=made, views=own))
    rasters = tuple(
        of_raster(name, folder / Path(name).with_suffix(".qml"), title, run.lang, run.crs, k == 0)
        for k, (name, title) in enumerate(RASTERS.items())
        if (folder / name).exists()
    )
    if rasters:
        # Over the ground, under everything else.
        place = next((k for k, one in enumerate(found) if one.group.kind == "ground"), len(found))
        found.insert(place, Folder(group=SUITABILITY, layers=rasters))
    return found


def _tree(folders: Sequence[Folder], lang: Lang) -> Element:
    groups = []
    for one in folders:
        shown = one.is_open
        rows = [
            node(
                "layer-tree-layer",
                {
                    "id": layer.id, "name": layer.name, "source": layer.source, "providerKey": layer.provider,
                    "checked": "Qt::Checked" if layer.leads else "Qt::Unchecked",
                    "expanded": layer.visible and one.group.kind != "ground", "legend_exp": "", "patch_size": "-1,-1",
                    "legend_split_behavior": 0,
                },
                node("customproperties", {}, node("Option")),
            )
            for layer in one.layers
        ]  # fmt: skip
        attributes = {
            "name": ordered(one.group.title, lang),
            "checked": "Qt::Checked" if shown else "Qt::Unchecked",
            "expanded": shown and one.group.kind in ("plan", "rule", "theme"),
            "groupLayer": "",
        }
        groups.append(node("layer-tree-group", attributes, node("customproperties", {}, node("Option")), *rows))
    order = [node("item", text=layer.id) for one in folders for layer in one.layers]
    return node(
        "layer-tree-group",
        {},
        node("customproperties", {}, node("Option")),
        *groups,
        node("custom-order", {"enabled": 0}, *order),
    )


def _theme(shown: Folder, folders: Sequence[Folder], lang: Lang) -> Element:
    """Return a map theme: one click shows one plan, rule or theme over the ground, and nothing else."""
    with_it = [one for one in folders if one is shown or one.group.kind == "ground"]
    rows = [
        node("layer", {"id": layer.id, "style": "default", "visible": 1, "expanded": one is shown})
        for one in with_it
        for layer in one.layers
        if layer.leads
    ]
    names = [node("checked-group-node", {"id": ordered(one.group.title, lang)}) for one in with_it]
    opened = node("expanded-group-node", {"id": ordered(shown.group.title, lang)})
    return node(
        "visibility-preset",
        {"name": ordered(shown.group.title, lang), "has-expanded-info": 1, "has-checked-group-info": 1},
        *rows,
        node("checked-group-nodes", {}, *names),
        node("expanded-group-nodes", {}, opened),
    )


def _page(run: RunLike, shown: Folder, ground: Sequence[ProjectLayer], extent: Extent) -> Page:
    leading = [view for view in shown.views if view.leads] or list(shown.views[:1])
    grades = dict.fromkeys(view.confidence for view in shown.views if view.confidence is not None)
    notes = [view.note for view in leading if view.note is not None]
    lines = [view for view in leading if view.shape == "line"]
    widths = [one.size_mm for view in lines for one in view.classes if one.size_mm is not None]
    return Page(
        title=shown.group.title,
        theme=ordered(shown.group.title, run.lang),
        headlines=tuple(dict.fromkeys(one for one in (shown.group.headline, *notes[:1]) if one is not None)),
        grades=tuple(grades),
        legend=(*(layer for layer in shown.layers if layer.leads), *ground),
        extent=extent,
        thinnest_mm=min(widths, default=None),
    )


def _canvas(run: RunLike, extent: Extent) -> Element:
    return node(
        "mapcanvas",
        {"name": "theMapCanvas", "annotationsVisible": 1},
        *texts({"units": "meters"}),
        extent.element(),
        *texts({"rotation": 0}),
        node("destinationsrs", {}, srs(run.crs)),
        *texts({"rendermaptile": 0}),
    )


def _box(extent: Extent) -> dict[str, str | int | float | bool]:
    box = {"xmin": extent.x_min, "ymin": extent.y_min, "xmax": extent.x_max, "ymax": extent.y_max}
    return {name: f"{value:.3f}" for name, value in box.items()}


def _properties() -> Element:
    red, green, blue = (int(palette.GROUND[k : k + 2], 16) for k in (1, 3, 5))
    gui = {"CanvasColorRedPart": red, "CanvasColorGreenPart": green, "CanvasColorBluePart": blue}
    return node(
        "properties",
        {},
        node("Gui", {}, *[node(name, {"type": "int"}, text=str(value)) for name, value in gui.items()]),
        # A label that does not fit into the frame is not cut in two.
        node("PAL", {}, node("ShowingPartialsLabels", {"type": "bool"}, text="false")),
        node("Paths", {}, node("Absolute", {"type": "bool"}, text="false")),
        # Without it the project has no CRS of its own, and scale bars are wrong.
        node("SpatialRefSys", {}, node("ProjectionsEnabled", {"type": "int"}, text="1")),
        node("Measurement", {}, node("DistanceUnits", {"type": "QString"}, text="meters"),
             node("AreaUnits", {"type": "QString"}, text="m2")),
    )  # fmt: skip


def _metadata(run: RunLike) -> Element:
    lines = [ordered(line, run.lang) for line in run.attribution]
    lines += [] if run.data_date is None else [ordered(Text("数据日期", "data of"), run.lang) + f" {run.data_date}"]
    lines += [] if run.crs_note is None else [ordered(run.crs_note, run.lang)]
    return node(
        "projectMetadata",
        {},
        *texts({"identifier": run.name, "language": run.lang, "type": "project"}),
        *texts({"title": ordered(run.title, run.lang), "abstract": "\n".join(lines)}),
        node("links"),
        *texts({"author": ""}),
    )
