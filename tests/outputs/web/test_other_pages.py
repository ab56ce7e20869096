"""Pages of other runs: hostile names, 50,000 shapes, a narrow screen, nothing at all."""

import json
import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely
from district import CRS, X0, Y0, at
from opened_page import click_at, colours_of, degrees, opened, picture, place, popup, written

from siting.ledger import Text
from siting.locate.plans.unanswered import NoPlan
from siting.outputs import palette
from siting.outputs.views import Group, View, ViewClass

HOSTILE = '<script>window.hacked = 1</script><img src=x onerror="window.hacked=2">{{script}}'


def test_a_home_without_any_way_is_said_to_have_none(browser, run, tmp_path):
    audit = run.audits["toilet.radius-300"]
    cut = audit.demand.copy()
    cut.loc["B0122", ["cost", "served", "facility"]] = [np.inf, False, None]
    cut["served"] = cut["served"].astype(bool)
    changed = replace(run, audits={audit.name: replace(audit, demand=cut)}, plans={})
    with opened(browser, written(changed, tmp_path / "map.html")) as page:
        click_at(page, 1050, 850)
        _, values = popup(page)
        assert values["公共厕所 300 米：最近设施（米）"] == "无路可达或超出搜索范围"
        assert values["公共厕所 300 米：最近设施编号"] == "—"


def test_hostile_names_are_only_text(browser, run, tmp_path):
    facilities = run.facilities.copy()
    facilities.loc["T1", "name"] = HOSTILE
    zones = {"district": run.zones["district"].assign(name=[HOSTILE, "</script><h1>x</h1>"])}
    hostile = replace(
        run, facilities=facilities, zones=zones, title=Text(HOSTILE, HOSTILE), attribution=(Text(HOSTILE, HOSTILE),)
    )
    with opened(browser, written(hostile, tmp_path / "map.html")) as page:
        assert page.text_content("h1") == HOSTILE
        assert page.title() == HOSTILE
        page.fill("#search", "<script>")
        assert page.locator("#hits li").first.text_content().startswith(HOSTILE)
        page.keyboard.press("Enter")
        assert popup(page)[0] == HOSTILE
        for tab in ("rules", "themes", "layers"):
            page.click(f"#tab-{tab}")
        assert page.evaluate("window.hacked") is None
        assert page.locator("img").count() == 0


def test_fifty_thousand_polygons_are_drawn(browser, run, tmp_path):
    side, step = 224, 6.0  # 50,176 squares of 5 m, a metre apart
    i, j = np.meshgrid(np.arange(side), np.arange(side))
    x, y = X0 + step * i.ravel(), Y0 + step * j.ravel()
    many = gpd.GeoDataFrame(
        {"id": [f"P{k}" for k in range(side * side)], "kind": np.where(x < X0 + 700, "west", "east")},
        geometry=shapely.box(x, y, x + 5, y + 5),
        crs=CRS,
    )
    group = Group(id="theme_many", title=Text("地块", "Plots"), kind="theme")
    classes = (
        ViewClass(name=Text("西", "west"), colour="#aa0011", value="west"),
        ViewClass(name=Text("东", "east"), colour="#0011aa", value="east"),
    )
    view = View(
        id="many", group=group, title=Text("全部地块", "All plots"), table="many", shape="polygon", kind="categorised",
        column="kind", classes=classes, visible=True, leads=True,
    )  # fmt: skip
    alone = replace(run, plans={}, audits={})
    with opened(browser, written(alone, tmp_path / "map.html", {"many": many}, [view])) as page:
        page.get_by_role("button", name="地块").or_(page.locator("#tab-layers")).first.click()
        image = picture(page)
        west, east = place(page, *degrees(at(350, 700))), place(page, *degrees(at(1050, 700)))
        for (px, py), stronger in ((west, 0), (east, 2)):
            r, g, b = np.asarray(image.crop((px - 40, py - 40, px + 40, py + 40))).reshape(-1, 3).mean(axis=0)
            assert (r, g, b)[stronger] > (r, g, b)[2 - stronger] + 60
        page.mouse.click(*place(page, *degrees(at(1004.5, 902.5))))
        row = 150 * side + 167
        assert popup(page)[1]["编号"] == f"P{row}"


def test_a_plan_that_nobody_can_make_is_said(browser, run, tmp_path):
    none = NoPlan(
        name="all",
        title=Text("全部", "All"),
        model="lscp",
        rule=None,
        status="infeasible",
        reason="all: 3 homes are cut off",
    )
    changed = replace(run, plans={}, infeasible={"all": none})
    with opened(browser, written(changed, tmp_path / "map.html")) as page:
        page.click("#tab-plans")
        assert "3 homes are cut off" in page.text_content("#pane .caution")


def test_a_narrow_screen_holds_everything(browser, run, tmp_path):
    narrow = written(run, tmp_path / "map.html")
    with opened(browser, narrow, width=400, height=800) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == 400
        assert page.locator("#map").bounding_box()["width"] == 400
        assert palette.SERVED in colours_of(picture(page))
        page.click("#tab-rules")
        assert page.locator("table.rules").bounding_box()["width"] <= 400
        page.click("#legend .fold")
        assert page.locator("#classes").is_visible()
        assert page.locator("#foot").is_visible()


def test_a_study_with_nothing_still_opens(browser, run, tmp_path):
    nothing = gpd.GeoDataFrame(geometry=[], crs=CRS)
    empty = replace(
        run,
        audits={},
        plans={},
        gaps=nothing,
        facilities=nothing,
        entries=nothing,
        zones={},
        service_areas=None,
        lang="en",
    )
    with opened(browser, written(empty, tmp_path / "map.html")) as page:
        for tab, said in (("rules", "judges no rule"), ("plans", "no siting plan"), ("themes", "no themes")):
            page.click(f"#tab-{tab}")
            assert said in page.text_content("#pane")
        assert json.dumps(sorted(colours_of(picture(page))))
        assert re.match(r"en", page.get_attribute("html", "lang"))
