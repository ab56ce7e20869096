"""The sentence of the first notebook is that of its run."""

import pytest
from running import FOLDER, answer, execute, read, shown

import siting

MOST_CODE_LINES = 25


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return execute("01_first_steps", tmp_path_factory.mktemp("empty"))


def test_the_sentence_is_that_of_the_run(notebook):
    sample = siting.run(siting.Study.from_toml(siting.sample_study()))
    audit, plan = sample.audits["toilets_on_foot"], sample.plans["toilets_5"]
    people = sample.demand["people"]
    served = people[audit.demand["served"].reindex(people.index)].sum()
    # The new sites by themselves: who lies within the limit of one of them, along the streets.
    walk = siting.nearest(sample.network, sample.demand, plan.sites, cutoff=plan.limit_m)["cost"] <= plan.limit_m
    then = people[audit.demand["served"] | walk].sum()
    sentence = answer(notebook)
    for number in (
        f"{served:,.0f}",
        f"{served / people.sum():.1%}",
        f"{then:,.0f}",
        f"{then / people.sum():.1%}",
        f"{(sample.gaps['rule'] == audit.name).sum()} ",
        f"{plan.limit_m:g} m",
        f"{plan.limit_m:g} 米",
    ):
        assert number in sentence
    assert sentence.count(" people ") == 2
    assert sentence.count(" 人") >= 3


def test_the_run_shows_itself_and_its_progress_ends_as_one_line(notebook):
    words = shown(notebook)
    assert "赫尔辛基市中心" in words
    assert "已证明最优" in words
    assert words.count("完成 done") == 1


def test_the_code_is_short():
    cells = [cell.source for cell in read(FOLDER / "01_first_steps.ipynb").cells if cell.cell_type == "code"]
    lines = [line for source in cells for line in source.splitlines() if line.strip() and not line.startswith("#")]
    assert 0 < len(lines) < MOST_CODE_LINES
