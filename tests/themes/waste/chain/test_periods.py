"""Plants that open and close at a date: what each month has, what finds no room, what goes elsewhere than before."""

import itertools
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from siting.errors import InfeasibleError, InputError
from siting.network import Network
from siting.themes.waste.chain import StreamRates, site_chain, site_chain_years
from siting.themes.waste.chain.periods import period_of, read_spans

METRES = CRS.from_epsg(32649)
#  metres    0        1000      2000      3000      4000      5000      6000
#            L --------s1--------T---------s2-------- ---------I---------J       all on one street
#  s1 makes 10 t/d, s2 20 t/d. T stands and costs nothing; straight ways cost 1 a tonne and km, over T 1 to it, then 1.
#  L, a landfill, takes 30 t/d, closed from 2019-08; I, an incinerator, 12 t/d from 2019-06; J 40 t/d from 2019-09.
AT = {"L": 0, "s1": 1000, "T": 2000, "s2": 3000, "I": 5000, "J": 6000}
RATES = {"other": StreamRates(collect_per_t_km=1.0, haul_per_t_km=1.0, direct_per_t_km=1.0)}


def layer(*ids, **columns):
    return gpd.GeoDataFrame(
        columns, geometry=[shapely.Point(AT[i], 0) for i in ids], index=pd.Index(ids, name="id"), crs=METRES
    )


def street():
    lines = [shapely.LineString([(a, 0), (b, 0)]) for a, b in itertools.pairwise(sorted(AT.values()))]
    return Network.from_lines(
        gpd.GeoDataFrame({"highway": "residential"}, geometry=lines, index=range(len(lines)), crs=METRES),
        crs=METRES, mode="drive",
    )  # fmt: skip


SOURCES = layer("s1", "s2", t_day_other=[10.0, 20.0])
STATION = layer("T", capacity_t_day=[100.0], status=["existing"])
MONTHS = ("2019-05", "2019-06", "2019-08", "2019-09")


def plants(opens=(None, "2019-06", "2019-09"), closes=("2019-08", None, None), capacity=(30.0, 12.0, 40.0)):
    return layer("L", "I", "J", capacity_t_day=list(capacity), status=["existing"] * 3, opens=list(opens),
                 closes=list(closes))  # fmt: skip


def years(growth=None, stations=STATION, goals=None, **options):
    growth = dict.fromkeys(MONTHS, 1.0) if growth is None else growth
    return site_chain_years(
        street(), SOURCES, stations, plants() if goals is None else goals, rates=RATES, growth=growth, **options
    )


def test_each_month_uses_what_is_open_and_says_what_has_no_room():
    """May: all to L, 10 x 1 + 20 x 3 = 70. June: I takes 12 t of s2 at 2 km for 3: 70 - 12 = 58. August: L is closed,
    I takes 12 of the 30 t/d, 18 have no room; the 12 nearest, of s2: 24. September: I and J: s2 is 3 km from J, s1
    4 from I and 5 from J, so whoever goes to I spares 1 a tonne: 10 x 5 + 20 x 3 - 12 = 98.
    """
    found = years()
    table = found.table.set_index("period")
    assert list(found.plans) == list(MONTHS)
    assert table["plants"].tolist() == [1, 2, 1, 2]
    assert table["capacity_t_day"].tolist() == [30, 42, 12, 52]
    assert table["t_day"].tolist() == [30] * 4
    assert table["short_t_day"].tolist() == pytest.approx([0, 0, 18, 0], abs=0.002)
    assert table["carried_t_day"].tolist() == pytest.approx([30, 30, 12, 30], abs=0.002)
    assert table["cost_day"].tolist() == pytest.approx([70, 58, 24, 98], abs=0.01)
    assert (table["bound_day"] <= table["cost_day"] + 1e-9).all()
    assert table["bound_day"].tolist() == pytest.approx(table["cost_day"].tolist(), abs=0.05)
    load = found.plants.pivot_table("load_t_day", "period", "plant")
    assert load[["L", "I", "J"]].to_numpy().tolist() == pytest.approx(
        [pytest.approx(row, abs=0.002) for row in ([30, 0, 0], [18, 12, 0], [0, 12, 0], [0, 12, 18])]
    )
    assert found.plants.loc[found.plants["plant"] == "L", "open"].tolist() == [True, True, False, False]
    assert found.streams["short_t_day"].sum() == pytest.approx(18, abs=0.002)


