"""New toilets on drawn streets, by hand and against every choice of places.

The drawn street is commercial (spacing < 400 m), 1500 m long, with toilets A at 150 m and B at 1150 m:

    0 ── 150 A ──────────────────────── 1150 B ──────── 1500      gap 1000: lacks two; east end 350: lacks one
"""

from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, box

from siting.errors import InfeasibleError, InputError
from siting.network import Network
from siting.themes import City
from siting.themes.toilets.siting_demand import Footfall
from siting.themes.toilets.siting_toilets import PROGRAM, site_toilets
from siting.themes.toilets.spacing import TypedStreets, audit_spacing
from siting.themes.toilets.spacing_web import Web

CRS = "EPSG:32650"
TYPES, RULES = {"pedestrian": "commercial"}, {"commercial": "wc.spacing.commercial"}


def frame(shapes, ids, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS, index=pd.Index(ids, name="id"))


def town(lines, toilets, homes=(((0, 0), 1.0),), **more):
    streets = frame([LineString(line) for line in lines], range(len(lines)), highway="pedestrian", name="商业街")
    people = frame([Point(at) for at, _ in homes], [f"h{k}" for k in range(len(homes))], people=[n for _, n in homes])
    there = frame(toilets.values(), list(toilets), **{"class": ["public_toilet"] * len(toilets)})
    return City.of(Network.from_lines(streets, min_component_share=0.0), people, there, **more)


def places(points, cost=1.0, kind="street", **more):
    labels = list(points) if isinstance(points, dict) else [f"c{k}" for k in range(len(points))]
    shapes = [Point(p) for p in (points.values() if isinstance(points, dict) else points)]
    return frame(shapes, labels, **({"allowed": True, "kind": kind, "cost": cost, "refusal": None} | more))


STREET = town([[(0, 0), (1500, 0)]], {"A": Point(150, 0), "B": Point(1150, 0)})
ALONG = places({f"x{x}": (x, 0) for x in (300, 500, 549, 600, 751, 800, 900, 1250, 1400)})


def closed(city=STREET, **more):
    given = {"spacing": audit_spacing(city, types=TYPES, rules=RULES), "radius": None, "candidates": ALONG} | more
    return site_toilets(city, **given)


def test_the_fewest_that_close_the_spacing():
    """Under 400 m from A to the first, to the second, to B: 500 or 549, with 751 or 800; or 549, 900. East: 1400."""
    plan = closed()
    assert plan.aim == "fewest"
    assert (plan.result.status, plan.result.objective, plan.result.bound) == ("optimal", 3, 3)
    assert "x1400" in plan.sites.index
    west, east = sorted(set(plan.sites.index) - {"x1400"})
    assert (west, east) in {(a, b) for a in ("x500", "x549") for b in ("x751", "x800", "x900")} - {("x500", "x900")}
    row = plan.requirements.set_index("requirement").loc["spacing"]
    assert (row["before"], row["after"], row["total"], row["beyond"]) == (750.0015, 0, 1500, 0)
    new = frame([Point(int(i[1:]), 0) for i in plan.sites.index], plan.sites.index)
    after = audit_spacing(STREET, types=TYPES, rules=RULES, toilets=pd.concat([STREET.facilities[["geometry"]], new]))
    assert len(after.stretches) == 0


def test_what_no_place_can_close_is_told_or_left_out():
    few = ALONG.drop(index=["x1400", "x1250"])
    with pytest.raises(InfeasibleError, match="no place closes 150 m of the commercial streets"):
        closed(candidates=few)
    plan = closed(candidates=few, serve="reachable")
    assert len(plan.sites) == 2
    assert plan.requirements["after"].tolist()[-1] == pytest.approx(150.0005)
    assert plan.beyond_streets["length_m"].sum() == pytest.approx(150.001)
    assert plan.beyond_streets.total_bounds.tolist() == pytest.approx([1349.999, 0, 1500, 0], abs=0.002)


