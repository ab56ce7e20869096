"""A study with `[parking]`: capacities as text, floors of its own, the theme in the run.

The demo district with 0.1 cars a person. Walking 300 m from a car park at (300, 200) of a community reaches 10 houses
(README of the data): in M3 1,500 people and 150 cars for C1, in N1 800 people and 80 cars for C2.
"""

import json
import shutil
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point

import siting
from siting.errors import InputError
from siting.pipeline.checking import check

DEMO = Path(__file__).parents[2] / "data" / "demo-district"
WEST, SOUTH = 517000, 4052000
PARKING = """
[parking]
cars_per_person = 0.1
source = "示例"
floors = "floors.geojson"
spaces_per_100m2 = { office = 1.0 }
shares = { home = { night = 1.0 }, office = { day = 1.0 } }
"""
OFFICES = 'parking = { source = "offices.geojson", id = "id", capacity = "spaces" }\n'


def study(folder, extra=PARKING, spaces=("120辆", "约80")):
    """Write the demo district with texts for capacities, an office lot beside C1 and the office's floors."""
    for file in DEMO.iterdir():
        shutil.copy(file, folder)
    layer = json.loads((folder / "car_parks.geojson").read_text(encoding="utf-8"))
    for feature, text in zip(layer["features"], spaces, strict=True):
        feature["properties"]["spaces"] = text
    (folder / "car_parks.geojson").write_text(json.dumps(layer, ensure_ascii=False), encoding="utf-8")
    place = Point(WEST + 1500, SOUTH + 820)
    offices = gpd.GeoDataFrame({"id": ["O"], "spaces": [20]}, geometry=[place], crs="EPSG:4548")
    offices.to_file(folder / "offices.geojson")
    floors = gpd.GeoDataFrame({"use": ["office"], "floor_area_m2": [1500]}, geometry=[place], crs="EPSG:4548")
    floors.to_file(folder / "floors.geojson")
    file = folder / "study.toml"
    text = file.read_text(encoding="utf-8")
    text = text[: text.index("[living_circle]")].replace("bus_stop = {", OFFICES + "bus_stop = {")
    file.write_text(text + '[[audit]]\nrule = "park_lot.radius.now"\n' + extra, encoding="utf-8")
    return siting.Study.from_toml(file)


def test_a_study_audits_its_parking(tmp_path):
    """Night: 120 + 80 of 3,168 cars park; the 10 houses of M3 are short by 30, and O takes 20 of these."""
    run = siting.run(study(tmp_path))
    theme = run.themes["parking"]
    night = theme.figures["slots"]["night"]
    assert (night["cars"], night["parked"], night["proved"]) == (3168, 200, True)
    areas = theme.table("parking_shortages").frame
    m3 = areas[(areas["slot"] == "night") & (areas["area"] == 1)].iloc[0]
    assert m3[["places", "cars", "spaces", "short"]].tolist() == [10, 150, 120, 30]
    assert theme.figures["sharing"]["night"]["gain"] == 20
    assert theme.figures["slots"]["day"]["cars"] == 15
    assert theme.figures["slots"]["day"]["short"] == 0
    assert theme.figures["spaces_by_basis"] == {"stated": 140, "about": 80, "estimated": 0}
    zones = theme.table("parking_zones").frame
    assert zones.groupby(["slot", "level"])["cars"].sum().to_dict() == {
        ("day", "community"): 15, ("day", "subdistrict"): 15,
        ("night", "community"): 3168, ("night", "subdistrict"): 3168,
    }  # fmt: skip


def with_columns(folder, demand, extra):
    """Write the demo district whose houses state cars and households: ``demand`` goes into `[demand]`."""
    study(folder)
    layer = json.loads((folder / "buildings.geojson").read_text(encoding="utf-8"))
    rows = [feature["properties"] for feature in layer["features"]]
    for row in rows:
        row |= {"汽车": 10, "户数": 40}
    rows[0]["汽车"], rows[1]["汽车"], rows[2]["汽车"] = "约80", -5, None
    rows[3]["户数"] = "四十"
    (folder / "buildings.geojson").write_text(json.dumps(layer, ensure_ascii=False), encoding="utf-8")
    file = folder / "study.toml"
    text = file.read_text(encoding="utf-8").replace(PARKING, extra)
    file.write_text(text.replace('unit = "building"', f'unit = "building"\n{demand}', 1), encoding="utf-8")
    return siting.Study.from_toml(file)


