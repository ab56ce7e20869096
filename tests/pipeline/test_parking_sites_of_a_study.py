"""A study with `[parking.sites]`: what is asked is checked, sited, and stands in every output."""

import json
import shutil
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import LineString, box

import siting
from siting.errors import SchemaError
from siting.pipeline.checking import check

DEMO = Path(__file__).parents[2] / "data" / "demo-district"
WEST, SOUTH = 517000, 4052000
PARKING = """
[parking]
cars_per_person = 0.1

[parking.sites]
vacant = "plots.geojson"
upgrade = false
budget = 900000
steps = 1
kerb = "kerb.geojson"
kerb_m_per_space = 6
types = [{ kind = "surface", cost_per_space = 5000 }]
"""


def study(folder, extra=PARKING):
    """Write the demo district with a plot of 50 x 60 m beside the homes of one community, and a kerb of 60 m."""
    for file in DEMO.iterdir():
        shutil.copy(file, folder)
    plot = box(WEST + 1500, SOUTH + 660, WEST + 1550, SOUTH + 720)
    gpd.GeoDataFrame({"id": ["P"]}, geometry=[plot], crs="EPSG:4548").to_file(folder / "plots.geojson")
    kerb = LineString([(WEST + 1500, SOUTH + 730), (WEST + 1560, SOUTH + 730)])
    gpd.GeoDataFrame({"id": ["K"]}, geometry=[kerb], crs="EPSG:4548").to_file(folder / "kerb.geojson")
    file = folder / "study.toml"
    text = file.read_text(encoding="utf-8")
    text = text[: text.index("[living_circle]")]
    file.write_text(text + '[[audit]]\nrule = "park_lot.radius.now"\n' + extra, encoding="utf-8")
    return siting.Study.from_toml(file)


def test_a_study_sites_its_car_parks(tmp_path):
    """The plan stands in the run with its proof; what it removes is what the audit was short of before."""
    run = siting.run(study(tmp_path))
    audit, theme = run.themes["parking"], run.themes["parking_sites"]
    assert theme.figures["short_before"] == audit.figures["slots"]["night"]["short"]
    assert theme.figures["status"] == "optimal"
    places = theme.table("parking_candidates").frame
    assert places["kind"].tolist() == ["vacant"]
    gained = theme.figures["short_before"] - theme.figures["short_after"]
    assert gained == theme.figures["objective"] > 0
    measures = theme.figures["measures"]
    assert measures["kerb"]["gain"] == 10
    assert measures["build"]["gain"] == gained
    run.write(tmp_path / "out")
    written = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert written["themes"]["parking_sites"]["figures"]["objective"] == gained
    assert (tmp_path / "out" / "tables" / "parking_measures.csv").exists()


def test_a_share_out_of_reach_is_said_in_both_languages(tmp_path):
    """One plot cannot remove 90 % of what a district is short of: the run goes on and says how much it can."""
    text = PARKING.replace("budget = 900000", "remove = 0.9")
    theme = siting.run(study(tmp_path, text)).themes["parking_sites"]
    assert theme.figures["status"] == "infeasible"
    what, why = theme.missing[0]
    assert "无法消除 90.0% 的缺口" in why.zh
    assert "of the shortage cannot be removed" in why.en
    assert "/ 9" not in why.zh
    assert what.zh == "停车场选址"
    assert theme.headlines == (why,)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("budget = 900000", "", "give one of budget"),
        ("budget = 900000", "budget = 1\nremove = 0.5", "give one of budget"),
        ("cars_per_person = 0.1", "", "without cars there is no shortage"),
        ("steps = 1", 'steps = 1\nslot = "day"', "no share is given for 'day'"),
        ('kind = "surface"', 'kind = "surface", levels = 2', "one level"),
        ("plots.geojson", "plotz.geojson", "file not found"),
        (
            "cost_per_space = 5000 }",
            'cost_per_space = 5000 }, { kind = "surface", cost_per_space = 1 }',
            "stands twice",
        ),
        ("steps = 1", 'required = ["P"]\nexcluded = ["P"]', "required and excluded at once"),
    ],
)
def test_faults_are_told_before_the_run(tmp_path, old, new, said):
    with pytest.raises(SchemaError, match=said):
        study(tmp_path, PARKING.replace(old, new))


def test_a_check_names_ids_that_no_layer_has(tmp_path):
    """P is a plot, Q is none."""
    text = PARKING.replace("steps = 1", 'required = ["P"]\nexcluded = ["Q"]')
    found = {f.code: f.text.en for f in check(study(tmp_path, text)).findings}
    assert found["lot_ids_unknown"].endswith("in no layer of candidates: Q")
