"""Plots that fit, as the chain takes them: what their land gives of their class, or its upper end if so chosen."""

import csv
import json
import re
import shutil

import pytest

import siting
from siting.themes.waste.stations.held import in_short


@pytest.fixture(scope="module")
def chain(repository, tmp_path_factory):
    """Run the chain of the demo district with some more lines."""
    folder = tmp_path_factory.mktemp("district")
    shutil.copytree(repository / "data" / "demo-district", folder, dirs_exist_ok=True)
    blocks = re.split(r"\n(?=\[)", (folder / "study.toml").read_text("utf-8"))
    wanted = ("[study", "[streets", "[demand", "[facilities", "[land", "[waste]", "[[waste.s", "[waste.st", "[waste.c")
    text = "\n".join(b for b in blocks if b.startswith(wanted))

    def run(more, **dates):
        plants = json.loads((repository / "data" / "demo-district" / "waste_plants.geojson").read_text("utf-8"))
        for feature in plants["features"]:
            feature["properties"] |= dates.get(feature["properties"]["streams"], {})
        (folder / "waste_plants.geojson").write_text(json.dumps(plants), encoding="utf-8")
        head = "[waste.chain] "
        assert text.count(head) == 1
        (folder / "study.toml").write_text(text.replace(head, f"[waste.chain]\n{more}\n#"), encoding="utf-8")
        return siting.run(siting.Study.from_toml(folder / "study.toml")).themes["waste_chain"]

    return run


def test_new_stations_take_what_their_land_gives(chain):
    """P1: 60 m less 2 x 5 m, 50 x 50 = 2,500 m2: IV 100 t/d; P2: 69 x 69 = 4,761 m2: III 150 + 761 / 6,000 x 300."""
    shown = chain("")
    stations = shown.layer("waste_chain_stations").frame
    assert stations.loc["P1-V", "capacity_t_day"] == 50
    (said,) = (f for f in shown.findings if f.code == "station_by_land")
    assert set(said.ids) == {"P1-IV", "P2-III"}
    assert in_short(said) in shown.headlines


def test_the_upper_end_of_the_class_is_an_explicit_choice(chain):
    required = 'required = ["P1-IV"]\n'
    by_land, by_class = chain(required), chain(required + 'capacity = "class"\n')
    held = [
        t.table("waste_chain_stations").frame.set_index("id").loc["P1-IV", "capacity_t_day"]
        for t in (by_land, by_class)
    ]
    assert held == [100, 150]
    assert any(line.en.endswith("too much for the land of 2 versions") for line in by_class.headlines)
    assert any("in 2 of 6 versions" in f.text.en for f in by_class.findings)


@pytest.fixture
def tonnes(repository):
    with (repository / "data" / "demo-district" / "expected_themes.csv").open(encoding="utf-8") as file:
        return {
            row["figure"]: float(row["value"]) for row in csv.DictReader(file) if row["theme"] == "waste_generation"
        }


def test_a_plant_that_opens_in_july_has_no_load_in_june(chain, tonnes):
    """The plant of kitchen waste opens in July: in June that has no room; the year has it in a part only."""
    kitchen, other = tonnes["kitchen_t_day"], tonnes["other_t_day"]
    months = 'years = { 2026-06 = 1.0, 2026-07 = 1.0 }\nat = "2026-06"\n'
    shown = chain(months, kitchen={"opens": "2026-07"})
    table = shown.table("waste_chain_years").frame.set_index("period")
    assert table["short_t_day"].tolist() == pytest.approx([kitchen, 0], abs=0.002)
    assert table["carried_t_day"].tolist() == pytest.approx([other, kitchen + other], abs=0.002)
    moved = shown.table("waste_chain_years_reassigned").frame
    assert moved["stream"].tolist() == ["kitchen"]
    assert moved["from_plant"].tolist() == [""]
    assert moved["t_day"].tolist() == pytest.approx([kitchen], abs=0.002)
    assert any("no room or no way: 1 (t/d: 2026-06 18.8)" in line.en for line in shown.headlines)
    # The plan of June itself cannot be: no plant takes kitchen waste then, and that is said.
    ((_, why),) = shown.missing
    assert "Kitchen" in why.en or "kitchen" in why.en
    july = chain('at = "2026-07"\n', kitchen={"opens": "2026-07"})
    assert july.figures["cost_day"] == pytest.approx(3206.69172)


def test_dates_without_a_time_of_the_plan_are_said_to_be_unused(chain):
    shown = chain("", other={"closes": "2020"})
    assert any("the plan is for no time (at)" in line.en for line in shown.headlines)
    assert shown.figures["cost_day"] == pytest.approx(3206.69172)
