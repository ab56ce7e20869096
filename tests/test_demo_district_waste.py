"""Waste of the synthetic district: figures on paper, from the plan, and from the package.

The first part works out every row of `expected_themes.csv` about waste by itself, from the columns of the layers and
the plan of the streets, without `siting`: ways by arithmetic, the chain by trying every choice of sites. The second
runs the study, that is its tables of waste alone.
"""

import csv
import itertools
import json
import math
import re
import shutil
import tomllib
from fractions import Fraction
from pathlib import Path

import pytest

import siting
from siting.outputs.report.material import Material
from siting.outputs.report.theme_tables import theme_table

EAST, SOUTH = 517_000, 4_052_000
STREETS_X, STREETS_Y = range(0, 1801, 200), (0, 200, 400, 600, 800, 1000, 1200, 1300, 1500, 1700, 1900)
BRIDGE_X, BANK = 1000, 1200
BELT, SPACING = {"V": 3, "IV": 5, "III": 8, "II": 15}, {"V": 8, "IV": 10, "III": 15, "II": 20}
LAND = {"V": 500, "IV": 1000, "III": 4000, "II": 10_000}
MOST_LAND, TONNES = {"V": 1000, "IV": 4000}, {"V": (0, 50), "IV": (50, 150)}


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "data" / "demo-district"


@pytest.fixture(scope="module")
def on_paper(folder):
    with (folder / "expected_themes.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["theme"].startswith("waste")]
    return {(row["theme"], row["figure"]): float(row["value"]) for row in rows}


@pytest.fixture(scope="module")
def waste(folder):
    return tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))["waste"]


@pytest.fixture(scope="module")
def read(folder):
    def rows(name):
        found = []
        for feature in json.loads((folder / f"{name}.geojson").read_text(encoding="utf-8"))["features"]:
            shape = feature["geometry"]["coordinates"]
            ring = shape[0] if feature["geometry"]["type"] == "Polygon" else [shape]
            found.append((feature["properties"], [(x - EAST, y - SOUTH) for x, y in ring]))
        return found

    return rows


def middle(ring):
    return sum(x for x, _ in ring[:4]) / len(ring[:4]), sum(y for _, y in ring[:4]) / len(ring[:4])


@pytest.fixture(scope="module")
def houses(read):
    return [(row["people"], row["community"], middle(ring)) for row, ring in read("buildings")]


def to_street(xy):
    """Place on the nearest street, south or north, and the metres to it."""
    y = min(STREETS_Y, key=lambda s: abs(s - xy[1]))
    return (xy[0], y), abs(y - xy[1])


def way(a, b):
    """Metres along the streets between two places on streets that run east to west."""
    (xa, ya), (xb, yb) = a, b
    if ya == yb:
        return abs(xa - xb)
    if (ya <= BANK) != (yb <= BANK):
        return abs(xa - BRIDGE_X) + abs(xb - BRIDGE_X) + abs(ya - yb)
    return min(abs(xa - x) + abs(xb - x) for x in STREETS_X) + abs(ya - yb)


def side(ring):
    """Side of a square; it touches a street with one corner only."""
    (length,) = {math.dist(a, b) for a, b in itertools.pairwise(ring)}
    assert length == int(length)
    assert sum(y in STREETS_Y for _, y in ring[:4]) <= 1
    return int(length)


@pytest.fixture(scope="module")
def sources(read, houses, waste):
    """Place on a street, metres to it, and tonnes of kitchen, recyclable and other waste."""
    share, rate = waste["shares"], Fraction(str(waste["kg_per_person_day"])) / 1000
    parts = [Fraction(str(share[s])) for s in ("kitchen", "recyclable", "other")]
    found = [(*to_street(xy), *(people * rate * part for part in parts)) for people, _, xy in houses]
    food, market = waste["sources"]
    for row, (xy,) in read("food_outlets"):
        found.append((xy, 0, Fraction(str(food["kg_per_unit_day"])) * row["seats"] / 1000, 0, 0))
    for row, (xy,) in read("markets"):
        t = Fraction(str(market["kg_per_unit_day"])) * row["floor_m2"] / 1000
        found.append((xy, 0, t * Fraction("0.8"), 0, t * Fraction("0.2")))
    return found


def part(on_paper, *themes):
    return {key: pytest.approx(value, abs=1e-9) for key, value in on_paper.items() if key[0] in themes}


def test_what_arises(on_paper, sources):
    kitchen, recyclable, other = (sum(row[k] for row in sources) for k in (2, 3, 4))
    people = sum(sum(row[2:]) for row in sources[:288])
    total = kitchen + recyclable + other
    got = {"kitchen_t_day": kitchen, "recyclable_t_day": recyclable, "other_t_day": other, "t_day": total}
    got["t_day_2030"] = people * Fraction("1.1") + total - people
    assert {("waste_generation", k): float(v) for k, v in got.items()} == part(on_paper, "waste_generation")


