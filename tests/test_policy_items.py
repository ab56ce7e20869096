"""Every table, layer, rule and entry of a study file that the table of policy items names exists, in both languages."""

import re
import shutil
import tomllib
from pathlib import Path

import pytest

import siting
from siting.outputs.layers import result_layers
from siting.outputs.tables import result_tables
from siting.standards import load_catalogue
from siting.study.settings import StudyFile

ROOT = Path(__file__).resolve().parents[1]
DATA, DOCS = ROOT / "data" / "demo-district", ROOT / "docs"
PAGES = {"zh": DOCS / "policy-items.zh.md", "en": DOCS / "policy-items.md"}
MORE = """
[[audit]]
rule = "park.500park"
[[locate]]
name = "parks"
rule = "park.500park"
budget = 0.3
cost = "area_ha"
candidates = "vacant"
[[services]]
name = "house"
tier = "5min"
p = 2
[toilets.opening]
facility = ["clinic"]
[[toilets.sites]]
level = "subdistrict"
serve = "reachable"
[parking.sites]
types = [{ kind = "surface", cost_per_space = 1 }]
budget = 60
[facilities.street_parking]
source = "bus_stops.geojson"
[suitability]
factors = [{ name = "bus", kind = "distance", facility = ["bus_stop"], best = 0, worst = 500, weight = 1.0 }]
[[waste.plants]]
kind = "kitchen"
weights = { haul = 0.5, area = 0.5 }
candidates = "sorting_plots.geojson"
[[waste.plants]]
kind = "incinerator"
keep = [{ name = "homes", layer = "transfer_stations.geojson" }]
weights = { haul = 0.5, area = 0.5 }
candidates = "sorting_plots.geojson"
[[waste.plants]]
kind = "construction"
weights = { haul = 0.5, area = 0.5 }
sources = "food_outlets.geojson"
weight = "seats"
candidates = "sorting_plots.geojson"
[[waste.plants]]
kind = "bulky"
weights = { haul = 0.5, area = 0.5 }
sources = "food_outlets.geojson"
weight = "seats"
candidates = "sorting_plots.geojson"
[[waste.plants]]
kind = "medical"
weights = { haul = 0.5, area = 0.5 }
sources = "food_outlets.geojson"
weight = "seats"
candidates = "sorting_plots.geojson"
[[waste.plants]]
kind = "e_waste"
weights = { haul = 0.5, area = 0.5 }
sources = "food_outlets.geojson"
weight = "seats"
candidates = "sorting_plots.geojson"
[waste.container]
density_t_m3 = { kitchen = 0.5, recyclable = 0.1, other = 0.3 }
volume_m3 = 0.24
[waste.points.pretreatment]
units = 1
origins = ["market"]
[waste.points.shops]
layer = "food_outlets.geojson"
"""
IN_PLACE = {
    "sorted_share = 0.3": 'sorted_share = 0.5\npilots = 2\ndumps = "busy_places.geojson"',
    "[waste.chain.rates.kitchen]": "years = { 2030 = 1.1 }\n[waste.chain.rates.kitchen]",
}
OF_THEMES = (
    "charging_", "green_", "living_circle_", "parking_", "services_", "suitability_", "toilet_", "toilets_", "waste_",
)  # fmt: skip
WRITTEN = {"indicators.csv", "sites.csv", "unsnapped.csv"}


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """Tables and layers of the demo district with every theme."""
    folder = tmp_path_factory.mktemp("district")
    shutil.copytree(DATA, folder, dirs_exist_ok=True)
    text = (folder / "study.toml").read_text("utf-8").split("[suitability]")[0]
    for old, new in IN_PLACE.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    (folder / "study.toml").write_text(text + MORE, encoding="utf-8")
    run = siting.run(siting.Study.from_toml(folder / "study.toml"))
    layers, _ = result_layers(run)
    return set(layers) | set(result_tables(run))


def cells(lang):
    """Return the rows of the table by the id of the policy item."""
    rows = [line.strip("|").split("|") for line in PAGES[lang].read_text("utf-8").splitlines() if line.startswith("|")]
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows[2:]}


def quoted(text):
    return re.findall(r"`([^`]+)`", text)


@pytest.mark.parametrize("lang", PAGES)
def test_tables_and_layers_exist(names, lang):
    words = {word for row in cells(lang).values() for cell in row for word in quoted(cell)}
    named = {w for w in words if w.startswith(OF_THEMES) and "." not in w}
    assert len(named) > 25
    assert named <= names
    assert {w.removeprefix("tables/") for w in words if w.startswith("tables/")} <= WRITTEN
    assert {w.removesuffix(".csv") for w in WRITTEN} <= names


@pytest.mark.parametrize("lang", PAGES)
def test_rules_exist_and_carry_the_grade_of_the_catalogue(lang):
    catalogue = load_catalogue()
    found = 0
    for row in cells(lang).values():
        for rule, grade in re.findall(r"`([a-z0-9_.]+)` ?[（(]([^）)]+)[）)]", row[3]):
            assert catalogue[rule].confidence.text.get(lang) == grade, rule
            found += 1
        assert row[3] == "—" or len(quoted(row[3])) == len(re.findall(r"[（(]", row[3]))
    assert found > 60


@pytest.mark.parametrize("lang", PAGES)
def test_entries_of_a_study_file_exist(lang):
    tables = set(StudyFile.model_fields)
    for row in cells(lang).values():
        for word in quoted(row[2]):
            for table in re.findall(r"\[{1,2}([a-z_]+)\]{1,2}", word):
                assert table in tables, word


def test_both_languages_hold_the_same_items():
    zh, en = cells("zh"), cells("en")
    assert list(zh) == list(en)
    for id_, row in zh.items():
        assert row[:2] == en[id_][:2]
        assert sorted(quoted(row[2])) == sorted(quoted(en[id_][2])), id_
    core = {
        "B05",
        "B15",
        "B22",
        "F02",
        "F07",
        "F08",
        "F14",
        "F15",
        "F16",
        "F17",
        "F19",
        "F21",
        "F24",
        "F25",
        "F29",
        "F33",
        "F34",
        "F43",
        "F44",
        "F47",
        "N02",
        "N11",
        "N12",
        "N24",
        "N25",
        "N31",
        "T02",
        "T05",
        "T07",
        "T12",
        "T14",
        "T17",
        "T18",
        "T19",
        "T22",
        "T24",
        "T27",
        "T29",
        "T30",
        "T35",
        "T36",
        "T45",
        "T46",
        "Y08",
        "Y09",
    }
    assert core <= {id_ for id_, row in zh.items() if row[0] == "H"}


def test_the_extra_tables_are_a_study_file():
    assert set(tomllib.loads(MORE)) <= set(StudyFile.model_fields)
