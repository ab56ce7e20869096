"""Gaps: every unserved person in exactly one, and never a served one inside."""

import numpy as np
import pytest
import shapely
from coverage_layers import Chessboard, areas, make_rule, points, toilets
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from siting.coverage import audit, coverage_gaps, demand_cells, gap_members
from siting.coverage.gaps import GAP_COLUMNS, SCATTERED_ID
from siting.errors import InputError


def judge(demand, facilities, limit_m=500.0, zones=None, **changes):
    streets = object()
    rule = make_rule(threshold=limit_m, **changes)
    return audit(streets, demand, facilities, rule, zones, searches=Chessboard(streets))


@pytest.fixture
def village():
    """Two hamlets and a farm, a toilet in the first.

    T a b                c d e                          f      every step 100 m
      0 100            900 1000 1100                    3000
      5 7               10   20   31                    2      people
    """
    demand = points(
        [(0, 0), (100, 0), (900, 0), (1000, 0), (1100, 0), (3000, 0)],
        list("abcdef"),
        people=[5.0, 7.0, 10.0, 20.0, 31.0, 2.0],
    )
    return demand, toilets([(0, 0)])


def test_village(village):
    gaps = coverage_gaps(judge(*village))
    assert tuple(gaps.columns) == GAP_COLUMNS
    assert gaps[["gap_id", "people", "points", "rank", "kind"]].to_numpy().tolist() == [
        ["G01", 61.0, 3, 1, "gap"],
        ["G02", 2.0, 1, 2, "gap"],
    ]
    # half of the 61 people live at d or nearer: 10 + 20 < 30.5, so the median person lives at e
    assert gaps["nearest_m"].tolist() == [1100.0, 3000.0]
    assert gaps["nearest_max_m"].tolist() == [1100.0, 3000.0]
    assert gaps["name_en"].tolist() == [
        "G01, 61 people, nearest public toilet 1,100 m",
        "G02, 2 people, nearest public toilet 3,000 m",
    ]
    assert gaps["name_zh"].tolist()[0] == "G01，61 人，最近公共厕所 1,100 米"
    assert gaps["units"].isna().all()
    assert gaps["rule"].unique().tolist() == ["test.rule"]
    assert gaps.crs == village[0].crs


def test_gap_cells_end_halfway_to_the_next_place(village):
    """c d e lie 100 m apart; cells reach 75 m (half of 150): 50 + 100 + 50 m of Voronoi, and round ends."""
    gaps = coverage_gaps(judge(*village))
    low, _, high, _ = gaps.geometry.iloc[0].bounds
    assert (low, high) == pytest.approx((825.0, 1175.0), abs=0.01)
    assert gaps["area_m2"].iloc[1] == pytest.approx(np.pi * 75**2, rel=0.01)


def test_links_only_as_far_as_asked(village):
    assert coverage_gaps(judge(*village), link_m=99.0)["points"].tolist() == [1, 1, 1, 1]
    assert coverage_gaps(judge(*village), link_m=5000.0, max_span_m=5000.0)["points"].tolist() == [4]


def test_a_served_place_between_parts_a_gap():
    #   a 100 T 100 b: a and b are 200 m apart, T serves only its own place
    demand = points([(0, 0), (100, 0), (200, 0)], list("atb"), people=[1.0, 1.0, 1.0])
    gaps = coverage_gaps(judge(demand, toilets([(100, 0)]), 50.0), link_m=300.0)
    assert gaps["points"].tolist() == [1, 1]


def test_wide_gaps_are_split_into_connected_parts():
    """A street of 40 places every 100 m, unserved: no part wider than 1000 m, and parts are stretches of it."""
    demand = points([(100 * k, 0) for k in range(40)], people=np.ones(40))
    result = judge(demand, toilets([(100_000, 0)]))
    gaps = coverage_gaps(result)
    assert gaps["points"].sum() == 40
    members = gap_members(result)
    for _, rows in members.groupby(members):
        x = demand.loc[rows.index].geometry.x.sort_values()
        assert x.max() - x.min() <= 1000
        assert (x.diff().dropna() == 100).all()
    assert len(gaps) <= 8


