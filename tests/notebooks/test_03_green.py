"""Green and parks of the demo district: the figures that its README works out on paper."""

import pytest
from running import answer, execute, shown


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return execute("03_green", tmp_path_factory.mktemp("empty"))


def test_the_answer_is_that_on_paper(notebook):
    said = answer(notebook)
    # 30 houses with 2,600 people have green within 300 m on foot, 80 with 7,500 a park within 500 m; of 31,680.
    for share in (2_600 / 31_680, 7_500 / 31_680):
        assert said.count(f"{share:.1%}") == 2
    assert "条文已读 clause read" in said


def test_official_figures_stand_apart_with_their_verdict_and_grade(notebook):
    words = shown(notebook)
    assert "official: residential land inside the radii" in words
    assert "on foot to an entry" in words
