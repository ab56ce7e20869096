"""This year against last year, with themes: a kindergarten opens in N2's neighbour, a park goes, a theme is added."""

import json
import re
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.affinity import translate

import siting
from siting.outputs.compare.changes import compare_runs
from siting.outputs.compare.words import comparison_lines

DATA = Path(__file__).resolve().parents[3] / "data" / "demo-district"
THEMES = '\n[green]\n[living_circle]\nprofiles = ["adult"]\n'


def study(folder, *, themes=THEMES, change=None):
    shutil.copytree(DATA, folder, dirs_exist_ok=True)
    # The layers of the district, without its own themes and rules.
    text = re.split(r"(?m)^\[(?:living_circle|green|suitability|\[audit)", (folder / "study.toml").read_text("utf-8"))[
        0
    ]
    audits = '[[audit]]\nrule = "fac.kindergarten"\n[[audit]]\nrule = "park.500park"\n'
    (folder / "study.toml").write_text(text + audits + themes, encoding="utf-8")
    if change is not None:
        change(folder)
    return siting.run(siting.Study.from_toml(folder / "study.toml"))


def a_year_later(folder):
    """Every community gets a kindergarten where its nearest one stood; the riverside park closes."""
    old = gpd.read_file(folder / "kindergartens.geojson")
    one = old.iloc[[0]]
    new = [
        one.assign(id=f"new{k}", geometry=[translate(one.geometry.iloc[0], dx, dy)])
        for k, (dx, dy) in enumerate([(600, 0), (0, 600), (0, 1300)])
    ]
    pd.concat([old, *new]).to_file(folder / "kindergartens.geojson")
    parks = gpd.read_file(folder / "parks.geojson")
    parks.iloc[:-1].to_file(folder / "parks.geojson")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("years")
    study(root / "x").write(root / "last_year")
    study(root / "y", change=a_year_later).write(root / "this_year")
    return root


@pytest.fixture(scope="module")
def found(folders):
    return compare_runs(folders / "last_year", folders / "this_year")


def test_figures_of_both_years_stand_side_by_side(found, folders):
    themes = [
        json.loads((folders / f / "summary.json").read_text("utf-8"))["themes"] for f in ("last_year", "this_year")
    ]
    change = found.themes["living_circle"]
    pair = tuple(t["living_circle"]["figures"]["completeness_5min"] for t in themes)
    assert change.figure("completeness_5min") == pair
    assert pair[1] > pair[0]
    green = found.themes["green"]
    rule = "park.gb51346.cover"
    official = tuple(t["green"]["figures"]["official"][rule]["share"] for t in themes)
    assert green.figure(f"official/{rule}/share") == official
    assert official[1] < official[0]
    assert green.figure("no such figure") is None


def test_zones_add_up_to_what_the_city_gained(found):
    green = found.themes["green"].zones
    rows = green[(green["table"] == "green_zones") & (green["column"] == "people_neither")]
    city = found.themes["green"].figure("people_by_state/neither")
    for _, level in rows.groupby("zone_level"):
        assert level["change"].sum() == pytest.approx(city[1] - city[0], abs=1e-3)
    assert set(green["column_zh"]) != set(green["column"])
    people = green[(green["table"] == "green_zones") & (green["column"] == "people")]
    assert (people["change"] == 0).all()


def test_classes_that_came_and_went_are_named_by_zone(found):
    classes = found.themes["living_circle"].classes
    came = classes[(classes["change"] == "no_longer_missing") & (classes["class"] == "kindergarten")]
    assert len(came) > 0
    assert (came["without_a"] > came["without_b"]).all()
    assert set(classes["change"]) <= {"no_longer_missing", "newly_missing"}
    assert not classes.duplicated(["zone", "tier", "class"]).any()


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", ("五分钟生活圈完备率", "不再全缺", "见园人口占比", "未核实")),
     ("en", ("completeness of the 5-minute circle, ", "no longer wholly missing", "share of people with a park",
             "unverified"))],
)  # fmt: skip
def test_the_console_says_it_in_both_languages(found, lang, words):
    text = "\n".join(comparison_lines(found, lang))
    for word in words:
        assert word in text


def test_tables_maps_and_json(found, tmp_path):
    out = found.write(tmp_path / "out", lang="zh")
    for name in ("theme_figures", "theme_zones", "theme_classes"):
        assert (out / "tables" / f"{name}.csv").read_bytes().startswith(b"\xef\xbb\xbftheme,")
    assert (out / "maps" / "compare_living_circle_completeness.png").is_file()
    assert (out / "maps" / "compare_green_park_share.png").is_file()
    shown = json.loads((out / "compare.json").read_text("utf-8"))["themes"]
    assert shown["green"]["zones"]["green_zones.park_share"]["down"] > 0
    assert shown["living_circle"]["classes"]["no_longer_missing"] > 0
    assert all(t["zh"] and t["en"] for theme in shown.values() for t in theme["texts"])


def test_a_run_compared_with_itself_has_no_changes_in_themes(folders, tmp_path):
    found = compare_runs(folders / "this_year", folders / "this_year")
    for change in found.themes.values():
        assert (change.figures["change"].fillna(0) == 0).all()
        assert (change.zones["change"].fillna(0) == 0).all()
        assert change.classes.empty
    out = found.write(tmp_path / "same")
    assert not list((out / "maps").glob("compare_green*"))


def without(source, target, *themes):
    """A run of a study that has no such themes."""
    shutil.copytree(source, target)
    summary = json.loads((target / "summary.json").read_text("utf-8"))
    for theme in themes:
        del summary["themes"][theme]
        for path in (target / "tables").glob(f"{theme}_*.csv"):
            path.unlink()
    (target / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    return target


def test_a_theme_in_one_year_only_is_said_to_be_so(folders, tmp_path):
    this_year = folders / "this_year"
    no_circles = without(this_year, tmp_path / "no_circles", "living_circle")
    for a, b in ((no_circles, this_year), (this_year, no_circles)):
        found = compare_runs(a, b)
        assert list(found.themes) == ["green"]
        note = next(n for n in found.notes if n.code == "theme_once")
        assert note.ids == ("living_circle",)
        assert "生活圈" in note.text.zh
        assert "Living circles" in note.text.en
    found = compare_runs(without(this_year, tmp_path / "none", "living_circle", "green"), this_year)
    assert found.themes == {}
    assert not (found.write(tmp_path / "out") / "tables" / "theme_zones.csv").exists()
