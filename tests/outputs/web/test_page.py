"""The page as a reader meets it: opened from a file, with the network cut.

Every test also fails if the page asks for anything, breaks its own policy, or complains (see `opened_page`).
"""

import subprocess

import numpy as np
import pytest
from district import X0, Y0, at
from opened_page import click_at, colour_at, colours_of, degrees, opened, picture, popup, written

from siting.outputs import palette
from siting.outputs.report.proof import proof


@pytest.fixture(scope="module")
def path(run, tmp_path_factory):
    return written(run, tmp_path_factory.mktemp("page") / "map.html")


@pytest.fixture(scope="module")
def shared(browser, path):
    with opened(browser, path) as page:
        yield page


@pytest.fixture
def page(shared):
    """One opened page for all tests that only look; each begins with the plan, in Chinese, nothing searched."""
    if shared.get_attribute("html", "lang") == "en":
        shared.click("#language")
    shared.fill("#search", "")
    shared.get_by_role("button", name="全图").click()
    shared.click("#tab-plans")
    button = shared.locator(".plan, .choose").first
    if shared.locator("#step").count() == 0:
        button.click()
    set_step(shared, 4)
    return shared


def set_step(page, k):
    page.locator("#step").evaluate(
        "(s, k) => { s.value = k; s.dispatchEvent(new Event('input', {bubbles: true})); }", k
    )


def choose_rule(page, name):
    page.click("#tab-rules")
    page.get_by_role("button", name=name, exact=True).click()


def test_demand_is_drawn_in_its_class_where_it_stands(page, run):
    choose_rule(page, "公共厕所 300 米")
    served = run.audits["toilet.radius-300"].demand["served"]
    # Homes stand at 50, 150, …: (1050, 850) is 100 m from T2, (1350, 50) is 1100 m
    assert served.loc["B0122"]
    assert colour_at(page, *degrees(at(1050, 850))) == palette.SERVED
    assert not served.loc["B0013"]
    assert colour_at(page, *degrees(at(1350, 50))) == palette.UNSERVED


def test_ground_is_drawn_from_the_study(page):
    assert colour_at(page, *degrees(at(480, 720))) == palette.GREEN
    assert colour_at(page, *degrees(at(465, 665))) == palette.BUILDING
    assert palette.WATER in colours_of(picture(page))


def test_a_click_on_a_home_tells_what_is_known_of_it(page, run):
    choose_rule(page, "公共厕所 300 米")
    click_at(page, 1050, 850)
    name, values = popup(page)
    home = run.demand.loc["B0122"]
    assert name == "B0122"
    assert values["人口（人）"] == f"{home['people']:g}"
    assert values["公共厕所 300 米：是否覆盖"] == "已覆盖"
    assert values["公共厕所 300 米：最近设施（米）"] == "100 米"
    assert values["公共厕所 300 米：最近设施编号"] == "T2"
    assert not any("公园" in name for name in values)


def test_a_click_on_a_site_tells_its_gain(page, run):
    first = run.plans["more_toilets"].sites.iloc[0]
    click_at(page, first.geometry.x - X0, first.geometry.y - Y0)
    name, values = popup(page)
    assert name == "新公厕 1"
    assert f"{first['gain_people']:g}" in values.values()


def test_search_by_name_goes_there_with_the_keyboard(page):
    page.focus("#search")
    page.keyboard.type("东风公")
    assert page.get_attribute("#search", "aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#search", "aria-activedescendant") == "hit-0"
    page.keyboard.press("Enter")
    assert popup(page)[0] == "东风公厕"
    west, south, east, north = map(float, page.get_attribute("#map", "data-bounds").split(","))
    lon, lat = degrees(at(200, 300))
    assert (abs((west + east) / 2 - lon), abs((south + north) / 2 - lat)) < (1e-3, 1e-3)


