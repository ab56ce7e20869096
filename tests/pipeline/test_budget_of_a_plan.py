"""`[[locate]] budget` with `cost`: by a column of the study's own layer, and by hectares."""

import json
import shutil
from pathlib import Path

import geopandas as gpd
import pytest

from siting import Study, run

DISTRICT = Path(__file__).parents[2] / "data" / "demo-district"
STUDY = """
[study]
name = "budget"
crs = "EPSG:4548"
boundary = "boundary.geojson"
[demand]
source = "buildings.geojson"
id = "id"
population = "people"
[facilities]
park_green = { source = "parks.geojson", id = "id", name = "name" }
[land]
vacant = { source = "plots.gpkg", id = "id" }
[[locate]]
name = "parks"
rule = "park.500park"
model = "mclp"
candidates = "vacant"
"""


@pytest.fixture
def folder(tmp_path):
    for name in ("boundary", "buildings", "parks"):
        shutil.copy(DISTRICT / f"{name}.geojson", tmp_path)
    plots = gpd.read_file(DISTRICT / "vacant_plots.geojson")
    plots.assign(yuan=[300.0, 200.0, 100.0, 400.0, 500.0]).to_file(tmp_path / "plots.gpkg")
    return tmp_path


def run_with(folder, how):
    (folder / "study.toml").write_text(STUDY + how, encoding="utf-8")
    return run(Study.from_toml(folder / "study.toml"))


def test_a_column_of_the_layer_pays(folder):
    done = run_with(folder, 'budget = 500\ncost = "yuan"\n')
    plan = done.plans["parks"]
    assert plan.result.status == "optimal"
    assert plan.budget.spent == plan.sites["yuan"].sum() <= 500
    # No other affordable choice serves more: all pairs and singles, by what each plot serves alone and together.
    other = {p: run_with(folder, f'p = {p}\nexcluded = ["V4", "V5"]\n').plans["parks"] for p in (1, 2)}
    assert plan.people_after >= max(o.people_after for o in other.values())
    done.write(folder / "out")
    summary = json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))["locate"]["parks"]
    assert summary["model"] == "mclp"
    assert summary["budget"] == {"cost": "yuan", "amount": 500.0, "spent": plan.budget.spent}
    evidence = json.loads((folder / "out" / "evidence.json").read_text(encoding="utf-8"))
    assert '"spent"' in json.dumps(evidence)


def test_hectares_are_built_in(folder):
    plan = run_with(folder, 'budget = 0.24\ncost = "area_ha"\n').plans["parks"]
    assert len(plan.sites) == 2
    assert plan.sites["area_ha"].sum() == plan.budget.spent <= 0.24
