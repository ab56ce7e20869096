"""What a report says in words: proof, verdicts, rounding, hostile names."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from report_reading import docx_tables, docx_text, html_page, html_tables, kept
from report_written import Written

from siting.coverage.model import Share
from siting.display import percent_up
from siting.ledger import Finding, Text
from siting.locate.plans.budget import PlanBudget
from siting.outputs.report import build_report
from siting.outputs.report.content import Figure, Heading, Items, Table, clean, numbered
from siting.outputs.report.figures import beyond, count, hectares, percent
from siting.outputs.report.proof import proof
from siting.outputs.report.results import LAND_INCOMPLETE
from siting.outputs.tables import result_tables
from siting.themes.result import ThemeResult, ThemeTable

HOSTILE = "<script>alert(1)</script> \x00\x0b\ufffe & \"quoted\" 'x' ]]> \u202egnp.exe\n\t第二行"
PLAIN = "<script>alert(1)</script> & \"quoted\" 'x' ]]> gnp.exe 第二行"


def changed(plan, **result):
    return replace(plan, model=result.get("model", plan.model), result=replace(plan.result, **result))


def test_a_bound_is_said_as_what_no_plan_can_do(run):
    """1,000 served, at most 1,012 can be: 12 people or 1.2% more."""
    plan = changed(run.plans["more_toilets"], objective=1000.0, bound=1012.0, status="feasible")
    said = proof(plan)
    assert "with at most 4 sites" in said.en
    assert "no plan can serve more than 1.2% more people than this one (at most 12 more)" in said.en
    assert "至多选 4 处" in said.zh
    assert "任何方案都不可能比本方案多服务 1.2% 以上（至多多 12 人）" in said.zh


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.012, "1.2%"), (0.01201, "1.3%"), (0.0004, "0.04%"), (0.00041, "0.05%"), (0.25, "25.0%")],
)
def test_a_bound_is_never_rounded_down(share, said):
    assert kept(percent_up(share)) == said


def test_proved_plans_say_what_was_proved_of_which_model(run):
    plan = run.plans["more_toilets"]
    best = proof(changed(plan, status="optimal", bound=plan.result.objective))
    assert best.en.startswith("Proved optimal: with at most 4 sites")
    assert "no other choice of sites serves more people" in best.en
    fewest = proof(changed(plan, model="lscp", status="optimal", objective=4.0, bound=4.0))
    assert fewest.en.startswith("Proved: fewer than 4 of the candidates cannot")
    open_ = proof(changed(plan, model="lscp", status="feasible", objective=4.0, bound=2.3))
    assert "this plan has 4 sites" in open_.en
    assert "at least 3 are needed" in open_.en
    part = replace(plan.result, model="partial_cover", status="optimal", parameters={"target_weight": 0.9 * 4221.0})
    assert "90.0%" in proof(replace(plan, result=part, people_total=4221.0, weight_total=None)).en
    paid = replace(plan, budget=PlanBudget(cost="area_ha", amount=1.0, spent=0.9))
    assert "within the budget" in proof(changed(paid, status="optimal")).en


def test_figures_never_hide_something_or_claim_all():
    assert [kept(percent(s)) for s in (1.0, 0.99996, 0.00001, 0.0, None)] == [
        "100.0%", "> 99.9%", "< 0.1%", "0.0%", "–",
    ]  # fmt: skip
    assert [kept(count(v)) for v in (0.0, 0.2, 0.6, 1240.4, float("nan"), None)] == ["0", "< 1", "1", "1,240", "–", "–"]
    assert [kept(hectares(v)) for v in (0.0, 20.0, 56478.73)] == ["0.00", "< 0.01", "5.65"]
    assert kept(beyond(500.3, 500.0, "m", "en")) == "500.3 m"
    assert kept(beyond(512.3, 500.0, "m", "zh")) == "512 米"
    assert kept(beyond(5.01, 5.0, "min", "en")) == "5.01 min"


def test_headings_and_tables_are_numbered_in_order():
    def head(level):
        return Heading(level=level, title=Text("甲", "a"))

    table = Table(key="k", caption=Text("表", "t"), columns=(), rows=())
    found = numbered([head(1), head(2), table, head(3), head(3), head(2), head(1), head(2), table])
    assert [b.number for b in found] == ["1", "1.1", 1, "1.1.1", "1.1.2", "1.2", "2", "2.1", 2]


def test_hostile_names_stay_text_in_both_files(run, tmp_path):
    zones = run.zones["district"].assign(name=[HOSTILE, "氹仔“北区”"])
    sites = run.plans["more_toilets"].sites.assign(plot=HOSTILE, name_zh=HOSTILE)
    hostile = replace(
        run,
        name=HOSTILE,
        title=Text(HOSTILE, HOSTILE),
        zones={"district": zones},
        plans={"more_toilets": replace(run.plans["more_toilets"], title=Text(HOSTILE, HOSTILE), sites=sites)},
        attribution=(Text(HOSTILE, HOSTILE),),
    )
    report = Written(hostile, tmp_path, maps=False)
    page = html_page(report.html)
    assert "script" not in [tag for tag, _ in page.tags]
    assert html_tables(report.html) == docx_tables(report.docx)
    assert docx_tables(report.docx)["zones-toilet.radius-300"][1][0] == PLAIN
    assert docx_tables(report.docx)["sites-more_toilets"][1][2] == PLAIN
    assert PLAIN in docx_text(report.docx)
    with zipfile.ZipFile(report.docx) as archive:
        for name in archive.namelist():
            if name.endswith(".xml"):
                ElementTree.parse(io.BytesIO(archive.read(name)))


def test_clean_keeps_ordinary_text():
    assert clean("氹仔“北区” – 5 %\u00a0x") == "氹仔“北区” – 5 %\u00a0x"
    assert clean(f"\ud800{HOSTILE}") == PLAIN


def test_a_verdict_on_land_is_never_said_without_the_doubt_about_the_land(run, tmp_path):
    """The layer of residential land holds a part of the homes only: "met" alone would mislead."""
    rule = replace(run.audits["park.radius.500"].rule, denominator="land")
    audit = run.audits["park.radius.500"]
    shares = {**audit.shares, ("straight", "land"): Share(served=95, total=100, per_whole=100)}
    land = replace(audit, rule=rule, shares=shares, passes=True)
    doubt = Finding(
        code=LAND_INCOMPLETE, kind="warning", count=1, text=Text("居住用地只含 23% 的需求", "land holds 23% of demand")
    )
    doubtful = replace(run, audits={"park.radius.500": land}, findings=(doubt,), plans={})
    report = Written(doubtful, tmp_path, maps=False)
    assert html_tables(report.html)["rules"][1][6] == "达标；居住用地图层可能不完整，仅供参考"
    assert docx_text(report.docx).count("居住用地只含 23% 的需求") == 2  # among the warnings, and under the rule
    sure = Written(replace(doubtful, findings=()), tmp_path, maps=False)
    assert html_tables(sure.html)["rules"][1][6] == "达标"


def test_a_plan_shows_its_sites_and_then_before_and_after(run):
    maps = {"plan_more_toilets": Path("sites.png"), "before_after_more_toilets": Path("two.png")}
    report = build_report(run, result_tables(run), maps)
    assert [b.path.name for b in report.blocks if isinstance(b, Figure)] == ["sites.png", "two.png"]


def test_themes_begin_with_what_lays_their_parts_side_by_side(run):
    themes = {
        name: ThemeResult(theme=name, title=Text(name, name), headlines=(Text("一句", "a line"),))
        for name in ("living_circle", "green")
    }
    maps = {"living_circle": Path("tiers.png"), "bivariate_a_b": Path("two_rules.png")}
    report = build_report(replace(run, themes=themes), result_tables(run), maps)
    assert [b.path.name for b in report.blocks if isinstance(b, Figure)] == ["tiers.png", "two_rules.png"]


@pytest.mark.parametrize(
    ("lang", "levels", "listed"),
    [
        ("zh", ["街道", "分区", "全域", "tract"], "分区（由小到大）：分区（1 个）、街道（2 个）、tract（1 个）"),
        ("en", ["subdistrict", "zone", "whole area", "tract"], "Zones, from small to large: zone (1), subdistrict (2)"),
    ],
)
def test_levels_of_zones_are_called_by_their_names(run, lang, levels, listed):
    """A level that has no Chinese name keeps what the study calls it; ids of other columns are left alone."""
    zones = {
        name: next(iter(run.zones.values())).iloc[:n] for name, n in {"zone": 1, "subdistrict": 2, "tract": 1}.items()
    }
    frame = pd.DataFrame({"level": ["subdistrict", "zone", "city", "tract"], "kind": "zone", "people": 1.0})
    tables = tuple(
        ThemeTable(name=f"t_{c}", title=Text(c, c), frame=frame.rename(columns={"level": c}), columns={})
        for c in ("level", "scope", "zone_level")
    )
    theme = ThemeResult(theme="t", title=Text("t", "t"), tables=tables)
    made = replace(run, lang=lang, zones=zones, themes={"t": theme})
    blocks = build_report(made, result_tables(made), {}).blocks
    found = {b.key: b.rows for b in blocks if isinstance(b, Table)}
    for table in tables:
        rows = found[f"theme-{table.name}"]
        assert [row[0] for row in rows] == levels, table.name
        assert {row[1] for row in rows} == {"zone"}
    said = " ".join(line for b in blocks if isinstance(b, Items) for line in b.lines)
    assert listed in said
