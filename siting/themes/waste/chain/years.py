"""Several years or months: the last of them is planned first, and each site opens when it is needed, or may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.errors import InputError
from siting.ledger import Finding
from siting.network import MAX_SNAP_M
from siting.themes.waste.chain.periods import Period, Spans, period_of, read_spans
from siting.themes.waste.chain.plan import MOST_SOURCES, ChainPlan, plan_task
from siting.themes.waste.chain.rates import Rates
from siting.themes.waste.chain.reassigned import REASSIGNED_COLUMNS, reassigned
from siting.themes.waste.chain.task import ChainTask, read_task
from siting.themes.waste.streams import Stream

if TYPE_CHECKING:
    from siting.network import Network

OPENING_COLUMNS = ["station", "status", "opens", "closes", "station_class", "capacity_t_day"]
Factor = float | Mapping[Stream, float]
_DUST_T = 0.002
# Twice what rounding to thousandths may leave.


@dataclass(frozen=True, kw_only=True, eq=False)
class ChainYears:
    """A plan for each period, among what is open in it; none closes what an earlier one opened before its date.

    Attributes
    ----------
    plans : by period ("2019", "2019-06"), ascending; ``short_t`` of a plan is what has no room then
    openings : one row a station that is used: the period in which it opens (None: it stands), and in which it is
        closed (None: in none)
    table : one row a period: tonnes, plants and their capacity, what is carried, what has no room, what goes to
        another plant than before, stations, cost and bound of a day
    plants : one row a period and plant: whether it is open, capacity, load, and what changed since the period before
    streams : one row a period and stream: tonnes, carried, without room
    reassigned : one row a period, stream and pair of plants: tonnes that went to one before and go to the other now
        (empty: they had, or have, no room)
    findings : dates that cannot be used, and sites that are open in part of a period only
    """

    plans: Mapping[str, ChainPlan]
    openings: pd.DataFrame
    table: pd.DataFrame
    plants: pd.DataFrame
    streams: pd.DataFrame
    reassigned: pd.DataFrame
    findings: tuple[Finding, ...]


def site_chain_years(
    network: Network,
    sources: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame,
    plants: gpd.GeoDataFrame,
    *,
    rates: Rates,
    growth: Mapping[int | str, Factor],
    **options: Any,
) -> ChainYears:
    """Plan the last period with all candidates, then those before with what it opened, or what is closed by then.

    A period uses what is open throughout it, by the columns ``opens`` and ``closes`` of stations and plants (a year, a
    month or a day; without them a site is always open). Where that has no room for all, the fewest tonnes are left,
    and told, and stations that the last period did not open are tried as well. What an earlier period opens is required
    of those after it while it is open. Each period is proved by itself among its own candidates; that the sequence is
    the cheapest of all is not.

    Parameters
    ----------
    growth : by year (2019) or month ("2019-06"), what the tonnes of ``sources`` are multiplied by, for all streams or
        each
    options : as `siting.themes.waste.site_chain` takes them
    """
    if not growth:
        msg = "waste chain: growth is empty; give a factor for one year at least"
        raise InputError(msg)
    factors = {period_of(given): factor for given, factor in growth.items()}
    if len(factors) < len(growth):
        msg = "waste chain: a period stands twice in growth"
        raise InputError(msg)
    required, excluded = list(options.pop("required", ())), list(options.pop("excluded", ()))
    task = read_task(
        network, sources, stations, plants, rates=rates, required=required,
        most_sources=options.pop("most_sources", MOST_SOURCES), max_snap_m=options.pop("max_snap_m", MAX_SNAP_M),
    )  # fmt: skip
    periods = sorted(factors)
    spans = _Open(read_spans(task.question.stations.frame), read_spans(task.question.plants.frame))
    plans = _plan(task, periods, {p: _by_stream(task, factors[p]) for p in periods}, spans, required, excluded, options)
    moved = _moved(plans, task)
    return ChainYears(
        plans=plans, openings=_openings(plans, periods, spans), table=_table(plans, moved), reassigned=moved,
        plants=_plants(plans, task), streams=_streams(plans),
        findings=(*spans.stations.findings("stations", periods), *spans.plants.findings("plants", periods)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Open:
    stations: Spans
    plants: Spans


def _plan(
    task: ChainTask,
    periods: list[Period],
    factors: dict[Period, dict[Stream, float]],
    spans: _Open,
    required: list[str],
    excluded: list[str],
    options: dict[str, Any],
) -> dict[str, ChainPlan]:
    frame = task.question.stations.frame
    ids, stands = frame.index.to_numpy(), (frame["status"] == "existing").to_numpy()

    def plan(period: Period, among: np.ndarray, must: list[str], *, last: bool = False) -> ChainPlan:
        own = task.grown(factors[period]).among(among, spans.plants.whole(period), none_required=not last)
        here = set(ids[among])
        return plan_task(
            own, leave=True, required=[i for i in must if i in here], excluded=[i for i in excluded if i in here],
            **options,
        )  # fmt: skip

    end = periods[-1]
    at_end = spans.stations.whole(end)
    last = plan(end, at_end, required, last=True)
    chosen = np.isin(ids, last.opened.index)
    plans: dict[str, ChainPlan] = {}
    opened: list[str] = []
    for period in periods[:-1]:
        open_ = spans.stations.whole(period)
        among = open_ & (stands | chosen | ~at_end | np.isin(ids, opened))
        found = plan(period, among, opened)
        if _short(found) > _DUST_T and (among != open_).any():
            more = plan(period, open_, opened)
            found = more if _short(more) < _short(found) - _DUST_T else found
        plans[period.name] = found
        new = found.stations.index[found.stations["opened"] & (found.stations["status"] != "existing")]
        opened = sorted({*opened, *new})
    if any(i in set(ids[at_end]) and i not in set(ids[chosen]) for i in opened):
        last = plan(end, at_end, [*required, *(i for i in opened if i not in required)], last=True)
    plans[end.name] = last
    return plans


def _short(plan: ChainPlan) -> float:
    return float(sum(plan.short_t.values()))


def _by_stream(task: ChainTask, factor: Factor) -> dict[Stream, float]:
    streams = task.question.streams
    made = {s: factor if isinstance(factor, int | float) else factor.get(s, 1.0) for s in streams}
    for stream, by in made.items():
        if not 0 <= by < float("inf"):
            msg = f"waste chain: growth of {stream} is {by!r}, expected a factor of 0 or more"
            raise InputError(msg)
    return made


def _moved(plans: Mapping[str, ChainPlan], task: ChainTask) -> pd.DataFrame:
    names = [str(i) for i in task.question.plants.frame.index]
    parts, before = [], None
    for period, plan in plans.items():
        if before is not None:
            parts.append(reassigned(before, plan, names).assign(period=period))
        before = plan
    columns = ["period", *REASSIGNED_COLUMNS]
    found = [p for p in parts if len(p)]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def _openings(plans: Mapping[str, ChainPlan], periods: list[Period], spans: _Open) -> pd.DataFrame:
    rows, seen = [], set()
    open_in = {p.name: dict(zip(spans.stations.ids, spans.stations.whole(p), strict=True)) for p in periods}
    for k, (period, plan) in enumerate(plans.items()):
        for station, row in plan.opened.iterrows():
            if station in seen:
                continue
            seen.add(station)
            opens = None if row["status"] == "existing" and k == 0 else period
            closes = next((p.name for p in periods[k + 1 :] if not open_in[p.name][str(station)]), None)
            rows.append((station, row["status"], opens, closes, row["station_class"], row["capacity_t_day"]))
    frame = pd.DataFrame(rows, columns=OPENING_COLUMNS)
    empty = {c: pd.Series([row[OPENING_COLUMNS.index(c)] for row in rows], dtype=object) for c in ("opens", "closes")}
    return frame.assign(**empty)


def _table(plans: Mapping[str, ChainPlan], moved: pd.DataFrame) -> pd.DataFrame:
    by = moved.groupby("period")["t_day"].sum()
    return pd.DataFrame([
        {
            "period": period,
            "t_day": float(plan.sources["t_day"].sum()),
            "plants": len(plan.plants),
            "capacity_t_day": float(plan.plants["capacity_t_day"].sum()),
            "carried_t_day": float(plan.plants["load_t_day"].sum()),
            "short_t_day": _short(plan),
            "reassigned_t_day": np.nan if k == 0 else float(by.get(period, 0.0)),
            "stations": len(plan.opened),
            "cost_day": plan.cost_day,
            "bound_day": plan.bound_day,
        }
        for k, (period, plan) in enumerate(plans.items())
    ])  # fmt: skip


def _plants(plans: Mapping[str, ChainPlan], task: ChainTask) -> pd.DataFrame:
    rows, before = [], None
    everyone = task.question.plants
    for period, plan in plans.items():
        load = plan.plants["load_t_day"].reindex(everyone.frame.index)
        for k, plant in enumerate(everyone.frame.index):
            is_open, t = plant in plan.plants.index, float(load.fillna(0.0)[plant])
            rows.append({
                "period": period, "plant": plant, "name": everyone.frame.loc[plant, "name"], "open": is_open,
                "capacity_t_day": float(everyone.capacity[k]) if is_open else 0.0, "load_t_day": t,
                "change_t_day": np.nan if before is None else t - float(before[plant]),
            })  # fmt: skip
        before = load.fillna(0.0)
    return pd.DataFrame(rows)


def _streams(plans: Mapping[str, ChainPlan]) -> pd.DataFrame:
    rows = []
    for period, plan in plans.items():
        for stream in plan.question.streams:
            t = float(plan.sources[f"t_day_{stream}"].sum())
            short = float(plan.short_t.get(stream, 0.0))
            rows.append((period, stream, t, max(0.0, t - short), short))
    return pd.DataFrame(rows, columns=["period", "stream", "t_day", "carried_t_day", "short_t_day"])
