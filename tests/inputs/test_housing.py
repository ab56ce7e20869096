import geopandas as gpd
import pytest
from shapely import box

from siting.errors import SchemaError
from siting.inputs.housing import classify_housing, floors, is_home, metres, number, out_of_use, own_use, states_homes
from siting.inputs.osm_kinds import OsmKinds

KINDS = OsmKinds.default()


def layer(rows, **columns):
    """Squares of side 1 at (column, row), or boxes."""
    shapes = [box(*r) if len(r) == 4 else box(r[0], r[1], r[0] + 1, r[1] + 1) for r in rows]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:32649")


def reason(value, land=None, grounds=None, **flags):
    buildings = layer([(0, 0)], building=[value], **{k: [v] for k, v in flags.items()})
    return classify_housing(buildings, land, grounds).tolist()[0]


HOMES = ["residential", "apartments", "house", "detached", "terrace", "semidetached_house", "dormitory", "bungalow"]


@pytest.mark.parametrize("value", HOMES)
def test_homes_by_their_own_value(value):
    assert reason(value) == "tagged"
    # Nothing around it makes a tagged home another thing: people do live in industrial zones.
    assert reason(value, land=layer([(0, 0)], kind=["industrial"]), own_use="shop=convenience") == "tagged"


@pytest.mark.parametrize(
    "value", ["hut", "cabin", "garage", "school", "retail", "roof", "construction", "static_caravan"]
)
def test_other_values_are_no_homes(value):
    assert reason(value, land=layer([(0, 0)], kind=["residential"])) == "other_value"


def test_yes_counts_where_nothing_says_otherwise():
    assert reason("yes") == "assumed"
    assert reason("yes", land=layer([(0, 0)], kind=["residential"])) == "assumed"
    assert reason("yes", land=layer([(0, 0)], kind=["industrial"])) == "land:industrial"
    assert reason("yes", land=layer([(5, 5)], kind=["industrial"])) == "assumed"
    assert reason("yes", grounds=layer([(0, 0)], kind=["school"])) == "grounds:school"
    assert reason("yes", own_use="shop=supermarket") == "own_use"
    assert reason("yes", own_use=None) == "assumed"
    assert reason("yes", own_use="shop=supermarket", stated_homes=True) == "stated"
    assert reason("apartments", not_in_use=True) == "not_in_use"


def test_the_smallest_land_around_decides():
    #   industrial (10 x 10) holds a residential block (3 x 3) that holds the building
    land = layer([(-5, -5, 5, 5), (-1, -1, 2, 2)], kind=["industrial", "residential"])
    assert reason("yes", land=land) == "assumed"
    assert reason("yes", land=land.iloc[::-1]) == "assumed"
    assert reason("yes", land=land.assign(kind=["residential", "retail"])) == "land:retail"


def test_grounds_speak_before_land():
    assert reason("yes", layer([(0, 0)], kind=["industrial"]), layer([(0, 0)], kind=["hospital"])) == "grounds:hospital"


def test_a_building_stands_where_a_point_inside_it_lies():
    buildings = layer([(0, 0, 10, 1)], building=["yes"])
    assert classify_housing(buildings, layer([(9, 0, 12, 1)], kind=["retail"])).tolist() == ["assumed"]
    assert classify_housing(buildings, layer([(1, 0, 12, 1)], kind=["retail"])).tolist() == ["land:retail"]


def test_index_and_order_are_kept_and_only_three_reasons_are_homes():
    buildings = layer([(0, 0)] * 5, building=["yes", "house", "school", "yes", "yes"]).set_index(
        gpd.pd.Index(list("edcba"), name="id")
    )
    buildings["own_use"] = [None, None, None, "amenity=bank", None]
    buildings["stated_homes"] = [False, False, False, False, True]
    reasons = classify_housing(buildings)
    assert reasons.to_dict() == {"e": "assumed", "d": "tagged", "c": "other_value", "b": "own_use", "a": "stated"}
    assert is_home(reasons).tolist() == [True, True, False, False, True]


def test_empty_layers_and_missing_columns():
    assert classify_housing(layer([], building=[])).tolist() == []
    assert reason("yes", land=layer([], kind=[])) == "assumed"
    with pytest.raises(SchemaError, match="buildings: column 'building' is missing; there are type, geometry"):
        classify_housing(layer([(0, 0)], type=["yes"]))
    with pytest.raises(SchemaError, match="land: column 'kind' is missing"):
        reason("yes", land=layer([(0, 0)], use=["retail"]))


@pytest.mark.parametrize(
    ("tags", "use"),
    [
        ({"building": "yes"}, None),
        ({"building": "yes", "amenity": "bank", "shop": "yes"}, "amenity=bank"),
        ({"building": "yes", "shop": "no"}, None),
        ({"building": "yes", "man_made": "works"}, "man_made=works"),
        ({"building": "yes", "building:use": "commercial"}, "building:use=commercial"),
        ({"building": "yes", "building:use": "residential"}, None),
        ({"building": "yes", "landuse": "residential"}, None),
        ({"building": "yes", "addr:street": "x", "name": "大厦"}, None),
    ],
)
def test_own_use(tags, use):
    assert own_use(tags, KINDS) == use


def test_stated_and_out_of_use():
    assert states_homes({"building:flats": "12"}, KINDS)
    assert not states_homes({"building:flats": "0"}, KINDS)
    assert not states_homes({"building:use": "office"}, KINDS)
    assert out_of_use({"abandoned": "yes"}, KINDS)
    assert not out_of_use({"disused": "no"}, KINDS)


def test_floors_from_levels_then_height_then_nothing():
    assert floors(7.0, 10.0, 3.2) == (7.0, "levels")
    assert floors(None, 16.0, 3.2) == (5.0, "height")
    assert floors(0.0, 3.0, 3.2) == (1.0, "height")  # a hall of 3 m has one floor
    assert floors(None, 1.0, 3.2) == (1.0, "height")
    assert floors(None, None, 3.2) == (None, None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("1,234", 1234),
        (" 3.5 ", 3.5),
        ("12人", None),
        ("~50", None),
        ("１２", None),
        ("1,2", None),
        ("", None),
        (None, None),
        ("-3", None),
        ("50;20", None),
    ],
)
def test_numbers_are_read_only_where_they_are_plain(text, value):
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "value"), [("25", 25), ("25 m", 25), ("10 ft", 3.048), ("10'", 3.048), ("low", None), (None, None)]
)
def test_heights(text, value):
    assert metres(text) == (None if value is None else pytest.approx(value))
