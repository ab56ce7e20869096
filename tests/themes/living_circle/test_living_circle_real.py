"""The demo district against its figures on paper; Macau: what must hold of a real city, and what a planner expects."""

import csv

import numpy as np
import pytest

from siting.coverage import CITY_LEVEL, Searches, audit
from siting.pipeline.execute import prepare
from siting.pipeline.progress import Silent
from siting.study import Study
from siting.themes import City
from siting.themes.living_circle import audit_living_circle, living_circle_areas
from siting.themes.living_circle.indicators import measured, tier_rule


def city_of(study: Study) -> City:
    sources, network, demand = prepare(study, Silent())
    snap = study.settings.study.max_snap_m
    return City(
        network=network,
        demand=demand.points,
        facilities=sources.facilities,
        catalogue=study.catalogue,
        searches=Searches(network, snap, sources.entrances),
        zones=sources.zones,
        entrances=sources.entrances,
        max_snap_m=snap,
    )


@pytest.fixture(scope="module")
def demo(repository):
    return audit_living_circle(city_of(Study.from_toml(repository / "data" / "demo-district" / "study.toml")))


@pytest.fixture(scope="module")
def on_paper(repository):
    with (repository / "data" / "demo-district" / "expected.csv").open(encoding="utf-8") as file:
        return {(row["key"], row["distance"]): int(row["people"]) for row in csv.DictReader(file)}


@pytest.mark.parametrize(
    ("tier", "class_", "measure", "key", "distance"),
    [
        ("10min", "primary_school", "own_radius", "fac.primary_school", "straight"),
        ("5min", "kindergarten", "own_radius", "fac.kindergarten", "straight"),
        ("10min", "market", "own_radius", "fac.market", "straight"),
        ("15min", "bus_stop_15_10", "own_radius", "bus.cover500", "straight"),
        ("5min", "toilet_lc", "distance", "wc.radius.mandatory", "network"),
        ("block", "waste_point_block", "distance", "waste.point.cjj27", "straight"),
    ],
)
def test_demo_district_as_on_paper(demo, on_paper, tier, class_, measure, key, distance):
    served = demo.of_class(tier, class_)[f"served_{measure}"]
    assert demo.points["people"][served].sum() == on_paper[key, distance]


def test_demo_district_by_hand(demo):
    # Walking 300 m a place in the middle of a community serves 10 of its houses: kindergartens in S1, S3 (100 people a
    # house), M2 (150) and N2 (80), toilets in S2, M1 and N3. Recycling points serve as many in M1, M2 and N2, those of
    # S1 and S2, off the middle of a block's side, 8 and 6.
    card = demo.scorecard.set_index(["tier", "measure"])
    assert card.loc[("5min", "distance"), "required_judged"] == 3
    served = 10 * (100 + 100 + 150 + 80) + 10 * (100 + 150 + 80) + 8 * 100 + 6 * 100 + 10 * (150 + 150 + 80)
    assert demo.share("5min") == pytest.approx(served / (3 * 31_680))
    assert (
        demo.scorecards["community"].loc["M2", "missing_5min_zh"] == "公共厕所、幼儿园、再生资源回收点"
    )  # 10 of 32 houses have one
    assert len(demo.centres) == 9
    # A community is the same to its left and right; its houses stand 40 m off a street in the middle of the south side.
    west = demo.circles.loc["S1/5"]
    assert west["people"] > 0
    assert not np.isnan(west["green_per_person_m2"])
    # OpenStreetMap is not read here: classes without a layer of the study are not judged, and 14 are named.
    assert "养老院" in card.loc[("15min", "distance"), "not_judged_zh"]
    assert card.loc[("15min", "distance"), "required_judged"] == 2


@pytest.fixture(scope="module")
def macau_city(repository, shared_data):
    path = repository / "tests" / "studies" / "macau.toml"
    return city_of(Study.from_toml(path, {"SITING_DATA": str(shared_data)}))


@pytest.fixture(scope="module")
def macau(macau_city):
    return audit_living_circle(macau_city)


def test_macau_counts_everybody_once_at_every_level(macau):
    total = macau.points["people"].sum()
    for table in macau.scorecards.values():
        assert table["people"].sum() == pytest.approx(total, abs=1e-6)
    assert len(macau.scorecards["parish"]) == 8
    rows = macau.indicators[macau.indicators["judged"] & (macau.indicators["denominator"] == "people")]
    sums = (
        rows.assign(milli=(rows["served"] * 1000).round()).groupby(["rule", "distance", "zone_level"])["milli"]
    ).sum()
    both = sums.unstack("zone_level").dropna()
    assert len(both) > 60
    assert (both["zone"] == both[CITY_LEVEL]).all()
    assert (both["parish"] == both[CITY_LEVEL]).all()


