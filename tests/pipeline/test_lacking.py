"""Inputs that tables of themes need and a study has not: said by the check, at once, and in the words of the run."""

import re

import pytest

import siting
from siting.errors import InputError
from siting.pipeline import check
from siting.sample import sample_study

DEMO = sample_study("demo-district")
BARE = """
[study]
name = "bare"
crs = "EPSG:4548"
%s
[demand]
source = "buildings.geojson"
id = "id"
population = "people"
unit = "building"

[facilities]
%s
"""
TOILET = (
    'public_toilet = { source = "toilets_gcj02_gbk.csv", encoding = "gb18030", coords = "gcj02", id = "编号", '
    'name = "名称", lon = "经度", lat = "纬度" }\n'
)
LOTS = 'public_parking = { source = "car_parks.geojson", id = "id", name = "name", capacity = "spaces" }\n'
MARKET = 'market = { source = "markets.geojson", id = "id", name = "name" }\n'
STREETS = '[streets]\nsource = "streets.geojson"\nmodes = ["walk"]\n'
AREA = 'boundary = "boundary.geojson"\n'


def study(tables, *, head="", facilities=TOILET, top=""):
    text = BARE % (head, facilities) + top + tables
    return re.sub(r'"([\w/]+\.(?:geojson|csv))"', lambda m: f'"{(DEMO.parent / m[1]).as_posix()}"', text)


@pytest.fixture
def write(tmp_path):
    def made(*args, **more):
        file = tmp_path / "study.toml"
        file.write_text(study(*args, **more), encoding="utf-8")
        return siting.Study.from_toml(file)

    return made


SITES = "[toilets]\n[toilets.sites]\np = 1\n"


@pytest.mark.parametrize(
    ("tables", "more", "said"),
    [
        (
            SITES + 'kinds = ["square", "station"]\n',
            {},
            r"toilets\.sites: there is no layer for places of kind square, station; give layers\.square, or "
            "square: facilities of class square; station: facilities of class metro, bus_station or railway_station",
        ),
        (SITES + 'kinds = ["vacant"]\n', {}, r"vacant: vacant land \(\[land\] vacant\)"),
        (SITES + 'kinds = ["building"]\nbuildings = ["culture_centre"]\n', {}, "no layer for places of kind building"),
        (SITES + 'kinds = ["street"]\n', {}, "no layer for places of kind street; give layers.street, or"),
        (
            SITES + "costs = { park = 1 }\n",
            {"facilities": TOILET + 'park_green = "parks.geojson"\n', "top": STREETS},
            r"toilets\.sites: costs say nothing of street",
        ),
        (SITES + 'level = "city"\n', {"top": STREETS}, "density needs the study's boundary or zones"),
        (
            SITES + 'density = "wc.density.residential"\n',
            {"head": AREA, "top": STREETS},
            "wc.density.residential is about one class of land",
        ),
        (
            SITES + 'level = "city"\nshortfall = { town = 3 }\n',
            {"head": AREA, "top": STREETS},
            "shortfall of zone 'town', which is not in city",
        ),
        (SITES + 'distance = "network"\n', {"head": AREA}, r'distance = "network" needs streets; give \[streets\]'),
        (
            '[toilets]\n[toilets.spacing]\ntypes = "kind_of_street"\n',
            {"top": STREETS},
            r"toilets\.spacing: spacing: the streets have no column 'kind_of_street'",
        ),
        (
            '[parking]\ncars_per_person = 0.1\n[parking.sites]\nremove = 0.5\nkerb = "streets.geojson"\n'
            'types = [{ kind = "surface", cost_per_space = 1 }]\n',
            {"facilities": LOTS},
            r"parking\.sites: kerb: no column spaces; add one, or give kerb_m_per_space",
        ),
        (
            "[charging]\n[charging.sheds]\nwalk_m = 120\nseparation = 6\nbikes_per_shed = 40\n"
            'bikes_per_household = 0.5\n[land]\nold_estates = "old_estates.geojson"\nbuildings = "buildings.geojson"\n',
            {},
            r"charging\.sheds: sheds: how many households live where is not known",
        ),
        (
            '[waste]\n[waste.points]\n[waste.points.sites]\ncandidates = "vacant"\n',
            {},
            r"waste\.points\.sites: there is no vacant land; give \[land\] vacant, or other candidates",
        ),
        (
            '[waste]\n[waste.points]\n[waste.points.sites]\ncandidates = "street"\n',
            {},
            "no streets, so no places along them",
        ),
        ('[waste]\n[waste.points]\n[waste.points.sites]\ndistance = "network"\n', {}, 'distance = "network" needs'),
        (
            '[waste]\n[[waste.sources]]\norigin = "food"\nfacility = ["resturant"]\nt_day = "t"\n',
            {},
            r"waste\.sources\[1\]: no facility class 'resturant'",
        ),
        (
            '[waste]\n[[waste.sources]]\norigin = "food"\nfacility = ["market"]\nt_day = "t"\n',
            {},
            r"waste\.sources\[1\]: no layer of Food market$",
        ),
        (
            '[waste]\n[[waste.sources]]\norigin = "food"\nfacility = ["market"]\nt_day = "t"\n',
            {"facilities": TOILET + MARKET},
            r"waste\.sources\[1\]: waste source food: no column 't'",
        ),
    ],
)
def test_what_a_run_refuses_is_refused_by_the_check_in_the_same_words(write, tables, more, said):
    asked = write(tables, **more)
    with pytest.raises(InputError, match=said) as checked:
        check(asked)
    with pytest.raises(InputError) as run:
        siting.run(asked)
    assert str(run.value) == str(checked.value)