def test_zone_is_where_most_of_its_people_live(village):
    zones = {
        "community": areas([box(800, -50, 1050, 50), box(1050, -50, 1200, 50)], ["w", "e"], name=["西村", "东村"]),
        "district": areas([box(-50, -50, 2000, 50)], ["d"], name=["一区"]),
    }
    gaps = coverage_gaps(judge(*village, zones=zones))
    assert gaps["zone"].tolist() == ["东村", "分区之外 / outside all zones"]  # 31 people in the east, 30 in the west
    assert gaps["zone_id"].tolist() == ["e", "(outside)"]
    assert gaps["zone_level"].tolist() == ["community", "community"]


def test_small_gaps_may_be_joined_but_never_lost(village):
    result = judge(*village)
    gaps = coverage_gaps(result, min_people=10.0)
    assert gaps["gap_id"].tolist() == ["G01", SCATTERED_ID]
    assert gaps["kind"].tolist() == ["gap", "scattered"]
    assert gaps["people"].sum() == 63.0
    assert gaps["name_en"].iloc[1].startswith("scattered, 2 people")
    assert coverage_gaps(result, min_people=1000.0)["people"].tolist() == [63.0]


def test_without_people_units_count_and_without_units_points(village):
    demand, facilities = village
    units = coverage_gaps(judge(demand.drop(columns="people").assign(units=[1, 1, 1, 1, 1, 9]), facilities))
    assert units["units"].tolist() == [9, 3]
    assert units["people"].isna().all()
    assert units["name_en"].iloc[0] == "G01, 9 estates or buildings, nearest public toilet 3,000 m"
    rows = coverage_gaps(judge(demand.drop(columns="people"), facilities))
    assert rows["name_en"].tolist()[1] == "G02, 1 demand point, nearest public toilet 3,000 m"


def test_no_path_is_said_in_words(village):
    demand, facilities = village
    streets = object()
    result = audit(streets, demand, facilities, make_rule(), searches=Chessboard(streets, cut_off_beyond=1050))
    gaps = coverage_gaps(result)
    assert gaps["unreachable"].tolist() == [1, 1]
    assert np.isnan(gaps["nearest_m"]).all()
    assert gaps["nearest_max_m"].tolist()[0] == 1000.0
    assert gaps["name_en"].tolist()[1] == "G02, 2 people, public toilet out of reach"
    assert gaps["name_zh"].tolist()[1] == "G02，2 人，无路可达公共厕所"


def test_no_facility_anywhere_is_said_in_words(village):
    demand, facilities = village
    gaps = coverage_gaps(judge(demand, facilities.iloc[:0]))
    assert gaps["people"].sum() == 75.0
    assert gaps["name_en"].iloc[0] == "G01, 61 people, no public toilet anywhere"
    assert gaps["name_zh"].iloc[0] == "G01，61 人，范围内没有公共厕所"


def test_a_park_is_reached_at_its_gate():
    demand = points([(0, 0)], people=[1240.4])
    park = areas([box(812, 0, 900, 90)], ["P"], **{"class": ["park_green"]})
    gaps = coverage_gaps(judge(demand, park, facility=("park_green",)))
    assert gaps["name_en"].tolist() == ["G01, 1,240 people, nearest park gate 812 m"]
    assert gaps["name_zh"].tolist()[0].endswith("入口 812 米")


def test_no_gaps_where_all_are_served_or_nothing_was_judged(village):
    for result in (judge(*village, limit_m=9000.0), judge(*village, facility=())):
        gaps = coverage_gaps(result)
        assert (len(gaps), tuple(gaps.columns)) == (0, GAP_COLUMNS)
        assert gaps.crs == village[0].crs


def test_cells_are_shared_between_rules_and_checked(village):
    demand, facilities = village
    cells = demand_cells(demand)
    result = judge(demand, facilities)
    assert coverage_gaps(result, cells=cells).equals(coverage_gaps(result))
    with pytest.raises(InputError, match="other demand"):
        coverage_gaps(result, cells=demand_cells(demand.iloc[1:]))
    with pytest.raises(InputError, match="link_m"):
        coverage_gaps(result, cells=cells, link_m=cells.link_m + 1)
    with pytest.raises(InputError, match="max_span_m"):
        coverage_gaps(result, max_span_m=0.0)


