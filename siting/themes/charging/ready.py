"""Spaces equipped or prepared for charging: each lot against the clauses of its kind, by kind and by zone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.coverage import CITY_LEVEL, assign_zones
from siting.coverage.rollup import ZONE_PREFIX, zone_names
from siting.coverage.schema import in_crs, keyed
from siting.errors import SchemaError
from siting.inputs.schema import listed
from siting.ledger import Finding, Text
from siting.nearest_word import hint
from siting.standards import Catalogue, document_text
from siting.standards.model import Rule
from siting.themes.charging.counts import Counts, read_counts
from siting.themes.charging.study_area import inside_area
from siting.themes.city import City
from siting.themes.parking.census import Repeats, repeats_of
from siting.themes.parking.kinds import kinds_of

NEW_HOUSING, PUBLIC_LOT, PUBLIC_BUILDING, OTHER = "new_housing", "public_lot", "public_building", "other"
KINDS: Mapping[str, Text] = {
    NEW_HOUSING: Text("新建住宅配建", "new housing"),
    PUBLIC_LOT: Text("社会公共停车场", "public car park"),
    PUBLIC_BUILDING: Text("大型公共建筑配建", "large public building"),
    OTHER: Text("其他（无对应条文）", "other (no clause speaks of it)"),
}
RULES: Mapping[str, tuple[str, ...]] = {
    NEW_HOUSING: ("ev.residential",),
    PUBLIC_LOT: ("ev.public_lot", "ev.ready"),
    PUBLIC_BUILDING: ("ev.public_building", "ev.public_lot"),
    OTHER: (),
}
"""Which clauses a kind of lot is held to; of several the one that asks for most chargers counts, once."""
OF_CLASS = {"public_parking": PUBLIC_LOT, "parking": OTHER, "street_parking": OTHER}
"""Kind of a lot that states none, by its facility class: whose building a private lot belongs to is not known."""
MEETS, SHORT, NOT_KNOWN, NO_RULE = "meets", "short", "unknown", "no_rule"
REPEAT, OUTSIDE = "repeat", "outside"
LOT_COLUMNS = ["name", "kind", "kind_zh", "kind_en", "rule", "clause", "confidence", "spaces", "ready", "about",
               "share", "share_needed", "needed", "shortfall", "state", "reason_zh", "reason_en"]  # fmt: skip
SUM_COLUMNS = ["level", "zone", "name", "kind", "kind_zh", "kind_en", "lots", "judged", "meeting", "spaces", "ready",
               "share", "needed", "shortfall", "confidence"]  # fmt: skip
_WORDS = {
    "no_capacity": Text("车位数未知", "number of spaces not known"),
    "no_ready": Text("充电车位数未知", "number of charging spaces not known"),
    "no_spaces": Text("车位数为 0", "no spaces"),
    "more_ready": Text("充电车位多于车位总数", "more charging spaces than spaces"),
    "no_rule": Text("该类停车场无对应条文", "no clause speaks of this kind"),
    "outside": Text("在研究范围之外", "outside the study area"),
    "repeat": Text("与另一行为同一停车场，只计一次", "the same car park as another row, counted once"),
}
_LAYER = Text("停车场", "car parks")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ready:
    """What was found of the spaces of each lot.

    Attributes
    ----------
    lots : every lot, points or areas, index = id; columns `LOT_COLUMNS`. ``needed`` is known where the spaces are,
        ``shortfall`` only where the charging spaces are known as well; what is not known is NaN. ``about`` marks counts
        that the source itself calls approximate. A row that repeats another has the state "repeat", one
        beyond the study area "outside"; they count nowhere
    by_kind : the city and every zone by kind, columns `SUM_COLUMNS`; sums of spaces, charging spaces, needed and
        shortfall are over the judged lots
    rules : the clauses that were used
    """

    lots: gpd.GeoDataFrame
    by_kind: pd.DataFrame
    rules: tuple[Rule, ...]
    findings: tuple[Finding, ...]

    @property
    def shortfall(self) -> int | None:
        """Chargers that lots lack together, each lot once; None where no lot could be judged."""
        known = self.lots["shortfall"].dropna()
        return int(known.sum()) if len(known) else None


def share_rule(catalogue: Catalogue, rule_id: str) -> Rule:
    """Return a rule that asks for a least share of spaces.

    Raises
    ------
    SchemaError
        The catalogue has no such rule, or it asks for something else.
    """
    known = {rule.id: rule for rule in catalogue}
    if rule_id not in known:
        msg = f"charging: the catalogue has no rule '{rule_id}'{hint(rule_id, list(known))}"
        raise SchemaError(msg)
    rule = known[rule_id]
    if rule.metric != "ratio" or rule.unit != "share" or not isinstance(rule.threshold, float) or rule.operator != ">=":
        msg = f"charging: rule '{rule_id}' asks for no least share of spaces"
        raise SchemaError(msg)
    return rule


def ready_of(
    city: City,
    lots: gpd.GeoDataFrame,
    *,
    rules: Mapping[str, Sequence[str]] | None = None,
    spaces: str = "capacity",
    ready: str = "ev_spaces",
    kind: str = "ev_kind",
) -> Ready:
    """Judge every lot by the clauses of its kind.

    Parameters
    ----------
    lots : car parks, points or areas
    rules : rule ids by kind, in place of those of `RULES`: ``{"public_lot": ["ev.hainan"]}``
    spaces, ready, kind : columns with all spaces, with those equipped or prepared for charging, and with the kind (a
        key of `KINDS`); a lot without a kind takes that of its facility class

    Raises
    ------
    SchemaError
        A kind that is not known, as a key of ``rules``; a rule that cannot be used; ids that repeat.
    """
    lots = in_crs("lots", keyed(lots), city.crs)
    ids = lots.index.astype(str)
    if not ids.is_unique:
        msg = f"lots: ids occur twice (first: {', '.join(ids[ids.duplicated()][:3])}); give each lot its own"
        raise SchemaError(msg)
    asked = _rules(city.catalogue, rules)
    kinds, strange = _kinds(lots, kind)
    total = read_counts(_stated(lots, spaces), len(lots))
    have = read_counts(lots[ready] if ready in lots.columns else None, len(lots))
    repeats = _repeats(lots, ids, total, have)
    left_out = np.where(ids.isin(repeats.dropped), REPEAT, np.where(inside_area(city, lots), "", OUTSIDE))
    rows = [
        _row(str(kinds[k]), asked[str(kinds[k])], total.value[k], have.value[k], str(left_out[k]))
        for k in range(len(lots))
    ]
    table = pd.DataFrame(rows, columns=[c for c in LOT_COLUMNS[1:] if c != "about"], index=ids.rename("id"))
    table.insert(LOT_COLUMNS.index("about") - 1, "about", total.about | have.about)
    names = lots["name"] if "name" in lots.columns else pd.Series([None] * len(lots), dtype=object)
    table.insert(0, "name", [i if n is None or pd.isna(n) else str(n) for i, n in zip(ids, names, strict=True)])
    made = gpd.GeoDataFrame(table, geometry=np.asarray(lots.geometry), crs=lots.crs)
    used = {rule.id: rule for name in set(kinds.tolist()) for rule in asked[name]}
    findings = [
        *total.findings(ids, _LAYER, Text("车位数", "number of spaces"), "lot_spaces"),
        *have.findings(ids, _LAYER, Text("充电车位数", "number of charging spaces"), "lot_ready"),
        *_strange(ids, strange),
        *_contrary(made),
        *_told(ids, left_out),
    ]
    return Ready(
        lots=made,
        by_kind=_sums(city, made),
        rules=tuple(used[name] for name in sorted(used)),
        findings=tuple(findings),
    )


def chargers_needed(share: float, spaces: int) -> int:
    """Return the least whole number of spaces that is this share of all."""
    return math.ceil(Fraction(str(share)) * spaces)


def _rules(catalogue: Catalogue, given: Mapping[str, Sequence[str]] | None) -> dict[str, tuple[Rule, ...]]:
    unknown = sorted(set(given or {}) - set(KINDS))
    if unknown:
        msg = f"charging rules: '{unknown[0]}' is no kind of lot; there are {', '.join(KINDS)}"
        raise SchemaError(msg)
    wanted = {**RULES, **{name: tuple(ids) for name, ids in (given or {}).items()}}
    return {name: tuple(share_rule(catalogue, rule) for rule in ids) for name, ids in wanted.items()}


def _stated(lots: gpd.GeoDataFrame, column: str) -> pd.Series | None:
    """Capacities as the source has them, where a study read them as numbers before."""
    text = f"{column}_text"
    return lots[text] if text in lots.columns else lots[column] if column in lots.columns else None


def _kinds(lots: gpd.GeoDataFrame, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the kind of each lot, and which state one that is not known."""
    n = len(lots)
    classes = lots["class"].tolist() if "class" in lots.columns else [None] * n
    kinds = np.array([OF_CLASS.get(str(c), OTHER) for c in classes], dtype=object)
    strange = np.zeros(n, dtype=bool)
    if column in lots.columns:
        for k, value in enumerate(lots[column].tolist()):
            if value is None or pd.isna(value) or not str(value).strip():
                continue
            strange[k] = str(value).strip() not in KINDS
            kinds[k] = OTHER if strange[k] else str(value).strip()
    return kinds, strange


