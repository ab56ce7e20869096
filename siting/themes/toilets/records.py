"""The toilets of a city as its data states them: each row once, with what could be read of stalls and hours."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, fields

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.errors import SchemaError
from siting.ledger import Finding, Text
from siting.nearest_word import hint
from siting.themes.city import City
from siting.themes.toilets.hours import Hours, read_hours

TOILET, RESTRICTED = "public_toilet", "restricted_toilet"
SAME_PLACE_M = 0.5
"""Of two rows this near with the same name, one that adds nothing to the other is the same toilet twice."""
NEAR_M = 20.0
"""Two rows this near are shown to the reader, who can tell whether they are one: from no standard."""
MOST_STALLS = 200
"""A count above this is taken for a slip of the pen and not used: from no standard."""
SHOWN_IDS = 20

STALLS = {
    "female": Text("女厕位", "female stalls"),
    "male": Text("男厕位", "male stalls"),
    "urinals": Text("小便位", "urinals"),
    "unisex": Text("无性别厕位", "stalls for everybody"),
    "accessible": Text("无障碍厕位", "accessible stalls"),
    "family": Text("家庭（第三）卫生间", "family rooms"),
    "stalls": Text("厕位总数", "stalls in all"),
}
USERS = {
    "women": Text("高峰女性使用人数", "women at the peak"),
    "men": Text("高峰男性使用人数", "men at the peak"),
}
PROBLEMS = {
    "duplicate": Text("与其他记录重复，只计一次", "the same toilet as another row: counted once"),
    "no_place": Text("没有位置，未计入", "no place: not counted"),
    "other_missing": Text("标注为重复，但所指记录不存在，仍计入", "said to repeat a row that is not there: counted"),
    "not_a_count": Text("数值不是整数，按未知处理", "no whole number: taken as unknown"),
    "absurd": Text("数值超出合理范围，按未知处理", "beyond what is possible: taken as unknown"),
    "no_stalls": Text("缺少男女厕位数，不参与厕位比评价", "female or male stalls missing: left out of the ratio"),
    "hours_not_read": Text("开放时间无法确定，按未知处理", "hours that leave a doubt: taken as unknown"),
    "no_hours": Text("缺少开放时间，按未知处理", "no hours: taken as unknown"),
    "near": Text(
        f"与另一座相距不足 {NEAR_M:g} 米，请核对是否为同一座；仍计入",
        f"within {NEAR_M:g} m of another: one twice, or two? counted",
    ),
}
NOT_USED = ("duplicate", "no_place")
"""Problems that keep a row out; every other row is used with what is known of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which column of the toilet layer holds what; None: the column of the same name (``capacity`` for ``stalls``).

    Attributes
    ----------
    female, male, urinals, unisex, accessible, family, stalls : counts of stalls
    women, men : users of each sex at the busiest hour
    hours : opening hours as text
    place_type : what kind of place the toilet belongs to
    grade : class of the toilet (二类, 2), for clauses about one class
    duplicate_of : id of the row that says the same; empty for a row of its own
    """

    female: str | None = None
    male: str | None = None
    urinals: str | None = None
    unisex: str | None = None
    accessible: str | None = None
    family: str | None = None
    stalls: str | None = None
    women: str | None = None
    men: str | None = None
    hours: str | None = None
    place_type: str | None = None
    grade: str | None = None
    duplicate_of: str | None = None


_USUAL = {"stalls": "capacity", "hours": "opening_hours"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Records:
    """The toilets that count, and what was wrong with rows.

    Attributes
    ----------
    toilets : index = id, geometry = point. Columns ``name``, ``place_type``, ``grade``, ``hours_text``, and one a
        count of `STALLS` and `USERS` (NaN where unknown)
    shapes : by toilet id, as the data draws it: distances are measured to areas where there are areas
    hours : by toilet id, those whose hours were read
    known : which of `Columns` the layer has
    listed : one row a problem: ``toilet``, ``problem`` (key of `PROBLEMS`), ``column``, ``value``, ``used``
    rows_in : rows of the layer; as many as toilets and rows that are not used
    """

    toilets: gpd.GeoDataFrame
    shapes: gpd.GeoSeries
    hours: dict[str, Hours]
    known: frozenset[str]
    listed: pd.DataFrame
    rows_in: int
    findings: tuple[Finding, ...]

    @property
    def drawn(self) -> gpd.GeoDataFrame:
        """The toilets as the data draws them: who is near is measured to the edge of an area, not to its middle."""
        return gpd.GeoDataFrame(self.toilets.set_geometry(self.shapes))


def read_records(city: City, columns: Columns | None = None) -> Records:
    """Read the toilets of a city that are open to the public.

    Raises
    ------
    SchemaError
        A column that was named is not there.
    """
    layer = city.facilities[city.facilities["class"] == TOILET]
    found = _columns(layer, columns or Columns())
    notes: list[tuple[str, str, str, str]] = []
    table, where, drawn = _placed(layer, notes)
    counts = {name: _counts(table, found[name], name in STALLS, notes) for name in (*STALLS, *USERS) if name in found}
    frame = pd.DataFrame(counts, index=table.index).reindex(columns=[*STALLS, *USERS])
    frame.insert(0, "name", _texts(table, "name" if "name" in table.columns else None))
    frame.insert(1, "place_type", _texts(table, found.get("place_type")))
    frame.insert(2, "grade", _texts(table, found.get("grade")))
    frame.insert(3, "hours_text", _texts(table, found.get("hours")))
    toilets = gpd.GeoDataFrame(frame, geometry=where, crs=city.crs)
    again = _duplicates(toilets, _texts(table, found.get("duplicate_of")), notes)
    notes = [note for note in notes if note[0] not in again]
    notes += [(toilet, "duplicate", "id", other) for toilet, other in again.items()]
    toilets = gpd.GeoDataFrame(toilets[~toilets.index.isin(list(again))])
    hours = _hours(toilets, "hours" in found, notes)
    if {"female", "male"} <= set(found):
        lacking = toilets["female"].isna() | toilets["male"].isna()
        notes += [(str(i), "no_stalls", "female, male", "") for i in toilets.index[lacking]]
    first, second = _pairs(toilets, NEAR_M)
    ids = toilets.index.to_numpy().astype(str)
    notes += [(a, "near", "id", b) for a, b in zip(ids[first], ids[second], strict=True)]
    listed = pd.DataFrame(notes, columns=["toilet", "problem", "column", "value"])
    listed["used"] = ~listed["problem"].isin(NOT_USED)
    listed = listed.sort_values(["used", "problem", "toilet", "column", "value"], ignore_index=True)
    return Records(
        toilets=toilets,
        shapes=gpd.GeoSeries(drawn, index=table.index, crs=city.crs).loc[toilets.index],
        hours=hours,
        known=frozenset(found),
        listed=listed,
        rows_in=len(layer),
        findings=_findings(city, listed),
    )


def _columns(layer: gpd.GeoDataFrame, given: Columns) -> dict[str, str]:
    """Say which column holds what, for those that are there."""
    found = {}
    for field in fields(given):
        asked = getattr(given, field.name)
        name = asked or _USUAL.get(field.name, field.name)
        if name in layer.columns and (asked is not None or bool(layer[name].notna().any())):
            found[field.name] = name
        elif asked is not None:
            have = [str(c) for c in layer.columns if c != "geometry"]
            msg = (
                f"toilets: there is no column '{asked}' ({field.name}){hint(asked, have)}; there are {', '.join(have)}"
            )
            raise SchemaError(msg)
    return found


def _placed(
    layer: gpd.GeoDataFrame, notes: list[tuple[str, str, str, str]]
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Rows with a place, by id in text order, a point for each (of an area one inside it), and what was drawn."""
    shape = np.asarray(layer.geometry, dtype=object)
    nowhere = shapely.is_missing(shape) | shapely.is_empty(shape)
    notes += [(str(i), "no_place", "geometry", "") for i in layer.index[nowhere]]
    drawn = shape[~nowhere]
    kept, shape = layer[~nowhere], shapely.point_on_surface(drawn)
    kept = pd.DataFrame(kept.drop(columns="geometry").set_axis(kept.index.astype(str)))
    x, y = shapely.get_x(shape), shapely.get_y(shape)
    order = np.lexsort((y, x, kept.index.to_numpy().astype(str)))
    kept, shape, drawn = kept.iloc[order], shape[order], drawn[order]
    # The same id twice is the same toilet twice.
    repeated = kept.index.duplicated()
    notes += [(str(i), "duplicate", "id", str(i)) for i in kept.index[repeated]]
    return kept[~repeated], shape[~repeated], drawn[~repeated]


