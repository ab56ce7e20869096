"""Two runs of the drawn district side by side: a toilet is moved, a rule is added, ids change, files break."""

import json
import shutil
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from district import at, frame, make_audit, manhattan
from typer.testing import CliRunner

from siting.cli import app
from siting.errors import FileFormatError, InputError, OutputError
from siting.ledger import Text
from siting.outputs import write_run
from siting.outputs.compare.changes import GAINED, LOST, compare_runs
from siting.outputs.compare.result_folder import read_result
from siting.outputs.compare.words import comparison_lines, signed

RULE = "toilet.radius-300"


def with_toilets(run, toilets, **more):
    audit = make_audit(run.audits[RULE].rule, run.demand, toilets, run.entries.iloc[:0])
    return replace(run, audits={RULE: audit}, plans={}, gaps=run.gaps.iloc[:0], facilities=toilets, **more)


@pytest.fixture(scope="module")
def toilets(run):
    return run.facilities[run.facilities["class"] == "public_toilet"]


@pytest.fixture(scope="module")
def moved(toilets):
    """T2 at (1100, 900) goes, T9 at (600, 1000) comes."""
    new = frame({"class": ["public_toilet"], "name": ["新公厕"], "seats": [4]}, [at(600, 1000)], ["T9"])
    return pd.concat([toilets.drop("T2"), new])


