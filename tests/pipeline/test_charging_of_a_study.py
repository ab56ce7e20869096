"""A study with `[charging]`: its layers are read, its figures checked, its themes stand in the run."""

import json
import shutil
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point, box

import siting
from siting.errors import InputError
from siting.pipeline import check

DEMO = Path(__file__).parents[2] / "data" / "demo-district"
WEST, SOUTH, CRS = 517000, 4052000, "EPSG:4548"
FIGURES = """
[charging]
reach_m = 500
ev_share = 0.2
cars_per_person = 0.3
per_ev_day = 0.25
per_charger_day = 8
source_zh = "演示数据"
source_en = "for demonstration"
"""
STATIONS = """
[charging.stations]
p = 1
fuel_stations = "fuel.geojson"
vacant = "plots.geojson"
sizes = [
  { name = "小", chargers = 4, kw_each = 60, cost = 40 },
  { name = "大", chargers = 10, kw_each = 60, cost = 80 },
]
"""
SHEDS = """
[charging.sheds]
walk_m = 120
separation = 20
"""


def study(folder, extra=FIGURES + STATIONS + SHEDS):
    """Write the demo district with charging spaces, one station, one fuel station and one old estate."""
    for each in DEMO.iterdir():
        shutil.copy(each, folder)
    parks = json.loads((DEMO / "car_parks.geojson").read_text(encoding="utf-8"))
    for row, spaces, ready in zip(parks["features"], ["120辆", "80"], ["12", "5个"], strict=True):
        row["properties"] |= {"spaces": spaces, "ev_spaces": ready}
    (folder / "car_parks.geojson").write_text(json.dumps(parks, ensure_ascii=False), encoding="utf-8")

    def write(file, shapes, **columns):
        gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).to_file(folder / file)

    write("stations.geojson", [Point(WEST + 900, SOUTH + 200)], id=["S"], name=["南二充电站"], chargers=[6])
    write("fuel.geojson", [Point(WEST + 300, SOUTH + 800)], id=["F"], name=["中一加油站"], grid_kw=[600])
    plots = gpd.read_file(DEMO / "vacant_plots.geojson")
    plots.assign(grid_kw=[None] * len(plots)).to_file(folder / "plots.geojson")
    write("estates.geojson", [box(WEST, SOUTH, WEST + 200, SOUTH + 200)], id=["E"], name=["南一新村"])
    file = folder / "study.toml"
    text = file.read_text(encoding="utf-8")
    text = text.replace("[facilities.public_toilet]", "[facilities.charging]\nsource = 'stations.geojson'\nid = 'id'\n"
                        "name = 'name'\n\n[facilities.public_toilet]", 1)  # fmt: skip
    text = text.replace(
        "[land]\n", "[land]\nold_estates = { source = 'estates.geojson', id = 'id', name = 'name' }\n", 1
    )
    text = text[: text.index("[living_circle]")] + '[[audit]]\nrule = "park_lot.radius.now"\n' + extra
    file.write_text(text, encoding="utf-8")
    return siting.Study.from_toml(file)


def test_a_study_audits_and_sites_charging(tmp_path):
    run = siting.run(study(tmp_path))
    figures = run.themes["charging"].figures
    # 10 % of 120 and of 80: 12 are there, 3 of 8 are lacking.
    assert figures["lots_by_state"] == {"meets": 1, "short": 1, "unknown": 0, "no_rule": 0, "outside": 0, "repeat": 0}
    assert figures["charging_spaces_lacking"] == 3
    assert figures["evs"] == pytest.approx(31680 * 0.06)
    assert (figures["stations"], figures["stations_needed"], figures["stations_lacking"]) == (1, 1, 0)
    assert figures["supply_day"] == 48
    assert figures["demand_day"] == pytest.approx(31680 * 0.06 * 0.25)
    assert any("for demonstration" in line for line in figures["assumed"])
    sites = run.themes["charging_sites"].figures
    assert sites["sites"] == {"F": "大"}
    # Within 500 m of the fuel station on foot: 26 houses of M1, 4 of M2 (150 people, 2.25 charges a day each) and the
    # 6 northernmost of S1 (100 people, 1.5): 76.5, which ten chargers hold and four do not.
    assert (sites["placed_before"], sites["placed_after"], sites["status"]) == (48, 124.5, "optimal")
    sheds = run.themes["charging_sheds"].figures
    # 200 x 200 m, houses at (60 | 140, 40 | 160): from the middle each is 72 m away.
    assert (sheds["sheds"], sheds["homes"], sheds["homes_served"], sheds["proved"]) == (1, 4, 4, True)
    codes = [finding.code for finding in run.findings]
    assert "station_grid_kw" in codes
    assert "layer_not_used" not in codes


