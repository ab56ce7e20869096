"""Line layers: what is joined, dropped and counted."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from street_drawing import METRES, points

from siting.access import nearest
from siting.errors import CRSError, GeometryError, NetworkDataError
from siting.network import Network


def layer(*lines, **columns):
    shapes = [shapely.LineString(line) if isinstance(line, list) else line for line in lines]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=METRES)


def build(*lines, node_crossings=True, **columns):
    return Network.from_lines(layer(*lines, **columns), node_crossings=node_crossings, min_component_share=0)


def findings(network):
    return {f.code: f.count for f in network.accounts[0].findings}


def test_lines_meet_at_any_common_vertex():
    #  a bend of the first line is the end of the second
    network = build([(0, 0), (50, 0), (100, 0)], [(50, 0), (50, 40)])
    assert network.edge_mm.tolist() == [50_000, 40_000, 50_000] or sorted(network.edge_mm) == [40_000, 50_000, 50_000]
    assert len(network.carries) == 1


def test_vertices_within_the_tolerance_are_one_and_no_chain_collapses():
    near = build([(0, 0), (50, 0)], [(50.06, 0), (100, 0)])
    assert len(near.carries) == 1
    assert sorted(near.edge_mm) == [50_000, 50_000]  # the second line starts at (50, 0) now
    apart = build([(0, 0), (50, 0)], [(50.11, 0), (100, 0)])
    assert len(apart.carries) == 2
    # Bends every 6 cm stay a street of 6 m, though each lies within 10 cm of the next.
    dense = build([(0.06 * k, 0) for k in range(101)])
    assert dense.edge_mm.tolist() == [6_000]


def test_crossings_are_joined_unless_told_not_to_and_never_over_bridges():
    cross = [(0, 0), (100, 0)], [(50, -50), (50, 50)]
    assert len(build(*cross, node_crossings=False).carries) == 2
    noded = Network.from_lines(layer(*cross, bridge=["no", None]))
    assert noded.edge_mm.tolist() == [50_000] * 4
    assert findings(noded) == {"crossings_joined": 1}
    for columns in ({"bridge": ["yes", None]}, {"tunnel": [False, True]}, {"layer": ["1", None]}):
        assert len(Network.from_lines(layer(*cross, **columns), node_crossings=True).edge_mm) == 2
    same = Network.from_lines(layer(*cross, layer=[1, 1]), node_crossings=True)
    assert same.n_edges == 4


def test_a_layer_that_tells_no_bridges_is_joined_everywhere_and_warned_of():
    grid = [[(0, k), (100, k)] for k in (10, 20, 30)] + [[(50, 0), (50, 50)]]
    account = build(*grid).accounts[0]
    warning = next(f for f in account.findings if f.kind == "warning")
    assert (warning.code, warning.count) == ("crossings_of_unknown_level", 3)
    assert "for instance at (50, 20)" in warning.text.en
    assert "例如 (50, 20)" in warning.text.zh
    assert findings(build(*grid, layer=[0, 0, 0, None])) == {"crossings_joined": 3}
    assert findings(build(*grid, node_crossings=False)) == {}


def test_an_end_on_another_line_is_joined_unless_told_not_to():
    touch = [(0, 0), (100, 0)], [(30, 0), (30, 50)]
    assert len(build(*touch, node_crossings=False).carries) == 2
    noded = Network.from_lines(layer(*touch), snap_tolerance_m=0)
    assert sorted(noded.edge_mm) == [30_000, 50_000, 70_000]
    assert len(noded.carries) == 1


def test_rows_in_are_rows_used_and_rows_listed():
    multi = shapely.MultiLineString([[(0, 0), (10, 0)], [(10, 0), (10, 10)]])
    lines = layer(
        multi, [(10, 10), (20, 10)], [(20, 10), (10, 10)], None, [(20, 10), (20.05, 10)], [(20, 10), (30, 10)],
        [(0, 0), (0, 99)],
        highway=["footway", "path", "path", "path", "path", "motorway", "construction"], osm_id=[1, 2, 3, 4, 5, 6, 7],
    )  # fmt: skip
    network = Network.from_lines(lines, min_component_share=0)
    account = network.accounts[0]
    assert (account.rows_in, account.rows_used) == (7, 2)
    dropped = {"null_geometry": 1, "not_open": 2, "duplicate_geometry": 1, "too_short": 1}
    assert findings(network) == dropped | {"places_joined": 1}
    assert network.edge_mm.tolist() == [10_000] * 3
    assert sorted(network.edges["way_id"]) == ["1", "1", "2"]


def test_the_columns_are_read_as_tags():
    lines = layer(
        [(0, 0), (10, 0)], [(10, 0), (20, 0)], [(20, 0), (30, 0)],
        highway=["cycleway", "residential", "residential"], foot=["yes", None, "no"], oneway=[None, "yes", None],
    )  # fmt: skip
    walk, drive = Network.from_lines(lines), Network.from_lines(lines, mode="drive")
    assert walk.n_edges == 2
    assert walk.backward.all()
    assert drive.backward.tolist() == [False, True]


def test_driving_keeps_both_carriageways_of_one_axis():
    there, back = [(0, 0), (10, 0)], [(10, 0), (0, 0)]
    network = Network.from_lines(layer(there, back, oneway=["yes", "yes"]), mode="drive")
    assert network.n_edges == 2
    assert not network.backward.any()
    assert Network.from_lines(layer(there, back, oneway=["yes", "yes"])).n_edges == 1


def test_z_never_changes_a_length():
    assert build(shapely.LineString([(0, 0, 0), (3, 4, 100)])).edge_mm.tolist() == [5_000]


def test_unusable_layers_are_refused():
    with pytest.raises(NetworkDataError, match="has no lines"):
        Network.from_lines(layer())
    with pytest.raises(NetworkDataError, match="none of 1 lines is open"):
        build([(0, 0), (1, 1)], highway=["motorway"])
    with pytest.raises(NetworkDataError, match="shorter than"):
        build([(0, 0), (0.01, 0)])
    with pytest.raises(CRSError, match="no CRS"):
        Network.from_lines(layer([(0, 0), (1, 1)]).set_crs(None, allow_override=True))
    with pytest.raises(GeometryError, match="1 of 2 rows are no lines but Point"):
        build([(0, 0), (1, 1)], shapely.Point(0, 0))
    with np.errstate(invalid="ignore"), pytest.raises(GeometryError, match="not finite"):
        build([(0, 0), (np.nan, 1)])


def test_degrees_get_a_working_crs_of_the_place():
    lines = gpd.GeoDataFrame(geometry=[shapely.LineString([(120.4, 31.5), (120.41, 31.5)])], crs=4326)
    assert Network.from_lines(lines).crs.to_epsg() == 4549  # CGCS2000, central meridian 120 E
    assert Network.from_lines(lines, crs=32651).crs.to_epsg() == 32651


@pytest.fixture(scope="module")
def wuxi(shared_data):
    lines = gpd.read_file(shared_data / "wuxi-xinwu" / "xinwu_road_centerlines.gpkg")
    closed = ("motorway", "motorway_link", "trunk", "trunk_link", "construction", "services")
    # The published count keeps cycleways, which the street filter opens to walkers only where a tag says so.
    return lines[~lines["highway"].isin(closed)].drop(columns="highway")


def test_wuxi_has_the_vertices_that_its_notes_count(wuxi):
    network = Network.from_lines(wuxi, node_crossings=False)
    table = network.components
    assert table["vertices"].sum() == pytest.approx(22_763, abs=3)
    assert table["vertices"].iloc[0] == pytest.approx(22_425, abs=3)
    assert len(table) == 27
    assert network.edge_mm.sum() / 1e6 == pytest.approx(1_759, abs=1)


def test_wuxi_shuffled_gives_the_same_distances(wuxi):
    rng = np.random.default_rng(5)
    west, south, east, north = wuxi.total_bounds
    xy = rng.uniform((west, south), (east, north), (300, 2))
    homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy[:250].T), crs=wuxi.crs)
    shops = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy[250:].T), crs=wuxi.crs)
    one, other = Network.from_lines(wuxi), Network.from_lines(wuxi.sample(frac=1, random_state=1))
    assert (one.edge_mm == other.edge_mm).all()
    pd.testing.assert_frame_equal(nearest(one, homes, shops), nearest(other, homes, shops))


def test_points_on_lines_are_at_home():
    network = build([(0, 0), (100, 0)])
    assert nearest(network, points(a=(0, 0)), points(b=(100, 0)))["cost"].tolist() == [100.0]