def test_cars_that_a_layer_states_reach_the_audit(tmp_path):
    """288 houses with 10 cars; three state none that can be used and are listed: 2,850 cars, none of them estimated."""
    given = with_columns(tmp_path, 'cars = "汽车"\nhouseholds = "户数"', "[parking]\n")
    said = check(given).text("zh")
    assert "字段“汽车”有 3 行不能用作汽车数，按不详处理，不补数（缺值 1 行、不是数字 1 行、为负 1 行；" in said
    assert "“约80”" in said
    run = siting.run(given)
    assert run.demand["cars"].sum() == 2850
    assert run.demand["cars"].isna().sum() == 3
    assert run.demand["households"].isna().sum() == 1
    theme = run.themes["parking"]
    assert theme.figures["slots"]["night"]["cars"] == 2850
    assert theme.figures["cars_estimated"] is False
    assert "居民汽车数为数据所列" in theme.layer("parking_places").note.zh
    assert {f.code: f.count for f in theme.findings}["cars_unknown"] == 3
    account = next(a for a in run.accounts if a.layer == "demand points")
    assert account.rows_in == account.rows_used == 288


def test_cars_by_household(tmp_path):
    """287 houses with 40 known households at 0.5 cars: 5,740."""
    given = with_columns(tmp_path, 'households = "户数"', "[parking]\ncars_per_household = 0.5\n")
    theme = siting.run(given).themes["parking"]
    assert theme.figures["slots"]["night"]["cars"] == 5740
    assert theme.figures["cars_estimated"] is True
    assert "每户 0.5 辆（本研究设定）" in theme.layer("parking_places").note.zh


@pytest.mark.parametrize(
    ("demand", "extra", "said"),
    [
        ("", "[parking]\ncars_per_household = 0.5\n", r'add \[demand\] households = "<column>"'),
        ('cars = "汽车"', "[parking]\ncars_per_person = 0.5\n", r"\[demand\] cars states the cars already"),
        ('car = "汽车"', "[parking]\n", "did you mean 'cars'"),
    ],
)
def test_columns_and_rates_that_contradict_are_told(tmp_path, demand, extra, said):
    with pytest.raises(InputError, match=said):
        with_columns(tmp_path, demand, extra)


def test_a_column_that_is_not_there_is_told_by_the_check(tmp_path):
    with pytest.raises(InputError, match="no column '汽车数'; did you mean '汽车'"):
        check(with_columns(tmp_path, 'cars = "汽车数"', "[parking]\n"))


def test_what_is_no_number_is_listed_with_the_parking_theme_and_refused_without(tmp_path):
    """The audit of parking lists a text that it cannot use; a study without it still wants numbers."""
    run = siting.run(study(tmp_path, spaces=("若干", "-8")))
    census = run.themes["parking"].table("parking_census").frame
    assert census.set_index("lot")["check"].to_dict() == {"C1": "unreadable", "C2": "negative"}
    assert run.themes["parking"].figures["lots_unknown"] == 2
    with pytest.raises(InputError, match="若干"):
        siting.run(study(tmp_path, extra="", spaces=("若干", "80")))


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("[parking]\ncars_per_person = 0.1\ncars_per_household = 1.0\n", "exclude each other"),
        ("[parking]\nspaces_per_100m2 = { office = 1.0 }\n", "belong together"),
        ("[parking]\nshares = { home = { nigth = 1.0 } }\n", "nigth"),
        ('[parking]\nfloors = "nowhere.geojson"\nspaces_per_100m2 = { a = 1 }\nshares = { a = {} }\n', "nowhere"),
    ],
)
def test_a_wrong_table_is_told_at_once(tmp_path, extra, said):
    """Each fault names its key."""
    with pytest.raises(InputError, match=said):
        study(tmp_path, extra=extra)
