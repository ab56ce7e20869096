"""A footbridge from the drawing to the comparison: run, run with it, compare."""

import geopandas as gpd
import pytest
import shapely

import siting
from siting.errors import InputError

CRS, X0, Y0 = "EPSG:4548", 517000.0, 4052000.0
#   c --200-- d       a toilet at d; 30 people at a, 50 at the middle of a b, 20 at b; the river has no bridge
#   |                 limit 300 m straight or on foot: b is 200 m away across a bridge, 600 m around
#  200  (river)
#   |
#   a --200-- b
STUDY = """
[study]
name = "river"
[streets]
source = "streets.gpkg"
[demand]
source = "homes.gpkg"
population = "people"
id = "code"
[facilities]
public_toilet = "toilets.gpkg"
[[audit]]
rule = "wc.radius.mandatory"
name = "toilets"
overrides = { distance = "network", limit_m = 300 }
"""


@pytest.fixture
def study(tmp_path):
    def save(name, shapes, **columns):
        gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).to_file(tmp_path / name)

    a, b, c, d = [(X0, Y0), (X0 + 200, Y0), (X0, Y0 + 200), (X0 + 200, Y0 + 200)]
    save("streets.gpkg", [shapely.LineString(pair) for pair in ((a, b), (a, c), (c, d))])
    homes = [shapely.Point(*a), shapely.Point(X0 + 100, Y0), shapely.Point(*b)]
    save("homes.gpkg", homes, people=[30.0, 50.0, 20.0], code=["west", "middle", "east"])
    save("toilets.gpkg", [shapely.Point(*d)])
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    return siting.Study.from_toml(tmp_path / "study.toml")


def bridge(today):
    return siting.add_crossing(
        today, shapely.Point(X0 + 200, Y0), shapely.Point(X0 + 200, Y0 + 200), name="bridge", bridge=True
    )


def test_who_gains_by_a_footbridge(study, tmp_path):
    today, planned = siting.run(study), siting.run(study, scenario=bridge)
    assert today.audits["toilets"].demand["cost"].tolist() == [400, 500, 600]
    assert planned.audits["toilets"].demand["cost"].tolist() == [400, 300, 200]
    assert planned.demand.equals(today.demand)
    today.write(tmp_path / "today")
    planned.write(tmp_path / "planned")
    found = siting.compare_runs(tmp_path / "today", tmp_path / "planned")
    change = found.rules["toilets"]
    assert change.demand["change"].to_dict() == {"west": "neither", "middle": "gained", "east": "gained"}
    assert (change.people("gained"), change.people("lost"), change.closer, change.farther) == (70.0, 0.0, 70.0, 0.0)
    evidence = (tmp_path / "planned" / "evidence.json").read_text(encoding="utf-8")
    assert "scenario, not as it is today: bridge bridge added: 200.0 m" in evidence
    assert "planned/bridge" in evidence


def test_a_scenario_must_return_a_network(study):
    with pytest.raises(InputError, match="must return a network"):
        siting.run(study, scenario=lambda today: None)
