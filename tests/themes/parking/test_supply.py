"""Spaces of drawn car parks: stated, estimated by the clause, unknown, and each car park once."""

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point, box

from siting.errors import CRSError
from siting.standards import load_catalogue
from siting.themes.parking.supply import parking_supply

CRS = "EPSG:4548"
X, Y = 517_000, 4_052_000


def lots_of(rows: dict[str, tuple], **columns) -> gpd.GeoDataFrame:
    """Draw car parks: id -> (class, shape) with columns by name."""
    shapes = [shape for _, shape in rows.values()]
    frame = gpd.GeoDataFrame({"class": [c for c, _ in rows.values()]}, geometry=shapes, crs=CRS, index=list(rows))
    frame.index.name = "id"
    return frame.assign(name=None) if "name" not in columns and not columns else frame.assign(**columns)


def place(x: float, y: float = 0) -> Point:
    """Return a point of the drawing."""
    return Point(X + x, Y + y)


def yard(x: float, width: float, depth: float) -> object:
    """Return a rectangle of the drawing."""
    return box(X + x, Y, X + x + width, Y + depth)


def test_stated_estimated_and_unknown():
    """A yard of 30 x 30 m is 900 m²: 900 / 30 = 30 to 900 / 25 = 36 spaces, 30 count; a point has no area."""
    facilities = lots_of(
        {
            "A": ("public_parking", place(0)),
            "B": ("public_parking", place(200)),
            "C": ("public_parking", yard(400, 30, 30)),
            "D": ("public_parking", place(600)),
            "E": ("public_parking", place(800)),
        },
        capacity_text=["120辆", "约80", None, None, "-3"],
        kind=["地面", "地面", "地面", "地下", None],
    )
    supply = parking_supply(facilities, load_catalogue())
    lots = supply.lots
    assert lots["basis"].to_dict() == {"A": "stated", "B": "about", "C": "estimated", "D": "unknown", "E": "unknown"}
    assert lots["spaces"].tolist()[:3] == [120, 80, 30]
    assert lots["spaces"].isna().tolist() == [False, False, False, True, True]
    assert (lots.loc["C", "spaces_least"], lots.loc["C", "spaces_most"]) == (30, 36)
    assert (lots.loc["C", "rule"], lots.loc["C", "confidence"]) == ("park_lot.area.ground", "clause")
    checks = supply.census.groupby("lot")["check"].apply(list).to_dict()
    assert checks == {"B": ["about"], "C": ["missing", "estimated"], "D": ["missing"], "E": ["negative"]}
    assert supply.rows_in == len(lots) + supply.repeated
    told = {f.code: f.count for f in supply.findings}
    assert told == {"spaces_not_read": 1, "spaces_unknown": 2, "spaces_estimated": 1}


def test_storeys_make_floor_area_and_no_storeys_make_none():
    """A building of 1,000 m² on 3 storeys: 3,000 / 40 = 75 to 100 spaces; without storeys nothing is known."""
    facilities = lots_of(
        {"A": ("public_parking", yard(0, 50, 20)), "B": ("public_parking", yard(200, 50, 20)),
         "K": ("street_parking", yard(400, 50, 20)), "M": ("parking", place(600))},
        kind=["停车楼", "停车楼", None, "机械"],
        levels=[3, None, None, None],
        area_m2=[None, None, None, 500],
    )  # fmt: skip
    lots = parking_supply(facilities, load_catalogue()).lots
    assert (lots.loc["A", "spaces_least"], lots.loc["A", "spaces_most"]) == (75, 100)
    assert lots.loc[["B", "K"], "basis"].tolist() == ["unknown", "unknown"]
    assert lots.loc["K", "kind"] == "kerb"
    assert (lots.loc["M", "spaces_least"], lots.loc["M", "spaces_most"]) == (20, 33)
    assert lots["users"].to_dict() == {"A": "public", "B": "public", "K": "public", "M": "own"}


def test_a_wrong_figure_is_not_replaced_by_an_estimate():
    """A negative figure stays unknown although the yard has an area: somebody must look."""
    facilities = lots_of({"A": ("public_parking", yard(0, 30, 30))}, capacity=[-12])
    assert parking_supply(facilities, load_catalogue()).lots["basis"].tolist() == ["unknown"]


def test_more_than_its_area_holds_is_told_and_counted_as_stated():
    """900 m² hold at most 36 by the clause; 120 are stated."""
    supply = parking_supply(lots_of({"A": ("public_parking", yard(0, 30, 30))}, capacity=[120.0]), load_catalogue())
    assert supply.lots["spaces"].tolist() == [120]
    assert supply.census["check"].tolist() == ["kind_wanted"]
    assert "state its kind and levels" in supply.census["detail_en"].iloc[0]
    yards = lots_of({"A": ("public_parking", yard(0, 30, 30))}, capacity=[120.0], kind=["surface"])
    supply = parking_supply(yards, load_catalogue())
    assert supply.census["check"].tolist() == ["over_area"]
    assert "120 stated, 36 by its area" in supply.census["detail_en"].iloc[0]


