"""Print layouts of a project: A4, one a plan, rule and theme, each with what a map that leaves the house must carry."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from siting.ledger import Lang, Text
from siting.outputs import palette
from siting.outputs.contract import NOTE, RunLike
from siting.outputs.qgis.elements import FONT, Element, Value, by_expression, colour, key, node, ordered
from siting.outputs.qgis.map_layers import ProjectLayer, confidence_line
from siting.outputs.qgis.places import Extent, is_upright
from siting.outputs.qgis.symbols import plain_symbol

PAGE, MAP, PICTURE, LABEL, LEGEND, SCALE_BAR = 65638, 65639, 65640, 65641, 65642, 65646
"""What QGIS calls the kinds of items."""
ARROW = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 28"><path d="M10 8 L15 26 L10 22 Z" fill="#ffffff" '
    'stroke="#1f2937" stroke-width="0.9"/><path d="M10 8 L5 26 L10 22 Z" fill="#1f2937" stroke="#1f2937" '
    'stroke-width="0.9"/><path d="M7.6 6.4 V0.8 L12.4 6.4 V0.8" fill="none" stroke="#1f2937" stroke-width="1.2"/></svg>'
)
WRAP = "¶"
"""Breaks a line in a legend."""
LONG_TITLE = 34
LONG_ROW = 44
"""Half-width letters that fit on a line of the legend: a title, which is bold, and the name of a class."""
Box = tuple[float, float, float, float]
"""Left, top, width, height in millimetres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one layout shows.

    Attributes
    ----------
    title : of the plan, rule or theme
    theme : the map theme that its map follows
    headlines : the main figure in words, and what should be known of it
    grades : how well the figures were read
    legend : the layers that its legend explains
    extent : what the map shows at least
    thinnest_mm : width of the thinnest line whose width says something, which a legend must not draw wider
    """

    title: Text
    theme: str
    headlines: tuple[Text, ...]
    grades: tuple[str, ...]
    legend: tuple[ProjectLayer, ...]
    extent: Extent
    thinnest_mm: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Where the parts of a page stand."""

    page: tuple[float, float]
    map: Box
    legend: Box
    columns: int
    facts: Box
    foot: Box


MM_PER_POINT = 25.4 / 72
HEADLINE_POINTS = (8.5, 7.5, 6.5, 5.5)
"""Sizes of the sentence above a map: the first at which the whole of it fits."""
LYING = Form(
    page=(297, 210), map=(8, 33, 216, 160), legend=(227, 33, 64, 110), columns=1, facts=(227, 160, 62, 33),
    foot=(8, 195, 281, 10),
)  # fmt: skip
UPRIGHT = Form(
    page=(210, 297), map=(8, 33, 194, 190), legend=(7, 224, 194, 48), columns=3, facts=(8, 275, 194, 6),
    foot=(8, 281, 194, 12),
)  # fmt: skip


def layout(page: Page, run: RunLike) -> Element:
    """Return one print layout."""
    lang = run.lang
    form = UPRIGHT if is_upright(page.extent) else LYING
    extent = page.extent.shaped(form.map[2] / form.map[3])
    wide = form.page[0] - 16
    map_id = key(page.theme, "map")
    first, second = _both(Text(f"{run.title.zh} · {page.title.zh}", f"{run.title.en} · {page.title.en}"), lang)
    headline = _headline(page, lang, wide)
    items = [
        _map(page, map_id, form.map, extent),
        _label(page.theme, "title", first, (8, 6, wide, 8), 15, bold=True),
        _label(page.theme, "subtitle", second if second != first else "", (8, 14, wide, 5.5), 9, ink=palette.FAINT_INK),
        _label(page.theme, "headline", headline, (8, 20.5, wide, 11), _fitting(headline, wide, 11)),
        _legend(page, map_id, form, lang),
        _scale_bar(page.theme, map_id, form.map, extent),
        _north(page.theme, map_id, form.map),
        _label(
            page.theme, "facts", _facts(page, run, form), form.facts, 7, ink=palette.FAINT_INK, bottom=form is LYING
        ),
        _label(page.theme, "source", _sources(run), form.foot, 6.5, ink=palette.FAINT_INK),
    ]
    # QGIS lists what lies on top first.
    return node(
        "Layout",
        {"name": f"A4 {page.theme}", "units": "mm", "printResolution": 300},
        node("Snapper", {"tolerance": 5, "snapToGrid": 0, "snapToItems": 1, "snapToGuides": 1}),
        node("Grid", {"resolution": 10, "resUnits": "mm", "offsetX": 0, "offsetY": 0, "offsetUnits": "mm"}),
        _sheet(page.theme, form),
        *reversed(items),
        node("customproperties", {}, node("Option")),
    )


