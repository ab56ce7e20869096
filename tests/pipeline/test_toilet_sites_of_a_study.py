"""A study with `[[toilets.sites]]` and `[toilets.opening]`: every key is heard, and each fault is told with its key."""

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio import Affine
from shapely import Point

import siting
from siting.errors import InputError
from siting.pipeline.toilet_sites import _busy_of
from siting.themes import City

DEMO = Path(__file__).parents[2] / "data" / "demo-district"
WEST, SOUTH = 517_000, 4_052_000
TWO = """
[toilets]
[toilets.opening]
facility = ["clinic"]
source = "offices.geojson"
hours = "开放"

[[toilets.sites]]
name = "fewest"
title_zh = "密度达标"
title_en = "Density met"
radius = false
level = "city"
kinds = ["street"]
spacing_m = 200

[[toilets.sites]]
name = "three"
p = 3
kinds = ["street", "vacant", "building"]
layers = { building = "offices.geojson" }
costs = { street = 40, vacant = 60, building = 5 }
cost_unit_zh = "万元"
cost_unit_en = "10,000 yuan"
separations = { "wc.sep.water" = "wells.geojson" }
excluded = ["vacant-V1"]
footfall.phones = { source = "phones.tif", weight = 2.5, name_zh = "手机信令", name_en = "phones" }
footfall.markets = { facility = ["market"], weight = 100 }
footfall.shops = { source = "shops.geojson", column = "客流", weight = 0.5, name_zh = "商店", name_en = "shops" }
"""


def study(folder, extra):
    """Write the demo district with offices that have a toilet, a well, shops, and a raster of 1.9 × 1.9 km."""
    for file in DEMO.iterdir():
        shutil.copy(file, folder)

    def points(at, **columns):
        shapes = [Point(WEST + x, SOUTH + y) for x, y in at]
        return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4548")

    offices = points([(1000, 1800), (200, 200)], name=["北办公楼", "南办公楼"], 开放=["24小时", "9:00-17:00"])
    offices.to_file(folder / "offices.geojson")
    points([(300, 300)], name=["水源"]).to_file(folder / "wells.geojson")
    points([(1700, 100), (1700, 300)], 客流=[400, 40]).to_file(folder / "shops.geojson")
    cells = np.ones((19, 19), dtype="float32")
    cells[0, :4] = -1
    with rasterio.open(
        folder / "phones.tif", "w", driver="GTiff", width=19, height=19, count=1, dtype="float32", crs="EPSG:4548",
        transform=Affine(100, 0, WEST, 0, -100, SOUTH + 1900), nodata=-1,
    ) as file:  # fmt: skip
        file.write(cells, 1)
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    text = text[: text.index("[living_circle]")] + '[[audit]]\nrule = "wc.radius.mandatory"\n' + extra
    path.write_text(text, encoding="utf-8")
    return siting.Study.from_toml(path)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return siting.run(study(tmp_path_factory.mktemp("study"), TWO))


def test_the_shortfall_of_the_audit_is_what_is_sited(run):
    """3.42 km² ask for eleven toilets, and there are three."""
    short = run.themes["toilets"].figures["density"]["wc.density.town_seed"]["shortfall"]
    figures = run.themes["toilet_sites_fewest"].figures
    assert (short, len(figures["sites"]), figures["status"]) == (8, 8, "optimal")
    table = run.themes["toilet_sites_fewest"].table("toilet_sites_density_fewest").frame
    assert table[["lacks", "asked", "sites", "left"]].to_numpy().tolist() == [[8, 8, 8, 0]]


def test_so_many_with_footfall_costs_and_distances_kept(run):
    theme = run.themes["toilet_sites_three"]
    figures = theme.figures
    assert (figures["aim"], len(figures["sites"]), figures["status"]) == ("most", 3, "optimal")
    rows = {r["counts"]: r for r in figures["requirements"] if r["requirement"] == "radius"}
    assert set(rows) == {"people", "phones", "markets", "shops"}
    # 361 cells of the raster, four without data; the study area holds the first eighteen of nineteen columns.
    assert rows["phones"]["total"] == 18 * 19 - 4
    assert rows["shops"]["total"] == 440
    assert figures["cost"] == theme.layer("toilet_sites_three").frame["cost"].sum()
    assert "万元" in theme.headlines[0].zh
    places = theme.layer("toilet_places_three").frame
    assert places.loc["vacant-V1", "state"] == "refused"
    well = Point(WEST + 300, SOUTH + 300)
    near = places[(places.distance(well) < 30) & (places["kind"] != "building")]
    assert (near["state"] == "refused").all()
    account = next(a for a in run.accounts if a.layer == "toilets.sites[2].footfall.phones")
    assert {f.code: f.count for f in account.findings if f.kind == "dropped"} == {"cells_without_data": 4}
    assert account.rows_in == 18 * 19


def test_which_toilets_could_open(run):
    figures = run.themes["toilet_opening"].figures
    assert figures["lots"] == 3
    assert figures["hours"] == {"known": 2, "not_read": 0, "none": 1}
    assert (figures["day"]["open"], figures["night"]["open"], figures["night"]["closed"]) == (2, 1, 1)
    together = run.themes["toilet_opening"].table("toilet_opening").frame["together"]
    assert together.iloc[-1] == figures["any"]["gain"]