def test_each_car_park_once():
    """Point and area of one car park; one name 60 m apart; a basement under a yard is another car park."""
    facilities = lots_of(
        {
            "a1": ("public_parking", yard(0, 30, 30)),
            "a2": ("public_parking", place(15, 15)),
            "b1": ("public_parking", place(300)),
            "b2": ("parking", place(360)),
            "c1": ("public_parking", yard(600, 30, 30)),
            "c2": ("public_parking", yard(600, 30, 30)),
            "d1": ("public_parking", place(900)),
            "d2": ("public_parking", place(902)),
        },
        name=[None, "东门停车场", "南 (一期)", "南（一期）", "广场", None, "甲", "乙"],
        capacity=[None, 40, 100, 90, 50, 200, 10, 10],
        kind=[None, None, None, None, "地面", "地下", None, None],
        source=["osm", "census", "osm", "census", "osm", "osm", "osm", "osm"],
    )
    supply = parking_supply(facilities, load_catalogue())
    assert sorted(supply.lots.index) == ["a2", "b1", "c1", "c2", "d1", "d2"]
    assert (supply.rows_in, supply.repeated) == (8, 2)
    told = supply.census[supply.census["other"].notna()].set_index("lot")
    assert told["check"].to_dict() == {"a1": "same_place", "b2": "same_name", "d2": "two_names"}
    assert told["counted"].to_dict() == {"a1": False, "b2": False, "d2": True}
    assert "90 here, 100 there" in told.loc["b2", "detail_en"]
    assert [f.count for f in supply.findings if f.code == "lot_layers"] == [2]


def test_two_rows_of_one_object_and_the_order_of_rows():
    """One id under two classes counts once, as the class that is open; shuffled rows give the same car parks."""
    facilities = lots_of({f"L{k}": ("parking", place(200 * k)) for k in range(6)}, capacity=[10 * k for k in range(6)])
    twice = gpd.GeoDataFrame(
        np.concatenate([facilities.to_numpy(), facilities.iloc[[2]].assign(**{"class": "public_parking"}).to_numpy()]),
        columns=facilities.columns, index=[*facilities.index, "L2"], crs=CRS, geometry="geometry",
    )  # fmt: skip
    supply = parking_supply(twice, load_catalogue())
    assert (len(supply.lots), supply.repeated) == (6, 1)
    assert supply.lots.loc["L2", "users"] == "public"
    shuffled = parking_supply(gpd.GeoDataFrame(twice.iloc[::-1]), load_catalogue())
    assert shuffled.lots["spaces"].equals(supply.lots["spaces"])


def test_tags_say_kind_and_capacity():
    """OpenStreetMap: capacity as text, storeys and kind stand in the tags."""
    tags = '{"amenity": "parking", "capacity": "approx. 300", "parking": "multi-storey", "building:levels": "4"}'
    facilities = lots_of({"A": ("public_parking", place(0))}, tags=[tags], capacity=[np.nan])
    lot = parking_supply(facilities, load_catalogue()).lots.loc["A"]
    assert (lot["spaces"], lot["basis"], lot["kind"], lot["levels"]) == (300, "about", "building", pytest.approx(4))


def test_a_car_park_drawn_as_a_building_is_no_yard():
    """Its storeys are not known, so nothing is estimated and no stated number is too large; a roof leaves a yard."""
    tags = ['{"amenity": "parking", "building": "parking"}', '{"amenity": "parking", "building": "roof"}']
    rows = {"A": ("public_parking", yard(0, 30, 30)), "B": ("public_parking", yard(200, 30, 30))}
    lots = parking_supply(lots_of(rows, tags=tags, capacity=[np.nan] * 2), load_catalogue()).lots
    assert lots["kind"].tolist() == ["building", "unknown"]
    assert lots["basis"].tolist() == ["unknown", "estimated"]
    stated = parking_supply(lots_of(rows, tags=tags, capacity=[878.0, 20.0]), load_catalogue())
    assert stated.census.empty


def test_what_is_missing_is_not_quoted():
    """A column of texts holds NaN for nothing: no car park says "nan"."""
    rows = {"A": ("public_parking", place(0)), "B": ("public_parking", place(200))}
    census = parking_supply(lots_of(rows, capacity_text=["120辆", None]), load_catalogue()).census
    assert census["detail_zh"].tolist() == ["未注明泊位数"]


def test_degrees_are_refused():
    """Areas and distances need metres."""
    facilities = lots_of({"A": ("public_parking", place(0))}, capacity=[1]).to_crs("EPSG:4326")
    with pytest.raises(CRSError, match="not in metres"):
        parking_supply(facilities, load_catalogue())
