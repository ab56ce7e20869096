"""The facility classes and the tags that make them."""

import copy

import pytest
import yaml

from siting.errors import SchemaError
from siting.standards import load_classes, match_osm, nearest_class, osm_keys
from siting.standards.classes import _document, parse_classes


def test_the_list_is_closed_and_speaks_both_languages():
    classes = load_classes()
    assert 40 <= len(classes) <= 80
    for id_, entry in classes.items():
        assert entry.id == id_
        assert entry.name.zh
        assert entry.name.en
        assert entry.themes
    assert len({entry.name.zh for entry in classes.values()}) == len(classes)
    with pytest.raises(TypeError):
        classes["mine"] = classes["market"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("tags", "classes"),
    [
        ({"amenity": "kindergarten", "name": "幼儿园"}, ("kindergarten",)),
        ({"amenity": "school"}, ("school",)),
        ({"amenity": "school", "isced:level": "1"}, ("primary_school",)),
        ({"amenity": "school", "isced:level": "2;3"}, ("junior_school",)),
        ({"amenity": "school", "isced:level": "1;2"}, ("combined_school",)),
        ({"amenity": "school", "isced:level": "3"}, ()),  # senior secondary: no class of the list
        ({"amenity": "toilets"}, ("public_toilet",)),
        ({"amenity": "toilets", "access": "yes"}, ("public_toilet",)),
        ({"amenity": "toilets", "access": "customers"}, ("restricted_toilet",)),
        ({"amenity": "parking"}, ("public_parking",)),
        ({"amenity": "parking", "access": "private"}, ("parking",)),
        ({"amenity": "parking", "parking": "street_side"}, ("street_parking",)),
        ({"amenity": "parking", "parking": "street_side", "access": "private"}, ("parking",)),
        ({"amenity": "recycling", "recycling_type": "centre"}, ("recycling_centre",)),
        ({"amenity": "recycling", "recycling_type": "container"}, ("recycling_point",)),
        ({"highway": "bus_stop", "public_transport": "platform", "bus": "yes"}, ("bus_stop",)),
        ({"public_transport": "platform", "bus": "yes"}, ("bus_stop",)),
        ({"public_transport": "platform", "railway": "platform", "bus": "yes"}, ()),
        ({"amenity": "bus_station"}, ("bus_station",)),
        ({"amenity": "bus_station", "highway": "bus_stop"}, ("bus_stop",)),
        ({"railway": "station"}, ("railway_station",)),
        ({"railway": "station", "station": "light_rail"}, ("metro",)),
        ({"railway": "station", "public_transport": "station", "subway": "yes"}, ("metro",)),
        ({"amenity": "clinic", "healthcare": "centre"}, ("health_centre",)),
        ({"amenity": "hospital", "healthcare": "hospital"}, ("hospital",)),
        ({"amenity": "shelter"}, ()),  # from rain, not from danger
        ({"leisure": "pitch", "emergency": "assembly_point"}, ("sports_ground", "shelter")),
        ({"amenity": "library;community_centre"}, ("community_centre",)),  # one class by one key
        ({"amenity": "toilets", "disused": "yes"}, ()),
        ({"disused:amenity": "toilets"}, ()),
        ({"amenity": "charging_station", "motorcar": "no", "bicycle": "yes"}, ()),
        ({"amenity": "bench"}, ()),
        ({"highway": "residential"}, ()),
        ({}, ()),
    ],
)
def test_match_osm(tags, classes):
    assert match_osm(tags) == classes


def test_the_keys_of_a_filter_lose_no_place():
    every = [rule.tags[0][0] for entry in load_classes().values() for rule in entry.osm]
    assert osm_keys() == frozenset(every)


def test_every_class_from_osm_is_reached_by_its_own_first_rule():
    left_overs = {"restricted_toilet", "parking"}  # what the class above them refuses
    for id_, entry in load_classes().items():
        for rule in entry.osm:
            tags = {key: (min(values) if values else "anything") for key, values in rule.tags}
            assert rule.matches(tags), (id_, rule)
        if entry.osm and id_ not in left_overs:
            rule = entry.osm[0]
            assert id_ in match_osm({key: min(values or {"anything"}) for key, values in rule.tags}), id_


def test_every_place_of_a_long_list_gets_its_own_classes():
    places = [{"highway": "residential"}, {"amenity": "school", "isced:level": "1;2"}, {"building": "yes"}] * 20_000
    found = sum(bool(match_osm(tags)) for tags in places)
    assert found == 20_000  # of 60,000


@pytest.mark.parametrize(
    ("word", "class_"),
    [
        ("toilet", "public_toilet"),
        ("WC", "public_toilet"),
        ("公共厕所", "public_toilet"),
        ("kindergaten", "kindergarten"),
        ("Car park", "public_parking"),
        ("care home", "nursing_home"),
        ("xyzzy", None),
    ],
)
def test_nearest_class(word, class_):
    assert nearest_class(word) == class_


def test_macau_from_osm_has_the_facilities_that_were_counted_there(shared_data):
    osmium = pytest.importorskip("osmium")
    path = shared_data / "macau" / "macau_20260220.osm.pbf"
    if not path.exists():
        pytest.skip("no Macau extract among the shared data")
    counts: dict[str, int] = {}
    for element in osmium.FileProcessor(str(path)).with_filter(osmium.filter.KeyFilter(*osm_keys())):
        for id_ in match_osm(dict(element.tags)):
            counts[id_] = counts.get(id_, 0) + 1
    # 211 toilets and 229 car parks were counted in this extract, by amenity alone.
    assert counts["public_toilet"] + counts.get("restricted_toilet", 0) == 211
    assert counts["public_parking"] + counts["parking"] + counts["street_parking"] == 229


def edited(**changes):
    document = copy.deepcopy(_document())
    for id_, fields in changes.items():
        document["classes"][id_].update(fields)
    return document


def test_every_fault_of_the_list_is_named_at_once():
    broken = edited(
        market={"geometri": "either"},
        bank={"counts_as": ["libary"]},
        post={"osm": [{"amenity": True}]},
        gym={"from": "study"},
    )
    with pytest.raises(SchemaError) as caught:
        parse_classes(broken)
    message = str(caught.value)
    assert "market: unknown field 'geometri'; did you mean 'geometry'?" in message
    assert "bank: counts_as names 'libary', which is no class; did you mean 'library'?" in message
    assert "post: tag amenity has the value True, expected text; put it in quotes" in message
    assert "gym: tag rules are expected exactly where the class comes from osm" in message


def test_the_file_is_plain_yaml():
    assert yaml.safe_load(yaml.safe_dump(_document())) == _document()
