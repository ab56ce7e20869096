"""`[[services]]` of a study, on the demo district; and the rule of a class where `[[locate]]` names none."""

import shutil

import pytest

from siting import Study, run
from siting.errors import InputError
from siting.pipeline.checking import check

TWO = """
[[services]]
name = "five"
title_zh = "五分钟"
title_en = "Five"
tier = "5min"
p = 2
[[services]]
name = "ten minutes"
tier = "10min"
storeys = 4
"""


@pytest.fixture
def study(repository, tmp_path):
    """Write the demo district without its audits and plans, and with other entries."""
    shutil.copytree(repository / "data" / "demo-district", tmp_path / "demo")
    path = tmp_path / "demo" / "study.toml"
    text = path.read_text(encoding="utf-8")
    frame = text[: text.index("[living_circle]")]

    def write(entries: str) -> Study:
        path.write_text(frame + entries, encoding="utf-8")
        return Study.from_toml(path)

    return write


def test_each_entry_is_a_result_of_its_own(study):
    done = run(study(TWO))
    assert list(done.themes) == ["services_five", "services_ten_minutes"]
    five, ten = done.themes.values()
    assert five.title.zh == "五分钟"
    assert five.figures["status"] == ten.figures["status"] == "optimal"
    # No vacant plot has 3,150 m2 for a kindergarten on one storey; a toilet serves the 20 houses around each plot.
    assert five.figures["newly_served"]["kindergarten"] == 0.0
    assert (five.layer("services_served_five").frame["state"] == "now_all").sum() == 20
    # Schools take sites of their own and bus stops no building: of the tier the market is left.
    assert ten.figures["classes"] == ["market"]
    assert ten.figures["buildings"] == 4
    assert all(part.name.startswith("services_") for t in (five, ten) for part in (*t.layers, *t.tables))


def test_one_entry_needs_no_suffix_and_may_stand_at_streets(study):
    done = run(
        study(
            '[[services]]\nname = "care"\nclasses = ["day_care", "health_station"]\np = 2\nfloor_area = 800\n'
            'candidates = { source = "street", spacing_m = 100 }\n'
        )
    )
    found = done.themes["services"]
    assert found.layer("services_sites").frame["count"].tolist() == [2, 2]
    assert any("nobody is taken to have one today: Elderly day-care centre" in f.text.en for f in done.findings)


def test_all_faults_at_once(study):
    entries = """
[[services]]
name = "a"
classes = ["kindergarden"]
p = 1
[[services]]
name = "b"
classes = ["kindergarten"]
p = 1
floor_area = "flor"
level = "comunity"
[[locate]]
name = "c"
theme = "living_circle"
facility = ["bus_stop"]
p = 1
candidates = "vacant"
"""
    with pytest.raises(InputError) as error:
        check(study(entries))
    text = str(error.value)
    assert "did you mean 'kindergarten'" in text
    assert "no column 'flor' in the vacant land" in text
    assert "did you mean 'community'" in text
    assert "locate 'c': bus_stop has several distances in the facility table" in text


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("p = 1", "say what is sited"),
        ('tier = "5min"\nfloor_area = 100\nstoreys = 2', "exclude each other"),
        ('tier = "5min"\nmost = { kindergarten = 1 }', "no meaning without p"),
        ('tier = "5min"\ncandidates = "gaps"', "belongs to one rule"),
        ('tier = "6min"', "tier"),
    ],
)
def test_entries_that_contradict_themselves(study, entry, fault):
    with pytest.raises(InputError, match=fault):
        study(f'[[services]]\nname = "a"\n{entry}\n')


def test_a_single_class_takes_the_rule_of_its_table(study):
    entry = '[[locate]]\nname = "k"\ntheme = "living_circle"\nfacility = ["{}"]\np = 1\ncandidates = "vacant"\n{}'
    plan = run(study(entry.format("kindergarten", ""))).plans["k"]
    assert plan.rule.id == "fac.kindergarten"
    assert plan.limit_m == 300.0
    # A clinic has no radius of its own: the distance of the 15-minute tier, on foot.
    clinic = run(study(entry.format("clinic", ""))).plans["k"]
    assert clinic.rule.id == "lc15.walk"
    assert clinic.limit_m == 1000.0
    assert clinic.distance == "network"
    assert clinic.facility == ("clinic",)
    # A limit of the entry's own stands, as before.
    own = run(study(entry.format("kindergarten", "limit_m = 450\n"))).plans["k"]
    assert own.rule is None
    assert own.limit_m == 450.0
