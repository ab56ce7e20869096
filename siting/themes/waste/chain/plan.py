"""The chain from source to plant: which stations to open, what goes where, what it costs, with its proof."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.errors import InfeasibleError
from siting.ledger import Finding, Text
from siting.locate import SitingResult
from siting.network import MAX_SNAP_M
from siting.themes.waste.chain.accounts import cost_table, plant_rows, source_rows, station_rows
from siting.themes.waste.chain.flows import Flows, flows_of
from siting.themes.waste.chain.gather import Gathered
from siting.themes.waste.chain.layers import Sources
from siting.themes.waste.chain.periods import Period, period_of, read_spans
from siting.themes.waste.chain.question import Question
from siting.themes.waste.chain.rates import Rates
from siting.themes.waste.chain.shortage import carry_what_fits
from siting.themes.waste.chain.task import ChainTask, read_task
from siting.themes.waste.streams import Stream

if TYPE_CHECKING:
    from siting.network import Network
    from siting.themes.result import ThemeResult

MOST_SOURCES = 2000
_DUST = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class ChainPlan:
    """Stations to open, flows and costs of a day.

    Attributes
    ----------
    result : the engine's answer for the sources as they were gathered
    cost_day : what the plan costs in a day, summed over every source on its own way, existing sites included
    bound_day : no plan costs less, proved for every source; None where sources were gathered and a longest way is set
    costs : columns ``stream`` (empty for what streams share), ``part`` (collect, haul, direct, running, fixed),
        ``cost_day``
    stations : every version of every site: ``opened``, ``load_t_day``, ``t_day_<stream>``, ``load_share``, trips a day,
        ``refusal_cost_day`` (what the plan costs more without it, the others as they are; NaN: they have no room)
    plants : ``load_t_day``, ``t_day_<stream>``, ``load_share``, trips a day
    sources : those that are carried: ``t_day`` and ``station_<stream>`` (that which takes most, or the plant)
    flows : with kilometres and cost
    left_out_t : tonnes a day of each stream that no street, or no way, takes
    short_t : tonnes a day of each stream that have no room, where a plan may leave them; empty: all are carried
    gathered : which source stands for which, with the error in ``gathering_error_day``
    """

    result: SitingResult
    cost_day: float
    bound_day: float | None
    costs: pd.DataFrame
    stations: gpd.GeoDataFrame
    plants: gpd.GeoDataFrame
    sources: gpd.GeoDataFrame
    flows: Flows
    left_out_t: dict[Stream, float]
    gathered: Gathered
    gathering_error_day: float
    question: Question
    network: Network
    findings: tuple[Finding, ...]
    short_t: Mapping[Stream, float] = field(default_factory=dict)

    @property
    def gap(self) -> float | None:
        """Relative distance of cost and bound, for every source."""
        return None if self.bound_day is None else max(0.0, self.cost_day - self.bound_day) / max(1.0, self.cost_day)

    @property
    def opened(self) -> gpd.GeoDataFrame:
        """Stations that are open, those that stand among them."""
        return gpd.GeoDataFrame(self.stations[self.stations["opened"]])

    def failures(self, *, time_limit_s: float = 60.0) -> pd.DataFrame:
        """Take away one open station after the other: what moves, what finds no room, what that costs more."""
        from siting.themes.waste.chain.failure import failures

        return failures(self, time_limit_s=time_limit_s)

    def themed(self) -> ThemeResult:
        """Return layers, tables, figures and sentences for every output."""
        from siting.themes.waste.chain.shown import themed

        return themed(self)

    def __repr__(self) -> str:
        """Say how many stations are open, what a day costs and how well that is proved."""
        gap = "" if self.gap is None else f", gap {self.gap:.2%}"
        return f"ChainPlan({len(self.opened)} of {len(self.stations)} stations, {self.cost_day:,.2f} a day{gap})"


def site_chain(
    network: Network,
    sources: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame,
    plants: gpd.GeoDataFrame,
    *,
    rates: Rates,
    p: int | None = None,
    most_share: float | None = None,
    min_spacing_m: float | None = None,
    required: Sequence[str] = (),
    excluded: Sequence[str] = (),
    at: int | str | None = None,
    most_sources: int = MOST_SOURCES,
    max_snap_m: float = MAX_SNAP_M,
    time_limit_s: float = 300.0,
    mip_gap: float = 0.0,
    seed: int = 0,
) -> ChainPlan:
    """Open transfer stations so that carrying every stream from its sources to plants costs least.

    Parameters
    ----------
    network : drive network with lengths; `siting.network.impedance.open_to` leaves out what trucks may not use
    sources : points with ``t_day_<stream>`` for each stream of ``rates``, as `Generation.points` has them; the column
        ``id``, else the index, names the rows of a layer, which may be in any CRS
    stations : points or plots with ``capacity_t_day``, as `fit_stations` makes its versions: ``status`` (existing,
        candidate, required), ``fixed_cost_day``, ``cost_per_t``, ``streams``, ``site``, ``station_class``; without any,
        everything goes straight to the plants. Candidates of unknown fixed cost are left out, and listed, where that of
        others is known: they would be free
    plants : the same for plants; one that is no ``existing`` one costs its ``fixed_cost_day`` only if it is used
    rates : cost of a tonne over a kilometre, and trucks, by stream: the study's own
    p : most new stations
    most_share : most of all tonnes that one station may take
    min_spacing_m : straight, between new stations
    required, excluded : ids of stations, beside those of their status
    at : a year (2030) or month ("2026-07"): only what is open throughout it is used, by columns ``opens`` and
        ``closes`` (a year, month or day); default: all
    most_sources : where there are more, those of a cell are taken together, and the error is bounded

    Raises
    ------
    InputError, CRSError
        Layers or figures that cannot be used.
    InfeasibleError
        Some tonnes have no way or no room; the message says which and how many.
    """
    task = read_task(
        network, sources, stations, plants, rates=rates, required=required, most_sources=most_sources,
        max_snap_m=max_snap_m,
    )  # fmt: skip
    if at is not None:
        task = _open_at(task, period_of(at))
        here = set(task.question.stations.frame.index)
        required, excluded = [i for i in required if i in here], [i for i in excluded if i in here]
    return plan_task(
        task, required=required, excluded=excluded, p=p, most_share=most_share, min_spacing_m=min_spacing_m,
        time_limit_s=time_limit_s, mip_gap=mip_gap, seed=seed,
    )  # fmt: skip


def _open_at(task: ChainTask, period: Period) -> ChainTask:
    stations, plants = (read_spans(sites.frame) for sites in (task.question.stations, task.question.plants))
    said = (*stations.findings("stations", [period]), *plants.findings("plants", [period]))
    there = task.among(stations.whole(period), plants.whole(period))
    return replace(there, read=replace(there.read, findings=(*there.read.findings, *said)))


def plan_task(
    task: ChainTask,
    *,
    min_spacing_m: float | None = None,
    excluded: Sequence[str] = (),
    leave: bool = False,
    **more: Any,
) -> ChainPlan:
    """Plan what was read.

    Parameters
    ----------
    leave : where not everything has room, leave the fewest tonnes that any plan leaves
    more : as `siting.themes.waste.chain.question.Question.ask` takes it

    Raises
    ------
    InfeasibleError
        Some tonnes have no way or no room, and may not be left.
    """
    more["excluded"] = [i for i in excluded if i not in task.unpriced]
    if min_spacing_m is not None:
        spots = task.question.stations.frame.geometry.representative_point().get_coordinates().to_numpy()
        more |= {"min_spacing_m": min_spacing_m, "xy": spots}
    try:
        return state_plan(task, task.question.ask(**more))
    except InfeasibleError:
        if not leave:
            raise
    return state_plan(task, *carry_what_fits(task.question, **more))


def state_plan(
    task: ChainTask, result: SitingResult, short_t: Mapping[Stream, float] | None = None, bound: float | None = None
) -> ChainPlan:
    """Price the engine's answer for every source on its own way, and carry the bound over.

    Parameters
    ----------
    short_t : tonnes of each stream that have no room
    bound : of what is carried; default: that of the answer
    """
    network, question, read, gathered, roads = task.network, task.question, task.read, task.gathered, task.roads
    proved = result.bound if bound is None else bound
    flows = flows_of(question, result.flows, gathered, read.tonnes, roads, read.points.index)
    stations = station_rows(question, result, flows)
    plants = plant_rows(question, flows)
    costs = cost_table(question, flows, stations, plants)
    error = gathering_error(question, gathered, read)
    # What stands costs the engine nothing; one that another version replaces is paid for no more.
    stands = stations["opened"] & (stations["status"] == "existing")
    standing = math.fsum(stations.loc[stands, "fixed_cost_day"]) + math.fsum(
        plants.loc[plants["status"] == "existing", "fixed_cost_day"]
    )
    limited = any(rate.most_collect_m is not None for rate in question.rates.values())
    cost = math.fsum(costs["cost_day"])
    bound = None if limited and not gathered.is_whole else min(cost, proved + standing - error)
    if bound is not None and cost - bound <= _DUST * max(1.0, cost):
        bound = cost  # what sums of many terms leave is no gap
    return ChainPlan(
        result=result,
        cost_day=cost,
        bound_day=bound,
        costs=costs,
        stations=stations,
        plants=plants,
        sources=source_rows(question, read, flows),
        flows=flows,
        left_out_t=read.left_out_t,
        gathered=gathered,
        gathering_error_day=error,
        question=question,
        network=network,
        findings=(*read.findings, *_too_far(question, flows)),
        short_t=dict(short_t or {}),
    )


def gathering_error(question: Question, gathered: Gathered, read: Sources) -> float:
    """Bound what the gathered question may cost more than the true one, per day, for any plan."""
    per = np.array([max(r.collect_per_t_km, r.direct_per_t_km or 0.0) for r in question.rates.values()])
    return math.fsum((read.tonnes @ per) * gathered.away_m / 1000.0)


def _too_far(question: Question, flows: Flows) -> tuple[Finding, ...]:
    """Say which sources are a little beyond the longest way because another stood for them."""
    far = 0
    for stream, rate in question.rates.items():
        if rate.most_collect_m is not None:
            own = flows.collect[flows.collect["stream"] == stream]
            far += int((own["km"] * 1000.0 > rate.most_collect_m + 0.001).sum())
    if not far:
        return ()
    text = Text(
        f"{far} 个产生点由邻近点代表，其自身收集距离略超出限值",
        f"{far} sources, for which a neighbour stood, lie beyond the longest way to collect",
    )
    return (Finding(code="waste_beyond_limit", kind="warning", count=far, text=text),)
