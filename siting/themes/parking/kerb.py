"""Kerb spaces: what they could give at set hours, and whether they leave the footway as wide as its clause asks."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from siting.coverage.schema import in_crs, keyed
from siting.errors import InputError
from siting.inputs.schema import SHOWN_IN_MESSAGES, listed, parse_number
from siting.ledger import Finding, Text
from siting.standards import Catalogue, document_text
from siting.standards.labels import number
from siting.standards.model import Rule
from siting.themes.parking.capacity import read_spaces
from siting.themes.parking.kinds import kinds_of, tag
from siting.themes.parking.lot_columns import is_empty
from siting.themes.parking.own_figures import check_figures
from siting.themes.parking.supply import MOST_SPACES

FOOTWAY_RULE = "walk.footway_width"
FOOTWAY_M, USED_M = "footway_m", "kerb_on_footway_m"
"""Columns of a car park at the kerb: width of the footway beside it, and how much of that cars take."""
WANTED = Text(
    f"评判须提供：人行道宽度（列 {FOOTWAY_M}，或 OSM 标签 sidewalk:width）与停车占用人行道的宽度（列 {USED_M}；"
    "OSM 标签 parking 注明停于车行道的按 0 计）；列名可在 [parking.columns] 中指明",
    f"To judge them, give the width of the footway (column {FOOTWAY_M}, or the OSM tag sidewalk:width) and what cars "
    f"take of it (column {USED_M}; 0 where the OSM tag parking says that they stand on the carriageway); "
    "[parking.columns] may name both columns",
)
"""What a study must give so that kerbs can be judged."""
_ON_FOOTWAY = {"on_kerb", "half_on_kerb"}
STATES: dict[str, Text] = {
    "blocks": Text("人行道宽度不足", "footway too narrow"),
    "clear": Text("人行道宽度满足", "footway wide enough"),
    "unknown": Text("人行道宽度不详", "width of the footway not known"),
}
COLUMNS = ["name", "position", "footway_m", "kerb_on_footway_m", "clear_m", "needed_m", "state", "why_zh", "why_en"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Kerbs:
    """Car parks at the kerb against the clause of the footway.

    Attributes
    ----------
    kerbs : one row each, index = id, columns `COLUMNS`: ``clear_m`` is what the cars leave of the footway
    rule : whose width it is; None where the catalogue has none
    """

    kerbs: gpd.GeoDataFrame
    rule: Rule | None
    findings: tuple[Finding, ...]


def kerbs_on_footways(facilities: gpd.GeoDataFrame, catalogue: Catalogue, *, rule: str = FOOTWAY_RULE) -> Kerbs:
    """Judge kerb spaces where the width of the footway is known, and list those where it is not.

    Parameters
    ----------
    facilities : car parks; those of kind kerb are looked at. Width of the footway beside one: column ``footway_m``, or
        the tags ``sidewalk:width``, ``sidewalk:both:width``, ``footway:width``. What the cars take of it: column
        ``kerb_on_footway_m``; 0 where the tag ``parking`` says that they stand on the carriageway
    """
    lots = keyed(facilities[facilities["class"].isin(("street_parking", "public_parking", "parking"))])
    lots = gpd.GeoDataFrame(lots[kinds_of(lots) == "kerb"])
    found = catalogue.by_id.get(rule)
    needed = np.nan if found is None or found.threshold is None else float(np.max(found.threshold))
    unread = _not_read(lots)
    width = _metres(lots, FOOTWAY_M, "sidewalk:width", "sidewalk:both:width", "footway:width")
    taken = _metres(lots, USED_M)
    position = tag(lots, "parking").map(lambda word: str(word).casefold() if word is not None else "")
    on_street = position.isin(["lane", "street_side", "layby", "shoulder"]).to_numpy()
    taken = np.where(np.isnan(taken) & on_street, 0.0, taken)
    clear = np.maximum(width - taken, 0.0)
    # Cars on the footway only make it narrower: below the clause without them is below it with them.
    short = np.isfinite(width) & (width < needed)
    state = np.select([short, np.isnan(clear) | np.isnan(needed), clear < needed], ["blocks", "unknown", "blocks"],
                      "clear")  # fmt: skip
    why = [_why(*row, needed) for row in zip(state, width, taken, clear, position.isin(_ON_FOOTWAY), strict=True)]
    kerbs = gpd.GeoDataFrame(
        {
            "name": lots["name"] if "name" in lots.columns else None,
            "position": position.where(position != "", None),
            "footway_m": width,
            "kerb_on_footway_m": taken,
            "clear_m": clear,
            "needed_m": needed,
            "state": state,
            "why_zh": [text.zh for text in why],
            "why_en": [text.en for text in why],
        },
        geometry=lots.geometry,
        crs=lots.crs,
        index=lots.index.astype(str),
    )
    return Kerbs(kerbs=kerbs, rule=found, findings=(*_findings(kerbs, found), *unread))


def kerb_spaces(
    kerb: gpd.GeoDataFrame, crs: CRS, m_per_space: float | None
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Return points with the spaces that a kerb gives: the column ``spaces``, or its length.

    Parameters
    ----------
    m_per_space : length of kerb a space, the study's own; needed where a row states no spaces

    Raises
    ------
    InputError
        Neither spaces nor a length a space.
    """
    check_figures("kerb", {"kerb_m_per_space": m_per_space}, above=True)
    layer = in_crs("kerb", keyed(kerb), crs)
    if "spaces" not in layer.columns and m_per_space is None:
        msg = "kerb: no column spaces; add one, or give kerb_m_per_space"
        raise InputError(msg)
    said = read_spaces(layer["spaces"] if "spaces" in layer.columns else [None] * len(layer), MOST_SPACES)
    spaces = said.spaces
    length = layer.geometry.length.to_numpy()
    if m_per_space is not None:
        by_length = np.floor(np.round(length / m_per_space, 6))
        # What a row says and cannot be meant is not replaced by its length: it is listed.
        spaces = np.where((said.reading == "missing") & (length > 0), by_length, spaces)
    known = np.isfinite(spaces)
    middle = layer.geometry.representative_point()
    points = gpd.GeoDataFrame(
        {"spaces": np.floor(spaces[known]).astype(np.int64)}, geometry=middle[known].to_numpy(), crs=crs,
        index=layer.index.astype(str)[known],
    )  # fmt: skip
    if known.all():
        return points, ()
    lost = layer.index[~known]
    odd = [(i, t) for i, t, k in zip(layer.index, said.text, known, strict=True) if not k and t is not None]
    rows_zh = "；".join(f"{i}：“{t}”" for i, t in odd[:SHOWN_IN_MESSAGES])
    rows_en = "; ".join(f"{i}: '{t}'" for i, t in odd[:SHOWN_IN_MESSAGES])
    text = Text(
        f"路内限时泊位：{len(layer)} 行中 {len(lost)} 行泊位数不详，未计入" + (f"（{rows_zh}）" if odd else ""),
        f"kerb spaces: {len(lost)} of {len(layer)} rows have no usable number of spaces and are not counted"
        + (f" ({rows_en})" if odd else ""),
    )
    return points, (Finding(code="kerb_spaces", kind="dropped", count=len(lost), text=text, ids=listed(lost)),)


