"""Where the next public toilets go: so many for most people and busy places, or the fewest that meet the clauses.

The fewest (or the cheapest) toilets are one covering model: every person and busy place without a toilet within the
radius is a row, every part of a street that lies too far from one is a row, and zones below their density have a quota.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.coverage.model import CITY_LEVEL
from siting.errors import InfeasibleError, InputError
from siting.ledger import Text
from siting.locate import SitingResult, lscp, mclp
from siting.nearest_word import hint
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.result import ThemeResult
from siting.themes.toilets.candidates import KINDS, toilet_candidates
from siting.themes.toilets.land_classes import ClassedLand
from siting.themes.toilets.records import read_records
from siting.themes.toilets.siting_demand import Footfall, Measure, Points, demand_points
from siting.themes.toilets.siting_gains import indicators_after, zone_table
from siting.themes.toilets.siting_quotas import DENSITY, QUOTA_COLUMNS, quota_note, zone_quotas
from siting.themes.toilets.siting_rows import StreetRows, joined_costs, street_rows
from siting.themes.toilets.siting_tables import beyond_points, beyond_streets, requirement_table, site_table
from siting.themes.toilets.spacing import ToiletSpacing

RADIUS = "wc.radius.mandatory"
PROGRAM = "wc.program.tianjin"
"""The yearly programme of the policy: ``p="wc.program.tianjin"`` takes its number from the catalogue."""
_NAMED = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class ToiletPlan:
    """New toilets with their proof.

    Attributes
    ----------
    result : status, objective, bound and gap
    aim : "most" (people and busy places within the radius), "fewest", or "cheapest"
    candidates : every place that was looked at, with the tests it failed
    sites : those chosen, in the order of gain, with ``order``, ``gain`` (weight newly served), ``kind`` and ``cost``
    existing : toilets today
    requirements : one row a clause and what it counts: before, after, total, and ``beyond`` what no place can mend
    quotas : one row a zone (and land class): toilets, what its density asks, what it lacks, new sites; ``asked`` is 0
        where density is told, but not required; empty where the city has neither boundary nor zones
    zones : one row a zone of the level of the quotas (else of the smallest): people within the radius before and after
    beyond : points that no candidate reaches
    beyond_streets : parts of streets that no candidate closes
    notes : weights, costs, what was assumed, what was left out
    titles : what people and busy places are called
    indicators : shares of people and busy places within the radius with the plan, by zone
    cost_unit : of the costs, as the study writes it
    """

    result: SitingResult
    aim: str
    candidates: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    existing: gpd.GeoDataFrame
    requirements: pd.DataFrame
    quotas: pd.DataFrame
    zones: pd.DataFrame
    beyond: gpd.GeoDataFrame
    beyond_streets: gpd.GeoDataFrame
    notes: tuple[Text, ...]
    titles: Mapping[str, Text]
    indicators: pd.DataFrame
    cost_unit: Text | None = None

    def themed(self, suffix: str = "", title: Text | None = None) -> ThemeResult:
        """Return layers, tables, figures and sentences for every output.

        Parameters
        ----------
        suffix : keeps the names of several plans of one study apart
        title : what the plan is called
        """
        from siting.themes.toilets.siting_shown import themed

        return themed(self, suffix, title)

    def __repr__(self) -> str:
        """Say how many sites there are and how well they are proved."""
        return f"ToiletPlan({len(self.sites)} of {len(self.candidates)} places, {self.aim}, {self.result.status})"


def site_toilets(
    city: City,
    *,
    p: int | str | None = None,
    candidates: gpd.GeoDataFrame | None = None,
    costs: Mapping[str, float] | None = None,
    toilets: gpd.GeoDataFrame | None = None,
    radius: str | None = RADIUS,
    measure: Measure | None = None,
    spacing: ToiletSpacing | None = None,
    level: str | None = None,
    density: str | Sequence[str] = DENSITY,
    land: ClassedLand | None = None,
    beside_m: float = 0.0,
    shortfall: Mapping[str, int] | None = None,
    people_weight: float = 1.0,
    footfall: Mapping[str, Footfall] | None = None,
    serve: str = "all",
    required: Sequence[str] = (),
    excluded: Sequence[str] = (),
    min_spacing_m: float | None = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    cost_unit: Text | None = None,
) -> ToiletPlan:
    """Choose places for new public toilets.

    Parameters
    ----------
    p : so many toilets, for the greatest weight within the radius; a rule of the catalogue that states a number, such
        as `PROGRAM`; None = the fewest that meet ``radius``, ``spacing`` and ``level`` together
    candidates : as `toilet_candidates` returns them, which is asked otherwise
    costs : of one toilet by kind of place; with ``p`` None the plan is then the cheapest instead of the fewest. They
        replace those of ``candidates``
    toilets : that exist, points or areas; default: the city's, each once, as `records.read_records` reads them
    radius : rule whose distance is served; None (with ``p`` None only) = no such requirement
    measure : "network" or "straight"; default: what the clause means
    spacing : an audit of the spacing whose stretches are to be closed; None = spacing is not required
    level : zones that have to reach the ``density``, or "city" for the whole area; None = density is not required. With
        ``p`` it is kept as well
    density : of the whole town, or several of land classes, which need ``land`` (see `land_classes.classed_land`)
    beside_m : how near to classed land a toilet on none counts there all the same
    shortfall : new toilets by zone of ``level``, in place of the figure of ``density``
    people_weight, footfall : what a resident, and each busy place, counts
    serve : "all" refuses if something no candidate can mend; "reachable" leaves it out and lists it
    required, excluded : ids of candidates
    min_spacing_m : straight distance between new toilets, at least
    cost_unit : of ``costs``, for the reader

    Raises
    ------
    InputError
        Arguments that cannot be used; nothing is required.
    InfeasibleError
        Requirements that these places cannot meet; the message says which, and what would work.
    """
    if serve not in ("all", "reachable"):
        msg = f"serve is {serve!r}, expected 'all' or 'reachable'"
        raise InputError(msg)
    if p is None and radius is None and spacing is None and level is None:
        msg = "site_toilets: nothing is required; give p, or radius, spacing or level"
        raise InputError(msg)
    rule = _radius_rule(city, RADIUS if radius is None else radius)
    places = toilet_candidates(city, costs=costs) if candidates is None else _priced(candidates, costs)
    places = _without(places, [str(e) for e in excluded])
    allowed = places["allowed"].to_numpy(dtype=bool)
    if not allowed.any():
        msg = (
            f"site_toilets: none of {len(places)} places passes its tests{_reasons(places)}; relax one, or give others"
        )
        raise InfeasibleError(msg)
    pool = gpd.GeoDataFrame(places[allowed])
    drawn = read_records(city).drawn if toilets is None else toilets
    there = gpd.GeoDataFrame(drawn.set_geometry(shapely.point_on_surface(np.asarray(drawn.geometry, dtype=object))))
    assert rule.limit_m is not None
    way: Measure = measure or ("straight" if rule.distance == "straight" or city.network is None else "network")
    points = demand_points(city, drawn, pool, rule.limit_m, way, people_weight, footfall)
    rules = [city.catalogue[d] for d in _named_rules(city, density)]
    quotas, zone_of = _quotas(city, level, rules, there, places, shortfall, land, beside_m)
    words = [] if level is None else [quota_note(rules, level, shortfall)]
    streets = _streets(city, spacing, there, pool)
    conditions: dict[str, Any] = {
        "required": [str(r) for r in required], "min_spacing_m": min_spacing_m,
        "xy": None if min_spacing_m is None else _xy(pool), "time_limit_s": time_limit_s, "mip_gap": mip_gap,
        "seed": seed,
    }  # fmt: skip
    if level is not None:
        zone_of = zone_of[allowed]
        conditions |= {"zones": zone_of, "at_least": {r.zone: r.asked for r in quotas.itertuples() if r.asked}}
    closable = _reached(points)
    _refuse_beyond(
        serve, points if radius is not None and p is None else None, closable, streets, quotas, p, level is not None
    )
    notes = [*points.notes, *words, *places.attrs.get("notes", ())]
    if p is not None:
        result = _most(points, min(_number(city, p), len(pool)), conditions, notes, _number(city, p))
        aim = "most"
    else:
        prices = pool["cost"] if costs is not None else None
        result = _least(points, closable, radius is not None, streets, prices, conditions)
        aim = "fewest" if prices is None else "cheapest"
    sites = site_table(pool, result)
    if p is not None and len(sites) < min(_number(city, p), len(pool)):
        more = min(_number(city, p), len(pool)) - len(sites)
        notes.append(
            Text(f"其余 {more} 座在这些地点不再增加服务，未选", f"{more} more in these places would serve nobody new")
        )
    after = gpd.GeoDataFrame(pd.concat([_only_shape(there), _only_shape(sites)]), crs=city.crs)
    new = zone_of.reindex(sites.index).value_counts()
    quotas = quotas.assign(sites=[int(new.get(z, 0)) for z in quotas["zone"]])
    zones = zone_table(city, level, points, pool, sites)
    return ToiletPlan(
        result=result,
        aim=aim,
        candidates=places,
        sites=sites,
        existing=there,
        requirements=requirement_table(city, rule, points, pool, sites, way, spacing, streets, after, quotas, rules),
        quotas=quotas,
        zones=zones,
        beyond=beyond_points(points, closable),
        beyond_streets=beyond_streets(city, streets),
        notes=tuple(notes),
        titles=points.titles,
        indicators=indicators_after(city, rule, way, points, pool, sites),
        cost_unit=cost_unit,
    )


def _named_rules(city: City, density: str | Sequence[str]) -> list[str]:
    names = [density] if isinstance(density, str) else list(density)
    for name in names:
        if name not in city.catalogue:
            msg = f"site_toilets: no rule {name!r} in the catalogue{hint(name, city.catalogue.ids)}"
            raise InputError(msg)
    return names


def _quotas(
    city: City, level: str | None, rules: Sequence[Rule], there: gpd.GeoDataFrame, places: gpd.GeoDataFrame,
    shortfall: Mapping[str, int] | None, land: ClassedLand | None, beside_m: float,
) -> tuple[pd.DataFrame, pd.Series]:  # fmt: skip
    """Return the quotas of zones; where density is not required, what the whole area lacks, with nothing asked."""
    if level is not None:
        return zone_quotas(city, level, rules, there, places, shortfall, land, beside_m)
    if city.boundary is None and not city.zones:
        return pd.DataFrame(columns=QUOTA_COLUMNS), pd.Series("-", index=places.index, dtype=object)
    quotas, zone_of = zone_quotas(city, CITY_LEVEL, rules, there, places, None, land, beside_m)
    return quotas.assign(asked=0), zone_of


def _radius_rule(city: City, name: str) -> Rule:
    if name not in city.catalogue:
        msg = f"site_toilets: no rule {name!r} in the catalogue{hint(name, city.catalogue.ids)}"
        raise InputError(msg)
    rule = city.catalogue[name]
    if rule.limit_m is None:
        msg = f"site_toilets: {name} sets no single distance"
        raise InputError(msg)
    return rule


def _number(city: City, p: int | str) -> int:
    """Return the number of toilets, from the catalogue where a rule is named."""
    if not isinstance(p, str):
        return p
    if p not in city.catalogue or not isinstance(city.catalogue[p].threshold, float | int):
        msg = f"site_toilets: p is {p!r}, expected a number, or a rule that states one, such as {PROGRAM!r}"
        raise InputError(msg)
    return int(city.catalogue[p].threshold)  # type: ignore[arg-type]


def _priced(candidates: gpd.GeoDataFrame, costs: Mapping[str, float] | None) -> gpd.GeoDataFrame:
    """Return candidates with the costs of the study, refusing a layer that says too little."""
    lacking = [c for c in ("allowed", "kind", "cost") if c not in candidates.columns]
    if lacking:
        msg = f"site_toilets: the candidates have no column {', '.join(lacking)}; take those of toilet_candidates"
        raise InputError(msg)
    strange = sorted({str(k) for k in candidates["kind"]} - set(KINDS))
    if strange:
        msg = f"site_toilets: no kind of place {strange[0]!r}{hint(strange[0], KINDS)}; there are {', '.join(KINDS)}"
        raise InputError(msg)
    if costs is None:
        return candidates
    unknown = sorted(set(candidates["kind"]) - set(costs))
    if unknown:
        msg = f"site_toilets: costs say nothing of places of kind {', '.join(unknown)}"
        raise InputError(msg)
    priced = gpd.GeoDataFrame(candidates.assign(cost=[float(costs[k]) for k in candidates["kind"]]))
    priced.attrs = dict(candidates.attrs)
    return priced


def _without(places: gpd.GeoDataFrame, excluded: Sequence[str]) -> gpd.GeoDataFrame:
    """Return the places with those refused that the study does not want."""
    unknown = [e for e in excluded if e not in places.index]
    if unknown:
        msg = f"site_toilets: excluded names {unknown[0]!r}, which is no place{hint(unknown[0], places.index)}"
        raise InputError(msg)
    if not excluded:
        return places
    out = places.index.isin(excluded)
    why = Text("研究排除", "excluded by the study").both(" / ")
    changed = gpd.GeoDataFrame(places.assign(allowed=places["allowed"].to_numpy(dtype=bool) & ~out))
    for column in ("refusal", "failed"):
        if column in changed.columns:
            value = changed[column].astype(object)
            changed[column] = value.where(~out | value.notna() & (value != ""), why)
    changed.attrs = dict(places.attrs)
    return changed


def _reasons(places: gpd.GeoDataFrame) -> str:
    counts = places["refusal"].value_counts() if "refusal" in places.columns else pd.Series(dtype=int)
    return f" ({', '.join(f'{reason}: {n}' for reason, n in counts.head(3).items())})" if len(counts) else ""


def _xy(frame: gpd.GeoDataFrame) -> NDArray[np.float64]:
    inside = shapely.point_on_surface(np.asarray(frame.geometry.array, dtype=object))
    return np.asarray(shapely.get_coordinates(inside), dtype=np.float64)


def _only_shape(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=frame.geometry.to_numpy(), crs=frame.crs, index=frame.index.astype(str))


def _streets(
    city: City, spacing: ToiletSpacing | None, toilets: gpd.GeoDataFrame, pool: gpd.GeoDataFrame
) -> tuple[StreetRows, ...]:
    if spacing is None:
        return ()
    if city.network is None:
        msg = "site_toilets: spacing needs streets, which the city has not"
        raise InputError(msg)
    every = np.ones(len(pool), dtype=bool)
    have, may = _xy(toilets), _xy(pool)
    return tuple(street_rows(city.network, one, have, may, spacing.within_m, every) for one in spacing.typed)


def _reached(points: Points) -> NDArray[np.bool_]:
    return np.asarray(np.diff(points.near.indptr) > 0, dtype=np.bool_)


def _refuse_beyond(
    serve: str, points: Points | None, closable: NDArray[np.bool_], streets: Sequence[StreetRows],
    quotas: pd.DataFrame, p: int | str | None, density_asked: bool,
) -> None:  # fmt: skip
    """Refuse what no place can mend, all of it at once."""
    if serve == "reachable":
        return
    said = []
    if points is not None:
        wanted = ~points.served & (points.frame["weight"].to_numpy() > 0)
        lost = points.frame.index[wanted & ~closable]
        if len(lost):
            some = ", ".join(lost[:_NAMED])
            said.append(f"{len(lost)} of {len(points.frame)} points have no place within the radius ({some})")
    if p is None:
        said += [f"no place closes {s.open_m:.0f} m of the {s.type} streets" for s in streets if len(s.open_edge)]
    if density_asked:
        short = quotas[quotas["asked"] < quotas["lacks"]]
        said += [f"zone {r.zone} lacks {r.lacks} toilets and has {r.candidates} places" for r in short.itertuples()]
    if said:
        msg = f'site_toilets: {"; ".join(said)}. Add places there, or take serve="reachable" to leave them out'
        raise InfeasibleError(msg)


def _most(points: Points, p: int, conditions: Mapping[str, Any], notes: list[Text], asked: int) -> SitingResult:
    if p < asked:
        notes.append(
            Text(f"可用地点只有 {p} 处，少于 {asked} 座", f"only {p} places may be used, of {asked} asked for")
        )
    weight = points.frame["weight"].to_numpy(dtype=np.float64)
    return mclp(points.near, weight, points.near.cutoff, p, served=points.served, **conditions)


def _least(
    points: Points, closable: NDArray[np.bool_], by_radius: bool, streets: Sequence[StreetRows],
    prices: pd.Series | None, conditions: Mapping[str, Any],
) -> SitingResult:  # fmt: skip
    """Cover points and streets together, at least number or cost."""
    weight = points.frame["weight"].to_numpy(dtype=np.float64)
    wanted = np.flatnonzero(~points.served & closable & (weight > 0)) if by_radius else np.empty(0, dtype=np.int64)
    covers = [c for one in streets for c in one.covers]
    labels = [f"{one.type} street {k + 1}" for one in streets for k in range(len(one.covers))]
    # A row that is served already, so that quotas alone make a model, too.
    costs = joined_costs([*covers, ()], [*labels, "served"], points.near, wanted, points.near.columns)
    served = np.zeros(len(costs.rows), dtype=bool)
    served[-1] = True
    gains = np.concatenate([weight[wanted], np.zeros(len(covers) + 1)])
    return lscp(costs, 0.0, weight=gains, site_cost=prices, served=served, **conditions)
