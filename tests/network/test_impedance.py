"""Travel times drawn and added up by hand: walking, step-free, driving."""

import dataclasses

import numpy as np
import pytest
import shapely
from street_drawing import METRES, draw, points

from siting.access import cost_matrix, entries, nearest
from siting.errors import InputError, NetworkDataError
from siting.network import Network, add_link, close_street, load_profiles
from siting.network.driving import maxspeed_kmh
from siting.network.impedance import open_to
from siting.network.passable import incline, legal_limit
from siting.standards import load_catalogue

#   D(0,200) ------------------- C(300,200)        metres
#      |                            |
#      |    h                       |              h: 100 m from A along AB, 10 m off it
#   A(0,0) --------------- k --- B(300,0)          k: on AB, 250 m from A
SQUARE = {"A": (0, 0), "B": (300, 0), "C": (300, 200), "D": (0, 200)}


def time(network, one, other, **options):
    return nearest(network, points(one=one), points(other=other), **options)["cost"].iloc[0]


def findings(network):
    return {f.code: f.count for f in network.accounts[-1].findings}


@pytest.mark.parametrize(("profile", "seconds"), [("adult", 160.0), ("elderly", 200.0)])
def test_walkers_take_their_length_by_their_speed(profile, seconds):
    network = draw(SQUARE, "A B", "B C D A").timed(profile)
    assert network.unit == "s"
    assert time(network, (100, 10), (250, 0)) == seconds  # 10 + 150 m
    assert time(network, (250, 0), (100, 10)) == seconds
    assert time(network, (100, 10), (250, 0), cutoff=seconds) == seconds  # the limit itself is within
    assert np.isinf(time(network, (100, 10), (250, 0), cutoff=seconds - 0.001))
    matrix = cost_matrix(network, points(h=(100, 10)), points(k=(250, 0), d=(0, 200)), 600)
    assert matrix.unit == "s"
    assert matrix.to_dense().tolist() == [[seconds, seconds * 310 / 160]]


def test_lengths_are_those_of_the_network_it_was_made_from():
    walk = draw(SQUARE, "A B", "B C D A")
    timed = walk.timed("elderly")
    assert timed.edge_mm.tolist() == walk.edge_mm.tolist()
    assert time(walk, (100, 10), (250, 0)) == 160.0
    assert walk.unit == "m"
    with pytest.raises(NetworkDataError, match=r"it needs lengths, and the network has times \(elderly\)"):
        timed.in_mm  # noqa: B018
    with pytest.raises(NetworkDataError, match="has times"):
        timed.timed("adult")


def test_speeds_and_limits_are_those_of_the_catalogue():
    profiles, rules = load_profiles(), load_catalogue()
    assert list(profiles) == ["adult", "elderly", "step_free", "drive", "truck"]
    assert profiles["adult"].speed.value == rules["walk.60mmin"].threshold == 1.0
    assert profiles["elderly"].speed.value == max(rules["walk.elderly_low"].threshold) == 0.8
    assert profiles["step_free"].slope_limit.value == rules["access.network_slope"].threshold
    for profile in profiles.values():
        for figure in profile.figures.values():  # every figure says where it comes from
            assert figure.assumed or figure.rule in rules.by_id


def test_a_place_keeps_its_share_of_an_edge_and_the_parts_add_up():
    # 10.001 m at 0.8 m/s: 12,501.25 ms, so 12,501; at 3.333 m of 10.001: 4166.1 of it.
    network = draw({"A": (0, 0), "B": (10.001, 0)}, "A B").timed("elderly")
    assert network.times.forward_ms.tolist() == [12_501]
    assert time(network, (0, 0), (3.333, 0)) == 4.166
    assert time(network, (3.333, 0), (10.001, 0)) == 8.335
    assert time(network, (0, 0), (10.001, 0)) == 12.501


