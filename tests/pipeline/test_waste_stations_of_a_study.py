"""A study with `[waste.stations]` and `[[waste.plants]]`: layers are read, faults named, themes stand in the run."""

import json
import shutil
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point, box

import siting
from siting.errors import InputError

DEMO = Path(__file__).parents[2] / "data" / "demo-district"
WEST, SOUTH, CRS = 517000, 4052000, "EPSG:4548"
WASTE = """
[waste]
kg_per_person_day = 1.0
shares = { kitchen = 0.5, recyclable = 0.2, hazardous = 0.01, other = 0.29 }
source_en = "for demonstration"
"""
STATIONS = """
[waste.stations]
plots = { source = "plots.geojson", id = "id", name = "name" }
existing = { source = "ts.geojson", id = "id", name = "name" }
max_road_m = 60
costs = { V = { fixed_cost_day = 500, cost_per_t = 30 } }
limits = { large = 2500 }

[[waste.stations.keep]]
name = "schools"
facility = ["primary_school", "kindergarten"]
avoid = true
distance_m = 30
source_en = "for demonstration"
"""
PLANTS = """
[[waste.plants]]
kind = "sorting"
candidates = { source = "plots.geojson", id = "id", name = "name" }
weights = { haul = 0.6, homes = 0.2, price = 0.2 }
criteria = [{ name = "price", better = "less", name_en = "price of the land" }]
keep = [{ name = "homes", layer = "buildings.geojson", distance_m = 30 }]

[[waste.plants]]
kind = "incinerator"
candidates = { source = "plots.geojson", id = "id" }
"""


def study(folder, extra=WASTE + STATIONS + PLANTS):
    """Write the demo district with five larger plots and a transfer station."""
    for each in DEMO.iterdir():
        shutil.copy(each, folder)

    def place(*bounds):
        x0, y0, x1, y1 = bounds
        return box(WEST + x0, SOUTH + y0, WEST + x1, SOUTH + y1)

    # P1 and P5: 140 x 110 and 150 x 110 in the middle of a community; P2 60 x 80; P3 lies in the protected zone
    shapes = [
        place(230, 250, 370, 360),
        place(830, 850, 890, 930),
        place(1415, 850, 1585, 950),
        place(1430, 260, 1580, 370),
    ]
    plots = gpd.GeoDataFrame(
        {"id": ["P1", "P2", "P3", "P5"], "name": list("甲乙丙戊"), "price": [3, 9, 5, 1]}, geometry=shapes, crs=CRS
    )
    plots.to_file(folder / "plots.geojson")
    gpd.GeoDataFrame(
        {"id": ["T1"], "name": ["北站"], "capacity_t_day": [20]}, geometry=[Point(WEST + 900, SOUTH + 1500)], crs=CRS
    ).to_file(folder / "ts.geojson")
    file = folder / "study.toml"
    text = file.read_text(encoding="utf-8")
    text = text[: text.index("[living_circle]")] + '[[audit]]\nrule = "waste.point.gb55013"\n' + extra
    file.write_text(text, encoding="utf-8")
    return siting.Study.from_toml(file)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return siting.run(study(tmp_path_factory.mktemp("waste")))


def test_plots_are_tested_for_each_class(run):
    found = run.themes["waste_stations"].table("waste_station_plots").frame.set_index("id")
    # inside a belt of 8 m P1 is 124 x 94 = 11,656 m2 (III asks 4,000), of 15 m 110 x 80 = 8,800 (II asks 10,000)
    assert found["largest_class"].fillna("").to_dict() == {"P1": "III", "P2": "IV", "P3": "", "P5": "III"}
    assert "protected_zone" in found.loc["P3", "reason_en"]
    assert "8,800 m²" in found.loc["P1", "reason_en"]
    versions = run.themes["waste_stations"].layer("waste_station_versions").frame
    assert versions.loc["T1", ["status", "capacity_t_day", "station_class"]].tolist() == ["existing", 20, "V"]
    assert versions.loc["P2-V", "fixed_cost_day"] == 500


def test_stations_that_stand_are_audited_on_streets(run):
    audit = run.themes["waste_station_audit"]
    # 31,680 people x 1 kg: 31.68 t/d, times 1.3 and 1.5
    assert audit.figures["needed_t_day"] == pytest.approx([41.184, 47.52])
    beyond = audit.figures["beyond"]["waste_transfer.hand"]
    assert beyond["share_network"] > beyond["share_straight"] > 0
    assert audit.figures["beyond"]["waste_transfer.large.own"]["confidence"] == "own"


def test_plants_are_sited_by_haul_and_score(run):
    sorting = run.themes["waste_plant_sorting"]
    assert sorting.figures["lawful"] == 3
    assert sorting.figures["haul_by_network"] is True
    # the middle of the district is nearest to all
    assert sorting.figures["best_by_haul"] == ["P2"]
    assert sorting.figures["best_by_score"] in ("P2", "P5")
    burning = run.themes["waste_plant_incinerator"]
    assert burning.figures["lawful"] == 0
    assert any("300 m asked" in line.en for line in burning.headlines)


def test_what_is_written_speaks_both_languages(run, tmp_path):
    run.write(tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["themes"]["waste_stations"]["figures"]["plots_refused"] == 1
    assert (tmp_path / "out" / "maps" / "theme_waste_plant_sorting_map.png").exists()
    assert (tmp_path / "out" / "tables" / "waste_station_tests.csv").exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "sorting"', 'kind = "sortin"', "sorting"),
        ("costs = { V", "costs = { VI", "VI"),
        ("max_road_m = 60", "max_road_m = 0", "max_road_m"),
        ('facility = ["primary_school", "kindergarten"]', "", "either layer or facility"),
        ('kind = "incinerator"', 'kind = "sorting"', "two plants are called 'sorting'"),
        ("weights = { haul = 0.6", "judgements = [[1]]\nweights = { haul = 0.6", "exclude each other"),
        ('kind = "incinerator"', 'kind = "incinerator"\nwind = { N = 0.5 }', "belong together"),
        ('source = "ts.geojson"', 'source = "nothing.geojson"', "nothing.geojson"),
    ],
)
def test_faults_of_the_tables_are_named(tmp_path, old, new, message):
    extra = (WASTE + STATIONS + PLANTS).replace(old, new)
    assert extra != WASTE + STATIONS + PLANTS
    with pytest.raises(InputError, match=message):
        siting.run(study(tmp_path, extra))


def test_a_study_without_plots_or_boundary_says_so(tmp_path):
    made = study(tmp_path, WASTE + "[waste.stations]\n[[waste.plants]]\nkind = 'bulky'\n")
    text = made.path.read_text(encoding="utf-8").replace('vacant = "vacant_plots.geojson"\n', "")
    made.path.write_text(text, encoding="utf-8")
    run = siting.run(siting.Study.from_toml(made.path))
    assert "no plots to test" in run.themes["waste_stations"].missing[0][1].en
    assert "no candidates" in run.themes["waste_plant_bulky"].missing[0][1].en
