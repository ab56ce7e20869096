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
    assert "每户 0.5 辆为估算（本研究设定）" in theme.layer("parking_places").note.zh


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


BAD = {
    "A": ("120辆", 120, "stated"),
    "B": ("约80", 80, "about"),
    "C": ("１２０ 个", 120, "stated"),
    "D": ("-8", None, "negative"),
    "E": ("若干", None, "unreadable"),
    "F": ("100-150", None, "range"),
    "G": ("999999", None, "absurd"),
    "H": ("12.5", None, "not_whole"),
    "I": ("", None, "missing"),
    "J": ("inf", None, "absurd"),
}


def test_texts_for_spaces_from_a_table_to_every_output(tmp_path):
    """A CSV with ten car parks 100 m apart: three numbers, each other row listed with what it says, none lost."""
    given = study(tmp_path)
    rows = [
        f'{name},"{text}",{WEST + 200 + 100 * k},{SOUTH + 205}' for k, (name, (text, _, _)) in enumerate(BAD.items())
    ]
    (tmp_path / "lots.csv").write_text("\n".join(["编号,泊位,x,y", *rows]), encoding="utf-8-sig")
    text = given.path.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("public_parking"))
    layer = 'public_parking = { source = "lots.csv", id = "编号", lon = "x", lat = "y", crs = "EPSG:4548"%s }'
    file = tmp_path / "study.toml"
    file.write_text(text.replace(line, layer % ', capacity = "泊位"'), encoding="utf-8")
    run = siting.run(siting.Study.from_toml(file))
    theme = run.themes["parking"]
    lots, census = theme.layer("parking_lots").frame, theme.table("parking_census").frame
    for name, (_, spaces, reading) in BAD.items():
        assert lots.loc[name, "spaces"] == spaces or (spaces is None and lots["spaces"].isna()[name]), name
        assert reading == "stated" or reading in set(census.loc[census["lot"] == name, "check"]), name
    told = {f.code: f for f in theme.findings}
    assert (told["spaces_not_read"].count, told["spaces_not_read"].ids) == (6, ("D", "E", "F", "G", "H", "J"))
    assert "D：“-8”；E：“若干”" in told["spaces_not_read"].text.zh
    assert told["spaces_unknown"].count == 7
    # What needs a look stands first, what is only not stated last; nothing says "nan".
    assert census["check"].iloc[0] == "negative"
    assert census["check"].iloc[-1] == "missing"
    assert not census.astype(str).apply(lambda column: column.str.contains("“nan”")).any(axis=None)
    # The same layer without naming its column: check and run say that nobody reads it, and name it first.
    file.write_text(text.replace(line, layer % ""), encoding="utf-8")
    without = siting.Study.from_toml(file)
    assert "facilities.public_parking：没有 capacity（泊位数所在的列），10 处" in check(without).text("zh")
    assert "图层现有的列：泊位" in check(without).text("zh")
    assert "no_column_of_spaces" in {f.code for f in siting.run(without).themes["parking"].findings}
    file.write_text(text.replace(line, layer % ', capacity = "泊位数"'), encoding="utf-8")
    with pytest.raises(InputError, match="no column '泊位数'; did you mean '泊位'"):
        check(siting.Study.from_toml(file))


