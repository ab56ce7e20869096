"""Spacing of toilets on drawn streets, by hand. Commercial streets: spacing < 400 m, so at most 399.999 m."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point, box

from siting.errors import InputError
from siting.network import Network
from siting.themes import City
from siting.themes.toilets.spacing import audit_spacing

CRS = "EPSG:32650"
COMMERCIAL = {"pedestrian": "commercial"}
ONLY = {"commercial": "wc.spacing.commercial"}


def town(lines, toilets, highway="pedestrian", **columns):
    streets = gpd.GeoDataFrame(
        {"highway": highway, "name": [f"{k}路" for k in range(len(lines))], **columns},
        geometry=[LineString(line) for line in lines], crs=CRS,
    )  # fmt: skip
    home = gpd.GeoDataFrame({"people": [1.0]}, geometry=[Point(0, 0)], crs=CRS, index=pd.Index(["h"], name="id"))
    places = gpd.GeoDataFrame(
        {"class": ["public_toilet"] * len(toilets)}, geometry=list(toilets.values()), crs=CRS,
        index=pd.Index(list(toilets), name="id"),
    )  # fmt: skip
    return City.of(Network.from_lines(streets, min_component_share=0.0), home, places)


def spacing(lines, toilets, **more):
    return audit_spacing(town(lines, toilets), types=COMMERCIAL, rules=ONLY, **more)


def test_one_street_with_two_toilets_and_two_open_ends():
    """0 ── 150 A ──────────── 1150 B ──────── 1500: the gap of 1000 lacks two, the east end of 350 lacks one."""
    found = spacing([[(0, 0), (1500, 0)]], {"A": Point(150, 10), "B": Point(1150, -20)})
    rows = found.stretches.set_index("kind")
    gap, end = rows.loc["between"], rows.loc["end"]
    assert (gap["length_m"], gap["excess_m"], gap["farthest_m"]) == (1000, 600.001, 500)
    assert (gap["lacks"], gap["lacks_most"], gap["toilets"], gap["dead_ends"]) == (2, 2, "A; B", 0)
    # From B to the end 350 m, of which half a spacing, 199.9995 m, is near enough.
    assert (end["length_m"], end["excess_m"], end["farthest_m"]) == (350, 150.0005, 350)
    assert (end["lacks"], end["toilets"], end["dead_ends"]) == (1, "B", 1)
    assert gap["geometry"].bounds == pytest.approx((349.999, 0, 950.001, 0), abs=0.002)
    assert end["geometry"].bounds == pytest.approx((1349.999, 0, 1500, 0), abs=0.002)
    assert len(found.stretches) == 2  # the west end of 150 m is near enough
    assert found.by_type[["street_m", "toilets", "stretches", "lacks"]].iloc[0].tolist() == [1500, 2, 2, 3]
    assert gap["street"] == "0路"


@pytest.mark.parametrize(
    ("apart", "lacks"), [(399, None), (400, 1), (401, 1), (799, 1), (800, 2), (1199, 2), (1200, 3)]
)
def test_less_than_400_is_met_and_400_is_not(apart, lacks):
    found = spacing([[(0, 0), (apart, 0)]], {"A": Point(0, 0), "B": Point(apart, 0)})
    assert found.stretches["lacks"].tolist() == ([] if lacks is None else [lacks])


@pytest.mark.parametrize(("apart", "lacks"), [(600, None), (600.001, 1), (1200, 1), (1200.001, 2)])
def test_of_a_range_the_upper_end_counts_and_is_met(apart, lacks):
    city = town([[(0, 0), (apart, 0)]], {"A": Point(0, 0), "B": Point(apart, 0)}, highway="residential")
    found = audit_spacing(city)
    assert found.stretches["lacks"].tolist() == ([] if lacks is None else [lacks])
    assert set(found.by_type["confidence"]) == {"clause", "unverified"}
    assert "unverified default" in " ".join(n.en for n in found.notes)
    assert "assumed here" in found.notes[0].en


def test_a_toilet_belongs_to_a_street_within_the_stated_distance():
    """A lies 60 m from the street: on it within 60 m, not within 59.99."""
    lines, toilets = [[(0, 0), (300, 0)]], {"A": Point(150, 60)}
    assert spacing(lines, toilets, within_m=60).toilets["streets"].tolist() == ["commercial"]
    far = spacing(lines, toilets, within_m=59.99)
    assert far.toilets["streets"].tolist() == [""]
    assert far.toilets["away_m"].tolist() == [60]
    # 300 m without a toilet are no longer than the spacing: two toilets cannot be too far apart on it.
    assert len(far.stretches) == 0
    assert far.by_type["short_m"].tolist() == [300]


def test_a_street_without_any_toilet():
    found = spacing([[(0, 0), (900, 0)]], {})
    row = found.stretches.iloc[0]
    assert (row["kind"], row["length_m"], row["excess_m"], row["lacks"]) == ("none", 900, 900, 3)
    assert pd.isna(row["farthest_m"])
    assert row["dead_ends"] == 2
    assert row["toilets"] == ""


def test_a_junction():
    """T at (0, 0), 100 m west of J = (100, 0); arms of J: 500 m east, 300 m north. Far from T: beyond 199.9995 m.

    East 500 - 99.9995 = 400.0005, north 300 - 99.9995 = 200.0005: two stretches, J itself is near. One toilet covers
    399.999 m of a street, so the east arm lacks two, the north arm one.
    """
    found = spacing([[(0, 0), (600, 0)], [(100, 0), (100, 300)]], {"T": Point(0, 0)})
    assert found.stretches["excess_m"].tolist() == [400.0005, 200.0005]
    assert found.stretches["lacks"].tolist() == [2, 1]
    assert set(found.stretches["kind"]) == {"end"}


def test_a_junction_that_is_far():
    """T 300 m west of J; arms of J 150 m east and 150 m north: one stretch, and one toilet at J closes it."""
    found = spacing([[(0, 0), (450, 0)], [(300, 0), (300, 150)]], {"T": Point(0, 0)})
    row = found.stretches.iloc[0]
    assert len(found.stretches) == 1
    assert (row["kind"], row["dead_ends"], row["toilets"]) == ("branching", 2, "T")
    assert row["excess_m"] == pytest.approx(300 - 199.9995 + 300)
    assert row["length_m"] == 600  # all three arms
    assert (row["farthest_m"], row["lacks"], row["lacks_most"]) == (450, 1, 1)
    assert row["street"] == "0路; 1路"


def test_a_ring():
    """A square of 4 x 250 m: with one toilet the way round is 1000 m and lacks two; with none it lacks three."""
    ring = [[(0, 0), (250, 0), (250, 250), (0, 250), (0, 0)]]
    one = spacing(ring, {"T": Point(125, 0)}).stretches.iloc[0]
    assert (one["kind"], one["length_m"], one["excess_m"], one["toilets"]) == ("between", 1000, 600.001, "T")
    assert (one["farthest_m"], one["lacks"]) == (500, 2)
    none = spacing(ring, {}).stretches.iloc[0]
    assert (none["kind"], none["length_m"], none["lacks"], none["dead_ends"]) == ("none", 1000, 3, 0)


def test_distance_runs_along_streets_of_the_type_only():
    """A residential link joins two commercial streets: a toilet on one does not serve the other."""
    city = town(
        [[(0, 0), (0, 500)], [(0, 0), (100, 0)], [(100, 0), (100, 500)]], {"A": Point(0, 250)},
        highway=["pedestrian", "residential", "pedestrian"],
    )  # fmt: skip
    found = audit_spacing(city, types=COMMERCIAL, rules=ONLY, within_m=20)
    assert sorted(found.stretches["kind"]) == ["end", "end", "none"]
    assert found.stretches.set_index("kind").loc["none", "length_m"] == 500


def test_types_from_a_column_of_the_streets():
    city = town([[(0, 0), (500, 0)], [(0, 900), (500, 900)]], {}, kind=["commercial", "lane"])
    found = audit_spacing(city, types="kind")
    assert found.by_type.set_index("type")["street_m"].to_dict() == {"commercial": 500, "living": 0, "traffic": 0}
    assert len(found.themed().missing) == 2


def test_a_toilet_block_stands_where_a_point_inside_it_does():
    assert spacing([[(0, 0), (300, 0)]], {"A": box(100, 5, 120, 15)}).toilets["away_m"].tolist() == [10]


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"types": "kindd"}, "no column 'kindd'"),
        ({"types": {"pedestrian": "comercial"}}, "did you mean 'commercial'"),
        ({"rules": {"commercial": "wc.spacing.comercial"}}, "did you mean 'wc.spacing.commercial'"),
        ({"rules": {"commercial": "wc.radius.mandatory"}}, "no spacing in metres"),
        ({"within_m": -1}, "within_m"),
    ],
)
def test_refusals(more, word):
    with pytest.raises(InputError, match=word):
        audit_spacing(town([[(0, 0), (500, 0)]], {}), **more)


def test_what_is_shown():
    found = spacing([[(0, 0), (1500, 0)]], {"A": Point(150, 10), "B": Point(1150, -20)})
    shown = found.themed()
    assert shown.layer("toilet_spacing").frame["kind"].tolist() == ["between", "end"]
    (toilets,) = shown.layer("toilet_spacing").over
    assert toilets.frame.index.tolist() == ["A", "B"]
    assert shown.figures["types"]["commercial"]["lacks"] == 3
    assert "CJJ 27-2012 3.4.3" in shown.layer("toilet_spacing").note.en
    assert shown.headlines[0].en.startswith("commercial streets, 1.5 km: 2 stretches too long")
    assert len(spacing([[(0, 0), (100, 0)]], {"A": Point(50, 0)}).themed().layers) == 0


def test_streets_beyond_the_study_area_do_not_count():
    """Of 1000 m of street in pieces of 250 m, the study area holds three pieces, and half of none."""
    line = gpd.GeoDataFrame(
        {"highway": "pedestrian", "name": "商业街"}, index=range(4), crs="EPSG:32650",
        geometry=[LineString([(250 * k, 0), (250 * k + 250, 0)]) for k in range(4)],
    )  # fmt: skip
    network = Network.from_lines(line, min_component_share=0.0)
    people = gpd.GeoDataFrame({"people": [1.0]}, geometry=[Point(0, 0)], crs="EPSG:32650", index=["h"])
    toilets = gpd.GeoDataFrame({"class": ["public_toilet"]}, geometry=[Point(0, 0)], crs="EPSG:32650", index=["T"])
    area = gpd.GeoDataFrame(geometry=[box(-10, -10, 800, 10)], crs="EPSG:32650")
    rules, types = {"commercial": "wc.spacing.commercial"}, {"pedestrian": "commercial"}
    whole = audit_spacing(City.of(network, people, toilets), types=types, rules=rules)
    part = audit_spacing(City.of(network, people, toilets, boundary=area), types=types, rules=rules)
    assert (whole.by_type["street_m"].sum(), part.by_type["street_m"].sum()) == (1000, 750)
    assert "outside the study area" in part.notes[2].en
    # Without a boundary the zones say what the study area is, as for density.
    zones = gpd.GeoDataFrame({"id": ["z"]}, geometry=area.geometry, crs=area.crs).set_index("id")
    zoned = audit_spacing(City.of(network, people, toilets, zones={"block": zones}), types=types, rules=rules)
    assert zoned.by_type["street_m"].sum() == 750
