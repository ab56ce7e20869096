"""`siting new` writes a study file that reads back."""

import re
from pathlib import Path

import pytest

import siting
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


def test_what_is_commented_out_runs_once_it_is_not(repository, tmp_path):
    osm = repository / "data" / "helsinki-centre" / "helsinki-centre.osm.pbf"
    path = write_study(tmp_path / "plan", streets=osm)
    text = path.read_text(encoding="utf-8")
    themes = text[text.index("# [living_circle]") :]
    shown = re.sub(r"(?m)^# ?", "", themes)
    # No zones, raster or mapped water come with this file; everything else is taken as it stands in the template.
    shown = re.sub(r"(?m)^(level|raster|exclude) = .*$", "", shown)
    budget = re.search(r"# (budget = [\d.]+).*\n# (cost = \"area_ha\")", text)
    plan = text[: text.index("# [living_circle]")].replace("\np = 5\n", f"\n{budget[1]}\n{budget[2]}\n")
    path.write_text(plan + shown, encoding="utf-8")
    settings = Study.from_toml(path).settings
    assert settings.living_circle.profiles == ["adult", "elderly", "step_free"]
    assert settings.green is not None
    assert [s.p for s in settings.services] == [2]
    assert [f.name for f in settings.suitability.factors] == ["bus", "people"]
    assert (settings.locate[0].budget, settings.locate[0].cost) == (0.5, "area_ha")
    run = siting.run(Study.from_toml(path))
    waste = {"waste_generation", "waste_points", "waste_stations", "waste_station_audit", "waste_plant_incinerator"}
    others = {"living_circle", "green", "toilets", "charging", "charging_sheds", "services"}
    assert set(run.themes) == waste | others
    assert run.plans["toilets"].sites["area_ha"].sum() <= 0.5
    assert run.suitability is not None


def test_an_absent_file_is_said(tmp_path):
    with pytest.raises(InputError, match="file not found"):
        write_study(tmp_path, streets=tmp_path / "none.pbf")


def test_without_streets_it_says_how_to_name_them(tmp_path):
    with pytest.raises(InputError, match=r"no streets\. Name them: --streets"):
        write_study(tmp_path / "plan")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no line layer and no OSM file in"):
        write_study(tmp_path / "plan", files=tmp_path / "empty")
    with pytest.raises(InputError, match="there is no such folder"):
        write_study(tmp_path / "plan", files=tmp_path / "nowhere")


def test_a_facility_layer_is_named_by_its_file_or_by_hand(city, tmp_path):
    for name in ("2024年公厕普查.geojson", "tiny_malls.geojson", "x.geojson"):
        (city / name).touch()
    osm = city / "city.osm.pbf"
    wanted = [city / "2024年公厕普查.geojson", city / "tiny_malls.geojson", f"park_green={city / 'x.geojson'}"]
    path = write_study(tmp_path / "plan", streets=osm, facilities=wanted)
    assert set(Study.from_toml(path).settings.facilities) == {"osm", "public_toilet", "mall", "park_green"}
    with pytest.raises(InputError, match=r"Write --facilities CLASS=.*x\.geojson"):
        write_study(tmp_path / "plan", streets=osm, facilities=[city / "x.geojson"], overwrite=True)
