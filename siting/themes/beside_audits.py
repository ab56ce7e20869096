"""Indicator rows of a theme beside those of a study's own audits: no row stands twice, no two rows share a name."""

from collections.abc import Mapping

import pandas as pd

from siting.coverage.model import Audit
from siting.themes.result import ThemeResult

KEY = ["zone_level", "zone", "denominator", "distance"]
FIGURES = ["served", "total"]


def indicators_beside(audits: Mapping[str, Audit], result: ThemeResult) -> pd.DataFrame:
    """Return the rows of a theme that the audits of the study do not hold.

    A rule that the study audits under the same name is left out where every figure is the same. Where the theme
    measures it otherwise, as with a radius for each size class of park, its rows are named ``<theme>.<rule>``.
    """
    rows = result.indicators
    if not len(rows):
        return rows
    parts = []
    for name, mine in rows.groupby("rule", sort=False):
        audit = audits.get(str(name))
        if audit is None:
            parts.append(mine)
        elif bool(mine["judged"].any()) and not _holds(audit.indicators, mine):
            parts.append(mine.assign(rule=f"{result.theme}.{name}"))
    return pd.concat(parts, ignore_index=True) if parts else rows.iloc[:0]


def _holds(audited: pd.DataFrame, mine: pd.DataFrame) -> bool:
    """Whether the audit states every figure of the theme, and the same."""
    theirs = audited.set_index(KEY)[FIGURES]
    own = mine.set_index(KEY)[FIGURES]
    if not own.index.isin(theirs.index).all():
        return False
    # Both are whole units divided by a whole number, to the same digits.
    return bool(((theirs.loc[own.index] - own).abs().fillna(0.0) < 1e-9).to_numpy().all())
