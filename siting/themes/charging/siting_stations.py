"""Where the next charging stations go and how large: most charges served by n stations, or all at least cost."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.access import CostMatrix, cost_matrix, cost_matrix_straight
from siting.coverage import CITY_LEVEL, assign_zones
from siting.coverage.distances import Kind
from siting.coverage.rollup import ZONE_PREFIX, zone_names
from siting.errors import InfeasibleError, InputError
from siting.inputs.schema import listed
from siting.ledger import Finding, Text
from siting.locate import SitingResult, capacitated, capacitated_cover
from siting.themes.charging.assumed import CARS, FINEST_DIGITS, Assumed, assumed_of, exact
from siting.themes.charging.indicators import served_indicators
from siting.themes.charging.refused import NoStationPlanError, none_allowed, too_small
from siting.themes.charging.station_places import Size, check_sizes, station_places
from siting.themes.charging.station_records import station_records
from siting.themes.charging.stations import STATION, Radius, radius_of
from siting.themes.city import City
from siting.themes.result import ThemeResult

Aim = Literal["most", "cheapest"]
ZONE_COLUMNS = ["level", "zone", "name", "wanted", "placed_before", "placed_after", "share_before", "share_after",
                "new_stations"]  # fmt: skip
_EXISTING = "existing:{}"


@dataclass(frozen=True, kw_only=True, eq=False)
class ChargingPlan:
    """New stations with their proof.

    Attributes
    ----------
    result : the answer of the model; its objective is what is served in a day (``aim`` "most") or money ("cheapest")
    aim : "most" = as much as possible by so many stations; "cheapest" = all that is in reach at least cost
    candidates : every place that was looked at, with ``allowed`` and ``refusal``
    sites : the places chosen, the most used first: ``order``, ``size``, ``chargers``, ``kw``, ``cost`` (with the
        site), ``capacity_day``, ``load_day``
    existing : stations that stand: ``name``, ``chargers``, ``capacity_day``, ``load_day`` with the plan; NaN where the
        chargers are not known, for such a station is not counted on
    points : demand points: ``wanted`` a day, ``placed_before``, ``placed_after``, ``in_reach`` (of any place)
    zones : the city and the zones, columns `ZONE_COLUMNS`
    left_out : wanted a day that no place and no station reaches
    sizes : in which a station could be built, cheapest first
    assumed_grid_kw : power of places whose layer states none, the study's own; None where they were not allowed
    indicators : rows for `tables/indicators.csv`
    """

    result: SitingResult
    aim: Aim
    candidates: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    existing: gpd.GeoDataFrame
    points: gpd.GeoDataFrame
    zones: pd.DataFrame
    radius: Radius
    distance: Kind
    assumed: Assumed
    assumptions: tuple[Text, ...]
    left_out: float
    findings: tuple[Finding, ...]
    sizes: tuple[Size, ...] = ()
    assumed_grid_kw: float | None = None
    indicators: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def cost(self) -> float:
        """What the new stations cost together."""
        return math.fsum(self.sites["cost"])

    def themed(self) -> ThemeResult:
        """Return layers, tables, figures and sentences for every output."""
        from siting.themes.charging.stations_shown import themed

        return themed(self)

    def __repr__(self) -> str:
        """Say how many stations there are and how well they are proved."""
        return f"ChargingPlan({len(self.sites)} of {len(self.candidates)} places, {self.result.status})"


def site_charging(
    city: City,
    *,
    sizes: Sequence[Size | Mapping[str, Any]],
    assumed: Assumed | Mapping[str, Any],
    p: int | None = None,
    reach_m: float | None = None,
    layers: Mapping[str, gpd.GeoDataFrame] | None = None,
    exclusions: Mapping[str, gpd.GeoDataFrame] | None = None,
    assumed_grid_kw: float | None = None,
    chargers: str = "chargers",
    required: Sequence[str] = (),
    excluded: Sequence[str] = (),
    min_spacing_m: float | None = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
) -> ChargingPlan:
    """Choose places and sizes of charging stations.

    Parameters
    ----------
    sizes : in which a station may be built, each a `Size` or a dict of ``name``, ``chargers``, ``kw_each``, ``cost``
        and, where it differs, ``per_charger_day``; a place may have those that its grid can feed
    assumed : the study's figures (`Assumed` or a dict of them), ``per_ev_day`` and ``per_charger_day`` among them
    p : most new stations, which serve as much as possible; None = everything that is in reach, at least cost
    reach_m : radius of a station in metres, the study's own; default: that of a rule, if one states it
    layers, exclusions, assumed_grid_kw : as for `station_places`
    chargers : column of existing stations with their chargers
    required, excluded : ids of places
    min_spacing_m : straight distance between new stations, at least

    Returns
    -------
    `ChargingPlan`. Existing stations serve up to what their chargers give; one whose chargers are not known is listed
    and left out of the sum. Of all ways to serve as much from the same stations, cars go to the nearest.

    Raises
    ------
    InputError
        No radius, no place, assumptions or sizes that cannot be used.
    NoStationPlanError
        No place is allowed; without ``p``: the places that reach the demand are too small; it is an `InfeasibleError`.
    """
    assumed = assumed_of(assumed) or Assumed(ev_share=1.0)
    if assumed.per_ev_day is None or assumed.per_charger_day is None:
        msg = "charging: siting needs per_ev_day and per_charger_day among the assumptions"
        raise InputError(msg)
    radius = radius_of(city.catalogue, reach_m)
    if radius is None:
        msg = "charging: no rule states the radius of a station; give reach_m, the study's own"
        raise InputError(msg)
    ordered = check_sizes(sizes)
    candidates, found = station_places(
        city, ordered, assumed, layers=layers, exclusions=exclusions, assumed_grid_kw=assumed_grid_kw
    )
    allowed = gpd.GeoDataFrame(candidates[candidates["allowed"]])
    if not len(allowed):
        raise NoStationPlanError(none_allowed(candidates))
    standing = station_records(city.of_class(STATION), chargers).stations
    existing, held, unknown = _existing(standing, assumed)
    pool = gpd.GeoDataFrame(pd.concat([allowed[["geometry"]], existing[["geometry"]]]), crs=city.crs)
    distance: Kind = "straight" if city.network is None else "network"
    cost = _costs(city, pool, radius.metres)
    take = exact(assumed.per_ev_day)
    wanted = np.array([float(e * take) for e in assumed.evs(city.demand)])
    reached = np.diff(cost.indptr) > 0
    capacity = pd.Series(0.0, index=pool.index)
    capacity.loc[existing.index] = held
    rows = {str(i): _sizes(ordered, allowed.loc[i], assumed) for i in allowed.index}
    conditions: dict[str, Any] = {
        "existing": existing.index.tolist(), "required": [str(r) for r in required],
        "excluded": [str(e) for e in excluded], "min_spacing_m": min_spacing_m,
        "xy": None if min_spacing_m is None else pool.geometry.representative_point().get_coordinates().to_numpy(),
    }  # fmt: skip
    effort: dict[str, Any] = {"time_limit_s": time_limit_s, "mip_gap": mip_gap, "seed": seed}
    if p is not None:
        result = capacitated_cover(cost, wanted, radius.metres, p, capacity, sizes=rows, **effort, **conditions)
    else:
        # Ways cost nothing here: what is in reach is served, and money decides.
        free = dataclasses.replace(cost, cost_mm=np.zeros_like(cost.cost_mm))
        asked = np.where(reached, wanted, 0.0)
        try:
            result = capacitated(free, asked, capacity, sizes=rows, **effort, **conditions)
        except InfeasibleError as error:
            most = capacity.copy()
            most.loc[allowed.index] = allowed["day_most"]
            held_at_most, _ = _filled(cost, wanted, radius.metres, most, pool.index.tolist(), time_limit_s)
            raise NoStationPlanError(too_small(asked, held_at_most, assumed, str(error))) from error
    size_of = {str(k): str(v) for k, v in result.parameters["size"].items()}
    by_name = {size.name: size for size in ordered}
    filled = capacity.copy()
    for place, name in size_of.items():
        filled.loc[place] = by_name[name].day(assumed)
    before = _filled(cost, wanted, radius.metres, capacity, existing.index.tolist(), time_limit_s)
    after = _filled(cost, wanted, radius.metres, filled, [*existing.index, *size_of], time_limit_s)
    sites = _sites(allowed, size_of, by_name, assumed, after[1])
    points = gpd.GeoDataFrame(
        {"wanted": wanted, "placed_before": before[0], "placed_after": after[0], "in_reach": reached},
        geometry=np.asarray(city.demand.geometry), crs=city.crs, index=city.demand.index,
    )  # fmt: skip
    plan = ChargingPlan(
        result=result,
        aim="cheapest" if p is None else "most",
        candidates=candidates,
        sites=sites,
        existing=_loaded(standing, assumed, after[1]),
        points=points,
        zones=_zones(city, points, sites),
        radius=radius,
        distance=distance,
        assumed=assumed,
        assumptions=assumed.lines(by_column=CARS in city.demand.columns),
        left_out=math.fsum(wanted[~reached]),
        findings=(*found, *unknown),
        sizes=ordered,
        assumed_grid_kw=assumed_grid_kw,
    )
    return dataclasses.replace(plan, indicators=served_indicators(city, plan))


def _sizes(sizes: Sequence[Size], place: pd.Series, assumed: Assumed) -> list[tuple[str, float, float]]:
    """Sizes that the grid of a place can feed: name, what it gives in a day, cost with the site."""
    extra = exact(float(place["site_cost"]))
    fitting = [s for s in sizes if s.fits(float(place["grid_kw"]))]
    return [(s.name, s.day(assumed), float(exact(s.cost) + extra)) for s in fitting]


def _loaded(standing: gpd.GeoDataFrame, assumed: Assumed, loads: Mapping[str, float]) -> gpd.GeoDataFrame:
    assert assumed.per_charger_day is not None
    each = float(exact(assumed.per_charger_day))
    load = [loads.get(_EXISTING.format(i), np.nan) for i in standing.index]
    known = standing["chargers"].notna()
    found = standing.assign(capacity_day=standing["chargers"] * each, load_day=pd.Series(load, index=standing.index))
    return gpd.GeoDataFrame(found.assign(load_day=found["load_day"].where(found["load_day"].notna() | ~known, 0.0)))


def _existing(
    layer: gpd.GeoDataFrame, assumed: Assumed
) -> tuple[gpd.GeoDataFrame, NDArray[np.float64], tuple[Finding, ...]]:
    """Existing stations whose chargers are known, what they give in a day, and the others as a finding."""
    held = layer["chargers"].to_numpy()
    known = ~np.isnan(held)
    ids = layer.index
    stand = gpd.GeoDataFrame(layer[known].set_axis([_EXISTING.format(i) for i in ids[known]], axis=0))
    assert assumed.per_charger_day is not None
    each = exact(assumed.per_charger_day)
    day = np.array([float(int(v) * each) for v in held[known]])
    if known.all():
        return stand, day, ()
    text = Text(
        f"现有充电站：{int((~known).sum())} 座充电桩数未知，选址时未计其能力",
        f"existing stations: chargers of {int((~known).sum())} are not known; the siting does not count on them",
    )
    return (
        stand,
        day,
        (
            Finding(
                code="station_chargers", kind="warning", count=int((~known).sum()), text=text, ids=listed(ids[~known])
            ),
        ),
    )


def _costs(city: City, pool: gpd.GeoDataFrame, limit_m: float) -> CostMatrix:
    if city.network is None:
        return cost_matrix_straight(city.demand, pool, limit_m)
    return cost_matrix(city.network, city.demand, pool, limit_m, max_snap_m=city.max_snap_m, entrances=city.entrances)


def _filled(
    cost: CostMatrix, wanted: NDArray[np.float64], limit_m: float, capacity: pd.Series, open_: list[str], seconds: float
) -> tuple[NDArray[np.float64], dict[str, float]]:
    """Fill open stations with as much as fits, by the shortest ways: what each demand row gets, and each load."""
    if not open_:
        return np.zeros(len(wanted)), {}
    shut = [label for label in cost.columns if label not in set(open_)]
    found = capacitated_cover(
        cost, wanted, limit_m, None, capacity, existing=open_, excluded=shut, time_limit_s=seconds
    )
    # A full station is full, not above by what rounding leaves.
    load = np.round(np.asarray(found.flows.sum(axis=0)).ravel(), FINEST_DIGITS)
    return np.asarray(found.flows.sum(axis=1)).ravel(), dict(zip(map(str, cost.columns), load.tolist(), strict=True))


def _sites(
    allowed: gpd.GeoDataFrame,
    size_of: Mapping[str, str],
    by_name: Mapping[str, Size],
    assumed: Assumed,
    loads: Mapping[str, float],
) -> gpd.GeoDataFrame:
    order = sorted(size_of, key=lambda i: (-loads[i], i))
    chosen = [by_name[size_of[i]] for i in order]
    here = allowed.loc[order]
    extra = here["site_cost"].tolist()
    return gpd.GeoDataFrame(
        here.drop(columns=["allowed", "refusal"]).assign(
            order=np.arange(1, len(order) + 1),
            size=[s.name for s in chosen],
            chargers=[s.chargers for s in chosen],
            kw=[s.kw for s in chosen],
            cost=[float(exact(s.cost) + exact(float(x))) for s, x in zip(chosen, extra, strict=True)],
            capacity_day=[s.day(assumed) for s in chosen],
            load_day=[loads[i] for i in order],
        )
    )


def _zones(city: City, points: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> pd.DataFrame:
    place = assign_zones(gpd.GeoSeries(sites.geometry), city.zones)
    names = zone_names(city.zones)
    every = (np.ones(len(points), dtype=bool), np.ones(len(sites), dtype=bool))
    where = [(CITY_LEVEL, CITY_LEVEL, "", *every)]
    for level in city.zones:
        home = city.demand[ZONE_PREFIX + level].astype(str).to_numpy()
        stand = place[ZONE_PREFIX + level].astype(str).to_numpy()
        zones = sorted({*home.tolist(), *stand.tolist(), *city.zones[level].index.astype(str)})
        where += [(level, z, names[level].get(z, z), home == z, stand == z) for z in zones]
    rows = []
    for level, zone, name, mine, there in where:
        sums = [math.fsum(points[c].to_numpy()[mine]) for c in ("wanted", "placed_before", "placed_after")]
        shares = [x / sums[0] if sums[0] else np.nan for x in sums[1:]]
        rows.append((level, zone, name, *sums, *shares, int(there.sum())))
    return pd.DataFrame(rows, columns=ZONE_COLUMNS)
