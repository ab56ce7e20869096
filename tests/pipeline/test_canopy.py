"""Vegetation from a raster in a study: read, accounted for, judged as canopy, and counted as green where asked."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from siting.errors import SchemaError
from siting.pipeline.sources import read_sources
from siting.study import Study

DISTRICT = Path(__file__).parents[2] / "data" / "demo-district"
STUDY = """
[study]
name = "canopy"
crs = "EPSG:4548"
boundary = "boundary.geojson"
[demand]
source = "buildings.geojson"
id = "id"
population = "people"
[facilities]
park_green = { source = "parks.geojson", id = "id", name = "name" }
[green]
"""


@pytest.fixture
def folder(tmp_path):
    for name in ("boundary", "buildings", "parks"):
        shutil.copy(DISTRICT / f"{name}.geojson", tmp_path)
    ndvi = np.full((60, 60), 0.1, dtype="float32")
    ndvi[10:20, 10:30] = 0.6  # 10 x 20 cells of 10 m: 2 ha
    ndvi[40, 40] = 0.9  # one cell
    with rasterio.open(tmp_path / "ndvi.tif", "w", driver="GTiff", height=60, width=60, count=1, dtype="float32",
                       crs="EPSG:4548", transform=Affine(10, 0, 517_000, 0, -10, 4_053_900)) as out:  # fmt: skip
        out.write(ndvi, 1)
    return tmp_path


def sources(folder, raster):
    (folder / "study.toml").write_text(STUDY + raster, encoding="utf-8")
    study = Study.from_toml(folder / "study.toml")
    assert ("green.raster.source", "ndvi.tif") in list(study.sources())
    return read_sources(study)


def test_the_raster_is_canopy_with_an_account(folder):
    found = sources(folder, 'raster = { source = "ndvi.tif", threshold = 0.4, min_area_m2 = 500 }')
    assert found.canopy["area_m2"].tolist() == [20_000]
    account = next(a for a in found.accounts if a.layer == "green.raster")
    assert (account.source, account.rows_in, account.rows_used) == ("ndvi.tif", 2, 1)
    assert account.sha256 is not None
    assert set(found.facilities["class"]) == {"park_green"}


def test_it_is_green_where_the_study_says_so(folder):
    found = sources(folder, 'raster = { source = "ndvi.tif", threshold = 0.4, as_green = true }')
    assert found.facilities["class"].value_counts().to_dict() == {"any_green": 2, "park_green": 2}
    green = found.facilities[found.facilities["class"] == "any_green"]
    assert green.index.tolist() == ["raster/v1", "raster/v2"]
    assert green.area.tolist() == [20_000, 100]


@pytest.mark.parametrize(
    ("raster", "word"),
    [
        ('raster = { source = "ndvi.tif" }', "either threshold"),
        ('raster = { source = "ndvi.tif", threshold = 0.4, classes = [1] }', "either threshold"),
        ('raster = { source = "ndvi.tif", treshold = 0.4 }', "threshold"),
        ('raster = { source = "nowhere.tif", threshold = 0.4 }', "green.raster.source: file not found"),
    ],
)
def test_faults_of_the_table(folder, raster, word):
    (folder / "study.toml").write_text(STUDY + raster, encoding="utf-8")
    with pytest.raises(SchemaError, match=word):
        Study.from_toml(folder / "study.toml")


def test_a_raster_of_another_place_is_refused_with_all_other_faults(folder):
    with rasterio.open(folder / "ndvi.tif", "r+") as raster:
        raster.transform = Affine(10, 0, 117_000, 0, -10, 4_053_900)
    with pytest.raises(Exception, match="does not meet the study area"):
        sources(folder, 'raster = { source = "ndvi.tif", threshold = 0.4 }')
