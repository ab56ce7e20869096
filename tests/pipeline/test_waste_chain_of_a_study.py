"""Plots that fit, as the chain takes them: what their land gives of their class, or its upper end if so chosen."""

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

    def run(more):
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
