"""Cumulative opportunities, gravity and detours: by hand, and against dense matrices."""

import math

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from street_drawing import areas, draw, points

from siting.access import Decay, cost_matrix, count_unreachable, cumulative, detour_ratio, gravity, nearest
from siting.errors import NetworkDataError, SchemaError

#  A(0,0) --- 100 --- h --- 200 --- B(300,0)      metres
#    school 40                        clinic 7
#                                     | 100
#                                   C(300,100) park 5          island X ---- Y
NODES = {"A": (0, 0), "B": (300, 0), "C": (300, 100), "X": (0, 900), "Y": (100, 900)}


@pytest.fixture(scope="module")
def street():
    return draw(NODES, "A B C", "X Y")


@pytest.fixture
def there():
    return points(school=(0, 0), clinic=(300, 0), park=(300, 100)).assign(seats=[40, 7, 5], area=[1.5, 0.25, 2.0])


def test_sums_within_cutoffs_by_hand(street, there):
    table = cumulative(street, points(h=(100, 0), y=(100, 900)), there, [100, 199.999, 200, 300], "seats")
    assert table.loc["h"].tolist() == [40, 40, 47, 52, 100]
    assert table.loc["y"].tolist() == [0, 0, 0, 0, math.inf]
    assert table.columns.tolist() == ["within_100", "within_199.999", "within_200", "within_300", "nearest"]
    assert (table.dtypes.iloc[:4] == np.int64).all()
    assert count_unreachable(table) == 1


def test_each_row_counts_once_without_a_weight_and_floats_are_sums_of_floats(street, there):
    home = points(h=(100, 0))
    assert cumulative(street, home, there, 300)["within_300"].tolist() == [3]
    assert cumulative(street, home, there, 300, "area")["within_300"].tolist() == [3.75]


def test_gravity_by_hand(street, there):
    homes = points(h=(100, 0), y=(100, 900))
    table = gravity(street, homes, there, "seats", decay="exponential", beta=0.01)
    assert table.loc["h", "access"] == pytest.approx(40 * math.exp(-1) + 7 * math.exp(-2) + 5 * math.exp(-3), rel=1e-15)
    assert table.loc["y"].tolist() == [0.0, math.inf]
    assert count_unreachable(table) == 1
    linear = gravity(street, homes, there, "seats", decay="linear", threshold=300)
    assert linear.loc["h", "access"] == pytest.approx(40 * 2 / 3 + 7 / 3, rel=1e-15)
    near = gravity(street, homes, there, decay=Decay(kind="power", beta=1.0), cutoff=200)
    assert near.loc["h", "access"] == pytest.approx(1 / 100 + 1 / 200)


def test_a_step_is_the_cumulative_count(street, there):
    homes = points(h=(100, 0), k=(300, 50), y=(100, 900))
    step = gravity(street, homes, there, "seats", decay="step", threshold=200)
    assert step["access"].tolist() == cumulative(street, homes, there, 200, "seats")["within_200"].tolist()


def test_bad_settings_are_refused_with_their_rows(street, there):
    home = points(h=(100, 0))
    with pytest.raises(SchemaError, match=r"cutoffs \[-1.0\]"):
        cumulative(street, home, there, -1)
    with pytest.raises(SchemaError, match="must be different metres"):
        cumulative(street, home, there, [5, 5])
    with pytest.raises(SchemaError, match=r"no column 'beds'\. Name one of its columns of numbers: seats, area"):
        cumulative(street, home, there, 5, "beds")
    with pytest.raises(SchemaError, match=r"1 of 3 rows are missing, not finite or negative \(ids clinic\)"):
        gravity(street, home, there.assign(seats=[1.0, np.nan, 3.0]), "seats", decay="step", threshold=5)
    with pytest.raises(SchemaError, match=r"\(ids school\)"):
        cumulative(street, home, there.assign(seats=[-1, 0, 3]), 5, "seats")
    with pytest.raises(SchemaError, match="has no numbers"):
        cumulative(street, home, there.assign(seats=["many", "few", "none"]), 5, "seats")
    with pytest.raises(SchemaError, match="none of the columns cost, nearest"):
        count_unreachable(pd.DataFrame({"a": [1]}))


def test_detours_by_hand(street):
    there = points(park=(300, 100), attic=(300, 100.5))
    homes = points(h=(0, 0), street=(200, 0), at=(300, 100), y=(100, 900))
    table = detour_ratio(street, homes, there)
    assert table["facility"].tolist() == ["park", "park", "park", None]
    assert table["cost"].tolist() == [400.0, 200.0, 0.0, math.inf]
    assert table["straight"].tolist() == [316.228, 141.421, 0.0, math.inf]
    assert table["ratio"].tolist()[:2] == [400 / 316.228, 200 / 141.421]
    assert math.isnan(table["ratio"].iloc[2])
    assert table["ratio"].iloc[3] == math.inf
    assert count_unreachable(table) == 1


def test_detours_compare_lengths_only(street):
    with pytest.raises(NetworkDataError, match="detour ratio: it needs lengths"):
        detour_ratio(street.timed("adult"), points(h=(0, 0)), points(g=(1, 1)))


def test_who_is_inside_a_park_has_no_detour(street):
    table = detour_ratio(street, points(h=(150, 5)), areas(park=shapely.box(100, -50, 200, 50)))
    assert table["straight"].tolist() == [0.0]
    assert table["ratio"].isna().all()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_equal_to_the_dense_matrix_whatever_the_order_of_rows(seed):
    rng = np.random.default_rng(seed)
    nodes = {f"n{i}": tuple(xy) for i, xy in enumerate(rng.uniform(0, 300, (12, 2)).round(1))}
    network = draw(nodes, *[" ".join(f"n{i}" for i in rng.choice(12, 3, replace=False)) for _ in range(7)])
    homes = points(**{f"h{i}": tuple(xy) for i, xy in enumerate(rng.uniform(0, 300, (8, 2)))})
    shops = points(**{f"s{i}": tuple(xy) for i, xy in enumerate(rng.uniform(0, 300, (9, 2)))})
    shops = shops.assign(jobs=rng.integers(0, 50, 9), share=rng.uniform(0, 1, 9))
    dense = cost_matrix(network, homes, shops, None).to_dense()
    cutoffs = [0.0, 150.0, float(np.sort(dense.ravel())[20]) if np.isfinite(np.sort(dense.ravel())[20]) else 80.0]
    jobs = cumulative(network, homes, shops, cutoffs, "jobs")
    for cutoff in cutoffs:
        assert jobs[f"within_{cutoff:g}"].tolist() == ((dense <= cutoff) @ shops["jobs"].to_numpy()).tolist()
    decay = Decay(kind="gaussian", sigma=100.0)
    table = gravity(network, homes, shops, "share", decay=decay)
    assert table["access"].to_numpy() == pytest.approx(decay(dense) @ shops["share"].to_numpy(), rel=1e-12)
    assert table["nearest"].tolist() == nearest(network, homes, shops)["cost"].tolist()
    # To the last bit, although no sum of such numbers is exact.
    mixed = gravity(
        network, homes.sample(frac=1, random_state=1), shops.sample(frac=1, random_state=2), "share", decay=decay
    )
    pd.testing.assert_frame_equal(mixed.loc[table.index], table, check_exact=True)
