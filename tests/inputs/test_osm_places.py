import json

import pytest
from osm_xml import STREET_NODES, STREET_WAYS, closed, osm, place, ring, write

from siting.inputs.osm import read_osm

TOILET = {"amenity": "toilets"}


def classify(tags):
    classes = []
    if tags.get("amenity") == "toilets":
        classes.append("public_toilet")
    if tags.get("amenity") == "school":
        classes.append("school")
    if tags.get("emergency") == "assembly_point":
        classes.append("shelter")
    if tags.get("highway") == "bus_stop" or (tags.get("public_transport") == "platform" and tags.get("bus") == "yes"):
        classes.append("bus_stop")
    return classes


def read(tmp_path, nodes, ways=None, relations=None):
    text = osm({**STREET_NODES, **nodes}, {**STREET_WAYS, **(ways or {})}, relations)
    return read_osm(write(tmp_path / "t.osm", text), classify=classify)


def kept(data, klass):
    rows = data.facilities
    return rows.index[rows["class"] == klass].tolist()


def findings(data, layer):
    account = next(a for a in data.accounts if a.layer == layer)
    return {f.code: (f.count, f.ids) for f in account.findings}


def test_points_areas_and_multipolygons_with_their_attributes(tmp_path):
    tags = TOILET | {
        "name": "公厕 WC", "name:zh": "公厕", "name:en": "Toilet", "capacity": "1,200", "fee": "no", "unisex": "yes",
        "wheelchair": "limited", "opening_hours": "24/7", "operator": "IAM",
    }  # fmt: skip
    nodes = {1: (0, 0, tags), **ring(10, 2, 0, 3, 1), **ring(20, 5, 0, 8, 3), **ring(30, 6, 1, 7, 2)}
    ways = {5: (closed(10), {"amenity": "school"}), 6: (closed(20), {}), 7: (closed(30), {})}
    relations = {9: ([(6, "outer"), (7, "inner")], {"type": "multipolygon", "amenity": "school"})}
    rows = read(tmp_path, nodes, ways, relations).facilities
    assert rows.index.tolist() == ["node/1", "way/5", "relation/9"]  # by class, then nodes, ways, relations
    toilet = rows.loc["node/1"]
    assert (toilet["class"], toilet["name"], toilet["name_zh"], toilet["name_en"]) == (
        "public_toilet",
        "公厕 WC",
        "公厕",
        "Toilet",
    )
    assert (toilet["capacity"], toilet["fee"], toilet["operator"], toilet["wheelchair"]) == (
        1200,
        "no",
        "IAM",
        "limited",
    )
    assert json.loads(toilet["tags"])["unisex"] == "yes"
    assert (toilet.geometry.x, toilet.geometry.y) == place(0, 0)
    assert rows.loc["relation/9"].geometry.area == pytest.approx(8e-6)
    assert rows.loc["way/5", "name"] != rows.loc["way/5", "name"]  # no name is absence, not a text


def test_an_object_of_two_classes_has_a_row_in_each(tmp_path):
    data = read(tmp_path, {1: (0, 0, {"amenity": "school", "emergency": "assembly_point"})})
    assert data.facilities["class"].tolist() == ["school", "shelter"]
    assert (kept(data, "school"), kept(data, "shelter")) == (["node/1"], ["node/1"])
    account = data.accounts[-1]
    assert (account.layer, account.rows_in, account.rows_used) == ("facilities", 2, 2)


@pytest.mark.parametrize(
    ("area_name", "point_names", "left"),
    [
        (None, [None], ["way/5"]),
        ("甲", ["甲"], ["way/5"]),
        (None, ["甲"], ["way/5"]),
        ("甲", [None], ["way/5"]),
        ("甲", ["乙"], ["node/1", "way/5"]),  # another school in the same compound
        (None, ["甲", "乙"], ["node/1", "node/2", "way/5"]),  # two schools in one unnamed area: it is neither
        (None, ["甲", None], ["way/5"]),
    ],
)
def test_drawn_as_area_and_as_a_place_inside_it(tmp_path, area_name, point_names, left):
    def school(name):
        return {"amenity": "school"} | ({"name": name} if name else {})

    nodes = {k: (4.5 + k / 10, 0.5, school(n)) for k, n in enumerate(point_names, start=1)}
    data = read(tmp_path, {**nodes, **ring(10, 4, 0, 6, 2)}, {5: (closed(10), school(area_name))})
    assert kept(data, "school") == left
    dropped = 1 + len(point_names) - len(left)
    assert findings(data, "facilities").get("duplicate_of_polygon", (0,))[0] == dropped