def test_everything_that_is_lacking_is_refused_at_once(write):
    tables = """
[toilets]
[[toilets.sites]]
name = "a"
p = 1
kinds = ["square"]
[[toilets.sites]]
name = "b"
level = "city"
distance = "network"
[waste]
[waste.points]
[waste.points.sites]
candidates = "vacant"
"""
    with pytest.raises(InputError) as told:
        check(write(tables))
    for key in ("toilets.sites[1]: there is no layer", "toilets.sites[2]: density needs",
                "toilets.sites[2]: distance", "waste.points.sites: there is no vacant land"):  # fmt: skip
        assert key in str(told.value)


ESTIMATES = "ev_share = 0.2\ncars_per_person = 0.1\nper_ev_day = 0.25\nper_charger_day = 2\nreach_m = 500\n"
LEFT_OPEN = """
[toilets]
[toilets.spacing]
[toilets.opening]
facility = ["culture_centre"]
[[toilets.sites]]
spacing = true
[parking]
cars_per_person = 0.1
[parking.sites]
remove = 0.5
upgrade = false
types = [{ kind = "surface", cost_per_space = 1 }]
[charging]
ESTIMATES
[charging.stations]
assumed_grid_kw = 100
p = 1
sizes = [{ name = "s", chargers = 4, kw_each = 60, cost = 40 }]
[charging.sheds]
walk_m = 120
separation = 6
[waste]
kg_per_person_day = 1
[[waste.sources]]
origin = "market"
facility = ["market"]
kg_per_unit_day = 5
[waste.points]
[waste.stations]
[waste.chain]
plants = { source = "waste_plants.geojson", id = "id" }
[waste.chain.rates.other]
collect_per_t_km = 20
haul_per_t_km = 5
[[waste.plants]]
kind = "sorting"
weights = { area = 1 }
"""
WITHOUT_LAYERS = [
    "[toilets] density of public toilets cannot be judged: no boundary and no zones",
    "[toilets.spacing] Spacing of public toilets along streets cannot be judged: there are no streets; give [streets]",
    "[toilets.sites] Siting public toilets cannot be judged: no streets, so no spacing",
    "[toilets.opening] ",
    "[parking.sites] ",
    "[charging] public charging stations cannot be judged: no layer of class charging",
    "[charging.sheds] ",
    "[waste.sources[1]] waste that arises cannot be judged: no layer of ",
    "[waste.points] radius of collection points cannot be judged: no layer of class waste_point",
    "[waste.points] recycling joined with collection cannot be judged",
    "[waste.stations] ",
    "[waste.chain] ",
    "[waste.plants.sorting] ",
]


def test_what_a_run_leaves_open_is_said_by_the_check_in_the_same_words(write):
    """No streets, no land, no places: nothing of it keeps a study from running, and both say all of it."""
    asked = write(LEFT_OPEN.replace("ESTIMATES\n", ESTIMATES), facilities=TOILET + LOTS)
    lacks = [f for f in check(asked).findings if f.code == "input_missing"]
    told = [f.text.en for f in lacks]
    assert [start for start in WITHOUT_LAYERS if not any(line.startswith(start) for line in told)] == []
    assert all("无法评判：" in f.text.zh for f in lacks)
    run = siting.run(asked)
    said = " | ".join(f.text.both() for f in run.findings)
    lost = [f.text.en for f in lacks if f.text.en.split("cannot be judged: ")[1] not in said]
    assert lost == []
    assert all(f.text.zh.split("无法评判：")[1] in said for f in lacks)


@pytest.mark.parametrize("table", ["toilets", "parking"])
def test_a_theme_without_its_facilities_is_told_once(write, table):
    asked = write(f"[{table}]\n", facilities=MARKET)
    (lack,) = [f for f in check(asked).findings if f.code == "input_missing"]
    assert lack.kind == "warning"
    assert lack.text.en.startswith(f"[{table}] ")


def test_a_study_that_has_everything_lacks_nothing():
    found = check(siting.Study.from_toml(DEMO)).findings
    assert [f.text.en for f in found if f.code == "input_missing"] == []
