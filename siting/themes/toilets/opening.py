"""What opening toilets of public buildings to everybody gives: lot by lot, alone and together, at each time of day.

A toilet adds nothing for people who have a public one near already, and two beside each other serve the same people:
so every lot has a gain of its own, and another in the order in which most is gained first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.coverage.schema import in_crs, keyed
from siting.errors import InputError
from siting.ledger import Finding, Text
from siting.nearest_word import hint
from siting.standards import load_classes
from siting.standards.labels import document_text
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.result import ThemeResult
from siting.themes.toilets.hours import Hours, read_clock, read_hours
from siting.themes.toilets.reach import SLOTS, open_state
from siting.themes.toilets.records import RESTRICTED, SHOWN_IDS, Columns, read_records
from siting.themes.toilets.siting_demand import PEOPLE, Footfall, Measure, Points, demand_points, served_by

RADIUS = "wc.radius.mandatory"
OPEN, CLOSED, UNKNOWN = "open", "closed", "unknown"
LAYER = "layer"
"""Kind of lots that come from a layer of the study's own."""
_BOOLS = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Opening:
    """Toilets that could be opened, and what that gives.

    Gains are weights: people, and busy places by their weight.

    Attributes
    ----------
    lots : index = id; ``name``, ``kind`` (class of facility, or ``layer``), ``hours_text``, ``hours`` (known, not_read,
        none), ``alone`` (newly within the radius if this one opens and no other), ``order`` and ``added`` (newly within
        it after all earlier ones; most first), ``together`` (with all earlier ones), and for each moment
        ``state_<slot>`` (open, closed, unknown) and ``alone_<slot>`` (NaN where its hours are unknown)
    slots : one row a moment, and ``any`` for whenever they are open: lots ``open``, ``closed``, ``unknown``, weight
        ``before``, ``after`` (the lots known to be open), ``gain``, ``gain_most`` (with those of unknown hours),
        ``total``
    rule : of the radius
    measure : "network" or "straight"
    assumed : classes of buildings of which it is assumed that they have a toilet
    unit : of the gains
    notes : weights, and what was assumed
    """

    lots: gpd.GeoDataFrame
    slots: pd.DataFrame
    rule: Rule
    measure: Measure
    assumed: tuple[str, ...]
    unit: Text
    notes: tuple[Text, ...]
    findings: tuple[Finding, ...]

    def themed(self) -> ThemeResult:
        """Return layers, tables, figures and sentences for every output."""
        from siting.themes.toilets.opening_shown import themed

        return themed(self)

    def __repr__(self) -> str:
        """Say how many lots there are, and what all of them give."""
        whole = self.slots.iloc[0]
        return f"Opening({len(self.lots)} toilets, {whole['before']:,.0f} -> {whole['after']:,.0f})"


def open_toilets(
    city: City,
    layer: gpd.GeoDataFrame | None = None,
    *,
    classes: tuple[str, ...] = (),
    restricted: bool = True,
    hours: str | None = None,
    radius: str = RADIUS,
    measure: Measure | None = None,
    slots: Mapping[str, str] | None = None,
    columns: Columns | None = None,
    people_weight: float = 1.0,
    footfall: Mapping[str, Footfall] | None = None,
) -> Opening:
    """Say what opening the toilets of public buildings gives.

    Parameters
    ----------
    layer : buildings (or their toilets), index = id, columns ``name`` and ``hours``
    classes : classes of facilities whose buildings have a toilet, as is assumed
    restricted : whether the city's toilets that are not open to everybody are lots as well
    hours : column with the opening hours; default: ``opening_hours``
    radius : rule whose distance is served
    measure : default: what the clause means
    slots : times of day; default: those of the audit
    columns : of the toilets that are open today, for their hours
    people_weight, footfall : as for `siting_toilets.site_toilets`

    Raises
    ------
    InputError
        No lots; classes, columns or a rule that there are not.
    """
    lots, findings = _lots(city, layer, classes, restricted, hours)
    if radius not in city.catalogue or city.catalogue[radius].limit_m is None:
        msg = f"toilets: no rule of a radius {radius!r}{hint(radius, city.catalogue.ids)}"
        raise InputError(msg)
    rule = city.catalogue[radius]
    limit = rule.limit_m
    assert limit is not None
    way: Measure = measure or ("straight" if rule.distance == "straight" or city.network is None else "network")
    records = read_records(city, columns)
    points = demand_points(city, records.drawn, lots, limit, way, people_weight, footfall)
    weight = points.frame["weight"].to_numpy(dtype=np.float64)
    alone, order, added = _gains(points, points.served, weight)
    known = [None if t is None else read_hours(t) for t in lots["hours_text"]]
    lots["alone"], lots["order"], lots["added"] = alone, order, added
    lots["together"] = np.cumsum(added[np.argsort(order)])[order - 1]
    everything = np.ones(len(lots), dtype=bool)
    rows = [_row("any", None, np.array([OPEN] * len(lots)), points, points.served, weight, everything, everything)]
    for slot, at in (SLOTS if slots is None else slots).items():
        state = _states(known, at)
        # A public toilet of unknown hours is taken to be open: what opening others gives is not made larger by it.
        there = records.drawn[(open_state(records, at) != CLOSED).to_numpy()]
        served = served_by(city, points.frame, gpd.GeoDataFrame(there), limit, way)
        gain = _gains(points, served, weight)[0]
        lots[f"state_{slot}"] = state
        lots[f"alone_{slot}"] = np.where(state == UNKNOWN, np.nan, np.where(state == OPEN, gain, 0.0))
        rows.append(_row(slot, at, state, points, served, weight, state == OPEN, state != CLOSED))
    lots = gpd.GeoDataFrame(lots.sort_values("order", kind="stable"))
    return Opening(
        lots=lots,
        slots=pd.DataFrame(rows, columns=SLOT_COLUMNS),
        rule=rule,
        measure=way,
        assumed=tuple(classes),
        unit=_unit(points, people_weight),
        notes=(*points.notes, _said(rule)),
        findings=findings,
    )


