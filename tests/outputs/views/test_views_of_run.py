"""Views: each names rows and columns that are there, and puts every row into exactly one class."""

import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest

from siting.ledger import Text
from siting.outputs.layers import result_layers
from siting.outputs.views import column_texts, views_of
from siting.outputs.views.surroundings import mark_size, rows_of
from siting.themes.result import Scale, ThemeLayer, ThemeResult


@pytest.fixture(scope="module")
def layers(run):
    return result_layers(run)[0]


@pytest.fixture(scope="module")
def views(run, layers):
    return views_of(run, layers)


def test_ids_are_unique_and_stable(run, views):
    assert len({view.id for view in views}) == len(views)
    assert all(re.fullmatch(r"[a-z0-9_]+", view.id) for view in views)
    assert [view.id for view in views_of(run, result_layers(run)[0])] == [view.id for view in views]


def test_groups_stand_in_the_order_of_a_legend(views):
    kinds = list(dict.fromkeys(view.group.kind for view in views))
    assert kinds == ["plan", "rule", "facilities", "zones", "ground"]


def test_every_row_is_in_exactly_one_class(views, layers):
    for view in views:
        rows = rows_of(layers[view.table], view.where)
        assert len(rows) > 0
        if view.kind == "single":
            assert len(view.classes) == 1
            continue
        held = np.zeros(len(rows), dtype=int)
        for one in view.classes:
            values = rows[view.column]
            if one.missing:
                held += values.isna().to_numpy()
            elif view.kind == "categorised":
                held += (values == one.value).fillna(False).to_numpy(dtype=bool)
            else:
                held += ((values > one.low) & (values <= one.high)).to_numpy()
        assert held.tolist() == [1] * len(rows), view.id


def test_labels_and_shapes_are_those_of_the_table(views, layers):
    for view in views:
        frame = layers[view.table]
        assert isinstance(frame, gpd.GeoDataFrame)
        assert view.labels is None or set(view.labels) <= set(frame.columns)
        kinds = {"point": "Point", "line": "LineString", "polygon": "Polygon"}
        assert frame.geom_type.dropna().str.removeprefix("Multi").eq(kinds[view.shape]).all()


def test_one_plan_over_the_ground_is_what_opens(views):
    shown = {view.group.id for view in views if view.visible}
    assert shown == {"plan_more_toilets", "ground"}
    assert all(view.leads for view in views if view.visible)


def test_without_plans_the_first_rule_opens(run):
    bare = replace(run, plans={})
    shown = {v.group.id for v in views_of(bare, result_layers(bare)[0]) if v.visible}
    assert shown == {"rule_toilet_radius_300", "ground"}


def test_areas_that_count_are_shown_as_areas(views):
    by_id = {view.id: view for view in views}
    assert by_id["rule_park_radius_500_areas"].leads
    assert not by_id["rule_park_radius_500_facilities"].leads
    assert by_id["rule_toilet_radius_300_facilities"].leads


def test_facilities_that_do_not_count_are_left_out(run, layers):
    audit = run.audits["toilet.radius-300"]
    fewer = replace(run, audits={audit.name: replace(audit, facilities=audit.facilities.loc[["T1", "T2"]])})
    view = next(v for v in views_of(fewer, layers) if v.id == "rule_toilet_radius_300_facilities")
    assert rows_of(layers["facilities"], view.where)["id"].tolist() == ["T1", "T2"]


def test_a_plan_says_who_is_served_before_newly_and_not(run, layers):
    plan, said = run.plans["more_toilets"], layers["demand"].set_index("id")["plan_more_toilets"]
    assert set(said.index[said == "not"]) == set(plan.unserved_after)
    assert set(said.index[said != "before"]) == set(plan.unserved_before)


def test_flows_end_at_the_site_that_serves(run, layers):
    flows, plan = layers["flows"], run.plans["more_toilets"]
    assert set(flows["site"]) == set(plan.sites.index)
    assert (flows["straight_m"] <= plan.limit_m).all()
    newly = flows[flows["newly"].astype(bool)]
    assert set(newly["demand"]) == set(plan.unserved_before) - set(plan.unserved_after)
    assert newly["people"].sum() == pytest.approx(plan.people_after - plan.people_before)
    ends = flows.geometry.dropna().boundary.explode(index_parts=False).groupby(level=0).last()
    sites = plan.sites.geometry.loc[flows.loc[ends.index, "site"]]
    assert ends.to_numpy().tolist() == sites.to_numpy().tolist()
    assert flows.geometry.isna().sum() == (flows["straight_m"] == 0).sum()


def test_a_plan_of_other_demand_has_no_flows(run):
    plan = run.plans["more_toilets"]
    other = replace(plan, result=replace(plan.result, assignment=plan.result.assignment[:-1]))
    flows = result_layers(replace(run, plans={"more_toilets": other}))[0]["flows"]
    assert list(flows.columns[:4]) == ["id", "plan", "demand", "site"]
    assert len(flows) == 0


def test_every_column_is_explained_in_both_languages(run, layers):
    texts = column_texts(run, layers)
    assert set(texts) == set(layers)
    for table, known in texts.items():
        names = [c for c in layers[table].columns if c != "geometry"]
        assert list(known) == names
        plain = [c for c in names if known[c] == Text(c, c)]
        assert set(plain) <= {"seats"}, table  # the study's own
        assert all(re.search("[\u4e00-\u9fff]", known[c].zh) for c in names if c not in plain)


def test_no_path_and_no_data_are_one_class_of_a_table(run):
    frame = gpd.GeoDataFrame(
        {"far": [1.0, np.inf, np.nan]}, geometry=run.demand.geometry.iloc[:3].to_list(), crs=run.crs
    )
    layer = ThemeLayer(
        name="walks_far", title=Text("远近", "how far"), frame=frame, columns={"far": Text("距离", "distance")},
        show="far", scale=Scale(unit=Text("米", "m"), ramp="more_is_worse", breaks=(5.0,)),
    )  # fmt: skip
    other = replace(layer, name="walks_near")
    themed = replace(
        run, themes={"walks": ThemeResult(theme="walks", title=Text("步行", "Walks"), layers=(layer, other))}
    )
    found = [v for v in views_of(themed, result_layers(themed)[0]) if v.group.kind == "theme"]
    assert [one.missing for one in found[0].classes] == [False, False, True]
    assert found[0].classes[-1].name == Text("无路可达或无数据", "no path or no data")
    assert [view.leads for view in found] == [True, False]


def test_marks_shrink_where_there_are_many():
    sizes = [mark_size(n) for n in (0, 1, 60, 600, 100_000)]
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-1]) == (2.2, 0.8)


def test_a_run_that_found_nothing_has_views_of_its_ground(run):
    nothing = gpd.GeoDataFrame({}, geometry=[], crs=run.crs)
    empty = dict.fromkeys(("gaps", "facilities", "entries", "unsnapped", "demand"), nothing)
    bare = replace(run, audits={}, plans={}, zones={}, service_areas=None, **empty)
    found = views_of(bare, result_layers(bare)[0])
    assert {view.group.kind for view in found} == {"ground"}
