"""Codes of tables in words."""

import pandas as pd

from siting.ledger import Text
from siting.themes.spelled import spelled, spelled_titles

WORDS = {"hand": Text("人力", "hand carts"), "small": Text("小型车", "small vehicles")}


def test_words_stand_behind_their_codes_and_unknown_codes_stay():
    table = pd.DataFrame({"mode": ["small", "hand", "new"], "n": [1, 2, 3]})
    made = spelled(table, mode=WORDS, none_such=WORDS)
    assert made.columns.tolist() == ["mode", "mode_zh", "mode_en", "n"]
    assert made["mode_zh"].tolist() == ["小型车", "人力", "new"]
    assert made["mode_en"].tolist() == ["small vehicles", "hand carts", "new"]
    assert table.columns.tolist() == ["mode", "n"]
    assert spelled(table[:0], mode=WORDS).columns.tolist() == made.columns.tolist()


def test_their_titles_name_the_language_that_they_are_in():
    assert spelled_titles(mode=Text("方式", "way")) == {
        "mode_zh": Text("方式", "way (Chinese)"),
        "mode_en": Text("方式（英文）", "way"),
    }