def test_what_goes_elsewhere_than_before_is_summed_up():
    """June: 12 t from L to I. August: the 18 t that L still had have no room. September: these go to I or J."""
    table = years().reassigned
    assert set(table["period"]) == set(MONTHS[1:])
    june = table[table["period"] == "2019-06"]
    assert june[["from_plant", "to_plant"]].to_numpy().tolist() == [["L", "I"]]
    assert june["t_day"].tolist() == pytest.approx([12])
    august = table[table["period"] == "2019-08"]
    assert august.loc[august["from_plant"] == "L", "t_day"].sum() == pytest.approx(18, abs=0.002)
    assert august.loc[august["to_plant"] == "", "t_day"].sum() == pytest.approx(18, abs=0.002)
    september = table[(table["period"] == "2019-09") & (table["from_plant"] == "")]
    assert september["t_day"].sum() == pytest.approx(18, abs=0.002)


def test_what_is_open_in_part_of_a_period_does_not_count_in_it():
    found = years({2019: 1.0, 2020: 1.0})
    table = found.table.set_index("period")
    # 2019: L closes within it, I and J open within it: none is open throughout.
    assert table["capacity_t_day"].tolist() == [0, 52]
    assert table["short_t_day"].tolist() == pytest.approx([30, 0])
    (said,) = (f for f in found.findings if f.code == "waste_plants_part")
    assert set(said.ids) == {"L", "I", "J"}


def test_dates_that_cannot_be_read_are_listed_and_never_guessed():
    goals = plants(opens=("soon", "2019-06", "2019-13"), closes=(None, "2019-06", None))
    found = years({"2019-10": 1.0}, goals=goals)
    (said,) = (f for f in found.findings if f.code == "waste_plants_dates")
    assert (said.kind, said.count, set(said.ids)) == ("dropped", 3, {"L", "I", "J"})
    assert found.table["short_t_day"].tolist() == pytest.approx([30])


@pytest.mark.parametrize("given", ["2019-06", "2019-06-01", date(2019, 6, 1), pd.Timestamp("2019-06-01")])
def test_dates_of_many_kinds(given):
    spans = read_spans(layer("I", opens=[given]))
    assert spans.opens == [date(2019, 6, 1)]
    assert not spans.unusable.any()
    assert spans.whole(period_of("2019-06")).all()
    assert not spans.whole(period_of("2019-05")).any()


@pytest.mark.parametrize("given", [2019, 2019.0, "2019", " 2019 "])
def test_a_year_runs_from_january(given):
    assert read_spans(layer("I", opens=[given])).opens == [date(2019, 1, 1)]


def test_empty_dates_are_no_limit():
    spans = read_spans(layer("L", "I", opens=[None, pd.NaT], closes=["", float("nan")]))
    assert spans.whole(period_of(1990)).all()


@pytest.mark.parametrize("given", ["2019-6", "2019-06-15", "199", "2019-13", "June 2019", 19.5])
def test_what_is_no_period_is_refused(given):
    with pytest.raises(InputError, match="neither a year"):
        period_of(given)


def test_a_period_cannot_stand_twice():
    with pytest.raises(InputError, match="twice"):
        years({2019: 1.0, "2019": 2.0})


