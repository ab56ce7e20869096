"""A study with `[toilets.spacing]`: its theme stands in the run, with every word of the table heard."""

import shutil
from pathlib import Path

import pytest

import siting
from siting.errors import InputError

DEMO = Path(__file__).parents[2] / "data" / "demo-district"


def study(folder, table):
    for file in DEMO.iterdir():
        shutil.copy(file, folder)
    file = folder / "study.toml"
    text = file.read_text(encoding="utf-8")
    text = (
        text[: text.index("[living_circle]")] + '[[audit]]\nrule = "wc.radius.mandatory"\n[toilets.spacing]\n' + table
    )
    file.write_text(text, encoding="utf-8")
    return siting.Study.from_toml(file)


def test_a_study_walks_its_streets(tmp_path):
    run = siting.run(study(tmp_path, 'by_highway = { residential = "living" }\nwithin_m = 20\n'))
    theme = run.themes["toilet_spacing"]
    # 37.8 km of residential streets; the bridge of 100 m is tertiary and of no type.
    assert theme.figures["types"]["living"]["street_m"] == 37_800
    assert theme.figures["types"]["traffic"]["street_m"] == 0
    assert theme.figures["toilets"] == 3
    assert theme.figures["toilets_on_no_typed_street"] == 0
    # A toilet in the middle of an edge of 200 m: 100 m to either junction, and from each three streets of 200 m are
    # within 300 m of it: 2 x (100 + 600) = 1400 m. Coordinates of the table are given to a centimetre.
    far = theme.figures["types"]["living"]["too_long_m"]
    assert far == pytest.approx(37_800 - 3 * 1_400, abs=0.1)
    assert "within 20 m of the centre line" in theme.layer("toilet_spacing").note.en


@pytest.mark.parametrize(
    ("table", "word"),
    [
        ('types = "kind"\nby_highway = { residential = "living" }\n', "keep one of them"),
        ("within_m = -1\n", "within_m"),
        ('by_highways = { a = "living" }\n', "by_highway"),
    ],
)
def test_refusals(tmp_path, table, word):
    with pytest.raises(InputError, match=word):
        study(tmp_path, table)