def test_sparse_demand_links_by_its_own_spacing():
    grid = points([(400 * (k % 5), 400 * (k // 5)) for k in range(25)], people=np.ones(25))
    assert demand_cells(grid).link_m == 600.0
    gaps = coverage_gaps(judge(grid, toilets([(90_000, 0)])), max_span_m=2000.0)
    assert gaps["points"].tolist() == [25]


@settings(deadline=None, max_examples=100)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 40), size=st.sampled_from([1.0, 40.0, 120.0]))
def test_cells_are_voronoi_cells_within_reach(seed, count, size):
    """Each cell against its definition: points sampled in it are nearest to its place, and within reach of it."""
    rng = np.random.default_rng(seed)
    xy = rng.integers(0, 12, (count, 2)) * size if count % 2 else rng.uniform(0, 12, (count, 2)) * size
    cells = demand_cells(points(xy))
    reach = cells.link_m / 2
    assert shapely.is_valid(cells.cell).all()
    sample = rng.uniform(np.min(xy, axis=0) - reach, np.max(xy, axis=0) + reach, (400, 2))
    distance = np.hypot(*(sample[:, None, :] - cells.xy[None, :, :]).transpose(2, 0, 1))
    nearest, least = distance.argmin(axis=1), distance.min(axis=1)
    clear = np.partition(np.append(distance, np.full((400, 1), np.inf), axis=1), 1, axis=1)[:, 1] - least > 1e-6
    row, cell = shapely.STRtree(cells.cell).query(shapely.points(sample), predicate="intersects")
    assert (least[row] <= reach).all()
    assert (nearest[row] == cell)[clear[row]].all()
    # 32 chords leave a sliver of the circle out, 0.5 % of its radius deep
    assert set(np.flatnonzero(least < 0.995 * reach)) <= set(row)
    whole = shapely.coverage_union_all(cells.cell)
    assert whole.area == pytest.approx(shapely.area(cells.cell).sum(), rel=1e-9)


def test_four_places_whose_overlay_loses_a_cell():
    cells = demand_cells(points([(0, 2), (0, 3), (3, 5), (8, 0)]))
    whole = shapely.coverage_union_all(cells.cell)
    assert whole.area == pytest.approx(shapely.area(cells.cell).sum(), rel=1e-12)
    assert shapely.intersects(whole, shapely.points(cells.xy)).all()


steps = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 9999)), min_size=1, max_size=60)


@settings(deadline=None, max_examples=60)
@given(steps=steps, size=st.sampled_from([1.0, 37.5, 120.0]), limit=st.integers(0, 20), rows=st.randoms())
def test_properties_of_gaps(steps, size, limit, rows):
    """Sums are exact, no served place lies inside, gaps do not overlap, and row order does not matter."""
    xy = [(size * x, size * y) for x, y, _ in steps]
    demand = points(xy, people=np.array([m for *_, m in steps]) / 1000, units=np.ones(len(steps), dtype=np.int64))
    result = judge(demand, toilets([(15 * size, 15 * size)]), limit * size + 0.5)
    gaps = coverage_gaps(result, max_span_m=10 * size)
    unserved = result.demand[~result.demand["served"]]
    assert round(gaps["people"].sum() * 1000) == round(unserved["people"].sum() * 1000)
    assert gaps["units"].sum() == gaps["points"].sum() == len(unserved)
    assert gap_members(result, max_span_m=10 * size).notna().sum() == len(unserved)

    shape = gaps.geometry.to_numpy()
    tree = shapely.STRtree(shape)
    served = result.demand.geometry[result.demand["served"]].to_numpy()
    assert tree.query(served, predicate="intersects").size == 0
    row, gap = tree.query(unserved.geometry.to_numpy(), predicate="intersects")
    assert len(row) == len(unserved)
    assert (gaps["gap_id"].to_numpy()[gap] == gap_members(result, max_span_m=10 * size)[unserved.index[row]]).all()
    assert gaps.geometry.is_valid.all()
    assert shapely.coverage_is_valid(shape)

    assert gaps["people"].is_monotonic_decreasing

    order = list(range(len(xy)))
    rows.shuffle(order)
    shuffled = judge(demand.iloc[order], toilets([(15 * size, 15 * size)]), limit * size + 0.5)
    again = coverage_gaps(shuffled, max_span_m=10 * size)
    assert again.drop(columns="geometry").equals(gaps.drop(columns="geometry"))
    assert shapely.equals(again.geometry.to_numpy(), gaps.geometry.to_numpy()).all()
