"""Charging sheds for electric bicycles in old estates: the fewest that every household reaches, away from buildings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.coverage import CITY_LEVEL
from siting.coverage.rollup import ZONE_PREFIX, zone_names
from siting.coverage.schema import in_crs
from siting.errors import InputError
from siting.inputs.schema import listed
from siting.ledger import Finding, Text
from siting.locate.candidates.street import half_width_m
from siting.themes.charging.assumed import exact, finite
from siting.themes.charging.counts import read_counts
from siting.themes.charging.indicators import shed_indicators
from siting.themes.charging.shed_choice import ESTATE_COLUMNS, Estate, Measure, Walk
from siting.themes.charging.shed_places import Buildings, Places, Separation, places_in
from siting.themes.charging.shed_walks import LeastWalk
from siting.themes.city import City
from siting.themes.result import ThemeResult

HOUSEHOLDS = "households"
UNKNOWN_HOUSEHOLDS = (
    "sheds: how many households live where is not known; the demand needs households, or people_per_household"
)
"""Column of the demand with the households of each point. Its units may be buildings and are not taken for them."""
ZONE_COLUMNS = ["level", "zone", "name", "homes", "homes_before", "homes_after", "households", "households_before",
                "households_after", "share_after"]  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Sheds:
    """Sheds with their proof, estate by estate.

    Attributes
    ----------
    estates : every estate, index = id, columns `ESTATE_COLUMNS`: ``widest_m`` is the largest distance from buildings
        that any place in it keeps; ``bound`` proves that no fewer sheds do, NaN where nothing was to be decided;
        ``walk_mean_m`` is the mean way to the new sheds, ``walk_bound_m`` the least that as many sheds allow
    sheds : chosen places, index "<estate>-<number>", columns `SHED_COLUMNS`; ``away_m`` from its rim to the nearest
        building
    homes : demand points inside estates: ``estate``, ``shed`` (None where none), ``walk_m``, ``served``
    zones : the city and the zones, columns `ZONE_COLUMNS`, homes and households inside estates only; households are
        NaN where they are not all known
    separation, walk_m, measure : what was asked
    walks : what the homes of the new sheds walk, by estate, with the least that as many sheds allow
    assumptions : the study's own figures, in words
    """

    estates: gpd.GeoDataFrame
    sheds: gpd.GeoDataFrame
    homes: gpd.GeoDataFrame
    zones: pd.DataFrame
    indicators: pd.DataFrame
    separation: Separation
    walk_m: float
    measure: Measure
    walks: tuple[LeastWalk, ...]
    assumptions: tuple[Text, ...]
    findings: tuple[Finding, ...]

    @property
    def is_proved(self) -> bool:
        """Whether no fewer sheds can do it in any estate, proved, among the places that were looked at."""
        return bool((self.estates["status"].dropna() == "optimal").all())

    def themed(self) -> ThemeResult:
        """Return layers, tables, figures and sentences for every output."""
        from siting.themes.charging.sheds_shown import themed

        return themed(self)

    def __repr__(self) -> str:
        """Say how many sheds there are."""
        return f"Sheds({len(self.sheds)} sheds in {len(self.estates)} estates)"


def site_sheds(
    city: City,
    *,
    walk_m: float,
    separation: float | str,
    estates: gpd.GeoDataFrame | None = None,
    existing: gpd.GeoDataFrame | None = None,
    exclusions: Mapping[str, gpd.GeoDataFrame] | None = None,
    measure: Measure = "straight",
    radius_m: float = 0.0,
    step_m: float = 10.0,
    bikes_per_shed: int | None = None,
    bikes_per_household: float | None = None,
    people_per_household: float | None = None,
    time_limit_s: float = 30.0,
    mip_gap: float = 0.0,
    seed: int = 0,
) -> Sheds:
    """Place the fewest sheds in each estate so that every home in it has one within a short walk.

    Of all ways with as few sheds the one with the least walking is taken, proved on its own.

    Parameters
    ----------
    city : its old estates (areas) and its buildings are looked at
    walk_m : longest way from a home to a shed of its own estate; the study's own figure
    separation : least distance from a shed to any building: metres, the study's own, or the id of a rule
    estates : default: the city's old estates
    existing : sheds that stand; a home of the same estate within the walk is served
    exclusions : where nothing may stand; default: the city's exclusions, its water, and the
        ground of its streets, whose widths are assumed by class
    measure : "straight", or "network" along the streets, which often miss the paths inside an estate
    radius_m : of the circle that holds a shed; 0 = a shed is a point
    step_m : of the grid of places; the place farthest from buildings is always among them
    bikes_per_shed, bikes_per_household : both or neither: how many bicycles a shed holds and a household has
    people_per_household : where the demand has people but no column ``households``

    Returns
    -------
    `Sheds`; an estate in which no place keeps the distance is listed with the largest distance possible.

    Raises
    ------
    InputError
        No estates, no buildings, or figures that cannot be used.
    """
    positive = {
        "walk_m": walk_m,
        "step_m": step_m,
        "bikes_per_shed": bikes_per_shed,
        "bikes_per_household": bikes_per_household,
        "people_per_household": people_per_household,
    }
    for name, value in positive.items():
        if value is not None and not (finite(value) and value > 0):
            msg = f"sheds: {name} is {value!r}, expected a number above 0"
            raise InputError(msg)
    if not (finite(radius_m) and radius_m >= 0):
        msg = f"sheds: radius_m is {radius_m!r}, expected 0 or more"
        raise InputError(msg)
    if (bikes_per_shed is None) != (bikes_per_household is None):
        msg = "sheds: give both bikes_per_shed and bikes_per_household, or neither"
        raise InputError(msg)
    if measure not in ("straight", "network") or (measure == "network" and city.network is None):
        msg = f"sheds: measure is {measure!r}, expected 'straight', or 'network' where the city has streets"
        raise InputError(msg)
    layer = city.old_estates if estates is None else in_crs("estates", estates, city.crs)
    if layer is None or not len(layer):
        msg = "sheds: the city has no old estates ([land] old_estates)"
        raise InputError(msg)
    if city.buildings is None or not len(city.buildings):
        msg = "sheds: the city has no buildings ([land] buildings), so no distance from them can be kept"
        raise InputError(msg)
    layer = gpd.GeoDataFrame(layer.set_axis(layer.index.astype(str), axis=0).sort_index())
    kept = Separation.of(city.catalogue, separation)
    homes = _homes(city, layer, people_per_household, bikes_per_household)
    buildings = Buildings.of(np.asarray(city.buildings.geometry, dtype=object))
    taken = _taken(city, exclusions)
    standing = None if existing is None else in_crs("existing", existing, city.crs)
    walk = Walk(city, measure, float(walk_m))
    rows, sheds, answers, walks = [], [], [], []
    for estate, shape in zip(layer.index, layer.geometry, strict=True):
        mine = gpd.GeoDataFrame(homes[(homes["estate"] == estate).to_numpy()])
        area = shape is not None and not shape.is_empty and shapely.get_dimensions(shape) == 2
        places = places_in(
            shape, buildings, taken, separation_m=kept.metres, radius_m=float(radius_m), step_m=float(step_m)
        ) if area else Places(np.empty(0, dtype=object), np.empty(0), np.nan)  # fmt: skip
        stand = None if standing is None or not area else gpd.GeoDataFrame(standing[standing.intersects(shape)])
        one = Estate(walk, mine, places, stand, bikes_per_shed, (float(time_limit_s), mip_gap, seed))
        answer = one.answer(str(estate))
        answers.append(answer.homes)
        walks += [] if answer.walk is None else [answer.walk]
        given = layer.loc[estate, "name"] if "name" in layer.columns else None
        label = str(estate) if given is None or pd.isna(given) else str(given)
        rows.append({"name": label, **answer.row(places, 0 if stand is None else len(stand), is_area=bool(area))})
        sheds.append(answer.table(str(estate), label))
    table = pd.DataFrame(rows, columns=ESTATE_COLUMNS, index=layer.index.rename("id"))
    found = gpd.GeoDataFrame(pd.concat(answers), geometry="geometry", crs=layer.crs)
    return Sheds(
        estates=gpd.GeoDataFrame(table, geometry=np.asarray(layer.geometry), crs=layer.crs),
        sheds=gpd.GeoDataFrame(pd.concat(sheds), crs=layer.crs),
        homes=found,
        zones=_zones(city, found),
        indicators=shed_indicators(city, found, float(walk_m), measure),
        separation=kept,
        walk_m=float(walk_m),
        measure=measure,
        walks=tuple(walks),
        assumptions=_assumptions(
            walk_m, radius_m, bikes_per_shed, bikes_per_household,
            None if HOUSEHOLDS in city.demand.columns else people_per_household,
        ),
        findings=(*_findings(layer), *_households_unknown(city, homes)),
    )  # fmt: skip


def _homes(
    city: City, layer: gpd.GeoDataFrame, per_household: float | None, bikes_each: float | None
) -> gpd.GeoDataFrame:
    """Homes inside estates; one in several belongs to the estate whose id comes first."""
    shapes = np.asarray(layer.geometry, dtype=object)
    estate, home = shapely.STRtree(np.asarray(city.demand.geometry)).query(shapes, predicate="intersects")
    areal = shapely.get_dimensions(shapes)[estate] == 2
    first = np.full(len(city.demand), len(layer), dtype=np.int64)
    np.minimum.at(first, home[areal], estate[areal])
    inside = np.flatnonzero(first < len(layer))
    count: NDArray[np.float64] = np.full(len(city.demand), np.nan)
    if HOUSEHOLDS in city.demand.columns:
        count = read_counts(city.demand[HOUSEHOLDS], len(city.demand)).value
    elif "people" in city.demand.columns and per_household is not None:
        share = exact(per_household)
        count = np.array([float(exact(p) / share) for p in city.demand["people"].tolist()])
    if bikes_each is not None and np.isnan(count[inside]).any():
        raise InputError(UNKNOWN_HOUSEHOLDS)
    bikes = np.full(len(count), np.nan) if bikes_each is None else count * bikes_each
    return gpd.GeoDataFrame(
        {
            "estate": layer.index.to_numpy(dtype=object)[first[inside]],
            "households": count[inside],
            "bikes": np.round(bikes[inside], 3),
        },
        geometry=np.asarray(city.demand.geometry)[inside],
        crs=city.crs,
        index=city.demand.index[inside],
    )


def _zones(city: City, homes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Add up homes and households with a shed, before and with the new ones."""
    names, rows = zone_names(city.zones), []
    served = homes["served"].to_numpy(dtype=bool)
    before = served & homes["shed"].isna().to_numpy()
    every = np.ones(len(homes), dtype=bool)
    where = [(CITY_LEVEL, CITY_LEVEL, "", every)]
    for level in city.zones:
        lies = city.demand.loc[homes.index, ZONE_PREFIX + level].astype(str).to_numpy()
        where += [(level, z, names[level].get(z, z), lies == z) for z in sorted(set(lies.tolist()))]
    for level, zone, name, mine in where:
        counts = [float(m.sum()) for m in (mine, mine & before, mine & served)]
        households = homes["households"].to_numpy()
        known = bool(mine.any()) and not np.isnan(households[mine]).any()
        sums = [math.fsum(households[m]) if known else np.nan for m in (mine, mine & before, mine & served)]
        rows.append((level, zone, name, *counts, *sums, sums[2] / sums[0] if known and sums[0] else np.nan))
    return pd.DataFrame(rows, columns=ZONE_COLUMNS)


