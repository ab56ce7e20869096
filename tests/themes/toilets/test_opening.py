"""Opening toilets of buildings, by hand: on a line, three homes and four buildings, straight distances, 300 m.

home a (10) at 0 is served; b (20) at 1000, c (5) at 1400, d (7) at 2000
P at 1200 reaches b and c (25); Q at 1100 reaches b and c too; R at 2200 reaches d; S at 100 reaches a only
"""

from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from siting.errors import InputError
from siting.themes import City
from siting.themes.toilets.opening import open_toilets

CRS = "EPSG:32650"


def frame(shapes, ids, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS, index=pd.Index(ids, name="id"))


def line(homes, toilets, closed=(), **more):
    people = frame([Point(x, 0) for x, _ in homes], [f"h{k}" for k in range(len(homes))], people=[n for _, n in homes])
    places = [*toilets, *closed]
    there = frame([Point(x, 0) for x in places], [f"f{k}" for k in range(len(places))])
    there["class"] = ["public_toilet"] * len(toilets) + ["restricted_toilet"] * len(closed)
    for name, values in more.items():
        there[name] = values
    return City.of(None, people, there)


HOMES = [(0, 10.0), (1000, 20.0), (1400, 5.0), (2000, 7.0)]
LOTS = frame(
    [Point(x, 0) for x in (1200, 1100, 2200, 100)], list("PQRS"), name=["图书馆", "商场", None, "机关"],
    hours=["24小时", "8:00-20:00", "看情况", None],
)  # fmt: skip


def test_alone_in_order_and_together():
    found = open_toilets(line(HOMES, [50]), LOTS, hours="hours")
    lots = found.lots
    assert lots["alone"].to_dict() == {"P": 25, "Q": 25, "R": 7, "S": 0}
    assert lots.index.tolist() == ["P", "R", "Q", "S"]
    assert lots["added"].tolist() == [25, 7, 0, 0]
    assert lots["together"].tolist() == [25, 32, 32, 32]
    whole = found.slots.set_index("slot").loc["any"]
    assert whole[["before", "after", "gain", "total"]].tolist() == [10, 42, 32, 42]


def test_by_time_of_day():
    """By day P and Q are open, R and S unknown; at night P alone is known to be open, Q is closed."""
    found = open_toilets(line(HOMES, [50]), LOTS, hours="hours")
    slots = found.slots.set_index("slot")
    columns = ["open", "closed", "unknown", "gain", "gain_most"]
    assert slots.loc["day", columns].tolist() == [2, 0, 2, 25, 32]
    assert slots.loc["night", columns].tolist() == [1, 1, 2, 25, 32]
    assert found.lots["alone_night"].isna().to_dict() == {"P": False, "R": True, "Q": False, "S": True}
    assert found.lots.loc["Q", ["alone_day", "alone_night"]].tolist() == [25, 0]
    assert {f.code: (f.count, f.ids) for f in found.findings} == {
        "opening_hours_not_read": (1, ("R",)), "opening_hours_none": (1, ("S",)),
    }  # fmt: skip


def test_a_public_toilet_that_closes_makes_room_at_night():
    """The toilet at 50 closes at 22:00: at night S, open all day and night, serves a."""
    city = line(HOMES, [50], opening_hours=["6:00-22:00"])
    found = open_toilets(city, LOTS.assign(hours="24小时"), hours="hours")
    slots = found.slots.set_index("slot")
    assert slots.loc["day", ["before", "gain"]].tolist() == [10, 32]
    assert slots.loc["night", ["before", "gain"]].tolist() == [0, 42]
    assert found.lots.loc["S", ["alone", "alone_night"]].tolist() == [0, 10]


def test_toilets_not_open_to_everybody_and_buildings_of_a_class():
    city = line(HOMES, [50], closed=[1200, 2200])
    found = open_toilets(city)
    assert found.lots["kind"].unique().tolist() == ["restricted_toilet"]
    assert found.slots["gain"].iloc[0] == 32
    with pytest.raises(InputError, match="no toilets to open"):
        open_toilets(city, restricted=False)
    with pytest.raises(InputError, match="no class of facility 'libraries'"):
        open_toilets(city, classes=("libraries",))
    with pytest.raises(InputError, match=r"no column 'hous'.*did you mean 'hours'"):
        open_toilets(city, LOTS, hours="hous")


def test_rows_in_are_lots_and_rows_listed():
    odd = pd.concat([LOTS, frame([None, Point()], ["X", "Y"])])
    found = open_toilets(line(HOMES, [50]), gpd.GeoDataFrame(odd, crs=CRS), hours="hours")
    lost = next(f for f in found.findings if f.code == "opening_no_place")
    assert len(found.lots) + lost.count == 6
    assert lost.ids == ("X", "Y")


@pytest.mark.parametrize("seed", range(8))
def test_against_every_set_of_lots(seed):
    """Each gain, each step of the order and the sum are those of the union of what is served, counted one by one."""
    rng = np.random.default_rng(seed)
    homes = [(float(x), float(n)) for x, n in zip(rng.integers(0, 3000, 25), rng.integers(0, 40, 25), strict=True)]
    at = rng.integers(0, 3000, 6)
    lots = frame([Point(x, 0) for x in at], [f"l{k}" for k in range(6)])
    found = open_toilets(line(homes, [700]), lots)
    x, n = np.array([h[0] for h in homes]), np.array([h[1] for h in homes])

    def gain(some):
        now = abs(x - 700) <= 300
        then = now | np.any([abs(x - at[k]) <= 300 for k in some], axis=0) if some else now
        return n[then].sum() - n[now].sum()

    number = [int(i[1:]) for i in found.lots.index]
    assert found.lots["alone"].tolist() == [gain([k]) for k in number]
    assert found.lots["together"].tolist() == [gain(number[: k + 1]) for k in range(6)]
    for k in range(6):
        assert found.lots["added"].iloc[k] == max(gain([*number[:k], j]) for j in number[k:]) - gain(number[:k])
    assert found.slots["gain"].iloc[0] == max(gain(list(c)) for r in range(7) for c in combinations(range(6), r))


def test_what_is_shown():
    shown = open_toilets(line(HOMES, [50]), LOTS, hours="hours").themed()
    assert shown.headlines[0].zh == "4 处社会厕所全部开放：服务 10 → 42 人（23.8% → 100.0%），有新增的 2 处"
    assert shown.headlines[1].zh == "优先开放：图书馆（+25）、R（+7）"
    assert "at most 32 with the 2 of unknown hours" in shown.headlines[-1].en
    assert shown.layer("toilet_opening").frame["use"].tolist() == ["gain", "gain", "shared", "none"]
    assert shown.figures["night"]["open"] == 1
