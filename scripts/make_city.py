"""A synthetic city (合成城市) of any size: streets, river, parks, people, facilities and zones, drawn from a seed.

Reads nothing. As a module: ``make_city(50_000, seed=1)``. As a command it writes layers and a study that `siting run`
reads: ``python scripts/make_city.py --nodes 50000 --seed 1 --out city``.

The plan is a lattice of streets 80 m apart that is thinned out, shaken and bent:

- every 8th line is an arterial road, so blocks of 640 m lie between them: the communities. Some are large gated estates
  with few through streets, some works, some parks; 5 x 5 of them are a sub-district
- old quarters are crooked and have diagonal lanes, new ones are straight; far from the centre streets become sparse
- a river crosses the city; streets end at its banks, and only some arterial roads have a bridge
- streets between junctions have bends, and the whole plan is warped by smooth waves, so that nothing is quite straight

Vertices are counted as OSM has them, bends included: some 65 % of them join two pieces of one street, and of the others
some 15 % are dead ends. ``City.streets()`` has the streets between junctions, with their bends.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from city_plan import (
    CLASSES,
    HOMES_ALONG,
    RESIDENTIAL,
    SERVICE,
    TERTIARY,
    Flags,
    Floats,
    Longs,
    Plan,
    Shapes,
    Waves,
    beside,
    with_bends,
)

CRS = "EPSG:4548"  # CGCS2000 / 3-degree Gauss-Kruger CM 117E
SMALLEST = 200
HOMES_PER_PLACE = {  # houses for each facility; about 40 people live in a house
    "kindergarten": 160, "nursery": 500, "primary_school": 350, "junior_school": 700, "sports_ground": 900,
    "sports_centre": 4000, "outdoor_gym": 120, "health_centre": 1500, "health_station": 400, "culture_centre": 2500,
    "culture_station": 500, "service_centre": 1500, "street_office": 1500, "police_station": 1200, "mall": 1200,
    "market": 400, "metro": 1800, "bus_stop": 60, "community_station": 300, "day_care": 450, "recycling_point": 60,
    "waste_station": 400, "waste_point": 25, "waste_transfer": 6000, "public_toilet": 130, "public_parking": 180,
    "parking": 90, "bicycle_parking": 80, "hydrant": 35, "shelter": 800, "square": 1500,
}  # fmt: skip
RULES = (
    "park.300green", "park.500park", "park.cover.radius500", "park.cover.class_large", "park.cover.class_small",
    "park.gb51346.s1", "park.gb51346.cover", "park.who300", "wc.radius.mandatory", "wc.square", "waste.point.gb55013",
    "waste.point.cjj27", "waste.station.hand", "waste.station.motor", "waste.ts.small", "park_lot.radius.now",
    "park_lot.radius.500", "park_lot.bike", "bus.cover500", "bus.cover.51328", "metro.800", "fire.hydrant150",
    "shelter.emg.dist", "shelter.short.dist", "fac.junior_school", "fac.primary_school", "fac.sports_centre",
    "fac.sports_medium", "fac.fitness_outdoor", "fac.health_centre", "fac.culture_centre", "fac.street_service_centre",
    "fac.police_station", "fac.mall", "fac.market", "fac.community_station", "fac.kindergarten", "fac.nursery",
    "fac.health_station", "fac.recycling_point_lc",
)  # fmt: skip
"""Forty rules of the catalogue that this city has facilities for."""
LEVELS = ("community", "subdistrict")
NOTE_ZH, NOTE_EN = "合成数据，不对应任何真实地点", "Synthetic data, no real place"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class City:
    """A synthetic city; coordinates in metres, of `CRS`.

    Attributes
    ----------
    xy : shape (n, 2), vertices: junctions, dead ends and bends
    u, v : shape (m,), ends of the straight pieces of streets
    length_mm : shape (m,), ``rint(1000 x length)``
    street : shape (m,), street of each piece; pieces lie in the order of the streets, and along them
    street_class, name, bridge, oneway : shape (s,), of the streets: a ``highway`` value, a name, whether it is a
        bridge, whether vehicles may go one way only (from u to v)
    homes, people : shape (k, 2) and (k,), houses with their residents, sorted by street
    places : point facilities by class, shape (f, 2)
    parks, residential, water : polygons
    communities, subdistricts : polygons of the zones, by position
    community_of : shape (c,), sub-district of each community
    """

    seed: int
    xy: Floats
    u: Longs
    v: Longs
    length_mm: Longs
    street: Longs
    street_class: Shapes
    name: Shapes
    bridge: Flags
    oneway: Flags
    homes: Floats
    people: Longs
    places: dict[str, Floats]
    parks: Shapes
    residential: Shapes
    water: Shapes
    communities: Shapes
    subdistricts: Shapes
    community_of: Longs

    def streets(self) -> tuple[Floats, Longs, Longs, Longs]:
        """Streets between junctions: coordinates, where each begins (s + 1), and the vertices at both ends."""
        begins = np.flatnonzero(np.diff(self.street, prepend=-1))
        ends = np.append(begins[1:], len(self.street)) - 1
        size = ends - begins + 2
        ptr = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
        vertex = np.empty(ptr[-1], dtype=np.int64)
        vertex[np.arange(len(self.u)) + self.street] = self.u
        vertex[ptr[1:] - 1] = self.v[ends]
        return self.xy[vertex], ptr, self.u[begins], self.v[ends]


def make_city(nodes: int, seed: int = 0, *, homes: int | None = None, oneway_share: float = 0.12) -> City:
    """Draw a city.

    Parameters
    ----------
    nodes : number of vertices, bends included; met exactly, at least `SMALLEST`
    seed : the same seed and sizes give the same city
    homes : number of demand points; default: half as many as nodes
    oneway_share : share of the minor streets that are open to vehicles one way only

    Raises
    ------
    ValueError
        ``nodes`` is too small for a city.
    """
    if nodes < SMALLEST:
        msg = f"nodes is {nodes}, expected at least {SMALLEST}"
        raise ValueError(msg)
    rng = np.random.default_rng(seed)
    plan = Plan(nodes, rng)
    waves = Waves.of(rng)
    tail, head, kind, bridge, line = plan.streets()
    flat, u, v, street = with_bends(plan.flat, tail, head, nodes - len(plan.flat), plan.crooked, rng)
    xy = waves.warp(flat)
    minor = np.isin(kind, (TERTIARY, RESIDENTIAL, SERVICE)) & ~bridge
    # Whole lines are one-way from one arterial road to the next, as streets are.
    block_of_line = 7919 * line + plan.block_at(0.5 * (plan.flat[tail] + plan.flat[head]))
    lots = np.random.default_rng([seed, 1]).random(int(block_of_line.max()) + 1)
    parks, residential = plan.green(waves, rng), plan.homes_land(waves)
    water = waves.outlines(np.empty((0, 4))) if plan.river is None else plan.water(waves)
    begin, end = flat[u], flat[v]
    length = np.hypot(*(xy[v] - xy[u]).T)
    weight = length * HOMES_ALONG[kind[street]] * plan.density(0.5 * (begin + end)) * ~bridge[street]
    count = nodes // 2 if homes is None else homes
    closed = shapely.union_all(np.concatenate([parks, water])) if len(parks) + len(water) else None
    house, where = beside(xy, u, v, weight, count, (10.0, 36.0), closed, rng)
    wealth = rng.lognormal(np.log(34.0), 0.6, len(house)) * np.clip(plan.density(flat[u[where]]), 0.35, 1.6)
    places = {}
    for name, per in HOMES_PER_PLACE.items():
        weight_of = weight * plan.lively(0.5 * (begin + end)) if name in ("mall", "metro", "square") else weight
        places[name] = beside(xy, u, v, weight_of, max(1, count // per), (6.0, 14.0), closed, rng)[0]
    communities, subdistricts, community_of = plan.zones(waves)
    return City(
        seed=seed,
        xy=xy,
        u=u,
        v=v,
        length_mm=np.rint(length * 1000).astype(np.int64),
        street=street,
        street_class=np.array(CLASSES, dtype=object)[kind],
        name=plan.names(line),
        bridge=bridge,
        oneway=minor & (lots[block_of_line] < oneway_share),
        homes=house,
        people=np.maximum(1, np.rint(wealth)).astype(np.int64),
        places=places,
        parks=parks,
        residential=residential,
        water=water,
        communities=communities,
        subdistricts=subdistricts,
        community_of=community_of,
    )


def layers(city: City) -> dict[tuple[str, str], gpd.GeoDataFrame]:
    """Return the layers of a city by file stem and layer name."""
    coords, ptr, _, _ = city.streets()
    lines = shapely.linestrings(coords, indices=np.repeat(np.arange(len(ptr) - 1), np.diff(ptr)))
    columns = {
        "id": numbered("S", len(lines)), "name": city.name, "highway": city.street_class,
        "bridge": np.where(city.bridge, "yes", "no"), "oneway": np.where(city.oneway, "yes", "no"),
    }  # fmt: skip
    made = {("streets", "streets"): frame(lines, **columns)}
    made["demand", "demand"] = frame(shapely.points(city.homes), id=numbered("B", len(city.homes)), people=city.people)
    ids = numbered("C", len(city.communities))
    large = numbered("D", len(city.subdistricts))
    made["zones", "community"] = frame(
        city.communities, id=ids, name=numbered("社区", len(ids)), subdistrict=large[city.community_of]
    )
    made["zones", "subdistrict"] = frame(city.subdistricts, id=large, name=numbered("街道", len(large)))
    made["land", "residential"] = frame(city.residential, id=numbered("R", len(city.residential)))
    made["land", "water"] = frame(city.water, id=numbered("W", len(city.water)))
    made["facilities", "park_green"] = frame(city.parks, id=numbered("park", len(city.parks)))
    for name, xy in city.places.items():
        made["facilities", name] = frame(shapely.points(xy), id=numbered(name, len(xy)))
    return made


def frame(shapes: Any, **columns: Any) -> gpd.GeoDataFrame:
    """Build a layer in the city's CRS."""
    return gpd.GeoDataFrame(columns, geometry=np.asarray(shapes, dtype=object), crs=CRS)


