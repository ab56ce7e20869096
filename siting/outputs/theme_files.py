"""The layers, tables and figures of themes, as the files of a run hold them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from siting.errors import SchemaError
from siting.outputs.columns import plain_columns
from siting.themes.result import ThemeLayer, ThemeResult


def theme_layers(themes: Mapping[str, ThemeResult], taken: frozenset[str] = frozenset()) -> dict[str, ThemeLayer]:
    """Return every layer of every theme by its name.

    Parameters
    ----------
    taken : names of other layers of the run

    Raises
    ------
    SchemaError
        Two layers have one name.
    """
    found: dict[str, ThemeLayer] = {}
    for result in themes.values():
        for layer in result.layers:
            if layer.name in found or layer.name in taken:
                msg = f"theme {result.theme}: there are two layers '{layer.name}' in this run"
                raise SchemaError(msg)
            found[layer.name] = layer
    return found


def theme_tables(themes: Mapping[str, ThemeResult]) -> dict[str, pd.DataFrame]:
    """Return every table of every theme by its name, flat."""
    return {table.name: plain_columns(table.frame) for result in themes.values() for table in result.tables}


def theme_summary(themes: Mapping[str, ThemeResult]) -> dict[str, Any]:
    """Return the headline figures of every theme."""
    return {
        name: {
            "title": {"zh": result.title.zh, "en": result.title.en},
            "figures": dict(result.figures),
            "headlines": [{"zh": text.zh, "en": text.en} for text in result.headlines],
            "not_judged": [
                {"what": {"zh": what.zh, "en": what.en}, "reason": {"zh": why.zh, "en": why.en}}
                for what, why in result.missing
            ],
        }
        for name, result in themes.items()
    }


def column_book(themes: Mapping[str, ThemeResult]) -> pd.DataFrame:
    """Return what every column of the themes' layers and tables means, in both languages."""
    rows = [
        {"kind": kind, "name": item.name, "title_zh": item.title.zh, "title_en": item.title.en, "column": column,
         "zh": text.zh, "en": text.en}
        for result in themes.values()
        for kind, items in (("layer", result.layers), ("table", result.tables))
        for item in items
        for column, text in item.columns.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["kind", "name", "title_zh", "title_en", "column", "zh", "en"])
