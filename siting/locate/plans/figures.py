"""The figures that a plan changes, the one first that its model optimises: without and with the new sites."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.ledger import Text
from siting.locate.plans.budget import money_unit
from siting.locate.plans.layout import Layout
from siting.locate.plans.loads import HAS_ROOM, placed_weight, way_of_flows
from siting.locate.plans.measure import Measure
from siting.locate.plans.question import Wanted
from siting.locate.result import SitingResult

_S_PER_MIN = 60.0
_M_PER_KM = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of each demand point, in the order of the layer.

    Attributes
    ----------
    weight : shape (n_demand,)
    unit : what weight counts, in words
    before, after : rows within the limit, without and with the new sites; None without a limit
    near_before, near_after : cost to the nearest open site within reach; ``inf`` = none
    timed : whether costs are seconds
    alone : what existing facilities do by themselves, where sites have capacities; None where nothing exists
    """

    layout: Layout
    weight: NDArray[np.float64]
    unit: Text
    before: NDArray[np.bool_] | None
    after: NDArray[np.bool_] | None
    near_before: NDArray[np.float64]
    near_after: NDArray[np.float64]
    timed: bool
    alone: SitingResult | None = None


def figures_of(wanted: Wanted, result: SitingResult, outcome: Outcome) -> tuple[Measure, ...]:
    """Return what a plan changes.

    Parameters
    ----------
    result : in the order of the demand layer
    """
    model = wanted.model
    if model == "backup_coverage":
        found = _twice(wanted, result, outcome)
    elif model == "gradual_cover":
        found = _gradual(wanted, result, outcome)
    elif model in ("p_median", "facility_location"):
        found = [*_money(wanted, result, outcome), *_ways(wanted, outcome)]
    elif model == "p_center":
        found = [_worst(outcome), *_ways(wanted, outcome)[:1]]
    elif model == "p_dispersion":
        found = [_apart(result)]
    elif model in HAS_ROOM:
        found = _loaded(wanted, result, outcome)
    else:
        found = []
    if outcome.before is not None and outcome.after is not None:
        found.append(_served(outcome, outcome.before, outcome.after))
    return tuple(found)


def _served(outcome: Outcome, before: NDArray[np.bool_], after: NDArray[np.bool_]) -> Measure:
    return _weights("served", Text("限值内服务", "served within the limit"), outcome, before, after)


def _weights(
    key: str, name: Text, outcome: Outcome, before: NDArray[np.bool_], after: NDArray[np.bool_], *, less: bool = False
) -> Measure:
    return Measure(
        key=key,
        name=name,
        unit=outcome.unit,
        before=math.fsum(outcome.weight[before]),
        after=math.fsum(outcome.weight[after]),
        better="less" if less else "more",
    )


def _ways(wanted: Wanted, outcome: Outcome) -> list[Measure]:
    """Return mean and sum of the ways to the nearest open site; who has none within reach counts as that far."""
    reach, used = wanted.reach, outcome.layout.used
    mean, total = [], []
    for near in (outcome.near_before, outcome.near_after):
        ways = np.where(np.isfinite(near), near, math.inf if reach is None else reach)
        mean.append(_mean(ways, np.where(used, outcome.weight, 0.0)))
        total.append(_sum(ways, np.where(used, outcome.weight, 0.0)))
    found = [_mean_way(mean[0], mean[1], outcome.timed), _total_way(total[0], total[1], outcome)]
    if reach is not None:
        without, beyond = np.isinf(outcome.near_before), np.isinf(outcome.near_after)
        name = Text("超出最远距离", "farther than anybody should go")
        found.append(_weights("beyond_reach", name, outcome, without, beyond, less=True))
    return found


def _sum(ways: NDArray[np.float64], weight: NDArray[np.float64]) -> float | None:
    some = weight > 0
    total = math.fsum(weight[some] * ways[some])
    return total if math.isfinite(total) else None


def _mean(ways: NDArray[np.float64], weight: NDArray[np.float64]) -> float | None:
    total, everybody = _sum(ways, weight), math.fsum(weight)
    return None if total is None or everybody == 0 else total / everybody


def _mean_way(before: float | None, after: float | None, timed: bool) -> Measure:
    if timed:
        return Measure(
            key="mean_time_min", name=Text("人均到达时间", "mean time to the nearest"), unit=Text("分钟", "min"),
            before=_minutes(before), after=_minutes(after), better="less", decimals=1,
        )  # fmt: skip
    return Measure(
        key="mean_distance_m", name=Text("平均到达距离", "mean distance to the nearest"), unit=Text("米", "m"),
        before=before, after=after, better="less",
    )  # fmt: skip


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / _S_PER_MIN


def _total_way(before: float | None, after: float | None, outcome: Outcome) -> Measure:
    per, way = (3600.0, Text("小时", "hours")) if outcome.timed else (_M_PER_KM, Text("公里", "km"))
    return Measure(
        key="weighted_cost",
        name=Text("总路程", "all ways together"),
        unit=Text(f"{outcome.unit.zh}·{way.zh}", f"{outcome.unit.en} × {way.en}"),
        before=None if before is None else before / per,
        after=None if after is None else after / per,
        better="less",
        decimals=1,
    )


