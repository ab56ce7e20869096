"""Land that a capacity asks for, and what arises beside what plants take: by hand."""

import numpy as np
import pytest
from waste_ground import layer

from siting.errors import InputError
from siting.themes import City
from siting.themes.waste.plants import site_plant

# small 50 x 50 = 2,500 m2, large 100 x 100 = 10,000 m2; 25 + 15 = 40 t/d arise
PLOTS = layer({"small": (1000, 600, 1050, 650), "large": (2000, 600, 2100, 700)})
SOURCES = layer({"q1": (100, 500), "q2": (1600, 500)}, t_day_recyclable=[25.0, 15.0])
STAND = layer({"Z": (100, 510), "Y": (900, 510)}, capacity_t_day=[15.0, 5.0])


@pytest.fixture(scope="module")
def city():
    facilities = layer({"f": (2950, 650)}).assign(**{"class": "primary_school"})
    demand = layer({"d": (150, 650)}, people=[100])
    return City.of(None, demand, facilities, vacant=PLOTS, boundary=layer({"b": (0, 0, 3000, 1000)}))


def test_a_plot_without_the_land_says_how_much_is_short(city):
    site = site_plant(city, "sorting", sources=SOURCES, capacity_t_day=50, m2_per_t_day=60)
    # 50 x 60 = 3,000 m2
    land = site.tests[site.tests["test"] == "land"].set_index("plot")
    assert land["outcome"].to_dict() == {"small": "fail", "large": "pass"}
    assert land["short"].to_dict() == {"small": 500, "large": 0}
    assert set(land["confidence"]) == {"own"}
    assert site.candidates["allowed"].to_dict() == {"small": False, "large": True}
    assert site.candidates.loc["small", "reason_en"] == (
        "2,500 m², 3,000 m² asked for 50 t/d at 60 m² per t/d: 500 m² short (the study's own figure)"
    )
    assert site.best_by_haul == ("large",)


def test_without_land_per_tonne_nothing_is_judged_and_without_capacity_nothing_is_asked(city):
    site = site_plant(city, "sorting", sources=SOURCES, capacity_t_day=50)
    land = site.tests[site.tests["test"] == "land"]
    assert set(land["outcome"]) == {"not_judged"}
    assert "neither catalogue nor study" in land["text_en"].iloc[0]
    assert site.candidates["allowed"].all()
    none = site_plant(city, "sorting", sources=SOURCES, m2_per_t_day=60)
    assert "land" not in set(none.tests["test"])
    assert "supply and demand of capacity" in {what.en for what, _ in none.missing}
    with pytest.raises(InputError, match="capacity_t_day is -1"):
        site_plant(city, "sorting", capacity_t_day=-1)


def test_supply_against_demand(city):
    site = site_plant(city, "sorting", sources=SOURCES, existing=STAND, capacity_t_day=8, p=2)
    # 40 arise, 15 + 5 stand: 20 have no room; two of 8 take 16: 4 short
    assert (site.balance.arises, site.balance.standing_t_day, site.balance.lacking) == (40, 20, 20)
    assert site.balance.short == 4
    themed = site.themed()
    assert "capacity: 40.0 t/d arise, 2 that stand take 20.0 t/d, 2 new of 8.0 t/d each: 4.0 t/d short" in [
        line.en for line in themed.headlines
    ]
    table = themed.table("waste_plant_sorting_balance").frame
    assert table["t_day"].fillna(-1).tolist() == [40, 20, -1, 20, 16, 4]
    assert set(table.columns) == set(themed.table("waste_plant_sorting_balance").columns)
    spare = site_plant(city, "sorting", sources=SOURCES, existing=STAND, capacity_t_day=25)
    assert spare.balance.short == -5
    assert any("富余 5.0 吨/日" in line.zh for line in spare.themed().headlines)


def test_an_unknown_capacity_is_not_none(city):
    stand = STAND.assign(capacity_t_day=["15", "-3"])
    site = site_plant(city, "sorting", sources=SOURCES, existing=stand, capacity_t_day=30)
    assert (site.balance.unknown, site.balance.standing_t_day) == (("Y",), 15)
    assert (site.balance.lacking, site.balance.short) == (None, None)
    line = next(line for line in site.themed().headlines if line.en.startswith("capacity"))
    assert line.en.endswith("of 1 (Y) it is unknown: not judged")
    table = site.themed().table("waste_plant_sorting_balance").frame
    assert np.isnan(table["t_day"].iloc[-1])
    without = site_plant(city, "sorting", sources=SOURCES, existing=STAND[["geometry"]])
    assert not without.balance.known
    people = site_plant(city, "e_waste", sources=layer({"q": (0, 0)}, people=[5]), weight="people", capacity_t_day=3)
    assert people.balance is None
    assert any("amounts are no t/d" in why.en for _, why in people.missing)
    tonnes = site_plant(city, "e_waste", sources=layer({"q": (0, 0)}, t_day_e=[5]), weight="t_day_e", capacity_t_day=3)
    assert tonnes.balance.short == 2


def test_what_the_nearest_gets_over_its_capacity(city):
    # q2 (15 t) is nearest to "large" at (1700, 450), q1 (25 t) to Z at (100, 510), which takes 15: 10 over
    plots = layer({"large": (1700, 450, 1800, 550)})
    stand = layer({"Z": (100, 510)}, capacity_t_day=[15.0])
    site = site_plant(city, "sorting", plots, sources=SOURCES, existing=stand, capacity_t_day=20)
    table = site.themed().table("waste_plant_sorting_hauls").frame.set_index("plant")
    assert table["capacity"].to_dict() == {"Z": 15, "large": 20}
    assert table["over"].to_dict() == {"Z": 10, "large": 0}
    lines = [line.en for line in site.themed().headlines]
    assert any("would put Z 10.0 t/d over" in line for line in lines)
    assert (
        "capacity"
        not in site_plant(city, "sorting", plots, sources=SOURCES)
        .themed()
        .table("waste_plant_sorting_hauls")
        .frame.columns
    )
