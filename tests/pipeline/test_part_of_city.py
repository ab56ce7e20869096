"""Targets of old districts and of new ones are judged each on its own land, and not at all where nobody says which.

1900 +----+----+----+
     | N1 | N2 | N3 |     old: the three communities in the south, 24 blocks of 180 m x 180 m, 96 houses of 100 people
1200 | M1 | M2 | M3 |     new: the other six, 48 blocks
 600 +====+====+====+
     | S1 | S2 | S3 |     all land: 72 x 32,400 m2 = 2,332,800 m2
   0 +----+----+----+
"""

import shutil
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

import siting
from siting.pipeline.part_of_city import NO_OLD_DISTRICT
from siting.standards import load_catalogue

DATA = Path(__file__).resolve().parents[2] / "data" / "demo-district"
WHOLE, OLD, NEW = "park.gb51346.cover", "park.gb51346.cover_old", "park.gb51346.cover_new"
STUDY = """
[study]
name = "x"
crs = "EPSG:4548"
zones = [{{ source = "communities.geojson", level = "community", id = "id", name = "name" }}]
[demand]
source = "buildings.geojson"
id = "id"
population = "people"
[facilities]
park_green = "parks.geojson"
[land]
residential = "residential_land.geojson"
{old}
"""
SOUTH = shapely.box(517000, 4052000, 518800, 4052600)


def run(folder, old, area=SOUTH):
    shutil.copytree(DATA, folder, dirs_exist_ok=True)
    gpd.GeoDataFrame(geometry=[area], crs="EPSG:4548").to_file(folder / "old.geojson")
    audits = "".join(f'[[audit]]\nrule = "{rule}"\n' for rule in (WHOLE, OLD, NEW))
    (folder / "study.toml").write_text(STUDY.format(old=old) + audits, encoding="utf-8")
    return siting.run(siting.Study.from_toml(folder / "study.toml"))


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return run(tmp_path_factory.mktemp("told"), 'old_district = "old.geojson"')


def test_land_and_people_are_those_of_the_part(told):
    whole, old, new = (told.audits[rule] for rule in (WHOLE, OLD, NEW))
    assert old.headline("land").total == 24 * 180 * 180 * 100  # square decimetres
    assert new.headline("land").total == 48 * 180 * 180 * 100
    assert old.headline("people").total == 96 * 100 * 1000
    assert old.headline("land").served + new.headline("land").served == whole.headline("land").served > 0
    assert old.headline("people").served + new.headline("people").served == whole.headline("people").served


def test_zones_add_up_to_the_part(told):
    for rule in (OLD, NEW):
        table = told.audits[rule].indicators.query("distance == 'straight'")
        sums = table[table["zone_level"] == "community"].groupby("denominator")[["served", "total"]].sum()
        city = table[table["zone_level"] == "city"].set_index("denominator")[["served", "total"]]
        assert sums.round(3).equals(city.loc[sums.index].round(3))


def test_old_districts_get_a_verdict_on_their_own_land_and_new_ones_none(told):
    old = told.audits[OLD]
    assert old.passes == (old.headline("land").share >= 0.8)
    # What lies outside the old districts need not be a district planned anew.
    assert told.audits[NEW].passes is None


def test_gaps_of_a_part_hold_its_people_only(told):
    gaps = told.gaps[told.gaps["rule"] == OLD]
    share = told.audits[OLD].headline("people")
    assert round(1000 * gaps["people"].sum()) == share.total - share.served
    assert gaps.geometry.representative_point().within(SOUTH.buffer(150)).all()


def test_who_does_not_say_which_land_is_old_gets_no_figure(tmp_path):
    found = run(tmp_path, "")
    for rule in (OLD, NEW):
        assert not found.audits[rule].judged
        assert found.audits[rule].reason == NO_OLD_DISTRICT
    assert found.audits[WHOLE].judged


def test_an_old_district_without_people_is_said_to_be_so(tmp_path):
    found = run(tmp_path, 'old_district = "old.geojson"', shapely.box(530000, 4052000, 530100, 4052100))
    assert found.audits[OLD].reason.en == "no demand point of this study lies in: old districts"
    assert found.audits[NEW].headline("land").total == found.audits[WHOLE].headline("land").total


def test_a_notebook_that_judges_all_land_is_warned_and_gets_no_verdict(told):
    layers = told.demand, told.facilities, load_catalogue()[OLD], told.zones
    land = gpd.read_file(DATA / "residential_land.geojson").to_crs(told.crs)
    found = siting.audit(None, *layers, land)
    assert found.passes is None
    assert "whole_city_judged" in {f.code for f in found.findings}
    assert siting.audit(None, *layers, land, part="old").passes is not None


def test_the_result_folder_is_written(told, tmp_path):
    told.write(tmp_path / "out")
    demand = gpd.read_file(tmp_path / "out" / "results.gpkg", layer="demand")
    assert demand["served_park_gb51346_cover_old"].notna().sum() == 96
    assert len(demand) == 288