SLOT_COLUMNS = ["slot", "at", OPEN, CLOSED, UNKNOWN, "before", "after", "gain", "gain_most", "total"]


def lots_of(city: City, layer: gpd.GeoDataFrame | None, classes: tuple[str, ...], restricted: bool) -> int:
    """Count the lots there are, so that a study without any can be told."""
    wanted = [*classes, *([RESTRICTED] if restricted else [])]
    return (0 if layer is None else len(layer)) + int(city.facilities["class"].isin(wanted).sum())


def _lots(
    city: City, layer: gpd.GeoDataFrame | None, classes: tuple[str, ...], restricted: bool, hours: str | None
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Gather the lots as points, each once, and list the rows that could not be used."""
    unknown = [c for c in classes if c not in load_classes()]
    if unknown:
        msg = f"toilets: no class of facility {unknown[0]!r}{hint(unknown[0], load_classes())}"
        raise InputError(msg)
    parts = []
    if layer is not None:
        own = in_crs("buildings", keyed(layer), city.crs)
        if hours is not None and hours not in own.columns:
            have = [str(c) for c in own.columns if c != "geometry"]
            msg = f"buildings: there is no column {hours!r}{hint(hours, have)}; there are {', '.join(have)}"
            raise InputError(msg)
        parts.append(own.assign(kind=LAYER, hours_text=_texts(own, hours or "opening_hours")))
    wanted = [*classes, *([RESTRICTED] if restricted else [])]
    chosen = gpd.GeoDataFrame(city.facilities[city.facilities["class"].isin(wanted)])
    if len(chosen):
        parts.append(chosen.assign(kind=chosen["class"], hours_text=_texts(chosen, "opening_hours")))
    if not parts:
        msg = "toilets: there are no toilets to open; give a layer, or classes of buildings"
        raise InputError(msg)
    frames = [
        pd.DataFrame({"name": _texts(p, "name"), "kind": p["kind"], "hours_text": p["hours_text"], "at": p.geometry})
        for p in parts
    ]
    rows = pd.concat(frames)
    rows.index = rows.index.astype(str)
    shape = np.asarray(rows["at"], dtype=object)
    nowhere = shapely.is_missing(shape) | shapely.is_empty(shape)
    twice = rows.index.duplicated() & ~nowhere
    findings = [
        _finding("opening_no_place", rows.index[nowhere], Text("没有位置，未计入", "no place: not counted")),
        _finding("opening_duplicate", rows.index[twice], Text("编号重复，只计一次", "an id twice: counted once")),
    ]
    kept = rows[~nowhere & ~twice]
    lots = gpd.GeoDataFrame(
        kept[["name", "kind", "hours_text"]].copy(),
        geometry=shapely.point_on_surface(np.asarray(kept["at"], dtype=object)),
        crs=city.crs,
    ).sort_index()
    lots.index.name = "id"
    read = [None if t is None else read_hours(t) for t in lots["hours_text"]]
    lots["hours"] = [
        "none" if t is None else "not_read" if r is None else "known"
        for t, r in zip(lots["hours_text"], read, strict=True)
    ]
    for state, text in (
        ("not_read", Text("开放时间无法确定，按未知处理", "hours that leave a doubt: taken as unknown")),
        ("none", Text("缺少开放时间，按未知处理", "no hours: taken as unknown")),
    ):
        findings.append(_finding(f"opening_hours_{state}", lots.index[lots["hours"] == state], text, "warning"))
    return gpd.GeoDataFrame(lots), tuple(f for f in findings if f.count)


def _finding(code: str, ids: pd.Index, text: Text, kind: str = "dropped") -> Finding:
    return Finding(
        code=code,
        kind="dropped" if kind == "dropped" else "warning",
        count=len(ids),
        text=Text(f"可开放的厕所：{len(ids)} 处{text.zh}", f"toilets to open: {len(ids)} with {text.en}"),
        ids=tuple(map(str, ids[:SHOWN_IDS])),
    )


def _texts(frame: gpd.GeoDataFrame, column: str) -> pd.Series:
    if column not in frame.columns:
        return pd.Series([None] * len(frame), index=frame.index, dtype=object)
    values = [None if pd.isna(v) or not str(v).strip() else str(v).strip() for v in frame[column]]
    return pd.Series(values, index=frame.index, dtype=object)


def _states(known: list[Hours | None], at: str) -> NDArray[np.object_]:
    """Say of each lot whether it is open at a time on every day."""
    minute = read_clock(at)
    states = [UNKNOWN if h is None else OPEN if h.open_daily_at(minute) else CLOSED for h in known]
    return np.array(states, dtype=object)


def _gains(points: Points, served: _BOOLS, weight: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64],
                                                                                NDArray[np.float64]]:  # fmt: skip
    """Gain of each lot alone; and the order in which most is gained first, with the gain in that order.

    Of equal gains the earlier lot comes first.
    """
    near = points.near
    n = len(near.columns)
    row = np.repeat(np.arange(len(weight)), np.diff(near.indptr))
    lot = np.asarray(near.indices, dtype=np.int64)
    left = np.where(served, 0.0, weight)
    alone = np.bincount(lot, weights=left[row], minlength=n).astype(np.float64)
    by_lot = np.argsort(lot, kind="stable")
    ptr = np.concatenate([[0], np.cumsum(np.bincount(lot, minlength=n))])
    order, added = np.zeros(n, dtype=np.int64), np.zeros(n)
    gain, waiting = alone.copy(), np.ones(n, dtype=bool)
    for k in range(n):
        best = int(np.argmax(np.where(waiting, np.round(gain, 6), -1.0)))
        waiting[best] = False
        mine = row[by_lot[ptr[best] : ptr[best + 1]]]
        order[best], added[best] = k + 1, left[mine].sum()
        newly = mine[left[mine] > 0]
        count = np.diff(near.indptr)[newly]
        first = np.concatenate([[0], np.cumsum(count)[:-1]]).astype(np.int64)
        at = np.arange(int(count.sum())) + np.repeat(near.indptr[newly] - first, count)
        np.subtract.at(gain, lot[at], np.repeat(left[newly], count))
        left[mine] = 0.0
    return alone, order, added


def _row(
    slot: str, at: str | None, state: NDArray[np.object_], points: Points, served: _BOOLS, weight: NDArray[np.float64],
    sure: _BOOLS, maybe: _BOOLS,
) -> tuple[object, ...]:  # fmt: skip
    before = float(weight[served].sum())
    after, most = (float(weight[served | _reached(points, some)].sum()) for some in (sure, maybe))
    counts = [int((state == s).sum()) for s in (OPEN, CLOSED, UNKNOWN)]
    return (slot, at, *counts, before, after, after - before, most - before, float(weight.sum()))


def _reached(points: Points, some: _BOOLS) -> _BOOLS:
    near = points.near
    hit = np.concatenate([[0], np.cumsum(some[near.indices])])
    return np.asarray(hit[near.indptr[1:]] > hit[near.indptr[:-1]], dtype=np.bool_)


def _unit(points: Points, people_weight: float) -> Text:
    """Return what gains are counted in."""
    if len(points.titles) > 1 or people_weight != 1:
        return Text("加权人次", "people and busy places, weighted")
    return Text("人", "people") if PEOPLE in points.titles else next(iter(points.titles.values()))


def _said(rule: Rule) -> Text:
    read = rule.confidence.text
    return Text(
        f"半径 {rule.limit_m:g} m（{document_text(rule)}，{read.zh}）",
        f"radius {rule.limit_m:g} m ({document_text(rule, 'en')}, {read.en})",
    )