def round_length(longest_m: float) -> float:
    """Return the largest 1, 2 or 5 times a power of ten that is not above ``longest_m``."""
    power = 10.0 ** floor(log10(longest_m))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= longest_m * (1 + 1e-9))


def _fitting(text: str, wide_mm: float, high_mm: float) -> float:
    """Return the largest size in points, of those that can be read, at which a text is not cut at its foot."""
    for points in HEADLINE_POINTS:
        em = points * MM_PER_POINT
        # A Chinese character is as wide as it is high, others about half of that; breaks waste some of every line.
        widths = [sum(em if ord(c) > 0x2E7F else 0.54 * em for c in line) for line in text.split("\n")]
        lines = sum(max(1, ceil(width / (0.96 * wide_mm))) for width in widths)
        if lines * 1.45 * em <= high_mm:
            return points
    return HEADLINE_POINTS[-1]


def _headline(page: Page, lang: Lang, wide_mm: float) -> str:
    """Say it in both languages if that can be read, else in the reader's alone."""
    both = "\n".join(dict.fromkeys(line for text in page.headlines for line in _both(text, lang)))
    own = "\n".join(text.get(lang) for text in page.headlines)
    return both if _fitting(both, wide_mm, 11) >= HEADLINE_POINTS[2] else own


def _both(text: Text, lang: Lang) -> tuple[str, str]:
    return (text.zh, text.en) if lang == "zh" else (text.en, text.zh)


def _facts(page: Page, run: RunLike, form: Form) -> str:
    lines = [confidence_line(grade, run.lang) for grade in page.grades]
    lines += [] if run.data_date is None else [ordered(Text("数据日期", "data of"), run.lang) + f"：{run.data_date}"]
    code = run.crs.to_epsg()
    lines.append(run.crs.name if code is None else f"{run.crs.name} (EPSG:{code})")
    return ("  ·  " if form is UPRIGHT else "\n").join(lines)


def _sources(run: RunLike) -> str:
    notes = [line for line in run.attribution if line.en.startswith(NOTE)]
    credits = [ordered(line, run.lang) for line in run.attribution if line not in notes]
    head = ordered(Text("来源与许可", "Source and licence"), run.lang)
    return "\n".join([f"{head}：{'；'.join(credits)}", *(ordered(line, run.lang) for line in notes)])


def _sheet(theme: str, form: Form) -> Element:
    paper: dict[str, Value] = {"color": colour("#ffffff"), "style": "solid", "outline_style": "no"}
    width, height = form.page
    return node(
        "PageCollection",
        {},
        plain_symbol("fill", paper, "SimpleFill"),
        _item(theme, "page", PAGE, (0, 0, width, height), {}, plain_symbol("fill", paper, "SimpleFill")),
        node("GuideCollection", {"visible": 1}),
    )


def _map(page: Page, map_id: str, box: Box, extent: Extent) -> Element:
    shown = {"xmin": extent.x_min, "ymin": extent.y_min, "xmax": extent.x_max, "ymax": extent.y_max}
    more: dict[str, Value] = {
        "followPreset": "true", "followPresetName": page.theme, "keepLayerSet": "false", "mapRotation": 0,
        "drawCanvasItems": "true", "labelMargin": "1,mm", "mapFlags": 0, "frame": "true", "background": "true",
        "uuid": map_id, "outlineWidthM": "0.2,mm",
    }  # fmt: skip
    return _item(
        page.theme, "map", MAP, box, more, node("Extent", {k: f"{v:.4f}" for k, v in shown.items()}), node("LayerSet"),
        node("labelBlockingItems", {}, *[node("item", {"uuid": key(page.theme, name)}) for name in ABOVE_MAP]),
        frame=palette.ZONE, ground=palette.GROUND,
    )  # fmt: skip


def _label(
    theme: str, name: str, text: str, box: Box, size: float, *, bold: bool = False, ink: str = palette.INK,
    bottom: bool = False,
) -> Element:  # fmt: skip
    red, green, blue, alpha = colour(ink).split(",")
    more: dict[str, Value] = {
        "labelText": text, "htmlState": 0, "halign": 1, "valign": 64 if bottom else 32, "marginX": 0, "marginY": 0,
    }  # fmt: skip
    return _item(
        theme, name, LABEL, box, more, _font("LabelFont", size, bold=bold),
        node("FontColor", {"red": red, "green": green, "blue": blue, "alpha": alpha}),
    )  # fmt: skip


