"""Parts of streets by the nearest facility: by hand, and millimetre by millimetre on random graphs."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from street_drawing import draw, points
from test_pairs_oracle import network_of, on_edges, worlds

from siting.access.gates import entries
from siting.access.nearest import nearest_goals
from siting.access.own_parts import own_parts
from siting.access.places import Goals, cutoff_mm
from siting.access.service_kinds import only
from siting.access.street_parts import nearest_parts
from siting.network import Snapped
from siting.units import UNREACHED_MM


def parts_of(network, there, cutoff):
    goals = Goals.of(network, entries(network, there), there.index)
    parts = nearest_parts(network, goals, cutoff_mm(cutoff))
    rows = zip(parts.edge, parts.low_mm / 1000, parts.high_mm / 1000, there.index[parts.owner], strict=True)
    return [(int(e), float(a), float(b), who) for e, a, b, who in rows]


#  A(0,0) ---- p(100) ------------ q(240) ---- B(300,0) -------- C(500,0)
@pytest.fixture(scope="module")
def street():
    return draw({"A": (0, 0), "B": (300, 0), "C": (500, 0)}, "A B", "B C")


def test_cut_half_way_between_two(street):
    there = points(p=(100, 0), q=(240, 0))
    assert parts_of(street, there, None) == [(0, 0, 170, "p"), (0, 170, 300, "q"), (1, 0, 200, "q")]
    assert parts_of(street, there, 80) == [(0, 20, 170, "p"), (0, 170, 300, "q"), (1, 0, 20, "q")]
    assert parts_of(street, there, 30) == [(0, 70, 130, "p"), (0, 210, 270, "q")]


def test_the_way_to_the_street_moves_the_border(street):
    # q stands 20 m off the street: p's part grows by 10 m.
    assert parts_of(street, points(p=(100, 0), q=(240, 20)), 100) == [
        (0, 0, 180, "p"), (0, 180, 300, "q"), (1, 0, 20, "q")
    ]  # fmt: skip


def test_one_way_streets_belong_to_what_lies_ahead():
    network = draw({"A": (0, 0), "B": (300, 0)}, ("A B", {"drive_backward": False}), mode="drive")
    assert parts_of(network, points(p=(100, 0), q=(240, 0)), None) == [(0, 0, 100, "p"), (0, 100, 240, "q")]


def test_times_rise_at_the_profile_s_pace(street):
    # 0.8 m/s: 80 s are 64 m.
    slow = street.timed("elderly")
    assert parts_of(slow, points(p=(100, 0)), 80) == [(0, 36, 164, "p")]


def goals_and_places(network, entry_list):
    """Facilities of a random world, and every whole millimetre inside its edges."""
    g_edge, g_offset, g_access = on_edges(network, [p for p, _ in entry_list])
    owner = np.array([f for _, f in entry_list], dtype=np.int64)
    table = pd.DataFrame({"facility": owner, "edge": g_edge, "offset_mm": g_offset, "access_mm": g_access})
    # Inside edges: at an end one is on the node, wherever its streets lead.
    places = [(e, o) for e in range(network.n_edges) for o in range(1, int(network.edge_mm[e]))]
    edge, offset = np.array(places, dtype=np.int64).reshape(-1, 2).T
    blank = np.zeros(len(edge))
    at = Snapped(
        index=pd.RangeIndex(len(edge)), edge=edge, offset_mm=offset, far_mm=network.edge_mm[edge] - offset,
        access_mm=np.zeros(len(edge), dtype=np.int64), x=blank, y=blank, distance_m=blank,
        passed_by=np.full(len(edge), -1), max_snap_m=1.0,
    )  # fmt: skip
    return Goals.of(network, table, pd.RangeIndex(4)), at


def parts_agree(parts, goals, at, nearest):
    """Whether the parts hold every place by (one of) its nearest facilities, and no other place."""
    entries_at = set(zip(goals.edge.tolist(), goals.offset_mm.tolist(), strict=True))
    rows = list(
        zip(parts.edge.tolist(), parts.low_mm.tolist(), parts.high_mm.tolist(), parts.owner.tolist(), strict=True)
    )
    for e, o, who in zip(at.edge.tolist(), at.offset_mm.tolist(), nearest, strict=True):
        if (e, o) in entries_at:  # where a facility stands, it may reach this point and no more
            continue
        holding = {owner for pe, low, high, owner in rows if pe == e and low <= o <= high}
        assert (who & holding) if who else not holding
    for one, other in pairwise(rows):
        assert one[0] < other[0] or one[2] <= other[1]
    inner = [(e, o, who) for e, low, high, who in rows for o in range(low + 1, high)]
    found = dict(zip(zip(at.edge.tolist(), at.offset_mm.tolist(), strict=True), nearest, strict=True))
    assert all(who in found[e, o] for e, o, who in inner if (e, o) not in entries_at)


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_every_millimetre_has_the_nearest_facility(world):
    n, edges, _, entry_list, limit = world
    network = network_of(n, edges)
    goals, at = goals_and_places(network, entry_list)
    _, label = nearest_goals(network, at, goals, limit)
    parts_agree(nearest_parts(network, goals, limit), goals, at, [{who} - {-1} for who in label.tolist()])


@settings(max_examples=100, deadline=None)
@given(worlds(), st.lists(st.sampled_from([0, 3, 7, 15, 40]), min_size=4, max_size=4))
def test_every_millimetre_has_the_nearest_of_those_that_reach_it(world, limits):
    n, edges, _, entry_list, _ = world
    network = network_of(n, edges)
    goals, at = goals_and_places(network, entry_list)
    cost = np.array([nearest_goals(network, at, only(goals, j), limit)[0] for j, limit in enumerate(limits)])
    least = cost.min(axis=0)
    nearest = [{j for j in range(4) if cost[j, i] == least[i] < UNREACHED_MM} for i in range(len(least))]
    parts_agree(own_parts(network, goals, np.array(limits)), goals, at, nearest)
