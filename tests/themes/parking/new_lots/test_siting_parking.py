"""New car parks on one drawn street, car by car and coin by coin.

A────L────B───────O───────V1 C───────────────V2 D      limit 300 m along the street
0   100  200     350      600               1500     L open, 40 spaces on 1,200 m²; O of an office, 30 spaces
30       30               30                15       cars of residents at night (0.3 a person)

Short at night: 20 of A and B together, 30 of C, 15 of D: 65. V1 is 2,000 m² (66 surface spaces at 30 m²), V2 1,000 m²
(32 or 33 by how its corners are cut: 32). L holds 96 spaces on two mechanical levels at 25 m², 56 more than today.
"""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point, box

from siting.errors import InfeasibleError, InputError, SchemaError
from siting.network import Network
from siting.themes import City
from siting.themes.parking import LotType, audit_parking, site_parking

CRS = "EPSG:32650"
SURFACE = LotType(kind="surface", cost_per_space=5_000)
MECHANICAL = LotType(kind="mechanical", levels=2, cost_per_space=60_000)
BOTH = (SURFACE, MECHANICAL)


def frame(shapes, ids, **columns):
    """Draw a layer."""
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS, index=pd.Index(ids, name="id"))


def street(**more):
    """Return the city of the drawing."""
    ways = frame([LineString([(0, 0), (1600, 0)])], ["s"])
    homes = frame([Point(x, 0) for x in (0, 200, 600, 1500)], list("ABCD"), people=[100.0, 100.0, 100.0, 50.0])
    lots = frame(
        [box(80, 5, 120, 35), Point(350, 0)], ["L", "O"], **{"class": ["public_parking", "parking"]},
        kind=["surface", "underground"], name=["路口停车场", "办公楼"], capacity=[40.0, 30.0],
    )  # fmt: skip
    vacant = frame([box(580, 5, 620, 55), box(1480, 5, 1520, 30)], ["V1", "V2"])
    zones = {"community": frame([box(-50, -90, 400, 90), box(400, -90, 1600, 90)], ["W", "E"], name=["西", "东"])}
    return City.of(Network.from_lines(ways), homes, lots, **({"zones": zones, "vacant": vacant} | more))


@pytest.fixture(scope="module")
def city():
    return street()


@pytest.fixture(scope="module")
def parking(city):
    return audit_parking(city, cars_per_person=0.3, shares={"home": {"day": 0.3, "night": 1.0}})


def test_a_budget_buys_the_plot_that_parks_most(city, parking):
    """330,000 pay V1's 66 spaces, which C's 30 cars fill in part; V2 would park 15."""
    plan = site_parking(city, parking, types=BOTH, budget=330_000, steps=1)
    assert plan.sites[["type_en", "spaces", "gain", "cost"]].to_numpy().tolist() == [["surface", 66, 30, 330_000.0]]
    assert (plan.short_before, plan.short_after, plan.result.objective, plan.result.bound) == (65, 35, 30, 30)
    assert (plan.result.status, plan.result.site_ids, plan.result.gap) == ("optimal", ("V1",), 0)


def test_nine_tenths_of_the_shortage_at_least_cost(city, parking):
    """58.5 of 65, so 59 cars: C's 30 in 33 spaces of V1, D's 15 in 16 of V2, 14 of A and B in L at 54 spaces.

    In four steps V1 has 17, 33, 50 or 66 spaces, V2 8, 16, 24 or 32, L 14, 28, 42 or 56 more than 40:
    33 x 5,000 + 16 x 5,000 + 54 x 60,000 = 3,485,000.
    """
    plan = site_parking(city, parking, types=BOTH, remove=0.9)
    assert plan.sites["added"].to_dict() == {"V1": 33, "V2": 16, "L": 14}
    assert plan.sites.loc["L", ["kind", "spaces", "spaces_now"]].tolist() == ["upgrade", 54, 40]
    assert (plan.cost, plan.result.bound, plan.result.status) == (3_485_000, 3_485_000, "optimal")
    assert plan.short_before - plan.short_after == 59
    assert plan.sites["gain"].sum() == 59


def test_a_share_out_of_reach_is_refused_with_the_share_that_is(city, parking):
    """Without building L up, 45 of 65 can be removed: 69.2 %."""
    with pytest.raises(InfeasibleError, match=r"45 of 65 cars \(69\.2%, proved\)"):
        site_parking(city, parking, types=BOTH, remove=0.9, upgrade=False)


