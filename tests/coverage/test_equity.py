"""How evenly access is shared out, by hand and against the plain definition.

four homes, one person each:   A 100 m    B 100 m    C 200 m    D 400 m

people   0   1/4   2/4   3/4   1
metres   0   1/8   2/8   4/8   1        G = 1 − 1/4 × (1/8 + 3/8 + 6/8 + 12/8) = 5/16
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.coverage import equity
from siting.errors import SchemaError


def homes(people, **columns):
    n = len(people)
    return gpd.GeoDataFrame(
        {"people": np.asarray(people, dtype=float), **columns},
        geometry=gpd.points_from_xy(np.arange(n), np.zeros(n)),
        index=pd.Index([f"h{i}" for i in range(n)], name="id"),
        crs="EPSG:32650",
    )


def test_the_drawn_homes():
    found = equity(homes([1, 1, 1, 1]), np.array([100.0, 100, 200, 400]), more_is_better=False)
    assert found.gini == pytest.approx(5 / 16)
    assert found.mean == 200
    assert found.lorenz.to_numpy().tolist() == [[0, 0], [0.5, 0.25], [0.75, 0.5], [1, 1]]


def test_the_worst_tenth_counts_the_last_home_in_part():
    # 10 people in all: the worst person is half of the two at 400 m
    found = equity(homes([4, 4, 2]), np.array([100.0, 200, 400]), more_is_better=False)
    assert (found.worst_limit, found.worst_mean) == (400, 400)
    assert found.groups.loc["all", "worst_people"] == 1
    better = equity(homes([4, 4, 2]), np.array([0.1, 0.2, 0.4]), more_is_better=True)
    assert (better.worst_limit, better.worst_mean) == (0.1, 0.1)


def test_people_without_a_path_are_the_worst_served_and_not_in_the_mean():
    found = equity(homes([8, 1, 1]), np.array([100.0, 300, np.inf]), more_is_better=False)
    assert found.without == 1
    assert found.mean == pytest.approx((8 * 100 + 300) / 9)
    assert found.worst_limit == np.inf
    assert found.worst_mean == np.inf


def test_groups_and_zones_say_who_the_worst_served_are():
    demand = homes([5, 4, 1], group_elderly=[1.0, 0.5, 0.5], zone_community=["东", "东", "西"])
    found = equity(demand, np.array([10.0, 20, 900]), more_is_better=False)
    assert found.groups.loc["elderly", ["people", "worst_people", "worst_share"]].tolist() == [2, 0.5, 0.25]
    assert found.zones.loc[("community", "西"), ["people", "mean", "worst_people"]].tolist() == [1, 900, 1]
    assert found.zones["worst_people"].sum() == found.groups.loc["all", "worst_people"] == 1


def test_the_same_for_all_is_even_and_nothing_at_all_has_no_gini():
    assert equity(homes([3, 9]), np.array([70.0, 70]), more_is_better=False).gini == pytest.approx(0)
    assert equity(homes([3, 9]), np.array([0.0, 0]), more_is_better=True).gini == 0
    none = equity(homes([3, 9]), np.array([np.inf, np.inf]), more_is_better=False)
    assert (none.gini, none.mean, none.without) == (None, None, 12)


@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 30)), min_size=1, max_size=12), st.randoms(), st.booleans()
)
def test_gini_is_the_mean_difference_over_twice_the_mean(rows, random, better):
    people, value = np.array(rows, dtype=float).T
    each = np.repeat(value, people.astype(int))
    expected = np.abs(each[:, None] - each).mean() / (2 * each.mean()) if each.any() else 0.0
    found = equity(homes(people), value, more_is_better=better)
    assert found.gini == pytest.approx(expected, abs=1e-12)
    worst = np.sort(each)[: len(each)] if better else np.sort(each)[::-1]
    tenth = round(len(each) * 1000 * 0.1)
    by_milli = np.repeat(worst, 1000)[:tenth]
    assert found.worst_mean == pytest.approx(by_milli.mean())
    assert found.groups.loc["all", "worst_people"] * 1000 == pytest.approx(tenth)
    order = list(range(len(people)))
    random.shuffle(order)
    assert equity(homes(people[order]), value[order], more_is_better=better).gini == found.gini


def test_what_cannot_be_shared_out_is_refused():
    with pytest.raises(SchemaError, match="1 figures are negative"):
        equity(homes([1, 2]), np.array([5.0, -1]), more_is_better=False)
    with pytest.raises(SchemaError, match="no column 'people'"):
        equity(homes([1, 2]).drop(columns="people"), np.array([5.0, 1]), more_is_better=False)
    with pytest.raises(SchemaError, match="figures for 2 demand points"):
        equity(homes([1, 2]), np.array([5.0]), more_is_better=False)
