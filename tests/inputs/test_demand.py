"""Demand from zones, points, grids and buildings: nobody lost, nobody made."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyproj import CRS

from siting.errors import CRSError, GeometryError, InputError, SchemaError
from siting.inputs.demand import (
    DemandSpec,
    build_demand,
    clip_to_boundary,
    demand_from_points,
    demand_from_raster,
    estimate_from_buildings,
    residential_homes,
    spread_over_buildings,
)
from siting.inputs.demand_points import overlap_findings, polygon_points
from siting.inputs.layers import LayerSpec, read_layer
from siting.units import milli_to_people, people_to_milli

GK = CRS.from_epsg(4547)
X, Y = 452000.0, 2455000.0


def box(x0, y0, x1, y1):
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


def frame(geometry, ids=None, **columns):
    index = pd.Index([str(i) for i in (ids or range(len(geometry)))], name="id")
    return gpd.GeoDataFrame(columns, geometry=list(geometry), crs=GK, index=index)


def milli(values):
    return people_to_milli(values).tolist()


#        zone A (100 people)          zone B (50 people)        zone C (7 people)
#   +------------------------+   +------------------------+   +---------------+
#   | h1 10x10, 2 floors     |   | h3 20x10, 1 floor      |   |  no homes     |
#   | h2 10x10, 6 floors     |   | (office 50x50)         |   |               |
#   +------------------------+   +------------------------+   +---------------+     h4, outside all
def zones(**more):
    shapes = [box(0, 0, 100, 100), box(100, 0, 200, 100), box(200, 0, 260, 100)]
    return frame(shapes, ["A", "B", "C"], people=[100.0, 50.0, 7.0], **more)


def buildings():
    shapes = [
        box(10, 10, 20, 20),
        box(40, 10, 50, 20),
        box(110, 10, 130, 20),
        box(140, 40, 190, 90),
        box(500, 0, 510, 10),
    ]
    return frame(
        shapes, ["h1", "h2", "h3", "office", "h4"], floors=[2, 6, 1, 9, 1], residential=[True, True, True, False, True]
    )


def test_people_go_to_homes_by_floor_area():
    spread, findings = spread_over_buildings(zones(), buildings())
    assert spread["people"].to_dict() == {"h1": 25.0, "h2": 75.0, "h3": 50.0, "area/C": 7.0}
    assert spread["units"].to_dict() == {"h1": 1, "h2": 1, "h3": 1, "area/C": 0}
    assert spread.geometry["area/C"].within(zones().geometry["C"])
    assert spread.geometry["h1"].within(buildings().geometry["h1"])
    listed = {f.code: f.ids for f in findings if f.kind == "warning"}
    assert listed == {"area_without_homes": ("C",), "home_outside_areas": ("h4",)}


def test_a_home_on_a_shared_edge_counts_once_and_goes_to_the_first_zone():
    home = frame([box(95, 10, 105, 20)], ["edge"], floors=[1])
    spread, _ = spread_over_buildings(zones(), home)
    assert spread["people"].to_dict() == {"edge": 100.0, "area/B": 50.0, "area/C": 7.0}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        pytest.param({"floors": [2, 6]}, [25, 75], id="floors"),
        pytest.param({"levels": ["2", "6"]}, [25, 75], id="levels-as-text"),
        pytest.param({"height": [6.4, 19.2]}, [25, 75], id="height"),
        pytest.param({"levels": [2, None], "height": [99.0, 19.0]}, [25, 75], id="levels-before-height"),
        pytest.param({"levels": ["2;3", "many"]}, [50, 50], id="unreadable-is-one-floor"),
        pytest.param({"floor_area_m2": [1000, 4000]}, [20, 80], id="floor-area-given"),
        pytest.param({}, [50, 50], id="nothing-known"),
        pytest.param({"levels": [0, -3]}, [50, 50], id="no-floors-are-unknown"),
    ],
)
def test_floor_area_comes_from_what_is_known(columns, expected):
    homes = frame([box(10, 10, 20, 20), box(40, 10, 50, 20)], ["h1", "h2"], **columns)
    area = frame([box(0, 0, 100, 100)], ["A"], people=[100.0])
    assert spread_over_buildings(area, homes)[0]["people"].tolist() == expected


def test_unknown_floors_follow_the_median_of_their_own_zone():
    # Five towers of 10 floors and one unknown in A, five houses of 1 floor and one unknown in B; all of 100 m2.
    shapes = [box(x, 10, x + 10, 20) for x in (0, 12, 24, 36, 48, 60, 100, 112, 124, 136, 148, 160)]
    homes = frame(shapes, floors=[10] * 5 + [np.nan] + [1] * 5 + [np.nan])
    spread, findings = spread_over_buildings(zones().iloc[:2].assign(people=[60.0, 60.0]), homes)
    assert spread["people"].tolist() == [10.0] * 12
    assert {f.code: f.count for f in findings}["floors_of_area"] == 2


def test_points_give_their_people_to_homes_nearby():
    #  p0 --100 m-- p1 --100 m-- p2      a home 30 m from p0, one 20 m from p1, one 300 m off
    points = frame([shapely.Point(X + 100 * k, Y) for k in range(3)], ["p0", "p1", "p2"], people=[10.0, 20.0, 30.0])
    homes = frame([box(25, 0, 35, 10), box(115, 0, 125, 10), box(500, 0, 510, 10)], ["a", "b", "c"])
    spread, _ = spread_over_buildings(points, homes)
    assert spread["people"].to_dict() == {"a": 10.0, "b": 20.0, "area/p2": 30.0}


def test_clashing_ids_and_no_homes_are_refused():
    with pytest.raises(InputError, match="none of 5 buildings is residential"):
        residential_homes(buildings().assign(residential=False), "demand")
    homes = frame([box(10, 10, 20, 20)], ["area/C"])
    with pytest.raises(SchemaError, match="clash"):
        spread_over_buildings(zones(), homes)


PEOPLE = st.lists(st.floats(0, 5000, allow_nan=False), min_size=1, max_size=5)


@settings(max_examples=40, deadline=None)
@given(people=PEOPLE, seed=st.integers(0, 2**32 - 1), homes=st.integers(1, 12))
@example(people=[0.0], seed=584546, homes=1)
def test_spreading_conserves_every_thousandth_and_ignores_the_order_of_rows(people, seed, homes):
    rng = np.random.default_rng(seed)
    areas = frame(
        [box(100 * k, 0, 100 * k + 100, 100) for k in range(len(people))],
        people=people,
        group_old=[p / 7 for p in people],
    )
    x, y = rng.uniform(0, 100 * len(people), homes), rng.uniform(0, 90, homes)
    houses = frame(
        [box(a, b, a + 5, b + 5) for a, b in zip(x, y, strict=True)],
        [f"h{k}" for k in range(homes)],
        floors=rng.integers(1, 30, homes),
    )
    spread, _ = spread_over_buildings(areas, houses)
    for column in ("people", "group_old"):
        assert sum(milli(spread[column])) == sum(milli(areas[column]))
    assert (spread["people"] == milli_to_people(people_to_milli(spread["people"]))).all()
    shuffled, _ = spread_over_buildings(areas.sample(frac=1, random_state=1), houses.sample(frac=1, random_state=2))
    pd.testing.assert_series_equal(shuffled["people"].sort_index(), spread["people"].sort_index())


@settings(deadline=None)
@given(total=st.floats(0.001, 1e7), seed=st.integers(0, 2**32 - 1))
def test_an_estimate_adds_up_to_its_total(total, seed):
    rng = np.random.default_rng(seed)
    houses = frame([box(20 * k, 0, 20 * k + rng.uniform(1, 19), 10) for k in range(9)], floors=rng.integers(1, 9, 9))
    made, _ = estimate_from_buildings(houses, total=total)
    assert sum(milli(made["people"])) == round(total * 1000) or abs(sum(milli(made["people"])) - total * 1000) <= 0.5


def test_estimates():
    total, _ = estimate_from_buildings(buildings(), total=1100)  # floor areas 200, 600, 200, 100
    assert total["people"].to_dict() == {"h1": 200.0, "h2": 600.0, "h3": 200.0, "h4": 100.0}
    each, _ = estimate_from_buildings(buildings(), m2_per_person=40)
    assert each["people"].to_dict() == {"h1": 5.0, "h2": 15.0, "h3": 5.0, "h4": 2.5}
    for wrong in ({}, {"total": 1.0, "m2_per_person": 2.0}, {"total": -1.0}, {"m2_per_person": 0.0}):
        with pytest.raises(SchemaError):
            estimate_from_buildings(buildings(), **wrong)


def test_an_estimate_uses_only_homes_inside_the_boundary():
    demand = build_demand(DemandSpec(total=1000), crs=GK, buildings=buildings(), boundary=box(0, 0, 300, 100))
    assert demand.frame["people"].to_dict() == {"h1": 200.0, "h2": 600.0, "h3": 200.0}
    assert (demand.report.people, demand.report.units) == (1000.0, 3)
    assert demand.report.method.zh.startswith("估算")
    assert "estimate: a total of 1,000 people" in demand.report.method.en


# --- polygons without buildings


#   a square of 250 m cut by the 100 m grid through the origin: 9 pieces, the outer ones 50 m wide on the east and north
def test_large_polygons_become_points_by_area():
    area = frame([box(0, 0, 250, 250)], ["A"], people=[625.0])
    points = polygon_points(area, "demand", 100.0)
    assert points.index.tolist() == [f"A/{k}" for k in range(1, 10)]
    assert points["people"].tolist() == [100, 100, 50, 100, 100, 50, 50, 50, 25]
    assert points.geometry.iloc[0].equals(shapely.Point(X + 50, Y + 50))
    assert shapely.intersects(area.geometry.iloc[0], points.geometry.values).all()


def test_small_polygons_are_one_point_inside():
    ring = box(0, 0, 90, 90).difference(box(10, 10, 80, 80))
    points = polygon_points(frame([ring], ["A"], people=[5.0]), "demand", 100.0)
    assert points.index.tolist() == ["A"]
    assert ring.contains(points.geometry.iloc[0])


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), cell=st.floats(30, 400))
def test_polygon_points_conserve_and_stay_inside(seed, cell):
    rng = np.random.default_rng(seed)
    corners = shapely.MultiPoint(rng.uniform(0, 900, (6, 2)) + np.array([X, Y]))
    area = frame(
        [corners.convex_hull.difference(corners.geoms[0].buffer(150)).buffer(0)], ["A"], people=[rng.uniform(0, 9999)]
    )
    points = polygon_points(area, "demand", cell)
    assert sum(milli(points["people"])) == milli(area["people"])[0]
    assert shapely.distance(area.geometry.iloc[0], points.geometry.values).max() < 1e-6


def test_a_cell_far_too_small_is_refused():
    with pytest.raises(SchemaError, match=r"Set cell_m to \d+ or more"):
        polygon_points(frame([box(0, 0, 90000, 90000)], people=[1.0]), "demand", 10.0)


def test_row18_overlapping_zones_warn_with_their_share():
    overlapping = frame(
        [box(0, 0, 100, 100), box(90, 0, 190, 100), box(300, 0, 400, 100)], ["A", "B", "C"], people=[1, 2, 3]
    )
    (finding,) = overlap_findings(overlapping)
    assert (finding.kind, finding.count, finding.ids) == ("warning", 1, ("A & B",))
    assert "3.33%" in finding.text.en  # 1,000 of 30,000 m2
    assert overlap_findings(zones()) == ()


# --- the front door


@pytest.mark.parametrize(
    ("people", "error", "says"),
    [
        pytest.param([1, np.nan, 3], SchemaError, r"1 of 3 rows lack 'pop' \(ids B\)", id="row40"),
        pytest.param([1, -2, 3], SchemaError, r"'pop' is negative in 1 rows \(ids B\)", id="row41"),
        pytest.param([1, np.inf, 3], SchemaError, "'pop' is infinite", id="row42"),
        pytest.param(["1", "12人", "3"], SchemaError, "no numbers", id="row43"),
        pytest.param([0, 0, 0], InputError, "no demand: 'pop' is 0 in all 3 rows", id="row44"),
    ],
)
def test_bad_populations_are_refused(people, error, says):
    with pytest.raises(error, match=says):
        build_demand(DemandSpec(population="pop"), crs=GK, source=zones(pop=people))


def test_missing_population_can_be_filled():
    demand = build_demand(DemandSpec(population="pop", fill=0), crs=GK, source=zones(pop=[1, np.nan, 3]))
    assert demand.report.people == 4.0
    assert "filled" in {f.code for f in demand.accounts[-1].findings}


def test_all_faults_of_the_columns_are_told_at_once():
    with pytest.raises(SchemaError) as raised:
        build_demand(DemandSpec(population="pop", groups={"old": "aged"}), crs=GK, source=zones(pop=[1, -2, np.nan]))
    assert all(word in str(raised.value) for word in ("negative", "lack 'pop'", "no column 'aged'"))


def test_a_total_scales_the_populations():
    demand = build_demand(DemandSpec(population="people", total=1570), crs=GK, source=zones(), buildings=buildings())
    assert demand.frame["people"].to_dict() == {"h1": 250.0, "h2": 750.0, "h3": 500.0, "area/C": 70.0}


def test_groups_as_counts_or_shares():
    source = zones(aged=[10.0, 5.0, 0.7], share=[0.1, 0.1, 0.1])
    demand = build_demand(
        DemandSpec(population="people", groups={"a": "aged", "b": "share"}),
        crs=GK,
        source=source,
        buildings=buildings(),
    )
    assert demand.frame["group_a"].tolist() == demand.frame["group_b"].tolist() == [2.5, 7.5, 5.0, 0.7]
    assert "group_from_share" in {f.code for f in demand.accounts[-1].findings}
    assert any("15.700" in line.en for line in demand.report.lines)


def test_points_and_units():
    points = frame([shapely.Point(X, Y), shapely.Point(X + 1, Y)], ["a", "b"], pop=[1.5, 0.0])
    made = demand_from_points(points, "pop", unit="estate")
    assert made["people"].tolist() == [1.5, 0.0]
    assert made["units"].tolist() == [1, 1]
    assert made["units"].dtype == np.int64
    unknown = build_demand(DemandSpec(), crs=GK, source=points)
    assert list(unknown.frame.columns) == ["geometry"]
    assert unknown.report.people is None


def test_polygons_that_are_units_stay_whole():
    demand = build_demand(DemandSpec(population="people", unit="parcel"), crs=GK, source=zones())
    assert demand.frame.index.tolist() == ["A", "B", "C"]
    assert demand.report.units == 3


def test_points_outside_the_boundary_are_listed_with_their_people():
    points = frame(
        [shapely.Point(X, Y), shapely.Point(X + 50, Y), shapely.Point(X + 51, Y)],
        ["a", "edge", "out"],
        people=[1.0, 2.0, 4.5],
    )
    inside, (finding,) = clip_to_boundary(points, box(-50, -50, 50, 50), "demand")
    assert inside.index.tolist() == ["a", "edge"]
    assert (finding.kind, finding.ids) == ("dropped", ("out",))
    assert "4.500 people" in finding.text.en
    demand = build_demand(DemandSpec(population="people"), crs=GK, source=points, boundary=box(-50, -50, 50, 50))
    account = demand.accounts[-1]
    assert (account.rows_in, account.rows_used, demand.report.people) == (3, 2, 3.0)


def test_row23_a_boundary_elsewhere_is_refused_with_both_extents():
    with pytest.raises(InputError, match=r"none of its .* points lies in the study boundary. In EPSG:4547"):
        build_demand(DemandSpec(population="people"), crs=GK, source=zones(), boundary=box(9000, 0, 9100, 100))


@pytest.mark.parametrize(
    ("spec", "given", "error", "says"),
    [
        ({"population": "people"}, {"source": "mixed"}, GeometryError, "mixes 1 points, 0 lines and 3 polygons"),
        ({"total": 5.0}, {"source": "zones"}, SchemaError, "need population ="),
        ({"groups": {"a": "b"}}, {"source": "zones"}, SchemaError, "need population ="),
        ({"m2_per_person": 5.0}, {"source": "zones"}, SchemaError, "m2_per_person is for an estimate"),
        ({"total": 5.0}, {}, SchemaError, "an estimate needs buildings"),
        ({}, {"buildings": "buildings"}, SchemaError, "needs either total"),
        ({"population": "people", "total": -1.0}, {"source": "zones"}, SchemaError, "Set it above 0"),
        ({"population": "people", "cell_m": 0.0}, {"source": "zones"}, SchemaError, "cell_m is 0"),
        ({"population": "people"}, {"source": "degrees"}, InputError, "is not in EPSG:4547"),
    ],
)
def test_contradictions_are_refused(spec, given, error, says):
    layers = {
        "zones": zones(),
        "buildings": buildings(),
        "degrees": zones().to_crs(4326),
        "mixed": pd.concat([zones(), frame([shapely.Point(X, Y)], ["p"], people=[1.0])]),
    }
    with pytest.raises(error, match=says):
        build_demand(DemandSpec(**spec), crs=GK, **{k: layers[v] for k, v in given.items()})


def test_row30_a_working_crs_in_degrees_is_refused():
    with pytest.raises(CRSError):
        build_demand(DemandSpec(population="people"), crs=CRS(4326), source=zones().to_crs(4326))


def test_raster_people_go_to_the_homes_of_their_cell(tmp_path):
    import rasterio

    path = tmp_path / "p.tif"
    transform = rasterio.Affine(100, 0, X, 0, -100, Y + 100)
    profile = {"driver": "GTiff", "height": 1, "width": 3, "count": 1, "dtype": "float64", "crs": "EPSG:4547"}
    with rasterio.open(path, "w", transform=transform, nodata=-1.0, **profile) as raster:
        raster.write(np.array([[[100.0, 50.0, 7.0]]]))
    demand = build_demand(DemandSpec(raster=path), crs=GK, buildings=buildings())
    assert demand.frame["people"].to_dict() == {"h1": 25.0, "h2": 75.0, "h3": 50.0, "area/r0c2": 7.0}
    assert [a.layer for a in demand.accounts] == ["demand", "demand"]
    assert demand_from_raster(path, GK)["people"].tolist() == [100.0, 50.0, 7.0]


# --- real cities


def test_macau_zones_onto_buildings(shared_data):
    folder = shared_data / "macau"
    settings = {"layer": "zones", "id": "boundary_key", "fill": {"population_2021": 0}}
    source = read_layer(
        LayerSpec(name="zones", source=folder / "macau_official.gpkg", **settings),
        kind="polygon",
        crs=GK,
        weight="population_2021",
    ).frame
    homes = read_layer(
        LayerSpec(name="buildings", source=folder / "macau_osm_layers.gpkg", layer="buildings", id="building_id"),
        kind="polygon",
        crs=GK,
    ).frame
    theirs = read_layer(
        LayerSpec(name="points", source=folder / "macau_demand.gpkg", id="building_id"), kind="point", crs=GK
    ).frame
    homes["residential"] = homes.index.isin(theirs.index)
    demand = build_demand(DemandSpec(population="population_2021"), crs=GK, source=source, buildings=homes)
    assert sum(milli(demand.frame["people"])) == 682_400_000
    # Every zone keeps its census figure, and an independent estimate by the same rule puts people into the same houses.
    joined = gpd.sjoin(demand.frame, source[["population_2021", "geometry"]], predicate="within")
    sums = joined.groupby("index_right" if "index_right" in joined else "id_right")["people"].sum()
    assert (sums - source["population_2021"].reindex(sums.index)).abs().max() < 1e-6
    elsewhere = (demand.frame["people"] - theirs["pop_est"].reindex(demand.frame.index)).abs().sum() / 2
    assert elsewhere / 682_400 < 0.001
    without = build_demand(DemandSpec(population="population_2021"), crs=GK, source=source)
    assert sum(milli(without.frame["people"])) == 682_400_000


def test_porto_alegre_hexagons(shared_data):
    spec = LayerSpec(name="hexagons", source=shared_data / "porto-alegre" / "poa_hexgrid.csv")
    source = read_layer(spec, kind="point", crs=32722, weight="population").frame
    demand = build_demand(DemandSpec(population="population"), crs=CRS(32722), source=source)
    assert (demand.report.points, demand.report.people) == (1227, 812_935.0)
