"""Several years: what the last of them needs is planned first, and each site opens when it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from siting.coverage.schema import keyed
from siting.errors import InputError
from siting.themes.waste.chain.plan import ChainPlan, site_chain
from siting.themes.waste.chain.rates import Rates
from siting.themes.waste.streams import Stream, tonnes_of

if TYPE_CHECKING:
    from siting.network import Network

OPENING_COLUMNS = ["station", "status", "opens", "station_class", "capacity_t_day"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ChainYears:
    """A plan for each year, none of which closes what an earlier one opened.

    Attributes
    ----------
    plans : by year, ascending
    openings : one row a station that is open in the last year: the year in which it opens (None: it stands)
    table : one row a year: tonnes, stations, cost and bound of a day
    """

    plans: Mapping[int, ChainPlan]
    openings: pd.DataFrame
    table: pd.DataFrame


def site_chain_years(
    network: Network,
    sources: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame,
    plants: gpd.GeoDataFrame,
    *,
    rates: Rates,
    growth: Mapping[int, float | Mapping[Stream, float]],
    **options: Any,
) -> ChainYears:
    """Plan the last year with all candidates, then the years before with those that the last one opened.

    What an earlier year opens stays open: it is required of the year after, which is planned again among the sites of
    the last year. Each year is proved by itself among its own candidates; that the sequence is the cheapest of all is
    not.

    Parameters
    ----------
    growth : by year, what the tonnes of ``sources`` are multiplied by, for all streams or each
    options : as `siting.themes.waste.site_chain` takes them
    """
    if not growth:
        msg = "waste chain: growth is empty; give a factor for one year at least"
        raise InputError(msg)
    years, stations = sorted(growth), keyed(stations)
    last = site_chain(network, _grown(sources, growth[years[-1]]), stations, plants, rates=rates, **options)
    chosen = set(last.opened.index)
    within = stations[stations.index.astype(str).isin(chosen)].copy()
    if "status" in within.columns:
        within["status"] = within["status"].replace("required", "candidate")
    early = {key: value for key, value in options.items() if key not in ("required", "excluded")}
    plans: dict[int, ChainPlan] = {}
    opened: list[str] = []
    for year in years[:-1]:
        plans[year] = site_chain(
            network, _grown(sources, growth[year]), gpd.GeoDataFrame(within), plants, rates=rates,
            required=opened, **early,
        )  # fmt: skip
        opened = sorted(
            plans[year].stations.index[plans[year].stations["opened"] & (plans[year].stations["status"] != "existing")]
        )
    plans[years[-1]] = last
    return ChainYears(plans=plans, openings=_openings(plans), table=_table(plans))


def _grown(sources: gpd.GeoDataFrame, factor: float | Mapping[Stream, float]) -> gpd.GeoDataFrame:
    columns = [c for c in sources.columns if str(c).startswith(tonnes_of("other").removesuffix("other"))]
    made = sources.copy()
    for column in columns:
        stream = str(column).removeprefix("t_day_")
        by = factor if isinstance(factor, int | float) else factor.get(stream, 1.0)  # type: ignore[call-overload]
        if not 0 <= by < float("inf"):
            msg = f"waste chain: growth of {stream} is {by!r}, expected a factor of 0 or more"
            raise InputError(msg)
        made[column] = made[column] * by
    return gpd.GeoDataFrame(made)


def _openings(plans: Mapping[int, ChainPlan]) -> pd.DataFrame:
    rows, seen = [], set()
    for year, plan in plans.items():
        for station, row in plan.opened.iterrows():
            if station in seen:
                continue
            seen.add(station)
            opens = None if row["status"] == "existing" else year
            rows.append((station, row["status"], opens, row["station_class"], row["capacity_t_day"]))
    frame = pd.DataFrame(rows, columns=OPENING_COLUMNS)
    return frame.astype({"opens": "Int64"})


def _table(plans: Mapping[int, ChainPlan]) -> pd.DataFrame:
    return pd.DataFrame([
        {
            "year": year,
            "t_day": float(plan.sources["t_day"].sum()),
            "stations": len(plan.opened),
            "cost_day": plan.cost_day,
            "bound_day": plan.bound_day,
        }
        for year, plan in plans.items()
    ])  # fmt: skip