@pytest.mark.parametrize(
    ("text", "name"),
    [("氹仔", "氹仔“北区”"), ("b0100", "B0100"), ("新公厕 2", "新公厕 2"), ("G02", "G02"), ("way/901", "人民公园")],
)
def test_search_finds_zones_demand_sites_gaps_and_ids(page, text, name):
    page.fill("#search", text)
    page.keyboard.press("Enter")
    assert popup(page)[0].startswith(name)


def test_search_says_that_there_is_nothing(page):
    page.fill("#search", "没有这个地方")
    assert page.text_content("#hits") == "没有找到"


def test_the_table_of_rules_says_verdict_and_grade(page, run):
    page.click("#tab-rules")
    rows = page.locator("tr[data-rule]")
    assert rows.count() == 2
    toilet, park = rows.nth(0).text_content(), rows.nth(1).text_content()
    share = run.audits["park.radius.500"].headline("people").share
    assert run.audits["toilet.radius-300"].passes is None
    assert "不作结论" in toilet
    assert "未核实默认值" in toilet
    assert run.audits["park.radius.500"].passes is False
    assert "不达标" in park
    assert f"{100 * share:.1f}%" in park
    assert "目标 ≥ 90%" in park
    assert "1 条规则使用未核实默认值" in page.text_content(".caution")
    assert "社区卫生站标准未给出距离" in page.text_content("#pane .plain")
    # What has no verdict is never in the colour of one.
    met = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--met')")
    assert page.locator(".verdict.open").first.evaluate("e => getComputedStyle(e).color") != met
    assert page.locator(".verdict.met").count() == 0


def test_rules_are_sorted_by_their_share(page):
    page.click("#tab-rules")
    page.click("#sort-share")
    up = page.locator("tr[data-rule]").evaluate_all("rows => rows.map(r => r.dataset.rule)")
    page.click("#sort-share")
    down = page.locator("tr[data-rule]").evaluate_all("rows => rows.map(r => r.dataset.rule)")
    assert up == down[::-1]
    assert page.locator("th[aria-sort=descending]").count() == 1
    page.click("#sort-share")


def test_a_rule_filters_the_map(page, run):
    choose_rule(page, "公园 500 米")
    legend = page.text_content("#legend")
    assert "公园 500 米" in legend
    assert "公共厕所" not in legend
    before = colour_at(page, *degrees(at(1050, 850)))
    choose_rule(page, "公共厕所 300 米")
    assert (before, colour_at(page, *degrees(at(1050, 850)))) == (palette.UNSERVED, palette.SERVED)
    assert "GB 50180-2018 第 4.0.4 条" in page.text_content("tr.detail")
    assert page.locator("tr.detail .gaps li").count() == 2


def test_the_slider_grows_from_today_to_the_plan(page, run):
    plan = run.plans["more_toilets"]
    shown = {}
    for k in range(5):
        set_step(page, k)
        shown[k] = (page.text_content("#growth .big"), colours_of(picture(page)).get(palette.NEWLY_SERVED, 0))
    assert shown[0][0] == f"{plan.people_before:,.0f}"
    assert shown[4][0] == f"{plan.people_after:,.0f}"
    gains = np.cumsum(plan.sites["gain_people"])
    assert [shown[k][0] for k in (1, 2, 3)] == [f"{plan.people_before + gains.iloc[k - 1]:,.0f}" for k in (1, 2, 3)]
    # The list has bars in the same colour, so that only growth is compared.
    pixels = [shown[k][1] for k in range(5)]
    assert pixels == sorted(pixels)
    assert pixels[0] < pixels[4]
    set_step(page, 1)
    assert page.locator("ol.sites li.later").count() == 3
    assert page.text_content(".proof") == proof(plan).zh


def test_a_demand_point_changes_colour_when_its_site_is_built(page, run):
    newly = run.plans["more_toilets"].newly_served[1]
    home = run.demand.geometry.loc[newly[-1]]
    found = []
    for k in (1, 2):
        set_step(page, k)
        found.append(colour_at(page, *degrees(home)))
    assert found == [palette.UNSERVED, palette.NEWLY_SERVED]


