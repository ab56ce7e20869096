"""Codes of a table in words: columns beside them that say the same in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from siting.ledger import Text


def spelled(frame: pd.DataFrame, **words: Mapping[str, Text]) -> pd.DataFrame:
    """Put ``<column>_zh`` and ``<column>_en`` behind columns of codes; what has no word stays as it is.

    Parameters
    ----------
    words : what each code means, by column; a column that the table does not have is passed over
    """
    made = frame.copy()
    for column, meant in words.items():
        if column not in made.columns:
            continue
        at = made.columns.tolist().index(column) + 1
        said = [meant.get(str(code), Text(str(code), str(code))) for code in made[column]]
        made.insert(at, f"{column}_zh", [one.zh for one in said])
        made.insert(at + 1, f"{column}_en", [one.en for one in said])
    return made


def spelled_titles(**titles: Text) -> dict[str, Text]:
    """Return what the columns that `spelled` adds are called."""
    return {
        name: text
        for column, title in titles.items()
        for name, text in (
            (f"{column}_zh", Text(title.zh, f"{title.en} (Chinese)")),
            (f"{column}_en", Text(f"{title.zh}（英文）", title.en)),
        )
    }
