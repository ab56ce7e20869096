"""On what the capacity of a new station rests, and that it is said: its land, or the upper end of its class."""

import pytest
from waste_ground import layer

from siting.themes.waste.stations import fit_stations
from siting.themes.waste.stations.held import by_class, how_held

#   A: 60 x 60; inside 5 m 50 x 50 = 2,500 m2: IV 50 + (2,500 - 1,000) / 3,000 x 100 = 100 t/d;
#      inside 3 m 54 x 54 = 2,916 m2, more than the 1,000 that V asks at most: 50 t/d.
#   B: 30 x 30; inside 3 m 24 x 24 = 576 m2: V 76 / 500 x 50 = 7.6 t/d.
PLOTS = layer({"A": (0, 0, 60, 60), "B": (200, 0, 230, 30)})


@pytest.fixture
def fit():
    return fit_stations(PLOTS)


def test_land_holds_a_new_station_and_the_estimate_is_said(fit):
    assert fit.versions["capacity_t_day"].to_dict() == {"A-IV": 100, "A-V": 50, "B-V": 7.6}
    (said,) = how_held(fit.versions, fit.classes, "land")
    assert (said.code, said.kind, said.count, set(said.ids)) == ("station_by_land", "note", 2, {"A-IV", "B-V"})
    assert "2 of 3 versions" in said.text.en
    assert "CJJ/T 47-2016" in said.text.en
    assert "estimate" in said.text.en
    assert "class IV, V unverified" in said.text.en
    assert "Ⅳ、Ⅴ类规模与用地未核实" in said.text.zh
    assert "Ⅴ类规模自 0 起" in said.text.zh


def test_the_upper_end_of_the_class_is_said_to_be_a_choice(fit):
    assert by_class(fit.versions, fit.classes)["capacity_t_day"].tolist() == [150, 50, 50]
    (said,) = how_held(fit.versions, fit.classes, "class")
    assert (said.code, said.kind, said.count) == ("station_by_class", "warning", 2)
    assert "as the study chose, whatever their land: in 2 of 3 versions" in said.text.en


def test_a_station_that_stands_keeps_what_it_has():
    stand = layer({"E": (0, 100, 60, 160)}, capacity_t_day=[20])
    fit = fit_stations(PLOTS, existing=stand, only=["V"])
    assert fit.versions.loc["E", "capacity_t_day"] == 20
    assert fit.versions_by_class.loc["E", "capacity_t_day"] == 20
    assert how_held(fit.versions.loc[["E"]], fit.classes, "land") == ()


def test_less_land_than_the_class_asks_for_tells_no_capacity():
    """A study may let land advise only: then the class is kept, but its land promises no tonnes."""
    fit = fit_stations(PLOTS.loc[["B"]], only=["IV"], advisory=["land"])
    assert fit.versions["capacity_t_day"].isna().all()
    assert fit.versions_by_class["capacity_t_day"].tolist() == [150]
    codes = {f.code: f for f in how_held(fit.versions, fit.classes, "land")}
    assert codes["station_land_tells_none"].ids == ("B-IV",)
    assert codes["station_land_tells_none"].kind == "dropped"
    assert {f.code for f in how_held(fit.versions, fit.classes, "class")} == {"station_by_class"}
