"""Rules and plans in minutes, from a study file to the tables: on foot, over a hill, and by engine."""

import csv
import json

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

import siting
from siting.errors import SchemaError
from siting.outputs.maps.words import coverage_headline, coverage_legend
from siting.pipeline import check

CRS, X0, Y0 = "EPSG:4548", 517000.0, 4052000.0
#   c --300-- d       station and clinic at d; 30 people at a, 20 at b; the river has no bridge
#   |                 a c is one-way for vehicles from c to a; 20 km/h everywhere
#  300  (river)
#   |
#   a --300-- b
STUDY = """
[study]
name = "river"
[streets]
source = "streets.gpkg"
[demand]
source = "homes.gpkg"
population = "people"
id = "code"
[facilities]
fire_station = "d.gpkg"
clinic = "d.gpkg"
[[audit]]
rule = "fire.5min"
overrides = { limit_min = 2 }
[[audit]]
name = "clinic"
rule = "lc15.time"
facility = ["clinic"]
"""


@pytest.fixture
def write(tmp_path):
    def save(name, shapes, **columns):
        gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).to_file(tmp_path / name)

    a, b, c, d = [(X0, Y0), (X0 + 300, Y0), (X0, Y0 + 300), (X0 + 300, Y0 + 300)]
    lines = [shapely.LineString(pair) for pair in ((a, b), (c, a), (c, d))]
    save("streets.gpkg", lines, highway=["residential"] * 3, oneway=["no", "yes", "no"], bridge=["no"] * 3)
    save("homes.gpkg", [shapely.Point(*a), shapely.Point(*b)], people=[30.0, 20.0], code=["west", "east"])
    save("d.gpkg", [shapely.Point(*d)])

    def study(text=STUDY):
        (tmp_path / "study.toml").write_text(text, encoding="utf-8")
        return siting.Study.from_toml(tmp_path / "study.toml")

    return study


def cost_s(run, name):
    return run.audits[name].demand["cost"].tolist()


def test_people_walk_to_the_clinic_and_engines_drive_out(write):
    run = siting.run(write())
    assert cost_s(run, "clinic") == [600.0, 900.0]
    assert cost_s(run, "fire.5min") == [108.0, 162.0]  # 600 and 900 m at 20 km/h, down the one-way street
    assert run.audits["clinic"].demand["served"].tolist() == [True, True]  # exactly 15 minutes
    assert run.audits["fire.5min"].demand["served"].tolist() == [True, False]
    assert run.audits["fire.5min"].passes is None
    assert not run.findings or "not_used_yet" not in {f.code for f in run.findings}


def test_the_direction_and_the_traveller_may_be_chosen(write):
    there = STUDY.replace("limit_min = 2 }", 'limit_min = 2 }\ndirection = "to_facility"')
    assert np.isinf(cost_s(siting.run(write(there)), "fire.5min")).all()  # nobody drives up the one-way street
    slow = siting.run(write(STUDY.replace('source = "streets.gpkg"', 'source = "streets.gpkg"\nprofile = "elderly"')))
    assert cost_s(slow, "clinic") == [750.0, 1125.0]
    assert slow.audits["clinic"].demand["served"].tolist() == [True, False]
    one = siting.run(write(STUDY + 'profile = "elderly"\n'))
    assert cost_s(one, "clinic") == [750.0, 1125.0]


def test_check_says_what_will_be_computed(write):
    report = check(write())
    text = report.text("en")
    assert "fire.5min: 2 min, driving" in text
    assert "from the facility" in text
    assert "clinic: 15 min, adult on foot, 1 m/s, on the flat, from home to the facility" in text
    assert "以分钟计的标准" in report.text("zh")


def test_heights_make_the_way_up_longer(write, tmp_path):
    # A plane that rises 10 % northward; a band of no data beyond the streets is never read.
    rows = np.arange(100)[:, None]
    heights = np.broadcast_to((100 - rows) * 1.0, (100, 100)).astype(np.float32).copy()
    heights[:20] = -9999.0
    grid = rasterio.Affine(10, 0, X0 - 200, 0, -10, Y0 + 700)
    profile = {"driver": "GTiff", "width": 100, "height": 100, "count": 1, "dtype": "float32", "nodata": -9999.0}
    with rasterio.open(tmp_path / "dem.tif", "w", crs=CRS, transform=grid, **profile) as raster:
        raster.write(heights, 1)
    text = STUDY.replace('source = "streets.gpkg"', 'source = "streets.gpkg"\nelevation = "dem.tif"')
    run = siting.run(write(text))
    up = np.exp(3.5 * 0.10)  # exp(3.5 (|0.1 + 0.05| - 0.05)) for the 300 m northward, 300 m on the level
    assert cost_s(run, "clinic")[0] == pytest.approx(300 * up + 300, abs=1)
    assert cost_s(run, "fire.5min") == [108.0, 162.0]  # vehicles do not mind
    travel = run.audits["clinic"].travel
    assert (travel.elevation, "计坡度" in travel.text.zh, "slopes counted" in travel.text.en) == (True, True, True)
    account = next(a for a in run.accounts if a.layer == "elevation")
    assert account.sha256


