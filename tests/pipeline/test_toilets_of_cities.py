"""Public toilets of real cities from their study files: published counts come out, and each figure can be explained."""

import functools
import json
import math

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from siting.pipeline import Run, run
from siting.study import Study

OTHERS = ("living_circle", "green", "parking", "charging", "audit", "locate", "services", "suitability")


@pytest.fixture(scope="module")
def city_of(repository, shared_data, tmp_path_factory):
    """Run the toilets of each city once, without its other themes and plans."""

    @functools.cache
    def run_city(name: str) -> Run:
        text = (repository / "tests" / "studies" / f"{name}.toml").read_text(encoding="utf-8")
        file = tmp_path_factory.mktemp(name) / "study.toml"
        file.write_text(only_toilets(text) + '\n[[audit]]\nrule = "wc.radius.mandatory"\n', encoding="utf-8")
        return run(Study.from_toml(file, {"SITING_DATA": str(shared_data)}))

    return run_city


def only_toilets(text: str) -> str:
    """Leave out the tables of a study that toilets have no use for."""
    kept, keep = [], True
    for line in text.splitlines(keepends=True):
        if line.startswith("["):
            keep = line.strip("[]\n ").split(".")[0].split("]")[0] not in OTHERS
            keep &= not line.startswith("[[toilets.sites")
        if keep:
            kept.append(line)
    return "".join(kept)


@pytest.fixture(scope="module", params=["taipei", "macau", "las_palmas"])
def city(request, city_of) -> Run:
    return city_of(request.param)


def test_every_row_is_a_toilet_or_listed(city):
    theme = city.themes["toilets"]
    rows, listed = theme.table("toilets_rows").frame, theme.table("toilets_listed").frame
    dropped = listed[~listed["used"]]
    assert len(rows) + dropped["toilet"].nunique() == theme.figures["rows_in"]
    assert theme.figures["rows_in"] == (city.facilities["class"] == "public_toilet").sum()
    outside = [f.count for f in theme.findings if f.code == "toilets_outside"] or [0]
    assert theme.figures["density"]["wc.density.town_seed"]["toilets"] + outside[0] == len(rows)


def test_the_theme_says_what_the_audit_of_the_rule_says_unless_rows_were_dropped(city):
    audit, figures = city.audits["wc.radius.mandatory"], city.themes["toilets"].figures
    if "people" not in city.demand:
        assert figures["people"] is None
        return
    # What is left out repeats another toilet at its place, so nobody loses one.
    assert figures["people_served"] * 1000 == audit.shares[audit.distance, "people"].served


def test_zones_share_out_toilets_and_round_up_for_themselves(city):
    table = city.themes["toilets"].table("toilets_density").frame
    town = table[table["rule"] == "wc.density.town_seed"]
    whole = town[town["level"] == "city"].iloc[0]
    for level, rows in town[town["level"] != "city"].groupby("level"):
        assert rows["toilets"].sum() <= whole["toilets"], level
        assert (rows["needed"] == [math.ceil(round(3 * base, 9)) for base in rows["base"]]).all(), level
        assert (rows["shortfall"] == (rows["needed"] - rows["toilets"]).clip(lower=0)).all(), level
        # Rounding up costs a zone less than one toilet.
        assert rows["shortfall"].sum() + len(rows) > whole["needed"] - whole["toilets"], level


@pytest.fixture(scope="module")
def taipei(city_of, shared_data):
    table = pd.read_csv(shared_data / "taipei" / "public_toilets.csv", index_col="id")
    return city_of("taipei"), table


def test_taipei_seats_and_kinds_are_those_published(taipei):
    city, table = taipei
    theme = city.themes["toilets"]
    rows, listed = theme.table("toilets_rows").frame, theme.table("toilets_listed").frame
    dropped = list(listed.loc[~listed["used"], "toilet"])
    assert (theme.figures["rows_in"], len(dropped)) == (1549, 14)
    assert rows["stalls"].sum() + table.loc[dropped, "totalSeats"].sum() == 7154
    kinds = rows["place_type"].value_counts().add(table.loc[dropped, "category"].value_counts(), fill_value=0)
    assert kinds[["機關", "公園", "交通", "連鎖餐飲店", "綜合零售賣場"]].tolist() == [335, 275, 222, 217, 192]
    special = theme.table("toilets_special_stalls").frame.set_index("stall")
    lost = table.loc[dropped]
    for stall, column, having in (
        ("accessible", "accessibleToiletSeats", 639), ("family", "parentChildToiletSeats", 283)
    ):  # fmt: skip
        assert (table[column] > 0).sum() == having
        assert special.loc[stall, "with"] == having - (lost[column] > 0).sum()
        assert special.loc[stall, "stalls"] == table[column].sum() - lost[column].sum()


def test_taipei_by_district_and_village(taipei, shared_data):
    city, table = taipei
    density = city.themes["toilets"].table("toilets_density").frame
    town = density[density["rule"] == "wc.density.town_seed"].set_index(["level", "zone"])
    published = json.loads((shared_data / "taipei" / "toilet_counts_by_district.json").read_text("utf-8"))
    told = {row["district"]: row["publicToiletCount"] for row in published["byDistrict"]}
    assert table["district"].value_counts().to_dict() == told
    found = town.loc["district", "toilets"]
    # Fourteen repeat another row, one lies outside, and some state the district across the street.
    assert found.sum() == 1549 - 14 - 1
    assert sum(abs(found[name] - count) for name, count in told.items()) <= 0.03 * 1549
    villages = town.loc["village"]
    assert (len(villages), villages["toilets"].sum()) == (456, 1534)
    layer = gpd.read_file(shared_data / "taipei" / "taipei_villages.gpkg").set_index("TVNAME").to_crs(city.crs)
    assert (villages["base"] - layer.area.reindex(villages.index) / 1e6).abs().max() < 0.0002
    points = gpd.GeoSeries.from_xy(table["longitude"], table["latitude"], crs=4326).to_crs(city.crs)
    listed = city.themes["toilets"].table("toilets_listed").frame
    points = points.drop(listed.loc[~listed["used"], "toilet"])
    counted = pd.Series(shapely.STRtree(layer.geometry).query(points, predicate="within")[1]).value_counts()
    mine = villages["toilets"].reindex(layer.index).to_numpy()
    assert all(mine[k] == n for k, n in counted.items())
    assert mine.sum() == counted.sum()


def test_macau_lists_toilets_that_may_be_one(city_of):
    """Read by hand: nodes of the official list beside the building that OpenStreetMap drew before, with no code."""
    theme = city_of("macau").themes["toilets"]
    listed = theme.table("toilets_listed").frame
    pairs = set(listed.loc[listed["problem"] == "near", ["toilet", "value"]].itertuples(index=False, name=None))
    assert ("node/9726948609", "way/241741574") in pairs  # T4 and its building, 0.1 m
    assert ("node/9727330022", "way/679967549") in pairs  # M39 and its building, 0.9 m
    assert 12 <= len(pairs) <= 24
    assert theme.figures["hours"]["night"]["open"] == theme.figures["hours"]["day"]["open"] > 80  # all of them 24/7


def test_las_palmas_spacing_counts_only_streets_of_a_type(city_of):
    theme = city_of("las_palmas").themes
    figures = theme["toilet_spacing"].figures
    assert figures["toilets"] == theme["toilets"].figures["toilets"] == 30
    for one in figures["types"].values():
        assert 0 <= one["too_long_m"] <= one["street_m"]
        assert one["lacks"] <= one["lacks_most"]
