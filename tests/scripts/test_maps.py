"""The scripts that draw maps: each runs on packaged data and leaves what its first lines promise."""

import ast
import importlib
import shutil
from pathlib import Path

import pytest

import siting

SCRIPTS = {
    "map_coverage": ("helsinki-centre", ["--rule", "bus.cover500"], ["coverage.png", "gaps.geojson"], "Bus stops"),
    "map_living_circle": ("demo-district", [], ["living_circle.png", "missing.csv"], "15-minute"),
    "map_green": ("helsinki-centre", [], ["green.png", "parks.geojson"], "green within 300 m"),
    "map_toilet_sites": ("helsinki-centre", ["-p", "3"], ["toilets.png", "sites.geojson"], "optimal"),
    "map_services": ("demo-district", [], ["services.png", "by_service.csv"], "buildings"),
    "map_suitability": ("demo-district", [], ["suitability.png"], "map in"),
}
"""Script: its packaged sample, options, files, and a word of what it prints."""


@pytest.fixture(scope="module")
def runs() -> dict[str, siting.Run]:
    return {
        name: siting.run(siting.Study.from_toml(siting.sample_study(name)))
        for name in ("helsinki-centre", "demo-district")
    }


@pytest.fixture
def run_once(runs, monkeypatch):
    """Every script runs its study; here each study is run once for all."""
    monkeypatch.setattr(siting, "run", lambda study, lang: runs[study.path.parent.name])


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_leaves_its_files(name, run_once, tmp_path, capsys):
    _, options, files, word = SCRIPTS[name]
    importlib.import_module(name).main([*options, "--out", str(tmp_path / "maps")])
    assert sorted(p.name for p in (tmp_path / "maps").iterdir()) == sorted(files)
    assert all(p.stat().st_size > 0 for p in (tmp_path / "maps").iterdir())
    assert word in capsys.readouterr().out


def test_coverage_by_a_layer_of_ones_own(run_once, runs, tmp_path, capsys):
    run = runs["helsinki-centre"]
    stops = run.facilities[run.facilities["class"] == "bus_stop"].iloc[:1]
    stops[["name", "geometry"]].to_file(tmp_path / "mine.gpkg")
    options = ["--rule", "bus.cover500", "--layer", str(tmp_path / "mine.gpkg"), "--out", str(tmp_path / "maps")]
    importlib.import_module("map_coverage").main(options)
    assert 0 < float(capsys.readouterr().out.split(": ")[1].split("%")[0]) < 50


def test_comparison(tmp_path, capsys, runs):
    shutil.copytree(runs["demo-district"].write(tmp_path / "a"), tmp_path / "b")
    importlib.import_module("map_comparison").main(
        [str(tmp_path / "a"), str(tmp_path / "b"), "--out", str(tmp_path / "c")]
    )
    assert (tmp_path / "c" / "compare.csv").is_file()
    assert "bus.cover500: 0 points newly served, 0 no longer" in capsys.readouterr().out


@pytest.mark.parametrize("path", sorted(Path(__file__).parents[2].glob("scripts/map_*.py")), ids=lambda p: p.stem)
def test_scripts_are_thin(path, repository):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 80
    names = {alias.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}
    assert names == {"argparse", "pathlib", "siting"}  # the public names alone
    for readme in ("README.md", "README.zh.md"):
        assert path.name in (repository / "scripts" / readme).read_text(encoding="utf-8")