def test_all_times_are_told_and_cars_are_conserved(city, parking):
    """By day 32 cars: L takes the 18 of A and B, 14 are short of C and D; the plan parks these, too."""
    plan = site_parking(city, parking, types=BOTH, budget=490_000, steps=1)
    told = plan.slots.set_index("slot")
    assert told[["cars", "short_before", "short_after"]].to_numpy().tolist() == [[32, 14, 0], [105, 65, 20]]
    assert told["proved"].all()
    assert (plan.places["short_after"] <= plan.places["cars"]).all()
    assert (plan.sites["cars"] <= plan.sites["spaces"]).all()
    assert plan.sites["cars"].sum() == 45
    east = plan.zones.set_index("zone").loc["E"]
    assert east[["cars", "short_before", "short_after", "new_lots", "new_spaces"]].tolist() == [45, 45, 0, 2, 98]


def test_four_measures_alone_and_together(city, parking):
    """Opening O parks 30; V1 and V2 45; L built up 20; ten kerb spaces beside C 10. All together: all 65, not 105."""
    kerb = frame([LineString([(650, 3), (710, 3)])], ["K"])
    plan = site_parking(city, parking, types=BOTH, budget=10_000_000, steps=1, kerb=kerb, kerb_m_per_space=6,
                        cost_per_opened=100, cost_per_kerb=50)  # fmt: skip
    told = plan.measures.set_index("measure")
    assert told["gain"].to_dict() == {"open": 30, "build": 45, "build_up": 20, "kerb": 10, "together": 65}
    assert told["spaces"].to_dict() == {"open": 30, "build": 98, "build_up": 56, "kerb": 10, "together": 194}
    assert told.loc[["open", "build", "build_up", "kerb"], "cost"].tolist() == [3_000, 490_000, 5_760_000, 500]
    assert told.loc["together", "cost"] == 6_253_500
    assert told["proved"].all()


def test_a_measure_that_cannot_reach_the_share_alone_says_how_far_it_goes(city, parking):
    told = site_parking(city, parking, types=BOTH, remove=0.9).measures.set_index("measure")
    assert told.loc["build_up", "gain"] == 20
    assert "alone it does not reach" in told.loc["build_up", "note_en"]
    assert pd.isna(told.loc["kerb", "gain"])
    assert pd.isna(told.loc["open", "cost"])


def test_every_place_is_listed_with_what_it_failed():
    """A plot under a building, one of unknown price, one outside the area and the office's garage stay in the list."""
    vacant = frame(
        [box(580, 5, 620, 55), box(680, 5, 720, 55), box(1480, 5, 1520, 30), box(900, 5, 940, 55)],
        ["ok", "under", "away", "dear"], site_cost=["100", "100", "100", "若干"],
    )  # fmt: skip
    area = frame([box(-50, -90, 1200, 90)], ["b"])
    city = street(vacant=vacant, buildings=frame([box(670, 0, 730, 60)], ["h"]), boundary=area)
    plan = site_parking(city, audit_parking(city, cars_per_person=0.3), types=[SURFACE], budget=400_000, steps=1)
    assert plan.candidates["allowed"].to_dict() == {
        "ok": True, "under": False, "away": False, "dear": False, "L": False, "O": False,
    }  # fmt: skip
    assert plan.candidates.loc[~plan.candidates["allowed"], "refusal"].str.contains(" / ").all()
    assert plan.sites["cost"].to_dict() == {"ok": 330_100}
    assert [f.code for f in plan.findings] == ["lot_site_cost"]


def test_conditions(city, parking):
    """Required, excluded, the number of sites and the spacing hold; what they leave is proved again."""
    ask = {"types": BOTH, "steps": 1}
    assert site_parking(city, parking, budget=1e7, p=1, **ask).result.site_ids == ("V1",)
    assert site_parking(city, parking, budget=1e7, p=1, required=["V2"], **ask).result.site_ids == ("V2",)
    assert "V1" not in site_parking(city, parking, budget=1e7, excluded=["V1"], **ask).result.site_ids
    apart = site_parking(city, parking, budget=1e7, min_spacing_m=1000, **ask)
    assert set(apart.result.site_ids) == {"V1", "L"}
    assert len(site_parking(city, parking, budget=0, **ask).sites) == 0
    with pytest.raises(InfeasibleError, match="required places do not fit"):
        site_parking(city, parking, budget=1, required=["V1"], **ask)
    with pytest.raises(InfeasibleError, match="'O' is required"):
        site_parking(city, parking, budget=1, required=["O"], **ask)
    with pytest.raises(InputError, match="no place"):
        site_parking(city, parking, budget=1, required=["V3"], **ask)
    with pytest.raises(InputError, match="give one of budget"):
        site_parking(city, parking, budget=1, remove=0.5, **ask)
    with pytest.raises(InputError, match="does not judge 'weekend'"):
        site_parking(city, parking, budget=1, slot="weekend", **ask)
    with pytest.raises(SchemaError, match="one level"):
        LotType(kind="surface", cost_per_space=1, levels=2)