def _legend(page: Page, map_id: str, form: Form, lang: Lang) -> Element:
    more: dict[str, Value] = {
        "title": ordered(Text("图例", "Legend"), lang), "map_uuid": map_id, "columnCount": form.columns,
        "splitLayer": 0, "equalColumnWidth": 0, "columnSpace": 5, "boxSpace": 1, "lineSpacing": 0.8,
        "symbolWidth": 5, "symbolHeight": 3,
        "symbolAlignment": 1, "titleAlignment": 1, "wrapChar": WRAP, "resizeToContents": 1, "legendFilterByMap": 0,
        "legendFilterByAtlas": 0, "minSymbolSize": page.thinnest_mm or 1.6, "maxSymbolSize": 0, "rasterBorder": 0,
        "fontColor": palette.INK,
        "wmsLegendWidth": 50, "wmsLegendHeight": 25,
    }  # fmt: skip
    spaces: dict[str, dict[str, Value]] = {
        "title": {"marginBottom": 1.5},
        "group": {"marginTop": 2},
        "subgroup": {"marginTop": 2},
        "symbol": {"marginTop": 1},
        "symbolLabel": {"marginTop": 1, "marginLeft": 1.5},
    }
    sizes = {"title": 10.0, "group": 8.5, "subgroup": 8.0, "symbol": 7.5, "symbolLabel": 7.5}
    styles = [
        node("style", {"name": name, "indent": 0, "alignment": 1, **space},
             _font("styleFont", sizes[name], bold=name in ("title", "subgroup")))
        for name, space in spaces.items()
    ]  # fmt: skip
    rows = [_legend_row(layer, lang) for layer in page.legend]
    tree = node("layer-tree-group", {}, node("customproperties", {}, node("Option")), *rows)
    return _item(page.theme, "legend", LEGEND, form.legend, more, node("styles", {}, *styles), tree, frame="#ffffff")


def _legend_row(layer: ProjectLayer, lang: Lang) -> Element:
    title = layer.name
    if _letters(title) > LONG_TITLE:
        title = title.replace(" / ", WRAP, 1)
    held = {"cached_name": layer.name, "legend/title-label": title}
    # What is too long for the page in both languages is said in the reader's.
    held |= {
        f"legend/label-{k}": name.get(lang)
        for k, name in enumerate(layer.classes)
        if _letters(ordered(name, lang)) > LONG_ROW
    }
    options = [node("Option", {"name": k, "value": v, "type": "QString"}) for k, v in held.items()]
    older = [node("property", {"key": k, "value": v}) for k, v in held.items()]
    return node(
        "layer-tree-layer",
        {
            "id": layer.id, "name": layer.name, "source": layer.source, "providerKey": layer.provider,
            "checked": "Qt::Checked", "expanded": 1, "legend_exp": "", "patch_size": "-1,-1",
            "legend_split_behavior": 0,
        },
        node("customproperties", {}, node("Option", {"type": "Map"}, *options), *older),
    )  # fmt: skip


def _letters(text: str) -> int:
    """Width of a text in half-width letters."""
    return sum(2 if ord(c) > 0x2E7F else 1 for c in text)


