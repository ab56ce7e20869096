"""Cars and households that a demand layer states: read row by row, spread in whole ones, never made up."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import SchemaError
from siting.inputs.schema import SHOWN_IN_MESSAGES, Faults, listed, parse_numbers, require_columns
from siting.ledger import Finding, Text
from siting.units import MILLI_PER_PERSON, largest_remainder

COUNTS: Mapping[str, Text] = {"cars": Text("汽车", "cars"), "households": Text("户", "households")}
"""Columns of a demand frame that count something beside people; NaN where the source does not say."""


def count_columns(frame: pd.DataFrame) -> list[str]:
    """Columns of a demand frame that hold counts beside people."""
    return [name for name in COUNTS if name in frame.columns]


def read_counts_of(
    source: gpd.GeoDataFrame, columns: Mapping[str, str], layer: str, faults: Faults
) -> tuple[dict[str, NDArray[np.float64]], list[Finding]]:
    """Read the counts that a study names; what is no number of 0 or more stays unknown and is listed.

    Parameters
    ----------
    columns : name, one of `COUNTS`, and the column of ``source`` that holds it
    faults : a column that is absent, or of which no row can be used, is noted here
    """
    values: dict[str, NDArray[np.float64]] = {}
    findings: list[Finding] = []
    for name, column in columns.items():
        before = len(faults)
        require_columns(source, [column], layer, faults)
        if len(faults) > before:
            continue
        numbers, _, unreadable = parse_numbers(source[column])
        wrong = {
            Text("缺值", "no value"): np.isnan(numbers) & ~unreadable,
            Text("不是数字", "no number"): unreadable,
            Text("为负", "negative"): numbers < 0,
            Text("无穷大", "infinite"): np.isposinf(numbers),
        }
        known = np.isfinite(numbers) & (numbers >= 0)
        values[name] = np.where(known, numbers, np.nan)
        if not known.any():
            shown = ", ".join(repr(v) for v in source[column].iloc[:SHOWN_IN_MESSAGES].tolist())
            faults.add(
                f"{layer}: '{column}' has no number of 0 or more in any of {len(source)} rows ({shown}). "
                f"Write digits only, or name another column for {name}"
            )
        elif not known.all():
            findings.append(_unknown(name, source[column], known, wrong))
    return values, findings


def share_count(value: float, weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spread a count: a whole one in whole ones, another in thousandths; an unknown one is unknown in every part."""
    if np.isnan(value):
        return np.full(len(weight), np.nan)
    if float(value).is_integer():
        return largest_remainder(int(value), weight).astype(np.float64)
    return largest_remainder(round(value * MILLI_PER_PERSON), weight) / MILLI_PER_PERSON


def count_lines(frame: pd.DataFrame) -> list[Text]:
    """Say how many cars and households there are, and at how many points that is not known."""
    lines = []
    for name in count_columns(frame):
        known = frame[name].notna()
        total, what, gone = float(frame[name].sum()), COUNTS[name], int((~known).sum())
        zh, en = (f"；{gone} 个需求点不详", f"; not known at {gone} points") if gone else ("", "")
        unit = "辆" if name == "cars" else ""
        lines.append(Text(f"{what.zh} {total:,.10g} {unit}".rstrip() + zh, f"{total:,.10g} {what.en}{en}"))
    return lines


def refuse_counts(columns: Mapping[str, str], layer: str) -> None:
    """Refuse counts where there is no layer with rows to read them from.

    Raises
    ------
    SchemaError
        Counts are asked for.
    """
    if columns:
        names = " and ".join(columns)
        raise SchemaError(f"{layer}: {names} are columns of a layer of points or polygons. Give such a layer as source")


def _unknown(
    name: str, column: "pd.Series[Any]", known: NDArray[np.bool_], wrong: Mapping[Text, NDArray[np.bool_]]
) -> Finding:
    out = column.index[~known]
    kinds = [(text, int(mask.sum())) for text, mask in wrong.items() if mask.any()]
    quoted = [(i, v) for i, v in column[~known].items() if not pd.isna(v)]
    few = quoted[:SHOWN_IN_MESSAGES]
    zh = "、".join(f"{text.zh} {n} 行" for text, n in kinds) + "".join(f"；{i}：“{v}”" for i, v in few)
    en = ", ".join(f"{text.en}: {n}" for text, n in kinds) + "".join(f"; {i}: '{v}'" for i, v in few)
    what = COUNTS[name]
    return Finding(
        code=f"{name}_not_read",
        kind="warning",
        count=len(out),
        text=Text(
            f"字段“{column.name}”有 {len(out)} 行不能用作{what.zh}数，按不详处理，不补数（{zh}）",
            f"'{column.name}' of {len(out)} rows gives no {what.en}: unknown there, nothing is filled in ({en})",
        ),
        ids=listed(out),
    )