def test_the_area_takes_over_what_only_the_point_says(tmp_path):
    nodes = {1: (0.5, 0.5, TOILET | {"name": "公厕", "capacity": "4", "building": "no"}), **ring(10, 0, 0, 1, 1)}
    rows = read(tmp_path, nodes, {5: (closed(10), TOILET | {"building": "yes", "fee": "no"})}).facilities
    assert rows.index.tolist() == ["way/5"]
    assert (rows["name"].iloc[0], rows["capacity"].iloc[0], rows["fee"].iloc[0]) == ("公厕", 4, "no")
    assert json.loads(rows["tags"].iloc[0])["building"] == "yes"


def test_a_place_outside_the_area_or_of_another_class_stays(tmp_path):
    nodes = {1: (3, 3, {"amenity": "school"}), 2: (0.5, 0.5, TOILET), **ring(10, 0, 0, 1, 1)}
    data = read(tmp_path, nodes, {5: (closed(10), {"amenity": "school"})})
    assert (kept(data, "school"), kept(data, "public_toilet")) == (["node/1", "way/5"], ["node/2"])


def test_a_platform_at_its_bus_stop_is_not_a_second_stop(tmp_path):
    #   0.1 grid steps of latitude = 11.1 m: stop 2 lies 8.9 m, stop 3 11.1 m from a platform
    platform = {"public_transport": "platform", "bus": "yes"}
    nodes = {
        1: (0, 0, {"highway": "bus_stop"}),
        2: (0, 0.08, platform),
        3: (5, 0, {"highway": "bus_stop"}),
        4: (5, 0.1, platform),
        5: (9, 0, {"highway": "bus_stop", "public_transport": "platform", "bus": "yes"}),
        **ring(10, 8.9, -0.1, 9.1, 0.1),
        6: (20, 0), 7: (20.1, 0),
    }  # fmt: skip
    data = read(tmp_path, nodes, {5: (closed(10), platform), 6: ([6, 7], platform)})
    assert kept(data, "bus_stop") == ["node/1", "node/3", "node/4", "node/5", "way/6"]
    assert findings(data, "facilities")["platform_of_stop"] == (2, ("node/2", "way/5"))
    assert findings(data, "facilities")["line_as_point"] == (1, ("way/6",))
    middle = data.facilities.geometry.loc["way/6"]
    assert (middle.x, middle.y) == pytest.approx(place(20.05, 0))


def test_what_has_no_place_or_extent_is_listed(tmp_path):
    nodes = {1: (0, 0, TOILET), 2: (1, 0, TOILET | {"capacity": "viele"})}
    relations = {
        8: ([(99, "outer")], {"type": "multipolygon", "amenity": "school"}),
        9: ([(99, "")], {"type": "site", "amenity": "school"}),
    }
    text = osm({**STREET_NODES, **nodes}, STREET_WAYS, relations).replace('lat="22.1"', 'lat="95"', 1)
    data = read_osm(write(tmp_path / "t.osm", text), classify=classify)
    assert data.facilities.index.tolist() == ["node/2"]
    assert findings(data, "facilities") == {
        "clipped_ring": (1, ("relation/8",)),
        "no_place": (1, ("node/1",)),
        "relation_without_area": (1, ("relation/9",)),
        "capacity_not_number": (1, ("node/2",)),
    }
    assert data.facilities["capacity"].isna().all()