def _scale_bar(theme: str, map_id: str, box: Box, extent: Extent) -> Element:
    half = round_length(extent.width * 0.11)
    kilo = 2 * half >= 1000
    unit = 1000.0 if kilo else 1.0
    more: dict[str, Value] = {
        "style": "Single Box", "mapUuid": map_id, "unitType": "km" if kilo else "meters",
        "unitLabel": "km" if kilo else "m",
        "numSegments": 2, "numSegmentsLeft": 0, "numUnitsPerSegment": half / unit, "numMapUnitsPerScaleBarUnit": 1,
        "segmentSizeMode": 0, "height": 1.6, "labelBarSpace": 0.8, "boxContentSpace": 1.5, "outlineWidth": 0.2,
        "alignment": 0, "labelHorizontalPlacement": 0, "labelVerticalPlacement": 0, "minBarWidth": 20,
        "maxBarWidth": 60, "segmentMillimeters": half / extent.width * box[2], "background": "true",
        "lineJoinStyle": "miter", "lineCapStyle": "square", "subdivisions": 0,
    }  # fmt: skip
    ink = node("strokeColor", _rgba(palette.INK))
    line: dict[str, Value] = {"line_color": colour(palette.INK), "line_width": 0.2, "line_width_unit": "MM"}
    boxed: dict[str, Value] = {"color": colour(palette.INK), "style": "solid", "outline_style": "no"}
    white: dict[str, Value] = {**boxed, "color": colour("#ffffff")}
    style = node(
        "text-style",
        {"fontFamily": FONT, "fontSize": 7, "fontSizeUnit": "Point", "textColor": colour(palette.INK), "textOpacity": 1,
         "fontWeight": 50, "multilineHeight": 1},
    )  # fmt: skip
    numbers = node(
        "numericFormat",
        {"id": "basic"},
        node(
            "Option",
            {"type": "Map"},
            node("Option", {"name": "decimals", "value": "6", "type": "int"}),
            node("Option", {"name": "show_thousand_separator", "value": "true", "type": "bool"}),
        ),
    )
    left, top, _, height = box
    place = (left + 2, top + height - 11, 60.0, 9.0)
    return _item(
        theme, "scale bar", SCALE_BAR, place, more, style, node("fillColor", _rgba(palette.INK)),
        node("fillColor2", _rgba("#ffffff")), ink, numbers,
        node("lineSymbol", {}, plain_symbol("line", line, "SimpleLine")),
        node("divisionLineSymbol", {}, plain_symbol("line", line, "SimpleLine")),
        node("subdivisionLineSymbol", {}, plain_symbol("line", line, "SimpleLine")),
        node("fillSymbol1", {}, plain_symbol("fill", boxed, "SimpleFill")),
        node("fillSymbol2", {}, plain_symbol("fill", white, "SimpleFill")),
    )  # fmt: skip


def _north(theme: str, map_id: str, box: Box) -> Element:
    picture = "base64:" + base64.b64encode(ARROW.encode()).decode()
    more: dict[str, Value] = {
        "file": picture, "mode": 0, "resizeMode": 0, "anchorPoint": 4, "northMode": 0, "northOffset": 0,
        "mapUuid": map_id, "pictureRotation": 0,
    }  # fmt: skip
    left, top, width, _ = box
    return _item(theme, "north arrow", PICTURE, (left + width - 12, top + 2.5, 9, 12.6), more)


def _item(
    theme: str,
    name: str,
    kind: int,
    box: Box,
    more: Mapping[str, Value],
    *children: Element,
    frame: str = palette.INK,
    ground: str = "#ffffff",
) -> Element:
    left, top, width, height = box
    place, own = f"{left:g},{top:g},mm", key(theme, name)
    attributes: dict[str, Value] = {
        "type": kind, "id": name, "uuid": own, "templateUuid": own, "position": place, "positionOnPage": place,
        "size": f"{width:g},{height:g},mm", "referencePoint": 0, "itemRotation": 0, "positionLock": "false",
        "visibility": 1, "zValue": ORDER.index(name), "opacity": 1, "blendMode": 0, "excludeFromExports": 0,
        "frame": "false", "frameJoinStyle": "miter", "outlineWidthM": "0.2,mm", "background": "false", "groupUuid": "",
    }  # fmt: skip
    return node(
        "LayoutItem",
        {**attributes, **more},
        node("FrameColor", _rgba(frame)),
        node("BackgroundColor", _rgba(ground)),
        node(
            "LayoutObject", {}, by_expression("dataDefinedProperties", {}), node("customproperties", {}, node("Option"))
        ),
        *children,
    )


ABOVE_MAP = ("scale bar", "north arrow")
"""What no name on the map may lie under."""
ORDER: Sequence[str] = (
    "page", "map", "scale bar", "north arrow", "legend", "title", "subtitle", "headline", "facts", "source",
)  # fmt: skip
"""From below to above."""


def _rgba(code: str) -> dict[str, Value]:
    red, green, blue, alpha = colour(code).split(",")
    return {"red": red, "green": green, "blue": blue, "alpha": alpha}


def _font(tag: str, size: float, *, bold: bool = False) -> Element:
    """Return a font in the words of Qt: family, size, weight 50 or 75."""
    return node(tag, {"description": f"{FONT},{size:g},-1,5,{75 if bold else 50},0,0,0,0,0", "style": ""})