def _taken(city: City, exclusions: Mapping[str, gpd.GeoDataFrame] | None) -> NDArray[np.object_]:
    layers = dict(city.exclusions) if exclusions is None else dict(exclusions)
    if exclusions is None and city.water is not None:
        layers["water"] = city.water
    shapes = [np.asarray(in_crs(n, frame, city.crs).geometry, dtype=object) for n, frame in layers.items()]
    if exclusions is None and city.network is not None and "highway" in city.network.edges.columns:
        streets = city.network.edges_frame()
        shapes.append(np.asarray(shapely.buffer(streets.geometry.array, half_width_m(streets["highway"]))))
    joined: NDArray[np.object_] = np.concatenate([np.empty(0, dtype=object), *shapes])
    areal: NDArray[np.bool_] = shapely.get_dimensions(joined) == 2
    return np.asarray(joined[areal], dtype=object)


def _assumptions(
    walk_m: float, radius_m: float, per_shed: int | None, per_household: float | None, people: float | None
) -> tuple[Text, ...]:
    found = [Text(f"步行 {walk_m:g} 米（研究自定）", f"walk of {walk_m:g} m (the study's own)")]
    if radius_m:
        found.append(
            Text(f"棚外接圆半径 {radius_m:g} 米（研究自定）", f"radius of a shed {radius_m:g} m (the study's own)")
        )
    if per_shed is not None:
        found.append(
            Text(
                f"每棚 {per_shed:g} 辆、每户 {per_household:g} 辆（研究假定）",
                f"{per_shed:g} bicycles a shed, {per_household:g} a household (assumed by the study)",
            )
        )
        if people is not None:
            found.append(
                Text(f"每户 {people:g} 人（研究假定）", f"{people:g} people a household (assumed by the study)")
            )
    return tuple(found)


def _findings(layer: gpd.GeoDataFrame) -> tuple[Finding, ...]:
    flat = shapely.get_dimensions(np.asarray(layer.geometry, dtype=object)) != 2
    if not flat.any():
        return ()
    text = Text(
        f"老旧小区：{int(flat.sum())} 处没有范围（点或空），无法布置充电棚",
        f"old estates: {int(flat.sum())} have no area (points or empty), so no shed can be placed in them",
    )
    return (
        Finding(code="estate_no_area", kind="warning", count=int(flat.sum()), text=text, ids=listed(layer.index[flat])),
    )


def _households_unknown(city: City, homes: gpd.GeoDataFrame) -> list[Finding]:
    """List homes inside estates whose number of households cannot be used, with what the demand says."""
    if HOUSEHOLDS not in city.demand.columns or not len(homes):
        return []
    held = read_counts(city.demand.loc[homes.index, HOUSEHOLDS], len(homes))
    found = held.findings(
        homes.index, Text("老旧小区住户点", "homes in old estates"), Text("户数", "households"), "homes"
    )
    return [finding for finding in found if not finding.code.endswith("from_text")]