def served(houses, places, metres):
    return [k for k, (_, _, h) in enumerate(houses) if any(math.dist(h, p) <= metres for p in places)]


def test_points(on_paper, read, houses):
    points = [(row, ring[0]) for row, ring in read("waste_points")]
    sorting = served(houses, [p for row, p in points if row["sorting"] == "是"], 120)
    share = {}
    for k in range(288):
        people, community, _ = houses[k]
        yes, all_ = share.get(community, (0, 0))
        share[community] = (yes + people * (k in sorting), all_ + people)
    without = 0
    for _, ring in read("closed_estates"):
        (west, south), (east, north) = ring[0], ring[2]
        off = [math.hypot(max(west - x, 0, x - east), max(south - y, 0, y - north)) for _, (x, y) in points]
        without += min(off) > 10
    homes = Fraction(sum(h[0] for h in houses) * 2, 5)
    recycling = [ring[0] for _, ring in read("recycling_points")]
    got = {
        "people_120": sum(houses[k][0] for k in served(houses, [p for _, p in points], 120)),
        "people_70": sum(houses[k][0] for k in served(houses, [p for _, p in points], 70)),
        "estates_without": without,
        "people_sorting": sum(houses[k][0] for k in sorting),
        "communities_sorting": sum(yes / all_ >= 0.3 for yes, all_ in share.values()),
        "recycling_needed_1500": math.ceil(homes / 1500),
        "recycling_needed_2000": math.ceil(homes / 2000),
        "recycling_joined": sum(min(math.dist(r, p) for _, p in points) <= 50 for r in recycling),
        "food_covered": sum(row["collected_apart"] == "是" for row, _ in read("food_outlets")),
    }
    assert {("waste_points", k): v for k, v in got.items()} == part(on_paper, "waste_points")


def test_next_points(on_paper, read, houses):
    """No place serves more than 750 people anew, none of the estate more than 480; six and one do, far apart."""
    had = set(served(houses, [ring[0] for _, ring in read("waste_points")], 120))
    bare = [h for k, h in enumerate(houses) if k not in had]
    places = [ring[0] for _, ring in read("new_waste_points")]
    (ring,) = [ring for row, ring in read("closed_estates") if row["id"] == "E2"]
    (west, south), (east, north) = ring[0], ring[2]
    each = {place: served(bare, [place], 120) for place in places}
    assert {k for mine in each.values() for k in mine} == set(range(len(bare)))  # nobody is out of reach
    gain = {place: sum(bare[k][0] for k in mine) for place, mine in each.items()}
    own = [p for p in places if west - 10 <= p[0] <= east + 10 and south - 10 <= p[1] <= north + 10]
    inside = sum(people for people, _, (x, y) in bare if west < x < east and south < y < north)
    best = max(own, key=gain.get)  # on its ground a point would serve those inside only
    assert (gain[best], inside) == (480, 320)
    six = sorted(gain, key=gain.get)[-6:]
    assert {y for _, y in six} == {600}
    chosen = [k for place in (*six, best) for k in each[place]]
    assert len(set(chosen)) == len(chosen)  # so no seven with one of the estate serve more
    after = sum(houses[k][0] for k in had) + sum(bare[k][0] for k in chosen)
    assert after == on_paper["waste_points_sites", "people_after"]


def test_plots(on_paper, read):
    near = {}
    for row, ring in read("station_plots"):
        flat = []
        for _, house in read("buildings"):
            (west, south), (east, north) = house[0], house[2]
            # Corners of either against the other: the shapes do not overlap.
            flat.append(min(math.hypot(max(west - x, 0, x - east), max(south - y, 0, y - north)) for x, y in ring))
        near[row["id"]] = (side(ring), min(flat))
    fits = {p: [c for c in BELT if (s - 2 * BELT[c]) ** 2 >= LAND[c] and m >= SPACING[c]] for p, (s, m) in near.items()}
    assert fits == {"P1": ["V", "IV"], "P2": ["V", "IV", "III"], "P3": [], "P4": [], "P5": ["V"]}

    def land(plot, c):
        return LAND[c] - (near[plot][0] - 2 * BELT[c]) ** 2

    def by_land(plot, c):
        share = Fraction(-land(plot, c), MOST_LAND[c] - LAND[c])
        return float(TONNES[c][0] + min(share, 1) * (TONNES[c][1] - TONNES[c][0]))

    got = {
        "plots_fit": sum(bool(c) for c in fits.values()),
        "short_P3_V_m2": land("P3", "V"),
        "short_P4_V_m": SPACING["V"] - near["P4"][1],
        "short_P5_IV_m2": land("P5", "IV"),
        "short_P1_III_m2": land("P1", "III"),
        "short_P2_II_m2": land("P2", "II"),
        "by_land_P1_IV_t_day": by_land("P1", "IV"),
        "by_land_least_V_t_day": min(by_land(p, "V") for p in fits if "V" in fits[p]),
    }
    assert {("waste_stations", k): v for k, v in got.items()} == part(on_paper, "waste_stations")


