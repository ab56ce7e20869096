"""A study with `[charging]`: its layers are read, its figures checked, its themes stand in the run."""

import json
import shutil
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point, box

import siting
from siting.errors import InputError

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
