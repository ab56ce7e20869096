"""Waste: radii counted anew, plans that are proved, and policy figures of the catalogue on invented geography."""

import re

import numpy as np
import pytest
from running import FOLDER, answer, execute, read, shown

import siting


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return execute("13_waste", tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="module")
def said(notebook):
    return answer(notebook)


def number(pattern, text):
    return float(re.search(pattern, text).group(1).replace(",", ""))


def cell_of(notebook, name):
    return next(c for c in notebook.cells if c.id == name)


def table(notebook, name):
    return "".join(o["data"]["text/plain"] for o in cell_of(notebook, name).outputs if "data" in o)


def test_what_arises_and_who_is_near_a_point_are_those_counted_from_the_files(said):
    data = siting.sample_study("demo-district").parent
    homes, points = (siting.read_layer(data / f"{name}.geojson").frame for name in ("buildings", "waste_points"))
    band = siting.load_catalogue()["waste.percap"].threshold
    people = homes["people"].sum()
    assert f"{people * np.mean(band) / 1000:.1f} t of waste a day" in said
    assert f"{people * min(band) / 1000:.1f} to {people * max(band) / 1000:.1f}" in said
    xy, at = (layer.representative_point().get_coordinates().to_numpy() for layer in (homes, points))
    away = np.hypot(*(xy[:, None] - at[None]).transpose(2, 0, 1)).min(axis=1)
    share = homes["people"][away <= siting.load_catalogue()["waste.point.gb55013"].threshold].sum() / people
    assert f"from {share:.1%} to 100.0%" in said


def test_every_coefficient_of_the_formula_has_its_clause_and_how_well_it_was_read(notebook):
    rows = table(notebook, "coefficients")
    for rule in ("waste.percap", "waste.coef.A1", "waste.coef.A2"):
        assert rule in rows
    assert "unverified default" in shown(notebook)
    assert "A.0.1" in shown(notebook)


def test_the_chain_is_proved_and_refusing_or_losing_a_station_never_saves(notebook, said):
    assert "each of these plans is proved best" in said
    assert number(r"refusing V\d costs ([\d,]+) more", said) >= 0
    assert number(r"losing V\d-V ([\d,]+);", said) > number(r"refusing V\d costs ([\d,]+) more", said)
    years = table(notebook, "years-plan")
    assert re.findall(r"^\d\s+(20\d\d) ", years, re.M) == ["2025", "2030", "2035"]
    values = re.findall(r"^\d\s+(?:NaN|0\.0)\s+(\d+)\s+([\d.]+)\s+([\d.]+) *$", years, re.M)
    assert len(values) == 3
    assert [int(n) for n, *_ in values] == sorted(int(n) for n, *_ in values)
    assert [cost for _, cost, _ in values] == [bound for *_, bound in values]


def test_policy_figures_are_those_of_the_catalogue_and_none_is_typed(notebook, said):
    catalogue = siting.load_catalogue()
    capacity = catalogue["waste.tj.capacity"].threshold
    assert f"with the {capacity:,.0f} t/d of the policy" in said
    assert f"(policy: {catalogue['waste.tj.harmless'].threshold:.0%})" in said
    source = "\n".join(c.source for c in read(FOLDER / "13_waste.ipynb").cells if c.cell_type == "code")
    assert not re.search(r"\b2_?550\b|0\.95\b", source)
    assert re.search(r"harmlessly goes from \d+% to 100%", said)


def test_districts_add_up_to_the_city_and_the_new_capacity_to_the_policy(notebook):
    html = next(o["data"]["text/html"] for o in cell_of(notebook, "district-balance").outputs)
    rows = [re.findall(r"<td>([^<]*)</td>", row) for row in html.split("<tr>")[1:]]
    rows = [[float(value) for value in row[:5]] for row in rows if row]
    assert len(rows) == 17
    to_treat, stands, new, before, after = rows[-1]
    assert new == siting.load_catalogue()["waste.tj.capacity"].threshold
    assert (before, after) == pytest.approx((stands - to_treat, stands + new - to_treat), abs=1.5)
    assert np.sum(rows[:-1], axis=0) == pytest.approx(rows[-1], abs=8.5)


def test_new_plants_shorten_the_haul(said):
    assert number(r"tonne-kilometres change by (-?\d+)%", said) < 0
    assert number(r"cost of transport by (-?\d+)%", said) < 0


def test_without_room_it_says_what_is_lacking(notebook):
    assert "no room in the plants" in table(notebook, "refused")


def test_invented_geography_is_marked_in_both_languages_on_every_table_and_map(notebook):
    at = [c.id for c in notebook.cells].index("targets")
    tables = [o["data"]["text/html"] for c in notebook.cells[at:] for o in c.get("outputs", ())
              if "text/html" in o.get("data", {})]  # fmt: skip
    assert len(tables) >= 8
    assert [t for t in tables if "合成地理" not in t or "synthetic" not in t] == []
    source = "\n".join(c.source for c in notebook.cells[at:] if c.cell_type == "code")
    assert "siting.plot.layer(" not in source  # all maps are drawn by the function that marks them
    assert "合成地理" in answer(notebook)
    assert "synthetic geography" in answer(notebook)