#   A --- B --- C    straight on over steps (100 m), or round by D (200 + 200 m)
#          \   /
#            D
RAMP = {"A": (0, 0), "B": (100, 0), "C": (200, 0), "D": (150, -np.sqrt(200**2 - 50**2))}


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ({"highway": "steps", "steps": True}, "closed_steps"),
        ({"wheelchair": "no"}, "closed_wheelchair"),
        ({"surface": "sand"}, "closed_surface"),
        ({"incline": "-9%"}, "closed_incline"),
        ({"kerb": "raised"}, "closed_kerb"),
    ],
)
def test_what_a_wheelchair_cannot_pass_is_closed_to_it_alone(tags, code):
    walk = draw(RAMP, "A B", ("B C", tags), "B D C")
    assert time(walk.timed("adult"), (0, 0), (200, 0)) == 200
    free = walk.timed("step_free")
    assert time(free, (0, 0), (200, 0)) == pytest.approx((100 + 400) / 0.8, abs=0.001)
    assert findings(free) == {code: 1}
    assert (free.accounts[-1].rows_in, free.accounts[-1].rows_used) == (3, 2)
    open_again = draw(RAMP, "A B", ("B C", tags | {"wheelchair": "yes"}), "B D C").timed("step_free")
    assert time(open_again, (0, 0), (200, 0)) == (100 + 100) / 0.8


def test_points_beside_closed_streets_go_to_open_ones_and_others_stay():
    walk = draw(RAMP, "A B", ("B C", {"highway": "steps"}), "B D C")
    free = walk.timed("step_free")
    home = points(home=(140, 0))
    assert walk.snap(home).edge.tolist() == [1]
    assert free.snap(home).edge.tolist() == [2]
    assert free.snap(home).passed_by.tolist() == [-1]  # a closed street is no fragment
    # A point that was placed on the closed edge before, with the lengths, reaches nothing over it.
    found = entries(walk, points(shop=(140, 0)))
    from siting.access import nearest_by_entries

    table = nearest_by_entries(free, points(a=(0, 0)), points(shop=(140, 0)), found)
    assert np.isinf(table["cost"].iloc[0])
    # An entry exactly at the foot of the steps is reached over the node.
    found = entries(walk, points(shop=(100, 0)))
    assert nearest_by_entries(free, points(a=(0, 0)), points(shop=(100, 0)), found)["cost"].iloc[0] == 125


def test_an_island_behind_steps_is_unreachable_not_far():
    free = draw({"A": (0, 0), "B": (100, 0), "C": (200, 0), "D": (300, 0)}, "A B", ("B C", {"highway": "steps"}), "C D")
    free = free.timed("step_free")
    assert np.isinf(time(free, (0, 0), (300, 0)))
    assert cost_matrix(free, points(a=(0, 0)), points(d=(300, 0)), None).n_pairs == 0


@pytest.mark.parametrize(
    ("text", "slope"),
    [
        ("10%", 0.1), ("-5 %", -0.05), ("45°", 1.0), ("1:12", 1 / 12), ("4,5%", 0.045), ("up", None), (None, None),
        ("0", None),
    ],
)  # fmt: skip
def test_inclines(text, slope):
    assert incline(text) == (None if slope is None else pytest.approx(slope))


#   A ==> B ==> C     A-B primary, B-C residential with a limit of 50; both 1,000 m, one-way; back over C-A, service
LOOP = {"A": (0, 0), "B": (1000, 0), "C": (1000, 1000)}


def driving(profile="drive"):
    one_way = {"drive_backward": False}
    network = draw(
        LOOP, ("A B", {"highway": "primary", **one_way}), ("B C", {"maxspeed": "50", **one_way}),
        ("C A", {"highway": "service", **one_way}), mode="drive",
    )  # fmt: skip
    return network.timed(profile)


def test_driving_follows_directions_limits_and_classes():
    network = driving()
    hypotenuse = 1_414_214 * 3.6 / 10  # 10 km/h
    assert network.times.forward_ms.tolist() == [90_000, 72_000, round(hypotenuse)]
    assert time(network, (0, 0), (1000, 1000)) == 162.0
    assert time(network, (1000, 1000), (0, 0)) == round(hypotenuse) / 1000
    assert time(network, (500, 0), (250, 0)) == 45 + 72 + round(hypotenuse) / 1000 + 22.5  # all the way round
    assert time(network, (250, 0), (500, 0)) == 22.5
    assert findings(network) == {"speed_by_class": 2}


