"""The curve of coverage: it only rises, ever more slowly, and each point is proved."""

import re

import pytest
from running import answer, execute, shown


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return execute("08_siting_with_proof", tmp_path_factory.mktemp("empty"))


def test_the_curve_rises_and_its_points_are_proved(notebook):
    rows = re.findall(r"(\d+)\s+([\d.]+)\s+([\d.]+)\s+0\.0\s+optimal", shown(notebook))
    served = [float(value) for _, value, _ in rows]
    assert [int(p) for p, _, _ in rows] == list(range(1, 13))
    assert served == sorted(served)
    assert [value for _, value, bound in rows if value != bound] == []


def test_the_answer_says_how_many_are_enough_and_that_it_is_proved(notebook):
    said = answer(notebook)
    assert "已证明最优" in said
    assert "proved best" in said
    fewest = int(re.search(r"nine in ten need (\d+) new ones", said).group(1))
    shares = [float(s) for s in re.findall(r"([\d.]+)%", said.splitlines()[1])]
    # With five, nine in ten are served; the curve's point before is below.
    assert fewest == 5
    assert shares[1] >= 90