def test_the_cheapest_may_be_more_toilets():
    """Opening a building costs 1, a new one 5: 300, 600, 900 in buildings cost 3, two new ones 10."""
    mixed = ALONG.assign(kind=["building" if x in ("x300", "x600", "x900") else "street" for x in ALONG.index])
    plan = closed(candidates=mixed, costs={"building": 1, "street": 5})
    assert plan.aim == "cheapest"
    assert set(plan.sites.index) == {"x300", "x600", "x900", "x1400"}
    assert (plan.result.objective, plan.result.status) == (8, "optimal")
    assert plan.themed().figures["cost"] == 8
    with pytest.raises(InputError, match="costs say nothing of places of kind building"):
        closed(candidates=mixed, costs={"street": 5})


def test_radius_spacing_and_density_in_one_model():
    """A home 300 m from x500 only, a zone that lacks two: x500 serves the home, and the zone takes two of the three."""
    homes = [((500, 300), 10.0), ((150, 100), 5.0)]
    zones = frame([box(0, -500, 1300, 500), box(1300, -500, 1600, 500)], ["w", "e"], name=["西", "东"])
    city = town([[(0, 0), (1500, 0)]], {"A": Point(150, 0), "B": Point(1150, 0)}, homes, zones={"block": zones})
    # West 1.3 km2 asks ceil(3.9) = 4 toilets and has 2; east 0.3 km2 asks 1 and has none.
    plan = closed(city, radius="wc.radius.mandatory", level="block")
    assert plan.quotas["least"].tolist() == [4, 1]
    assert plan.quotas["lacks"].tolist() == [2, 1]
    assert plan.quotas["sites"].tolist() == [2, 1]
    assert "x500" in plan.sites.index
    table = plan.requirements.set_index("requirement")
    assert table.loc["radius", ["before", "after", "total"]].tolist() == [10, 0, 15]
    assert table.loc["density", ["before", "after"]].tolist() == [3, 0]
    more = closed(city, radius=None, level="block", shortfall={"w": 4})
    assert more.quotas["sites"].tolist()[0] == 4
    only = site_toilets(city, radius=None, level="block", candidates=ALONG)
    assert len(only.sites) == 3
    with pytest.raises(InfeasibleError, match="zone e lacks 9 toilets and has 1 places"):
        closed(city, level="block", shortfall={"e": 9})


def test_so_many_for_most_people_and_busy_places():
    """Homes 10 at 500 and 8 at 1400; a station of 100 at 900, at 0.1 a passenger, counts 10; 5 are served."""
    homes = [((500, 250), 10.0), ((1400, 250), 8.0), ((150, 100), 5.0)]
    city = town([[(0, 0), (1500, 0)]], {"A": Point(150, 0)}, homes)
    station = Footfall(places=frame([Point(900, 290)], ["s"], riders=[100]), weight=0.1, column="riders")
    ends = ALONG.loc[["x500", "x900", "x1400"]]
    one = site_toilets(city, p=1, candidates=ends)
    assert one.sites.index.tolist() == ["x500"]
    two = site_toilets(city, p=2, candidates=ends, footfall={"station": station})
    assert set(two.sites.index) == {"x500", "x900"}
    assert (two.result.objective, two.result.status) == (25, "optimal")
    table = two.requirements.set_index("counts")
    assert table.loc["people", ["before", "after", "total"]].tolist() == [18, 8, 23]
    assert table.loc["station", ["before", "after", "total"]].tolist() == [100, 0, 100]
    assert (
        site_toilets(city, p=2, candidates=ends, people_weight=0, footfall={"station": station}).result.objective == 10
    )
    many = site_toilets(city, p=PROGRAM, candidates=ends)
    assert len(many.sites) == 2  # a third would serve nobody new
    assert "only 3 places may be used, of 200" in many.notes[-2].en
    assert many.notes[-1].en == "1 more in these places would serve nobody new"


