"""Nearest facility, cost matrix: every value added up by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from street_drawing import METRES, areas, draw, points

from siting.access import cost_matrix, nearest, nearest_straight
from siting.errors import CRSError, GeometryError, SchemaError

#   D(0,200) ------------------- C(300,200)        metres
#      |                            |
#      |                            |              h on AB, 100 m from A and 10 m off the street
#      |    h                       |              k on AB, 250 m from A
#   A(0,0) --------------- k --- B(300,0) ---- E(400,0)
SQUARE = {"A": (0, 0), "B": (300, 0), "C": (300, 200), "D": (0, 200), "E": (400, 0)}


@pytest.fixture(scope="module")
def square():
    return draw(SQUARE, "A B", "B C D A", "B E")


def cost(network, one, other, **options):
    table = nearest(network, points(one=one), points(other=other), **options)
    return table["cost"].iloc[0]


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        ((100, 10), (250, 0), 10 + 150),  # same edge: they meet along it
        ((250, 0), (100, 10), 150 + 10),  # and back
        ((100, 10), (100, -5), 10 + 5),  # same place, two sides of the street
        ((100, 0), (400, 3), 200 + 100 + 3),  # over B
        ((0, 100), (250, 0), 100 + 250),  # over A
        ((300, 100), (0, 150), 100 + 300 + 50),  # round the upper side
        ((0, 0), (300, 0), 300),  # node to node
        ((0, 0), (0, 0), 0),
        ((-30, -40), (0, 0), 50),  # beyond the end of the street: straight to it
    ],
)
def test_cost_is_access_and_way_and_access(square, one, other, metres):
    assert cost(square, one, other) == metres
    assert cost(square, other, one) == metres


def test_a_detour_over_the_nodes_can_be_shorter_than_the_edge_itself():
    #  A bulge of 1,000 m from P to Q, and a direct street of 100 m: two places near the ends of the bulge.
    nodes = {"P": (0, 0), "Q": (100, 0), "R": (0, 450), "S": (100, 450)}
    network = draw(nodes, "P R S Q", "P Q")
    # 30 + 100 + 30 by the direct street; 1000 - 60 along the bulge.
    assert cost(network, (0, 30), (100, 30)) == 160


def test_two_places_on_a_loop_take_the_shorter_arc():
    nodes = {"A": (0, 0), "B": (100, 0), "C": (100, 100), "D": (0, 100)}
    network = draw(nodes, "A B C D A")
    assert network.n_edges == 1
    assert cost(network, (50, 0), (0, 50)) == 100  # over A, not 300 along the loop
    assert cost(network, (50, 0), (100, 50)) == 100  # along it


def test_the_limit_itself_is_served(square):
    assert cost(square, (100, 10), (250, 0), cutoff=160) == 160
    assert np.isinf(cost(square, (100, 10), (250, 0), cutoff=159.999))
    matrix = cost_matrix(square, points(one=(100, 10)), points(other=(250, 0)), 160)
    assert matrix.cost_mm.tolist() == [160_000]
    assert cost_matrix(square, points(one=(100, 10)), points(other=(250, 0)), 159.999).n_pairs == 0


def test_equally_near_goes_to_the_first_facility(square):
    demand = points(middle=(150, 0))
    there = points(east=(300, 0), west=(0, 0))
    assert nearest(square, demand, there)["facility"].tolist() == ["east"]
    assert nearest(square, demand, there.iloc[::-1])["facility"].tolist() == ["west"]
    on_the_edge = points(east=(200, 0), west=(100, 0))
    assert nearest(square, demand, on_the_edge)["facility"].tolist() == ["east"]
    assert nearest(square, demand, on_the_edge.iloc[::-1])["facility"].tolist() == ["west"]


def test_beyond_the_snap_limit_nothing_is_reached(square):
    demand = points(near=(100, 500 + 200), far=(100, 200 + 500.001))
    table = nearest(square, demand, points(post=(0, 200)))
    assert table.loc["near"].tolist() == ["post", 600.0]
    assert table.loc["far", "facility"] is None
    assert np.isinf(table.loc["far", "cost"])


def test_one_way_streets_bind_driving_only():
    #  A ---> B ---> C ---> A, driving one way round; 100, 100 and 141.421 m
    nodes = {"A": (0, 0), "B": (100, 0), "C": (100, 100)}
    way = ("A B C A", {"drive_backward": False})
    drive, walk = draw(nodes, way, "C B", mode="drive"), draw(nodes, way)
    assert cost(walk, (60, 0), (40, 0)) == 20
    one_way = draw(nodes, way, mode="drive")
    assert cost(one_way, (40, 0), (60, 0)) == 20
    assert cost(one_way, (60, 0), (40, 0)) == pytest.approx(40 + 100 + 141.421 + 40)
    assert drive.n_edges == 4  # the ring cut at A, B and C; C B runs beside a piece of it
    matrix = cost_matrix(one_way, points(late=(60, 0), early=(40, 0)), points(late=(60, 0), early=(40, 0)), None)
    assert matrix.to_dense() == pytest.approx(np.array([[0, 321.421], [20, 0]]))


def test_another_component_is_unreached_and_never_zero():
    nodes = {"A": (0, 0), "B": (100, 0), "C": (0, 50), "D": (100, 50)}
    network = draw(nodes, "A B", "C D")
    table = nearest(network, points(south=(10, 0)), points(north=(10, 50)))
    assert table["facility"].tolist() == [None]
    assert np.isinf(table["cost"].iloc[0])
    assert cost_matrix(network, points(south=(10, 0)), points(north=(10, 50)), None).n_pairs == 0


def test_whoever_is_inside_a_park_is_there(square):
    park = areas(park=shapely.box(40, 30, 260, 170))
    demand = points(inside=(150, 100), outside=(150, 10))
    table = nearest(square, demand, park)
    assert table.loc["inside"].tolist() == ["park", 0.0]
    # No street passes within 20 m: entered where the nearest street is as good as nearest, so at 30 m.
    assert table.loc["outside", "cost"] > nearest_straight(demand, park).loc["outside", "cost"] == 20
    assert cost_matrix(square, demand, park, 1000).to_dense()[0, 0] == 0


def test_no_facilities_reach_nobody(square):
    table = nearest(square, points(one=(0, 0)), points().set_geometry(gpd.GeoSeries([], crs=METRES)))
    assert np.isinf(table["cost"].iloc[0])


def test_layers_in_other_crs_are_projected(square):
    demand, there = points(one=(100, 10)), points(post=(250, 0))
    table = nearest(square, demand.to_crs(4326), there.to_crs(4490), cutoff=200)
    assert table["cost"].iloc[0] == pytest.approx(160, abs=0.005)


def test_bad_layers_are_refused_with_their_ids(square):
    good = points(one=(0, 0))
    with pytest.raises(CRSError, match="demand: the layer has no CRS"):
        nearest(square, good.set_crs(None, allow_override=True), good)
    with pytest.raises(GeometryError, match=r"1 of 2 rows have no geometry \(ids two\)"):
        nearest(square, pd.concat([good, points(two=(1, 1)).assign(geometry=None)]), good)
    with pytest.raises(SchemaError, match="1 ids occur more than once"):
        nearest(square, pd.concat([good, good]), good)
    with pytest.raises(GeometryError, match="no point"):
        nearest(square, areas(block=shapely.box(0, 0, 1, 1)), good)
    with pytest.raises(GeometryError, match="neither points nor areas"):
        nearest(square, good, areas(line=shapely.LineString([(0, 0), (1, 1)])))
    with pytest.raises(GeometryError, match="not finite"):
        nearest(square, points(one=(np.nan, 0.0)), good)


def test_an_id_column_names_the_rows(square):
    demand = points(x=(100, 10)).assign(id="home")
    there = points(y=(250, 0)).assign(id="post")
    table = nearest(square, demand, there)
    assert table.index.tolist() == ["home"]
    assert table["facility"].tolist() == ["post"]
    assert cost_matrix(square, demand, there, 500).to_frame().iloc[0].tolist() == ["home", "post", 160.0]


def test_matrix_speaks_labels_and_keeps_zero(square):
    demand, there = points(a=(0, 0), b=(300, 0), e=(400, 0)), points(post=(300, 0), shop=(0, 0))
    matrix = cost_matrix(square, demand, there, 350)
    dense = [[300, 0], [0, 300], [100, np.inf]]
    assert matrix.to_dense().tolist() == dense
    assert matrix.shape == (3, 2)
    assert matrix.n_pairs == matrix.to_csr().nnz == 5
    assert matrix.rows.tolist() == ["a", "b", "e"]
    assert matrix.columns.tolist() == ["post", "shop"]
    assert (matrix.unit, matrix.cutoff) == ("m", 350)
    assert all((np.diff(matrix.indices[s:t]) > 0).all() for s, t in zip(matrix.indptr, matrix.indptr[1:], strict=False))
