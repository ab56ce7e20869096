"""Tonnes per day and stream of every place that makes waste, with what is not known listed and never made up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from siting.coverage import assign_zones
from siting.coverage.rollup import ZONE_PREFIX
from siting.errors import InputError
from siting.ledger import Finding, Text
from siting.themes.city import City
from siting.themes.result import ThemeResult
from siting.themes.waste.generation.bands import A1, A2, A3, A4, FILL, PEAK, RATE, Band, band_of, check_shares
from siting.themes.waste.generation.sources import (
    KG_PER_T,
    LEFT_COLUMNS,
    ORIGINS,
    PEOPLE,
    Source,
    findings_of,
    listed_rows,
    read_source,
)
from siting.themes.waste.generation.totals import city_by_origin, design_table, q_by_zone, totals_of
from siting.themes.waste.generation.volumes import Container, volumes_of
from siting.themes.waste.generation.years import Year, check_years, years_table
from siting.themes.waste.streams import STREAMS, Stream, tonnes_of

Basis = Literal["mean", "design"]
ACCOUNT_COLUMNS = ["origin", "name_zh", "name_en", "rows_in", "rows_used", "rows_left", "how_zh", "how_en"]
NO_PEOPLE = (
    Text("居民生活垃圾产生量", "waste of residents"),
    Text("需求点没有人口", "the demand has no people"),
)
NO_SHARES = (
    Text("居民生活垃圾分类产生量", "residents' waste by stream"),
    Text(
        "研究未给出各类占比（shares）；总量已计，分类为未知",
        "the study gives no shares; the total stands, streams are unknown",
    ),
)
NO_CONTAINER = (
    Text("垃圾体积与容器数量", "volumes and containers"),
    Text(
        "研究未给出垃圾容重与容器容积（条文未给数值）",
        "the study states no density and no volume of a container (no clause does)",
    ),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Generation:
    """How much waste arises.

    Attributes
    ----------
    points : one row a source with known tonnes, index "<origin>:<id>"; ``origin``, ``source_id``, ``name``,
        ``amount`` (people, or units), ``t_day``, ``t_day_low``, ``t_day_high``, ``t_day_<stream>`` (NaN: the streams of
        this source are not known), ``zone_<level>``; geometry = a point in the study's CRS
    left_out : rows that are not counted, columns `LEFT_COLUMNS`, ``zone_<level>``
    accounts : per origin rows in = used + left, columns `ACCOUNT_COLUMNS`
    totals : the city and each zone, by origin and ``all``
    design : the city by stream: mean day, and the day that A1 and A2 make of it
    volumes : by zone and stream; None without a `Container`
    years : the city by year and origin; empty without years
    basis : whether tonnes are those of a mean day, or times A1 and A2
    figures : A1, A2, A3, A4, B, K and the rate, by rule
    shares : of residents' waste; None = not known
    """

    points: gpd.GeoDataFrame
    left_out: gpd.GeoDataFrame
    accounts: pd.DataFrame
    totals: pd.DataFrame
    design: pd.DataFrame
    volumes: pd.DataFrame | None
    years: pd.DataFrame
    basis: Basis
    figures: Mapping[str, Band]
    shares: Mapping[Stream, float] | None
    names: Mapping[str, Text]
    container: Container | None
    whose: Text | None
    findings: tuple[Finding, ...]
    missing: tuple[tuple[Text, Text], ...]
    zone_shapes: Mapping[str, Mapping[str, BaseGeometry]]

    @property
    def city(self) -> pd.Series:
        """Row of the whole city, all origins."""
        rows = self.totals[(self.totals["level"] == "city") & (self.totals["origin"] == "all")]
        return rows.iloc[0]

    @property
    def known_streams(self) -> tuple[Stream, ...]:
        """Streams whose tonnes are known at every source."""
        return tuple(s for s in STREAMS if not self.points[tonnes_of(s)].isna().any())

    def themed(self) -> ThemeResult:
        """Return layers, tables, figures and sentences for every output."""
        from siting.themes.waste.generation.shown import themed

        return themed(self)

    def __repr__(self) -> str:
        """Say how much there is."""
        return f"Generation({len(self.points)} sources, {self.city['t_day']:,.4g} t/d, {len(self.left_out)} left out)"


def waste_generated(
    city: City,
    *,
    kg_per_person_day: float | None = None,
    shares: Mapping[str, float] | None = None,
    sources: Sequence[Source] = (),
    basis: Basis = "mean",
    a1: float | None = None,
    a2: float | None = None,
    a3: float | None = None,
    a4: float | None = None,
    b: float | None = None,
    k: float | None = None,
    container: Container | None = None,
    base_year: int | None = None,
    years: Sequence[Year] = (),
    source: Text | None = None,
) -> Generation:
    """Work out the tonnes per day of every source.

    Residents make R x C on a mean day, and Q = A1 x A2 x R x C on the day that the clause plans for.

    Parameters
    ----------
    kg_per_person_day : C, the study's own; default: the range of ``waste.percap``, an unverified default: tonnes are
        then those of its middle, with ``t_day_low`` and ``t_day_high`` beside them
    shares : of the streams of residents' waste, adding up to 1; None: the streams are not known
    sources : layers beside homes; A1 and A2 are about residents and do not touch them
    basis : "mean" = tonnes of a mean day; "design" = times A1 and A2, which the study must then choose
    a1, a2, a3, a4, b, k : the study's own; default: the ranges of the clause, carried through as ranges
    container : density and container, for volumes and bins
    base_year, years : later years, as factors against today
    source : on whose word the study's figures about residents stand

    Returns
    -------
    `Generation`. Rows that cannot be used are listed with the reason: rows in = rows used + rows listed.

    Raises
    ------
    InputError
        Figures that are no numbers above 0, shares that do not add up to 1, two sources of one origin, a layer without
        its column.
    """
    if basis not in ("mean", "design"):
        msg = f"waste: basis is {basis!r}, expected 'mean' or 'design'"
        raise InputError(msg)
    if basis == "design" and (a1 is None or a2 is None):
        msg = "waste: basis 'design' needs a1 and a2, the study's own choice within the ranges of the clause"
        raise InputError(msg)
    origins = [s.origin for s in sources]
    if len(set(origins)) < len(origins):
        msg = f"waste: origins {', '.join(origins)}: each source needs a word of its own"
        raise InputError(msg)
    given = {RATE: kg_per_person_day, A1: a1, A2: a2, A3: a3, A4: a4, FILL: b, PEAK: k}
    figures = {rule: band_of(city.catalogue, rule, own) for rule, own in given.items()}
    own_shares = None if shares is None else check_shares(shares, "residents")
    later = check_years(base_year, years, origins)
    factor = figures[A1].low * figures[A2].low if basis == "design" else 1.0
    parts = [_residents(city, figures[RATE], own_shares, factor)]
    parts += [read_source(s, city.crs) for s in sources]
    points = _together([part[0] for part in parts], city)
    left = _together([part[1] for part in parts], city)[
        [*LEFT_COLUMNS, *(ZONE_PREFIX + level for level in city.zones), "geometry"]
    ]
    names = {PEOPLE: ORIGINS[PEOPLE], **{s.origin: s.words for s in sources}}
    totals = totals_of(city, points, left, list(names))
    missing = [] if "people" in city.demand.columns else [NO_PEOPLE]
    if own_shares is None and not missing:
        missing.append(NO_SHARES)
    volumes = None
    if container is None:
        missing.append(NO_CONTAINER)
    else:
        wide = q_by_zone(totals, figures[A1], figures[A2], factor)
        volumes = volumes_of(wide, container, figures[A3], figures[FILL], figures[PEAK], figures[A4])
    found = [f for part in parts for f in part[2]]
    found += [f for f in (band.finding() for band in figures.values()) if f is not None]
    hows = {PEOPLE: _how(figures[RATE], source), **{s.origin: s.how for s in sources}}
    return Generation(
        points=points,
        left_out=gpd.GeoDataFrame(left),
        accounts=_accounts(names, hows, points, left),
        totals=totals,
        design=design_table(totals, figures[A1], figures[A2], factor),
        volumes=volumes,
        years=years_table(city_by_origin(totals), base_year, later),
        basis=basis,
        figures=figures,
        shares=own_shares,
        names=names,
        container=container,
        whose=source,
        findings=tuple(found),
        missing=tuple(missing),
        zone_shapes={
            level: dict(zip(layer.index.astype(str), layer.geometry, strict=True))
            for level, layer in city.zones.items()
        },
    )


def _residents(
    city: City, rate: Band, shares: Mapping[Stream, float] | None, factor: float
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, tuple[Finding, ...]]:
    demand = city.demand
    n = len(demand)
    ids = demand.index.astype(str).to_numpy()
    known = "people" in demand.columns
    people = demand["people"].to_numpy(dtype=np.float64) if known else np.full(n, np.nan)
    columns: dict[str, Any] = {"origin": PEOPLE, "source_id": ids, "name": ids, "amount": people}
    for name, each in (("t_day", rate.mid), ("t_day_low", rate.low), ("t_day_high", rate.high)):
        columns[name] = people * each * factor / KG_PER_T
    if shares is not None:
        columns |= {tonnes_of(s): columns["t_day"] * shares.get(s, 0.0) for s in STREAMS}
    frame = gpd.GeoDataFrame(
        columns,
        geometry=np.asarray(demand.geometry),
        crs=city.crs,
        index=pd.Index([f"{PEOPLE}:{i}" for i in ids], name="id"),
    )
    reason = np.select([np.isinf(people), people < 0, np.isnan(people)], ["infinite", "negative", "missing"], "")
    bad = reason != ""
    # Without a column of people all rows are unknown: said once as missing, and listed all the same.
    left = listed_rows(gpd.GeoDataFrame(frame[bad]), reason[bad], people[bad].astype(object))
    return gpd.GeoDataFrame(frame[~bad]), left, findings_of(ORIGINS[PEOPLE], left)


def _together(parts: Sequence[gpd.GeoDataFrame], city: City) -> gpd.GeoDataFrame:
    """Put parts under one another, with every tonnes column and the zones of each row."""
    rows = [part for part in parts if len(part)]
    made = gpd.GeoDataFrame(pd.concat(rows) if rows else parts[0], geometry="geometry", crs=city.crs)
    if "t_day" in made.columns:
        for end in ("t_day_low", "t_day_high"):
            made[end] = made[end].where(made[end].notna(), made["t_day"]) if end in made.columns else made["t_day"]
        for stream in STREAMS:
            if tonnes_of(stream) not in made.columns:
                made[tonnes_of(stream)] = np.nan
    placed = assign_zones(made, city.zones)
    return gpd.GeoDataFrame(made.assign(**{str(c): placed[c] for c in placed.columns}))


def _accounts(
    names: Mapping[str, Text], hows: Mapping[str, Text], points: pd.DataFrame, left: pd.DataFrame
) -> pd.DataFrame:
    rows = []
    for origin, name in names.items():
        used, out = int((points["origin"] == origin).sum()), int((left["origin"] == origin).sum())
        rows.append((origin, name.zh, name.en, used + out, used, out, hows[origin].zh, hows[origin].en))
    return pd.DataFrame(rows, columns=ACCOUNT_COLUMNS)


def _how(rate: Band, whose: Text | None) -> Text:
    if rate.own and whose is not None:
        return Text(f"人均 {rate.low:g} 千克/日（{whose.zh}）", f"{rate.low:g} kg a person and day ({whose.en})")
    zh, en = rate.text.zh, rate.text.en
    if not rate.own:
        zh, en = f"{zh}，取中值 {rate.mid:g}", f"{en}, its middle {rate.mid:g} taken"
    assert math.isfinite(rate.mid)
    return Text(f"人均日产生量 {zh}", f"waste of a person: {en}")
