"""A layer that tells of nothing but land is cut into cells; figures about people that it cannot share are refused."""

import shutil
from pathlib import Path

import pytest

import siting
from siting.errors import SchemaError

DEMO = Path(__file__).parents[2] / "data" / "demo-district"
STUDY = """
[study]
name = "land"
crs = "EPSG:4548"

[demand]
source = "communities.geojson"
id = "id"
cell_m = 200
{more}

[facilities]
waste_point = {{ source = "waste_points.geojson", id = "id" }}

[[audit]]
rule = "waste.point.gb55013"
"""


def study(folder, more=""):
    for name in ("communities.geojson", "waste_points.geojson"):
        shutil.copy(DEMO / name, folder)
    path = folder / "study.toml"
    path.write_text(STUDY.format(more=more), encoding="utf-8")
    return siting.Study.from_toml(path)


def test_units_are_square_metres_and_there_are_no_people(tmp_path):
    demand = siting.run(study(tmp_path)).demand
    assert int(demand["units"].sum()) == 1800 * 1900
    assert "people" not in demand.columns


@pytest.mark.parametrize("more", ["total = 31680", 'groups = { elderly = "elderly" }'])
def test_people_without_a_column_to_share_them_by_are_refused(tmp_path, more):
    with pytest.raises(SchemaError, match="total and groups need population"):
        siting.run(study(tmp_path, more))
