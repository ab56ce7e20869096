"""Tables, summary and evidence: the columns and keys of the contract, and the same figures everywhere."""

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.outputs.evidence import evidence
from siting.outputs.summary import plain, summary, write_json
from siting.outputs.tables import guard, result_tables, write_table


def read(path):
    return pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False)


def test_indicators_have_the_columns_of_the_contract_first(run, tmp_path):
    tables = result_tables(run)
    write_table(tmp_path / "i.csv", tables["indicators"])
    assert (tmp_path / "i.csv").read_bytes().startswith(b"\xef\xbb\xbfrule,zone_level,zone,")
    table = read(tmp_path / "i.csv")
    wanted = [
        "rule", "zone_level", "zone", "denominator", "served", "total", "share", "target", "passes", "distance",
        "clause", "confidence",
    ]  # fmt: skip
    assert [c for c in table.columns if c in wanted] == wanted
    city = table[(table.zone_level == "city") & (table.rule == "toilet.radius-300") & (table.denominator == "people")]
    share = run.audits["toilet.radius-300"].headline("people")
    assert float(city[city.distance == "network"].served.iloc[0]) == share.served / 1000
    assert set(table[table.zone == "Z2"].zone_name) == {"氹仔“北区”"}


def test_rules_list_those_that_were_not_judged(run, tmp_path):
    write_table(tmp_path / "r.csv", result_tables(run)["rules"])
    table = read(tmp_path / "r.csv").set_index("rule")
    assert table.loc["clinic", ["judged", "reason_zh", "share"]].tolist() == ["false", "标准未给出距离", ""]
    assert table.loc["toilet.radius-300", ["confidence_zh", "passes"]].tolist() == ["未核实默认值", ""]
    assert table.loc["park.radius.500", ["passes", "target"]].tolist() == ["false", "0.9"]


def test_gaps_sites_and_unsnapped_say_where(run, tmp_path):
    tables = result_tables(run)
    assert tables["sites"]["order"].tolist() == [1, 2, 3, 4]
    assert tables["gaps"]["lon"].between(110, 112).all()
    assert tables["gaps"]["lat"].between(22, 23).all()
    write_table(tmp_path / "u.csv", tables["unsnapped"])
    assert read(tmp_path / "u.csv").loc[0, ["id", "layer", "distance_m"]].tolist() == ["B9999", "demand", ""]


def test_facilities_are_counted_by_class(run):
    table = result_tables(run)["facilities"].set_index("class")
    assert table.loc["public_toilet", ["places", "points", "areas", "named", "entries"]].tolist() == [3, 3, 0, 2, 0]
    assert table.loc["park", ["places", "points", "areas", "named", "entries"]].tolist() == [1, 0, 1, 1, 2]


def test_a_bare_run_has_all_tables(run, tmp_path):
    empty = gpd.GeoDataFrame({}, geometry=[], crs=run.crs)
    nothing = dict.fromkeys(("gaps", "facilities", "entries", "unsnapped"), empty)
    bare = replace(run, audits={}, plans={}, zones={}, service_areas=None, **nothing)
    for name, table in result_tables(bare).items():
        write_table(tmp_path / f"{name}.csv", table)
        assert (tmp_path / f"{name}.csv").stat().st_size > 5
    write_json(tmp_path / "s.json", summary(bare))


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1"])
def test_text_that_a_spreadsheet_would_run_is_guarded(tmp_path, text):
    write_table(tmp_path / "t.csv", pd.DataFrame({text: [text, "plain"], "number": [-1.5, 2.0]}))
    table = read(tmp_path / "t.csv")
    assert table.iloc[0, 0] == f"'{text}"
    assert table.columns[0] == f"'{text}"
    assert table["number"].tolist() == ["-1.5", "2"]


@given(st.text(max_size=5))
def test_guarded_text_never_starts_a_formula_and_keeps_its_words(text):
    assert not guard(text).startswith(("=", "+", "-", "@", "\t"))
    assert guard(text).removeprefix("'") == text.removeprefix("'")