def _texts(table: pd.DataFrame, column: str | None) -> pd.Series:
    if column is None:
        return pd.Series([None] * len(table), index=table.index, dtype=object)
    values = [None if pd.isna(v) or not str(v).strip() else _text(v) for v in table[column]]
    return pd.Series(values, index=table.index, dtype=object)


def _text(value: object) -> str:
    """Write a value as text; an id that a reader made a number of (12.0) is the id again (12)."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def read_count(value: object) -> int | None:
    """Read a whole number, also with full-width digits or a measure word (``12个``); None where it is none.

    About, at least, a range, a fraction, a negative number: none of them says how many.
    """
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        whole = float(value)
        return int(whole) if np.isfinite(whole) and whole >= 0 and whole.is_integer() else None
    plain = unicodedata.normalize("NFKC", str(value)).strip()
    match = re.fullmatch(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.0+)?\s*(?:个|個|座|间|間|位|蹲位|厕位|廁位|人|人次)?", plain)
    return None if match is None else int(match[1].replace(",", ""))


def _counts(table: pd.DataFrame, column: str, stalls: bool, notes: list[tuple[str, str, str, str]]) -> pd.Series:
    values = np.full(len(table), np.nan)
    for k, (toilet, value) in enumerate(zip(table.index, table[column], strict=True)):
        if pd.isna(value) or not str(value).strip():
            continue
        count = read_count(value)
        if count is None:
            notes.append((str(toilet), "not_a_count", column, str(value)))
        elif stalls and count > MOST_STALLS:
            notes.append((str(toilet), "absurd", column, str(value)))
        else:
            values[k] = count
    return pd.Series(values, index=table.index)


def _duplicates(toilets: gpd.GeoDataFrame, told: pd.Series, notes: list[tuple[str, str, str, str]]) -> dict[str, str]:
    """Return which rows say what another says, and which: by the data's own word, or by place, name and facts."""
    again: dict[str, str] = {}
    for toilet, other in told.items():
        if other is None:
            continue
        # Where layers share ids, those of this one have its class before them.
        other = other if other in toilets.index else f"{TOILET}/{other}"
        if other not in toilets.index:
            other = other.removeprefix(f"{TOILET}/")
            notes.append((str(toilet), "other_missing", "duplicate_of", other))
            continue
        while other in again:
            other = again[other]
        if other != toilet:  # rows that point at each other in a ring: one of them stays
            again[str(toilet)] = other
    first, second = _pairs(toilets, SAME_PLACE_M)
    ids = toilets.index.to_numpy()
    facts = toilets[["place_type", "grade", "hours_text", *STALLS, *USERS]].astype(object)
    known = [{c: v for c, v in row.items() if not pd.isna(v)} for row in facts.to_dict("records")]
    names = [None if n is None else "".join(unicodedata.normalize("NFKC", n).lower().split()) for n in toilets["name"]]
    for a, b in sorted(zip(first.tolist(), second.tolist(), strict=True)):
        if names[a] != names[b] or ids[a] in again or ids[b] in again:
            continue
        if known[b].items() <= known[a].items():
            again[str(ids[b])] = str(ids[a])
        elif known[a].items() <= known[b].items():
            again[str(ids[a])] = str(ids[b])
    return again


