"""Where a charging station could stand: car parks, fuel stations, vacant plots, and the sizes their grid can feed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.coverage.schema import in_crs, keyed
from siting.errors import InputError
from siting.inputs.schema import listed, parse_number
from siting.ledger import Finding, Text
from siting.locate import make_candidates
from siting.themes.charging.assumed import Assumed, exact, finite, known_fields
from siting.themes.city import City

CAR_PARK, FUEL_STATION, VACANT = "car_park", "fuel_station", "vacant"
KINDS: Mapping[str, Text] = {
    CAR_PARK: Text("停车场", "car park"),
    FUEL_STATION: Text("加油站", "fuel station"),
    VACANT: Text("空置用地", "vacant plot"),
}
GRID_KW, SITE_COST = "grid_kw", "site_cost"
COLUMNS = ["name", "kind", "kind_zh", "kind_en", "grid_kw", "grid_from", "site_cost", "sizes", "chargers_most",
           "day_most", "area_m2", "land_source", "street", "nearest_conflict", "nearest_conflict_m", "tests", "allowed",
           "refusal"]  # fmt: skip
STATED, ASSUMED, UNKNOWN = "stated", "assumed", "unknown"
"""Where the power of a place comes from: its layer, the study, or nobody."""
_PREFIX = "{}-{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A size in which a station may be built: chargers, the power of each, and what it costs without the site.

    ``per_charger_day`` is what one of its chargers gives in a day, where that differs from the study's `Assumed`: a
    fast charger serves more cars than a slow one.
    """

    name: str
    chargers: int
    kw_each: float
    cost: float
    per_charger_day: float | None = None

    def __post_init__(self) -> None:
        if not finite(self.chargers) or self.chargers < 1 or self.chargers != int(self.chargers):
            msg = f"size {self.name}: chargers is {self.chargers!r}, expected a whole number of 1 or more"
            raise InputError(msg)
        for name, value, least in (("kw_each", self.kw_each, "above 0"), ("cost", self.cost, "0 or more")):
            if not finite(value) or value < 0 or (name == "kw_each" and value == 0):
                msg = f"size {self.name}: {name} is {value!r}, expected a number {least}"
                raise InputError(msg)
        each = self.per_charger_day
        if each is not None and not (finite(each) and each > 0):
            msg = f"size {self.name}: per_charger_day is {each!r}, expected a number above 0"
            raise InputError(msg)

    @property
    def kw(self) -> float:
        """Power of all its chargers together."""
        return float(self.chargers * exact(self.kw_each))

    def fits(self, grid_kw: float) -> bool:
        """Whether the grid of a site can feed it; exactly its power is enough."""
        return self.chargers * exact(self.kw_each) <= exact(grid_kw)

    def day(self, assumed: Assumed) -> float:
        """Return what it gives in a day, in the unit of the assumptions."""
        each = assumed.per_charger_day if self.per_charger_day is None else self.per_charger_day
        assert each is not None
        return float(self.chargers * exact(each))


def check_sizes(given: Sequence[Size | Mapping[str, Any]]) -> tuple[Size, ...]:
    """Return the sizes, cheapest first; each may be a dict of its figures.

    Raises
    ------
    InputError
        None, or two of one name.
    """
    sizes = [s if isinstance(s, Size) else Size(**known_fields("size", s, Size)) for s in given]
    names = [size.name for size in sizes]
    if not names or len(set(names)) < len(names):
        msg = f"sizes: expected one or more with different names, got {names}"
        raise InputError(msg)
    return tuple(sorted(sizes, key=lambda s: (s.cost, s.chargers, s.name)))