def test_a_footbridge_shortens_walks_and_carries_no_engine(write):
    def bridge(today):
        ends = shapely.Point(X0 + 300, Y0), shapely.Point(X0 + 300, Y0 + 300)
        return siting.add_crossing(today, *ends, name="bridge", bridge=True)

    study = write()
    planned = siting.run(study, scenario=bridge)
    assert cost_s(planned, "clinic") == [600.0, 300.0]
    assert cost_s(planned, "fire.5min") == [108.0, 162.0]
    assert "scenario_walk_only" in {f.code for f in planned.findings}
    both = siting.run(study, scenario={"walk": bridge, "drive": bridge})
    assert cost_s(both, "fire.5min")[1] == 154.286  # 300 m at the 7 km/h of a footway
    assert any("scenario" in line.en for line in both.attribution)


def test_a_plan_in_minutes(write):
    plan = (
        '[[locate]]\nname = "clinics"\nrule = "clinic"\nprofile = "elderly"\np = 1\nlimit_min = 10\n'
        'candidates = { source = "street", spacing_m = 100, min_area_m2 = 0 }\n'
    )
    run = siting.run(write(STUDY + plan))
    found = run.plans["clinics"]
    assert (found.limit_m, found.limit_s, found.distance) == (None, 600.0, "time")
    assert (found.people_before, found.people_after) == (0.0, 50.0)
    assert found.limit_text.zh == "10 分钟"


def test_every_output_says_minutes_and_who_moves(write, tmp_path):
    run = siting.run(write())
    out = run.write(tmp_path / "out")
    rules = json.loads((out / "summary.json").read_text(encoding="utf-8"))["rules"]
    clinic = rules["clinic"]
    assert (clinic["limit_m"], clinic["limit_min"], clinic["unit"], clinic["profile"]) == (None, 15.0, "min", "adult")
    assert rules["fire.5min"]["travel"]["direction"] == "from_facility"
    with (out / "tables" / "indicators.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(r for r in csv.DictReader(file) if r["rule"] == "clinic")
    assert (row["limit_min"], row["limit_m"], row["profile"], row["distance"]) == ("15", "", "adult", "time")
    demand = gpd.read_file(out / "results.gpkg", layer="demand")
    assert demand["cost_clinic"].tolist() == [10.0, 15.0]
    assert set(demand["unit_clinic"]) == {"min"}
    areas = gpd.read_file(out / "results.gpkg", layer="service_areas")
    assert areas.set_index("rule")["limit_min"].to_dict() == {"fire.5min": 2.0, "clinic": 15.0}
    evidence = json.loads((out / "evidence.json").read_text(encoding="utf-8"))
    assert evidence["travel"]["clinic"]["figures"]["speed"]["rule"] == "walk.60mmin"
    assert evidence["parameters"]["drive_network"]["mode"] == "drive"
    audit = run.audits["clinic"]
    legend = [text for _, text in coverage_legend(audit, None, "zh")]
    assert any("已覆盖（≤ 15 分钟）" in t and "served (≤ 15 min)" in t for t in legend)
    assert "15 分钟内" in coverage_headline(audit, "zh")
    assert "within 15 min (adult on foot" in coverage_headline(audit, "en")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('facility = ["clinic"]\n', 'facility = ["clinic"]\nprofile = "child"\n', "'child' is not one of"),
        ('rule = "lc15.time"', 'rule = "bus.cover500"\nprofile = "elderly"', "the rule is in metres"),
        ("limit_min = 2", "limit_min = 2, limit_m = 300", "exclude each other"),
        ("limit_min = 2", "limit_mins = 2", "did you mean 'limit_min'"),
    ],
)
def test_faults_about_minutes_are_reported_with_their_key(write, old, new, words):
    with pytest.raises(SchemaError, match=words):
        write(STUDY.replace(old, new))


def test_settings_that_nothing_needs_are_said(write, tmp_path):
    (tmp_path / "dem.tif").write_bytes(b"")
    text = STUDY[: STUDY.index("[[audit]]")].replace(
        'source = "streets.gpkg"', 'source = "streets.gpkg"\nmodes = ["walk", "drive"]\nelevation = "dem.tif"'
    )
    codes = {f.code for f in check(write(text + '[[audit]]\nrule = "fac.clinic"\n')).findings}
    assert {"elevation_not_used", "drive_not_used"} <= codes


def test_networks_are_built_once_a_mode_and_profile(write, monkeypatch):
    built, timed = [], []
    lines, times = siting.Network.from_lines, siting.Network.timed
    monkeypatch.setattr(
        siting.Network,
        "from_lines",
        staticmethod(lambda layer, **how: built.append(how["mode"]) or lines(layer, **how)),
    )
    monkeypatch.setattr(
        siting.Network, "timed", lambda self, who, heights=None: timed.append(who.id) or times(self, who, heights)
    )
    more = STUDY + '[[audit]]\nname = "fire4"\nrule = "fire.5min"\n[[audit]]\nname = "again"\nrule = "lc15.time"\n'
    siting.run(write(more + 'facility = ["clinic"]\n'))
    assert sorted(built) == ["drive", "walk"]
    assert sorted(timed) == ["adult", "drive"]
