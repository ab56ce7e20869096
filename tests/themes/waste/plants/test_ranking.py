"""Ranking by weights: by hand, and every flip of first place found again by trying weights."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from siting.errors import InputError
from siting.ledger import Text
from siting.themes.waste.plants import Criterion, rank_plants
from siting.themes.waste.plants.ranking import flips


def criterion(name, better="less", **scale):
    return Criterion(name=name, title=Text(name, name), better=better, **scale)


#        haul  homes   scores: haul 0..10 km, homes 300..1300 m
#   A      2    400      0.8      0.1
#   B      5   1300      0.5      1.0
#   C      8    800      0.2      0.5
PLOTS = pd.DataFrame({"haul": [2.0, 5, 8], "homes": [400.0, 1300, 800]}, index=["A", "B", "C"])
BOTH = (criterion("haul", worst=10, best=0), criterion("homes", "more", worst=300, best=1300))


def test_scores_by_hand_and_where_first_place_flips():
    found = rank_plants(PLOTS, BOTH, {"haul": 8, "homes": 2})
    assert found.weights == {"haul": 0.8, "homes": 0.2}
    # A 0.64 + 0.02, B 0.40 + 0.20, C 0.16 + 0.10
    assert found.table["score"].to_dict() == {"A": 66.0, "B": 60.0, "C": 26.0}
    assert found.table["rank"].tolist() == [1, 2, 3]
    assert found.table.loc["A", ["adds_haul", "adds_homes"]].tolist() == [64.0, 2.0]
    # A leads B by 0.3 t - 0.9 (1 - t) = 1.2 t - 0.9, which is 0 at t = 0.75
    haul, homes = found.flips.to_dict("records")
    assert haul["lower_to"] == pytest.approx(0.75)
    assert (haul["lower_first"], haul["raise_first"]) == ("B", None)
    assert np.isnan(haul["raise_to"])
    assert homes["raise_to"] == pytest.approx(0.25)
    assert homes["raise_first"] == "B"
    # 20 % less on haul is 0.64, below 0.75: B is first; 20 % more on homes is 0.24, below 0.25: A stays
    moved = found.sensitivity.set_index(["criterion", "change"])
    assert moved["first"].tolist() == ["B", "A", "A", "A"]
    assert moved.loc[("haul", -0.2), "first_stays"] == np.False_


def test_without_a_scale_the_candidates_set_it():
    found = rank_plants(PLOTS, (criterion("haul"),), {"haul": 1})
    assert found.table["score_haul"].to_dict() == {"A": 1.0, "B": 0.5, "C": 0.0}
    assert found.scales["haul"] == (8.0, 2.0)
    assert found.flips["lower_first"].tolist() == [None]


def test_what_is_not_known_has_no_score_and_is_not_first():
    plots = PLOTS.assign(haul=[np.nan, 5, 8])
    found = rank_plants(plots, BOTH, {"haul": 0.8, "homes": 0.2})
    assert found.first == "B"
    assert found.table.index.tolist() == ["B", "C", "A"]
    assert np.isnan(found.table.loc["A", "score"])
    assert found.table.loc["A", "lacks"] == "haul"
    nobody = rank_plants(PLOTS.assign(haul=np.nan), BOTH, {"haul": 0.8, "homes": 0.2})
    assert nobody.first is None


def test_alike_candidates_share_a_rank():
    found = rank_plants(pd.DataFrame({"haul": [3.0, 3.0]}, index=["b", "a"]), (criterion("haul"),), {"haul": 1})
    assert found.table["rank"].tolist() == [1, 1]
    assert found.table["score"].tolist() == [100, 100]
    assert found.first == "a"


def test_pairwise_judgements_give_the_weights():
    found = rank_plants(PLOTS, BOTH, judgements=[[1, 4], ["1/4", 1]])
    assert found.weights == pytest.approx({"haul": 0.8, "homes": 0.2})
    assert found.judged is not None
    assert found.first == "A"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"weights": {"haul": 1}}, "no weight for homes"),
        ({"weights": {"haul": 1, "homes": -1}}, "not 0 or more homes"),
        ({}, "weights or judgements, one of them"),
        ({"criteria": (), "weights": {}}, "expected one or more"),
        ({"criteria": (criterion("noise"),), "weights": {"noise": 1}}, "no column noise"),
        ({"weights": {"haul": 1, "homes": 1}, "change": 1.5}, "change is 1.5"),
    ],
)
def test_bad_weights_are_refused(arguments, message):
    given = {"criteria": BOTH, **arguments}
    with pytest.raises(InputError, match=message):
        rank_plants(PLOTS, given.pop("criteria"), given.pop("weights", None), **given)


def test_scales_that_run_the_wrong_way_are_refused():
    with pytest.raises(InputError, match="less is better, but worst is 0"):
        criterion("haul", worst=0, best=10)
    with pytest.raises(InputError, match="worst and best belong together"):
        criterion("haul", worst=0)


shares = st.lists(st.integers(0, 20), min_size=2, max_size=4)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), weights=shares, n=st.integers(2, 5))
def test_first_place_flips_just_beyond_and_not_before(data, weights, n):
    assume(sum(weights) > 0)
    k = len(weights)
    scores = (
        np.array(data.draw(st.lists(st.lists(st.integers(0, 20), min_size=k, max_size=k), min_size=n, max_size=n))) / 20
    )
    weight = np.array(weights) / sum(weights)
    scores = scores[np.argsort(-(scores @ weight), kind="stable")]
    ids = [f"p{i}" for i in range(n)]

    def leads(j, t):
        rest = weight.copy()
        rest[j] = 0
        rest = np.ones(k) * (np.arange(k) != j) if rest.sum() == 0 else rest
        moved = rest / rest.sum() * (1 - t)
        moved[j] = t
        total = scores @ moved
        return total[0] - total.max()

    for j, row in enumerate(flips(scores, weight, ids, [f"c{i}" for i in range(k)]).to_dict("records")):
        for side, sign, end in (("raise_to", 1, 1.0), ("lower_to", -1, 0.0)):
            at = row[side]
            # With no flip the first stays first all the way; else up to it, and no longer just beyond.
            for t in np.linspace(weight[j], end if np.isnan(at) else at, 5):
                assert leads(j, t) >= -1e-9
            if not np.isnan(at) and 1e-6 < at < 1 - 1e-6:
                assert leads(j, at + sign * 1e-6) < 0
