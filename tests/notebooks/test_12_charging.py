"""Charging of the demo district: figures by hand, and plans that are proved."""

import re

import pytest
from running import answer, execute, shown


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return execute("12_charging", tmp_path_factory.mktemp("empty"))


def test_the_lots_and_the_balance_are_those_on_paper(notebook):
    said = answer(notebook)
    # 3 x 90 spaces of new housing and 3 of C2; 31,680 people x 0.1 cars x 0.2 electric x 0.25 a day; 12 chargers x 2.
    assert "4 of 11 judged car parks lack 273 charging spaces" in said
    assert "158.4 wanted a day, 24 given" in said
    # One station: 20 more, of 28.5 around V2.
    assert "One new station makes it 44" in said
    assert "可评判的 11 处停车场中 4 处" in said


def test_more_stations_serve_more_and_every_point_is_proved(notebook):
    rows = re.findall(r"^\s*(\d)\s+([\d.]+)\s+([\d.]+)\s+optimal", shown(notebook), flags=re.MULTILINE)
    served = [float(value) for _, value, _ in rows]
    assert [int(p) for p, _, _ in rows] == [1, 2, 3, 4, 5]
    assert served == sorted(served)
    assert [row for row in rows if row[1] != row[2]] == []
    assert "every point is proved best" in answer(notebook)
    five, free = re.search(r"five ([\d.]+); with as much power as wanted five would make it ([\d.]+)",
                           answer(notebook)).groups()  # fmt: skip
    assert float(five) < float(free)


def test_it_says_why_all_cannot_be_served_and_how_few_sheds_do(notebook):
    every = "".join(o.get("data", {}).get("text/plain", "") for c in notebook.cells for o in c.get("outputs", ()))
    assert "are lacking" in every
    # 160 households x 0.5 bicycles in each of two estates, 40 a shed.
    assert "320 households of old estates need 4 sheds at least (proved)" in answer(notebook)
