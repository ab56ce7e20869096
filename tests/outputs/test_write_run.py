"""One call writes everything, whole, and the same again."""

import json
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from geopandas.testing import assert_geodataframe_equal

from siting.errors import OutputError
from siting.outputs import write as write_module
from siting.outputs import write_run
from siting.outputs.maps import atlas as atlas_module
from siting.outputs.maps import pages as maps

FILES = [
    "evidence.json",
    "map.html",
    "maps/before_after_more_toilets.png",
    "maps/coverage_clinic.png",
    "maps/coverage_park.radius.500.png",
    "maps/coverage_toilet.radius-300.png",
    "maps/plan_more_toilets.png",
    "project.qgz",
    "report.docx",
    "report.html",
    "results.gpkg",
    "summary.json",
    "tables/columns.csv",
    "tables/facilities.csv",
    "tables/gaps.csv",
    "tables/indicators.csv",
    "tables/plans.csv",
    "tables/rules.csv",
    "tables/sites.csv",
    "tables/unsnapped.csv",
]


class Log:
    def __init__(self):
        self.lines = []

    def stage(self, text, steps=1):
        self.lines.append((text.en, steps))

    def step(self, text):
        self.lines.append(text.en)


def files(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_run_leaves_every_file_and_says_so(run, tmp_path):
    log = Log()
    folder = write_run(run, tmp_path / "out", progress=log)
    assert folder == tmp_path / "out"
    assert sorted(files(folder)) == FILES
    assert log.lines[0] == ("writing results", 11)
    assert len(log.lines) == 12


def test_the_same_run_gives_the_same_bytes(run, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    first = files(write_run(run, tmp_path / "a"))
    second = files(write_run(run, tmp_path / "b"))
    assert [name for name in first if first[name] != second[name]] == []


def test_only_the_time_of_writing_differs_otherwise(run, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    first = files(write_run(run, tmp_path / "a"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    second = files(write_run(run, tmp_path / "b"))
    dated = {"evidence.json", "report.docx", "report.html", "results.gpkg"}
    assert {name for name in first if first[name] != second[name]} == dated
    old, new = json.loads(first["evidence.json"]), json.loads(second["evidence.json"])
    assert {k for k in old if old[k] != new[k]} == {"written"}


def test_a_failure_half_way_keeps_the_old_result(run, tmp_path, monkeypatch):
    folder = write_run(run, tmp_path / "out")
    before = files(folder)

    def fail(*args, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(atlas_module, "plan_map", fail)
    with pytest.raises(KeyboardInterrupt):
        write_run(run, folder, overwrite=True)
    assert files(folder) == before
    assert list(tmp_path.iterdir()) == [folder]


def test_a_full_disk_is_said_in_one_sentence(run, tmp_path, monkeypatch):
    def full(path, *args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write_module, "write_table", full)
    with pytest.raises(OutputError, match="No space left on device; what stood there before is untouched"):
        write_run(run, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_writing_changes_nothing_of_the_run(run, tmp_path):
    before = {name: getattr(run, name).copy() for name in ("demand", "facilities", "gaps", "entries", "unsnapped")}
    served = run.audits["toilet.radius-300"].demand.copy()
    write_run(run, tmp_path / "out")
    for name, table in before.items():
        assert_geodataframe_equal(getattr(run, name), table)
    assert_geodataframe_equal(run.audits["toilet.radius-300"].demand, served)


def test_an_earlier_result_is_refused_before_work(run, tmp_path):
    write_run(run, tmp_path / "out")
    with pytest.raises(OutputError, match="--overwrite"):
        write_run(run, tmp_path / "out")


def test_names_that_no_font_and_no_file_system_takes(run, tmp_path):
    plan = replace(run.plans["more_toilets"], name="a/b:𠀀")
    odd = replace(run, plans={"../a/b:𠀀": plan}, title=replace(run.title, zh="𠀀$x$ 城"))
    folder = write_run(odd, tmp_path / "out")
    assert [n for n in files(folder) if n.startswith("maps/plan")] == ["maps/plan_.._a_b_𠀀.png"]
    found = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))["findings"]
    assert [f["ids"] for f in found if f["code"] == "font_missing_characters"] == [["𠀀"]]


def test_checking_a_folder_does_not_load_matplotlib():
    code = "import sys, siting.outputs; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_map_names_differ_whatever_the_case(run):
    audit = run.audits["clinic"]
    both = replace(run, audits={"Clinic": audit, "clinic": audit}, plans={})
    assert list(maps.map_names(both)) == ["coverage_Clinic", "coverage_clinic_2"]


def test_a_disk_that_fills_while_layers_are_written(run, tmp_path, monkeypatch):
    # A limit on the size of a file makes GDAL fail as a full disk does.
    resource = pytest.importorskip("resource")
    monkeypatch.setattr("siting.outputs.write.result_tables", pytest.fail)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, hard))
    try:
        with pytest.raises(OutputError, match=r"results\.gpkg.*nothing was replaced"):
            write_run(run, tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert list(tmp_path.iterdir()) == []