def station_places(
    city: City,
    sizes: Sequence[Size],
    assumed: Assumed,
    *,
    layers: Mapping[str, gpd.GeoDataFrame] | None = None,
    exclusions: Mapping[str, gpd.GeoDataFrame] | None = None,
    assumed_grid_kw: float | None = None,
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Gather places for stations and test each.

    Parameters
    ----------
    layers : by kind (`KINDS`), points or areas with ``grid_kw`` (power the grid can give) and, if sites differ in what
        they cost beside the station, ``site_cost``; default: the city's public car parks and vacant plots
    exclusions : further areas where nothing may be built. All kinds are tested against the city's exclusions, vacant
        plots against water and buildings as well
    assumed_grid_kw : power of a place whose layer states none, the study's own figure; default: such a place is not
        allowed. A number that cannot be used (negative, no number) is never replaced

    Returns
    -------
    Places, index = id (``<kind>-<id>`` where two layers share an id), columns `COLUMNS`: ``sizes`` are the names that
    the grid can feed, ``grid_from`` says on whose word, ``chargers_most`` and ``day_most`` are those of the largest. A
    place whose power is not known, or too little for every size, is not allowed. And what was found on the way

    Raises
    ------
    InputError
        No layer has a row, a kind is not known, ids repeat inside a layer.
    """
    given = layers
    if given is None:
        given = {CAR_PARK: city.of_class("public_parking")}
        if city.vacant is not None:
            given[VACANT] = city.vacant
    if assumed_grid_kw is not None and not (finite(assumed_grid_kw) and assumed_grid_kw > 0):
        msg = f"charging: assumed_grid_kw is {assumed_grid_kw!r}, expected a number above 0"
        raise InputError(msg)
    unknown = sorted(set(given) - set(KINDS))
    if unknown:
        msg = f"charging: '{unknown[0]}' is no kind of place; there are {', '.join(KINDS)}"
        raise InputError(msg)
    parts = [_tested(city, kind, given[kind], exclusions) for kind in KINDS if kind in given and len(given[kind])]
    if not parts:
        msg = "charging: no car parks, fuel stations or vacant plots on which a station could stand"
        raise InputError(msg)
    every = pd.concat(parts)
    if not every.index.is_unique:
        every.index = pd.Index([_PREFIX.format(k, i) for k, i in zip(every["kind"], every.index, strict=True)])
    every.index.name = "id"
    if assumed_grid_kw is not None:
        silent = (every["grid_from"] == UNKNOWN) & every["grid_silent"]
        every.loc[silent, "grid_kw"] = assumed_grid_kw
        every.loc[silent, "grid_from"] = ASSUMED
    fit = [[s for s in sizes if not np.isnan(kw) and s.fits(kw)] for kw in every["grid_kw"].tolist()]
    every["sizes"] = [" ".join(s.name for s in some) for some in fit]
    every["chargers_most"] = [max((float(s.chargers) for s in some), default=np.nan) for some in fit]
    every["day_most"] = [max((s.day(assumed) for s in some), default=np.nan) for some in fit]
    refusal = every["refusal"].to_numpy(dtype=object).copy()
    least = min(s.kw for s in sizes)
    for k, (kw, cost) in enumerate(zip(every["grid_kw"].tolist(), every["site_cost"].tolist(), strict=True)):
        if not every["allowed"].iloc[k]:
            continue
        if np.isnan(kw):
            refusal[k] = Text("可用电力容量未知", "power of the grid is not known").both(" / ")
        elif not fit[k]:
            refusal[k] = Text(
                f"可用电力 {kw:g} kW，小于最小规模所需 {least:g} kW", f"grid gives {kw:g} kW of {least:g} kW needed"
            ).both(" / ")
        elif np.isnan(cost):
            refusal[k] = Text("用地费用未知", "cost of the site is not known").both(" / ")
    every["refusal"] = refusal
    every["allowed"] = pd.isna(pd.Series(refusal)).to_numpy()
    return gpd.GeoDataFrame(every[[*COLUMNS, "geometry"]], crs=city.crs), _findings(every, assumed_grid_kw)


def _tested(
    city: City, kind: str, layer: gpd.GeoDataFrame, exclusions: Mapping[str, gpd.GeoDataFrame] | None
) -> gpd.GeoDataFrame:
    layer = in_crs(kind, keyed(layer), city.crs)
    layer = gpd.GeoDataFrame(layer.set_axis(layer.index.astype(str), axis=0))
    taken = {**city.exclusions, **(exclusions or {})}
    if kind != VACANT:
        # What stands there already is no obstacle: a car park may be in a building.
        taken = {name: layer for name, layer in taken.items() if name not in ("water", "buildings")}
    if kind == VACANT:
        taken |= {k: v for k, v in (("water", city.water), ("buildings", city.buildings)) if v is not None}
    areas = {k: gpd.GeoDataFrame(v[v.geom_type.isin(["Polygon", "MultiPolygon"])]) for k, v in taken.items()}
    more = {} if kind == VACANT else {"min_area_m2": 0.0, "min_width_m": 0.1}
    made = make_candidates(
        "layer",
        layer=gpd.GeoDataFrame(layer.drop(columns="name", errors="ignore")),
        streets=None if city.network is None else city.network.edges_frame(),
        exclusions={k: v for k, v in areas.items() if len(v)},
        within=city.boundary,
        **more,  # type: ignore[arg-type]
    )
    here = layer.loc[made.index]
    names = here["name"].tolist() if "name" in here.columns else [None] * len(here)
    numbers = {
        column: _numbers(here[column]) if column in here.columns else np.full(len(here), otherwise)
        for column, otherwise in ((GRID_KW, np.nan), (SITE_COST, 0.0))
    }
    power = numbers[GRID_KW]
    silent = np.ones(len(here), dtype=bool)
    if GRID_KW in here.columns:
        silent = np.array([v is None or v is pd.NA or v != v or not str(v).strip() for v in here[GRID_KW].tolist()])
    return gpd.GeoDataFrame(
        made.assign(
            grid_from=np.where(np.isnan(power), UNKNOWN, STATED).astype(object),
            grid_silent=silent,
            name=[i if n is None or pd.isna(n) else str(n) for i, n in zip(made.index, names, strict=True)],
            kind=kind,
            kind_zh=KINDS[kind].zh,
            kind_en=KINDS[kind].en,
            **numbers,
        )
    )


def _numbers(column: pd.Series) -> np.ndarray:
    """Numbers of 0 or more; NaN where there is none."""
    found = np.full(len(column), np.nan)
    for k, value in enumerate(column.tolist()):
        if value is None or value is pd.NA:
            continue
        number, _, unreadable = parse_number(value)
        if not unreadable and math.isfinite(number) and number >= 0:
            found[k] = number
    return found


def _findings(places: pd.DataFrame, assumed_grid_kw: float | None) -> tuple[Finding, ...]:
    found = []
    taken = (places["grid_from"] == ASSUMED).to_numpy()
    if taken.any():
        text = Text(
            f"充电站候选点：{int(taken.sum())} 处可用电力容量缺失，按 {assumed_grid_kw:g} kW 计（研究假定）",
            f"places for stations: power of the grid of {int(taken.sum())} is missing; taken as {assumed_grid_kw:g} kW "
            "(assumed by the study)",
        )
        ids = listed(places.index[taken])
        found.append(Finding(code="station_grid_assumed", kind="warning", count=int(taken.sum()), text=text, ids=ids))
    for column, zh, en in (("grid_kw", "可用电力容量", "power of the grid"), ("site_cost", "用地费用", "site cost")):
        rows = places[column].isna().to_numpy()
        if rows.any():
            text = Text(
                f"充电站候选点：{int(rows.sum())} 处{zh}缺失、非数字或为负，不作候选",
                f"places for stations: {en} of {int(rows.sum())} is missing, no number or negative; not candidates",
            )
            ids = listed(places.index[rows])
            found.append(Finding(code=f"station_{column}", kind="warning", count=int(rows.sum()), text=text, ids=ids))
    return tuple(found)
