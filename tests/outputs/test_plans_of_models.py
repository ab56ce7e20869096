"""Plans of models without a limit: every output says what they are about, and nothing of people served."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from plans_of_models import make_plans_run
from report_reading import html_page
from report_written import Written

from siting.ledger import Text
from siting.locate.joint_cover import joint_cover
from siting.locate.plans.card import plan_card
from siting.locate.plans.effect import change, main_measure, objective_told, told_measures, variant
from siting.locate.plans.model_words import MODELS, bound_name, gap_text
from siting.outputs import flows
from siting.outputs.layers import result_layers
from siting.outputs.maps.atlas import atlas
from siting.outputs.maps.files import MapFiles
from siting.outputs.maps.words import plan_headline, plan_subtitle
from siting.outputs.plan_states import shown_states
from siting.outputs.report.proof import proof
from siting.outputs.summary import plain, summary
from siting.outputs.tables import result_tables
from siting.outputs.views import views_of
from siting.outputs.web.plans import plan_rows, plan_view, won_by


@pytest.fixture(scope="module")
def run():
    return make_plans_run()


@pytest.fixture(scope="module")
def layers(run):
    return result_layers(run)[0]


def unproved(plan, model, objective, bound, **more):
    result = replace(
        plan.result, model=model, objective=objective, bound=bound, status="feasible", parameters={"unit": "m", **more}
    )
    return replace(plan, result=result)


@pytest.mark.parametrize(
    ("model", "objective", "bound", "zh", "en"),
    [
        ("mclp", 800.0, 840.0, "多服务 5.0% 以上", "serve more than 5.0% more people"),
        ("gradual_cover", 800.0, 840.0, "折算后服务 5.0% 以上", "cover, so counted, more than 5.0%"),
        ("backup_coverage", 800.0, 840.0, "以两处以上服务 5.0% 以上", "reach at least twice more than 5.0%"),
        ("p_median", 1000.0, 900.0, "至多比本方案低 10.0%", "more than 10.0% lower"),
        ("facility_location", 1000.0, 900.0, "总成本至多比本方案低 10.0%", "opening and travel more than 10.0% lower"),
        ("capacitated", 1000.0, 900.0, "至多比本方案低 10.0%", "more than 10.0% lower"),
        # What somebody must walk at least is rounded down, so that the sentence stays true; what he walks, up.
        ("p_center", 500.4, 449.9, "不少于 449 米（本方案 501 米）", "at least 449 m to go (with this plan 501 m)"),
        ("p_dispersion", 400.9, 450.1, "不超过 451 米（本方案最近的两处相距 400 米）", "at most 451 m apart"),
    ],
)  # fmt: skip
def test_what_is_proved_lies_on_the_side_of_the_model(run, model, objective, bound, zh, en):
    said = proof(unproved(run.plans["cover"], model, objective, bound))
    assert zh in said.zh
    assert en in said.en


def test_a_worst_time_is_said_in_minutes(run):
    said = proof(unproved(run.plans["center"], "p_center", 600.0, 541.0, unit="s"))
    assert "at least 9.0 min to go (with this plan 10.0 min)" in said.en


@pytest.mark.parametrize("model", sorted(MODELS))
def test_every_model_has_its_words_and_the_side_of_its_bound(run, model):
    more = MODELS[model].sense == "more"
    plan = unproved(run.plans["cover"], model, 100.0, 110.0 if more else 90.0)
    assert bound_name(plan.result).en.startswith("upper" if more else "lower")
    assert "10.0%" in gap_text(plan.result).en
    for text in (proof(plan), proof(replace(plan, result=replace(plan.result, status="optimal", bound=100.0)))):
        assert text.zh.endswith("。")
        assert text.en.endswith(".")


def test_no_gap_is_made_up_where_nothing_is_reached_yet(run):
    nothing = unproved(run.plans["cover"], "mclp", 0.0, 12.0)
    assert gap_text(nothing.result).en == "not proved best"
    assert "more than 12 people" in proof(nothing).en


def test_the_main_figure_is_that_of_the_model(run):
    assert main_measure(run.plans["cover"]) is None
    for name in ("median", "center", "apart", "room"):
        plan = run.plans[name]
        assert main_measure(plan) is plan.measures[0]
        for said in (plan_subtitle(plan), Text(plan_headline(plan, "zh"), plan_headline(plan, "en"))):
            assert plan.measures[0].name.zh in said.zh
            # One language a line: a layout writes both, one below the other.
            assert plan.measures[0].name.zh not in said.en
            assert plan.measures[0].name.en not in said.zh
            assert "None" not in said.zh + said.en
            assert "served" not in said.en
    assert "served within 500 m" in plan_subtitle(run.plans["cover"]).en


def test_a_figure_without_a_before_has_no_arrow(run):
    mean = run.plans["median"].measures[0]
    assert "→" not in change(mean)
    assert change(replace(mean, before=812.4, after=604.0)) == "812 → 604"
    assert change(replace(mean, before=812.4, after=math.inf)) == "812 → –"


def test_alternatives_are_compared_by_the_figure_of_the_model(run):
    plan = run.plans["median"]
    name, value = objective_told(plan, plan.result.objective * 2)
    assert name == plan.measures[0].name
    assert value.en == f"{2 * plan.measures[0].after:,.0f} m"
    assert [variant(k) for k in (0, 1, 25, 26)] == ["A", "B", "Z", "27"]


def test_the_demand_says_where_people_go(run, layers):
    plan, demand = run.plans["median"], layers["demand"]
    assert set(demand["plan_median"]) == {"new"}
    goes = run.plans["room"].result.assignment
    assert np.array_equal(demand["plan_room"] == "none", goes < 0)
    assert "plan_apart" not in demand.columns
    assert [s.value for s in shown_states(plan, run.demand)] == ["new"]
    assert set(demand["plan_cover"]) <= {"before", "newly", "not"}


def test_lines_of_shared_demand_add_up_to_the_loads(run, layers):
    lines, plan = layers["flows"], run.plans["room"]
    own = lines[lines["plan"] == "room"]
    load = own.groupby("site")["amount"].sum()
    assert np.allclose(load[plan.sites.index], plan.sites["load"])
    assert not own.duplicated(["demand", "site"]).any()
    assert own["id"].is_unique
    assert not (lines["plan"] == "apart").any()


def test_of_too_many_lines_the_heaviest_are_kept_and_it_is_said(run, monkeypatch):
    monkeypatch.setattr(flows, "MOST_LINES", 10)
    kept, findings = flows.flow_lines(run)
    own = kept[kept["plan"] == "median"]
    assert len(own) == 10
    assert own["people"].min() >= run.demand["people"].nlargest(10).min()
    assert next(f.ids for f in findings if f.code == "flows_cut") == ("median",)
    assert "10" in findings[0].text.en


def test_alternatives_are_a_layer_of_their_own(run, layers):
    table, plan = layers["alternatives"], run.plans["median"]
    assert list(table["variant"]) == ["A"] * 3 + ["B"] * 3
    assert table.loc[table["variant"] == "A", "in_best"].all()
    best = set(plan.result.site_ids)
    assert all((site in best) == flag for site, flag in zip(table["site"], table["in_best"], strict=True))
    assert table.geometry.geom_equals(
        plan.candidates.geometry.loc[table["site"]].reset_index(drop=True), align=False
    ).all()  # fmt: skip
    view = next(v for v in views_of(run, layers) if v.id == "plan_median_alternatives")
    assert [c.value for c in view.classes] == ["A", "B"]


def test_a_run_without_new_keys_has_no_new_files(run):
    plain_plan = replace(run.plans["cover"], gains_by_zone=None, measures=(), alternatives=())
    before = replace(run, plans={"cover": plain_plan})
    assert "alternatives" not in result_layers(before)[0]
    assert not {"alternatives", "plan_measures", "plan_gains"} & set(result_tables(before))
    assert "alternatives_cover" not in atlas(before, MapFiles())


def test_the_summary_has_the_figures_and_no_number_that_is_none(run):
    text = json.dumps(plain(summary(run)), allow_nan=False)
    found = json.loads(text)["locate"]
    median = found["median"]
    assert median["measures"]["mean_distance_m"] == {
        "before": None, "after": pytest.approx(run.plans["median"].measures[0].after), "unit": "m"
    }  # fmt: skip
    assert (median["limit_m"], median["people_before"], median["people_after"]) == (None, None, None)
    assert [one["variant"] for one in median["alternatives"]] == ["A", "B"]
    for plan in found.values():
        assert {"model", "status", "objective", "bound", "gap", "sites", "people_before", "people_after"} <= set(plan)


def test_an_endless_separation_is_null(run):
    plan = run.plans["apart"]
    endless = replace(plan, result=replace(plan.result, objective=math.inf, bound=math.inf))
    shown = plain(summary(replace(run, plans={"apart": endless})))["locate"]["apart"]
    assert (shown["objective"], shown["gap"]) == (None, 0.0)
    assert "inf" not in proof(endless).en


def test_what_zones_gain_adds_up_and_has_names(run):
    gains = result_tables(run)["plan_gains"]
    assert list(gains["zone_name"][:2]) == ["东风街道", "氹仔“北区”"]
    assert gains["zone"].isna().sum() == 1
    assert gains["weight"].sum() == pytest.approx(run.demand["people"].sum())
    assert gains["before"].sum() + gains["gained"].sum() + gains["unserved"].sum() == pytest.approx(
        gains["weight"].sum()
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_tells_every_plan_by_its_own_figure(run, tmp_path, lang):
    written = Written(replace(run, lang=lang), tmp_path, maps=False)
    text = "".join(html_page(written.html).text)
    for plan in run.plans.values():
        assert proof(plan).get(lang) in text
        assert MODELS[plan.result.model].asks.get(lang) in text
    for name in ("median", "center", "apart", "room"):
        assert run.plans[name].measures[0].name.get(lang) in text
    assert ("备选方案" if lang == "zh" else "plans nearly as good") in text
    assert "None" not in text
    assert "nan" not in text


def test_the_page_shows_where_people_go_and_no_slider(run):
    rows = {row["id"]: row for row in plan_rows(run)}
    json.dumps(rows, allow_nan=False)
    assert [name for name, row in rows.items() if row["limited"]] == ["cover"]
    assert rows["median"]["steps"] is None
    assert rows["median"]["measures"][0]["main"]
    assert rows["median"]["alternatives"]["rows"][1]["other"]
    assert rows["cover"]["gains"][-1]["zone"] is None
    assert rows["room"]["loads"][0][1].endswith("/ 800 people")
    plan = run.plans["room"]
    won = won_by(plan, run)
    order = list(plan.sites.index)
    for k, j in zip(won.tolist(), plan.result.assignment.tolist(), strict=True):
        label = dict(zip(plan.result.sites.tolist(), plan.result.site_ids, strict=True)).get(j)
        assert k == (-1 if j < 0 else order.index(label) + 1)
    assert plan_view(run.plans["apart"], run) is None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_of_maps_are_drawn(run, tmp_path, lang):
    pages = atlas(replace(run, lang=lang), MapFiles())
    assert "before_after_cover" in pages
    assert not {"before_after_median", "before_after_apart", "before_after_room"} & set(pages)
    for name in ("plan_median", "plan_apart", "alternatives_median") if lang == "zh" else ("plan_room",):
        pages[name](tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").stat().st_size > 20_000


def test_a_card_shows_the_figure_of_the_model(run):
    median = plan_card(run.plans["median"])
    assert "mean distance" in median
    assert "people served" not in median
    assert "1 other plans" in median
    assert "lower bound" in median
    assert "as good" not in median
    room = plan_card(run.plans["room"])
    assert "load (people)" in room
    assert "more people" not in room
    assert "what zones gain" in plan_card(run.plans["cover"])


def test_a_joint_result_shows_what_each_building_houses():
    cost = np.array([[0.0, 900.0], [900.0, 0.0]])
    people = np.array([10.0, 5.0])
    found = joint_cover(cost, {"clinic": people, "<i>x": people}, 300.0, 1)
    shown = found._repr_html_()
    assert "clinic" in shown
    assert "<i>" not in shown
    assert "clinic, &lt;i&gt;x" in shown
    assert "proved optimal" in shown


def test_a_plan_with_room_for_some_tells_who_has_a_place(run):
    plan = run.plans["cover"]
    placed = replace(plan.measures[0], key="placed", name=Text("限值与容量内服务", "served within limit and capacity"))
    room = replace(
        plan, measures=(placed, plan.measures[0]), result=replace(plan.result, model="capacitated_cover"),
        sites=plan.sites.drop(columns="gain_people").assign(load=500.0, capacity=600.0, gain=np.nan), newly_served=None,
    )  # fmt: skip
    assert main_measure(room) is placed
    assert [m.name.en for m in told_measures(room)] == [placed.name.en, "a site within 500 m, full or not"]
    row = plan_rows(replace(run, plans={"cover": room}))[0]
    assert (row["limited"], row["known_who"], row["steps"]) == (False, True, None)
    assert row["loads"][0][1] == "500 / 600 people"