def _why(state: str, width: float, taken: float, clear: float, on_footway: bool, needed: float) -> Text:
    if state == "blocks" and not np.isfinite(clear):
        return Text(
            f"人行道仅 {number(width)} 米，不足 {number(needed)} 米",
            f"the footway has {number(width)} m of {number(needed)} m",
        )
    if state == "blocks":
        return Text(
            f"人行道 {number(width)} 米，停车占用 {number(taken)} 米，余 {number(clear)} 米，不足 {number(needed)} 米",
            f"footway {number(width)} m, cars take {number(taken)} m, {number(clear)} m left of {number(needed)} m",
        )
    if state == "clear":
        return Text(
            f"人行道余 {number(clear)} 米，不小于 {number(needed)} 米",
            f"{number(clear)} m of footway left of {number(needed)} m",
        )
    if np.isnan(width):
        if on_footway:
            return Text(
                "占用人行道停放，人行道宽度不详，应优先核实", "cars stand on the footway, of unknown width: check first"
            )
        return Text("人行道宽度不详", "width of the footway not known")
    return Text("停车占用人行道的宽度不详", "how much of the footway cars take is not known")


def _findings(kerbs: gpd.GeoDataFrame, rule: Rule | None) -> tuple[Finding, ...]:
    found = []
    blocked = kerbs.index[kerbs["state"] == "blocks"]
    if len(blocked) and rule is not None:
        text = Text(
            f"{len(blocked)} 处路内停车使人行道宽度不足（{document_text(rule, 'zh')}）",
            f"{len(blocked)} places with kerb spaces leave too narrow a footway ({document_text(rule, 'en')})",
        )
        found.append(Finding(code="kerb_blocks", kind="warning", count=len(blocked), text=text, ids=listed(blocked)))
    unknown = kerbs.index[kerbs["state"] == "unknown"]
    if len(unknown):
        text = Text(
            f"{len(unknown)} 处路内停车的人行道宽度或占用宽度不详，未评判。{WANTED.zh}",
            f"{len(unknown)} places with kerb spaces: width of the footway, or what cars take of it, is not known: not "
            f"judged. {WANTED.en}",
        )
        found.append(Finding(code="kerb_unknown", kind="note", count=len(unknown), text=text, ids=listed(unknown)))
    return tuple(found)


