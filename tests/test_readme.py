"""What the READMEs promise is run: the Python as it stands, the commands on the packaged sample, in both languages."""

import ast
import re
import shutil
import struct
from pathlib import Path

import pytest
from typer.testing import CliRunner

import siting
from siting.cli import app
from siting.sample import sample_folder

READMES = ("README.md", "README.zh.md")
PICTURE = "docs/images/helsinki-toilets.png"


@pytest.fixture(scope="module")
def texts(repository):
    return {name: (repository / name).read_text(encoding="utf-8") for name in READMES}


def python_of(text):
    return "\n".join(re.findall(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL))


def commands_of(text):
    """Return every `siting …` of the blocks of commands, without its comment."""
    return [line.split("#")[0].split() for line in re.findall(r"^    (siting .*)$", text, flags=re.MULTILINE)]


def test_both_languages_show_the_same_code_and_commands(texts):
    english, chinese = (ast.dump(ast.parse(python_of(texts[name]))) for name in READMES)
    assert english == chinese
    assert commands_of(texts["README.md"]) == commands_of(texts["README.zh.md"]) != []


def test_the_python_of_the_readme_runs_as_it_stands(texts, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown: dict[str, object] = {}
    exec(compile(python_of(texts["README.md"]), "README.md", "exec"), shown)
    run, plan, best, homes, walk = (shown[name] for name in ("run", "plan", "best", "homes", "walk"))
    own = run.gaps[run.gaps["rule"] == "toilets_on_foot"]["people"]
    assert 0 < shown["toilets"].headline("people").share < 1
    assert own.is_monotonic_decreasing
    assert len(own) > 1
    assert plan.sites["gain_people"].is_monotonic_decreasing
    assert plan.result.gap == 0
    assert (tmp_path / "out" / "results.gpkg").is_file()
    # Five of the same kind without any spacing: at least as many people as the plan of the study gains.
    assert len(best.sites) == 5
    assert best.objective >= plan.people_after - plan.people_before
    assert best.objective <= homes["people"][walk["cost"] > 300].sum()
    assert shown["audit"].distance == "straight"
    assert len(shown["gaps"]) > 0
    # The themes, and what may be asked beside them.
    assert set(run.themes) == {"living_circle", "green"}
    assert len(shown["circles"].missing) > 0
    assert len(shown["by_park"]) > 0
    assert shown["ways"].geometry.notna().all()
    assert (shown["later"]["cost"] >= walk["cost"]).all()  # closing a street shortens no way
    assert len(shown["hulls"]) == len(shown["existing"])
    assert shown["bare"].edge_mm.sum() == shown["network"].edge_mm.sum()


def test_the_themes_of_the_readme_are_a_study(texts, tmp_path):
    demo = sample_folder("demo-district")
    frame = (demo / "study.toml").read_text(encoding="utf-8").split("[living_circle]")[0]
    settings = []
    for text in texts.values():
        blocks = re.findall(r"^```toml\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
        assert len(blocks) == 2
        path = shutil.copytree(demo, tmp_path / "demo", dirs_exist_ok=True) / "study.toml"
        path.write_text(frame + blocks[0], encoding="utf-8")
        settings.append(siting.Study.from_toml(path).settings)
    assert settings[0] == settings[1]
    assert (settings[0].locate[0].budget, settings[0].services[0].p) == (0.5, 2)


def test_the_figures_of_speed_have_their_place(texts):
    tables = [re.findall(r"<!-- bench:start -->\n(.*?)<!-- bench:end -->", t, flags=re.DOTALL) for t in texts.values()]
    assert [len(found) for found in tables] == [1, 1]


def test_the_commands_of_the_readme_run_as_they_stand(texts, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mydata").mkdir()
    shutil.copy(siting.sample_study().parent / "helsinki-centre.osm.pbf", "mydata/city.osm.pbf")
    names = []
    for command in commands_of(texts["README.md"]):
        done = CliRunner().invoke(app, command[1:])
        assert done.exit_code == 0, (command, done.output)
        names.append(command[1])
    assert names == ["new", "check", "run", "export", "rules", "rules"]
    table = re.findall(r"^\| `(\S+?)`", texts["README.md"], flags=re.MULTILINE)
    assert len(table) == 9
    left = Path("siting-out/mycity")
    assert [name for name in table if not list(left.glob(name))] == []
    assert {p.name for p in left.iterdir()} == {Path(name).parts[0] for name in table}


def test_commands_and_files_that_are_named_exist(texts, repository):
    targets = {line.split(":")[0] for line in (repository / "Makefile").read_text(encoding="utf-8").splitlines()}
    for text in texts.values():
        assert set(re.findall(r"\bmake (\w+)", text)) - {"demo", "docs", "lint", "test", "venv"} == set()
        assert {"demo", "docs", "lint", "test", "venv"} <= targets
        options = set(re.findall(r"`siting new [^`]*`", text))
        assert options
        for option in re.findall(r"--[a-z]+", " ".join(options)):
            assert option in CliRunner().invoke(app, ["new", "--help"]).output


def test_the_first_screen_shows_a_map_that_is_light_enough(texts, repository):
    for text in texts.values():
        assert PICTURE in text.split("\n## ")[0]
    content = (repository / PICTURE).read_bytes()
    width, height = struct.unpack(">II", content[16:24])
    assert content.startswith(b"\x89PNG")
    assert 1000 <= width <= 1600
    assert height <= 2000
    assert len(content) < 500_000
