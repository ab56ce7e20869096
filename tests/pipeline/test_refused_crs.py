"""A CRS that cannot be worked in is refused in words, whatever CRSs the layers have."""

import shutil

import pytest

from siting.errors import SitingError
from siting.pipeline import check
from siting.study import Study


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857"])
def test_degrees_and_web_mercator_are_refused_by_name(repository, tmp_path, crs):
    folder = tmp_path / "district"
    shutil.copytree(repository / "data" / "demo-district", folder)
    study = folder / "study.toml"
    study.write_text(study.read_text("utf-8").replace('crs = "EPSG:4548"', f'crs = "{crs}"'), encoding="utf-8")
    with pytest.raises(SitingError, match=crs):
        check(Study.from_toml(study))