def test_the_language_changes_at_once(page):
    page.click("#language")
    assert page.get_attribute("html", "lang") == "en"
    assert page.text_content("#title") == "Dongfeng sample district"
    assert page.text_content("#tab-rules") == "Rules"
    assert "OpenStreetMap contributors" in page.text_content("#foot")
    choose_rule(page, "Public toilet within 300 m")
    click_at(page, 1050, 850)
    assert popup(page)[1]["Public toilet within 300 m: served"] == "served"
    page.click("#language")
    # An open popup goes along.
    assert popup(page)[1]["公共厕所 300 米：是否覆盖"] == "已覆盖"
    assert page.get_attribute("html", "lang") == "zh-CN"


def test_tabs_are_walked_with_the_arrow_keys(page):
    page.focus("#tab-plans")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#tab-themes", "aria-selected") == "true"
    assert page.evaluate("document.activeElement.id") == "tab-themes"
    page.keyboard.press("Home")
    assert page.get_attribute("#tab-rules", "aria-selected") == "true"
    assert "人口按建筑估算" in page.text_content("#pane")


def test_layers_are_switched_and_faded(page):
    page.click("#tab-layers")
    page.locator("summary", has_text="统计分区").click()
    box = page.locator("input#on-zones_district")
    box.uncheck()
    without = colours_of(picture(page)).get(palette.ZONE, 0)
    box.check()
    assert colours_of(picture(page)).get(palette.ZONE, 0) > without
    page.locator("summary", has_text="底图").click()
    green = page.get_by_label("不透明度：绿地")
    green.fill("0")
    assert colour_at(page, *degrees(at(480, 720))) == palette.GROUND
    green.fill("100")
    assert colour_at(page, *degrees(at(480, 720))) == palette.GREEN


def test_sources_licence_and_date_are_always_there(page):
    foot = page.text_content("#foot")
    assert "© OpenStreetMap 贡献者，ODbL 许可" in foot
    assert "2026-02-20" in foot
    assert page.locator("#foot").is_visible()


def test_everything_that_acts_has_a_name_and_enough_contrast(page):
    page.click("#tab-rules")
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, input, select, a[href]')].filter((e) =>
             !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length)).map((e) => e.outerHTML)"""
    )
    assert nameless == []
    low = page.evaluate(CONTRAST)
    assert low == []


CONTRAST = """() => {
  const light = (c) => c.map((v) => v / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const ground = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0.9) return c.slice(0, 3); } return [255, 255, 255]; };
  const speaks = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  return [...document.querySelectorAll('body *')].filter((e) => speaks(e)
    && e.checkVisibility() && !e.closest('script, style, noscript')).map((e) => {
      const [a, b] = [light(rgb(getComputedStyle(e).color).slice(0, 3)), light(ground(e))].sort((x, y) => y - x);
      return [e.className || e.tagName, e.textContent.slice(0, 20), (a + 0.05) / (b + 0.05)];
    }).filter(([, , c]) => c < 4.5);
}"""


def test_print_holds_map_legend_and_sources(page, tmp_path):
    choose_rule(page, "公共厕所 300 米")
    page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    words = subprocess.run(["pdftotext", tmp_path / "page.pdf", "-"], capture_output=True, check=True).stdout.decode()
    for expected in ("东风示范区", "公共厕所 300 米", "条文", "未核实默认值", "ODbL", "2026-02-20", "服务盲区"):
        assert expected in words
    assert "搜索" not in words
    assert words.count("\f") == 1  # one page
    subprocess.run(
        ["pdftoppm", "-r", "60", "-png", "-singlefile", tmp_path / "page.pdf", tmp_path / "page"], check=True
    )
    from PIL import Image

    drawn = colours_of(Image.open(tmp_path / "page.png").convert("RGB"))
    assert drawn.get("#ffffff", 0) < 0.6 * sum(drawn.values())
    assert len(drawn) > 500
    # And the screen is as it was.
    assert page.locator("#panel").is_visible()
    assert colour_at(page, *degrees(at(1050, 850))) == palette.SERVED
