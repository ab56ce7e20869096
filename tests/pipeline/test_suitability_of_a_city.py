"""Porto Alegre with slope, walks, people and the lake: from the study file to rasters, tables and refused plots."""

import json
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

import siting
from siting.inputs.rasters import sample
from siting.outputs.suitability_files import write_rasters
from siting.pipeline import Run, check
from siting.pipeline.suitable import study_area
from siting.study import Study
from siting.suitability import score_candidates

STUDY = """
[study]
name = "porto-alegre"
title_zh = "阿雷格里港"
title_en = "Porto Alegre"
boundary = "area.gpkg"

[streets]
source = "${SITING_DATA}/porto-alegre/poa_osm.osm.pbf"
elevation = "${SITING_DATA}/porto-alegre/poa_elevation.tif"

[demand]
source = "${SITING_DATA}/porto-alegre/poa_hexgrid.csv"
id = "id"
population = "population"

[facilities]
osm = "${SITING_DATA}/porto-alegre/poa_osm.osm.pbf"

[suitability]
cell_m = 50
max_slope = 12
ahp = [[1, 2, 1, 3], ["1/2", 1, "1/2", 2], [1, 2, 1, 3], ["1/3", "1/2", "1/3", 1]]
factors = [
  { name = "slope", name_zh = "坡度", kind = "slope", worst = 15, best = 2 },
  { name = "bus", name_zh = "公交", kind = "access", facility = ["bus_stop"], worst = 800, best = 100 },
  { name = "people", kind = "people", radius_m = 300, worst = 0, best = 150 },
  { name = "lake", name_zh = "离湖", kind = "distance", source = "lake.gpkg", worst = 0, best = 1500 },
]
exclude = [{ name = "shore", name_zh = "湖岸", name_en = "lake shore", source = "lake.gpkg", buffer_m = 30 }]

[[locate]]
name = "toilets"
facility = ["public_toilet"]
limit_m = 500
distance = "straight"
p = 3
min_suitability = 0.6
candidates = "plots.gpkg"
existing = false
"""
CRS = "EPSG:32722"
# A stretch of the centre, 3 km by 2 km, with the lake drawn along its west.
AREA = shapely.box(477_000, 6_673_000, 480_000, 6_675_000)
LAKE = shapely.Polygon([(476_000, 6_672_000), (477_400, 6_672_000), (477_200, 6_676_000), (476_000, 6_676_000)])


@pytest.fixture(scope="module")
def run(shared_data, tmp_path_factory) -> Run:
    folder = tmp_path_factory.mktemp("poa")
    x, y = np.meshgrid(np.arange(477_050, 480_000, 450), np.arange(6_673_050, 6_675_000, 450))
    plots = [shapely.box(a, b, a + 120, b + 80) for a, b in zip(x.ravel(), y.ravel(), strict=True)]
    frame = gpd.GeoDataFrame({"id": [f"P{k:02d}" for k in range(len(plots))]}, geometry=plots, crs=CRS)
    frame.to_file(folder / "plots.gpkg")
    for name, shape in (("area", AREA), ("lake", LAKE)):
        gpd.GeoDataFrame(geometry=[shape], crs=CRS).to_file(folder / f"{name}.gpkg")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return siting.run(Study.from_toml(folder / "study.toml", {"SITING_DATA": str(shared_data)}), lang="zh")


def test_scores_are_the_weighed_factors_and_each_cell_without_one_has_a_reason(run):
    made = run.suitability
    assert made.grid.bounds == AREA.bounds
    again = sum(made.weights[f.name] * f.score for f in made.factors)
    np.testing.assert_allclose(made.score[made.valid], again[made.valid], atol=1e-12)
    assert sum(r.cells_first for r in made.reasons) == int(np.isnan(made.score).sum()) > 0
    assert made.share_scored == made.valid.mean()  # the boundary is the whole grid
    assert made.ahp.consistent
    assert made.weights["slope"] == pytest.approx(made.weights["people"])


def test_cells_have_the_walk_the_distance_and_the_height_of_their_centre(run):
    made = run.suitability
    inside = np.flatnonzero(made.valid.ravel())[::173]
    points = gpd.GeoDataFrame(geometry=shapely.points(made.grid.centres()[inside]), crs=CRS, index=inside.astype(str))
    stops = run.facilities[run.facilities["class"] == "bus_stop"]
    walk = siting.nearest(run.network, points, stops)["cost"].to_numpy()
    factor = {f.name: f for f in made.factors}
    np.testing.assert_array_equal(factor["bus"].values.ravel()[inside], walk)
    np.testing.assert_allclose(factor["lake"].values.ravel()[inside], points.distance(LAKE), atol=0.001)
    assert (factor["lake"].values[made.valid] > 30).all()
    assert (factor["slope"].values[made.valid] <= 12).all()


