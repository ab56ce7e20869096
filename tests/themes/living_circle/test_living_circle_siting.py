"""Joint siting in the district of `small_district`, every figure by hand.

::

    y = 300   D ---300--- E ---300--- F = h3, 30          plots: X at (300, 300), 1,000 m2
              |           |           |                          Y at (600, 0), 4,000 m2
              |           | h2, 50 at (300, 100)                 Z at (1500, 0), 400 m2
    y = 0     A ---300--- B ---300--- C ------300------ M ------600------ G = h4, 20
              h1, 100     kindergarten

Within 300 m on foot: X (at E) reaches h2 (200) and h3 (300); Y (at C) reaches h3 (300); Z reaches h4. Nobody reaches
h1 but the kindergarten, which h2 has as well (100).
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from small_district import district, places
from street_drawing import METRES

from siting import site_services
from siting.errors import InputError
from siting.ledger import Text
from siting.standards import load_catalogue
from siting.themes.living_circle.siting_needs import check_services, rule_of_class


def plots(**room):
    """Squares whose middle stands on the street, with a column of room."""
    at = {"X": (300, 300, 1000), "Y": (600, 0, 4000), "Z": (1500, 0, 400)}
    shapes = [shapely.Point(x, y).buffer(np.sqrt(m2) / 2, cap_style="square") for x, y, m2 in at.values()]
    index = pd.Index(list(at), name="id", dtype="str")
    frame = gpd.GeoDataFrame({"floors": [2.0, 1.0, 3.0]}, geometry=shapes, index=index, crs=METRES)
    return frame.assign(**room)


# A kindergarten takes 3,150 m2, a community station 600, a day care 350, as the table has them.
CLASSES = ("kindergarten", "community_station", "day_care")


def checked_plots():
    """The plots as candidates that were tested already, entered exactly where they stand on the street."""
    frame = plots()
    return frame.assign(area_m2=[1000.0, 4000.0, 400.0], allowed=True, geometry=frame.centroid)


@pytest.fixture(scope="module")
def city():
    return district()


def site(city, classes=None, **more):
    return site_services(city, classes, **({"candidates": checked_plots()} | more))


@pytest.fixture(scope="module")
def two(city):
    return site(city, CLASSES, p=2)


def by_class(found, column):
    return dict(zip(found.by_service["class"], found.by_service[column], strict=True))


def test_two_buildings_by_hand(two):
    """X has room for station and day care (950 of 1,000 m2); Y for the kindergarten and one of them, or for both."""
    # X: station and day care for h2 and h3, 2 x 80. Then Y: kindergarten for h3, 30; Z: day care for h4, 20 (600 do
    # not fit into 400). Y wins. With three buildings Z is added.
    assert list(two.buildings.index) == ["X", "Y"]
    assert two.buildings["services"].tolist() == ["community_station,day_care", "kindergarten"]
    assert two.buildings["gain"].tolist() == [160.0, 30.0]
    assert two.buildings["room_m2"].tolist() == [950.0, 3150.0]
    assert two.result.status == "optimal"
    assert by_class(two, "served_before") == {"kindergarten": 150.0, "community_station": 0.0, "day_care": 0.0}
    assert by_class(two, "newly_served") == {"kindergarten": 30.0, "community_station": 80.0, "day_care": 80.0}


def test_those_left_are_counted_by_the_reason(two):
    assert by_class(two, "left") == {"kindergarten": 20.0, "community_station": 120.0, "day_care": 120.0}
    # h1 is near no plot; h4 is near Z, which houses a day care and nothing else.
    assert by_class(two, "left_no_plot") == {"kindergarten": 0.0, "community_station": 100.0, "day_care": 100.0}
    assert by_class(two, "left_no_room") == {"kindergarten": 20.0, "community_station": 20.0, "day_care": 0.0}
    assert by_class(two, "left_not_chosen") == {"kindergarten": 0.0, "community_station": 0.0, "day_care": 20.0}
    table = two.by_service
    assert (table["left"] == table["left_no_plot"] + table["left_no_room"] + table["left_not_chosen"]).all()
    assert (table["total"] == table["served_before"] + table["newly_served"] + table["left"]).all()


def test_completeness_before_and_after_adds_up(two):
    assert two.completeness == pytest.approx((150 / 600, 340 / 600))
    zones = two.by_zone.set_index("zone")
    # West: h1 and h2; east: h3 and h4.
    assert zones.loc["west", "completeness_before"] == pytest.approx(150 / 450)
    assert zones.loc["west", "completeness_after"] == pytest.approx(250 / 450)
    assert zones.loc["east", "completeness_after"] == pytest.approx(90 / 150)
    assert zones.loc["west", "newly_served"] + zones.loc["east", "newly_served"] == zones.loc["city", "newly_served"]
    assert two.points["state"].to_dict() == {"h1": "no_plot", "h2": "now_all", "h3": "now_all", "h4": "left"}
    assert two.points["classes_after"].to_dict() == {"h1": 1, "h2": 3, "h3": 3, "h4": 0}


def test_storeys_and_given_room(city):
    # Two storeys: X takes 2,000 m2, Z 800: the station fits there too; the kindergarten still not.
    taller = site(city, CLASSES, p=3, storeys=2)
    assert by_class(taller, "newly_served")["community_station"] == 100.0
    # A column of the plots, and a number for all.
    column = site(city, CLASSES, p=3, floor_area="floors")
    assert len(column.buildings) == 0
    assert site(city, CLASSES, p=1, floor_area=5000.0).buildings["count"].tolist() == [3]
    # Room of the study's own: a small kindergarten.
    small = site(city, ["kindergarten"], p=3, area={"kindergarten": 100.0})
    assert by_class(small, "newly_served") == {"kindergarten": 50.0}
    assert small.by_service["room_of"].tolist() == ["given"]


def test_fewest_buildings_for_all_who_can_be_reached(city):
    every = site(city, ["day_care"], p=None)
    assert every.result.objective == 2.0
    assert list(every.buildings.index) == ["X", "Z"]
    assert "no fewer than 2" in every.proof.en
    assert "至少需要 2 栋" in every.proof.zh


def test_a_tier_leaves_out_what_the_data_lack(city):
    found = site(city, tier="5min", p=3)
    assert [n.key for n in found.needs] == ["kindergarten"]
    assert "Community service station" in {what.en for what, _ in found.left_out}
    assert any("required classes of the tier are sited" in note.en for note in found.notes)


def test_without_streets_everything_says_straight_lines(city):
    bare = district(network=None)
    found = site(bare, ["kindergarten"], p=1, limit_m=500)
    assert found.measure == "straight"
    assert any(note.en == "distances are straight lines" for note in found.notes)
    assert found.by_service["limit_rule"].tolist() == [""]


def test_what_is_shown(two):
    shown = two.themed()
    assert [layer.name for layer in shown.layers] == ["services_sites", "services_served"]
    assert two.themed("a").layers[0].name == "services_sites_a"
    for part in (*shown.layers, *shown.tables):
        unexplained = [
            c for c in part.frame.columns
            if c not in part.columns and c not in ("geometry", "id", "floors") and not str(c).startswith("zone_")
        ]  # fmt: skip
        assert unexplained == []
    assert shown.figures["newly_served"] == {"kindergarten": 30.0, "community_station": 80.0, "day_care": 80.0}
    first = shown.headlines[0]
    assert "2 栋" in first.zh
    assert "25.0% to 56.7%" in first.en
    assert "proved" in shown.headlines[-1].en
    # Areas nobody read in the clause are said to be unread.
    assert any("not read in the clause" in f.text.en for f in shown.findings)


def test_refusals_say_what_would_work(city):
    with pytest.raises(InputError, match=r"did you mean 'kindergarten'"):
        site(city, ["kindergarden"], p=1)
    with pytest.raises(InputError, match=r"stands for 3 rows of the table: sports_large \(15min\)"):
        site(city, ["sports_ground"], p=1)
    with pytest.raises(InputError, match="name the classes to site, or a tier"):
        site(city, p=1)
    with pytest.raises(InputError, match="the tiers are 15min, 10min, 5min, block"):
        site(city, tier="20min", p=1)
    with pytest.raises(InputError, match="which is not sited"):
        site(city, ["kindergarten"], p=1, area={"market": 1})
    with pytest.raises(InputError, match="did you mean 'floors'"):
        site(city, ["kindergarten"], p=1, floor_area="floor")
    with pytest.raises(InputError, match="no vacant land"):
        site_services(district(), ["kindergarten"], p=1)
    with pytest.raises(InputError, match="named twice"):
        site(city, ["kindergarten", "fac.kindergarten"], p=1)
    with pytest.raises(InputError, match="no distance in the clause"):
        site(city, ["parcel"], p=1)


def test_a_tier_of_which_nothing_can_be_sited_is_refused_before_anything_is_computed(city):
    check_services(city.catalogue, None, "10min", {"market"})
    with pytest.raises(InputError, match="of the required classes of 10min that share a building the data hold none"):
        check_services(city.catalogue, None, "10min", {"primary_school", "bus_stop"})
    with pytest.raises(InputError, match="of the required classes of 10min"):
        site(district(facilities=places(primary_school=(600, 0))), tier="10min", p=1)


def test_the_rule_of_a_class():
    catalogue = load_catalogue()
    assert rule_of_class(catalogue, ["kindergarten"]).id == "fac.kindergarten"
    # No radius of its own: the distance of its tier.
    assert rule_of_class(catalogue, ["clinic"]).id == "lc15.walk"
    with pytest.raises(InputError, match="several distances"):
        rule_of_class(catalogue, ["sports_ground"])
    with pytest.raises(InputError, match="no row of"):
        rule_of_class(catalogue, ["museum_of_everything"])


def test_vacant_plots_are_tested_first():
    """Plots of the city itself: a building on one takes its ground."""
    house = gpd.GeoDataFrame(geometry=[shapely.Point(1500, 0).buffer(40)], crs=METRES)
    city = district(vacant=plots(), buildings=house)
    found = site_services(city, ["day_care"], p=3, limit_m=400)
    assert found.candidates["allowed"].to_dict() == {"X": True, "Y": True, "Z": False}
    # X reaches h2 and h3 (and h1 is 600 m away); Y adds nobody whom X does not reach.
    assert list(found.buildings.index) == ["X"]
    with pytest.raises(InputError, match="did you mean 'floors'"):
        site_services(city, ["day_care"], p=1, floor_area="floor")
    given = site_services(city, ["day_care"], p=1, floor_area="floors", area={"day_care": 2.0}, limit_m=400)
    assert given.buildings["floor_m2"].tolist() == [2.0]


def test_title_is_kept(city):
    alone = site(city, ["day_care"], p=1).themed().headlines[0]
    assert alone.zh == "新建 1 栋，老年人日间照料中心可达率由 0.0% 升至 40.0%：老年人日间照料中心新增 80 人"
    named = site(city, ["day_care"], p=1, title=Text("日间照料", "Day care"))
    assert named.themed().title.zh == "日间照料"