def _repeats(lots: gpd.GeoDataFrame, ids: pd.Index, total: Counts, have: Counts) -> Repeats:
    """Find rows that are one car park; of those the one that says most stays."""
    known = total.known.astype(int) + have.known
    classed = lots if "class" in lots.columns else lots.assign(**{"class": ""})
    return repeats_of(
        gpd.GeoDataFrame(
            {
                "name": lots["name"].to_numpy() if "name" in lots.columns else [None] * len(lots),
                "kind": kinds_of(gpd.GeoDataFrame(classed)).to_numpy(),
                "basis": np.array(["unknown", "estimated", "stated"], dtype=object)[known],
                "spaces": total.value,
                "source": lots["source"].to_numpy() if "source" in lots.columns else [""] * len(lots),
            },
            geometry=np.asarray(lots.geometry),
            crs=lots.crs,
            index=ids,
        )
    )


def _told(ids: pd.Index, left_out: np.ndarray) -> list[Finding]:
    found = []
    for state, words in (
        (REPEAT, Text("与另一行为同一停车场，只计一次", "are the same car park as another row, and count once")),
        (OUTSIDE, Text("在研究范围之外，不计", "lie outside the study area and do not count")),
    ):
        rows = left_out == state
        n = int(rows.sum())
        if n:
            text = Text(f"停车场：{n} 行{words.zh}", f"car parks: {n} rows {words.en}")
            found.append(Finding(code=f"lot_{state}", kind="warning", count=n, text=text, ids=listed(ids[rows])))
    return found


