"""Plots of a real city: every distance again by brute force, every row accounted for."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest

from siting.ledger import Text
from siting.themes.waste.ground import Keep
from siting.themes.waste.stations import fit_stations


@pytest.fixture(scope="module")
def macau(shared_data):
    file = shared_data / "macau" / "macau_osm_layers.gpkg"
    buildings = gpd.read_file(file, layer="buildings").to_crs(32649)
    green = gpd.read_file(file, layer="green_areas").to_crs(32649)
    plots = green[green["kind"] == "greenfield"][["geometry"]].reset_index(drop=True)
    schools = gpd.read_file(file, layer="facilities").to_crs(32649)
    schools = schools[schools["category"] == "school"][["geometry"]].reset_index(drop=True)
    return plots, buildings[["geometry"]].reset_index(drop=True), schools


def test_greenfield_plots_of_macau(macau):
    plots, buildings, schools = macau
    near = Keep(name="schools", title=Text("学校", "school"), layer=schools, distance_m=50)
    fit = fit_stations(plots, buildings, keep=[near])
    assert len(fit.plots) == len(plots) == 127
    spacing = fit.tests[(fit.tests["test"] == "spacing") & (fit.tests["subject"] == "V")].set_index("plot")["measured"]
    school = fit.tests[fit.tests["test"] == "schools"].set_index("plot")["measured"]
    for k in range(0, len(plots), 9):
        shape = plots.geometry.iloc[k]
        off = buildings.geometry[buildings.geometry.intersection(shape).area == 0]
        assert spacing[str(k)] == pytest.approx(off.distance(shape).min(), abs=0.0006)
        assert school[str(k)] == pytest.approx(schools.geometry.distance(shape).min(), abs=0.0006)
    # whatever is handed on keeps every distance of its class
    asked = {c.id: (c.spacing.value, c.least_land_m2) for c in fit.classes}
    for row in fit.versions.itertuples():
        metres, land = asked[row.station_class]
        assert spacing[row.site] >= metres
        assert row.room_m2 >= land
        assert school[row.site] >= 50
    # a larger spacing, a smaller share: classes are nested by land and spacing
    fits = [set(fit.versions.loc[fit.versions["station_class"] == c.id, "site"]) for c in fit.classes]
    assert all(larger <= smaller for larger, smaller in pairwise(fits))
    assert 0 < len(fits[-1]) < len(plots)
    assert np.isfinite(fit.versions["capacity_t_day"]).all()
