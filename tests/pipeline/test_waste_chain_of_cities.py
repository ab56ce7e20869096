"""From the bin to the plant in real cities, each from one study file: every figure adds up, nothing is lost."""

import pytest

from siting.pipeline import run
from siting.study import Study

KG = {"macau_waste": 1.2, "las_palmas_waste": 1.3}
STREAMS = ("kitchen", "recyclable", "other")


@pytest.fixture(scope="module", params=KG)
def city(request, repository, shared_data):
    file = repository / "tests" / "studies" / f"{request.param}.toml"
    return request.param, run(Study.from_toml(file, {"SITING_DATA": str(shared_data)}))


def test_the_whole_chain_of_a_city_adds_up(city):
    name, found = city
    people = found.demand["people"].sum()
    made = people * KG[name] / 1000
    assert found.themes["waste_generation"].figures["t_day"] == pytest.approx(made)
    chain = found.themes["waste_chain"]
    figures = chain.figures
    # Carried and left out are all that arises; each left out stands in a list.
    assert figures["t_day"] + figures["left_out_t_day"] == pytest.approx(made)
    lost = sum(f.count for f in chain.findings if f.code == "waste_unsnapped" or f.code == "waste_no_way")
    assert figures["sources"] + lost == (found.demand["people"] > 0).sum()
    stations, plants = chain.table("waste_chain_stations").frame, chain.table("waste_chain_plants").frame
    haul = chain.table("waste_chain_haul").frame
    for table in (stations, plants):
        assert (table["load_t_day"] <= table["capacity_t_day"] + 1e-6).all()
        assert table["load_t_day"].tolist() == pytest.approx(table[[f"t_day_{s}" for s in STREAMS]].sum(axis=1))
    out = haul.groupby("station")["t_day"].sum()
    for row in stations[stations["load_t_day"] > 0].itertuples():
        assert out[row.id] == pytest.approx(row.load_t_day)
    assert plants["load_t_day"].sum() == pytest.approx(figures["t_day"])
    costs = chain.table("waste_chain_costs").frame
    assert costs["cost_day"].sum() == pytest.approx(figures["cost_day"])
    assert figures["bound_day"] <= figures["cost_day"]
    assert stations["site"].is_unique  # of the versions of a plot at most one opens
    # A station that fails: what others take and what finds no room is all that it had.
    failed = chain.table("waste_chain_failure").frame
    assert (failed["moved_t_day"] + failed["unsent_t_day"]).tolist() == pytest.approx(failed["load_t_day"].tolist())
    assert failed.loc[failed["moved_t_day"] > 0, "takes_over"].notna().all()
    # Plots of the plan are plots that the fit finds fit, of that class.
    fit = found.themes["waste_stations"].layer("waste_station_plots").frame
    for row in stations[stations["status"] == "candidate"].itertuples():
        assert row.station_class in fit.loc[row.site, "classes"].split()
