"""What holds in every district: wider never loses, one more place never loses, levels add up."""

import functools

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from small_district import EAST, WEST
from street_drawing import METRES, areas, draw

from siting.access import nearest
from siting.coverage import CITY_LEVEL
from siting.themes import City
from siting.themes.living_circle import audit_living_circle
from siting.themes.living_circle.completeness import Completeness
from siting.themes.living_circle.counting import Counting
from siting.themes.living_circle.elements import table_elements
from siting.themes.living_circle.reach import reach_of
from siting.themes.living_circle.tiers import living_tiers

CLASSES = ("kindergarten", "primary_school", "junior_school", "mall", "bus_stop", "park_green", "school")


@functools.cache
def grid():
    """Blocks of 200 m, five by four, some with steps."""
    nodes = {f"{i}.{j}": (200 * i, 200 * j) for i in range(6) for j in range(5)}
    across = [(" ".join(f"{i}.{j}" for i in range(6)), {}) for j in range(5)]
    along = [(f"{i}.{j} {i}.{j + 1}", {"steps": (i + j) % 3 == 0}) for i in range(6) for j in range(4)]
    return draw(nodes, *across, *along)


def layer(rng, n, **columns):
    xy = rng.uniform((0, 0), (1000, 800), (n, 2))
    index = pd.Index([f"r{k}" for k in range(n)], name="id", dtype="str")
    return gpd.GeoDataFrame(columns, geometry=shapely.points(xy), index=index, crs=METRES)


def random_city(seed, n_places):
    rng = np.random.default_rng(seed)
    demand = layer(rng, 25, people=rng.integers(0, 90_000, 25) / 1000, units=1)
    facilities = layer(rng, n_places, **{"class": rng.choice(CLASSES, n_places), "name": None})
    small = areas(a=shapely.box(-9, -9, 400, 900), b=shapely.box(400, -9, 1100, 500))  # the rest lies in no zone
    return City.of(grid(), demand, facilities, zones={"community": small, "large": areas(w=WEST, e=EAST)})


def completeness(city):
    tiers = living_tiers(city.catalogue)
    elements = table_elements(city, tiers)
    return Completeness(tiers, elements, reach_of(city, elements, ("adult", "elderly", "step_free")), Counting.of(city))


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32 - 1), n_places=st.integers(1, 12))
def test_a_wider_measure_never_loses_anybody(seed, n_places):
    found = completeness(random_city(seed, n_places))
    served = found.reach.served
    for element in found.elements:
        for narrow, wide in (("strict", "distance"), ("elderly", "adult"), ("own_radius_network", "own_radius")):
            if (element.id, narrow) in served:
                assert not (served[element.id, narrow] & ~served[element.id, wide]).any()
    by_class = {(e.tier.id, e.key): served[e.id, "distance"] for e in found.elements if (e.id, "distance") in served}
    for (tier, key), mask in by_class.items():
        if tier == "10min" and ("15min", key) in by_class:
            assert not (mask & ~by_class["15min", key]).any()


@settings(max_examples=5)
@given(seed=st.integers(0, 2**32 - 1), n_places=st.integers(2, 12))
def test_one_more_place_never_loses_anybody(seed, n_places):
    city = random_city(seed, n_places)
    fewer = City.of(grid(), city.demand, city.facilities.iloc[:-1], zones=city.zones)
    more, less = completeness(city), completeness(fewer)
    for key, mask in less.reach.served.items():
        assert not (mask & ~more.reach.served[key]).any()


@settings(max_examples=6)
@given(seed=st.integers(0, 2**32 - 1), n_places=st.integers(1, 12))
def test_zones_of_every_level_add_up(seed, n_places):
    found = completeness(random_city(seed, n_places))
    counting = found.counting
    for tier in found.used_tiers:
        for measure in found.measures(tier):
            times = found.count(found.required(tier), measure)
            whole = counting.sum(CITY_LEVEL, times)[0]
            assert all(counting.sum(level, times).sum() == whole for level in counting.zones)
            by_hand = sum(int(w) * int(t) for w, t in zip(counting.main_weight, times, strict=True))
            assert whole == by_hand


@settings(max_examples=4)
@given(seed=st.integers(0, 2**32 - 1), n_places=st.integers(1, 12))
def test_times_are_those_of_the_access_room(seed, n_places):
    """Homes and entries are placed once for all classes; the answer is the one of a search for each class."""
    city = random_city(seed, n_places)
    found = completeness(city)
    for element in found.elements:
        limit = element.tier.limit_s
        for profile in found.reach.profiles:
            if (element.id, profile) in found.reach.served:
                cost = nearest(city.timed(profile), city.demand, element.facilities)["cost"].to_numpy()
                assert (found.reach.served[element.id, profile] == (cost <= limit)).all()


def test_shuffled_rows_give_the_same_answer():
    city = random_city(7, 10)
    order = np.random.default_rng(0).permutation(len(city.demand))
    other = City.of(grid(), city.demand.iloc[order], city.facilities.iloc[::-1], zones=city.zones)
    one, two = audit_living_circle(city), audit_living_circle(other)
    pd.testing.assert_frame_equal(one.scorecard, two.scorecard)
    for level in one.scorecards:
        pd.testing.assert_frame_equal(one.scorecards[level], two.scorecards[level])
    pd.testing.assert_frame_equal(one.missing, two.missing)
    columns = ["point", "minutes", "people"]
    pd.testing.assert_frame_equal(pd.DataFrame(one.circles[columns]), pd.DataFrame(two.circles[columns]))
