"""Where the next car parks go, and of what type: most cars parked for a budget, or a share of the shortage removed."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.coverage import assign_zones
from siting.coverage.rollup import ZONE_PREFIX
from siting.errors import InputError
from siting.ledger import Finding, Text
from siting.locate import SitingResult
from siting.locate.clock import start_clock
from siting.nearest_word import hint
from siting.themes.city import City
from siting.themes.parking.audit import Parking
from siting.themes.parking.kerb import kerb_spaces
from siting.themes.parking.new_lots.asked import Asked, NoPlan
from siting.themes.parking.new_lots.lot_types import LotType, check_types, exact
from siting.themes.parking.new_lots.measures import BUILD_UP, compare, parked_with
from siting.themes.parking.new_lots.places import VACANT, lot_places
from siting.themes.parking.new_lots.problem import Problem
from siting.themes.parking.own_figures import check_figures
from siting.themes.parking.slots import SLOTS
from siting.themes.result import ThemeResult

ZONE_COLUMNS = ["level", "zone", "name", "cars", "short_before", "short_after", "new_lots", "new_spaces"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ParkingPlan:
    """New car parks with their proof.

    Attributes
    ----------
    parking : the audit that the plan answers
    result : status, objective, bound and gap; the objective is cars parked more (``budget``) or money (``remove``)
    slot : the time whose shortage counts
    candidates : every place that was looked at, with ``allowed`` and ``refusal``
    versions : what may be built where: ``site``, ``type_zh``, ``type_en``, ``spaces``, ``added``, ``cost``
    sites : the places chosen, the largest gain first: ``order``, ``type_en``, ``spaces``, ``added``, ``cost``, ``gain``
        (cars parked more when it joins those before it), ``gain_alone``, ``cars`` (in it at ``slot``)
    places : cars by place: ``cars``, ``short_before``, ``short_after``, ``in_reach`` (of a candidate that is allowed)
    slots : what the plan does at every time that the audit judges, columns `SLOT_COLUMNS`
    measures : four measures against the same shortage, see `siting.themes.parking.new_lots.measures`
    zones : columns `ZONE_COLUMNS`
    """

    parking: Parking
    result: SitingResult
    slot: str
    budget: float | None
    remove: float | None
    p: int | None
    types: tuple[LotType, ...]
    land_cost_m2: float
    steps: int
    min_spacing_m: float | None
    min_spacing_existing_m: float | None
    candidates: gpd.GeoDataFrame
    versions: pd.DataFrame
    sites: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    slots: pd.DataFrame
    measures: pd.DataFrame
    zones: pd.DataFrame
    area_basis: Mapping[str, Text]
    findings: tuple[Finding, ...]

    @property
    def cost(self) -> float:
        """What the new car parks cost together."""
        return float(sum((exact(float(c)) for c in self.sites["cost"]), Fraction(0)))

    @property
    def short_before(self) -> int:
        """Cars without a space today."""
        return int(self.places["short_before"].sum())

    @property
    def short_after(self) -> int:
        """Cars without a space with the plan."""
        return int(self.places["short_after"].sum())

    @property
    def removed(self) -> float:
        """Share of the shortage that the plan removes; 1 where there is none."""
        return (self.short_before - self.short_after) / self.short_before if self.short_before else 1.0

    def themed(self) -> ThemeResult:
        """Return layers, tables, figures and sentences for every output."""
        from siting.themes.parking.new_lots.shown import themed

        return themed(self)

    def __repr__(self) -> str:
        """Say how many sites there are and how well they are proved."""
        return f"ParkingPlan({len(self.sites)} of {len(self.candidates)} places, {self.result.status})"


def site_parking(
    city: City,
    parking: Parking,
    *,
    types: Sequence[LotType | Mapping[str, Any]],
    budget: float | None = None,
    remove: float | None = None,
    p: int | None = None,
    slot: str | None = None,
    land: Mapping[str, gpd.GeoDataFrame] | None = None,
    upgrade: bool = True,
    land_cost_m2: float = 0.0,
    min_area_m2: float = 300.0,
    steps: int = 4,
    exclusions: Mapping[str, gpd.GeoDataFrame] | None = None,
    required: Sequence[str] = (),
    excluded: Sequence[str] = (),
    min_spacing_m: float | None = None,
    min_spacing_existing_m: float | None = None,
    kerb: gpd.GeoDataFrame | None = None,
    kerb_m_per_space: float | None = None,
    cost_per_opened: float | None = None,
    cost_per_kerb: float | None = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
) -> ParkingPlan:
    """Choose places and types of new car parks.

    Parameters
    ----------
    parking : what `siting.audit_parking` found in the same city: its cars, lots and walking limit are the plan's
    types : what may be built, with what a space costs: `LotType`, or its figures by name
    budget, remove : one of them: money to spend so that most cars are parked (of such plans the cheapest), or the share
        of the shortage (0 to 1) that is to be removed at least cost
    p : most sites
    slot : whose shortage counts; default: the time with the most cars short
    land : areas by ``vacant`` and ``plots``, with ``site_cost`` where the land's price is known; default: the city's
        vacant plots
    upgrade : whether surface lots that stand may be built up; they keep who may use them
    land_cost_m2 : of land that states no ``site_cost``
    min_area_m2 : smaller free ground is refused: the study's own
    steps : a lot may be built at so many sizes up to what its ground holds, in equal parts; 1 = always the whole. What
        is proved is proved among these sizes: with as many steps as the ground holds spaces, among all of them
    required, excluded : ids of places
    min_spacing_m : straight distance between new lots on plots, at least; no clause states one
    min_spacing_existing_m : straight distance of a new lot on a plot from every car park that stands off the street and
        is open to the public, at least; plots nearer are refused. Default: none, for a new lot beside one that is full
        takes what that cannot
    kerb : lines or points of kerb spaces that could be opened at ``slot``, for the comparison of measures: column
        ``spaces``, or the length over ``kerb_m_per_space``
    cost_per_opened, cost_per_kerb : of a space that is opened, for the comparison

    Returns
    -------
    `ParkingPlan`. Cars may move between lots that stand and new ones: what the plan removes is a greatest flow.

    Raises
    ------
    InputError
        None or both of ``budget`` and ``remove``; a figure that cannot be meant; the audit knows no cars; an id or a
        time is not known.
    NoPlan
        (a `siting.errors.InfeasibleError`) No place is allowed, the share is out of reach (the message says what can be
        removed), required places do not fit.
    """
    if (budget is None) == (remove is None):
        msg = "site_parking: give one of budget (money) and remove (share of the shortage)"
        raise InputError(msg)
    who = "site_parking"
    check_figures(who, {"budget": budget, "land_cost_m2": land_cost_m2, "cost_per_opened": cost_per_opened,
                        "cost_per_kerb": cost_per_kerb})  # fmt: skip
    spacing = {"min_spacing_m": min_spacing_m, "min_spacing_existing_m": min_spacing_existing_m}
    check_figures(who, {**spacing, "kerb_m_per_space": kerb_m_per_space}, above=True)
    check_figures(who, {"p": p, "steps": steps}, whole=True)
    if remove is not None and not 0 <= remove <= 1:
        msg = f"site_parking: remove is {remove}, expected 0 to 1"
        raise InputError(msg)
    kinds = [t if isinstance(t, LotType) else LotType(**t) for t in types]
    named = check_types(kinds)
    at = _slot(parking, slot)
    given = land if land is not None else ({} if city.vacant is None else {VACANT: city.vacant})
    places, options, found = lot_places(
        city, parking, kinds, layers=given, upgrade=upgrade, land_cost_m2=land_cost_m2, min_area_m2=min_area_m2,
        steps=steps, exclusions=exclusions, existing_spacing_m=min_spacing_existing_m,
    )  # fmt: skip
    required, excluded = [str(r) for r in required], [str(e) for e in excluded]
    places, options = _conditions(places, options, required, excluded)
    clock = start_clock(time_limit_s, mip_gap, seed)
    hours, notes = (None, ()) if kerb is None else kerb_spaces(kerb, city.crs, kerb_m_per_space)
    problem = Problem.of(city, parking, at, places, options, hours, required, min_spacing_m)
    asked = Asked(
        budget=None if budget is None else math.floor(exact(budget) * problem.scale),
        remove=None if remove is None else exact(remove),
        p=p,
    )
    choice = problem.choose(asked, clock)
    plan = problem.built(choice)
    after = parked_with(problem.reach, problem.cars(at), problem.reach.spaces + plan.spaces)
    sites = problem.sites(choice, after.in_lot)
    slots, whole = problem.slots(plan)
    before = whole[at][0]
    points = gpd.GeoDataFrame(
        {"cars": problem.cars(at), "short_before": before, "short_after": after.unparked,
         "in_reach": problem.in_reach},
        geometry=parking.cars.places.geometry.to_numpy(), crs=city.crs, index=parking.cars.places.index,
    )  # fmt: skip
    each = dataclasses.replace(clock, began=clock.began + clock.seconds, time_limit_s=max(5.0, time_limit_s / 4))
    measures = compare(
        problem.reach, problem.cars(at), part=parking.part, kerb=problem.kerb, plan=plan,
        ask=lambda name: problem.only(name == BUILD_UP, asked, each), cost_per_opened=cost_per_opened,
        cost_per_kerb=cost_per_kerb,
    )  # fmt: skip
    return ParkingPlan(
        parking=parking,
        result=problem.result(choice, asked, clock),
        slot=at,
        budget=budget,
        remove=remove,
        p=p,
        types=tuple(kinds),
        land_cost_m2=land_cost_m2,
        steps=steps,
        min_spacing_m=min_spacing_m,
        min_spacing_existing_m=min_spacing_existing_m,
        candidates=places,
        versions=options.assign(cost=[float(c) for c in options["cost"]]),
        sites=sites,
        places=points,
        slots=slots,
        measures=measures,
        zones=_zones(city, parking, points, sites),
        area_basis={name: kind.basis(city.catalogue) for name, kind in named.items()},
        findings=(*found, *notes),
    )


def _slot(parking: Parking, slot: str | None) -> str:
    worst = parking.worst
    if worst is None:
        msg = "site_parking: the audit knows no cars; give cars_per_person, cars_per_household or a column of cars"
        raise InputError(msg)
    if slot is None:
        return worst.slot
    if slot not in parking.balances:
        known = ", ".join(parking.balances)
        msg = f"site_parking: the audit does not judge '{slot}'{hint(slot, SLOTS)}; it judges {known}"
        raise InputError(msg)
    return slot


def _conditions(
    places: gpd.GeoDataFrame, options: pd.DataFrame, required: Sequence[str], excluded: Sequence[str]
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    for what, ids in (("required", required), ("excluded", excluded)):
        for label in ids:
            if label not in places.index:
                msg = f"site_parking: {what} names '{label}', which is no place{hint(label, places.index)}"
                raise InputError(msg)
    both = sorted(set(required) & set(excluded))
    if both:
        msg = f"site_parking: required and excluded at once: {', '.join(both)}"
        raise InputError(msg)
    for label in required:
        if not places["allowed"].loc[label]:
            why = places["refusal"].loc[label]
            raise NoPlan(
                Text(f"必建的 {label} 不能建设：{why}", f"'{label}' is required, but may not be built on: {why}")
            )
    if excluded:
        out = places.index.isin(excluded) & places["allowed"].to_numpy(dtype=bool)
        reason = Text("本研究排除", "excluded by the study").both(" / ")
        places = gpd.GeoDataFrame(
            places.assign(
                allowed=places["allowed"].to_numpy(dtype=bool) & ~out,
                refusal=np.where(out, reason, places["refusal"].to_numpy(dtype=object)),
            )
        )
        options = options[~options["site"].isin(excluded)].reset_index(drop=True)
    if not places["allowed"].any():
        reasons = places["refusal"].value_counts().head(3)
        shown = "; ".join(f"{reason}: {n}" for reason, n in reasons.items())
        raise NoPlan(
            Text(
                f"{len(places)} 处候选地均不能建设（{shown or '没有空闲用地和停车场'}）",
                f"none of {len(places)} places may be built on ({shown or 'no vacant plots, no lots'})",
            )
        )
    return places, options


def _zones(city: City, parking: Parking, points: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> pd.DataFrame:
    of_site = assign_zones(gpd.GeoSeries(sites.geometry), city.zones)
    rows = []
    for level in city.zones:
        home = parking.place_zones[ZONE_PREFIX + level].astype(str).to_numpy()
        there = of_site[ZONE_PREFIX + level].astype(str).to_numpy()
        names = parking.zone_names[level]
        for zone in city.zones[level].index.astype(str):
            mine, new = home == zone, there == zone
            sums = [int(points[c].to_numpy()[mine].sum()) for c in ("cars", "short_before", "short_after")]
            added = int(sites["added"].to_numpy()[new].sum())
            rows.append((level, zone, names.get(zone, zone), *sums, int(new.sum()), added))
    return pd.DataFrame(rows, columns=ZONE_COLUMNS)
