"""The synthetic district: the script writes what is committed, and the figures of its README follow from the plan.

The arithmetic here uses the plan of the district alone (whole metres, a grid of streets, one bridge) and nothing of
`siting`, so that the package can be held against it.
"""

import csv
import heapq
import importlib.util
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType

import geopandas as gpd
import pytest

Xy = tuple[float, float]
Houses = dict[str, list[Xy]]

# In their community: the middle of the centre block's south side, where most facilities stand.
MIDDLE = (300, 200)
CORNER = {f"{r}{c + 1}": (600 * c, y) for r, y in (("S", 0), ("M", 600), ("N", 1300)) for c in range(3)}
PEOPLE = {"S": 100, "M": 150, "N": 80}


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "data" / "demo-district"


@pytest.fixture(scope="module")
def script(repository: Path) -> ModuleType:
    pytest.importorskip("prcoords", reason="the toilets are shifted to GCJ-02 with prcoords")
    spec = importlib.util.spec_from_file_location(
        "make_demo_district", repository / "scripts" / "make_demo_district.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def houses() -> Houses:
    # One residential block:  . 160   each house is 40 m from the street south or north of it,
    #                         . 40    and 60 m from the street west or east
    #                        60 140
    inside = [(200 * i + x, 200 * j + y) for j in range(3) for i in range(3) if (i, j) != (1, 1)
              for x, y in ((60, 40), (140, 40), (60, 160), (140, 160))]  # fmt: skip
    return {c: [(x0 + x, y0 + y) for x, y in inside] for c, (x0, y0) in CORNER.items()}


@pytest.fixture(scope="module")
def expected(folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    with (folder / "expected.csv").open(encoding="utf-8") as file:
        return {(row["key"], row["distance"]): row for row in csv.DictReader(file)}


def at(communities: str) -> list[Xy]:
    """The middles of some communities."""
    return [(CORNER[c][0] + MIDDLE[0], CORNER[c][1] + MIDDLE[1]) for c in communities.split()]


WASTE = [(x + 100, y) for y in (200, 400) for x in range(0, 1800, 200)] + [
    (CORNER[c][0] + dx, CORNER[c][1] + dy) for c in ("M1", "M2", "M3") for dx in (200, 400) for dy in (200, 400)
]
# Entry points as (point on a street, way from it to the door). The walled park's gate is 20 m off the street.
GATES = [((900, 400), 20), ((1500, 1500), 0), ((1600, 1600), 0), ((1500, 1700), 0), ((1400, 1600), 0)]


def count(houses: Houses, is_served: Callable[[Xy], bool]) -> Counter[str]:
    found = Counter({c: sum(is_served(h) for h in there) for c, there in houses.items()})
    return Counter({c: n for c, n in found.items() if n})


def straight(facilities: list[Xy], limit: float) -> Callable[[Xy], bool]:
    return lambda h: any((h[0] - x) ** 2 + (h[1] - y) ** 2 <= limit**2 for x, y in facilities)


def walking(doors: Iterable[tuple[Xy, float]], limit: float) -> Callable[[Xy], bool]:
    """Dijkstra on a 20 m grid along the streets: every house, door and junction lies on it."""
    step, across, along = 20, [*range(0, 1201, 200), *range(1300, 1901, 200)], range(0, 1801, 200)
    near: dict[Xy, set[Xy]] = defaultdict(set)
    for y in across:
        for x in range(0, 1800, step):
            near[x, y].add((x + step, y)), near[x + step, y].add((x, y))
    for x in along:
        for y in range(0, 1900, step):
            if not 1200 <= y < 1300 or x == 1000:  # over the river only on the bridge
                near[x, y].add((x, y + step)), near[x, y + step].add((x, y))
    best: dict[Xy, float] = {}
    queue = [(off, place) for place, off in doors]
    heapq.heapify(queue)
    while queue:
        so_far, place = heapq.heappop(queue)
        if place not in best:
            best[place] = so_far
            for other in near[place]:
                heapq.heappush(queue, (so_far + step, other))

    def is_served(house: Xy) -> bool:
        street = min(across, key=lambda y: abs(y - house[1]))
        assert abs(street - house[1]) == 40
        return best.get((house[0], street), math.inf) + 40 <= limit

    return is_served


def doors(facilities: list[Xy]) -> list[tuple[Xy, float]]:
    return [(f, 0) for f in facilities]


TOILETS = at("S2 M1 N3")
CASES: list[tuple[str, str, Callable[[Xy], bool]]] = [
    ("total", "", lambda _: True),
    ("park.300green", "network", walking(GATES, 300)),
    ("park.500park", "network", walking(GATES, 500)),
    ("wc.radius.mandatory", "straight", straight(TOILETS, 300)),
    ("wc.radius.mandatory", "network", walking(doors(TOILETS), 300)),
    ("waste.point.gb55013", "straight", straight(WASTE, 120)),
    ("waste.point.cjj27", "straight", straight(WASTE, 70)),
    ("park_lot.radius.now", "straight", straight(at("M3 N1"), 300)),
    ("bus.cover500", "straight", straight(at("S1 S2 S3 M1 M2 M3 N2 N3"), 500)),
    ("fac.primary_school", "straight", straight(at("S3 N1"), 500)),
    ("fac.kindergarten", "straight", straight(at("S1 S3 M2 N2"), 300)),
    ("fac.market", "straight", straight(at("M1"), 500)),
    ("toilets_after", "straight", straight(TOILETS + at("S1 M2"), 300)),
    ("toilets_after", "network", walking(doors(TOILETS + at("S1 M2")), 300)),
]


@pytest.mark.parametrize(("key", "distance", "is_served"), CASES, ids=[f"{k}-{d}" for k, d, _ in CASES])
def test_figures_on_paper_follow_from_the_plan(key, distance, is_served, houses, expected):
    row = expected[key, distance]
    by_community = count(houses, is_served)
    written = Counter({c: int(n) for c, n in (part.split("=") for part in row["by_community"].split())})
    assert by_community == written
    assert int(row["buildings"]) == sum(written.values())
    assert int(row["people"]) == sum(PEOPLE[c[0]] * n for c, n in written.items())


def test_every_expected_row_is_derived(expected):
    assert set(expected) == {(key, distance) for key, distance, _ in CASES}


def test_the_best_two_plots_are_the_ones_named(houses):
    # A plot's tip is 4 m north of the middle of its community; M3 lies in the protected zone.
    plots = {c: (CORNER[c][0] + 300, CORNER[c][1] + 204) for c in ("S1", "M2", "M3", "N1", "N2")}

    def people(chosen: tuple[str, ...], limit_kind: str) -> int:
        new = [plots[c] for c in chosen]
        if limit_kind == "straight":
            served = count(houses, straight(TOILETS + new, 300))
        else:
            served = count(houses, walking(doors(TOILETS) + [((x, y - 4), 4) for x, y in new], 300))
        return sum(PEOPLE[c[0]] * n for c, n in served.items())

    allowed = [("S1", "M2"), ("S1", "N1"), ("S1", "N2"), ("M2", "N1"), ("M2", "N2"), ("N1", "N2")]
    for kind, after in (("straight", 14_720), ("network", 5_800)):
        values = {pair: people(pair, kind) for pair in allowed}
        assert max(values.values()) == values["S1", "M2"] == after
        assert sorted(values.values())[-2] < after  # one best pair only
        assert people(("M2", "M3"), kind) > after  # what the protected zone costs


def test_script_writes_the_committed_bytes(script, folder):
    for name, content in script.files().items():
        assert (folder / name).read_bytes() == content, f"{name} is stale: make data"
    written = set(script.files()) | {"README.md", "README.zh.md", "study.toml", "expected.csv", "expected_themes.csv"}
    assert {p.name for p in folder.iterdir()} == written


def test_layers_hold_the_plan(folder, houses):
    layer = gpd.read_file(folder / "buildings.geojson")
    assert layer.crs.to_epsg() == 4548
    centres = layer.geometry.centroid
    read = {(round(x - 517_000, 6), round(y - 4_052_000, 6)) for x, y in zip(centres.x, centres.y, strict=True)}
    assert read == {h for there in houses.values() for h in there}
    assert layer["people"].sum() == 31_680
    assert (layer["people"] == layer["community"].str[0].map(PEOPLE)).all()
    land = gpd.read_file(folder / "residential_land.geojson")
    assert land.area.sum() == 72 * 180 * 180
    small, large = (gpd.read_file(folder / f"{n}.geojson") for n in ("communities", "subdistricts"))
    assert small.area.sum() == large.area.sum() == 1800 * 1900
    inside = gpd.sjoin(layer, small[["id", "geometry"]], predicate="within", rsuffix="zone")
    assert (inside["community"] == inside["id_zone"]).all()
    assert len(inside) == 288


def test_toilets_are_gbk_and_shifted(folder):
    path = folder / "toilets_gcj02_gbk.csv"
    with pytest.raises(UnicodeDecodeError):
        path.read_text(encoding="utf-8")
    rows = list(csv.DictReader(path.read_text(encoding="gb18030").splitlines()))
    assert [r["编号"] for r in rows] == ["T1", "T2", "T3"]
    raw = gpd.GeoSeries.from_xy([float(r["经度"]) for r in rows], [float(r["纬度"]) for r in rows], crs=4326).to_crs(
        4548
    )
    shift = [math.hypot(p.x - 517_000 - x, p.y - 4_052_000 - y) for p, (x, y) in zip(raw, TOILETS, strict=True)]
    assert all(300 < s < 700 for s in shift), shift  # metres: taken as WGS 84 they would stand several blocks away


def test_it_says_that_it_is_synthetic(folder):
    for path in folder.glob("*.geojson"):
        assert "合成数据" in path.read_text(encoding="utf-8")[:400], path.name
    for name in ("README.md", "README.zh.md", "study.toml"):
        text = (folder / name).read_text(encoding="utf-8")
        assert "合成" in text, name
