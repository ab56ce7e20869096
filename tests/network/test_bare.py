"""Networks from plain arrays: what goes in comes out in the same order, and faults are refused."""

import numpy as np
import pytest
from street_drawing import METRES

from siting.errors import CRSError, NetworkDataError
from siting.network import Network

XY = [(0, 0), (100, 0), (100, 50)]


def test_edges_keep_their_order_lengths_and_directions():
    network = Network.from_arrays(XY, [0, 1, 1, 2], [1, 2, 2, 2], [100_000, 70_000, 60_001, 5], crs=METRES)
    assert network.edge_mm.tolist() == [100_000, 70_000, 60_001, 5]
    assert network.edge_u.tolist() == [0, 1, 1, 2]
    assert network.out_arcs is network.in_arcs
    assert network.carries.tolist() == [True]
    bound = Network.from_arrays(XY, [0, 1], [1, 2], [100_000, 50_000], crs=METRES, oneway=[True, False])
    assert bound.backward.tolist() == [False, True]


def test_lengths_are_measured_and_shapes_are_kept():
    assert Network.from_arrays(XY, [0, 1], [1, 2], crs=METRES).edge_mm.tolist() == [100_000, 50_000]
    bent = ([(0, 0), (0, 50), (100, 50), (100, 50), (100, 0)], [0, 3, 5])
    network = Network.from_arrays(XY, [0, 2], [2, 1], crs=METRES, coords=bent)
    assert network.edge_mm.tolist() == [150_000, 50_000]
    assert network.lines[0].length == 150


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"u": [0, 3]}, "positions of the 3 nodes"),
        ({"v": [1]}, "v has 1 edges"),
        ({"length_mm": [1.5, 2.0]}, "length_mm is float64"),
        ({"length_mm": [1, -2]}, "negative"),
        ({"xy": [0, 1, 2]}, "xy has shape"),
        ({"oneway": [True]}, "oneway has 1"),
        ({"coords": (XY, [0, 3])}, "coords has 1"),
        ({"coords": (XY, [0, 2, 3])}, "two or more an edge"),
        ({"u": [], "v": [], "length_mm": []}, "no edge is left"),
    ],
)
def test_faults_are_refused(change, said):
    given = {"xy": XY, "u": [0, 1], "v": [1, 2], "length_mm": [1, 2]} | change
    with pytest.raises(NetworkDataError, match=said):
        Network.from_arrays(**given, crs=METRES)


def test_degrees_are_refused():
    with pytest.raises(CRSError):
        Network.from_arrays(np.array(XY), [0], [1], [1], crs="EPSG:4326")
