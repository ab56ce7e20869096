"""No indicator stands twice where a study audits a rule that a theme measures as well, and totals agree everywhere."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

import siting
from siting.coverage import CITY_LEVEL

DATA = Path(__file__).resolve().parents[2] / "data" / "demo-district"
KEY = ["rule", "zone_level", "zone", "denominator", "distance"]
ALIKE, OTHERWISE = "park.gb51346.cover", "park.cover.gc"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The demo district with both themes, and two rules that the green theme measures too."""
    folder = tmp_path_factory.mktemp("district")
    shutil.copytree(DATA, folder, dirs_exist_ok=True)
    text = (folder / "study.toml").read_text(encoding="utf-8").split("[[locate]]")[0]
    for table in ("[living_circle]", "[green]"):
        text += "" if table in text else f"\n{table}\n"
    text += "".join(f'\n[[audit]]\nrule = "{rule}"\n' for rule in (ALIKE, OTHERWISE))
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return siting.run(siting.Study.from_toml(folder / "study.toml"))


def test_one_row_a_rule_zone_denominator_and_distance(run):
    table = run.indicators
    assert not table.duplicated(KEY).any()
    assert (table["rule"] == ALIKE).any()


def test_a_theme_that_measures_otherwise_keeps_its_rows_under_a_name_of_its_own(run):
    names = set(run.indicators["rule"])
    theirs = run.themes["green"].indicators.query("rule == @OTHERWISE")
    mine = run.indicators.query("rule == @OTHERWISE and denominator == 'land' and distance == 'straight'")
    differ = not theirs["served"].reset_index(drop=True).equals(mine["served"].reset_index(drop=True))
    assert (f"green.{OTHERWISE}" in names) == differ
    assert f"green.{ALIKE}" not in names


def test_totals_are_identical_at_every_level_for_audits_and_themes(run):
    # Shares of spaces or stalls are measured over no distance.
    table = run.indicators[run.indicators["judged"]].fillna({"distance": "-"})
    what = ["rule", "denominator", "distance"]
    city = table[table["zone_level"] == CITY_LEVEL].set_index(what)
    assert city.index.is_unique
    levels = table.loc[table["zone_level"] != CITY_LEVEL, "zone_level"].unique()
    assert set(levels) == {"community", "subdistrict"}
    for level in levels:
        parts = table[table["zone_level"] == level].groupby(what)[["served", "total"]].sum()
        # Classes of living circles in minutes, and at the strict edge, are figures of the city alone.
        alone = {rule for rule, _, kind in city.index.difference(parts.index) if kind != "time"}
        assert all(rule.endswith(".strict") for rule in alone)
        gap = (parts - city.loc[parts.index, ["served", "total"]]).abs()
        assert gap.max().max() < 1e-4, level


def test_every_row_has_clause_and_grade_and_what_is_written_is_the_same(run, tmp_path):
    from siting.outputs.tables import indicators_table

    table = indicators_table(run)
    assert not table.duplicated(KEY).any()
    assert len(table) == len(run.indicators)
    for column in ("clause", "confidence", "name_zh", "name_en"):
        assert (table[column].fillna("").astype(str).str.len() > 0).all(), column
    assert set(table["confidence"]) <= {"clause", "secondary", "unverified", "assumed"}
    with_target = table[table["passes"].notna()]
    assert with_target["target"].notna().all()
    assert pd.isna(table.loc[table["zone_level"] != CITY_LEVEL, "passes"]).all()
