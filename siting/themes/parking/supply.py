"""Spaces of a city: stated, estimated from area by the clause, or unknown; each car park counted once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from siting.errors import CRSError, SchemaError
from siting.inputs.schema import SHOWN_IN_MESSAGES, listed
from siting.ledger import Finding, Text
from siting.standards import Catalogue
from siting.standards.model import Rule
from siting.themes.parking.capacity import READINGS, USED, read_spaces
from siting.themes.parking.census import Repeats, repeats_of
from siting.themes.parking.kinds import CLASSES, kinds_of, levels_of, tag, users_of
from siting.themes.parking.lot_columns import NotRead, not_read, number_above_zero

AREA_RULES = {
    "surface": "park_lot.area.ground",
    "unknown": "park_lot.area.ground",
    "building": "park_lot.area.garage",
    "underground": "park_lot.area.garage",
    "mechanical": "park_lot.area.mech",
}
"""The rule of square metres a space by kind; no clause has one for the kerb. Unknown: taken for ground."""
MOST_SPACES = 20_000
"""A figure above this is taken for an error: an assumption of this toolkit, not of a clause."""
AS_GROUND = Text("（类型不详，按单层地面计）", " (kind unknown, taken for one level on the ground)")
BASES: dict[str, Text] = {
    "stated": Text("已注明", "stated"),
    "about": Text("约数", "stated as about"),
    "estimated": Text("按面积估算", "estimated from area"),
    "unknown": Text("不详，未计入", "unknown, not counted"),
}
LOT_COLUMNS = ["name", "class", "kind", "users", "spaces", "basis", "spaces_least", "spaces_most", "capacity_text",
               "area_m2", "levels", "source", "rule", "confidence"]  # fmt: skip
CENSUS_COLUMNS = ["lot", "name", "check", "other", "counted", "detail_zh", "detail_en"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Supply:
    """Car parks with their spaces.

    Attributes
    ----------
    lots : each car park once, index = id: ``kind``, ``users``, ``spaces`` (NaN: unknown), ``basis`` (one of `BASES`),
        ``spaces_least`` and ``spaces_most`` by the two ends of the clause where estimated, ``area_m2`` (floor area)
    census : one row a thing to look at: ``lot``, ``check``, ``other`` (the lot it repeats), ``counted`` (whether the
        car park's spaces are counted all the same), and what was found, in words
    rows_in, repeated : rows of the layers, and how many of them are a car park that is counted elsewhere
    """

    lots: gpd.GeoDataFrame
    census: pd.DataFrame
    rows_in: int
    repeated: int
    findings: tuple[Finding, ...]


def parking_supply(facilities: gpd.GeoDataFrame, catalogue: Catalogue, *, most_spaces: float = MOST_SPACES) -> Supply:
    """Read the car parks among the facilities of a city.

    Parameters
    ----------
    facilities : index = id, columns ``class``, ``name`` and, where known, ``capacity`` (number or text),
        ``capacity_text`` (as the source has it), ``kind`` (surface, building, underground, mechanical, kerb), ``users``
        (public, residents, private), ``area_m2`` (floor area), ``levels``, ``source``; what cannot be used is listed
    catalogue : has the square metres a space
    most_spaces : more spaces than this are taken for an error

    Raises
    ------
    CRSError
        The layer has no CRS, or one in degrees.
    """
    if facilities.crs is None or CRS(facilities.crs).is_geographic:
        msg = f"car parks: CRS {facilities.crs} is not in metres, areas here are. Project them: facilities.to_crs(…)"
        raise CRSError(msg)
    rows = gpd.GeoDataFrame(facilities[facilities["class"].isin(CLASSES)])
    order = rows["class"].map({name: k for k, name in enumerate(CLASSES)})
    rows = gpd.GeoDataFrame(rows.iloc[np.lexsort((rows.index.astype(str), order))])
    twice = rows.index.duplicated()
    once = gpd.GeoDataFrame(rows[~twice])
    lots = _read(once, catalogue, most_spaces)
    repeats = repeats_of(lots)
    kept = gpd.GeoDataFrame(lots[~lots.index.isin(repeats.dropped)])
    unread = not_read(gpd.GeoDataFrame(once.loc[kept.index]))
    census = _census(lots, kept, repeats, unread)
    findings = _findings(kept, census, repeats, len(rows), rows.index[twice])
    findings = (*findings, *(field.finding() for field in unread))
    return Supply(
        lots=gpd.GeoDataFrame(kept[[*LOT_COLUMNS, "geometry"]]),
        census=census,
        rows_in=len(rows),
        repeated=int(twice.sum()) + len(repeats.dropped),
        findings=findings,
    )


def _read(rows: gpd.GeoDataFrame, catalogue: Catalogue, most: float) -> gpd.GeoDataFrame:
    stated = rows["capacity"].astype(object) if "capacity" in rows.columns else pd.Series(None, index=rows.index)
    text = tag(rows, "capacity")
    if "capacity_text" in rows.columns:
        own = rows["capacity_text"].astype(object)
        text = own.where(own.notna(), text)
    said = read_spaces(text.where(text.notna(), stated), most)
    lots = gpd.GeoDataFrame(
        {
            "name": rows["name"] if "name" in rows.columns else None,
            "class": rows["class"],
            "kind": kinds_of(rows),
            "users": users_of(rows),
            "spaces": said.spaces,
            "reading": said.reading,
            "basis": [r if r in USED else "unknown" for r in said.reading],
            "capacity_text": said.text,
            "levels": levels_of(rows),
            "source": rows["source"] if "source" in rows.columns else "",
        },
        geometry=rows.geometry,
        crs=rows.crs,
    ).set_axis(rows.index, axis=0)
    lots["area_m2"] = _floor_area(rows, lots)
    rules = {kind: catalogue.by_id.get(name) for kind, name in AREA_RULES.items()}
    ends = [_ends(rules.get(kind)) for kind in lots["kind"]]
    area = lots["area_m2"].to_numpy(dtype=np.float64)
    least, most_ = (np.floor(area / np.array([end[k] for end in ends], dtype=np.float64)) for k in (1, 0))
    estimate = (lots["basis"] == "unknown").to_numpy() & (lots["reading"] == "missing").to_numpy() & (least >= 1)
    estimate &= least <= most
    lots["spaces_least"], lots["spaces_most"] = np.where(estimate, least, np.nan), np.where(estimate, most_, np.nan)
    # The fewest spaces that the clause's range leaves: an estimate must not hide a shortage.
    lots.loc[estimate, "spaces"] = least[estimate]
    lots.loc[estimate, "basis"] = "estimated"
    used = [rules.get(kind) if e else None for kind, e in zip(lots["kind"], estimate, strict=True)]
    lots["rule"] = pd.Series([None if rule is None else rule.id for rule in used], index=lots.index, dtype=object)
    lots["confidence"] = pd.Series(
        [None if rule is None else rule.confidence.value for rule in used], index=lots.index, dtype=object
    )
    lots["most_by_area"] = most_
    return lots


def _floor_area(rows: gpd.GeoDataFrame, lots: gpd.GeoDataFrame) -> pd.Series:
    """Return the floor area: the column, or the drawn ground, times storeys where a kind has them.

    A building, a basement or a machine whose storeys nobody states has no known floor area.
    """
    drawn: pd.Series = pd.Series(shapely.area(np.asarray(rows.geometry)), index=rows.index)
    drawn = drawn.where(drawn > 0)
    stacked = lots["kind"].isin(["building", "underground", "mechanical"])
    area: pd.Series = drawn.where(~stacked, drawn * lots["levels"]).where(lots["kind"] != "kerb")
    if "area_m2" not in rows.columns:
        return area
    given: pd.Series = rows["area_m2"].map(number_above_zero).astype(np.float64)
    known: pd.Series = given.where(given.notna(), area)
    return known


def _ends(rule: Rule | None) -> tuple[float, float]:
    """Return the least and the most square metres a space that the rule names."""
    if rule is None or rule.threshold is None:
        return np.nan, np.nan
    if rule.unit != "m2/space":
        msg = f"rule {rule.id}: unit is '{rule.unit}', expected m2/space. Correct the rule pack"
        raise SchemaError(msg)
    figures = rule.threshold if isinstance(rule.threshold, tuple) else (rule.threshold,)
    return float(min(figures)), float(max(figures))


def _census(lots: gpd.GeoDataFrame, kept: gpd.GeoDataFrame, repeats: Repeats, unread: list[NotRead]) -> pd.DataFrame:
    rows: list[tuple[object, ...]] = []
    for lot, row in kept.iterrows():
        # A column of texts holds NaN where there is none.
        text = "" if pd.isna(row["capacity_text"]) else f"“{row['capacity_text']}”"
        quoted = "" if pd.isna(row["capacity_text"]) else f' "{row["capacity_text"]}"'
        ground = AS_GROUND if row["kind"] == "unknown" else Text("", "")
        if row["reading"] != "stated":
            words = READINGS[row["reading"]]
            rows.append((lot, row["name"], row["reading"], None, row["basis"] != "unknown",
                         words.zh + text, words.en + quoted))  # fmt: skip
        if row["basis"] == "estimated":
            low, high = int(row["spaces_least"]), int(row["spaces_most"])
            rows.append((lot, row["name"], "estimated", None, True,
                         f"按面积 {row['area_m2']:,.0f} 平方米{ground.zh}估算 {low}–{high} 个，按 {low} 个计",
                         f"from {row['area_m2']:,.0f} m²{ground.en}: {low} to {high}, counted as {low}"))  # fmt: skip
        elif row["basis"] in USED and row["spaces"] > row["most_by_area"]:
            rows.append((lot, row["name"], *_over_area(row)))
        if row["basis"] in USED and row["spaces"] == 0:
            rows.append((lot, row["name"], "zero", None, True, "泊位数为 0", "no spaces, by its own word"))
    names = lots["name"]
    for field in unread:
        said = [(lot, field.detail(text)) for lot, text in field.said.items()]
        rows += [(lot, names.get(lot), field.check, None, kept["basis"].loc[lot] != "unknown", text.zh, text.en)
                 for lot, text in said]  # fmt: skip
    rows += [(r.lot, names.get(r.lot), r.check, r.other, r.counted, r.text.zh, r.text.en) for r in repeats.rows]
    return pd.DataFrame(rows, columns=CENSUS_COLUMNS)


def _not_read(kept: gpd.GeoDataFrame) -> list[Finding]:
    """List the car parks that say something of their spaces that cannot be used, with what they say."""
    rows = kept[~kept["reading"].isin([*USED, "missing"])]
    if not len(rows):
        return []
    kinds = [(READINGS[str(kind)], int(n)) for kind, n in rows["reading"].value_counts(sort=False).items()]
    said = [f"{lot}：“{text}”" for lot, text in rows["capacity_text"].head(SHOWN_IN_MESSAGES).items()]
    said_en = [f"{lot}: '{text}'" for lot, text in rows["capacity_text"].head(SHOWN_IN_MESSAGES).items()]
    text = Text(
        f"{len(rows)} 处停车场所注泊位数不能采用，按不详处理，不补数（"
        f"{'、'.join(f'{words.zh} {n} 处' for words, n in kinds)}；{'；'.join(said)}）",
        f"what {len(rows)} car parks say of their spaces cannot be used: unknown there, nothing is filled in ("
        f"{', '.join(f'{words.en}: {n}' for words, n in kinds)}; {'; '.join(said_en)})",
    )
    return [Finding(code="spaces_not_read", kind="warning", count=len(rows), text=text, ids=listed(rows.index))]


def _over_area(row: pd.Series[Any]) -> tuple[str, None, bool, str, str]:
    """Say that more spaces are stated than the clause gives the area; a kind that nobody states may explain it."""
    most, stated = int(row["most_by_area"]), int(row["spaces"])
    if row["kind"] == "unknown":
        zh = f"注明 {stated} 个，单层地面按条文面积约 {most} 个：可能为停车楼或地下，请补充类型与层数"
        en = f"{stated} stated, about {most} by the clause if one level on the ground: state its kind and levels"
        return "kind_wanted", None, True, zh, en
    zh = f"注明 {stated} 个，多于按条文面积推算的 {most} 个，须核实"
    return "over_area", None, True, zh, f"{stated} stated, {most} by its area and the clause: check"


def _findings(
    kept: gpd.GeoDataFrame, census: pd.DataFrame, repeats: Repeats, rows_in: int, twice: pd.Index
) -> tuple[Finding, ...]:
    found = []
    gone = [*twice, *repeats.dropped]
    lost = len(gone)
    if lost:
        text = Text(
            f"停车场图层 {rows_in} 行中 {lost} 行与其他行重复，各停车场只计一次",
            f"{lost} of {rows_in} rows of car parks repeat another; each car park counts once",
        )
        found.append(Finding(code="lot_repeated", kind="dropped", count=lost, text=text, ids=listed(gone)))
    for pair, count in repeats.layers:
        text = Text(
            f"图层 {pair[0]} 与 {pair[1]} 有 {count} 处停车场相同，疑为同一批停车场的两份图层",
            f"layers {pair[0]} and {pair[1]} share {count} car parks: two layers of the same lots",
        )
        found.append(Finding(code="lot_layers", kind="warning", count=count, text=text))
    found += _not_read(kept)
    unknown = kept.index[kept["basis"] == "unknown"]
    if len(unknown):
        text = Text(
            f"{len(kept)} 处停车场中 {len(unknown)} 处泊位数不详，未计入供给，缺口可能偏大",
            f"{len(unknown)} of {len(kept)} car parks have no known spaces and are not counted: "
            "the shortage may be less than shown",
        )
        found.append(Finding(code="spaces_unknown", kind="warning", count=len(unknown), text=text, ids=listed(unknown)))
    estimated = kept.index[kept["basis"] == "estimated"]
    if len(estimated):
        text = Text(
            f"{len(estimated)} 处停车场的泊位数按面积和条文每泊位面积估算（取下限）",
            f"spaces of {len(estimated)} car parks are estimated from their area by the clause's m² a space (low end)",
        )
        found.append(
            Finding(code="spaces_estimated", kind="note", count=len(estimated), text=text, ids=listed(estimated))
        )
    over = census.loc[census["check"] == "over_area", "lot"]
    if len(over):
        text = Text(
            f"{len(over)} 处停车场注明的泊位数多于按条文面积推算的数量，已按注明数计入，须核实",
            f"{len(over)} car parks state more spaces than the clause gives their area; counted as stated, check them",
        )
        found.append(Finding(code="spaces_over_area", kind="warning", count=len(over), text=text, ids=listed(over)))
    wanted = census.loc[census["check"] == "kind_wanted", "lot"]
    if len(wanted):
        text = Text(
            f"{len(wanted)} 处停车场注明的泊位数多于单层地面所能容纳，类型与层数不详，已按注明数计入",
            f"{len(wanted)} car parks state more spaces than one level holds and no kind or levels; counted as stated",
        )
        found.append(Finding(code="kind_wanted", kind="note", count=len(wanted), text=text, ids=listed(wanted)))
    return tuple(found)
