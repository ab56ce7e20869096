"""Open a result in QGIS itself and say what is there. Run with the Python that QGIS was built for, not with pytest.

    QT_QPA_PLATFORM=offscreen /usr/bin/python3 qgis_opens.py FOLDER PICTURES

FOLDER holds `project.qgz` and `results.gpkg`; what QGIS sees is printed as one JSON document, layouts and the map are
written to PICTURES. Nothing is judged here: the tests compare it with the run.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from osgeo import ogr
from qgis.core import (
    Qgis,
    QgsApplication,
    QgsLayerTreeGroup,
    QgsLayoutExporter,
    QgsLayoutItemLabel,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutItemPicture,
    QgsLayoutItemScaleBar,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsProjectBadLayerHandler,
    QgsRasterLayer,
    QgsRenderContext,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QImage
from qgis.PyQt.QtXml import QDomDocument

MOST_LAYOUTS = 3


class Bad(QgsProjectBadLayerHandler):
    """Keep the layers that QGIS could not find."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handleBadLayers(self, nodes):
        self.found += [n.toElement().namedItem("datasource").toElement().text() for n in nodes]


def classes_of(layer):
    """Return the classes as they are drawn: what they hold, label, colour."""
    drawn = layer.renderer()
    kind = drawn.type()
    if kind == "categorizedSymbol":
        return [[str(c.value()), c.label(), c.symbol().color().name()] for c in drawn.categories()]
    if kind == "graduatedSymbol":
        return [[[r.lowerValue(), r.upperValue()], r.label(), r.symbol().color().name()] for r in drawn.ranges()]
    if kind == "RuleRenderer":
        return [[r.filterExpression(), r.label(), r.symbol().color().name()] for r in drawn.rootRule().children()]
    if kind == "singleSymbol":
        return [["", "", drawn.symbol().color().name()]]
    if kind == "paletted":
        return [[c.value, c.label, c.color.name()] for c in drawn.classes()]
    if kind == "singlebandpseudocolor":
        items = drawn.shader().rasterShaderFunction().colorRampItemList()
        return [[i.value, i.label, i.color.name()] for i in items]
    return []


def counts_of(layer):
    """Count the features of each class as QGIS draws them; features without any are counted under None."""
    context = QgsRenderContext()
    drawn = layer.renderer().clone()
    drawn.startRender(context, layer.fields())
    counts = {}
    for feature in layer.getFeatures():
        context.expressionContext().setFeature(feature)
        for key in drawn.legendKeysForFeature(feature, context) or ["none"]:
            counts[key] = counts.get(key, 0) + 1
    drawn.stopRender(context)
    labels = {item.ruleKey(): item.label() for item in drawn.legendSymbolItems()}
    found = {}
    for key, n in counts.items():
        found[labels.get(key, key)] = found.get(labels.get(key, key), 0) + n
    return found


def describe(layer):
    """Return what QGIS knows of a layer."""
    found = {
        "id": layer.metadata().identifier(), "name": layer.name(), "valid": layer.isValid(),
        "crs": layer.crs().authid(), "crs_name": layer.crs().description(), "abstract": layer.metadata().abstract(),
    }  # fmt: skip
    if not layer.isValid():
        return found
    found["renderer"] = layer.renderer().type()
    found["classes"] = classes_of(layer)
    if isinstance(layer, QgsRasterLayer):
        return found
    labels = layer.labeling().settings() if layer.labelsEnabled() and layer.labeling() is not None else None
    written = None if labels is None else labels.format()
    halo = None if written is None else written.buffer()  # kept, or Python lets go of what QGIS lent
    return found | {
        "table": layer.source().split("layername=")[1].split("|")[0],
        "subset": layer.subsetString(),
        "features": layer.featureCount(),
        "counts": counts_of(layer),
        "aliases": {f.name(): f.alias() for f in layer.fields()},
        "labels": None if labels is None else labels.fieldName,
        "label_font": None if written is None else written.font().family(),
        "halo": halo is not None and halo.enabled(),
        "source": layer.source(),
    }


def tree_of(group):
    """Return groups and layers as the panel shows them."""
    return [
        {"name": child.name(), "group": isinstance(child, QgsLayerTreeGroup), "checked": child.itemVisibilityChecked(),
         "expanded": child.isExpanded(), "children": tree_of(child) if isinstance(child, QgsLayerTreeGroup) else []}
        for child in group.children()
    ]  # fmt: skip


def ink(image):
    """Say how many colours a picture has and how much of it is not white."""
    seen = {}
    for y in range(0, image.height(), 3):
        for x in range(0, image.width(), 3):
            code = image.pixel(x, y)
            seen[code] = seen.get(code, 0) + 1
    white = seen.get(QColor("white").rgba(), 0)
    return {"colours": len(seen), "ink": 1 - white / max(1, sum(seen.values()))}


def undrawable(text, family):
    """Return the characters for which neither the font nor any other installed one has a shape."""
    fonts = [family, *QFontDatabase().families()]
    wanted = {c for c in text if not c.isspace()}
    for name in fonts:
        metrics = QFontMetrics(QFont(name))
        wanted = {c for c in wanted if not metrics.inFontUcs4(ord(c))}
        if not wanted:
            break
    return sorted(wanted)


