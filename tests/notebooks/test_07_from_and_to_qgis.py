"""A layer drawn in QGIS comes in, a project goes out that names its layers by relative paths."""

import re

import pytest
from running import answer, execute, shown


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return execute("07_from_and_to_qgis", tmp_path_factory.mktemp("empty"))


def test_the_project_has_layers_by_relative_paths_layouts_and_styles(notebook):
    counts = r"has (\d+) layers \((\d+) by absolute path\), (\d+) print layouts and (\d+) styles"
    layers, absolute, layouts, styles = map(int, re.search(counts, answer(notebook)).groups())
    assert layers >= 5
    assert absolute == 0
    assert layouts >= 1
    assert styles >= 5


def test_plots_keep_their_chinese_labels_and_the_people_are_those_on_paper(notebook):
    said = answer(notebook)
    assert re.search(r"选了[甲乙丙丁]、[甲乙丙丁]", said)
    assert said.count("7,650") == 2
    assert "已证明最优" in shown(notebook)
