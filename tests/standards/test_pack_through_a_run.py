"""A city's own figures, from the pack to every output: limits, shares, titles, legends, clauses and grades."""

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

import siting
from siting.outputs.maps.words import coverage_headline
from siting.standards import load_catalogue

ROOT = Path(__file__).resolve().parents[2]
DATA, EXAMPLE = ROOT / "data" / "demo-district", ROOT / "docs" / "example-rule-pack.yaml"
RULES = ("waste.point.gb55013", "park.500park", "wc.radius.mandatory")
LAXER = """
pack: laxer-city
documents: [{code: DB00/T 2, title: 宽松标准, status: local, standing: local}]
rules:
  - {id: wc.radius.mandatory, threshold: 350, source: {document: DB00/T 2, clause: "1"}, confidence: clause}
"""


def run(folder, packs, rules=RULES):
    shutil.copytree(DATA, folder, dirs_exist_ok=True)
    text = re.split(r"(?m)^\[(?:living_circle|green|suitability|\[audit)", (folder / "study.toml").read_text("utf-8"))[
        0
    ]
    text = text.replace("[streets]", f"rule_packs = {json.dumps([str(p) for p in packs])}\n[streets]", 1)
    text += "\n[green]\n"
    text += "".join(f'[[audit]]\nrule = "{rule}"\n' for rule in rules)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return siting.run(siting.Study.from_toml(folder / "study.toml"), lang="zh")


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """The demo district by the example pack, and by a rule of a city that asks less than a mandatory clause."""
    folder = tmp_path_factory.mktemp("local")
    laxer = folder / "laxer.yaml"
    laxer.write_text(LAXER, encoding="utf-8")
    return run(folder, [EXAMPLE, laxer], (*RULES, "example.market_elderly"))


def test_the_pack_decides_who_is_served(local):
    """96 houses lie within 120 m of a waste point, 60 within 70 m (README of the district)."""
    share = local.audits["waste.point.gb55013"].headline("people")
    assert share.served == 6_000_000
    people = local.demand.loc[local.audits["park.500park"].demand["cost_network"] <= 400, "people"].sum()
    assert local.audits["park.500park"].headline("people").served == round(1000 * people) < 7_500_000


def test_every_output_speaks_of_the_pack(local, tmp_path):
    out = local.write(tmp_path / "out")
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    waste, park = (summary["rules"][rule] for rule in RULES[:2])
    assert (waste["limit_m"], waste["clause"], waste["confidence"]) == (70, "DB00/T 0001-2026 4.10", "clause")
    assert (park["limit_m"], park["target"], park["passes"]) == (400, 0.85, False)
    assert park["name"]["zh"].endswith("（改按 400 米）")
    table = pd.read_csv(out / "tables" / "indicators.csv", dtype=str).set_index("rule")
    assert set(table.loc["waste.point.gb55013", "limit_m"]) == {"70"}
    assert set(table.loc["park.500park", "clause"]) == {"DB00/T 0001-2026 5.1"}
    rules = pd.read_csv(out / "tables" / "rules.csv", dtype=str).set_index("rule")
    assert rules.loc["park.500park", "limit_m"] == "400"
    # Legend and headline of the map, and the titles of the theme that works with the same rule.
    assert "400" in coverage_headline(local.audits["park.500park"], "zh")
    assert "条文已读" in coverage_headline(local.audits["park.500park"], "zh")
    green = local.themes["green"]
    assert "400 米见园" in green.layer("green_points").title.zh
    assert "a park within 400 m" in green.headlines[0].en


def test_a_rule_of_the_citys_own_is_judged_to_a_verdict(local):
    audit = local.audits["example.market_elderly"]
    assert audit.passes is (audit.headline("people").share >= 0.6)


def test_a_laxer_figure_is_used_and_reported(local):
    assert local.audits["wc.radius.mandatory"].limit_m == 350
    codes = [f for f in local.findings if f.code == "laxer_than_mandatory"]
    assert [f.ids for f in codes] == [("wc.radius.mandatory",)]
    assert codes[0].kind == "warning"
    for text in (codes[0].text.zh, codes[0].text.en):
        assert "350" in text
        assert "300" in text


def test_the_example_is_marked_synthetic_and_stricter_than_what_is_mandatory():
    content = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    assert all("合成" in d["title"] or "synthetic" in d["status"] for d in content["documents"])
    catalogue = load_catalogue([EXAMPLE])
    assert catalogue.findings == ()
    assert catalogue["example.market_elderly"].verdict_allowed


def test_a_name_without_the_figure_stays(local):
    assert local.study.catalogue["waste.point.gb55013"].name == load_catalogue()["waste.point.gb55013"].name
