"""The package against paper: each audit of the synthetic district gives the figures that were worked out by hand."""

import csv
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import siting
from siting.access import cost_matrix_straight
from siting.inputs.layers import LayerSpec, read_layer
from siting.locate.candidates.make import make_candidates
from siting.network import Network

CRS = "EPSG:4548"
LAYER = {
    "park.300green": "parks",
    "park.500park": "parks",
    "waste.point.gb55013": "waste_points",
    "waste.point.cjj27": "waste_points",
    "park_lot.radius.now": "car_parks",
    "bus.cover500": "bus_stops",
    "fac.primary_school": "primary_schools",
    "fac.kindergarten": "kindergartens",
    "fac.market": "markets",
}


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "data" / "demo-district"


@pytest.fixture(scope="module")
def network(folder: Path) -> Network:
    return Network.from_lines(gpd.read_file(folder / "streets.geojson"))


@pytest.fixture(scope="module")
def demand(folder: Path) -> gpd.GeoDataFrame:
    houses = gpd.read_file(folder / "buildings.geojson").set_index("id")
    return houses.set_geometry(houses.representative_point()).assign(people=lambda f: f["people"] * 1.0, units=1)


@pytest.fixture(scope="module")
def toilets(folder: Path) -> gpd.GeoDataFrame:
    spec = LayerSpec(
        name="toilets", source=folder / "toilets_gcj02_gbk.csv", id="编号", lon="经度", lat="纬度", encoding="gb18030",
        coords="gcj02",
    )  # fmt: skip
    return read_layer(spec, kind="point", crs=CRS).frame


def paper(folder: Path) -> list[tuple[str, str, dict[str, str]]]:
    with (folder / "expected.csv").open(encoding="utf-8") as file:
        return [(r["key"], r["distance"], r) for r in csv.DictReader(file) if "." in r["key"]]


ROWS = paper(Path(__file__).resolve().parents[1] / "data" / "demo-district")


@pytest.mark.parametrize(("rule", "distance", "row"), ROWS, ids=[f"{k}-{d}" for k, d, _ in ROWS])
def test_audits_give_the_figures_on_paper(rule, distance, row, folder, network, demand, toilets):
    facilities = toilets if rule.startswith("wc.") else gpd.read_file(folder / f"{LAYER[rule]}.geojson").set_index("id")
    gates = gpd.read_file(folder / "park_gates.geojson").set_index("id")
    audit = siting.audit(network, demand, facilities, rule, entrances=gates)
    people, units = audit.shares[distance, "people"], audit.shares[distance, "units"]
    assert (people.served, people.total) == (int(row["people"]) * 1000, 31_680_000)
    assert (units.served, units.total) == (int(row["buildings"]), 288)
    served = audit.demand[f"served_{distance}"]
    by_community = demand.loc[served[served].index, "community"].value_counts().to_dict()
    assert by_community == {c: int(n) for c, n in (part.split("=") for part in row["by_community"].split())}


def test_a_house_at_the_limit_itself_is_served(folder, network, demand):
    # The walled park's gate is 20 m off the street, a house north of the wall 240 m along it and 40 m from it: 300 m.
    gates = gpd.read_file(folder / "park_gates.geojson").set_index("id")
    parks = gpd.read_file(folder / "parks.geojson").set_index("id")
    audit = siting.audit(network, demand, parks, "park.300green", entrances=gates)
    on_the_limit = audit.demand.query("cost_network == 300.0")
    assert len(on_the_limit) == 4
    assert on_the_limit["served_network"].all()
    assert set(on_the_limit["facility_network"]) == {"PA"}
    behind_the_wall = audit.demand[(audit.demand["cost_straight"] < 100) & ~audit.demand["served_network"]]
    assert len(behind_the_wall) > 0  # close as the crow flies, but the gate is on the other side


def test_toilets_stand_where_they_were_before_the_shift(toilets):
    places = [(517_900, 4_052_200), (517_300, 4_052_800), (518_500, 4_053_500)]
    for point, (x, y) in zip(toilets.geometry, places, strict=True):
        assert abs(point.x - x) < 0.02  # 7 decimals of a degree are 1 cm
        assert abs(point.y - y) < 0.02


@pytest.fixture(scope="module")
def plots(folder: Path, network: Network) -> gpd.GeoDataFrame:
    return make_candidates(
        "vacant",
        streets=network.edges_frame(),
        land=gpd.read_file(folder / "vacant_plots.geojson").set_index("id"),
        exclusions={"protected_zone": gpd.read_file(folder / "protected_zone.geojson").set_index("id")},
    )


def test_the_plot_in_the_protected_zone_is_no_candidate(plots):
    assert plots["allowed"].to_dict() == {"V1": True, "V2": True, "V3": False, "V4": True, "V5": True}


@pytest.mark.parametrize("distance", ["network", "straight"])
def test_the_best_two_plots_are_found_and_proved(distance, folder, network, demand, toilets, plots):
    places = gpd.GeoDataFrame(pd.concat([toilets[["geometry"]], plots.loc[plots["allowed"], ["geometry"]]]), crs=CRS)
    if distance == "network":
        cost = siting.cost_matrix(network, demand, places, cutoff=300)
    else:
        cost = cost_matrix_straight(demand, places, cutoff=300)
    result = siting.locate.mclp(cost, demand["people"], 300, 2, existing=list(toilets.index))
    (after,) = [
        int(r["people"]) for r in csv.DictReader((folder / "expected.csv").read_text(encoding="utf-8").splitlines())
        if (r["key"], r["distance"]) == ("toilets_after", distance)
    ]  # fmt: skip
    assert result.site_ids == ("V1", "V2")
    assert (result.objective, result.bound, result.status) == (after, after, "optimal")
