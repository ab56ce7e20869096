"""Plots that fit, as the chain takes them: the upper end of their class, or what their land gives of it."""

import geopandas as gpd
import pytest
from shapely import Point

from siting.pipeline.waste_chain import of_land
from siting.study.waste_chain_table import WasteChainTable

RATES = {"other": {"collect_per_t_km": 1.0, "haul_per_t_km": 1.0}}


@pytest.mark.parametrize(("capacity", "held"), [("class", [30.0, 150.0, 50.0]), ("land", [30.0, 53.6, 50.0])])
def test_new_stations_may_be_held_to_what_their_land_gives(capacity, held):
    #  T stands and keeps what it has; P gives 53.6 of the 150 of its class; of Q the land is not known
    versions = gpd.GeoDataFrame(
        {
            "status": ["existing", "candidate", "candidate"],
            "capacity_t_day": [30.0, 150.0, 50.0],
            "capacity_by_land_t_day": [10.0, 53.6, None],
        },
        geometry=[Point(0, 0)] * 3,
        index=["T", "P", "Q"],
    )
    table = WasteChainTable(plants="plants.gpkg", rates=RATES, capacity=capacity)
    assert of_land(table, versions)["capacity_t_day"].tolist() == held
    assert versions["capacity_t_day"].tolist() == [30.0, 150.0, 50.0]