def test_an_engine_drives_from_its_station_on_the_turned_network():
    #  From a station at A to a house 250 m along AB: 22.5 s; back to the station all the way round.
    network = driving()
    house, station = (250, 0), (0, 0)
    round_trip = 67.5 + 72 + round(1_414_214 * 3.6 / 10) / 1000
    assert time(network, house, station) == round_trip
    assert time(network.turned(), house, station) == 22.5
    assert time(network.turned().turned(), house, station) == round_trip
    lengths = draw(LOOP, ("A B C A", {"drive_backward": False}), mode="drive")
    assert time(lengths.turned(), house, station) == 250


def test_a_truck_does_no_more_than_it_can():
    assert driving("truck").times.forward_ms.tolist()[:2] == [90_000, 90_000]  # 40 by class, 50 allowed but 40 at most


@pytest.mark.parametrize(
    ("tags", "closed"),
    [
        ({"hgv": "no"}, "closed_hgv"),
        ({"hgv": "delivery"}, None),
        ({"maxweight": "7.5"}, "closed_weight"),
        ({"maxweight": "20 t"}, None),
        ({"maxheight": "2.8"}, "closed_height"),
        ({"maxheight": "default"}, None),
    ],
)
def test_a_truck_goes_round_by_what_its_way_bears(tags, closed):
    #  A --- 1000 m, the way in question --- B, or round by C: 1000 + 1000 m
    network = draw({"A": (0, 0), "B": (1000, 0), "C": (500, 866.025)}, ("A B", tags), "A C B", mode="drive")
    truck = open_to(network, "truck")
    assert truck.unit == "m"
    assert time(truck, (0, 0), (1000, 0)) == pytest.approx(1000 if closed is None else 2000, abs=0.01)
    assert time(open_to(network, "drive"), (0, 0), (1000, 0)) == 1000
    assert findings(truck) == ({} if closed is None else {closed: 1})
    assert findings(network.timed("truck")).get(closed) == (None if closed is None else 1)


def test_a_truck_of_ones_own_passes_what_it_may():
    network = draw({"A": (0, 0), "B": (1000, 0), "C": (500, 866.025)}, ("A B", {"maxweight": "7.5"}), "A C B",
                   mode="drive")  # fmt: skip
    truck = load_profiles()["truck"]
    assert time(open_to(network, truck.with_truck(7.0, None)), (0, 0), (1000, 0)) == 1000
    assert time(open_to(network, truck.with_truck(7.6, None)), (0, 0), (1000, 0)) == pytest.approx(2000, abs=0.01)
    assert truck.with_truck(None, None) == truck
    assert load_profiles()["drive"].with_truck(7.0, 3.0) == load_profiles()["drive"]


def test_streets_open_to_a_profile_of_another_mode_are_refused():
    with pytest.raises(NetworkDataError, match="mode 'walk'"):
        open_to(draw(LOOP, "A B C A", mode="drive"), "adult")
    with pytest.raises(NetworkDataError, match="all 1 edges are closed"):
        open_to(draw({"A": (0, 0), "B": (9, 0)}, ("A B", {"hgv": "no"}), mode="drive"), "truck")


@pytest.mark.parametrize(
    ("value", "figure"),
    [("7.5", 7.5), ("3,5 t", 3.5), ("7500 kg", 7.5), ("3.8 m", 3.8), ("12'6\"", 3.81), ("none", None), (None, None)],
)
def test_legal_weights_and_heights_are_read(value, figure):
    assert legal_limit(value) == (None if figure is None else pytest.approx(figure))


def test_off_street_parts_of_a_drive_are_slow():
    assert time(driving(), (0, -27.8), (0, 0)) == pytest.approx(27.8 / 2.78, abs=0.002)