def test_named_columns_tell_kind_users_levels_and_area(tmp_path):
    """Six lots; words and codes of the study are read, the others counted and listed with what they are taken for.

    F is a basement of 2 storeys on 900 m²: 1,800 m² of floor, at 30 to 40 m² a space 45 to 60. G's area "1,200" is read
    (40 to 48 of the ground), H's "约900" is not: a point without area stays unknown.
    """
    given = study(tmp_path)
    rows = [
        'A,40,机械式,公共,,', 'B,30,3,共享,2,', 'C,20,塔库,谁知道,两,', 'D,10,,,,', 'E,12,路内,public,-1,',
        'F,,地下,居民,2,1800', 'G,,地面,,,"1,200"', 'H,,地面,,,约900',
    ]  # fmt: skip
    lines = [f"{row},{WEST + 200 + 100 * k},{SOUTH + 205}" for k, row in enumerate(rows)]
    (tmp_path / "lots.csv").write_text("\n".join(["编号,泊位,形式,开放,层,面积,x,y", *lines]), encoding="utf-8-sig")
    text = given.path.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("public_parking"))
    layer = 'public_parking = { source = "lots.csv", id = "编号", lon = "x", lat = "y", crs = "EPSG:4548", '
    text = text.replace(line, layer + 'capacity = "泊位" }')
    columns = '\n[parking.columns]\nkind = "形式"\nusers = "开放"\nlevels = "层"\narea_m2 = "面积"\n'
    own = 'kind_values = { 3 = "building" }\nusers_values = { "共享" = "public" }\n'
    file = tmp_path / "study.toml"
    file.write_text(text + columns + own, encoding="utf-8")
    said = check(siting.Study.from_toml(file)).text("zh")
    assert "1 处停车场的类型无法识别，按不详处理，不补数（C：“塔库”）" in said
    theme = siting.run(siting.Study.from_toml(file)).themes["parking"]
    lots = theme.layer("parking_lots").frame
    assert lots.loc[list("ABCDEFGH"), "kind_en"].tolist() == [
        "mechanical", "building", "kind unknown", "kind unknown", "kerb", "underground", "surface", "surface",
    ]  # fmt: skip
    assert lots.loc[list("ABCDEFGH"), "users_en"].tolist() == [
        *["open to the public"] * 5, "for residents", *["open to the public"] * 2,
    ]  # fmt: skip
    assert lots.loc[["F", "G"], "spaces"].tolist() == [45, 40]
    assert lots["spaces"].isna()["H"]
    told = {f.code: f for f in theme.findings}
    listed = {code: told[code].ids for code in told if code.endswith("_not_read") and code != "spaces_not_read"}
    assert listed == {"kind_not_read": ("C",), "users_not_read": ("C",), "levels_not_read": ("C", "E"),
                      "area_m2_not_read": ("H",)}  # fmt: skip
    census = theme.table("parking_census").frame
    assert census.loc[census["check"].str.endswith("_not_read"), "lot"].tolist() == ["C", "C", "C", "E", "H"]
    # Without the study's own words both codes are listed, too: nothing is guessed.
    file.write_text(text + columns, encoding="utf-8")
    told = {f.code: f.ids for f in siting.run(siting.Study.from_toml(file)).themes["parking"].findings}
    assert (told["kind_not_read"], told["users_not_read"]) == (("B", "C"), ("B", "C"))
    for wrong, fault in (('kind = "形制"\n', "no column '形制'"), ('kind_values = { a = "kerb" }\n', "without kind"),
                         ('kind = "形式"\nkind_values = { a = "tower" }\n', "tower")):  # fmt: skip
        file.write_text(f"{text}\n[parking.columns]\n{wrong}", encoding="utf-8")
        with pytest.raises(InputError, match=fault):
            check(siting.Study.from_toml(file))


def test_two_layers_of_the_same_lots_are_counted_once(tmp_path):
    """The car parks of the district again as on-street parking: told, and not added to those that are there."""
    given = study(tmp_path)
    layer = json.loads((tmp_path / "car_parks.geojson").read_text(encoding="utf-8"))
    for feature in layer["features"]:
        feature["properties"] |= {"id": "K" + feature["properties"]["id"], "spaces": "60辆"}
    (tmp_path / "again.geojson").write_text(json.dumps(layer, ensure_ascii=False), encoding="utf-8")
    again = 'street_parking = { source = "again.geojson", id = "id", name = "name", capacity = "spaces" }\n'
    text = given.path.read_text(encoding="utf-8").replace("bus_stop = {", again + "bus_stop = {")
    given.path.write_text(text, encoding="utf-8")
    theme = siting.run(siting.Study.from_toml(given.path)).themes["parking"]
    told = {f.code: f for f in theme.findings}
    assert told["lot_layers"].count == len(layer["features"])
    assert "again.geojson" in told["lot_layers"].text.zh
    assert theme.figures["lots_repeated"] == len(layer["features"])
    census = theme.table("parking_census").frame
    assert "spaces disagree: 60 here, 120 there" in " ".join(census["detail_en"])
    assert not census.loc[census["check"] == "same_name", "counted"].any()