@pytest.mark.parametrize("seed", range(5))
def test_no_other_choice_is_better(seed):
    """Every choice of eight places on a small web of streets: none meets radius, spacing and density for less."""
    rng = np.random.default_rng(seed)
    lines = [[(0, 0), (900, 0)], [(300, 0), (300, 500)], [(600, 0), (600, 500)], [(300, 300), (600, 300)]]
    homes = [((float(x), float(y)), 1.0) for x, y in rng.uniform((0, 0), (900, 300), (6, 2))]
    zones = frame([box(-10, -10, 450, 600), box(450, -10, 1000, 600)], ["a", "b"])
    city = town(lines, {"T": Point(100, 0)}, homes, zones={"half": zones})
    shift = rng.integers(-50, 50, 10)
    base = [
        (300, 400),
        (600, 380),
        (800, 0),
        (450, 0),
        (300, 200),
        (600, 150),
        (450, 300),
        (300, 320),
        (600, 420),
        (700, 0),
    ]
    along = [(0, 1) if x in (300, 600) else (1, 0) for x, _ in base]
    spots = [(x + d * a, y + d * b) for (x, y), (a, b), d in zip(base, along, shift.tolist(), strict=True)]
    cost = {"street": 3.0, "park": 2.0, "building": 1.0}
    kinds = rng.choice(list(cost), len(spots))
    pool = places(spots, kind=kinds)
    spacing = audit_spacing(city, types=TYPES, rules=RULES)
    shortfall = {"b": 2}

    one, here = spacing.typed[0], np.array([x > 450 for x, _ in spots])
    web = Web.of(city.network, one.edges, np.array([(100, 0), *spots], dtype=float), spacing.within_m)
    away = np.array([[home.distance(p) for p in [Point(100, 0), *pool.geometry]] for home in city.demand.geometry])

    def meets(chosen):
        all_of = np.array([0, *(k + 1 for k in chosen)])
        far = TypedStreets.of(one.spacing, one.edges, web, all_of).far
        return not len(far.piece) and (away[:, all_of].min(axis=1) <= 300).all() and here[list(chosen)].sum() >= 2

    every = [c for n in range(2, len(pool) + 1) for c in combinations(range(len(pool)), n) if meets(c)]
    assert bool(every) == (seed in (0, 1, 3))
    for prices, given in ((np.ones(len(pool)), None), (np.array([cost[k] for k in kinds]), cost)):
        least = min((prices[list(c)].sum() for c in every), default=None)
        args = {"spacing": spacing, "candidates": pool, "level": "half", "shortfall": shortfall, "costs": given}
        if least is None:
            with pytest.raises(InfeasibleError):
                site_toilets(city, **args)
            continue
        plan = site_toilets(city, **args)
        assert (plan.result.objective, plan.result.status) == (least, "optimal")
        assert meets(plan.result.sites)


@pytest.mark.parametrize(
    ("more", "error", "word"),
    [
        ({"spacing": None}, InputError, "nothing is required"),
        ({"serve": "some"}, InputError, "serve is"),
        ({"p": "wc.spacing.living"}, InputError, "expected a number"),
        ({"radius": "wc.radius.mandatry"}, InputError, "did you mean 'wc.radius.mandatory'"),
        ({"level": "block"}, InputError, "no level of zones"),
        ({"excluded": ["x1"]}, InputError, "which is no place"),
        ({"candidates": ALONG.assign(allowed=False, refusal="河")}, InfeasibleError, r"none of 9 places .*河: 9"),
        ({"footfall": {"people": Footfall(places=ALONG, weight=1)}}, InputError, "cannot be a name"),
        ({"footfall": {"shops": Footfall(places=ALONG, weight=-1)}}, InputError, "weight of shops"),
    ],
)
def test_refusals(more, error, word):
    with pytest.raises(error, match=word):
        closed(**more)


def test_what_is_shown():
    plan = closed(excluded=["x600"])
    shown = plan.themed()
    states = shown.layer("toilet_places").frame["state"]
    assert states.value_counts().to_dict() == {"free": 5, "chosen": 3, "refused": 1}
    assert shown.headlines[0].en == "3 new toilets, costing 3 (by the study); proved: no fewer can do"
    assert "commercial streets too far from a toilet: 0.75 -> 0.00 km" in shown.headlines[-1].en
    assert shown.table("toilet_sites_kinds").frame["sites"].tolist() == [3]
