"""The `[suitability]` table: every fault at once, weights by number or judgement."""

import re
from pathlib import Path

import pytest

from siting.errors import SchemaError
from siting.study import Study
from siting.study.suitability_faults import weights_of

HEAD = """
[study]
name = "x"
[demand]
source = "homes.csv"
"""
SLOPE = '{ name = "slope", kind = "slope", source = "dem.tif", worst = 15, best = 2 }'
RIVER = (
    '{ name = "river", kind = "distance", source = "river.gpkg|layername=axis", '
    "steps = [50, 200], scores = [0, 0.5, 1] }"
)


def read(folder: Path, text: str) -> Study:
    for name in ("homes.csv", "dem.tif", "river.gpkg", "s.toml"):
        (folder / name).write_text("", encoding="utf-8")
    (folder / "s.toml").write_text(HEAD + text, encoding="utf-8")
    return Study.from_toml(folder / "s.toml")


def test_a_good_table_is_read_and_its_files_are_inputs(tmp_path):
    study = read(
        tmp_path,
        f"""
[suitability]
cell_m = 25
factors = [{SLOPE}, {RIVER}]
ahp = [[1, 3], ["1/3", 1]]
exclude = [{{ name = "bank", source = "river.gpkg", buffer_m = 30 }}]
elevation = "dem.tif"
max_slope = 20
""",
    )
    weights = weights_of(study.settings)
    assert weights.as_dict() == pytest.approx({"slope": 0.75, "river": 0.25})
    assert dict(study.sources()) == {
        "demand.source": "homes.csv",
        "suitability.elevation": "dem.tif",
        "suitability.factors[1].source": "dem.tif",
        "suitability.factors[2].source": "river.gpkg",
        "suitability.exclude[1].source": "river.gpkg",
    }


def test_every_fault_is_said_at_once(tmp_path):
    with pytest.raises(SchemaError) as error:
        read(
            tmp_path,
            """
[suitability]
max_slope = 20
factors = [
  { name = "a", kind = "slope", worst = 15, best = 2, weight = 1 },
  { name = "b", kind = "distance", worst = 1, best = 2 },
  { name = "c", kind = "access", facility = ["bus_stp"], worst = 800, best = 0, weight = 1 },
  { name = "d", kind = "people", radius_m = 100, worst = 3, weight = 1 },
  { name = "e", kind = "raster", source = "gone.tif", at_most = 3, at_least = 1, weight = 1 },
  { name = "e", kind = "raster", source = "river.gpkg", steps = [1, 2], scores = [1, 0], weight = 1 },
]
exclude = [{ name = "f" }, { name = "g", source = "water" }]
""",
        )
    said = str(error.value)
    for part in (
        "factors[1] 'a': give source, a GeoTIFF",
        "factors[2] 'b': say to what the distance is: either source or facility",
        "factors[3] 'c': kind access needs a [streets] table",
        "no facility class 'bus_stp'; did you mean 'bus_stop'?",
        "factors[4] 'd': worst and best belong together",
        "factors[5] 'e': say how it is scored, in one way: worst and best, steps and scores, classes, at_most, or",
        "factors[5].source: file not found",
        "the name 'e' is used 2 times",
        "factors[6] 'e': steps: 2 limits need 3 scores, got 2",
        "factors[6] 'e'.source: 'river.gpkg' is not a GeoTIFF",
        "exclude[1] 'f': say what is excluded: either source or facility",
        "exclude[2] 'g'.source: the study has no layer 'water'",
        "max_slope: give elevation",
        "no weight for b; weigh all factors, or none",
    ):
        assert part in said, part


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (f"[suitability]\nfactors = [{SLOPE}]\ncel_m = 5", "unknown setting 'cel_m'; did you mean 'cell_m'?"),
        (
            "[suitability]\nfactors = [" + SLOPE.replace("best", "bst") + "]",
            "suitability.factors[1].bst: unknown setting 'bst'; did you mean 'best'?",
        ),
        (f'[suitability]\nfactors = [{SLOPE}, {RIVER}]\nahp = [[1, 3], ["", 1]]', "row 2 column 1 ('river' against"),
        (
            f"[suitability]\nfactors = [{SLOPE[:-1]}, weight = 1 }}, {RIVER}]\nahp = [[1, 3], [0.33, 1]]",
            "ahp and weight exclude each other: leave out weight of slope",
        ),
        ("[suitability]\nfactors = []", "suitability.factors: list should have at least 1 item"),
        (
            '[[locate]]\nname = "p"\nfacility = ["public_toilet"]\nlimit_m = 300\np = 1\nmin_suitability = 0.6',
            "'p'.min_suitability: the study has no [suitability] table",
        ),
    ],
)
def test_faults_name_their_key(tmp_path, table, said):
    with pytest.raises(SchemaError, match=re.escape(said)):
        read(tmp_path, table)