def test_spacing_to_car_parks_that_stand_is_a_choice_of_its_own(city, parking):
    """V1 meets the street at (600, 0), 480 m east of L's edge (120, 5); O, at 250 m, is private and does not count.

    Exactly the distance of V1 is allowed, a centimetre more is not: V2, 1,380 m away, and L itself are left.
    """
    ask = {"types": BOTH, "budget": 1e7, "steps": 1}
    place = site_parking(city, parking, **ask).candidates.loc["V1"].geometry
    away = place.distance(box(80, 5, 120, 35))
    assert away == pytest.approx(480, abs=25)
    assert set(site_parking(city, parking, min_spacing_existing_m=away, **ask).result.site_ids) == {"V1", "V2", "L"}
    apart = site_parking(city, parking, min_spacing_existing_m=away + 0.01, **ask)
    assert set(apart.result.site_ids) == {"V2", "L"}
    assert apart.candidates.loc["V1", "refusal"].startswith(f"距现有公共停车场 L {away:.0f} 米，小于")
    assert apart.candidates.loc["L", "allowed"]
    shown = apart.themed()
    assert shown.figures["min_spacing_existing_m"] == away + 0.01
    assert "距现有路外公共停车场不小于" in shown.layers[0].note.zh
    assert len(site_parking(city, parking, min_spacing_m=5000, **ask).sites) == 2  # L, and one of the two plots
    with pytest.raises(InfeasibleError, match="'V1' is required, but may not be built on"):
        site_parking(city, parking, min_spacing_existing_m=away + 1, required=["V1"], **ask)
    for key in ("min_spacing_m", "min_spacing_existing_m"):
        with pytest.raises(InputError, match=f"{key} is -5, expected a number above 0"):
            site_parking(city, parking, **ask, **{key: -5})


def test_more_steps_reach_the_exact_size(city, parking):
    """The 59 cars of nine tenths need 30 spaces of V1, 15 of V2 and 14 more in L: 225,000 + 54 x 60,000 = 3,465,000.

    In four steps the best has 33 and 16 spaces on the plots for 3,485,000, which the plan says of itself. V1 holds 66.
    """
    plan = site_parking(city, parking, types=BOTH, remove=0.9, steps=66)
    assert plan.sites["added"].to_dict() == {"V1": 30, "V2": 15, "L": 14}
    assert (plan.cost, plan.result.bound, plan.result.status) == (3_465_000, 3_465_000, "optimal")
    coarse = site_parking(city, parking, types=BOTH, remove=0.9).themed()
    assert "4 等分之一至全部，最优指在这些规模之中" in coarse.layers[0].note.zh
    assert "in 4 equal steps up to what the ground holds" in coarse.layers[0].note.en
    with pytest.raises(InputError, match=r"steps is 2.5, expected a whole number from 1"):
        site_parking(city, parking, types=BOTH, remove=0.9, steps=2.5)


def test_what_is_shown(city, parking):
    """Every text has two languages, the proof and the clause stand in them, and the assumed costs are marked."""
    shown = site_parking(city, parking, types=BOTH, remove=0.9).themed()
    assert [layer.name for layer in shown.layers] == ["parking_plan_places", "parking_candidates", "parking_sites"]
    assert "proved optimal" in shown.headlines[0].en
    assert "已证明最优" in shown.headlines[0].zh
    types = shown.table("parking_types").frame
    assert types["area_zh"].str.contains("GB/T 51149-2016").all()
    assert types["area_en"].str.contains("clause read").all()
    assert "set by this study" in shown.table("parking_types").note.en
    assert shown.figures["removed"] == pytest.approx(59 / 65, abs=1e-6)
    for table in shown.tables:
        assert set(table.frame.columns) <= set(table.columns), table.name


@pytest.mark.parametrize(
    "wrong",
    [
        {"budget": -1}, {"budget": float("inf")}, {"p": 0}, {"p": 2.5}, {"steps": 0}, {"land_cost_m2": -3},
        {"cost_per_opened": -5}, {"cost_per_kerb": "300"}, {"kerb_m_per_space": -1}, {"min_spacing_m": 0},
    ],
)  # fmt: skip
def test_figures_that_cannot_be_meant_are_refused_by_name(city, parking, wrong):
    (name,) = wrong
    with pytest.raises(SchemaError, match=f"site_parking: {name} is .*, expected a"):
        site_parking(city, parking, types=BOTH, **({"budget": 1.0} | wrong))


@pytest.mark.parametrize(
    "wrong",
    [{"cost_per_space": "60000"}, {"levels": 1.5}, {"spaces_least": -4}, {"spaces_least": 9, "spaces_most": 5},
     {"ground_share": 1.2}, {"m2_per_space": float("nan")}],
)  # fmt: skip
def test_types_that_cannot_be_are_refused_by_name(wrong):
    with pytest.raises(SchemaError, match=f"lot type mechanical.*: .*{next(iter(wrong))}"):
        LotType(**({"kind": "mechanical", "cost_per_space": 1} | wrong))
