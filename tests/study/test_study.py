"""A study file is read once, and every fault of it is said at once."""

from pathlib import Path

import pytest

from siting.errors import FileFormatError, SchemaError
from siting.study import Study

GOOD = """
[study]
name = "t"
[streets]
source = "s.gpkg"
[demand]
source = "${FOLDER}/d.gpkg"
population = "people"
[[audit]]
rule = "park.500park"
[[locate]]
name = "parks"
rule = "park.500park"
p = 2
"""


def write(folder: Path, text: str) -> Path:
    for name in ("s.gpkg", "d.gpkg"):
        (folder / name).touch()
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, text: str) -> str:
    with pytest.raises(SchemaError) as caught:
        Study.from_toml(write(folder, text), {"FOLDER": str(folder)})
    return str(caught.value)


def test_a_good_file_is_typed_with_defaults(tmp_path):
    study = Study.from_toml(write(tmp_path, GOOD), {"FOLDER": str(tmp_path)})
    assert study.settings.study.max_snap_m == 500.0
    assert study.settings.streets is not None
    assert study.settings.streets.modes == ["walk"]
    assert study.settings.audit[0].label == "park.500park"
    assert study.resolve(study.settings.demand.source) == tmp_path / "d.gpkg"


def test_every_fault_is_reported_at_once_with_the_nearest_word(tmp_path):
    text = (
        GOOD.replace("[streets]", "max_snap = 3\n[streets]")
        .replace('"park.500park"\np', '"park.500parc"\npp')
        .replace("population", "popluation")
    )
    message = faults(tmp_path, text)
    assert "study.max_snap: unknown setting 'max_snap'; did you mean 'max_snap_m'?" in message
    assert "demand.popluation: unknown setting 'popluation'; did you mean 'population'?" in message
    assert "locate[1].pp: unknown setting 'pp'; did you mean 'p'?" in message
    assert message.startswith(f"{tmp_path / 'study.toml'}: ")


def test_faults_across_tables_are_reported_at_once(tmp_path):
    text = GOOD.replace("s.gpkg", "missing.gpkg").replace('[[audit]]\nrule = "park.500park"', "")
    text += '[[audit]]\nrule = "park.500parc"\n[[audit]]\nrule = "park.500parc"\n'
    text += '[[locate]]\nname = "parks"\nfacility = ["public_toilett"]\nlimit_m = 300\np = 1\n'
    message = faults(tmp_path, text)
    assert "streets.source: file not found" in message
    assert "audit[1].rule: no rule 'park.500parc'; did you mean 'park.500park'?" in message
    assert "audit: the name 'park.500parc' is used 2 times" in message
    assert "locate: the name 'parks' is used 2 times" in message
    assert "locate[2].facility: no facility class 'public_toilett'; did you mean 'public_toilet'?" in message


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("p = 2", "p = 0"), "locate[1].p: input should be greater than 0 (found 0)"),
        (("p = 2", "p = 2.5"), "locate[1].p"),
        (("p = 2", ""), "needs one of p (number of new sites), budget, target (share of people): none is given"),
        (("p = 2", "p = 2\nbudget = 10"), "p and budget exclude each other"),
        (("p = 2", "budget = 10"), 'cost = "area_ha"'),
        (("p = 2", 'p = 2\ncost = "price"'), "budget and cost go together"),
        (("p = 2", 'model = "lscp"\nbudget = 10\ncost = "area_ha"'), "leave budget out"),
        (("p = 2", 'p = 1\nrequired = ["a", "b"]'), "2 required sites, but p = 1"),
        (("p = 2", 'p = 1\nrequired = ["a"]\nexcluded = ["a"]'), "required and excluded at once: a"),
        (("p = 2", 'p = 1\nmodel = "mclpp"'), "did you mean 'mclp'?"),
        (('name = "t"', ""), "study.name: is required"),
        (("${FOLDER}", "${NOWHERE}"), "environment variable NOWHERE is not set"),
        (("s.gpkg", "https://example.org/s.gpkg"), "is not a local file"),
        (("s.gpkg", "/vsicurl/s.gpkg"), "is not a local file"),
        (('"${FOLDER}/d.gpkg"', '"estimate"'), "needs total"),
        (('"s.gpkg"', '"osm"'), "[facilities] has no osm"),
    ],
)
def test_a_fault_names_its_key_and_the_next_step(tmp_path, change, expected):
    assert change[0] in GOOD
    assert expected in faults(tmp_path, GOOD.replace(*change))


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"[study\n", "not valid TOML"), (b"name = '\xff'", "not UTF-8"), (None, "not found")],
)
def test_an_unreadable_file_is_one_clear_message(tmp_path, content, expected):
    path = tmp_path / "x.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileFormatError, match=expected):
        Study.from_toml(path)


def test_a_folder_in_place_of_a_study_file(tmp_path):
    with pytest.raises(FileFormatError, match="is a folder"):
        Study.from_toml(tmp_path)


def test_an_overridden_figure_withholds_the_verdict_and_says_where_it_is_from(tmp_path):
    text = GOOD.replace(
        'rule = "park.500park"\n[[locate]]',
        'rule = "park.500park"\noverrides = { limit_m = 400, source = "local plan 3.2" }\n[[locate]]',
    )
    study = Study.from_toml(write(tmp_path, text), {"FOLDER": str(tmp_path)})
    rule = study.rule_of(study.settings.audit[0])
    assert rule.limit_m == 400.0
    assert not rule.verdict_allowed
    assert "threshold" in rule.overridden or "limit_m" in rule.overridden
