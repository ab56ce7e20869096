"""The command as a planner meets it: exit codes, one clear message, nothing half-written."""

import json
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

from siting.cli import app

CRS = "EPSG:4548"
X0, Y0 = 517000.0, 4052000.0
#   Four blocks of 200 m:  +--+--+      homes at the middle of each block's south side,
#                          |  |  |      one toilet at the centre
#                          +--T--+
#                          |  |  |
#                          +--+--+
STUDY = """
[study]
name = "t"
boundary = "boundary.geojson"
[streets]
source = "streets.gpkg"
[demand]
source = "homes.gpkg"
population = "people"
[facilities]
public_toilet = "toilets.gpkg"
[[audit]]
rule = "wc.radius.mandatory"
"""
PLAN = """
[[locate]]
name = "new"
rule = "wc.radius.mandatory"
p = 1
candidates = "plots.gpkg"
"""


@dataclass
class Done:
    """What a command left: its exit code and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def siting(*args: object) -> Done:
    """Call the command in this process: the same entry point, without loading everything again."""
    result = CliRunner(env={"LANG": None, "LC_ALL": None, "SITING_DEBUG": None}).invoke(app, [str(a) for a in args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


def layer(folder: Path, name: str, shapes: list, crs: str | None = CRS, **columns: list) -> None:
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)
    with nullcontext() if crs else pytest.warns(UserWarning, match="crs"):
        frame.to_file(folder / name)


@pytest.fixture
def city(tmp_path: Path) -> Path:
    folder = tmp_path / "城 one's"
    folder.mkdir()
    at = [0, 200, 400]
    rows = [shapely.LineString([(X0 + a, Y0 + y), (X0 + b, Y0 + y)]) for y in at for a, b in ((0, 200), (200, 400))]
    columns = [shapely.LineString([(X0 + x, Y0 + a), (X0 + x, Y0 + b)]) for x in at for a, b in ((0, 200), (200, 400))]
    layer(folder, "streets.gpkg", rows + columns)
    homes = [shapely.Point(X0 + x, Y0 + y) for x in (100, 300) for y in (10, 210)]
    layer(folder, "homes.gpkg", homes, people=[10.0, 20.0, 30.0, 40.0])
    layer(folder, "toilets.gpkg", [shapely.Point(X0 + 200, Y0 + 200)])
    layer(folder, "plots.gpkg", [shapely.box(X0 + 90, Y0 + 210, X0 + 110, Y0 + 230)])
    layer(folder, "boundary.geojson", [shapely.box(X0 - 50, Y0 - 50, X0 + 450, Y0 + 450)])
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return folder


def refused(city: Path, *expected: str, command: str = "run") -> str:
    """The command ends with 1, one message, no traceback, and leaves no file behind."""
    before = sorted(p.name for p in city.iterdir())
    done = siting(command, city / "study.toml", *(["--out", city / "out"] if command == "run" else []))
    assert done.returncode == 1, done.stdout + done.stderr
    message = done.stderr[done.stderr.index("siting: ") :]
    assert "Traceback" not in done.stderr
    assert "internal error" not in message
    for part in expected:
        assert part in message, message
    assert sorted(p.name for p in city.iterdir()) == before
    return message


def edit(city: Path, *changes: tuple[str, str], add: str = "") -> None:
    text = (city / "study.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (city / "study.toml").write_text(text + add, encoding="utf-8")


def test_a_run_leaves_the_whole_folder(city):
    done = siting("run", city / "study.toml", "--out", city / "out", "--lang", "zh")
    assert done.returncode == 0, done.stderr
    made = {p.relative_to(city / "out").as_posix() for p in (city / "out").rglob("*") if p.is_file()}
    assert {"results.gpkg", "summary.json", "evidence.json", "tables/indicators.csv"} <= made
    assert any(name.startswith("maps/") for name in made)
    summary = json.loads((city / "out" / "summary.json").read_text(encoding="utf-8"))
    people = summary["rules"]["wc.radius.mandatory"]["people"]
    assert (people["served"], people["total"]) == (100.0, 100.0)
    assert "公厕" in done.stdout


def test_check_reads_everything_and_writes_nothing(city):
    before = sorted(p.name for p in city.iterdir())
    done = siting("check", city / "study.toml")
    assert done.returncode == 0, done.stderr
    assert "t: ready to run" in done.stdout
    assert sorted(p.name for p in city.iterdir()) == before


def test_quiet_says_nothing(city):
    done = siting("check", city / "study.toml", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_same_study_gives_the_same_bytes_with_shuffled_rows(city):
    assert siting("run", city / "study.toml", "--out", city / "a", "-q").returncode == 0
    homes = gpd.read_file(city / "homes.gpkg")
    homes["id"] = homes.index.astype(str)
    homes.to_file(city / "homes.gpkg")
    assert siting("run", city / "study.toml", "--out", city / "b", "-q").returncode == 0
    homes.iloc[::-1].to_file(city / "homes.gpkg")
    assert siting("run", city / "study.toml", "--out", city / "c", "-q").returncode == 0
    for name in ("summary.json", "tables/indicators.csv", "tables/gaps.csv"):
        assert (city / "b" / name).read_bytes() == (city / "c" / name).read_bytes(), name
    assert (city / "a" / "summary.json").read_bytes() == (city / "b" / "summary.json").read_bytes()


def test_an_existing_folder_is_kept_without_overwrite(city):
    assert siting("run", city / "study.toml", "--out", city / "out", "-q").returncode == 0
    before = (city / "out" / "summary.json").stat().st_mtime_ns
    refused(city, "exists", "--overwrite")
    assert (city / "out" / "summary.json").stat().st_mtime_ns == before
    assert siting("run", city / "study.toml", "--out", city / "out", "-q", "--overwrite").returncode == 0
    assert (city / "out" / "summary.json").stat().st_mtime_ns > before


def test_a_folder_that_siting_did_not_write_is_never_replaced(city):
    (city / "out").mkdir()
    (city / "out" / "thesis.txt").write_text("mine")
    done = siting("run", city / "study.toml", "--out", city / "out", "--overwrite")
    assert done.returncode == 1
    assert (city / "out" / "thesis.txt").read_text() == "mine"


def test_no_boundary_is_no_fault(city):
    edit(city, ('boundary = "boundary.geojson"\n', ""))
    assert siting("run", city / "study.toml", "--out", city / "out", "-q").returncode == 0


def test_an_empty_layer(city):
    layer(city, "homes.gpkg", [], people=[])
    refused(city, "demand", "no features")


def test_a_layer_without_crs(city):
    layer(city, "toilets.gpkg", [shapely.Point(X0, Y0)], crs=None)
    refused(city, "public_toilet", "no coordinate reference system", "crs")


def test_latitude_and_longitude_swapped(city):
    layer(city, "toilets.gpkg", [shapely.Point(36.6, 117.2)], crs="EPSG:4326")
    refused(city, "public_toilet", "swapped")


def test_degrees_labelled_as_metres(city):
    layer(city, "homes.gpkg", [shapely.Point(117.2, 36.6), shapely.Point(117.21, 36.61)], people=[1.0, 2.0])
    refused(city, "demand", "degrees")


def test_a_missing_column_proposes_the_nearest(city):
    edit(city, ('"people"', '"peopel"'))
    refused(city, "demand", "peopel", "people")


@pytest.mark.parametrize(("value", "word"), [(-5.0, "negative"), (float("nan"), "")])
def test_an_impossible_population_names_its_row(city, value, word):
    homes = gpd.read_file(city / "homes.gpkg")
    homes.loc[2, "people"] = value
    homes["code"] = ["a", "b", "c", "d"]
    homes.to_file(city / "homes.gpkg")
    edit(city, ('source = "homes.gpkg"', 'source = "homes.gpkg"\nid = "code"'))
    refused(city, "demand", "people", "c")


def test_a_facility_far_from_any_street_is_kept_listed_and_warned_of(city):
    layer(city, "toilets.gpkg", [shapely.Point(X0 + 200, Y0 + 200), shapely.Point(X0 + 3600, Y0)])
    done = siting("run", city / "study.toml", "--out", city / "out")
    assert done.returncode == 0, done.stderr
    assert "1 of 2 points lie over 500 m from a street" in done.stdout
    listed = (city / "out" / "tables" / "unsnapped.csv").read_text(encoding="utf-8-sig")
    assert "facilities.public_toilet,1" in listed
    assert gpd.read_file(city / "out" / "results.gpkg", layer="facilities").shape[0] == 2


def test_a_truncated_pbf(city, repository):
    whole = (repository / "data" / "helsinki-centre" / "helsinki-centre.osm.pbf").read_bytes()
    (city / "cut.osm.pbf").write_bytes(whole[: len(whole) // 2])
    edit(city, ('"streets.gpkg"', '"cut.osm.pbf"'))
    refused(city, "cut.osm.pbf")


def test_more_sites_than_candidates(city):
    edit(city, add=PLAN.replace("p = 1", "p = 9"))
    refused(city, "p is 9", "1")


def test_every_bad_layer_is_reported_at_once(city):
    layer(city, "toilets.gpkg", [shapely.Point(X0, Y0)], crs=None)
    edit(city, ('"people"', '"peopel"'))
    (city / "boundary.geojson").write_bytes(b'{"type": "FeatureColl')
    message = refused(city, "public_toilet", "peopel", "boundary", command="check")
    assert message.count("\n- ") >= 2


def test_the_installed_command_runs_in_a_process_of_its_own():
    done = subprocess.run(
        [sys.executable, "-m", "siting.cli", "rules", "park.500park"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "park.500park" in done.stdout


def test_usage_and_unknown_words():
    assert siting("runn").returncode == 2
    assert siting("rules", "--lang", "fr").returncode == 2
    assert siting("run").returncode == 2
    done = siting("rules", "park.500parc")
    assert done.returncode == 1
    assert "park.500park" in done.stderr


@pytest.mark.parametrize(("lang", "word"), [("zh", "条文已读"), ("en", "clause read")])
def test_rules_show_clause_and_confidence(lang, word):
    done = siting("rules", "--topic", "public_toilet", "--lang", lang)
    assert done.returncode == 0
    assert "GB 55013-2021" in done.stdout
    assert word in done.stdout


def test_new_writes_a_study_that_checks(city):
    done = siting("new", city / "plan", "--streets", city / "streets.gpkg", "--demand", city / "homes.gpkg",
                  "--population", "people", "--boundary", city / "boundary.geojson")  # fmt: skip
    assert done.returncode == 0, done.stderr
    done = siting("check", city / "plan" / "study.toml")
    assert done.returncode == 0, done.stderr


def test_an_interrupt_ends_with_130_and_leaves_nothing(city):
    command = [sys.executable, "-m", "siting.cli", "run", str(city / "study.toml"), "--out", str(city / "out")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        process.stderr.readline()
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert not (city / "out").exists()
    assert not [p for p in city.iterdir() if p.name.startswith((".", "out"))]


NOBODY = """
[[locate]]
name = "impossible"
rule = "wc.radius.mandatory"
model = "lscp"
existing = false
candidates = "far.gpkg"
"""


def test_a_plan_that_nobody_can_make_does_not_take_the_other_answers_along(city):
    layer(city, "far.gpkg", [shapely.box(X0 + 390, Y0 + 390, X0 + 398, Y0 + 398)])
    edit(city, add=NOBODY + PLAN)
    done = siting("run", city / "study.toml", "--out", city / "out")
    assert done.returncode == 1
    (message,) = [line for line in done.stderr.splitlines() if line.startswith("siting: ")]
    assert "internal error" not in message
    assert "impossible: no plan is possible (" in done.stdout
    assert "results in" in done.stdout
    summary = json.loads((city / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["rules"]["wc.radius.mandatory"]["people"]["served"] == 100.0
    none, plan = summary["locate"]["impossible"], summary["locate"]["new"]
    assert (none["status"], none["sites"], none["objective"]) == ("infeasible", [], None)
    assert none["reason"] in message
    assert plan["status"] == "optimal"
    table = pd.read_csv(city / "out" / "tables" / "plans.csv", encoding="utf-8-sig").set_index("plan")
    assert table["status"].to_dict() == {"new": "optimal", "impossible": "infeasible"}
    assert table.loc["impossible", "reason"] == none["reason"]
    evidence = json.loads((city / "out" / "evidence.json").read_text(encoding="utf-8"))
    assert "no_plan" in {finding["code"] for finding in evidence["findings"]}


def test_services_without_an_allowed_place_are_listed_too(city):
    services = (
        '[[services]]\nname = "hall"\nclasses = ["canteen"]\ncandidates = { source = "plots.gpkg", min_area_m2 = 9e5 }'
    )
    edit(city, add=services)
    done = siting("run", city / "study.toml", "--out", city / "out", "-q")
    assert done.returncode == 1
    assert "none of 1 candidates may be built on" in done.stderr
    summary = json.loads((city / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["locate"]["hall"]["status"] == "infeasible"
    assert summary["themes"]["services"]["not_judged"][0]["reason"]["zh"].startswith("hall：无可行方案")
    assert summary["rules"]["wc.radius.mandatory"]["people"]["served"] == 100.0
