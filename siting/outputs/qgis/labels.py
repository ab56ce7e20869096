"""What is written beside the rows of a view: in Chinese letters, with a halo, never one over another."""

from siting.ledger import Lang
from siting.outputs import palette
from siting.outputs.qgis.elements import FONT, Element, Value, by_expression, colour, families, node, quoted
from siting.outputs.qgis.symbols import Look
from siting.outputs.views import View

LETTERS_PT = 8.0
RENDERING: dict[str, Value] = {
    "drawLabels": 1, "displayAll": 0, "obstacle": 1, "obstacleFactor": 1, "scaleVisibility": 0, "fontMinPixelSize": 3,
    "fontMaxPixelSize": 10000, "labelPerPart": 0, "mergeLines": 0, "minFeatureSize": 0, "limitNumLabels": 0,
    "maxNumLabels": 2000, "upsidedownLabels": 0,
}  # fmt: skip
COLON = {"zh": "：", "en": ": "}


def labelling(view: View, lang: Lang, look: Look) -> Element | None:
    """Return the labels of a view; None where it has none."""
    words = expression(view, lang, look)
    if words is None:
        return None
    bold = view.shape == "point"
    style = node(
        "text-style",
        {
            "fieldName": words, "isExpression": 1, "fontFamily": FONT, "fontSize": LETTERS_PT, "fontSizeUnit": "Point",
            "fontWeight": 63 if bold else 50, "namedStyle": "Medium" if bold else "Regular", "fontItalic": 0,
            "textColor": colour(_ink(view)), "textOpacity": 1, "multilineHeight": 1, "textOrientation": "horizontal",
            "allowHtml": 0, "useSubstitutions": 0, "blendMode": 0, "capitalization": 0,
        },
        families(),
        node(
            "text-buffer",
            {
                "bufferDraw": 1, "bufferSize": 1, "bufferSizeUnits": "MM", "bufferColor": colour("#ffffff"),
                "bufferOpacity": 1, "bufferNoFill": 1, "bufferJoinStyle": 128, "bufferBlendMode": 0,
            },
        ),
    )  # fmt: skip
    layout: dict[str, Value] = {"multilineAlign": 0 if bold else 1, "wrapChar": "", "autoWrapLength": 0}
    return node(
        "labeling",
        {"type": "simple"},
        node(
            "settings",
            {"calloutType": "simple"},
            style,
            node("text-format", layout),
            node("placement", _placement(view)),
            node("rendering", RENDERING),
            by_expression("dd_properties", {}),
        ),
    )  # fmt: skip


def expression(view: View, lang: Lang, look: Look) -> str | None:
    """Return what is written beside a row, as an expression of QGIS; None where nothing is."""
    if view.labels is None:
        return None
    column = view.labels[0 if lang == "zh" else 1]
    if look.columns and column not in look.columns:
        return None
    if view.table == "gaps" and {"gap_id", "people"} <= look.columns:
        unit = "人" if lang == "zh" else "people"
        return f"coalesce(\"gap_id\", '') || coalesce('\\n' || format_number(\"people\", 0) || ' {unit}', '')"
    name = f"coalesce({quoted(column)}, '')"
    if view.table == "sites":
        return f"replace({name}, '{COLON[lang]}', '\\n')"
    if view.kind == "graduated" and view.column is not None and view.column.startswith("share_"):
        share = quoted(view.column)
        return f"{name} || coalesce('\\n' || format_number(100 * {share}, 1) || ' %', '\\n–')"
    return name


def _ink(view: View) -> str:
    if view.group.kind == "zones":
        return palette.FAINT_INK
    return palette.GAP if view.table == "gaps" else palette.INK


def _placement(view: View) -> dict[str, Value]:
    if view.shape == "point":
        return {"placement": 6, "predefinedPositionOrder": "R,L,TR,BR,TL,BL,TSR,BSR", "dist": 0.8, "distUnits": "MM",
                "offsetType": 1, "quadOffset": 4, "priority": 8}  # fmt: skip
    if view.shape == "line":
        return {"placement": 2, "placementFlags": 10, "dist": 0.5, "distUnits": "MM", "priority": 4}
    return {"placement": 1, "quadOffset": 4, "centroidInside": 1, "centroidWhole": 1, "priority": 5,
            "polygonPlacementFlags": 2}  # fmt: skip
