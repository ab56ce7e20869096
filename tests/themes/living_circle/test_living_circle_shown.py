"""Layers, tables, figures and indicators of the theme: they add up, and each explains itself."""

import numpy as np
import pandas as pd
import pytest
from small_district import district, homes

from siting.coverage import CITY_LEVEL, INDICATOR_COLUMNS
from siting.themes.living_circle import audit_living_circle


@pytest.fixture(scope="module")
def found():
    demand = homes(group_elderly=[10.0, 20.0, 3.0, 0.0])
    return audit_living_circle(district(demand=demand))


@pytest.fixture(scope="module")
def themed(found):
    return found.themed()


def test_indicators_of_every_level_add_up_to_the_city(found):
    rows = found.indicators
    assert list(rows.columns) == list(INDICATOR_COLUMNS)
    judged = rows[rows["judged"]]
    sums = judged.groupby(["rule", "distance", "denominator", "zone_level"])[["served", "total"]].sum()
    city = sums.xs(CITY_LEVEL, level="zone_level")
    for level in ("community", "subdistrict"):
        part = sums.xs(level, level="zone_level")
        assert len(part)
        pd.testing.assert_frame_equal(part, city.loc[part.index], check_exact=True)
    wanted = judged[(judged["rule"] == "living_circle.15min.junior_school") & (judged["zone_level"] == CITY_LEVEL)]
    assert wanted.set_index("denominator")["served"].to_dict() == {"people": 200, "units": 4}


def test_nothing_passes_or_fails_on_figures_that_nobody_read(found):
    assert found.indicators["passes"].isna().all()
    rows = found.indicators.set_index("rule")
    # The distance of the tier and the radius were read in secondary texts; the mall was not read at all.
    assert set(rows.loc["living_circle.10min.primary_school", "confidence"]) == {"secondary"}
    assert set(rows.loc["living_circle.10min.mall", "confidence"]) == {"unverified"}
    # No flag required / as needed was read, so the whole is unverified.
    assert set(rows.loc["living_circle.10min.all", "confidence"]) == {"unverified"}
    assert set(found.scorecard["confidence"]) == {"unverified"}


def test_a_class_that_is_not_judged_has_one_row_with_the_reason(found):
    rows = found.indicators[found.indicators["rule"] == "living_circle.10min.market"]
    assert len(rows) == 1
    assert not rows["judged"].iloc[0]
    assert "数据中没有菜市场" in rows["reason"].iloc[0]


def test_minutes_say_who_walks(found):
    row = found.indicators[found.indicators["rule"] == "living_circle.15min.junior_school.elderly"].iloc[0]
    assert (row["distance"], row["limit_min"], row["profile"], row["served"]) == ("time", 15, "elderly", 180)


def test_all_required_classes_are_counted_by_home(found):
    rows = found.indicators.set_index(["rule", "zone_level", "denominator"])
    # 5 minutes: the kindergarten is all there is, and two homes have it. 15 minutes: h4 has school, mall and bus stop.
    assert rows.loc[("living_circle.5min.all", CITY_LEVEL, "people"), "served"] == 150
    assert rows.loc[("living_circle.15min.all", CITY_LEVEL, "people"), "served"] == 20
    card = found.scorecard.set_index(["tier", "measure"])
    assert card.loc[("15min", "distance"), ["all_served", "all_share"]].tolist() == [20, 0.1]


def test_what_is_not_judged_bounds_the_whole_table(found):
    row = found.scorecard.set_index(["tier", "measure"]).loc[("5min", "distance")]
    assert (row["required_judged"], row["required"]) == (1, 10)
    assert row["at_least"] == pytest.approx(0.75 / 10)
    assert row["at_most"] == pytest.approx((0.75 + 9) / 10)


def test_groups_weigh_by_their_own_people(found):
    row = found.scorecard.set_index(["tier", "measure"]).loc[("5min", "distance")]
    assert row["completeness_elderly_group"] == pytest.approx(30 / 33)
    west = found.scorecards["community"].loc["west"]
    assert west["group_elderly"] == 30
    # Of 7 classes h1 has junior school, mall (15) and kindergarten, h2 the primary school, too.
    assert west["completeness_elderly_group"] == pytest.approx((10 * 3 + 20 * 4) / (7 * 30))


def test_equity_of_a_tier(found):
    table = found.fairness.table.set_index(["tier", "scope", "zone"])
    # 5 minutes: 150 of 200 people have it whole, 50 nothing. Gini = share without.
    city = table.loc[("5min", "city", "city")]
    assert (city["gini"], city["mean"], city["worst_people"]) == (pytest.approx(0.25), 0.75, 20)
    assert table.loc[("5min", "community", "east"), "worst_people"] == 20
    assert table.loc[("5min", "community", "west"), "worst_share"] == 0


def test_every_layer_and_table_explains_its_columns(themed):
    assert len({layer.name for layer in themed.layers}) == len(themed.layers)
    assert len({table.name for table in themed.tables}) == len(themed.tables)
    for layer in themed.layers:
        own = {c for c in layer.frame.columns if not c.startswith(("zone_", "geometry", "mark"))}
        assert own <= set(layer.columns), layer.name
        assert layer.frame.crs is not None
        assert layer.title.zh != layer.title.en
    for table in themed.tables:
        assert set(table.frame.columns) <= set(table.columns), table.name


def test_headlines_and_figures(themed):
    assert "十五分钟生活圈：应配设施完备率 70.0%" in themed.headlines[0].zh
    assert "70.0% of required classes in reach (1,000 m on foot; 3/17 judged, unverified)" in themed.headlines[0].en
    assert "over all classes 12.4%–94.7%" in themed.headlines[0].en  # 0.7 of 3 of 17, and 14 more
    assert any("2 个社区中最需补齐：西社区" in text.zh for text in themed.headlines)
    assert any("20 people (10.0%) live in no community centre's 15-minute circle" in t.en for t in themed.headlines)
    assert themed.figures["completeness_10min"] == pytest.approx(1 / 6)
    assert themed.figures["blind"] == 20
    assert themed.figures["gini_5min"] == pytest.approx(0.25)
    assert all(v is None or not (isinstance(v, float) and np.isnan(v)) for v in themed.figures.values())


def test_points_are_classed_by_what_share_of_a_tier_they_have(themed):
    level = themed.layer("living_circle_points_15min").frame["level"]
    # Two of three classes for h1, h2 and h3, all for h4.
    assert level.to_dict() == {"h1": "most", "h2": "most", "h3": "most", "h4": "all"}
    assert themed.layer("living_circle_points_10min").frame["level"].to_dict() == {
        "h1": "few", "h2": "some", "h3": "some", "h4": "some",
    }  # fmt: skip


def test_bands_do_not_overlap_and_hold_everybody_once(found):
    bands = found.bands
    # Nearest centre: h1 100 m, h2 300 m, h3 0 m: all within 5 minutes; h4 in none.
    assert bands["people"].tolist() == [180, 0, 0]
    assert bands.geometry.union_all().area == pytest.approx(bands.area.sum())
    assert found.overlap["people"].sum() + found.blind["people"].sum() <= 200