def _money(wanted: Wanted, result: SitingResult, outcome: Outcome) -> list[Measure]:
    """Return what opening and going cost together, in the money of the prices."""
    metre = wanted.money_per_metre
    if metre is None or wanted.prices is None:
        return []
    opening = math.fsum(wanted.prices.reindex(list(result.site_ids)))
    going = _ways(wanted, outcome)[1]
    before = None if going.before is None else going.before * _M_PER_KM * metre
    return [_total_cost(before, result.objective, wanted), _opening(opening, wanted)]


def _total_cost(before: float | None, after: float, wanted: Wanted) -> Measure:
    return Measure(
        key="total_cost", name=Text("建设与出行合计", "opening and ways together"), unit=money_unit(wanted.priced_by),
        before=before, after=after, better="less", decimals=2,
    )  # fmt: skip


def _opening(opening: float, wanted: Wanted) -> Measure:
    return Measure(
        key="opening_cost", name=Text("建设费用", "opening"), unit=money_unit(wanted.priced_by), before=0.0,
        after=opening, better="less", decimals=2,
    )  # fmt: skip


def _worst(outcome: Outcome) -> Measure:
    used = outcome.layout.used
    worst = [float(near[used].max(initial=0.0)) for near in (outcome.near_before, outcome.near_after)]
    before, after = (value if math.isfinite(value) else None for value in worst)
    if outcome.timed:
        return Measure(
            key="worst_time_min", name=Text("最远者到达时间", "time of whoever is worst off"), unit=Text("分钟", "min"),
            before=_minutes(before), after=_minutes(after), better="less", decimals=1,
        )  # fmt: skip
    return Measure(
        key="worst_distance_m", name=Text("最远者到达距离", "distance of whoever is worst off"), unit=Text("米", "m"),
        before=before, after=after, better="less",
    )  # fmt: skip


def worst_off(outcome: Outcome) -> int:
    """Return the demand row that is farthest from any open site, the first of several."""
    return int(np.argmax(np.where(outcome.layout.used, outcome.near_after, -1.0)))


def _apart(result: SitingResult) -> Measure:
    after = result.objective if math.isfinite(result.objective) else None
    return Measure(
        key="smallest_separation_m", name=Text("最近两处的间距", "distance of the two nearest"), unit=Text("米", "m"),
        before=None, after=after, better="more",
    )  # fmt: skip


def _twice(wanted: Wanted, result: SitingResult, outcome: Outcome) -> list[Measure]:
    ways = outcome.layout.ways
    assert ways is not None
    assert wanted.limit is not None
    within = ways.within(wanted.limit)
    rows = outcome.layout.place[ways.row_of_entry()]
    once, twice = [], []
    for labels in (outcome.layout.existing, (*outcome.layout.existing, *result.site_ids)):
        hit = within & ways.columns.isin(list(labels))[ways.indices]
        times = np.bincount(rows[hit], minlength=len(outcome.weight))
        once.append(times >= 1)
        twice.append(times > 1)
    return [
        _weights("served_twice", Text("两处以上服务", "served at least twice"), outcome, twice[0], twice[1]),
        _weights("served_once", Text("至少一处服务", "served at least once"), outcome, once[0], once[1]),
    ]


def _gradual(wanted: Wanted, result: SitingResult, outcome: Outcome) -> list[Measure]:
    assert wanted.limit is not None
    assert wanted.reach is not None
    near = outcome.near_before
    whole = near <= wanted.limit
    part = ~whole & (near < wanted.reach)
    share = np.where(whole, 1.0, 0.0)
    share[part] = (wanted.reach - near[part]) / (wanted.reach - wanted.limit)
    covered = Measure(
        key="covered",
        name=Text("折算后服务", "served, counted less with distance"),
        unit=outcome.unit,
        before=math.fsum(outcome.weight * share),
        after=result.objective,
        better="more",
    )
    reached = [np.isfinite(one) for one in (outcome.near_before, outcome.near_after)]
    name = Text("最远距离内", "within reach at all")
    return [covered, _weights("within_reach", name, outcome, reached[0], reached[1])]


def _loaded(wanted: Wanted, result: SitingResult, outcome: Outcome) -> list[Measure]:
    """Return what fits into the sites: mean way of those who have a place, and those who have none."""
    ways, placed = [], []
    for answer in (outcome.alone, result):
        got = placed_weight(answer)
        placed.append(got)
        ways.append(way_of_flows(answer, outcome.layout) / got if answer is not None and got > 0 else None)
    found = [_mean_way(ways[0], ways[1], outcome.timed)]
    if wanted.prices is not None and wanted.money_per_metre is not None:
        opening = math.fsum(wanted.prices.reindex(list(result.site_ids)))
        found = [_total_cost(None, result.objective, wanted), _opening(opening, wanted), *found]
    if wanted.model == "capacitated_cover":
        name = Text("限值与容量内服务", "served within limit and capacity")
        return [
            Measure(key="placed", name=name, unit=outcome.unit, before=placed[0], after=placed[1], better="more"),
            *found,
        ]
    total = math.fsum(outcome.weight)
    lacking = Measure(
        key="without_place",
        name=Text("容量不足或过远而无处可去", "without a place, for lack of capacity or too far"),
        unit=outcome.unit,
        before=max(0.0, total - placed[0]),
        after=max(0.0, total - placed[1]),
        better="less",
    )
    return [*found, lacking]