def tip(ring):
    """Where a square touches its street."""
    (corner,) = [(x, y) for x, y in ring[:4] if y in STREETS_Y]
    return corner


def test_every_choice_of_stations(on_paper, read, sources, waste):
    """All carry less than land gives a class V, so larger ones only cost more; the station that stands takes 8 t."""
    plots = {row["id"]: ring for row, ring in read("station_plots") if row["id"] in ("P1", "P2", "P5")}
    ((stands, (place,)),) = read("transfer_stations")
    plants = {row["streams"]: (ring[0], row["cost_per_t"]) for row, ring in read("waste_plants")}
    rate, new = waste["chain"]["rates"]["kitchen"], waste["stations"]["costs"]["V"]
    assert waste["chain"]["rates"]["other"] == rate
    assert sum(row[2] + row[4] for row in sources) < on_paper["waste_stations", "by_land_least_V_t_day"]
    km = Fraction(1, 1000)

    def hauled(plot, plant):
        on_street, off = to_street(middle(plots[plot]))
        return Fraction(off + way(on_street, plant)) * km * rate["haul_per_t_km"]

    def day(choice):
        total, gains = Fraction(stands["fixed_cost_day"] + new["fixed_cost_day"] * len(choice)), []
        for at, off, *tonnes in sources:
            for stream, t in zip(("kitchen", "other"), (tonnes[0], tonnes[2]), strict=True):
                plant, gate = plants[stream]
                ways = [(off + way(at, plant)) * km * rate["direct_per_t_km"]]
                ways += [
                    (off + way(at, tip(plots[p]))) * km * rate["collect_per_t_km"] + hauled(p, plant)
                    + new["cost_per_t"] for p in choice
                ]  # fmt: skip
                over = (off + way(at, place)) * km * rate["collect_per_t_km"] + stands["cost_per_t"]
                over += way(place, plant) * km * rate["haul_per_t_km"]
                total += t * (min(ways) + gate)
                gains.append((min(ways) - over, t))
        room = Fraction(stands["capacity_t_day"])
        for gain, t in sorted(gains, reverse=True):
            taken = min(t, room) if gain > 0 else 0
            total, room = total - gain * taken, room - taken
        return total, stands["capacity_t_day"] - room

    choices = {c: day(c) for n in range(4) for c in itertools.combinations(plots, n)}
    best = min(choices, key=lambda c: choices[c][0])
    assert best == ("P1",)
    without = min(cost for c, (cost, _) in choices.items() if "P1" not in c)
    assert without == choices[()][0]
    got = {"cost_day": choices[best][0], "refusal_P1": without - choices[best][0], "load_T0_t_day": choices[best][1]}
    assert {("waste_chain", k): float(v) for k, v in got.items()} == part(on_paper, "waste_chain")


def test_sorting_centre(on_paper, read, sources, waste):
    plots = {row["id"]: ring for row, ring in read("sorting_plots")}
    got = {
        f"haul_{g}_t_km": sum(row[3] * (row[1] + way(row[0], tip(plots[g]))) for row in sources) / 1000
        for g in ("G1", "G3")
    }
    got["short_G4_m2"] = 1000 - side(plots["G4"]) ** 2
    (table,) = waste["plants"]
    got["land_G4_m2"] = table["capacity_t_day"] * table["m2_per_t_day"] - side(plots["G4"]) ** 2
    got["to_spare_t_day"] = table["capacity_t_day"] - sum(row[3] for row in sources)
    assert {("waste_plant_sorting", k): float(v) for k, v in got.items()} == part(on_paper, "waste_plant_sorting")


@pytest.fixture(scope="module")
def run(folder, tmp_path_factory):
    made = tmp_path_factory.mktemp("district")
    shutil.copytree(folder, made, dirs_exist_ok=True)
    blocks = re.split(r"\n(?=\[)", (folder / "study.toml").read_text(encoding="utf-8"))
    wanted = ("[study", "[streets", "[demand", "[facilities", "[land", "[waste", "[[waste", "#")
    (made / "study.toml").write_text("\n".join(b for b in blocks if b.startswith(wanted)), encoding="utf-8")
    return siting.run(siting.Study.from_toml(made / "study.toml"))


@pytest.fixture(scope="module")
def themes(run):
    return run.themes


