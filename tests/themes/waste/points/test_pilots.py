"""Estates for a sorting pilot on the drawn street (see waste_town), counted by hand; the choice against every other."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box
from waste_town import ESTATES, FACILITIES, frame, town

from siting.errors import InputError
from siting.study.waste_points_table import WastePointsTable
from siting.themes.waste.points import PilotsAsked, audit_waste_points
from siting.themes.waste.points.pilots import best_estates


def asked(n=2, city=None, **more):
    return audit_waste_points(city or town(), people_per_household=2.0, pilots=PilotsAsked(n=n, **more))


def test_estates_by_households_and_radius():
    found = asked().pilots.estates
    # E2 holds D (400 people), E1 A, B and C (350), E3 F (250); two people a household
    assert found["households"].to_dict() == {"E2": 200.0, "E1": 175.0, "E3": 125.0}
    # within 120 m: D by w2; A and B by w1, C at 121 m is not: 150 of 175; F at 121 m is not
    assert found["share_mandatory"].to_dict() == {"E2": 1.0, "E1": 150 / 175, "E3": 0.0}
    assert found["share_preferred"].to_dict() == {"E2": 1.0, "E1": 50 / 175, "E3": 0.0}  # 70 m: D exactly, and A
    assert found["state"].to_dict() == {"E2": "pilot", "E1": "pilot", "E3": "beyond"}
    assert found["rank"].tolist()[:2] == [1.0, 2.0]
    assert found["zone"].tolist() == ["西社区", "西社区", "东社区"]
    assert found["points"].to_dict() == {"E2": 1, "E1": 1, "E3": 0}
    assert found["points_sorting"].to_dict() == {"E2": 0, "E1": 1, "E3": 0}
    assert found["spacing_m"].isna().all()
    assert found.loc["E1", "households_per_point"] == 175.0
    assert np.isnan(found.loc["E3", "households_per_point"])


def test_conditions_leave_estates_out():
    assert asked(least_share=150 / 175).pilots.chosen.index.tolist() == ["E2", "E1"]
    assert asked(least_share=0.9).pilots.chosen.index.tolist() == ["E2"]
    assert asked(per_zone=1).pilots.chosen.index.tolist() == ["E2"]  # E1 lies in the same community
    assert asked(n=1).pilots.estates["state"].to_dict() == {"E2": "pilot", "E1": "fit", "E3": "beyond"}


def test_spacing_of_points_in_an_estate():
    more = frame([Point(100, 0), Point(130, 0), Point(200, 0)], ["a", "b", "c"], **{"class": ["waste_point"] * 3})
    # nearest other: a-b 30, b-a 30, c-b 70; mean 130 / 3
    found = asked(city=town(more)).pilots.estates
    assert found.loc["E1", "spacing_m"] == pytest.approx(130 / 3)
    assert found.loc["E1", "points"] == 3


def test_a_home_in_two_estates_counts_once_and_is_told():
    both = frame([box(80, -30, 240, 30), box(200, -30, 240, 30)], ["X1", "X2"], name=["甲", "乙"])
    found = asked(city=town(old_estates=both))
    assert found.pilots.estates["households"].to_dict() == {"X1": 175.0, "X2": 0.0}
    assert found.pilots.estates.loc["X2", "state"] == "empty"
    assert [(f.count, f.ids) for f in found.findings if f.code == "waste_pilot_shared"] == [(2, ("B", "C"))]


@pytest.mark.parametrize("city", [town(old_estates=None), town(FACILITIES.iloc[3:])])
def test_what_is_missing_is_said(city):
    found = asked(city=city)
    assert found.pilots is None
    assert "estates for a sorting pilot" in [what.en for what, _ in found.missing]


def test_no_households_no_pilots():
    found = audit_waste_points(town(), pilots=PilotsAsked(n=1))
    assert found.pilots is None
    assert "垃圾分类试点小区" in [what.zh for what, _ in found.missing]


@pytest.mark.parametrize("bad", [{"n": 0}, {"n": 1, "per_zone": 0}, {"n": 1, "least_share": 1.5}, {"level": "x"}])
def test_bad_figures_are_refused(bad):
    with pytest.raises(InputError, match="waste: "):
        asked(**bad)


def test_the_mandatory_radius_decides():
    with pytest.raises(InputError, match=r"waste\.point\.gb55013"):
        audit_waste_points(town(), rules=["waste.point.cjj27"], pilots=PilotsAsked(n=1))


def test_per_zone_needs_zones():
    with pytest.raises(InputError, match="needs zones"):
        asked(city=town(zones={}), per_zone=1)
    assert asked(city=town(zones={})).pilots.estates["zone"].isna().all()


def test_shown_in_both_languages():
    shown = asked().themed()
    assert shown.figures["pilots"]["chosen"] == ["E2", "E1"]
    assert shown.figures["pilots"]["households"] == 375.0
    assert shown.figures["pilots"]["share_mandatory"] == pytest.approx(350 / 375)
    line = next(h for h in shown.headlines if "试点" in h.zh)
    assert "推荐 2 个：乙苑、甲苑；估算住户 375 户" in line.zh
    assert "estimated 375 households" in line.en
    assert "(2 asked" not in line.en
    assert "(3 asked for" in next(h for h in asked(3).themed().headlines if "pilot" in h.en).en
    none = asked(1, town(old_estates=ESTATES.loc[["E3"]])).themed()
    assert any("没有小区符合条件" in h.zh for h in none.headlines)


def test_the_study_says_a_number_or_a_table():
    assert WastePointsTable.model_validate({"pilots": 2}).pilots.n == 2
    assert WastePointsTable.model_validate({"pilots": {"n": 3, "per_zone": 1}}).pilots.per_zone == 1
    assert WastePointsTable().pilots is None
    with pytest.raises(ValueError, match="pilots"):
        WastePointsTable.model_validate({"pilots": 0})


@given(
    st.lists(st.tuples(st.integers(1, 30), st.booleans(), st.sampled_from("abc")), min_size=1, max_size=8),
    st.integers(1, 4),
    st.none() | st.integers(1, 3),
)
def test_no_other_choice_holds_more_households(estates, n, per_zone):
    weight, fits, zone = (list(column) for column in zip(*estates, strict=True))
    chosen = best_estates(np.array(weight, dtype=float), np.array(fits), zone, n, per_zone)

    def allowed(some):
        return all(fits[k] for k in some) and (
            per_zone is None or all(sum(zone[k] == z for k in some) <= per_zone for z in "abc")
        )

    assert allowed(chosen)
    assert len(chosen) <= n
    every = (s for size in range(n + 1) for s in combinations(range(len(weight)), size) if allowed(s))
    assert sum(weight[k] for k in chosen) == max(sum(weight[k] for k in s) for s in every)
