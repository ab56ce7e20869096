import pytest

from siting.inputs.street_filter import StreetFilter

RULES = StreetFilter.default()


OPEN = """footway pedestrian path steps crossing corridor platform elevator track living_street residential unclassified
service road tertiary tertiary_link secondary secondary_link primary primary_link"""


@pytest.mark.parametrize("highway", OPEN.split())
def test_people_walk_here_unless_a_tag_says_no(highway):
    assert RULES.judge({"highway": highway}).walk.open
    assert not RULES.judge({"highway": highway, "foot": "no"}).walk.open


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"highway": "motorway"}, "not_permitted"),
        ({"highway": "trunk"}, "not_permitted"),
        ({"highway": "trunk_link"}, "not_permitted"),
        ({"highway": "cycleway"}, "not_permitted"),
        ({"highway": "bridleway"}, "not_permitted"),
        ({"highway": "cycleway", "access": "yes"}, "not_permitted"),  # open in general does not invite walkers
        ({"highway": "busway"}, "not_permitted"),
        ({"highway": "skyway"}, "not_permitted"),  # a value that the table does not know
        ({"public_transport": "platform"}, "not_permitted"),
        ({"man_made": "pier"}, "not_permitted"),
        ({"highway": "construction"}, "not_a_way"),
        ({"highway": "proposed", "foot": "yes"}, "not_a_way"),
        ({"highway": "raceway"}, "not_a_way"),
        ({"highway": "footway", "foot": "private"}, "no_access"),
        ({"highway": "residential", "foot": "use_sidepath"}, "no_access"),
        ({"highway": "service", "access": "private"}, "no_access"),
        ({"highway": "service", "access": "no"}, "no_access"),
        ({"highway": "service", "access": "permit"}, "no_access"),
        ({"highway": "primary", "motorroad": "yes"}, "closed_by_tag"),
        ({"highway": "path", "abandoned": "yes", "foot": "yes"}, "closed_by_tag"),
        ({"highway": "footway", "route": "ferry"}, "closed_by_tag"),
        ({"highway": "service", "area": "yes"}, "area"),
        ({"highway": "residential", "area": "yes"}, "area"),
    ],
)
def test_not_for_walkers_and_why(tags, reason):
    passage = RULES.judge(tags).walk
    assert (passage.open, passage.reason) == (False, reason)


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "service", "access": "private", "foot": "yes"},
        {"highway": "service", "access": "no", "foot": "permissive"},
        {"highway": "service", "access": "customers"},
        {"highway": "track", "access": "forestry"},  # closes to vehicles in practice
        {"highway": "residential", "foot": "unknown"},
        {"highway": "cycleway", "foot": "designated"},
        {"highway": "motorway", "foot": "yes"},
        {"highway": "trunk", "sidewalk": "both"},
        {"highway": "trunk", "sidewalk:left": "yes"},
        {"highway": "primary", "motorroad": "yes", "foot": "yes"},
        {"highway": "residential", "oneway": "yes"},
        {"highway": "footway", "indoor": "yes"},
        {"railway": "platform", "foot": "yes"},
    ],
)
def test_open_for_walkers_both_ways(tags):
    walk = RULES.judge(tags).walk
    assert (walk.forward, walk.backward) == (True, True)


def test_sidewalk_on_the_other_road_does_not_open_a_trunk_road():
    assert not RULES.judge({"highway": "trunk", "sidewalk": "separate"}).walk.open


def test_foot_closed_wins_over_a_sidewalk():
    assert not RULES.judge({"highway": "trunk", "sidewalk": "both", "foot": "no"}).walk.open


@pytest.mark.parametrize(("value", "ways"), [("yes", (True, False)), ("-1", (False, True)), ("no", (True, True))])
def test_oneway_foot_is_the_only_oneway_for_walkers(value, ways):
    walk = RULES.judge({"highway": "footway", "oneway:foot": value}).walk
    assert (walk.forward, walk.backward) == ways


@pytest.mark.parametrize("highway", ["pedestrian", "footway", "path", "platform"])
def test_a_square_keeps_its_outline_for_walkers_only(highway):
    verdict = RULES.judge({"highway": highway, "area": "yes", "motor_vehicle": "yes"})
    assert verdict.square
    assert not verdict.drive.open


def test_a_private_square_is_no_square():
    assert not RULES.judge({"highway": "pedestrian", "area": "yes", "access": "private"}).square


@pytest.mark.parametrize(
    ("tags", "ways"),
    [
        ({"highway": "residential"}, (True, True)),
        ({"highway": "residential", "oneway": "yes"}, (True, False)),
        ({"highway": "residential", "oneway": "-1"}, (False, True)),
        ({"highway": "residential", "oneway": "reversible"}, (True, True)),
        ({"highway": "residential", "oneway": "yes", "oneway:motor_vehicle": "no"}, (True, True)),
        ({"highway": "residential", "junction": "roundabout"}, (True, False)),
        ({"highway": "motorway"}, (True, False)),
        ({"highway": "motorway", "oneway": "no"}, (True, True)),
        ({"highway": "motorway_link"}, (True, True)),
        ({"highway": "trunk"}, (True, True)),
        ({"highway": "footway"}, (False, False)),
        ({"highway": "steps", "motor_vehicle": "yes"}, (False, False)),
        ({"highway": "pedestrian", "motor_vehicle": "permissive"}, (True, True)),
        ({"highway": "pedestrian", "motor_vehicle": "delivery"}, (False, False)),
        ({"highway": "service", "access": "private"}, (False, False)),
        ({"highway": "service", "access": "private", "motor_vehicle": "yes"}, (True, True)),
        ({"highway": "residential", "vehicle": "no"}, (False, False)),
        ({"highway": "residential", "motor_vehicle": "no", "motorcar": "yes"}, (True, True)),
        ({"highway": "residential", "foot": "no"}, (True, True)),
        ({"highway": "track"}, (False, False)),
        ({"highway": "construction", "motor_vehicle": "yes"}, (False, False)),
    ],
)
def test_driving(tags, ways):
    drive = RULES.judge(tags).drive
    assert (drive.forward, drive.backward) == ways


def test_an_unknown_kind_is_named():
    assert RULES.judge({"highway": "skyway", "foot": "yes"}).unlisted == "skyway"
    assert RULES.judge({"highway": "path"}).unlisted is None