def test_gates_and_entrances(tmp_path):
    nodes = {
        1: (0, 0, {"barrier": "gate", "name": "北门"}),
        2: (1, 0, {"entrance": "main"}),
        3: (2, 0, {"entrance": "emergency"}),
        4: (3, 0, {"barrier": "lift_gate", "access": "private"}),
        5: (4, 0, {"barrier": "gate", "access": "private", "foot": "yes"}),
        6: (5, 0, {"barrier": "bollard"}),
        7: (6, 0, {"entrance": "no"}),
        8: (7, 0, {"barrier": "turnstile", "entrance": "yes"}),
    }
    rows = read(tmp_path, nodes).entrances
    gates = ["node/1", "node/4", "node/5", "node/8"]
    assert rows.index[rows["kind"] == "gate"].tolist() == gates
    assert rows.index[rows["kind"] == "entrance"].tolist() == ["node/2", "node/3"]
    assert rows["usable"].tolist() == [True, True, False, False, True, True]
    assert rows["name"].iloc[0] == "北门"


def test_green_land_water_and_grounds(tmp_path):
    kinds = [
        {"leisure": "park"},
        {"leisure": "park", "access": "private"},
        {"leisure": "garden", "name": "花园"},
        {"leisure": "garden"},
        {"leisure": "garden", "garden:type": "residential"},
        {"landuse": "grass"},
        {"landuse": "cemetery"},
        {"landuse": "residential"},
        {"landuse": "brownfield"},
        {"landuse": "odd_value"},
        {"natural": "water"},
        {"amenity": "school"},
        {"leisure": "park", "landuse": "grass", "access": "customers", "foot": "yes"},
    ]
    nodes, ways = {}, {}
    for k, tags in enumerate(kinds, start=1):
        nodes |= ring(10 * k, 2 * k, 0, 2 * k + 1, 1)
        ways[k] = (closed(10 * k), tags)
    nodes[7] = (0, 0, {"leisure": "park"})
    data = read(tmp_path, nodes, ways)
    green = data.green
    assert green["kind"].to_dict() == {
        "way/1": "park", "way/3": "garden", "way/4": "garden", "way/6": "grass", "way/13": "park",
    }  # fmt: skip
    assert green["is_park"].tolist() == [True, True, False, False, True]
    assert green["is_green"].all()
    assert findings(data, "green") == {"drawn_as_point": (1, ("node/7",)), "not_public": (2, ("way/2", "way/5"))}
    assert data.land["kind"].to_dict() == {
        "way/7": "cemetery", "way/8": "residential", "way/9": "brownfield", "way/10": "odd_value",
    }  # fmt: skip
    assert data.land["residential"].tolist() == [False, True, False, False]
    assert data.land["vacant"].tolist() == [False, False, True, False]
    assert data.water.index.tolist() == ["way/11"]
    assert data.grounds["kind"].to_dict() == {
        "way/1": "leisure",
        "way/2": "leisure",
        "way/7": "religious",
        "way/12": "school",
        "way/13": "leisure",
    }


def test_buildings_carry_floors_and_the_reason(tmp_path):
    values = [
        {"building": "apartments", "building:levels": "12", "height": "40"},
        {"building": "yes", "height": "16 m"},
        {"building": "yes", "shop": "supermarket"},
        {"building": "yes"},
        {"building": "no"},
        {"building": "hut"},
    ]
    nodes, ways = ring(500, 7.5, -1, 9.5, 2), {50: (closed(500), {"amenity": "school"})}
    for k, tags in enumerate(values, start=1):
        nodes |= ring(10 * k, 2 * k, 0, 2 * k + 1, 1)
        ways[k] = (closed(10 * k), tags)
    data = read(tmp_path, nodes, ways)
    rows = data.buildings
    assert rows["residential_reason"].to_dict() == {
        "way/1": "tagged", "way/2": "assumed", "way/3": "own_use", "way/4": "grounds:school", "way/6": "other_value",
    }  # fmt: skip
    assert rows["residential"].tolist() == [True, True, False, False, False]
    assert rows["floors"].tolist()[:2] == [12, 5]
    assert rows["floors_from"].tolist()[:2] == ["levels", "height"]
    account = next(a for a in data.accounts if a.layer == "buildings")
    rule = next(f for f in account.findings if f.code == "housing_rule")
    assert rule.count == account.rows_used == 5
    assert "tagged (apartments) 1" in rule.text.en
    assert "other_value (hut) 1" in rule.text.zh
