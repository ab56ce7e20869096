"""Several models side by side: each is best in what it asks for, alternatives lose little, both curves are whole."""

import re

import pytest
from running import answer, execute, images, shown


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return execute("09_models_and_proofs", tmp_path_factory.mktemp("empty"))


def compared(notebook):
    """Return the columns of the table that compares models, by name of the model."""
    names = ("mclp", "p_median", "p_center", "capacitated", "gradual_cover", "lscp")
    number = r"\s+([\d.]+)"
    rows = {name: re.search(rf"\b{name}{number * 5}\s+(\w+)", shown(notebook)) for name in names}
    return {name: [float(v) for v in row.groups()[:5]] for name, row in rows.items()}


def test_each_model_is_best_in_what_it_asks_for(notebook):
    rows = compared(notebook)
    five = {name: row for name, row in rows.items() if row[0] == 5}
    assert set(five) == {"mclp", "p_median", "p_center", "capacitated", "gradual_cover"}
    assert max(five, key=lambda name: five[name][1]) == "mclp"
    assert min(five, key=lambda name: five[name][2]) == "p_median"
    assert five["p_center"][3] == min(row[3] for row in five.values())
    assert rows["lscp"][1] >= five["mclp"][1]


def test_an_impossible_question_is_answered_in_words(notebook):
    assert "3 of 115 demand rows are reached by no site" in answer(notebook)


def test_the_answer_names_figures_in_both_languages(notebook):
    said = answer(notebook)
    assert re.search(r"只差 [0-4]\.\d%", said)
    assert re.search(r"Nine in ten need \d+ places", said)
    assert len(images(notebook)) >= 5