def _row(kind: str, rules: tuple[Rule, ...], spaces: float, ready: float, left_out: str) -> tuple[object, ...]:
    reason = left_out or None
    if reason is None and not rules:
        reason = "no_rule"
    elif reason is None and np.isnan(spaces):
        reason = "no_capacity"
    elif reason is None and spaces == 0:
        reason = "no_spaces"
    elif reason is None and np.isnan(ready):
        reason = "no_ready"
    elif reason is None and ready > spaces:
        reason = "more_ready"
    needed = shortfall = least = np.nan
    share = ready / spaces if spaces > 0 and ready <= spaces else np.nan
    # Of clauses that ask for the same share, the one that was read best is cited.
    order = {"clause": 0, "secondary": 1, "unverified": 2, "assumed": 3}
    judged = sorted(rules, key=lambda r: (-float(str(r.threshold)), order[r.confidence.value]))[:1]
    if judged:
        least = float(str(judged[0].threshold))
        needed = float(chargers_needed(least, int(spaces))) if spaces > 0 else np.nan
    if reason is None:
        shortfall = max(0.0, needed - ready)
    if reason is None:
        state = SHORT if shortfall > 0 else MEETS
    else:
        state = reason if reason in (NO_RULE, REPEAT, OUTSIDE) else NOT_KNOWN
    words = Text("", "") if reason is None else _WORDS[reason]
    return (
        kind, KINDS[kind].zh, KINDS[kind].en,
        " ".join(r.id for r in judged), "; ".join(document_text(r, "zh") for r in judged),
        " ".join(r.confidence.value for r in judged),
        spaces, ready, share, least, needed, shortfall, state, words.zh, words.en,
    )  # fmt: skip


