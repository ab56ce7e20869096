"""Car parks of a real city: what its inventory publishes is what the census counts."""

import geopandas as gpd

from siting.standards import load_catalogue
from siting.themes.parking import parking_supply

CLOSED = ("private", "customers", "permit")


def test_macau_car_parks_and_stated_spaces(shared_data):
    """The README of the data counts 229 car parks, 49 of them with 30,676 spaces: 15 to 5,143."""
    layer = gpd.read_file(shared_data / "macau" / "macau_osm_layers.gpkg", layer="facilities")
    parks = layer[layer["category"] == "car park"].to_crs("EPSG:32649").set_index("facility_id")
    classes = ["parking" if access in CLOSED else "public_parking" for access in parks["access"]]
    supply = parking_supply(
        gpd.GeoDataFrame(parks.assign(**{"class": classes, "kind": parks["parking"]})), load_catalogue()
    )
    stated = supply.lots[supply.lots["basis"] == "stated"]
    assert (supply.rows_in, len(supply.lots) + supply.repeated) == (229, 229)
    assert (len(stated), stated["spaces"].sum()) == (49, 30_676)
    assert (stated["spaces"].min(), stated["spaces"].max()) == (15, 5_143)
    # Nothing is made up for the rest: spaces by area and clause, marked as such, or unknown.
    rest = supply.lots[supply.lots["basis"] != "stated"]
    assert set(rest["basis"]) == {"estimated", "unknown"}
    assert rest.loc[rest["basis"] == "unknown", "spaces"].isna().all()
    assert rest.loc[rest["basis"] == "estimated", "rule"].notna().all()
    missing = supply.census[supply.census["check"] == "missing"]
    assert len(missing) == len(rest) == 180