def test_indicators_stand_beside_those_of_the_audit(run):
    rows = pd.concat([theme.indicators for theme in run.themes.values()])
    mine = rows[rows["rule"] == "wc.radius.mandatory.with_new_toilets_three"]
    city = mine[mine["zone_level"] == "city"].iloc[0]
    figures = run.themes["toilet_sites_three"].figures["requirements"]
    row = next(r for r in figures if r["counts"] == "people")
    assert (city["total"], city["total"] - city["served"]) == (row["total"], row["after"])
    communities = mine[mine["zone_level"] == "community"]
    assert communities["served"].sum() == pytest.approx(city["served"])


def test_a_plan_that_cannot_be_says_why(tmp_path):
    """Nothing may be built in the only places that are left, so the theme is there without a plan."""
    few = '[toilets.sites]\nlevel = "community"\nkinds = ["vacant"]\n'
    theme = siting.run(study(tmp_path, few)).themes["toilet_sites"]
    assert theme.figures["status"] == "infeasible"
    assert "have no place within the radius" in theme.missing[0][1].en


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("radius = false\n", "nothing is required"),
        ('p = 3\nradius = "wc.radius.mandatry"\n', "toilets.sites.radius: no rule 'wc.radius.mandatry'; did you mean"),
        ('p = "wc.spacing.living"\n', "toilets.sites.p: wc.spacing.living states no number"),
        ("p = 0\n", r"1 fault\n.*toilets.sites\[1\].p: should be a whole number above 0, or the id of a rule"),
        ("p = 2.5\n", r"1 fault\n.*toilets.sites\[1\].p: should be a whole number above 0, or the id of a rule"),
        ("p = 2\npeople_weight = 0\n", "people_weight is 0 and there is no footfall: nobody would be served"),
        ('radius = "park.300green"\n', "park.300green is about any_green, not about public toilets"),
        ('level = "parish"\n', "no level of zones 'parish'; the levels are: "),
        ('level = "comunity"\n', "toilets.sites.level: no level of zones 'comunity'; did you mean 'community'"),
        ("spacing = true\n", r"toilets.sites.spacing: the study has no \[toilets.spacing\]"),
        ('kinds = ["roof"]\n', "kinds"),
        ('kinds = ["street"]\ncosts = { vacant = 3 }\n', "costs say nothing of street"),
        ('density = "wc.sep.water"\n', "toilets.sites.density: wc.sep.water is no density"),
        ('separations = { "wc.square" = "water.geojson" }\n', "wc.square is no rule of a separation"),
        ('separations = { "wc.sep.water" = "lake.geojson" }\n', "file not found"),
        ('footfall.phones = { source = "phones.tif", column = "n", weight = 1 }\n', "leave column out"),
        ('footfall.x = { weight = 1 }\n', "say what the busy places are"),
        ('footfall.x = { facility = ["markt"], weight = 1 }\n', "no facility class 'markt'; did you mean 'market'"),
        ('footfall.people = { facility = ["market"], weight = 1 }\n', "cannot be a name"),
        ('required = ["a"]\nexcluded = ["a"]\n', "required and excluded at once: a"),
        ('shortfall = { a = 1 }\n', "say of which level"),
        ('cost_unit_zh = "万元"\n', "give them too"),
        ("spacing_n = 3\n", "spacing_n"),
    ],
)  # fmt: skip
def test_faults_of_the_table(tmp_path, wrong, said):
    with pytest.raises(InputError, match=said):
        study(tmp_path, "[toilets.sites]\n" + wrong)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("[[toilets.sites]]\np = 1\n[[toilets.sites]]\np = 2\n", "give each a name of its own"),
        ('[toilets.opening]\nfacility = ["clinics"]\n', "no facility class 'clinics'"),
        ("[toilets.opening]\nrestricted = false\n", "nothing could open"),
        ('[toilets.opening]\nhours = "h"\n', "give the layer too"),
        ('[toilets.opening]\nsource = "gone.gpkg"\n', "toilets.opening.source: file not found"),
    ],
)
def test_faults_of_several_tables(tmp_path, wrong, said):
    with pytest.raises(InputError, match=said):
        study(tmp_path, wrong)


def test_the_entrances_of_a_metro_station_are_no_more_stations():
    """A station with two entrances, one of which the data says twice, and a town whose data has entrances alone."""
    people = gpd.GeoDataFrame({"people": [1.0]}, geometry=[Point(0, 0)], crs="EPSG:4548", index=["h"])

    def busy(classes, asked):
        ids = [f"f{k}" for k in range(len(classes))]
        shapes = [Point(k, 0) for k in range(len(classes))]
        there = gpd.GeoDataFrame({"class": classes}, geometry=shapes, crs="EPSG:4548", index=ids)
        return _busy_of(City.of(None, people, there), asked).index.tolist()

    town = ["metro", "metro_entrance", "metro_entrance", "ferry"]
    assert busy(town, ["metro", "ferry"]) == ["f0", "f3"]
    assert busy(town, ["metro_entrance"]) == ["f1", "f2"]
    assert busy(["metro_entrance", "ferry"], ["metro"]) == ["f0"]
