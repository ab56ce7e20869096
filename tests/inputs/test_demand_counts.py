"""Cars and households of a demand layer: whole ones stay whole, an unknown one stays unknown, all are told."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from siting.errors import SchemaError
from siting.inputs.demand import DemandSpec, build_demand
from siting.inputs.demand_counts import share_count

GK = CRS.from_epsg(4547)
X, Y = 452000.0, 2455000.0
SPEC = {"population": "people", "counts": {"cars": "汽车", "households": "户数"}}


def squares(cars, households, side=200, people=100):
    """Squares side by side from the west."""
    n = len(cars)
    shapes = [shapely.box(X + k * side, Y, X + (k + 1) * side, Y + side) for k in range(n)]
    index = pd.Index([f"Z{k + 1}" for k in range(n)], name="id")
    columns = {"people": [people] * n, "汽车": cars, "户数": households}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=GK, index=index)


def findings(demand):
    return {f.code: f for account in demand.accounts for f in account.findings}


def test_points_carry_what_their_rows_state():
    layer = squares([7, 0, 3], [4, 2, 1.5])
    layer = layer.set_geometry(layer.centroid)
    demand = build_demand(DemandSpec(**SPEC), crs=GK, source=layer)
    assert demand.frame["cars"].tolist() == [7, 0, 3]
    assert demand.frame["households"].tolist() == [4, 2, 1.5]
    assert [line.en for line in demand.report.lines][-2:] == ["10 cars", "7.5 households"]


def test_what_is_no_number_stays_unknown_and_is_listed():
    """Of six rows two can be used; each of the others is told with what it says."""
    layer = squares(["120", "120辆", None, "-8", "inf", "1,200"], [1] * 6)
    demand = build_demand(DemandSpec(**SPEC), crs=GK, source=layer.set_geometry(layer.centroid))
    assert demand.frame["cars"].dropna().to_dict() == {"Z1": 120, "Z6": 1200}
    told = findings(demand)["cars_not_read"]
    assert (told.count, told.ids) == (4, ("Z2", "Z3", "Z4", "Z5"))
    assert "no value: 1, no number: 1, negative: 1, infinite: 1; Z2: '120辆'; Z4: '-8'" in told.text.en
    assert "缺值 1 行、不是数字 1 行、为负 1 行、无穷大 1 行；Z2：“120辆”" in told.text.zh
    assert demand.accounts[-1].rows_in == demand.accounts[-1].rows_used == 6
    assert "1,320 cars; not known at 4 points" in [line.en for line in demand.report.lines]


@pytest.mark.parametrize(
    ("cars", "counts", "says"),
    [
        (["约80", None], {"cars": "汽车"}, "no number of 0 or more in any of 2 rows"),
        ([1, 2], {"cars": "汽车数"}, "did you mean '汽车'"),
    ],
)
def test_a_column_of_which_nothing_can_be_used_is_refused(cars, counts, says):
    layer = squares(cars, [1, 1])
    with pytest.raises(SchemaError, match=says):
        build_demand(DemandSpec(population="people", counts=counts), crs=GK, source=layer)


def test_both_faults_are_told_with_those_of_the_people():
    layer = squares(["a", "b"], [1, 1], people=-1)
    with pytest.raises(SchemaError) as error:
        build_demand(DemandSpec(**SPEC), crs=GK, source=layer)
    assert all(word in str(error.value) for word in ("people", "negative", "汽车"))


def test_an_area_is_cut_into_cells_with_whole_cars():
    """400 m2 squares of 200 m: four cells each; 7 cars are 2, 2, 2 and 1, and an unknown number is unknown in all."""
    demand = build_demand(DemandSpec(**SPEC), crs=GK, source=squares([7, None], [2.5, 4]))
    cells = demand.frame.groupby(demand.frame.index.str[:2])
    assert cells["cars"].apply(sorted).to_dict()["Z1"] == [1, 2, 2, 2]
    assert demand.frame["cars"].isna().sum() == 4
    assert cells["households"].sum().to_dict() == {"Z1": 2.5, "Z2": 4.0}


def test_cars_without_people_are_enough():
    spec = DemandSpec(counts={"cars": "汽车"})
    demand = build_demand(spec, crs=GK, source=squares([7, 5], [1, 1]))
    assert "people" not in demand.frame
    assert (len(demand.frame), demand.frame["cars"].sum()) == (8, 12)
    assert "people are unknown" in demand.report.method.en


def test_homes_share_the_cars_of_their_area_by_floor_area():
    """Two homes of one and three storeys: 2 and 6 of 8 cars; the area without homes keeps its 5 at a point."""
    homes = gpd.GeoDataFrame(
        {"floors": [1, 3]},
        geometry=[shapely.box(X + x, Y + 20, X + x + 20, Y + 40) for x in (20, 60)],
        crs=GK,
        index=pd.Index(["A", "B"], name="id"),
    )
    demand = build_demand(DemandSpec(**SPEC), crs=GK, source=squares([8, 5], [4, None]), buildings=homes)
    assert demand.frame["cars"].to_dict() == {"A": 2, "B": 6, "area/Z2": 5}
    assert demand.frame["households"].isna().tolist() == [False, False, True]


def test_what_lies_outside_is_listed_with_its_cars():
    layer = squares([7, 5], [1, 2])
    inside = layer.geometry.iloc[0]
    demand = build_demand(DemandSpec(**SPEC), crs=GK, source=layer.set_geometry(layer.centroid), boundary=inside)
    assert "with 100.000 people, 5 cars, 2 households" in findings(demand)["outside_boundary"].text.en


def test_an_estimate_has_no_rows_to_read_from():
    with pytest.raises(SchemaError, match="columns of a layer"):
        build_demand(DemandSpec(total=10.0, counts={"cars": "汽车"}), crs=GK, buildings=squares([1], [1]))


@given(
    st.one_of(st.integers(0, 10**6).map(float), st.integers(0, 10**9).map(lambda n: n / 1000)),
    st.lists(st.floats(0.001, 1000), min_size=1, max_size=20),
)
def test_parts_add_up_and_whole_stays_whole(value, weight):
    parts = share_count(value, np.array(weight))
    assert round(float(parts.sum()), 3) == round(value, 3)
    assert not value.is_integer() or (parts == np.rint(parts)).all()