@pytest.fixture(scope="module")
def folders(run, toilets, moved, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    write_run(with_toilets(run, toilets), folder / "before")
    write_run(with_toilets(run, moved), folder / "after")
    return folder


@pytest.fixture
def copies(folders, tmp_path):
    """The two folders, to be damaged."""
    for name in ("before", "after"):
        shutil.copytree(folders / name, tmp_path / name)
    return tmp_path


def test_who_gains_and_who_loses(folders, run, toilets, moved):
    found = compare_runs(folders / "before", folders / "after")
    before = manhattan(run.demand, toilets)[0].min(axis=1)
    after = manhattan(run.demand, moved)[0].min(axis=1)
    gained, lost = (after <= 300) & (before > 300), (before <= 300) & (after > 300)
    change = found.rules[RULE]
    table = change.demand
    assert set(table.index[table["change"] == GAINED]) == set(run.demand.index[gained])
    assert set(table.index[table["change"] == LOST]) == set(run.demand.index[lost])
    people = np.asarray(run.demand["people"])
    assert change.people(GAINED) == people[gained].sum() > 0
    assert change.people(LOST) == people[lost].sum() > 0
    assert change.closer == people[after < before].sum()
    assert change.farther == people[after > before].sum()
    assert (found.matched, found.moved, found.demand_only_a, found.demand_only_b) == (196, 0, 0, 0)
    assert found.notes == ()


def test_every_indicator_stands_side_by_side(folders, run):
    table = compare_runs(folders / "before", folders / "after").table
    # 3 places x 2 denominators x 2 kinds of distance
    assert len(table) == 12
    assert set(table["in_runs"]) == {"a b"}
    assert (table["total_a"] == table["total_b"]).all()
    row = table.set_index(["zone", "denominator", "distance"]).loc["Z1", "units", "network"]
    assert row["zone_name"] == "东风街道"
    assert (row["served_a"], row["served_b"], row["served_change"]) == (22, 40, 18)
    assert row["share_change_points"] == pytest.approx(100 * 18 / 98, abs=1e-6)
    city = table[(table["zone_level"] == "city") & (table["denominator"] == "people")].set_index("distance")
    zones = table[(table["zone_level"] == "district") & (table["denominator"] == "people")]
    assert zones.groupby("distance")["served_change"].sum().equals(city["served_change"].sort_index())


def test_the_folder_that_is_written(folders, tmp_path):
    found = compare_runs(folders / "before", folders / "after")
    out = found.write(tmp_path / "out", lang="zh")
    made = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert made == {"compare.csv", "compare.json", "evidence.json", "results.gpkg", "tables/changes.csv",
                    "maps/compare_toilet.radius-300.png"}  # fmt: skip
    assert (out / "compare.csv").read_bytes().startswith(b"\xef\xbb\xbfrule,zone_level")
    shown = json.loads((out / "compare.json").read_text(encoding="utf-8"))
    rule = shown["rules"][RULE]
    assert rule["people"]["a"]["served"] == 985
    assert rule["people"]["served_change"] == rule["people"]["b"]["served"] - 985
    assert rule["gained"]["people"] - rule["lost"]["people"] == rule["people"]["served_change"]
    changes = gpd.read_file(out / "results.gpkg", layer="changes")
    assert changes["change"].value_counts().to_dict() == {
        "gained": rule["gained"]["points"], "lost": rule["lost"]["points"],
    }  # fmt: skip
    assert len(pd.read_csv(out / "tables" / "changes.csv")) == len(changes)
    compared = json.loads((out / "evidence.json").read_text(encoding="utf-8"))["comparison"]
    assert [c["folder"] for c in compared] == ["before", "after"]
    with pytest.raises(OutputError, match="--overwrite"):
        found.write(out)
    with pytest.raises(InputError, match=r"no result of siting run, it lacks summary\.json, tables/indicators\.csv"):
        compare_runs(out, folders / "after")


def test_a_run_compared_with_itself_has_no_changes(folders, tmp_path):
    found = compare_runs(folders / "before", folders / "before")
    assert (found.table["served_change"] == 0).all()
    assert found.rules[RULE].points(GAINED) == found.rules[RULE].points(LOST) == 0
    out = found.write(tmp_path / "same")
    assert not (out / "results.gpkg").exists()


@pytest.mark.parametrize(("lang", "words"), [("zh", "人新增覆盖"), ("en", "people newly served")])
def test_the_console_says_it_in_both_languages(folders, lang, words):
    lines = comparison_lines(compare_runs(folders / "before", folders / "after"), lang)
    assert any(words in line for line in lines)
    assert "24.0% → 23.9% (-0.1)" in lines[0]


def test_the_command(folders, tmp_path):
    runner = CliRunner(env={"LANG": None, "LC_ALL": None})
    words = ["compare", str(folders / "before"), str(folders / "after"), "--out", str(tmp_path / "out"), "--lang", "en"]
    done = runner.invoke(app, words)
    assert done.exit_code == 0, done.stderr
    assert "480 people newly served, 486 no longer" in done.stdout
    assert (tmp_path / "out" / "compare.csv").is_file()
    again = runner.invoke(app, words)
    assert again.exit_code == 1
    assert "--overwrite" in again.stderr
    assert runner.invoke(app, [*words, "--overwrite", "--quiet"]).stdout == ""
    onto = runner.invoke(app, [*words[:3], "--out", str(folders / "after"), "--overwrite"])
    assert onto.exit_code == 1
    assert "lies in it" in onto.stderr
    lost = runner.invoke(app, ["compare", str(tmp_path), str(folders / "after"), "--out", str(tmp_path / "x")])
    assert lost.exit_code == 1
    assert "is no result of siting run" in lost.stderr


def test_rules_in_one_run_only_are_listed_and_other_limits_are_told(copies):
    edit(copies / "after", lambda s: s["rules"].update(extra=s["rules"][RULE]))
    edit(copies / "after", lambda s: s["rules"][RULE].update(limit_m=500.0))
    edit(copies / "before", lambda s: s["rules"].update({"old": s["rules"][RULE]}))
    found = compare_runs(copies / "before", copies / "after")
    assert (found.only_a, found.only_b) == (("old",), ("extra",))
    assert [n.code for n in found.notes] == ["other_limit"]
    assert "300.0 → 500.0" in found.notes[0].text.en
    lines = "\n".join(comparison_lines(found, "en"))
    assert "only in before: old" in lines
    assert "only in after: extra" in lines


def test_nothing_in_common_is_refused(copies):
    edit(copies / "after", lambda s: s.update(rules={"x": {}}))
    with pytest.raises(
        InputError, match=r"no rule and no theme in common \(before has toilet\.radius-300; after has x\)"
    ):
        compare_runs(copies / "before", copies / "after")


def test_demand_with_other_ids_is_not_matched_by_chance(run, toilets, tmp_path, folders):
    # the same ids, each at the place of another house
    places = run.demand.set_geometry(np.roll(np.asarray(run.demand.geometry.array, dtype=object), 1))
    shuffled = with_toilets(replace(run, demand=places.set_crs(run.crs)), toilets)
    write_run(shuffled, tmp_path / "shuffled")
    found = compare_runs(folders / "before", tmp_path / "shuffled")
    assert (found.matched, found.moved) == (0, 196)
    assert found.rules[RULE].demand is None
    assert [n.code for n in found.notes] == ["no_shared_demand"]
    out = found.write(tmp_path / "out")
    assert not (out / "maps").exists()
    assert json.loads((out / "compare.json").read_text(encoding="utf-8"))["rules"][RULE]["gained"] == {
        "points": None, "people": None,
    }  # fmt: skip


def test_sites_are_compared_by_place_for_their_numbers_are_given_anew(run, toilets, tmp_path):
    plan = run.plans["more_toilets"]
    one = replace(with_toilets(run, toilets), plans={"more": replace(plan, name="more")})
    write_run(one, tmp_path / "one")
    renamed = plan.sites.rename(index=lambda name: name.replace("C", "D"))
    places = [at(-50, -50), *list(renamed.geometry)[1:]]
    sites = renamed.set_geometry(gpd.GeoSeries(places, index=renamed.index, crs=run.crs))
    result = replace(plan.result, site_ids=tuple(name.replace("C", "D") for name in plan.result.site_ids))
    other = replace(plan, name="more", sites=sites, result=result)
    write_run(replace(one, plans={"more": other}), tmp_path / "other")
    found = compare_runs(tmp_path / "one", tmp_path / "other").plans["more"]
    assert (found["a"]["sites"], found["b"]["sites"]) == (4, 4)
    assert found["sites_only_a"] == [plan.sites.index[0]]
    assert found["sites_only_b"] == [sites.index[0]]


def test_an_area_is_drawn_as_an_area(run, folders, tmp_path):
    park = with_toilets(run, run.facilities[run.facilities["class"] == "park"])
    write_run(park, tmp_path / "park")
    facilities = read_result(tmp_path / "park").facilities
    assert facilities.geometry.geom_equals(park.facilities.geometry.set_axis(facilities.index)).all()


def test_what_is_no_result_is_refused(copies):
    with pytest.raises(InputError, match="no such folder"):
        compare_runs(copies / "nowhere", copies / "after")
    with pytest.raises(InputError, match="is no result of siting run"):
        compare_runs(copies, copies / "after")
    (copies / "before" / "evidence.json").write_text('{"tool": "other"}')
    with pytest.raises(InputError, match="are not siting's"):
        compare_runs(copies / "before", copies / "after")
    (copies / "before" / "evidence.json").write_text('{"tool": ')
    with pytest.raises(FileFormatError, match=r"evidence\.json: cannot be read as JSON"):
        compare_runs(copies / "before", copies / "after")
    gpkg = copies / "after" / "results.gpkg"
    gpkg.write_bytes(b"not a database")
    with pytest.raises(FileFormatError, match=r"results\.gpkg: cannot be read"):
        compare_runs(copies / "after", copies / "after")


def test_names_that_a_spreadsheet_would_run_match_all_the_same(run, toilets, folders, tmp_path):
    zones = {"district": run.zones["district"].assign(name=["=东风", "+氹仔"])}
    write_run(with_toilets(run, toilets, zones=zones), tmp_path / "formula")
    table = compare_runs(tmp_path / "formula", tmp_path / "formula").table
    assert set(table["zone_name"]) >= {"=东风", "+氹仔"}


@pytest.mark.parametrize(("points", "shown"), [(1.04, "+1.0"), (-0.06, "-0.1"), (0.04, "0.0"), (-0.0, "0.0")])
def test_a_difference_that_rounds_to_nothing_has_no_sign(points, shown):
    assert signed(points) == shown


def edit(folder, change):
    path = folder / "summary.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def test_the_title_is_read_back(folders):
    assert compare_runs(folders / "before", folders / "after").b.title == Text("东风示范区", "Dongfeng sample district")
