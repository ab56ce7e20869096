"""Minutes in two real cities: over the hills of Porto Alegre, and by engine through Macau's one-way streets."""

import numpy as np
import pytest

from siting.pipeline import run
from siting.study import Study


def run_city(repository, shared_data, name):
    path = repository / "tests" / "studies" / f"{name}.toml"
    return run(Study.from_toml(path, {"SITING_DATA": str(shared_data)}))


@pytest.fixture(scope="module")
def porto_alegre(repository, shared_data):
    return run_city(repository, shared_data, "porto_alegre_minutes")


@pytest.fixture(scope="module")
def macau(repository, shared_data):
    return run_city(repository, shared_data, "macau_fire")


def test_the_old_take_a_quarter_longer_and_a_wheelchair_never_less(porto_alegre):
    adult, elderly, step_free = (
        porto_alegre.audits[k].demand["cost"].to_numpy() for k in ("adult", "elderly", "step_free")
    )
    known = np.isfinite(adult)
    assert (np.isfinite(elderly) == known).all()
    # Whole milliseconds an edge: over some hundred edges the ratio of the speeds holds to a tenth of a second.
    assert elderly[known] == pytest.approx(1.25 * adult[known], abs=0.1)
    # Closed streets move some homes on to others, whose stop may be nearer; most go farther, some nowhere.
    assert (step_free >= elderly - 0.1).mean() > 0.9
    assert np.isinf(step_free).sum() > np.isinf(elderly).sum()


def test_fewer_are_served_by_each_slower_walker(porto_alegre):
    served = [porto_alegre.audits[k].headline("people").share for k in ("adult", "elderly", "step_free")]
    assert served == sorted(served, reverse=True)
    assert 0.4 < served[0] < 0.55  # 300 m on the flat at most, against three in four within 500 m
    for audit in porto_alegre.audits.values():
        assert audit.passes is None
        assert audit.travel.elevation


def test_what_closes_streets_to_a_wheelchair_is_counted(porto_alegre):
    account = next(a for a in porto_alegre.accounts if a.source == "step_free")
    closed = {f.code: f.count for f in account.findings if f.kind == "dropped"}
    assert set(closed) == {"closed_wheelchair", "closed_steps", "closed_surface", "closed_slope"}
    assert account.rows_in - account.rows_used == sum(closed.values())
    assert "slope ≤ 5%, unverified default" in porto_alegre.audits["step_free"].travel.text.en


def test_a_minute_less_serves_no_more(macau):
    five, four = (macau.audits[k].demand["served"] for k in ("fire.5min", "fire_4min"))
    assert (four <= five).all()
    assert 0.9 < macau.audits["fire_4min"].headline("people").share < macau.audits["fire.5min"].headline("people").share
    assert "clock_before_the_way" in {f.code for f in macau.findings}


def test_who_lives_off_the_roads_is_listed(macau):
    far = macau.unsnapped[macau.unsnapped["layer"] == "demand (drive)"]
    lost = macau.audits["fire.5min"].demand
    assert len(far)
    assert np.isinf(lost.loc[far["id"], "cost"]).all()
    warning = next(f for f in macau.findings if f.code == "unsnapped" and "(drive)" in f.text.en)
    assert warning.count == len(far)


def test_the_way_out_is_not_the_way_back(macau):
    out, back = macau.audits["fire.5min"], macau.audits["to_the_station"]
    assert (out.travel.outward, back.travel.outward) == (True, False)
    both = np.isfinite(out.demand["cost"]) & np.isfinite(back.demand["cost"])
    assert (out.demand["cost"][both] != back.demand["cost"][both]).mean() > 0.5
    assert macau.parameters["drive_network"]["mode"] == "drive"


def test_stations_are_reached_no_faster_than_a_straight_line_at_the_top_speed(macau):
    top_kmh = 80  # the fastest class; Macau's limits are lower
    audit = macau.audits["fire.5min"]
    stations = audit.facilities.geometry
    near = audit.demand.head(300)
    straight_m = np.array([stations.distance(p).min() for p in near.geometry])
    slow = audit.travel.profile.off_street.value  # the last metres to the door
    fastest_s = straight_m / max(top_kmh / 3.6, slow)
    assert (near["cost"].to_numpy() >= fastest_s - 0.01).all()