def test_macau_is_judged_by_what_its_data_hold(macau):
    card = macau.scorecard.set_index(["tier", "measure"])
    assert card.loc[("15min", "distance"), "required_judged"] == 13
    assert card.loc[("10min", "distance"), "required_judged"] == 8
    assert card.loc[("5min", "distance"), "required_judged"] == 8
    # OpenStreetMap has no tag for these, or nobody has mapped one in Macau: a gap of the data, not of the city.
    for name in ("司法所", "开闭所", "社区服务中心（街道级）", "卫生服务中心（社区医院）"):
        assert name in card.loc[("15min", "distance"), "not_judged_zh"]
    few = next(f for f in macau.findings if f.code == "fewer_than_circles")
    assert "幼儿园（7 处，按人口至少 57 处）" in few.text.zh  # 682,400 people, 12,000 a circle


def test_macau_looks_as_a_planner_expects(macau):
    """The dense north of the peninsula is served, the casinos and hills are not; the slower reach less."""
    parish = macau.scorecards["parish"]["completeness"]
    assert parish.idxmin() == "路氹填海區 Zona do Aterro de Cotai"
    assert parish.loc["花王堂區 Santo António"] > parish.loc["聖方濟各堂區 São Francisco Xavier"] + 0.2
    assert macau.share("15min") > macau.share("10min") > macau.share("5min")
    for tier in ("15min", "10min", "5min"):
        assert macau.share(tier, "step_free") <= macau.share(tier, "elderly") <= macau.share(tier, "adult")
    assert macau.share("15min", "strict") < macau.share("15min")
    assert (macau.points["completeness_5min"] <= 1).all()


@pytest.mark.parametrize(
    ("tier", "class_"), [("15min", "clinic"), ("10min", "market"), ("5min", "toilet_lc"), ("5min", "sports_small")]
)
def test_macau_figures_are_those_of_an_audit_of_one_rule(macau, macau_city, tier, class_):
    """The theme asks the engine that judges every rule: by distance, and by the time of an elderly person."""
    element = macau.element(tier, class_)
    rule = tier_rule(element)
    layers = macau_city.demand, element.facilities.drop(columns="class")
    one = audit(macau_city.network, *layers, rule, macau_city.zones, searches=macau_city.searches,
                entrances=macau_city.entrances)  # fmt: skip
    own = macau.indicators[(macau.indicators["rule"] == rule.id) & (macau.indicators["denominator"] == "people")]
    other = one.indicators[(one.indicators["distance"] == "network") & (one.indicators["denominator"] == "people")]
    pairs = own.merge(other, on=["zone_level", "zone"], how="outer", suffixes=("", "_audit"))
    assert len(pairs) == len(own) == len(other)
    assert (pairs["served"] == pairs["served_audit"]).all()
    slow = measured(rule, element.tier, "elderly")
    timed = audit(macau_city.timed("elderly"), *layers, slow, entrances=macau_city.entrances)
    assert (timed.demand["served"] == macau.of_class(tier, class_)["served_elderly"]).all()


def test_macau_circles_blind_ground_and_overlap_share_out_the_people(macau, macau_city):
    total = macau.points["people"].sum()
    alone = total - macau.blind["people"].sum() - macau.overlap["people"].sum()
    assert 0 < alone < total
    assert macau.bands["people"].sum() + macau.blind["people"].sum() == pytest.approx(total)
    widest = macau.circles[macau.circles["minutes"] == 15]
    assert (widest["people"] <= total).all()
    # The circle of an elderly person lies within that of an adult, and holds fewer people.
    some = macau.centres.iloc[[0, 10]]
    slow = living_circle_areas(macau_city, some, minutes=(15,), profile="elderly")
    assert (slow["people"].to_numpy() <= widest.set_index("point").loc[slow["point"], "people"].to_numpy()).all()
    # Outlines are drawn to some metres, not measured.
    assert all(
        widest.set_index("point").geometry[p].buffer(30).contains(shape)
        for p, shape in zip(slow["point"], slow.geometry, strict=True)
    )