def test_the_package_says_what_stands_on_paper(themes, on_paper):
    arises, points, sites = (themes[n].figures for n in ("waste_generation", "waste_points", "waste_points_sites"))
    fit, chain, sorting = (themes[n].figures for n in ("waste_stations", "waste_chain", "waste_plant_sorting"))
    tests = themes["waste_stations"].table("waste_station_tests").frame
    short = {(row.plot, row.subject, row.test): row.short for row in tests[tests["outcome"] == "fail"].itertuples()}
    stations = themes["waste_chain"].table("waste_chain_stations").frame.set_index("id")
    versions = themes["waste_stations"].layer("waste_station_versions").frame
    fifth = versions[(versions["station_class"] == "V") & (versions["status"] == "candidate")]
    plots = themes["waste_plant_sorting"].table("waste_plant_sorting_candidates").frame.set_index("id")
    asked = themes["waste_plant_sorting"].table("waste_plant_sorting_tests").frame
    small = asked[(asked["plot"] == "G4") & (asked["outcome"] == "fail")].set_index("test")["short"]
    bodies = themes["waste_points"].table("waste_points_bodies").frame
    got = {
        **{("waste_generation", f"{s}_t_day"): arises["streams"][s] for s in ("kitchen", "recyclable", "other")},
        ("waste_generation", "t_day"): arises["t_day"],
        ("waste_generation", "t_day_2030"): arises["years"]["2030"],
        ("waste_points", "people_120"): points["reach"]["waste.point.gb55013"]["people_straight"]["served"],
        ("waste_points", "people_70"): points["reach"]["waste.point.cjj27"]["people_straight"]["served"],
        ("waste_points", "estates_without"): points["estates"]["without"],
        ("waste_points", "people_sorting"): points["sorting"]["people_share"] * 31_680,
        ("waste_points", "communities_sorting"): points["sorting"]["covered"],
        ("waste_points", "recycling_needed_1500"): points["recycling_needed"]["waste.recycle.1500"]["needed"],
        ("waste_points", "recycling_needed_2000"): points["recycling_needed"]["waste.recycle.2000"]["needed"],
        ("waste_points", "recycling_joined"): points["joined"]["recycling"],
        ("waste_points", "food_covered"): bodies.loc[bodies["level"] == "city", "covered"].item(),
        ("waste_points_sites", "people_after"): sites["served_after"],
        ("waste_stations", "plots_fit"): fit["plots_that_fit"],
        ("waste_stations", "short_P3_V_m2"): short["P3", "V", "land"],
        ("waste_stations", "short_P4_V_m"): short["P4", "V", "spacing"],
        ("waste_stations", "short_P5_IV_m2"): short["P5", "IV", "land"],
        ("waste_stations", "short_P1_III_m2"): short["P1", "III", "land"],
        ("waste_stations", "short_P2_II_m2"): short["P2", "II", "land"],
        ("waste_stations", "by_land_P1_IV_t_day"): versions.loc["P1-IV", "capacity_t_day"],
        ("waste_stations", "by_land_least_V_t_day"): fifth["capacity_t_day"].min(),
        ("waste_chain", "cost_day"): chain["cost_day"],
        ("waste_chain", "refusal_P1"): stations.loc["P1-V", "refusal_cost_day"],
        ("waste_chain", "load_T0_t_day"): stations.loc["T0", "load_t_day"],
        ("waste_plant_sorting", "haul_G1_t_km"): plots.loc["G1", "haul_work"],
        ("waste_plant_sorting", "haul_G3_t_km"): plots.loc["G3", "haul_work"],
        ("waste_plant_sorting", "short_G4_m2"): small["size"],
        ("waste_plant_sorting", "land_G4_m2"): small["land"],
        ("waste_plant_sorting", "to_spare_t_day"): -sorting["short_t_day"],
    }
    assert got == {key: pytest.approx(value, abs=1e-6) for key, value in on_paper.items()}
    assert (chain["status"], sites["status"], sorting["haul_status"]) == ("optimal",) * 3
    assert (chain["stations"], sorting["best_by_haul"]) == (["P1-V", "T0"], ["G1"])


def test_the_report_writes_years_and_the_classes_that_fit(run):
    result = run.themes["waste_generation"], run.themes["waste_stations"]
    tables = {table.name: table for theme in result for table in theme.tables}
    material = Material(run=run, tables={name: table.frame for name, table in tables.items()}, maps={})
    (years, *_), (plots, *_) = (list(theme_table(material, tables[n])) for n in ("waste_years", "waste_station_plots"))
    assert {"2026", "2030"} <= {cell for row in years.rows for cell in row}
    assert [row[:2] for row in plots.rows] == [
        ("P1", "IV V"), ("P2", "III IV V"), ("P3", "–"), ("P4", "–"), ("P5", "V"),
    ]  # fmt: skip
