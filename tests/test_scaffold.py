"""`siting new` writes a study file that reads back."""

from pathlib import Path

import pytest

from siting.errors import InputError, OutputError
from siting.scaffold import write_study
from siting.study import Study


@pytest.fixture
def city(tmp_path: Path) -> Path:
    folder = tmp_path / "数据 data's"
    folder.mkdir()
    for name in ("city.osm.pbf", "people.gpkg", "b.geojson", "z1.gpkg", "z2.gpkg"):
        (folder / name).touch()
    return folder


def test_with_an_osm_file_alone_people_are_estimated(city, tmp_path):
    path = write_study(tmp_path / "plan", streets=city / "city.osm.pbf")
    study = Study.from_toml(path)
    assert study.name == "plan"
    assert study.settings.demand.source == "estimate"
    assert study.resolve(study.settings.osm_source).samefile(city / "city.osm.pbf")


def test_every_file_at_hand_is_named(city, tmp_path):
    path = write_study(
        tmp_path / "plan",
        streets=city / "city.osm.pbf",
        demand=city / "people.gpkg",
        population="常住人口",
        boundary=city / "b.geojson",
        zones=[city / "z1.gpkg", city / "z2.gpkg"],
        name='新城 "A"',
    )
    settings = Study.from_toml(path).settings
    assert settings.study.name == '新城 "A"'
    assert settings.demand.population == "常住人口"
    assert [Path(z.source).name for z in settings.study.zones] == ["z1.gpkg", "z2.gpkg"]


def test_nothing_is_overwritten_unasked(city, tmp_path):
    path = write_study(tmp_path, streets=city / "city.osm.pbf", name="one")
    with pytest.raises(OutputError, match="--overwrite"):
        write_study(tmp_path, streets=city / "city.osm.pbf", name="two")
    assert Study.from_toml(path).name == "one"
    write_study(tmp_path, streets=city / "city.osm.pbf", name="two", overwrite=True)
    assert Study.from_toml(path).name == "two"


def test_an_absent_file_is_said(tmp_path):
    with pytest.raises(InputError, match="file not found"):
        write_study(tmp_path, streets=tmp_path / "none.pbf")