def test_summary_has_the_keys_of_the_contract(run, tmp_path):
    write_json(tmp_path / "summary.json", summary(run))
    content = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    toilet = content["rules"]["toilet.radius-300"]
    assert toilet["judged"] is True
    share = run.audits["toilet.radius-300"].headline("people")
    assert toilet["people"] == {"served": share.served / 1000, "total": share.total / 1000, "share": share.share}
    assert toilet["land"] == {"served": None, "total": None, "share": None}
    assert toilet["units"]["total"] == 196
    assert toilet["by_distance"]["straight"]["people"]["share"] > share.share
    assert (toilet["distance"], toilet["passes"], toilet["confidence"]) == ("network", None, "unverified")
    assert toilet["clause"] == "GB 50180-2018 第 4.0.4 条"
    clinic = content["rules"]["clinic"]
    assert (clinic["judged"], clinic["reason"], clinic["unreachable"]) == (False, "标准未给出距离", None)
    park = content["rules"]["park.radius.500"]
    assert (park["target"], park["passes"]) == (0.9, False)
    plan = content["locate"]["more_toilets"]
    assert plan["people_after"] > plan["people_before"]
    assert plan["gap"] == pytest.approx(12.0 / plan["objective"])
    assert (plan["model"], plan["status"], len(plan["sites"])) == ("mclp", "feasible", 4)


def test_evidence_accounts_for_every_row_and_says_how_well_rules_were_read(run, tmp_path):
    write_json(tmp_path / "evidence.json", evidence(run))
    content = json.loads((tmp_path / "evidence.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    account = content["inputs"][0]
    assert account["rows_in"] == account["rows_used"] + account["rows_dropped"]
    assert account["findings"][0]["zh"] == "2 行没有几何"
    assert content["parameters"]["nothing"] is None
    assert content["crs"]["code"] == "EPSG:4546"
    assert content["crs"]["scale_error_ppm"] == 31.5
    assert {r["id"]: r["confidence"] for r in content["rules"]} == {
        "toilet.radius-300": "unverified", "park.radius.500": "clause", "clinic": "secondary",
    }  # fmt: skip
    assert "time limit" in content["searches"]["more_toilets"]["time_limit"]["en"]
    assert content["libraries"]["numpy"] == np.__version__


def test_a_rule_with_figures_of_the_study_stands_beside_the_clause(run):
    """Judged twice, once by the clause and once with the study's own limit: neither hides the other."""
    audit = run.audits["park.radius.500"]
    own = replace(audit.rule, radius_m=800.0, overridden=("limit_m",), override_source="city plan 3.2")
    audits = {**run.audits, "parks, own limit": replace(audit, name="parks, own limit", rule=own)}
    both = replace(run, audits=audits)
    found = {tuple(r["used_by"]): r for r in evidence(both)["rules"] if r["id"] == audit.rule.id}
    assert found[("audit parks, own limit",)]["limit_m"] == 800.0
    assert found[("audit parks, own limit",)]["override_source"] == "city plan 3.2"
    assert next(r["overridden"] for names, r in found.items() if "audit park.radius.500" in names) == []
    rules = result_tables(both)["rules"].set_index("rule")["set_by_study"]
    assert rules["parks, own limit"] == "limit_m (city plan 3.2)"
    assert pd.isna(rules["park.radius.500"])
    assert summary(both)["rules"]["parks, own limit"]["set_by_study"] == ["limit_m"]


def test_evidence_of_the_same_run_is_the_same(run, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert json.dumps(plain(evidence(run))) == json.dumps(plain(evidence(run)))
    assert evidence(run)["written"] == "1970-01-01T00:00:00.000Z"


def test_numbers_that_json_lacks_become_null():
    assert plain({"a": np.float64("inf"), 1: (float("nan"), np.int64(3)), "s": {"b", "a"}}) == {
        "a": None, "1": [None, 3], "s": ["a", "b"],
    }  # fmt: skip
