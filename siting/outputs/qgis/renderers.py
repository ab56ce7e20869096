"""The renderer of a view: one symbol, one a value, one a range of numbers, or rules where only some rows are meant."""

import math

from siting.ledger import Lang
from siting.outputs.qgis.elements import Element, Value, joined, key, literal, node, ordered, plain, quoted
from siting.outputs.qgis.symbols import Look, symbol
from siting.outputs.views import Condition, View, ViewClass


def renderer(view: View, lang: Lang, look: Look, *, filtered: bool) -> Element:
    """Return the renderer of a view.

    Parameters
    ----------
    filtered : whether the renderer itself leaves out the rows that the view does not mean; False where the layer has
        a filter of its own
    """
    if filtered and view.where:
        return _rules(view, lang, look)
    symbols = node("symbols", {}, *[symbol(view, str(k), c, look, _level(view, k)) for k, c in enumerate(view.classes)])
    ends: list[Element] = [symbols, node("rotation"), node("sizescale")]
    if view.kind == "single" or view.column is None:
        return _typed("singleSymbol", *ends, levels=view.table == "base_streets")
    if view.kind == "categorised":
        rows = [
            node("category", {"symbol": k, "value": category(c), "label": ordered(c.name, lang), "render": "true"})
            for k, c in enumerate(view.classes)
        ]
        return _typed("categorizedSymbol", node("categories", {}, *rows), *ends, attr=view.column)
    rows = [
        node("range", {"symbol": k, "lower": low, "upper": high, "label": ordered(c.name, lang), "render": "true"})
        for k, c in enumerate(view.classes)
        for low, high in [bounds(c, ends_of(view, look))]
    ]
    return _typed(
        "graduatedSymbol",
        node("ranges", {}, *rows),
        *ends,
        attr=number_of(view, look),
        levels=_by_width(view),
        graduatedMethod="GraduatedColor",
    )


def _by_width(view: View) -> bool:
    return view.shape == "line" and any(c.size_mm is not None for c in view.classes)


def _level(view: View, place: int) -> int:
    """Draw wide lines below narrow ones, so that of ways that share a street none is hidden."""
    return len(view.classes) - 1 - place if _by_width(view) else 0


def category(one: ViewClass) -> str:
    """Return the value of a class as QGIS compares it: nothing for rows without a value."""
    if one.value is None:
        return ""
    return str(one.value).lower() if isinstance(one.value, bool) else plain(one.value)


def ends_of(view: View, look: Look) -> tuple[float, float]:
    """Return figures at or below and above all of a column, for the open ends of its ranges: QGIS knows no infinity."""
    least, most = look.ends.get(view.column or "", (0.0, 0.0))
    breaks = [b for c in view.classes for b in (c.low, c.high) if b is not None and math.isfinite(b)]
    low, high, last = min([0.0, least, *breaks]), math.ceil(most), max([0.0, *breaks])
    return float(math.floor(low)), float(high if high > last else math.floor(last) + 1)


def bounds(one: ViewClass, ends: tuple[float, float]) -> tuple[str, str]:
    """Return the bounds of a range of numbers as QGIS compares them; a row on a bound counts to the lower class."""
    if one.missing:
        return plain(ends[0] - 2), plain(ends[0] - 1)
    low = ends[0] if one.low is None or math.isinf(one.low) else one.low
    high = ends[1] if one.high is None or math.isinf(one.high) else one.high
    return f"{low:.15g}", f"{high:.15g}"


def number_of(view: View, look: Look) -> str:
    """Return what the ranges are of: the column, with a place below all of it for rows without a value if drawn."""
    column = view.column or ""
    if not any(c.missing for c in view.classes):
        return column
    return f"coalesce({quoted(column)}, {plain(ends_of(view, look)[0] - 1)})"


def condition(one: Condition) -> str:
    """Return a condition as expressions of QGIS and SQL write it."""
    held = ", ".join(literal(v) for v in one.values)
    return f"{quoted(one.column)} IN ({held})" if len(one.values) != 1 else f"{quoted(one.column)} = {held}"


def subset(view: View) -> str:
    """Return the filter of a layer that shows the rows of a view; empty where it shows all."""
    return joined(condition(c) for c in view.where)


def class_filter(view: View, one: ViewClass) -> str:
    """Return which rows of a view are in a class; empty where all are."""
    if view.kind == "single" or view.column is None:
        return ""
    column = quoted(view.column)
    if one.missing:
        return f"{column} IS NULL"
    if view.kind == "categorised":
        return f"{column} IS NULL" if one.value is None else f"{column} = {literal(one.value)}"
    parts = []
    if one.low is not None and math.isfinite(one.low):
        parts.append(f"{column} > {one.low:.15g}")
    if one.high is not None and math.isfinite(one.high):
        parts.append(f"{column} <= {one.high:.15g}")
    return joined(parts) or f"{column} IS NOT NULL"


def _rules(view: View, lang: Lang, look: Look) -> Element:
    rows, symbols = [], []
    for k, one in enumerate(view.classes):
        wanted = joined(part for part in (subset(view), class_filter(view, one)) if part)
        label = ordered(one.name, lang)
        rows.append(node("rule", {"key": key(view.id, str(k)), "symbol": k, "filter": wanted, "label": label}))
        symbols.append(symbol(view, str(k), one, look))
    rules = node("rules", {"key": key(view.id, "rules")}, *rows)
    return _typed("RuleRenderer", rules, node("symbols", {}, *symbols))


def _typed(kind: str, *children: Element, levels: bool = False, **more: str) -> Element:
    attributes: dict[str, Value] = {"type": kind, "symbollevels": levels, "enableorderby": 0, "forceraster": 0, **more}
    return node("renderer-v2", attributes, *children)
