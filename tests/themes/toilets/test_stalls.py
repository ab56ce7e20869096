"""The ratio of stalls toilet by toilet, and the standard's formula, figures by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point
from toilet_city import city, frame, toilets

from siting.errors import InputError, SchemaError
from siting.standards import load_catalogue
from siting.themes.toilets import Columns, Use, audit_toilets, formula_factor, stalls_needed

#                 women  men  urinals  kind      ratio            reaches 3:2?  2:1?
ROWS = {
    "a": (8, 2, 2, "market"),  # 8 : 4 = 2          yes           yes
    "b": (3, 1, 1, "market"),  # 3 : 2 = 1.5        yes           no, one more: 4 : 2
    "c": (3, 2, 1, "street"),  # 3 : 3 = 1          no, two more: 5 : 3 (4.5 rounded up)
    "d": (4, 0, 0, "street"),  # nobody but women
    "e": (5, 2, None, "street"),  # urinals unknown, so the men's side is
    "f": (None, 2, 1, None),
    "g": (0, 0, 0, "street"),  # no stall at all
}


def stall_city():
    places = {name: (100.0 * k, 100.0) for k, name in enumerate(ROWS, 1)}
    women, men, urinals, kind = zip(*ROWS.values(), strict=True)
    return city(toilets(places, female=women, male=men, urinals=urinals, place_type=kind))


def test_ratio_by_kind_of_place():
    found = audit_toilets(stall_city(), crowded=["market"]).stalls
    assert found.toilets["state"].to_dict() == {
        "a": "meets", "b": "below", "c": "below", "d": "meets", "e": "unknown", "f": "unknown", "g": "unknown",
    }  # fmt: skip
    assert found.toilets["ratio"].tolist()[:4] == [2, 1.5, 1, np.inf]
    assert found.toilets["female_short"].tolist()[:4] == [0, 1, 2, 0]
    assert found.toilets["ratio"][["e", "f", "g"]].isna().all()
    rows = found.summary.set_index(["rule", "place_type"])
    figures = ["toilets", "known", "meets", "below", "unknown", "female", "male_side", "female_short"]
    assert rows.loc[("wc.ratio.crowded", "*"), figures].tolist() == [2, 2, 1, 1, 0, 11, 6, 1]
    assert rows.loc[("wc.ratio.general", "street"), figures].tolist() == [4, 2, 1, 1, 2, 7, 3, 2]
    assert rows.loc[("wc.ratio.crowded_seed", "market"), "confidence"] == "clause"


def test_where_the_kind_of_place_is_unknown_the_state_says_what_it_depends_on():
    audit = audit_toilets(stall_city())
    states = audit.stalls.toilets["state"]
    assert states.tolist() == ["meets", "depends", "below", "meets", "unknown", "unknown", "unknown"]
    assert "the ratio by kind of place" in [what.en for what, _ in audit.missing]


def test_without_a_column_of_urinals_the_stalls_of_men_count_as_given():
    found = audit_toilets(city(toilets({"x": (1, 1), "y": (500, 1)}, female=[3, 2], male=[2, 2]))).stalls
    assert not found.urinals_known
    assert found.toilets["ratio"].tolist() == [1.5, 1]


def test_accessible_and_family_stalls_are_counted_and_unknown_is_no_zero():
    rows = city(toilets({"x": (1, 1), "y": (500, 1), "z": (900, 1)}, accessible=[2, 0, None], rooms=[1, 1, 0]))
    found = audit_toilets(rows, columns=Columns(family="rooms")).stalls.special.set_index("stall")
    assert found.loc["accessible"].tolist() == [1, 1, 1, 2]
    assert found.loc["family"].tolist() == [2, 1, 0, 2]
    assert list(found.index) == ["accessible", "family"]


def test_the_formula_beside_the_stalls_there_are():
    places = {"x": (1, 1), "y": (500, 1), "z": (900, 1), "u": (1300, 1)}
    data = {"female": [9, 4, 3, None], "male": [6, 6, 2, 1], "women": [100, 200, None, 60], "men": [100, 100, 50, 30]}
    found = audit_toilets(city(toilets(places, **data))).stalls.toilets
    # x: R = 1.5, 9 : 6 reaches it, nine of fifteen. y: R = 3, of ten stalls eight (7.5 rounded up) are women's.
    assert found.loc[["x", "y", "u"], "formula_ratio"].tolist() == [1.5, 3, 3]
    assert found.loc[["x", "y"], "formula_female"].tolist() == [9, 8]
    assert found["formula_state"].to_dict() == {"x": "meets", "y": "below", "z": None, "u": "unknown"}


@pytest.mark.parametrize(
    ("women", "men", "per", "female", "male", "ratio"),
    [
        (300, 300, 30, 15, 10, 1.5),  # 300 / 30 = 10 for men, 1.5 × 10
        (100, 100, 30, 6, 4, 1.5),  # 3.3 → 4 for men, 1.5 × 4
        (400, 200, 40, 15, 5, 3),
        (0, 100, 50, 0, 2, 0),
        (100, 0, 30, 5, 0, np.inf),  # 1.5 × 100 / 30
        (0, 0, 30, 0, 0, np.inf),
    ],
)
def test_stalls_needed_by_hand(women, men, per, female, male, ratio):
    factor = formula_factor(load_catalogue()["wc.ratio.formula"])
    need = stalls_needed(women, men, users_per_stall=per, factor=factor)
    assert (need.female, need.male, need.ratio) == (female, male, ratio)


@given(w=st.integers(0, 500), m=st.integers(1, 500), per=st.integers(1, 60), more=st.integers(0, 100))
def test_stalls_keep_the_ratio_and_never_fall_with_users(w, m, per, more):
    need = stalls_needed(w, m, users_per_stall=per, factor=1.5)
    assert need.male * per >= m > (need.male - 1) * per
    assert 2 * m * need.female >= 3 * w * need.male  # f / male >= 1.5 w / m
    assert need.female * per >= 1.5 * w
    assert stalls_needed(w + more, m, users_per_stall=per, factor=1.5).female >= need.female


def test_faults_of_the_formula():
    with pytest.raises(InputError, match="-1 women"):
        stalls_needed(-1, 3, users_per_stall=30, factor=1.5)
    with pytest.raises(InputError, match="users_per_stall 0"):
        stalls_needed(1, 3, users_per_stall=0, factor=1.5)
    with pytest.raises(SchemaError, match="holds no formula"):
        formula_factor(load_catalogue()["wc.ratio.general"])


def test_stalls_that_busy_places_need():
    places = frame(
        [Point(0, 0), Point(9, 0), Point(99, 0)], ["counted", "crowd", "unknown"],
        women=[300, None, None], men=[300, 50, None], footfall=[None, 2000, None],
    )  # fmt: skip
    use = Use(users_per_stall=30, women_share=0.5, use_share=0.1)
    audit = audit_toilets(city(), busy=places, use=use)
    rows = audit.needed.set_index("place")
    assert list(rows.index) == ["counted", "crowd"]
    # 300 men take ten stalls, and 300 women half as many again.
    assert rows.loc["counted", ["estimated", "female", "male", "ratio"]].tolist() == [False, 15, 10, 1.5]
    # 2,000 × 0.1 are 200 users, 100 of each: four (3.3 rounded up), and 1.5 times as many.
    assert rows.loc["crowd", ["estimated", "women", "men", "female", "male"]].tolist() == [True, 100, 100, 6, 4]
    assert set(rows["confidence"]) == {"unverified"}
    shown = audit.themed().table("toilets_stalls_needed")
    assert "unverified default" in shown.note.en
    assert audit_toilets(city(), busy=places, use=Use(users_per_stall=30)).needed["place"].tolist() == ["counted"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"users_per_stall": 0}, "users_per_stall is 0"),
        ({"users_per_stall": 30, "women_share": 1.5, "use_share": 0.1}, "women_share is 1.5"),
        ({"users_per_stall": 30, "women_share": 0.5}, "go together"),
    ],
)
def test_faults_of_assumptions(wrong, said):
    with pytest.raises(InputError, match=said):
        Use(**wrong)


def test_clauses_about_one_class_of_toilets():
    places = {name: (100.0 * k, 0) for k, name in enumerate("abcd")}
    rows = toilets(places, female=[3, 2, 2, 9], male=[2, 2, 2, 1], grade=["二类", "Ⅱ类", "class 3", "特级"])
    summary = audit_toilets(city(rows)).stalls.summary.set_index("rule")
    # Of class 2, 3 : 2 reaches the lower end of 1.5 to 2 and 2 : 2 lacks one; of class 3, 2 : 2 reaches 1.
    figures = ["toilets", "meets", "below", "female_short"]
    assert summary.loc["wc.ratio.class2_tj", figures].tolist() == [2, 1, 1, 1]
    assert summary.loc["wc.ratio.class3_tj", figures].tolist() == [1, 1, 0, 0]
