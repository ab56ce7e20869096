"""`[[locate]] model`: each model takes its own keys, and says at once which are lacking or of no use to it."""

import pytest
from pydantic import ValidationError

from siting.errors import SchemaError
from siting.study import Study
from siting.study.locate_keys import MODEL_KEYS
from siting.study.locate_table import LocateTable
from siting.study.settings import StudyFile

FULL = {
    "mclp": {"p": 3, "limit_m": 500},
    "lscp": {"limit_m": 500},
    "backup_coverage": {"limit_min": 10},
    "gradual_cover": {"p": 3, "limit_m": 500, "reach_m": 1000},
    "p_median": {"p": 3},
    "p_center": {"p": 3, "reach_min": 30},
    "p_dispersion": {"p": 3, "limit_m": 500},
    "facility_location": {"cost": "yuan", "cost_per_person_km": 12.5},
    "capacitated": {"p": 3, "capacity": 800},
    "capacitated_cover": {"p": 3, "capacity": 800, "limit_m": 500},
}


def entry(**keys):
    return LocateTable(name="here", facility=["market"], **keys)


@pytest.mark.parametrize("model", MODEL_KEYS)
def test_each_model_takes_its_keys(model):
    given = entry(model=model, **FULL[model])
    assert given.model == model
    both = {"at_least": {"sites": 1}, "at_most": {"sites": 2}, "alternatives": 4, "max_loss": 0.1}
    assert entry(model=model, **FULL[model], **both, min_spacing_m=100).at_least.sites == 1


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ({"model": "p_median"}, "'here': model p_median makes the way shortest on average: add p = number of"),
        ({"model": "p_center", "reach_m": 900}, "'here': model p_center makes the longest way shortest: add p"),
        (
            {"model": "facility_location"},
            "'here': model facility_location weighs opening costs against ways: add cost = \"area_ha\", or a column of "
            "the candidates with what each costs; cost_per_person_km = what a kilometre of way counts for each person",
        ),
        ({"model": "capacitated", "p": 3}, "add capacity = a column of the candidates, or one number of people"),
        ({"model": "capacitated", "capacity": 800}, "'here': model capacitated needs p (number of new sites), or cost"),
        ({"model": "capacitated", "capacity": 8, "cost": "yuan"}, "'here': cost_per_person_km and cost go together"),
        (
            {"model": "p_center", "p": 2, "budget": 3.0, "cost": "yuan"},
            "'here': model p_center makes the longest way shortest and has no use for budget, cost: leave them out, or "
            "use model mclp",
        ),
        ({"model": "lscp", "limit_m": 500, "capacity": 800}, "has no use for capacity: leave it out, or use model"),
        ({"model": "backup_coverage", "limit_m": 500, "target": 0.9}, "and has no use for target: leave it out"),
        ({"model": "p_dispersion", "p": 2, "reach_m": 500}, "'here': model p_dispersion keeps sites apart and has no"),
        ({"model": "p_dispersion", "p": 2, "limit_min": 5}, "model p_dispersion counts metres: give no limit_min"),
        ({"model": "gradual_cover", "p": 2, "limit_m": 500}, "counts people beyond the limit in part: add reach_m"),
        ({"model": "gradual_cover", "p": 2, "reach_m": 500}, "say how far is served: rule (catalogue id"),
        (
            {"model": "gradual_cover", "p": 2, "limit_m": 500, "reach_min": 9},
            "'here': limit_m and reach_min are in different units: give reach_m in place of reach_min",
        ),
        (
            {"model": "gradual_cover", "p": 2, "limit_min": 5, "reach_m": 900},
            "'here': limit_min and reach_m are in different units: give reach_min in place of reach_m",
        ),
        ({"model": "p_median", "p": 2, "reach_m": 5, "reach_min": 5}, "reach_m and reach_min exclude each other"),
        ({"model": "p_median", "p": 2, "reach_min": 5, "distance": "straight"}, "no meaning beside reach_min"),
        (
            {"p": 2, "limit_m": 500, "at_least": {"level": "a"}, "at_most": {"level": "b"}},
            "'here': at_least and at_most must speak of the same level",
        ),
        ({"p": 2, "limit_m": 5, "at_least": {"sites": 3}, "at_most": {"sites": 2}}, "at_least asks for 3 sites"),
        ({"p": 2, "limit_m": 500, "max_loss": 0.1}, "'here': max_loss belongs to alternatives: add alternatives = 4"),
    ],
)  # fmt: skip
def test_a_key_that_is_lacking_or_of_no_use_is_told(keys, fault):
    with pytest.raises(ValidationError) as told:
        entry(**keys)
    assert fault in str(told.value)


def test_zones_apart_may_have_contrary_counts():
    given = entry(p=2, limit_m=5, at_least={"sites": 3, "zones": ["a"]}, at_most={"sites": 2, "zones": ["b"]})
    assert given.at_least.zones == ["a"]


def test_an_unknown_model_gets_the_nearest_word(tmp_path):
    assert "p_median" in str(StudyFile.model_json_schema())
    file = tmp_path / "study.toml"
    file.write_text(
        '[study]\nname = "x"\n[demand]\nsource = "homes.csv"\n'
        '[[locate]]\nname = "a"\nfacility = ["market"]\nmodel = "pmedian"\np = 2\n'
        '[[locate]]\nname = "b"\nfacility = ["market"]\nmodel = "p_median"\np = 2\nreach = 800\n',
        encoding="utf-8",
    )
    with pytest.raises(SchemaError) as told:
        Study.from_toml(file)
    assert "locate[1].model: 'pmedian' is not one of" in str(told.value)
    assert "did you mean 'p_median'?" in str(told.value)
    assert "locate[2].reach: unknown setting 'reach'; did you mean 'reach_m'?" in str(told.value)


def test_zones_of_a_quota_must_be_zones_of_the_study(tmp_path):
    file, text = tmp_path / "study.toml", '[study]\nname = "x"\n{zones}[demand]\nsource = "homes.csv"\n[[locate]]\n'
    text += 'name = "a"\nfacility = ["market"]\nmodel = "p_median"\np = 2\nat_least = {{ level = "comunity" }}\n'
    file.write_text(text.format(zones=""), encoding="utf-8")
    with pytest.raises(SchemaError, match=r"locate\[1\] 'a'\.at_least: the study has no zones"):
        Study.from_toml(file)
    file.write_text(text.format(zones='zones = ["community.gpkg"]\n'), encoding="utf-8")
    with pytest.raises(SchemaError, match=r"'a'\.at_least\.level: no level of zones 'comunity'; did you mean"):
        Study.from_toml(file)