def _not_read(lots: gpd.GeoDataFrame) -> list[Finding]:
    """List widths that say something which is no number of metres, 0 or more."""
    found = []
    for column, name in (
        (FOOTWAY_M, Text("人行道宽度", "width of the footway")),
        (USED_M, Text("停车占用人行道的宽度", "what cars take of the footway")),
    ):
        if column not in lots.columns:
            continue
        said = {str(i): v for i, v in lots[column].items() if not is_empty(v) and np.isnan(_number(v))}
        if said:
            first = list(said.items())[:SHOWN_IN_MESSAGES]
            zh, en = "；".join(f"{i}：“{v}”" for i, v in first), "; ".join(f"{i}: '{v}'" for i, v in first)
            text = Text(
                f"{len(said)} 处路内停车的{name.zh}无法识别，按不详处理，不补数（{zh}）",
                f"{name.en} at {len(said)} places with kerb spaces is not read: taken as unknown ({en})",
            )
            found.append(
                Finding(code=f"{column}_not_read", kind="warning", count=len(said), text=text, ids=listed(said))
            )
    return found


def _metres(lots: gpd.GeoDataFrame, column: str, *tags: str) -> np.ndarray:
    found = pd.Series(lots[column].to_numpy(dtype=object) if column in lots.columns else None, index=lots.index)
    found = found.astype(object).where(found.notna(), None)
    for key in tags:
        found = found.where(found.notna(), tag(lots, key))
    return np.array([_number(value) for value in found], dtype=np.float64)


def _number(value: object) -> float:
    """Read a number of 0 or more, a length in metres may say so; NaN where it is none."""
    if value is None or value is pd.NA:
        return float("nan")
    text = value.strip().removesuffix("m").removesuffix("米").strip() if isinstance(value, str) else value
    read, _, unreadable = parse_number(text)
    return float(read) if not unreadable and np.isfinite(read) and read >= 0 else float("nan")


__all__ = ["COLUMNS", "FOOTWAY_RULE", "STATES", "Kerbs", "kerb_spaces", "kerbs_on_footways"]
