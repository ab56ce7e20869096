"""Files of one's own: GBK text comes through, and the figures are those of the same district on paper."""

import pytest
from running import answer, execute, shown


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return execute("05_your_own_city", tmp_path_factory.mktemp("empty"))


def test_chinese_text_in_gbk_comes_through_and_the_figure_is_that_on_paper(notebook):
    said = answer(notebook)
    assert said.count(f"{7_650 / 31_680:.1%}") == 2
    assert "中一菜市场" in said
    assert "南一社区" in said
    assert "unverified default" in said


def test_every_row_is_accounted_for(notebook):
    words = shown(notebook)
    for file in ("住宅.shp", "道路.shp", "菜市场.csv", "社区.gpkg"):
        assert file in words
