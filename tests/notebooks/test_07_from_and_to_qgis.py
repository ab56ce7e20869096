"""A layer drawn in QGIS comes in, the results go out with styles."""

import re

import pytest
from running import answer, execute, shown


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return execute("07_from_and_to_qgis", tmp_path_factory.mktemp("empty"))


def test_the_results_carry_styles(notebook):
    assert int(re.search(r"carry (\d+) styles", answer(notebook)).group(1)) >= 5


def test_plots_keep_their_chinese_labels_and_the_people_are_those_on_paper(notebook):
    said = answer(notebook)
    assert re.search(r"选了[甲乙丙丁]、[甲乙丙丁]", said)
    assert said.count("7,650") == 2
    assert "已证明最优" in shown(notebook)