def test_slopes_agree_with_heights_taken_beside_the_cells(run, shared_data):
    slope = next(f for f in run.suitability.factors if f.name == "slope").values.ravel()
    x, y = run.suitability.grid.centres().T
    tall = [
        sample(shared_data / "porto-alegre" / "poa_elevation.tif", gpd.GeoSeries.from_xy(x + dx, y + dy, crs=CRS))
        for dx, dy in ((40, 0), (-40, 0), (0, 40), (0, -40))
    ]
    rough = np.degrees(np.arctan(np.hypot(tall[0] - tall[1], tall[2] - tall[3]) / 80))
    known = np.isfinite(slope) & np.isfinite(rough)
    assert np.corrcoef(slope[known], rough[known])[0, 1] > 0.9
    assert abs(slope[known].mean() - rough[known].mean()) < 1.0


def test_candidates_show_their_plots_score_and_low_ones_are_refused_with_the_reason(run):
    plan = run.plans["toilets"]
    found = plan.candidates
    shapes = gpd.read_file(run.study.folder / "plots.gpkg").set_index("id")
    score = score_candidates(run.suitability, shapes)["suitability"].reindex(found.index)
    np.testing.assert_allclose(found["suitability"], score, atol=1e-6)
    low = found["refusal"].astype(str).str.contains("suitability")
    assert low.any()
    assert not found.loc[low, "allowed"].any()
    assert (found.loc[found["allowed"].to_numpy(dtype=bool), "suitability"] >= 0.6).all()
    assert found.loc[low, "refusal"].str.contains("适宜性 0.|位于适宜性评价排除").all()
    assert (plan.sites["suitability"] >= 0.6).all()
    assert {"suitability_min", "suitability_excluded"} <= set(plan.sites.columns)


def test_the_folder_holds_rasters_styles_page_and_tables(run, tmp_path):
    out = run.write(tmp_path / "out")
    made = run.suitability
    with rasterio.open(out / "rasters" / "suitability.tif") as file:
        assert file.crs.to_epsg() == 32722
        assert file.tags()["FACTOR_bus"].startswith(
            f"weight {made.weights['bus']:.6f}; bus; linear: 0 at 800, 1 at 100 (m)"
        )
        read = file.read(1, masked=True).filled(np.nan)
        assert file.bounds == made.grid.bounds
    np.testing.assert_array_equal(read, made.score.astype(np.float32))
    with rasterio.open(out / "rasters" / "suitability_reasons.tif") as file:
        assert np.array_equal(file.read(1), made.reason)
    assert {p.name for p in (out / "rasters").iterdir()} == {
        "suitability.tif", "suitability.qml", "suitability_reasons.tif", "suitability_reasons.qml",
    }  # fmt: skip
    assert (out / "maps" / "suitability.png").stat().st_size > 50_000
    table = pd.read_csv(out / "tables" / "suitability_factors.csv")
    assert table["weight"].sum() == pytest.approx(1)
    assert table["top_kept_plus_20"].between(0.5, 1).all()
    figures = json.loads((out / "summary.json").read_text(encoding="utf-8"))["suitability"]
    assert figures["cells_with_score"] == int(made.valid.sum())
    sites = pd.read_csv(out / "tables" / "sites.csv")
    assert (sites["suitability"] >= 0.6).all()
    evidence = json.loads((out / "evidence.json").read_text(encoding="utf-8"))
    assert "poa_elevation.tif" in json.dumps(evidence)
    (tmp_path / "again").mkdir()
    write_rasters(lambda *names: tmp_path / "again" / names[-1], made)
    for path in (tmp_path / "again").iterdir():
        assert path.read_bytes() == (out / "rasters" / path.name).read_bytes()


def test_check_reads_the_layers_of_the_table_too(run):
    report = check(run.study)
    layers = {a.layer for a in report.accounts}
    assert {"suitability slope", "suitability max_slope", "suitability factors 'lake'"} <= layers
    assert "heights_stop" not in {f.code for f in report.findings}


def test_without_a_boundary_all_zones_are_the_area():
    squares = {"small": shapely.box(0, 0, 1, 1), "large": shapely.box(1, 0, 2, 1)}
    frames = {name: gpd.GeoDataFrame(geometry=[square], crs=CRS) for name, square in squares.items()}
    area = study_area(SimpleNamespace(boundary=None, zones=frames))
    assert area.total_bounds.tolist() == [0, 0, 2, 1]
    assert study_area(SimpleNamespace(boundary=None, zones={})) is None