def _strange(ids: pd.Index, strange: np.ndarray) -> list[Finding]:
    if not strange.any():
        return []
    text = Text(
        f"停车场：{int(strange.sum())} 行的类别不在 {'、'.join(KINDS)} 之中，未评判",
        f"car parks: kind of {int(strange.sum())} rows is none of {', '.join(KINDS)}; not judged",
    )
    return [Finding(code="lot_kind", kind="warning", count=int(strange.sum()), text=text, ids=listed(ids[strange]))]


def _contrary(lots: gpd.GeoDataFrame) -> list[Finding]:
    found = []
    for code in ("more_ready", "no_spaces"):
        rows = (lots["reason_en"] == _WORDS[code].en).to_numpy()
        if rows.any():
            text = Text(
                f"停车场：{int(rows.sum())} 行{_WORDS[code].zh}，未评判",
                f"car parks: {int(rows.sum())} rows have {_WORDS[code].en}; not judged",
            )
            ids = listed(lots.index[rows])
            found.append(Finding(code=f"lot_{code}", kind="warning", count=int(rows.sum()), text=text, ids=ids))
    return found


def _sums(city: City, lots: gpd.GeoDataFrame) -> pd.DataFrame:
    """Add up the city and the zones by kind; a lot is in the zone that holds a point inside it."""
    inside = shapely.point_on_surface(np.asarray(lots.geometry, dtype=object))
    place = assign_zones(gpd.GeoSeries(inside, index=lots.index, crs=lots.crs), city.zones)
    names, rows = zone_names(city.zones), []
    where = [(CITY_LEVEL, CITY_LEVEL, "", np.ones(len(lots), dtype=bool))]
    for level in city.zones:
        zone_of = place[ZONE_PREFIX + level].astype(str).to_numpy()
        where += [(level, z, names[level].get(z, z), zone_of == z) for z in sorted(set(zone_of.tolist()))]
    for level, zone, name, mask in where:
        for kind, words in KINDS.items():
            mine = lots[mask & ((lots["kind"] == kind) & ~lots["state"].isin([REPEAT, OUTSIDE])).to_numpy()]
            if not len(mine):
                continue
            judged = mine[mine["state"].isin([MEETS, SHORT])]
            figures = [float(judged[c].sum()) if len(judged) else np.nan for c in ("spaces", "ready")]
            share = figures[1] / figures[0] if len(judged) else np.nan
            more = [float(judged[c].sum()) if len(judged) else np.nan for c in ("needed", "shortfall")]
            grades = ", ".join(sorted({str(c) for c in mine["confidence"] if c}))
            rows.append((level, zone, name, kind, words.zh, words.en, len(mine), len(judged),
                         int((judged["state"] == MEETS).sum()), *figures, share, *more, grades))  # fmt: skip
    table = pd.DataFrame(rows, columns=SUM_COLUMNS)
    # What is lacking stands before what it follows from: a report shows the first columns only.
    first = [c for c in SUM_COLUMNS if c not in ("shortfall", "confidence")]
    at = first.index("spaces")
    return table[[*first[:at], "shortfall", *first[at:], "confidence"]]