def numbered(prefix: str, n: int) -> Shapes:
    """Ids with as many digits as the last needs."""
    width = len(str(n))
    return np.array([f"{prefix}{k:0{width}d}" for k in range(1, n + 1)], dtype=object)


def study_text(city: City, rules: tuple[str, ...]) -> str:
    """Write the study file of a city."""
    facilities = (*(["park_green"] if len(city.parks) else []), *city.places)
    land = [name for name in ("residential", "water") if len(getattr(city, name))]
    lines = [
        f"# {NOTE_ZH} / {NOTE_EN}. Made by scripts/make_city.py (seed {city.seed}).",
        "[study]", 'name = "synthetic-city"', f'title_zh = "合成城市（种子 {city.seed}）"',
        f'title_en = "Synthetic city (seed {city.seed})"', f'crs = "{CRS}"', "zones = [",
        *(f'  {{ source = "zones.gpkg", layer = "{level}", id = "id", name = "name" }},' for level in LEVELS),
        "]", f'note_zh = "{NOTE_ZH}"', f'note_en = "{NOTE_EN}"', "",
        "[streets]", 'source = "streets.gpkg"', 'modes = ["walk"]', "",
        "[demand]", 'source = "demand.gpkg"', 'id = "id"', 'population = "people"', 'unit = "building"', "",
        "[facilities]",
        *(f'{k} = {{ source = "facilities.gpkg", layer = "{k}", id = "id" }}' for k in facilities),
        "", "[land]", *(f'{k} = {{ source = "land.gpkg", layer = "{k}", id = "id" }}' for k in land),
        *(f'\n[[audit]]\nrule = "{rule}"' for rule in rules),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def write_city(city: City, folder: Path, rules: tuple[str, ...] = RULES) -> None:
    """Write a city's GeoPackages and its ``study.toml`` into a folder; files of these names are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {key: layer for key, layer in layers(city).items() if len(layer)}
    for stem in dict.fromkeys(stem for stem, _ in made):
        (folder / f"{stem}.gpkg").unlink(missing_ok=True)
    # A fixed date and one thread for the spatial index: the same city gives the same bytes.
    wanted = {"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z", "OGR_GPKG_NUM_THREADS": "1"}
    before = {name: pyogrio.get_gdal_config_option(name) for name in wanted}
    pyogrio.set_gdal_config_options(wanted)
    try:
        for (stem, name), layer in made.items():
            path = folder / f"{stem}.gpkg"
            pyogrio.write_dataframe(layer, path, layer=name, append=path.exists())
    finally:
        pyogrio.set_gdal_config_options(before)
    (folder / "study.toml").write_text(study_text(city, rules), encoding="utf-8")


def main() -> None:
    """Draw a city and write it."""
    parser = argparse.ArgumentParser(description="Write a synthetic city that `siting run` reads.")
    parser.add_argument("--nodes", type=int, default=50_000, help="vertices of the street network, bends included")
    parser.add_argument("--homes", type=int, default=None, help="demand points; default: half as many")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    given = parser.parse_args()
    begin = time.perf_counter()
    city = make_city(given.nodes, given.seed, homes=given.homes)
    drawn = time.perf_counter()
    write_city(city, given.out)
    print(
        f"{len(city.xy):,} vertices, {len(city.name):,} streets, {len(city.homes):,} houses, {city.people.sum():,}"
        f" people in {given.out}: drawn in {drawn - begin:.1f} s, written in {time.perf_counter() - drawn:.1f} s"
    )


if __name__ == "__main__":
    main()