def layouts_of(project, pictures):
    """Export layouts as PNG and PDF and say what is on them."""
    found = []
    for k, layout in enumerate(project.layoutManager().printLayouts()):
        items = layout.items()
        labels = [i for i in items if isinstance(i, QgsLayoutItemLabel)]
        legends = [i for i in items if isinstance(i, QgsLayoutItemLegend)]
        maps = [i for i in items if isinstance(i, QgsLayoutItemMap)]
        bars = [i for i in items if isinstance(i, QgsLayoutItemScaleBar)]
        page = layout.pageCollection().page(0).pageSize()
        box = maps[0].extent()
        row = {
            "name": layout.name(), "page": [page.width(), page.height()],
            "texts": {i.id(): i.text() for i in labels},
            "legend": [n.name() for i in legends for n in i.model().rootGroup().findLayers()],
            "theme": maps[0].followVisibilityPresetName(), "follows": maps[0].followVisibilityPreset(),
            "scale_bars": len(bars), "bar_linked": all(b.linkedMap() is maps[0] for b in bars),
            "arrows": sum(isinstance(i, QgsLayoutItemPicture) for i in items),
            "extent": [box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()],
            "shown": [layer.name() for layer in maps[0].layersToRender()],
            "undrawable": undrawable("".join(i.text() for i in labels), labels[0].font().family()),
        }  # fmt: skip
        if k < MOST_LAYOUTS:
            target = str(pictures / f"layout_{k}")
            exporter = QgsLayoutExporter(layout)
            settings = QgsLayoutExporter.ImageExportSettings()
            settings.dpi = 90
            row["png"] = exporter.exportToImage(f"{target}.png", settings)
            vector = QgsLayoutExporter.PdfExportSettings()
            row["pdf"] = exporter.exportToPdf(f"{target}.pdf", vector)
            row |= ink(QImage(f"{target}.png"))
            # The legend ends above the foot of the page, where it is as large as its rows.
            row["legend_ends"] = [i.pagePos().y() + i.rect().height() for i in legends]
            row["legend_right"] = [i.pagePos().x() + i.rect().width() for i in legends]
        found.append(row)
    return found


def package_of(path):
    """Say how QGIS opens each table of the GeoPackage by itself."""
    ogr.UseExceptions()
    source = ogr.Open(path)
    names = [source.GetLayer(k).GetName() for k in range(source.GetLayerCount())]
    source = None
    found = {}
    for name in names:
        if name == "layer_styles":
            continue
        layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
        row = {"valid": layer.isValid(), "crs": layer.crs().authid(), "shapes": layer.isSpatial()}
        if layer.isSpatial():
            n, ids, styles, _, error = layer.listStylesInDatabase()
            broken = []
            for style_id, style in zip(ids[:n], styles[:n], strict=True):
                text, _ = layer.getStyleFromDatabase(style_id)
                document = QDomDocument()
                document.setContent(text)
                copy = layer.clone()
                good, message = copy.importNamedStyle(document)
                counted = counts_of(copy)
                if not good or (layer.featureCount() and not counted):
                    broken.append([style, message])
            row |= {
                "renderer": layer.renderer().type(), "styles": sorted(styles[:n]), "style_error": error,
                "default": layer.clone().loadDefaultStyle()[1], "broken": broken, "classes": classes_of(layer),
                "aliases": {f.name(): f.alias() for f in layer.fields()}, "labels": layer.labelsEnabled(),
            }  # fmt: skip
        found[name] = row
    return found


def main():
    folder, pictures = (Path(p).resolve() for p in sys.argv[1:3])
    app = QgsApplication([], False)
    app.initQgis()
    project = QgsProject.instance()
    bad = Bad()
    project.setBadLayerHandler(bad)
    read = project.read(str(folder / "project.qgz"))
    layers = [node.layer() for node in project.layerTreeRoot().findLayers()]
    settings = QgsMapSettings()
    root = project.layerTreeRoot()
    shown = [node.layer() for node in root.findLayers() if node.isVisible()]
    settings.setLayers(shown)
    settings.setDestinationCrs(project.crs())
    settings.setOutputSize(QSize(1200, 900))
    settings.setBackgroundColor(project.backgroundColor())
    settings.setExtent(project.viewSettings().defaultViewExtent())
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    picture.save(str(pictures / "opened.png"))
    report = {
        "qgis": Qgis.QGIS_VERSION, "read": read, "error": project.error(), "bad": bad.found,
        "title": project.title(), "crs": project.crs().authid(), "crs_name": project.crs().description(),
        "layers": [describe(layer) for layer in layers], "tree": tree_of(root),
        "shown": [layer.metadata().identifier() for layer in shown],
        "themes": project.mapThemeCollection().mapThemes(), "opened": ink(picture),
        "drawing_errors": [e.message for e in job.errors()],
        "layouts": layouts_of(project, pictures), "package": package_of(str(folder / "results.gpkg")),
    }  # fmt: skip
    sys.stdout.write(json.dumps(report, ensure_ascii=False))
    sys.stdout.flush()
    os._exit(0)  # QGIS may fail while it leaves, and spoil the exit code


if __name__ == "__main__":
    main()
