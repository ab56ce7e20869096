"""Candidates that some sources have no way to: by hand, and what they lose never helps them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from waste_ground import CRS, layer

from siting.errors import InputError
from siting.ledger import Text
from siting.network import Network
from siting.themes import City
from siting.themes.waste.plants import Criterion, rank_plants, site_plant
from siting.themes.waste.plants.haul import TONNES_DAY, haul_of, median_of

NO = np.inf


def haul(cost_km, weight, candidates=None):
    cost = 1000 * np.array(cost_km, dtype=float)
    ids = [f"s{i}" for i in range(len(weight))]
    points = gpd.GeoSeries.from_xy(np.arange(len(ids)), np.zeros(len(ids)), index=ids, crs=CRS)
    sources = gpd.GeoDataFrame({"weight": np.array(weight, dtype=float)}, geometry=points, index=ids)
    places = tuple("ABCDEF"[: cost.shape[1]])
    return haul_of(sources, TONNES_DAY, places, candidates or len(places), cost, by_network=True)


#  km      A    B    C      t/d
#  s0      2    5    -       50
#  s1      3    4    -       49
#  s2      -    6    1        1
#  s3      -    -    -        7     no plot at all: outside of every comparison
TABLE = [[2, 5, NO], [3, 4, NO], [NO, 6, 1], [NO, NO, NO]]
TONNES = [50, 49, 1, 7]


def test_what_has_no_way_counts_twice_the_longest_way():
    found = haul(TABLE, TONNES)
    assert found.served == pytest.approx([0.99, 1, 0.01])
    assert found.lost.tolist() == [1, 0, 99]
    assert (found.unreached, found.unreached_weight) == (("s3",), 7)
    # longest way 6 km: none counts 12. A 50 x 2 + 49 x 3 + 1 x 12, B 50 x 5 + 49 x 4 + 1 x 6, C 99 x 12 + 1 x 1
    assert found.no_way_m == 12_000
    assert found.work == pytest.approx([259, 452, 1189])
    assert found.mean_km == pytest.approx([2.59, 4.52, 11.89])
    plan, _ = median_of(found, 1, time_limit_s=10, seed=0)
    assert (plan.sites.tolist(), plan.objective) == ([0], pytest.approx(259_000))
    # two plots: s2 goes to C, 1 km, and C is opened for it
    plan, _ = median_of(found, 2, time_limit_s=10, seed=0)
    assert (sorted(plan.sites.tolist()), plan.objective) == ([0, 2], pytest.approx(248_000))


def test_a_plant_that_stands_serves_what_a_candidate_cannot():
    # B stands: s2 goes there from either plot; s0 and s1 to the nearer
    found = haul([[2, NO, 5], [3, NO, 4], [NO, 1, 6]], [50, 49, 1], candidates=2)
    assert found.served == pytest.approx([0.99, 0.01])
    assert found.lost.tolist() == [0, 0]
    assert found.work == pytest.approx([50 * 2 + 49 * 3 + 6, 50 * 5 + 49 * 4 + 1])
    assert found.before == pytest.approx(50 * 5 + 49 * 4 + 6)


def test_fewer_candidates_keep_the_same_sources():
    found = haul([[2, 9], [NO, 4]], [1, 1]).of_candidates(np.array([True, False]))
    assert found.places == ("A",)
    # s1 reaches neither: twice 2 km
    assert found.work == pytest.approx([2 + 4])


#   streets:  0 ---------------- 1200 -> 1500 ------- 3000     one-way from west to east at 1200..1500
#   sources:  q1 100 (1 t)   q2 600 (1 t)   q3 2500 (98 t)
STREETS = layer(
    {
        "w": shapely.LineString([(0, 500), (1200, 500)]),
        "m": shapely.LineString([(1200, 500), (1500, 500)]),
        "e": shapely.LineString([(1500, 500), (3000, 500)]),
    },
    oneway=["no", "yes", "no"],
)
SOURCES = layer({"q1": (100, 500), "q2": (600, 500), "q3": (2500, 500)}, t_day_recyclable=[1.0, 1, 98])
PLOTS = layer({"W": (1000, 520, 1100, 620), "E": (2000, 520, 2100, 620)})


@pytest.fixture(scope="module")
def drive():
    return Network.from_lines(STREETS, crs=CRS, mode="drive")


@pytest.fixture(scope="module")
def city():
    demand = layer({"d": (150, 650)}, people=[100])
    facilities = layer({"f": (2950, 650)}).assign(**{"class": "primary_school"})
    return City.of(None, demand, facilities, vacant=PLOTS, boundary=layer({"b": (0, 0, 3000, 1000)}))


def test_a_plot_behind_a_one_way_street_fails_and_the_other_is_ranked(city, drive):
    site = site_plant(city, "sorting", sources=SOURCES, drive=drive, weights={"haul": 1, "area": 1})
    # q1 and q2 reach both plots, q3 (98 of 100 t) cannot come back west
    assert site.candidates["haul_served"].to_dict() == pytest.approx({"W": 0.02, "E": 1})
    assert site.candidates["allowed"].to_dict() == {"W": False, "E": True}
    served = site.tests[site.tests["test"] == "served"].set_index("plot")
    assert served["outcome"].to_dict() == {"W": "fail", "E": "pass"}
    assert served.loc["W", ["measured", "asked", "short", "confidence"]].tolist() == [0.02, 0.95, 0.93, "own"]
    assert "no clause gives one" in served.loc["W", "clause_en"]
    assert site.best_by_score == "E"
    lines = [line.en for line in site.themed().headlines]
    assert "candidates that vehicles have no way to: 1; at most 2.0% can be brought, 95.0% asked: not ranked" in (lines)
    assert np.isnan(site.candidates.loc["W", "haul_km"])


def test_the_study_may_ask_for_less_and_what_is_lost_still_counts(city, drive):
    site = site_plant(city, "sorting", sources=SOURCES, drive=drive, weights={"haul": 1}, min_served=0.02)
    assert site.candidates["allowed"].all()
    assert site.candidates["haul_lost"].to_dict() == {"W": 98, "E": 0}
    assert site.best_by_score == "E"
    # 98 t have no way to W: they count twice the longest way, from q1 to E
    ways = dict(zip(site.haul.places, site.haul.cost.T / 1000, strict=True))
    assert site.haul.no_way_m == pytest.approx(2 * 1000 * ways["E"][0])
    assert site.candidates.loc["W", "haul_work"] == pytest.approx(ways["W"][:2].sum() + 98 * 2 * ways["E"][0])
    themed = site.themed()
    assert "98.00 t/d have no way" in themed.table("waste_plant_sorting_candidates").note.en
    assert themed.figures["haul_lost"] == 98


def test_several_plants_share_the_sources_and_a_plot_without_any_way_fails(city, drive):
    site = site_plant(city, "sorting", sources=SOURCES.loc[["q3"]], drive=drive, p=2)
    served = site.tests[site.tests["test"] == "served"].set_index("plot")
    assert served["outcome"].to_dict() == {"W": "fail", "E": "not_judged"}
    assert "no source has a way to it" in site.candidates.loc["W", "reason_en"]
    with pytest.raises(InputError, match=r"min_served is 1\.5"):
        site_plant(city, "sorting", min_served=1.5)


BOTH = (
    Criterion(name="haul", title=Text("运距", "haul"), better="less"),
    Criterion(name="price", title=Text("地价", "price"), better="less"),
)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), n=st.integers(1, 5), k=st.integers(2, 4), least=st.sampled_from([0.3, 0.6, 0.95]))
def test_a_candidate_that_loses_a_source_never_gets_better(data, n, k, least):
    # The last source reaches all at the longest way, 9 km, so that what no way counts as stays the same.
    ways = st.one_of(st.integers(1, 9), st.just(NO))
    cost = data.draw(st.lists(st.lists(ways, min_size=k, max_size=k), min_size=n, max_size=n))
    weight = [*data.draw(st.lists(st.integers(1, 9), min_size=n, max_size=n)), 1]
    price = data.draw(st.lists(st.integers(0, 5), min_size=k, max_size=k))
    matrix = np.array([*cost, [9] * k], dtype=float)
    reached = np.argwhere(np.isfinite(matrix[:-1]))
    if not len(reached):
        return
    source, who = reached[data.draw(st.integers(0, len(reached) - 1))]
    fewer = matrix.copy()
    fewer[source, who] = NO

    def judged(cost_km):
        found = haul(cost_km, weight)
        kept = found.served >= least
        some = found.of_candidates(kept)
        table = pd.DataFrame({"haul": some.mean_km, "price": np.array(price)[kept]}, index=list(some.places))
        ranks = rank_plants(table, BOTH, {"haul": 0.6, "price": 0.4}).table["rank"]
        return found, ranks.get("ABCDEF"[who], np.inf)

    before, rank = judged(matrix)
    after, rank_after = judged(fewer)
    assert after.served[who] <= before.served[who] + 1e-12
    assert rank_after >= rank
    others = np.arange(k) != who
    assert (after.served[others] >= before.served[others] - 1e-12).all()
