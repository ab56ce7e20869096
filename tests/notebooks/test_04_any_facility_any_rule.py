"""Places and rules of one's own: the figures are counted again from the coordinates."""

import geopandas as gpd
import pytest
from running import answer, execute, shown

import siting


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return execute("04_any_facility_any_rule", tmp_path_factory.mktemp("empty"))


MARKETS = [(517300, 4052800), (517900, 4052200), (518500, 4053500), (517900, 4053500)]


def test_the_straight_share_is_that_of_the_coordinates(notebook):
    houses = gpd.read_file(siting.sample_study("demo-district").parent / "buildings.geojson")
    points = houses.representative_point()
    near = sum((points.distance(p) <= 500 for p in gpd.points_from_xy(*zip(*MARKETS, strict=True))), start=False) > 0
    share = houses["people"][near].sum() / houses["people"].sum()
    assert answer(notebook).count(f"{share:.1%}") == 2


def test_only_the_rule_that_was_read_in_full_ends_in_a_verdict(notebook):
    said = answer(notebook).splitlines()
    assert [line for line in said if "verdict" in line or "不作判定" in line] == said[:4]
    assert "not met" in said[5]
    assert "clause read" in said[5]
    assert "unverified default" in said[1]
    assert "set by the study" in shown(notebook)
