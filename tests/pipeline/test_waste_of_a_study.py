"""A study with `[waste]`: its layers are read, its faults told, its themes stand in the run and in its folder."""

import json
import shutil
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point, box

import siting
from siting.errors import InputError

DEMO = Path(__file__).parents[2] / "data" / "demo-district"
WEST, SOUTH = 517000, 4052000
EXTRA = """
[waste]
kg_per_person_day = 1.0
shares = { kitchen = 0.5, recyclable = 0.3, other = 0.2 }
base_year = 2025
container = { density_t_m3 = { other = 0.3 }, volume_m3 = 0.24 }

[[waste.sources]]
origin = "market"
facility = ["market"]
kg_per_unit_day = 2000
shares = { kitchen = 1 }

[[waste.sources]]
origin = "campus"
layer = "campuses.geojson"
t_day = "吨"
shares = { kitchen = 0.5, other = 0.5 }

[[waste.years]]
year = 2035
people = 1.1

[waste.points]
estates = "estates.geojson"
people_per_household = 2
dumps = "dumps.geojson"
pretreatment = { units = 1, origins = ["market", "campus"], stream = "kitchen" }
shops = { facility = ["market"], within_m = 60 }

[[waste.points.bodies]]
layer = "campuses.geojson"
sorted = "分类"

[waste.points.sites]
p = 3
candidates = "vacant"
"""


def study(folder, extra=EXTRA):
    """Write the demo district with two campuses, one closed estate and one dump."""
    for file in DEMO.iterdir():
        shutil.copy(file, folder)

    def write(file, shapes, **columns):
        gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4548").to_file(folder / f"{file}.geojson")

    places = [Point(WEST + 300, SOUTH + 300), Point(WEST + 900, SOUTH + 300), Point(WEST + 900, SOUTH + 900)]
    write("campuses", places, name=["甲校", "乙校", "丙校"], 吨=[3.0, 1.0, -2.0], 分类=["是", "否", None])
    # North of the river no point stands: the estate is the middle of N1, with the vacant plot inside.
    write("estates", [box(WEST + 200, SOUTH + 1500, WEST + 400, SOUTH + 1700)], name=["北苑"])
    write("dumps", [Point(WEST + 100, SOUTH + 320)], name=["河边"])
    file = folder / "study.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: text.index("[living_circle]")] + extra, encoding="utf-8")
    return siting.Study.from_toml(file)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return siting.run(study(tmp_path_factory.mktemp("waste")))


def test_what_arises(run):
    figures = run.themes["waste_generation"].figures
    # 31,680 people at 1 kg, one market at 2 t, campuses at 3 and 1 t; the one below zero is listed
    assert figures["t_day"] == pytest.approx(31.68 + 2 + 4)
    assert figures["streams"]["kitchen"] == pytest.approx(15.84 + 2 + 2)
    assert figures["left_out"] == 1
    assert figures["years"] == pytest.approx({"2025": 37.68, "2035": 40.848})
    left = run.themes["waste_generation"].table("waste_left_out").frame
    assert left[["origin", "name", "reason", "value"]].to_numpy().tolist() == [["campus", "丙校", "negative", "-2.0"]]


def test_points_agree_with_the_figures_of_the_demo_district(run):
    """README of the data: 11,400 people within 120 m, 6,000 within 70 m, in a straight line."""
    figures = run.themes["waste_points"].figures
    assert figures["reach"]["waste.point.gb55013"]["people_straight"] == {
        "served": 11400.0, "total": 31680.0, "share": pytest.approx(0.3598484848),
    }  # fmt: skip
    assert figures["reach"]["waste.point.cjj27"]["people_straight"]["served"] == 6000.0
    assert figures["reach"]["waste.point.cjj27"]["people_network"]["served"] == 0.0  # 40 + 40 m and more on foot
    assert figures["estates"] == {"total": 1, "without": 1, "edge_m": 10.0}
    # The dump at (100, 320) is 120 m from W01 at (100, 200): exactly within.
    assert figures["dumps"] == {"total": 1, "beyond": 0, "limit_m": 120.0}
    assert figures["pretreatment"]["treated_t_day"] == 2.0  # the market; of a campus half is kitchen waste
    bodies = figures["bodies_1"]["waste.tj.public_sort"]
    assert (bodies["covered"], bodies["unknown"], bodies["needed"]) == (1, 1, 1)
    assert figures["shops"]["bins_needed"] == 1


def test_new_points_go_to_the_closed_estate_first(run):
    theme = run.themes["waste_points_sites"]
    assert theme.figures["estates_without_after"] == 0
    assert theme.figures["status"] == "optimal"
    sites = theme.table("waste_points_sites").frame
    # The plots of N1 and N2 have two houses of 80 people at 57 m each. That of N1 lies 4 m inside the edge of the
    # estate: its own, and open to both sides. A third point would serve nobody, so it is not built.
    assert sites[["estate", "own", "gain"]].fillna("-").to_numpy().tolist() == [
        ["0", "estate", 160], ["-", "other", 160],
    ]  # fmt: skip
    assert theme.figures["served_after"] > theme.figures["served_before"]


def test_outputs_hold_the_theme(run, tmp_path):
    run.write(tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["themes"]["waste_points"]["figures"]["estates"]["without"] == 1
    for name in ("waste_totals", "waste_points_zones", "waste_points_sites", "waste_points_matrix"):
        assert (tmp_path / "out" / "tables" / f"{name}.csv").is_file()
    layers = set(gpd.list_layers(tmp_path / "out" / "results.gpkg")["name"])
    assert {"waste_sources", "waste_points_homes", "waste_points_estates", "waste_points_sites"} <= layers


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("[waste]\nbasis = 'design'\n", "a1 and a2"),
        ("[waste]\nshare = { kitchen = 1 }\n", "share"),
        ("[[waste.years]]\nyear = 2030\n", "base_year"),
        ("[[waste.sources]]\norigin = 'food'\nt_day = 't'\n", "either layer or facility"),
        ("[[waste.sources]]\norigin = 'people'\nfacility = ['market']\nt_day = 't'\n", "people"),
        ("[[waste.sources]]\norigin = 'x'\nlayer = 'nowhere.gpkg'\nt_day = 't'\n", "nowhere.gpkg"),
        ("[waste.points]\nhouseholds = 'h'\npeople_per_household = 2\n", "exclude each other"),
        ("[waste.points]\npretreatment = { origins = ['x'] }\n", "units"),
    ],
)
def test_a_study_file_that_contradicts_itself_is_refused(tmp_path, wrong, said):
    with pytest.raises(InputError, match=said):
        study(tmp_path, wrong)


def test_faults_of_layers_are_told_together(tmp_path):
    wrong = EXTRA.replace('t_day = "吨"', 't_day = "吨数"').replace('sorted = "分类"', 'sorted = "分没分"')
    with pytest.raises(InputError) as caught:
        siting.run(study(tmp_path, wrong))
    assert "吨数" in str(caught.value)
    assert "分没分" in str(caught.value)
    with pytest.raises(InputError, match=r"add up to 1\.1"):
        siting.run(study(tmp_path, "[waste]\nshares = { kitchen = 0.6, other = 0.5 }\n"))
    with pytest.raises(InputError, match="no facility class 'markets'"):
        siting.run(study(tmp_path, EXTRA.replace('facility = ["market"]\nkg', 'facility = ["markets"]\nkg')))
