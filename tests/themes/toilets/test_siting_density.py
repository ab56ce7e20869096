"""What the siting of toilets says a zone lacks is what the audit of density says, and the plan fills exactly that.

The drawn city is 3 × 3 km: nine zones of 1 km², each of which needs three toilets for the town; toilets stand on
millimetres of a grid, so that many lie on the boundary of two or four zones.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

from siting.errors import InfeasibleError, InputError
from siting.themes import City
from siting.themes.toilets import audit_toilets
from siting.themes.toilets.density import density_of
from siting.themes.toilets.land_classes import classed_land
from siting.themes.toilets.siting_toilets import site_toilets

CRS = "EPSG:32650"
TOWN = "wc.density.town_seed"


def frame(shapes, ids, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS, index=pd.Index(ids, name="id"))


def city(toilets, boundary=None, **more):
    cells = [(x, y) for y in range(3) for x in range(3)]
    shapes = [box(1000 * x, 1000 * y, 1000 * x + 1000, 1000 * y + 1000) for x, y in cells]
    zones = frame(shapes, [f"z{x}{y}" for x, y in cells], name=[f"{x}{y}街" for x, y in cells])
    people = frame([Point(1500, 1500)], ["h"], people=[100.0])
    there = frame([Point(at) for at in toilets], [f"t{k}" for k in range(len(toilets))])
    there["class"] = "public_toilet"
    layer = None if boundary is None else frame([boundary], ["b"])
    return City.of(None, people, there, zones={"block": zones}, boundary=layer, **more)


def grid(step=150.0):
    at = [(x, y) for x in np.arange(75, 3000, step) for y in np.arange(75, 3000, step)]
    return frame(
        [Point(p) for p in at],
        [f"c{k}" for k in range(len(at))],
        allowed=True,
        kind="street",
        cost=np.nan,
        refusal=None,
    )


def shortfall(town, level="block", rule=TOWN):
    table = audit_toilets(town).density.table
    mine = table[(table["level"] == level) & (table["rule"] == rule)]
    return dict(zip(mine["zone"], mine["shortfall"], strict=True))


@pytest.mark.parametrize("seed", range(6))
def test_the_plan_fills_the_shortfall_that_the_audit_shows(seed):
    rng = np.random.default_rng(seed)
    # Steps of 500 m: half of them lie on the boundary of zones, some on that of four, some on the rim.
    toilets = [tuple(p) for p in 500.0 * rng.integers(0, 7, (int(rng.integers(1, 20)), 2))]
    boundary = None if seed % 2 else box(100, 100, 2950, 2333.3)
    town = city(list(dict.fromkeys(toilets)), boundary)
    plan = site_toilets(town, radius=None, level="block", candidates=grid())
    said = dict(zip(plan.quotas["zone"], plan.quotas["lacks"], strict=True))
    assert said == shortfall(town)
    assert len(plan.sites) == sum(said.values())
    assert plan.quotas["sites"].tolist() == plan.quotas["lacks"].tolist()
    new = frame(plan.sites.geometry, [f"n{k}" for k in range(len(plan.sites))], **{"class": "public_toilet"})
    after = density_of(town, gpd.GeoDataFrame(pd.concat([town.facilities, new])), None).table
    assert set(after.loc[(after["rule"] == TOWN) & (after["level"] == "block"), "shortfall"]) == {0}


def test_a_toilet_on_a_boundary_counts_once():
    """One at the corner of four zones counts in the first by id; 27 are needed, one is there: 26 are lacking."""
    town = city([(1000, 1000)])
    plan = site_toilets(town, radius=None, level="block", candidates=grid())
    assert plan.quotas.set_index("zone")["toilets"].to_dict() == {
        f"z{x}{y}": int((x, y) == (0, 0)) for x in range(3) for y in range(3)
    }
    assert len(plan.sites) == 26
    row = plan.requirements.set_index("requirement").loc["density"]
    assert (row["before"], row["after"], row["total"]) == (26, 0, 27)


def test_the_whole_area_rounds_once():
    """8.2 km² need 25 toilets together; the nine zones by themselves 3 each, but those cut to 0.8 km² too."""
    town = city([(1500, 1500)], box(0, 0, 3000, 2733.3))
    whole = site_toilets(town, radius=None, level="city", candidates=grid())
    assert shortfall(town, "city")["city"] == 24
    assert len(whole.sites) == 24
    assert len(site_toilets(town, radius=None, level="block", candidates=grid()).sites) == 26


def test_land_classes_have_quotas_of_their_own():
    """West 4.5 km² of housing need 14, east 4.5 km² of industry 5; one on the edge counts where more is asked."""
    land = frame([box(0, 0, 1500, 3000), box(1500, 0, 3000, 3000)], ["w", "e"], use=["R2", "M1"])
    town = city([(1500, 1000), (2000, 1000)])
    audited = audit_toilets(town, land_use=land, land_use_field="use").density
    rules = ["wc.density.residential", "wc.density.industry"]
    assert [audited.city(r)["shortfall"] for r in rules] == [13, 4]
    classes = classed_land(land, "use", town.catalogue)
    plan = site_toilets(town, radius=None, level="city", density=rules, land=classes, candidates=grid())
    assert plan.quotas.set_index("class")["lacks"].to_dict() == {"residential": 13, "industry": 4}
    west = (plan.sites.geometry.x <= 1500).sum()
    assert (west, len(plan.sites) - west) == (13, 4)
    with pytest.raises(InputError, match="there is no such land"):
        site_toilets(town, radius=None, level="city", density=rules, candidates=grid())
    with pytest.raises(InputError, match="either one of the whole town"):
        site_toilets(town, radius=None, level="city", density=[TOWN, rules[0]], land=classes, candidates=grid())


def test_density_is_told_where_it_is_not_required():
    town = city([(500, 500)])
    plan = site_toilets(town, p=2, candidates=grid())
    row = plan.requirements.set_index("requirement").loc["density"]
    assert (row["before"], row["after"]) == (26, 25)  # 27 needed; a second new toilet would serve nobody more
    assert plan.quotas["asked"].tolist() == [0]
    with pytest.raises(InfeasibleError, match="zone z00 lacks 2 toilets and has 0 places"):
        site_toilets(town, radius=None, level="block", candidates=grid()[lambda c: c.geometry.x > 1000])


def test_who_is_served_by_zone_adds_up():
    town = city([(500, 500)])
    zones = site_toilets(town, p=1, candidates=grid()).zones
    assert zones[["people", "before", "after", "newly"]].sum().tolist() == [100, 0, 100, 100]
    assert zones["sites"].sum() == 1
