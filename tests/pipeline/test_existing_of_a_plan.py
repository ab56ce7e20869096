"""Proposed for tests/pipeline/: what a plan counts as served today."""

import shutil
from pathlib import Path

import geopandas as gpd
import pytest

import siting
from siting.errors import SchemaError

DATA = Path(__file__).resolve().parents[2] / "data" / "demo-district"
STUDY = """
[study]
name = "x"
crs = "EPSG:4548"
{study}
[streets]
source = "streets.geojson"
[demand]
source = "buildings.geojson"
id = "id"
population = "people"
[facilities]
bus_stop = "now.geojson"
[land]
vacant = "vacant_plots.geojson"
{rest}
"""


def run(folder, rest, study=""):
    shutil.copytree(DATA, folder, dirs_exist_ok=True)
    stops = gpd.read_file(folder / "bus_stops.geojson").drop(columns="id")
    stops.iloc[:3].to_file(folder / "now.geojson")
    stops.to_file(folder / "planned.geojson")
    (folder / "study.toml").write_text(STUDY.format(rest=rest, study=study), encoding="utf-8")
    return siting.run(siting.Study.from_toml(folder / "study.toml"))


PLAN = '[[locate]]\nname = "{name}"\np = 1\ncandidates = "vacant"\n{more}\n'


def test_what_exists_counts_whatever_says_how_far_is_served(tmp_path):
    """11,400 people live within 500 m of one of the three stops, by rule, by theme or by a limit alone."""
    plans = run(
        tmp_path,
        PLAN.format(name="rule", more='rule = "bus.cover500"')
        + PLAN.format(name="theme", more='theme = "transport"\nlimit_m = 500\ndistance = "straight"')
        + PLAN.format(name="limit", more='facility = ["bus_stop"]\nlimit_m = 500\ndistance = "straight"'),
    ).plans
    assert {name: plan.people_before for name, plan in plans.items()} == dict.fromkeys(plans, 11400.0)


def test_a_layer_of_existing_places_replaces_those_of_the_study(tmp_path):
    """Rows without ids are named 0, 1, 2 in both layers: the audit of the three stops must not stand for all eight."""
    more = 'rule = "bus.cover500"\nexisting = "planned.geojson"'
    found = run(tmp_path, '[[audit]]\nrule = "bus.cover500"\n' + PLAN.format(name="planned", more=more))
    assert found.audits["bus.cover500"].headline("people").served == 11_400_000
    assert found.plans["planned"].people_before == 29840.0


def test_levels_that_share_a_name_are_refused(tmp_path):
    two = 'zones = ["communities.geojson", {source = "subdistricts.geojson", level = "communities"}]'
    with pytest.raises(SchemaError, match="communities"):
        run(tmp_path, "", two)