def test_plots_without_power_leave_no_plan_and_say_so(tmp_path):
    extra = FIGURES + STATIONS.replace('fuel_stations = "fuel.geojson"\n', "")
    theme = siting.run(study(tmp_path, extra)).themes["charging_sites"]
    assert theme.figures["status"] == "infeasible"
    assert "power of the grid is not known" in theme.figures["reason"]
    assert len(theme.missing) == 1


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ("[charging]\nper_ev_day = 1\n", "no meaning without ev_share"),
        ("[charging]\n" + STATIONS, "needs ev_share, per_ev_day, per_charger_day, reach_m"),
        (FIGURES + SHEDS + "bikes_per_shed = 10\n", "belong together"),
        (FIGURES + STATIONS.replace("fuel.geojson", "petrol.geojson"), "petrol.geojson"),
        ("[charging]\nrules = { publik = ['ev.hainan'] }\n", "publik"),
    ],
)
def test_what_does_not_belong_together_is_refused(tmp_path, extra, says):
    with pytest.raises(InputError, match=says):
        siting.run(study(tmp_path, extra))


BAD_LOTS = {
    # id: (spaces, charging spaces, kind)
    "about": ("约80", "8", "public_lot"),
    "negative": ("-5", "1", "public_lot"),
    "more": ("50", "60", "public_lot"),
    "strange": ("50", "5", "housing"),
    "silent": ("100", None, "public_lot"),
    "good": ("100", "10个", "public_lot"),
}


def bad_study(folder, lots=BAD_LOTS):
    """Write a study whose car parks and stations say odd things; one lot stands in a second layer too."""
    study(folder, "[charging]\nreach_m = 500\n")

    def write(file, rows, at, **columns):
        shapes = [Point(WEST + 100 + 150 * k, SOUTH + at) for k in range(len(rows))]
        gpd.GeoDataFrame({"id": list(rows), **columns}, geometry=shapes, crs=CRS).to_file(folder / file)

    spaces, ready, kinds = zip(*lots.values(), strict=True)
    write("lots.geojson", lots, 300, spaces=spaces, ev_spaces=ready, ev_kind=kinds)
    # The good lot once more, from the owners of buildings: same place, other layer.
    again = gpd.GeoDataFrame(
        {"id": ["again"], "ev_spaces": ["10"]}, geometry=[Point(WEST + 100 + 150 * 5, SOUTH + 301)], crs=CRS
    )
    again.to_file(folder / "again.geojson")
    three = ["S", "none", "text"]
    write("stations.geojson", three, 600, name=three, chargers=["6台", "0", "若干"])
    file = folder / "study.toml"
    text = file.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(("public_parking", "street_parking", "parking"))]
    at = lines.index("[facilities]") + 1
    lines[at:at] = [
        'public_parking = { source = "lots.geojson", id = "id", capacity = "spaces" }',
        'parking = { source = "again.geojson", id = "id" }',
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_odd_counts_from_a_file_are_listed_row_by_row(tmp_path):
    run = siting.run(siting.Study.from_toml(bad_study(tmp_path)))
    theme = run.themes["charging"]
    lots = theme.table("charging_lots").frame.set_index("id")
    assert lots["state"].to_dict() == {
        "about": "meets", "negative": "unknown", "more": "unknown", "strange": "no_rule", "silent": "unknown",
        "good": "meets", "again": "repeat",
    }  # fmt: skip
    assert lots.loc["about", ["spaces", "about"]].tolist() == [80, True]
    found = {f.code: f.ids for f in run.findings if f.code.startswith(("lot_", "station_", "chargers_"))}
    assert found["lot_spaces_negative"] == ("negative",)
    assert found["lot_more_ready"] == ("more",)
    assert found["lot_kind"] == ("strange",)
    assert found["lot_repeat"] == ("again",)
    assert found["station_no_chargers"] == ("none",)
    assert found["chargers_unreadable"] == ("text",)
    assert sum(theme.figures["lots_by_state"].values()) == len(BAD_LOTS) + 1
    assert theme.figures["stations"] == 2


def test_check_says_which_columns_are_missing(tmp_path):
    file = bad_study(tmp_path, {"a": ("100", None, None), "b": ("50", None, None)})
    text = file.read_text(encoding="utf-8")
    text = text.replace('parking = { source = "again.geojson", id = "id" }\n', "")
    text = text[: text.index("[charging]")] + FIGURES + 'chargers = "charger"\n' + STATIONS.replace(
        'fuel_stations = "fuel.geojson"\nvacant = "plots.geojson"\n', ""
    )  # fmt: skip
    file.write_text(text, encoding="utf-8")
    report = check(siting.Study.from_toml(file)).text("en")
    assert "charging.ev_spaces: car parks (2 rows) have no column 'ev_spaces'" in report
    assert "charging.chargers: charging stations (3 rows) have no column 'charger'" in report
    assert "did you mean 'chargers'" in report
    assert "charging.stations.car_parks: car parks (2 rows) have no column 'grid_kw'" in report