def test_stations_open_and_close_too():
    """Nothing may go straight: without a station nothing is carried; T closes in July, U opens in August."""
    rates = {"other": StreamRates(collect_per_t_km=1.0, haul_per_t_km=1.0)}
    both = layer("T", "s2", capacity_t_day=[100.0, 25.0], status=["existing", "candidate"],
                 opens=[None, "2019-08"], closes=["2019-07", None], fixed_cost_day=[0.0, 5.0])  # fmt: skip
    both.index = ["T", "U"]
    goals = plants(opens=(None,) * 3, closes=(None,) * 3)
    months = dict.fromkeys(("2019-06", "2019-07", "2019-08"), 1.0)
    found = site_chain_years(street(), SOURCES, both, goals, rates=rates, growth=months)
    assert found.table["short_t_day"].tolist() == pytest.approx([0, 30, 5], abs=0.002)
    assert found.openings.set_index("station")[["opens", "closes"]].to_dict("index") == {
        "T": {"opens": None, "closes": "2019-07"}, "U": {"opens": "2019-08", "closes": None},
    }  # fmt: skip


def test_one_plan_for_a_month_uses_what_is_open_then():
    june = site_chain(street(), SOURCES, STATION, plants(), rates=RATES, at="2019-06")
    assert june.cost_day == pytest.approx(58)
    assert june.plants.index.tolist() == ["L", "I"]
    with pytest.raises(InfeasibleError, match="18"):
        site_chain(street(), SOURCES, STATION, plants(), rates=RATES, at="2019-08")
    part = site_chain(street(), SOURCES, STATION, plants(), rates=RATES, at="2020")
    assert part.plants.index.tolist() == ["I", "J"]


def test_a_station_that_is_needed_before_the_last_period_stays_open():
    """Only over stations. T (fixed 1) would do in 2030, when it opens; 2029 has I alone (50), which then stays."""
    rates = {"other": StreamRates(collect_per_t_km=1.0, haul_per_t_km=1.0)}
    sites = layer("T", "I", capacity_t_day=[40.0, 40.0], status=["candidate"] * 2, opens=["2030", None],
                  fixed_cost_day=[1.0, 50.0])  # fmt: skip
    goals = layer("J", capacity_t_day=[40.0], status=["existing"])
    found = site_chain_years(street(), SOURCES, sites, goals, rates=rates, growth={2029: 1.0, 2030: 1.0})
    assert found.table["short_t_day"].tolist() == pytest.approx([0, 0])
    assert found.plans["2029"].opened.index.tolist() == ["I"]
    assert set(found.plans["2030"].opened.index) >= {"I"}
    assert found.openings.set_index("station").loc["I", "opens"] == "2029"


@pytest.mark.parametrize("seed", range(8))
def test_no_more_is_left_than_must_be(seed):
    """Streams that have together more than the plants that take any of them: the worst set says how much stays."""
    rng = np.random.default_rng(seed)
    streams = ("kitchen", "recyclable", "other")
    made = {s: rng.integers(0, 9, 2).astype(float) for s in streams}
    takes = [rng.choice(streams, rng.integers(1, 4), replace=False).tolist() for _ in range(3)]
    room = rng.integers(0, 9, 3).astype(float)
    goals = layer("L", "I", "J", capacity_t_day=room, streams=[",".join(t) for t in takes], status=["existing"] * 3,
                  opens=rng.choice(["2018", "2020"], 3))  # fmt: skip
    known = [s for s in streams if any(s in t for t in takes) and made[s].sum()]
    if not known:
        return
    points = layer("s1", "s2", **{f"t_day_{s}": made[s] for s in known})
    stands = (goals["opens"] == "2018").to_numpy()
    sets = [c for n in range(len(known) + 1) for c in itertools.combinations(known, n)]
    least = max(
        sum(made[s].sum() for s in some)
        - sum(r for r, t, here in zip(room, takes, stands, strict=True) if here and set(t) & set(some))
        for some in sets
    )
    rates = dict.fromkeys(known, RATES["other"])
    found = site_chain_years(street(), points, STATION, goals, rates=rates, growth={2019: 1.0})
    assert found.table["short_t_day"].tolist() == pytest.approx([least], abs=0.002)
    plan = found.plans["2019"]
    assert (plan.plants["load_t_day"] <= plan.plants["capacity_t_day"] + 1e-6).all()
    assert plan.bound_day <= plan.cost_day