@pytest.mark.parametrize(
    ("value", "kmh"),
    [
        ("50", 50), ("30 mph", 30 * 1.609344), ("60;40", 40), (["70", "50"], 50), (50.0, 50), ("walk", 7),
        ("none", None), (None, None), (float("nan"), None), ("10 knots", 18.52),
    ],
)  # fmt: skip
def test_maxspeed(value, kmh):
    assert maxspeed_kmh(value, 7.0) == (None if kmh is None else pytest.approx(kmh), True)


@pytest.mark.parametrize("value", ["CN:urban", "fast", "0", "-30"])
def test_a_maxspeed_without_figure_is_said(value):
    assert maxspeed_kmh(value, 7.0) == (None, False)
    network = draw({"A": (0, 0), "B": (100, 0)}, ("A B", {"maxspeed": value, "highway": "racetrack"}), mode="drive")
    assert findings(network.timed("drive")) == {"speed_by_class": 1, "class_unlisted": 1, "maxspeed_unread": 1}


def test_profiles_of_another_mode_and_unknown_ones_are_refused():
    walk, drive = draw(SQUARE, "A B"), draw(SQUARE, "A B", mode="drive")
    with pytest.raises(NetworkDataError, match="for mode 'drive', the network for 'walk'"):
        walk.timed("drive")
    with pytest.raises(NetworkDataError, match="for mode 'walk'"):
        drive.timed("adult")
    with pytest.raises(NetworkDataError, match="did you mean 'elderly'"):
        walk.timed("elderley")
    with pytest.raises(NetworkDataError, match="slope does not enter"):
        drive.timed("drive", elevation=lambda p: p.x)
    with pytest.raises(NetworkDataError, match="all 1 edges are closed"):
        draw(SQUARE, ("A B", {"highway": "steps"})).timed("step_free")


def test_a_profile_of_ones_own():
    adult = load_profiles()["adult"]
    runner = dataclasses.replace(adult, id="runner", speed=dataclasses.replace(adult.speed, value=3.0, rule=None))
    network = draw(SQUARE, "A B").timed(runner)
    assert network.times.forward_ms.tolist() == [100_000]
    assert "times of runner" in repr(network)


def test_line_layers_and_graphs_have_times_too():
    walk = draw(SQUARE, "A B", "B C D A")
    again = Network.from_networkx(walk.to_networkx(), crs=METRES, min_component_share=0)
    assert again.timed("elderly").times.forward_ms.tolist() == walk.timed("elderly").times.forward_ms.tolist()


def test_scenarios_have_times_and_points_keep_off_closed_streets_there_too():
    #  The steps B-C are to get a ramp beside them: B-C by (150, 40), 128.062 m instead of 400.
    walk = draw(RAMP, "A B", ("B C", {"highway": "steps"}), "B D C")
    assert time(close_street(walk, edge=1).timed("adult"), (0, 0), (200, 0)) == 500
    ramp = add_link(walk, shapely.LineString([(100, 0), (150, 40), (200, 0)]), name="ramp")
    length = 2 * 64.031
    assert time(ramp.timed("adult"), (0, 0), (200, 0)) == 200
    free = ramp.timed("step_free")
    assert time(free, (0, 0), (200, 0)) == pytest.approx((100 + length) / 0.8, abs=0.002)
    # A point beside the steps goes to the same street as without the ramp; the planned link carries none.
    home = points(home=(140, 0))
    assert free.snap(home).x.tolist() == walk.timed("step_free").snap(home).x.tolist()
    assert free.edges["highway"].iloc[free.snap(home).edge[0]] != "steps"
    gained = time(walk.timed("step_free"), (0, 0), (200, 0)) - time(free, (0, 0), (200, 0))
    assert gained == pytest.approx((400 - length) / 0.8, abs=0.002)


def test_rules_in_metres_are_not_judged_by_seconds():
    from siting.coverage import audit

    timed = draw(SQUARE, "A B").timed("adult")
    with pytest.raises(InputError, match="is in metres, and the network has travel times"):
        audit(timed, points(home=(0, 0)).assign(people=1.0), points(shop=(1, 0)), "wc.radius.mandatory")