def _pairs(toilets: gpd.GeoDataFrame, within_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of rows within a distance, the earlier row first."""
    shape = np.asarray(toilets.geometry, dtype=object)
    first, second = shapely.STRtree(shape).query(shape, predicate="dwithin", distance=within_m)
    return first[first < second], second[first < second]


def _hours(toilets: gpd.GeoDataFrame, asked: bool, notes: list[tuple[str, str, str, str]]) -> dict[str, Hours]:
    hours: dict[str, Hours] = {}
    if not asked:
        return hours
    for toilet, text in toilets["hours_text"].items():
        read = None if text is None else read_hours(text)
        if read is not None:
            hours[str(toilet)] = read
        else:
            notes.append((str(toilet), "no_hours" if text is None else "hours_not_read", "hours", text or ""))
    return hours


def _findings(city: City, listed: pd.DataFrame) -> tuple[Finding, ...]:
    findings = []
    pairs = listed["problem"] == "near"
    for problem, rows in listed[~pairs].groupby("problem", sort=True):
        text = PROBLEMS[str(problem)]
        findings.append(
            Finding(
                code=f"toilets_{problem}",
                kind="dropped" if problem in NOT_USED else "warning",
                count=len(rows),
                text=Text(f"公厕：{text.zh}", f"toilets: {text.en}"),
                ids=tuple(rows["toilet"].head(SHOWN_IDS)),
            )
        )
    if pairs.any():
        near = sorted({*listed["toilet"][pairs], *listed["value"][pairs]})
        text = Text(
            f"公厕：{len(near)} 座与另一座相距不足 {NEAR_M:g} 米，请核对是否为同一座（均已计入）",
            f"toilets: {len(near)} within {NEAR_M:g} m of another: one twice, or two? (all counted)",
        )
        findings.append(
            Finding(code="toilets_near", kind="warning", count=len(near), text=text, ids=tuple(near[:SHOWN_IDS]))
        )
    closed = int((city.facilities["class"] == RESTRICTED).sum())
    if closed:
        text = Text(
            f"公厕：{closed} 座不对公众开放，未计入", f"toilets: {closed} that are not open to the public do not count"
        )
        findings.append(Finding(code="toilets_restricted", kind="note", count=closed, text=text))
    return tuple(findings)
