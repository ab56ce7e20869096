"""Every figure of a report is that of the tables beside it, in the page as in the Word file."""

import math

import pytest
from report_reading import docx_tables, html_tables, kept


def people(value):
    return "–" if math.isnan(value) else "< 1" if 0 < value < 0.5 else f"{value:,.0f}"


def hectares(value):
    return "< 0.01" if 0 < value / 1e4 < 0.005 else f"{value / 1e4:,.2f}"


def percent(share):
    if 0.9995 <= share < 1:
        return "> 99.9%"
    return "< 0.1%" if 0 < share < 0.0005 else f"{math.floor(1000 * share + 0.5) / 10:.1f}%"


def amount(value, denominator):
    return hectares(value) if denominator == "land" else people(value)


@pytest.fixture(params=["drawn", "demo"])
def report(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(params=[html_tables, docx_tables], ids=["html", "docx"])
def tables(request, report):
    read = request.param(report.html if request.param is html_tables else report.docx)
    return {key: [[kept(c) for c in row] for row in rows] for key, rows in read.items()}


def test_both_files_say_the_same(report):
    assert html_tables(report.html) == docx_tables(report.docx)


def test_the_table_of_rules_is_that_of_rules_csv_and_of_the_summary(report, tables):
    rules, rows = report.csv("rules"), tables["rules"][1:]
    assert len(rows) == len(rules) > 2
    for row, rule in zip(rows, rules.to_dict("records"), strict=True):
        told = report.summary["rules"][rule["rule"]]
        if not rule["judged"]:
            assert row[3:5] == ["–", "–"]
            continue
        own = rule["denominator"]
        assert row[3] == f"{amount(rule['served'], own)} / {amount(rule['total'], own)}"
        assert row[4] == percent(rule["share"]) == percent(told[own]["share"])
        assert row[3].startswith(amount(told[own]["served"], own))
        assert row[7] == rule["confidence_zh" if report.run.lang == "zh" else "confidence_en"]


def test_zones_are_those_of_indicators_csv(report, tables):
    table, rules = report.csv("indicators"), report.csv("rules").set_index("rule")
    level = next(iter(report.run.zones))
    seen = [key for key in tables if key.startswith("zones-")]
    assert set(seen) == {f"zones-{name}" for name in rules.index if rules.loc[name, "judged"]}
    for key in seen:
        rule = rules.loc[key.removeprefix("zones-")]
        own = rule["denominator"]
        of_rule = (table["rule"] == key.removeprefix("zones-")) & (table["denominator"] == own)
        of_rule &= table["distance"] == rule["distance"]
        zones = [z for at in (level, "city") for z in table[of_rule & (table["zone_level"] == at)].to_dict("records")]
        expected = [
            [*(amount(v, own) for v in (z["total"], z["served"], z["total"] - z["served"])), percent(z["share"])]
            for z in zones
        ]
        assert [row[1:] for row in tables[key][1:]] == expected
        parts = [row[1] for row in tables[key][1:-1]]
        if own == "people":
            assert sum(int(p.replace(",", "")) for p in parts) == pytest.approx(rule["total"], abs=len(parts))


def test_gaps_are_those_of_gaps_csv(report, tables):
    found = report.csv("gaps")
    for name, rows in found.groupby("rule"):
        shown = tables[f"gaps-{name}"][1:]
        top = rows.sort_values("rank").head(len(shown)).to_dict("records")
        assert len(shown) == min(10, len(rows))
        for row, gap in zip(shown, top, strict=True):
            assert row[0] == gap["gap_id"]
            assert row[1] == people(gap["people"])
            assert row[2] == hectares(gap["area_m2"])
            far = gap["nearest_m"]
            if not (isinstance(far, float) and math.isnan(far)):
                assert row[3].startswith(f"{far:,.0f} ")
            else:
                assert row[3] in ("无路可达", "no path")
    told = report.summary["gaps"]
    assert {name for name in told if told[name]["count"]} == set(found["rule"])


def test_sites_are_those_of_sites_csv_and_of_the_summary(report, tables):
    found = report.csv("sites")
    for name, plan in report.summary["locate"].items():
        rows = found[found["plan"] == name].sort_values("order").to_dict("records")
        shown = tables[f"sites-{name}"][1:]
        assert len(shown) == len(rows) == len(plan["sites"])
        for row, site in zip(shown, rows, strict=True):
            assert row[0] == str(int(site["order"]))
            assert row[2] == site["plot"]
            assert row[3] == people(site["area_m2"])
            assert row[4] == people(site["gain_people"])
            assert f"{site['nearest_conflict_m']:,.0f} " in kept(row[5])


def test_a_demo_rule_worked_out_on_paper(demo):
    """8,320 of 31,680 residents live within 300 m of one of the three toilets: 26.3%."""
    row = next(r for r in html_tables(demo.html)["rules"] if "8,320 / 31,680" in r)
    assert kept(row[4]) == "26.3%"


def test_inputs_add_up(report, tables):
    for row in tables["inputs"][1:]:
        read, used, left = (int(cell.replace(",", "")) for cell in row[2:5])
        assert read == used + left
