"""Candidates on a street drawn by hand: what is free, what is refused and why."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from siting.errors import CRSError, GeometryError, InputError
from siting.locate import make_candidates
from siting.locate.candidates.exclusions import Exclusions, largest_room
from siting.locate.candidates.make import COLUMNS

CRS = "EPSG:4547"

#        0        100       200       300       400
#   60   +---------+
#        | house   |                   ~~~~~~~~~~~       y = 10..60, x = 300..400: lake
#    5   +---------+
#    0   ======= Long Street (residential, half width 4.5 m) =======    one way, x = 0..400
#   -5   +-----------------------------+
#        | hall                        |                  y = -60..-5, x = 0..300
#  -60   +-----------------------------+
STREET = shapely.LineString([(0, 0), (400, 0)])


def frame(geometry, **columns):
    index = pd.Index(columns.pop("id", [f"r{k}" for k in range(len(geometry))]), name="id")
    return gpd.GeoDataFrame(columns, geometry=list(geometry), index=index, crs=CRS)


def streets(**columns):
    made = {
        "way_id": ["way/1"],
        "name": ["长街 Long Street"],
        "highway": ["residential"],
        "bridge": [False],
        "tunnel": [False],
    }
    return frame([STREET], **(made | columns))


@pytest.fixture
def exclusions():
    houses = frame([shapely.box(0, 5, 100, 60), shapely.box(0, -60, 300, -5)], id=["house", "hall"])
    return {"buildings": houses, "water": frame([shapely.box(300, 10, 400, 60)], id=["lake"])}


def test_street_candidates_stand_on_free_ground_and_say_what_was_tested(exclusions):
    found = make_candidates("street", streets=streets(), exclusions=exclusions, spacing_m=50.0, min_area_m2=60.0)
    assert list(found.columns) == list(COLUMNS)
    assert found.index.tolist() == [f"F{k + 1:04d}" for k in range(len(found))]
    taken = shapely.union_all([g for layer in exclusions.values() for g in layer.geometry])
    open_ones = found[found["allowed"]]
    assert (shapely.distance(open_ones.geometry.array, taken) > 0.5).all()
    assert (shapely.distance(open_ones.geometry.array, STREET) > 4.5).all()  # not on the carriageway
    # Between house and hall (x < 100) both sides are built up to 5 m from the middle of the street: 0.5 m is left.
    x = found.geometry.x
    assert not found.loc[x < 85, "allowed"].any()
    assert found.loc[(x > 115) & (x < 285), "allowed"].all()
    assert found.loc[~found["allowed"], "refusal"].str.contains("free area 0 m2 of 60 m2 needed").all()
    assert (open_ones["area_m2"] >= 60).all()
    assert (open_ones["area_m2"] <= np.pi * 10**2).all()
    first = open_ones.iloc[0]
    assert (first["plot"], first["street"]) == ("way/1", "长街 Long Street")
    assert "buildings (2), water (1)" in first["tests"]
    assert "ownership" in first["tests"]
    assert first["nearest_conflict"].startswith(("buildings ", "water "))
    assert first["nearest_conflict_m"] > 0
    assert found["refusal"].isna().equals(found["allowed"])


def test_spacing_holds_and_shuffled_rows_give_the_same_candidates(exclusions):
    two = frame(
        [STREET, shapely.LineString([(200, 0), (200, 300)])],
        way_id=["way/1", "way/2"], name=["A", None], highway=["residential", "footway"],
    )  # fmt: skip
    found = make_candidates("street", streets=two, exclusions=exclusions, spacing_m=40.0)
    again = make_candidates("street", streets=two.iloc[::-1], exclusions=exclusions, spacing_m=40.0)
    assert found.drop(columns="geometry").equals(again.drop(columns="geometry"))
    xy = shapely.get_coordinates(found.geometry.array)
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) + np.eye(len(xy)) * 1e9
    assert apart.min() >= 40.0 - 1e-6
    assert found.loc[found["plot"] == "way/2", "street"].iloc[-1] == "A"  # unnamed: the nearest named street


@pytest.mark.parametrize(
    "column",
    [{"bridge": [True]}, {"tunnel": [True]}, {"highway": ["steps"]}, {"footway": ["crossing"]}, {"carries": [False]}],
)
def test_nothing_is_proposed_on_bridges_tunnels_steps_and_crossings(column):
    assert len(make_candidates("street", streets=streets(**column))) == 0


def test_a_further_carriageway_takes_its_ground(exclusions):
    beside = frame([shapely.LineString([(100, 15), (400, 15)])], highway=["primary"])  # 11 m to either side: y = 4..26
    found = make_candidates("street", streets=streets(), exclusions=exclusions, roads=beside, spacing_m=50.0)
    north = found[found["allowed"] & (found.geometry.y > 0)]
    assert len(north) == 0


def test_too_many_candidates_widen_the_spacing_and_say_so():
    found = make_candidates("street", streets=streets(), spacing_m=10.0, max_candidates=8)
    assert 1 <= len(found) <= 8
    assert "spacing widened" in found.attrs["notes"][0].en


def test_vacant_plots_one_each_with_what_buildings_leave(exclusions):
    plots = frame(
        [shapely.box(*b) for b in ((110, 10, 160, 50), (0, 5, 120, 55), (310, 20, 340, 50), (0, 900, 50, 950))],
        id=["P1", "P2", "P3", "P4"], kind=["brownfield", "brownfield", "greenfield", None],
    )  # fmt: skip
    found = make_candidates("vacant", land=plots, streets=streets(), exclusions=exclusions, min_area_m2=500.0)
    assert found.index.tolist() == ["P1", "P2", "P3", "P4"]
    assert found["allowed"].tolist() == [True, True, False, False]
    assert found.loc["P1", "area_m2"] == pytest.approx(50 * 40, rel=0.01)
    assert found.loc["P2", "area_m2"] == pytest.approx(20 * 50, rel=0.02)  # x = 100..120: the house has the rest
    assert "free area 0 m2" in found.loc["P3", "refusal"]  # in the lake
    assert "900 m from the nearest street" in found.loc["P4", "refusal"]
    assert 11 <= found.geometry["P1"].y <= 13.1  # on the street side, a metre inside …
    assert found.geometry["P1"].x == pytest.approx(135.0, abs=1.0)  # … in the middle of the frontage
    assert "brownfield" in found.loc["P1", "land_source"]
    assert found.loc["P2", "nearest_conflict"] == "buildings house"  # 10 m west; the hall is 11 m or more south
    assert shapely.intersects(plots.geometry["P2"], found.geometry["P2"])


def test_own_layer_of_points_is_tested_against_the_exclusions(exclusions):
    own = frame([shapely.Point(50, 30), shapely.Point(150, 30)], id=["in house", "free"], name=["甲", "乙"])
    found = make_candidates("layer", layer=own, exclusions=exclusions)
    assert found["allowed"].tolist() == [False, True]
    assert "lies on buildings house" in found.loc["in house", "refusal"]
    assert found["street"].tolist() == ["甲", "乙"]
    assert found.loc["free", "nearest_conflict_m"] == pytest.approx(35.0)  # to the hall, y = -5
    assert found.geometry["free"].equals(shapely.Point(150, 30))


def test_gap_candidates_stand_at_the_street_nearest_to_the_people(exclusions):
    gaps = frame([shapely.box(100, 0, 300, 80), shapely.box(0, 5, 60, 60)], gap_id=["G01", "G02"])
    demand = frame(
        [shapely.Point(x, 60) for x in (120, 180, 190, 290)] + [shapely.Point(10, 30)],
        people=[1.0, 50.0, 50.0, 1.0, 9.0],
    )
    found = make_candidates(
        "gaps", gaps=gaps, demand=demand, streets=streets(), exclusions=exclusions, search_m=80.0, spread_m=300.0
    )
    assert found.index.tolist() == ["G01-1", "G02-1"]
    assert 150 <= found.geometry["G01-1"].x <= 220  # at the 100 people, not at the centre of the polygon
    assert found["allowed"].tolist() == [True, False]  # no room between house and hall
    assert "within 80 m" in found.loc["G02-1", "refusal"]


def test_bad_input_is_named(exclusions):
    with pytest.raises(InputError, match="kind is 'roof'"):
        make_candidates("roof")
    with pytest.raises(InputError, match="need streets, which is missing"):
        make_candidates("street")
    with pytest.raises(InputError, match="need land, which is empty"):
        make_candidates("vacant", land=frame([]))
    with pytest.raises(InputError, match="spacing_m"):
        make_candidates("street", streets=streets(), spacing_m=0)
    with pytest.raises(CRSError, match="project"):
        make_candidates("street", streets=streets().to_crs(4326))
    with pytest.raises(CRSError, match=r"exclusions\.water"):
        make_candidates("street", streets=streets(), exclusions={"water": exclusions["water"].to_crs(4326)})
    with pytest.raises(GeometryError, match="buffer them first"):
        make_candidates("street", streets=streets(), exclusions={"rail": frame([STREET])})
    with pytest.raises(GeometryError, match="no polygons or single points"):
        make_candidates("layer", layer=frame([STREET]))


def test_a_large_shore_is_cut_up_and_takes_the_same_ground():
    rng = np.random.default_rng(3)
    angle = np.linspace(0, 2 * np.pi, 5000, endpoint=False)
    radius = 400 + 40 * np.sin(9 * angle) + rng.random(5000)
    lake = shapely.Polygon(np.c_[np.cos(angle), np.sin(angle)] * radius[:, None])
    cut = Exclusions.of({"water": frame([lake], id=["lake"])}, frame([lake]).crs)
    assert len(cut.pieces) > 20
    assert shapely.area(cut.pieces).sum() == pytest.approx(lake.area, rel=1e-9)
    discs = shapely.buffer(shapely.points(rng.uniform(-500, 500, (200, 2))), 15.0)
    whole = shapely.area(shapely.difference(discs, lake))
    np.testing.assert_allclose(shapely.area(cut.cut_from(discs)), whole, atol=1e-6)


def test_room_never_leaves_the_ground_and_slivers_do_not_count():
    # a 20 x 20 square with a 1 m wide tail, and a notch whose corners the rounding must not cross
    shape = shapely.union_all([shapely.box(0, 0, 20, 20), shapely.box(20, 0, 80, 1)]) - shapely.box(8, 8, 12, 30)
    room, area = largest_room(np.array([shape, shapely.box(0, 0, 50, 3)], dtype=object), 4.0)
    assert shapely.difference(room[0], shape).area == 0.0
    assert 250 < area[0] < shapely.box(0, 0, 20, 20).area
    assert area[1] == 0.0


def ground(*shapes):
    return frame(list(shapes))


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("taken", [True, False])
def test_the_side_that_is_free_and_inside_is_found(side, taken):
    # A street on the edge of the study area, all ground beside it open: only the side inside counts, whichever
    # is looked at first, and the ground outside takes no place away. As much is found where the other side is taken.
    street = frame([shapely.LineString([(0, 0), (400, 0)])], way_id=["a"], name=["主街"], highway=["residential"])
    ours, other = shapely.box(-50, 0, 450, 60 * side), shapely.box(-50, 0, 450, -60 * side)
    asked = {"exclusions": {"water": ground(other)}} if taken else {"within": ground(ours)}
    found = make_candidates("street", streets=street, spacing_m=50.0, **asked)
    assert found["allowed"].all()
    assert (side * found.geometry.y > 0).all()
    assert len(found) == 8
    assert found.index.is_unique


def test_both_sides_are_still_compared_inside_the_study_area():
    # North is partly built on, south is free: the larger room is in the south; where it is outside, the north is taken.
    street = frame([shapely.LineString([(0, 0), (100, 0)])], way_id=["a"], name=["主街"], highway=["residential"])
    built = ground(shapely.box(-50, 19, 150, 60))
    whole = make_candidates("street", streets=street, exclusions={"buildings": built}, spacing_m=100.0)
    assert (whole.geometry.y < 0).all()
    north = make_candidates(
        "street",
        streets=street,
        exclusions={"buildings": built},
        spacing_m=100.0,
        within=ground(shapely.box(-50, 0, 150, 60)),
    )
    assert (north.geometry.y > 0).all()
    assert len(north) == len(whole) >= 1
    # where the side inside is built on wholly, what lies outside is left out, as before
    none = make_candidates(
        "street", streets=street, exclusions={"buildings": ground(shapely.box(-50, 0, 150, 60))}, spacing_m=100.0,
        within=ground(shapely.box(-50, 0, 150, 60)),
    )  # fmt: skip
    assert not none["allowed"].any()
