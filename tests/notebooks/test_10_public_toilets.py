"""Public toilets of the demo district: the figures that its README works out on paper, and plans with their proof."""

import pytest
from running import answer, execute, shown


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return execute("10_public_toilets", tmp_path_factory.mktemp("empty"))


def test_the_answer_is_that_on_paper(notebook):
    said = answer(notebook)
    # 3.42 km² ask for eleven toilets, and there are three; 8,320 of 31,680 people have one within 300 m.
    assert "按密度缺 8 座（3/11）" in said
    assert f"{8_320 / 31_680:.1%} of the people" in said
    assert "no fewer can do" in said


def test_each_plan_carries_its_proof(notebook):
    said = answer(notebook)
    assert said.count("optimal") == 2
    assert said.count("gap 0.0%") == 2


def test_clauses_and_how_they_were_read_stand_beside_the_figures(notebook):
    words = shown(notebook)
    for word in ("CJJ 27-2012", "GB 55013-2021", "unverified", "secondary"):
        assert word in words
