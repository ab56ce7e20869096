"""Write `data/demo-district/`: a synthetic district (合成数据) whose every headline figure can be checked on paper.

Reads nothing. Writes the layers that `layers` names and `toilets_gcj02_gbk.csv` (GeoJSON and CSV, deterministic).
Run: `.venv/bin/python scripts/make_demo_district.py [FOLDER]`, or `make data`.

The plan, in metres from the south-west corner (9 communities of 600 m x 600 m, blocks of 200 m x 200 m)::

    1900 +-------+-------+-------+
         | 北一  | 北二  | 北三  |   80 people a building      a community:  +---+---+---+
    1300 +-------+-------+-------+                                           | R | R | R |
         ~~~~~~~~~~~|~~~~~~~~~~~~~   river, one bridge at x = 1000           +---+---+---+
    1200 +-------+-------+-------+                                           | R | C | R |
         | 中一  | 中二  | 中三  |  150 people a building                    +---+---+---+
     600 +-------+-------+-------+                                           | R | R | R |
         | 南一  | 南二  | 南三  |  100 people a building                    +---+---+---+
       0 +-------+-------+-------+
         0      600    1200    1800

A block R is residential: 4 buildings at (60, 40), (140, 40), (60, 160), (140, 160), so that the nearest street is
always the one to the south or north, 40 m away. A block C (centre) holds no building: park, plot or nothing.
Most facilities stand on the street in the middle of the south side of C: at (300, 200) in their community.
"""

import csv
import io
import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import prcoords
from demo_district_ground import EAST, EPSG, NORTH, Feature, box, line, point
from demo_district_waste import waste_layers
from pyproj import Transformer

BLOCK, COMMUNITY, WIDTH, HEIGHT = 200, 600, 1800, 1900
BANK_SOUTH, BANK_NORTH, BRIDGE_X = 1200, 1300, 1000
ROW_Y = (0, 600, 1300)  # south edge of each sub-district
STREET_Y = (0, 200, 400, 600, 800, 1000, 1200, 1300, 1500, 1700, 1900)
STREET_X = tuple(range(0, WIDTH + 1, BLOCK))
SHOPS = "纬五路"  # the street of shops, y = 800

SUBDISTRICTS = (("S", "示范南街道", "South"), ("M", "示范中街道", "Middle"), ("N", "示范北街道", "North"))
SHORT = ("南", "中", "北")
NUMERAL = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一")
PEOPLE = (100, 150, 80)  # a building, by sub-district
ELDERLY = (20, 30, 24)
FLOORS = (6, 11, 5)
# Columns of the toilets after the place: 女厕位 + 男厕位 + 小便位 + 无障碍厕位 + 家庭卫生间 = 厕位数.
TOILETS = {
    "S2": (12, 6, 2, 2, 1, 1, 40, 40, "06:00-22:00", "公园"),
    "M1": (16, 10, 3, 2, 1, 0, 60, 40, "24小时", "集贸市场"),
    "N3": (8, 4, 2, 1, 1, 0, 20, 20, "日出至日落", "居住区"),
}
TOILET_COLUMNS = (
    "厕位数", "女厕位", "男厕位", "小便位", "无障碍厕位", "家庭卫生间", "高峰女性", "高峰男性", "开放时间", "场所类型",
)  # fmt: skip
# Codes of GB 50137-2011 for the centre blocks: schools, parks, market, clinic, car parks.
CENTRE_USE = {
    "S1": "A3", "S2": "G1", "S3": "A3", "M1": "B1", "M2": "A5", "M3": "S42", "N1": "S42", "N2": "A3", "N3": "G1",
}  # fmt: skip
LOT_COLUMNS = ("spaces", "kind", "users", "ev_spaces", "ev_kind", "grid_kw")
PUBLIC_LOTS = {
    "M3": dict(zip(LOT_COLUMNS, (120, "surface", "public", 12, "public_lot", 600), strict=True)),
    "N1": dict(zip(LOT_COLUMNS, (80, "building", "public", 5, "public_lot", 300), strict=True)),
}
# Residents' lots by street: spaces, kind, spaces ready for charging, kind for the clauses of charging.
YARDS = {
    0: (30, "surface", 0, "other"), 200: (50, "surface", 0, "other"), 400: (50, "surface", 0, "other"),
    600: (100, "surface", 0, "other"), 800: (150, "underground", 150, "new_housing"),
    1000: (180, "underground", 90, "new_housing"), 1200: (90, "underground", 90, "new_housing"),
    1300: (60, "surface", 0, "other"), 1500: (100, "surface", 0, "other"), 1700: (80, "surface", 0, "other"),
    1900: (60, "surface", 0, "other"),
}  # fmt: skip
NOTE = "合成数据，不对应任何真实地点 / synthetic data, no real place"


def communities() -> Iterator[tuple[int, int, str, str]]:
    """Column, row, id and name of the nine communities, from the south-west."""
    for row, (code, _, _) in enumerate(SUBDISTRICTS):
        for column in range(3):
            yield column, row, f"{code}{column + 1}", f"{SHORT[row]}{NUMERAL[column]}社区"


def corner(community: str) -> tuple[int, int]:
    """South-west corner of a community."""
    return next((c * COMMUNITY, ROW_Y[r]) for c, r, ident, _ in communities() if ident == community)


def middle(community: str) -> tuple[int, int]:
    """Where most facilities stand: on the street, in the middle of the south side of the centre block."""
    x, y = corner(community)
    return x + 300, y + 200


def residential_blocks() -> Iterator[tuple[str, int, int, int]]:
    """Community, row and south-west corner of the 72 residential blocks."""
    for column, row, ident, _ in communities():
        for j in range(3):
            for i in range(3):
                if (i, j) != (1, 1):
                    yield ident, row, column * COMMUNITY + i * BLOCK, ROW_Y[row] + j * BLOCK


def zones() -> tuple[list[Feature], list[Feature], list[Feature]]:
    """Boundary, sub-districts and communities; the river is split along its middle, so that they fill the district."""
    middle_of_river = (BANK_SOUTH + BANK_NORTH) // 2
    edges = (0, 600, middle_of_river, HEIGHT)
    outline = [({"id": "D", "name": "示范区", "name_en": "Demo district"}, box(0, 0, WIDTH, HEIGHT))]
    large = [
        ({"id": code, "name": zh, "name_en": f"{en} sub-district"}, box(0, edges[row], WIDTH, edges[row + 1]))
        for row, (code, zh, en) in enumerate(SUBDISTRICTS)
    ]
    small = [
        (
            {"id": ident, "name": name, "subdistrict": ident[0]},
            box(column * COMMUNITY, edges[row], (column + 1) * COMMUNITY, edges[row + 1]),
        )
        for column, row, ident, name in communities()
    ]
    return outline, large, small


def streets() -> list[Feature]:
    """One feature a street section between two junctions; the only way over the river is the bridge."""
    found: list[Feature] = []

    def add(name: str, ends: tuple[tuple[int, int], tuple[int, int]], bridge: bool = False) -> None:
        kind = "tertiary" if bridge else "residential"
        row = {"id": f"E{len(found) + 1:03d}", "name": name, "highway": kind, "bridge": "yes" if bridge else "no"}
        row["street_type"] = "traffic" if bridge else "commercial" if name == SHOPS else "living"
        found.append((row, line(*ends)))

    for k, y in enumerate(STREET_Y):
        for x in STREET_X[:-1]:
            add(f"纬{NUMERAL[k]}路", ((x, y), (x + BLOCK, y)))
    for k, x in enumerate(STREET_X):
        for south, north in itertools.pairwise(STREET_Y):
            if south != BANK_SOUTH:
                add(f"经{NUMERAL[k]}路", ((x, south), (x, north)))
    add("示范桥", ((BRIDGE_X, BANK_SOUTH), (BRIDGE_X, BANK_NORTH)), bridge=True)
    return found


def buildings() -> list[Feature]:
    """288 houses of 40 m x 20 m; people, elderly people and floors are the same all over a sub-district."""
    found: list[Feature] = []
    for ident, row, x0, y0 in residential_blocks():
        for dx, dy in ((60, 40), (140, 40), (60, 160), (140, 160)):
            x, y = x0 + dx, y0 + dy
            properties = {
                "id": f"B{len(found) + 1:03d}", "community": ident, "floors": FLOORS[row],
                "people": PEOPLE[row], "elderly": ELDERLY[row],
            }  # fmt: skip
            found.append((properties, box(x - 20, y - 10, x + 20, y + 10)))
    return found


def residential_land() -> list[Feature]:
    """72 parcels of 180 m x 180 m = 32,400 m2."""
    return [
        (
            {"id": f"R{n:02d}", "community": ident, "use": "城镇住宅用地", "area_m2": 32_400},
            box(x + 10, y + 10, x + 190, y + 190),
        )
        for n, (ident, _, x, y) in enumerate(residential_blocks(), 1)
    ]


def parks() -> tuple[list[Feature], list[Feature]]:
    """One walled park with a single gate on its north side, one open park with a gate in the middle of each side."""
    (xa, ya), (xb, yb) = corner("S2"), corner("N3")
    areas: list[Feature] = [
        (
            {"id": "PA", "name": "围墙公园", "name_en": "Walled park", "wall": "yes"},
            box(xa + 220, ya + 220, xa + 380, ya + 380),
        ),
        (
            {"id": "PB", "name": "滨河公园", "name_en": "Riverside park", "wall": "no"},
            box(xb + 200, yb + 200, xb + 400, yb + 400),
        ),
    ]
    doors = (
        ("GA1", "PA", "围墙公园北门", xa + 300, ya + 380),
        ("GB1", "PB", "滨河公园南门", xb + 300, yb + 200),
        ("GB2", "PB", "滨河公园东门", xb + 400, yb + 300),
        ("GB3", "PB", "滨河公园北门", xb + 300, yb + 400),
        ("GB4", "PB", "滨河公园西门", xb + 200, yb + 300),
    )
    return areas, [({"id": i, "park": p, "name": n}, point(x, y)) for i, p, n, x, y in doors]


def at_middles(prefix: str, word: str, places: dict[str, dict[str, Any]]) -> list[Feature]:
    """Facilities that stand in the middle of their community, with further columns."""
    names = {ident: name for _, _, ident, name in communities()}
    return [
        ({"id": f"{prefix}{n}", "name": f"{names[ident].removesuffix('社区')}{word}", **more}, point(*middle(ident)))
        for n, (ident, more) in enumerate(places.items(), 1)
    ]


def waste_points() -> list[Feature]:
    """South: in the middle of block sides, 57 m from 4 buildings. Middle: at corners of centre blocks, 72 m from 3."""
    places = [(x + 100, y) for y in (200, 400) for x in STREET_X[:-1]]
    for community in ("M1", "M2", "M3"):
        x, y = corner(community)
        places += [(x + dx, y + dy) for dy in (200, 400) for dx in (200, 400)]
    return [
        (
            {"id": f"W{n:02d}", "name": f"垃圾收集点{n:02d}", "bins": 4, "sorting": "是" if y == 200 else "否"},
            point(x, y),
        )
        for n, (x, y) in enumerate(places, 1)
    ]


def vacant_plots() -> tuple[list[Feature], list[Feature]]:
    """Five plots of 1,200 m2 in centre blocks, and the protected zone that one of them lies in.

    A plot is a rectangle of 60 m x 16 m with a triangle of 60 m x 8 m towards the street, so that the point nearest to
    the street is one only: its tip, 4 m from the middle of the block's side.
    """
    plots: list[Feature] = []
    for n, community in enumerate(("S1", "M2", "M3", "N1", "N2"), 1):
        x, y = corner(community)
        shape = [(300, 204), (330, 212), (330, 228), (270, 228), (270, 212), (300, 204)]
        ring = [[EAST + x + dx, NORTH + y + dy] for dx, dy in shape]
        properties = {
            "id": f"V{n}", "community": community, "use": "闲置用地", "owner": "示范区土储中心", "area_m2": 1200,
            "grid_kw": 800 if community[0] == "M" else 300,
        }  # fmt: skip
        plots.append((properties, {"type": "Polygon", "coordinates": [ring]}))
    x, y = corner("M3")
    zone = (
        {"id": "X1", "name": "示范文物保护区", "name_en": "Protected zone"},
        box(x + 205, y + 202, x + 395, y + 395),
    )
    return plots, [zone]


def toilet_rows() -> list[dict[str, Any]]:
    """Public toilets as a web map would give them: GCJ-02 degrees, to 7 decimals (1 cm)."""
    to_degrees = Transformer.from_crs(EPSG, 4326, always_xy=True)
    rows = []
    for n, (community, facts) in enumerate(TOILETS.items(), 1):
        x, y = middle(community)
        lon, lat = to_degrees.transform(EAST + x, NORTH + y)
        shifted = prcoords.wgs_gcj((lat, lon))
        name = f"{community[1].translate(str.maketrans('123', '一二三'))}号公厕（合成）"
        row = {"编号": f"T{n}", "名称": f"{SHORT['SMN'.index(community[0])]}{name}", "经度": f"{shifted.lon:.7f}"}
        row |= {"纬度": f"{shifted.lat:.7f}", **dict(zip(TOILET_COLUMNS, facts, strict=True)), "备注": "合成数据"}
        rows.append(row)
    return rows


def land_use() -> list[Feature]:
    """Land use of the plan: 81 blocks of 200 m x 200 m up to the middles of streets, and the river."""
    blocks = [(ident, "R2", x, y) for ident, _, x, y in residential_blocks()]
    blocks += [(ident, code, corner(ident)[0] + BLOCK, corner(ident)[1] + BLOCK) for ident, code in CENTRE_USE.items()]
    found = [
        ({"id": f"Y{n:02d}", "community": ident, "code": code}, box(x, y, x + BLOCK, y + BLOCK))
        for n, (ident, code, x, y) in enumerate(blocks, 1)
    ]
    river = {"id": "Y82", "community": None, "code": "E1"}
    return [*found, (river, box(0, BANK_SOUTH, WIDTH, BANK_NORTH))]


def busy_places() -> list[Feature]:
    """Three places where people gather, with people at the busiest hour."""
    places = (
        ("G1", "中一菜市场门前", 1200, *middle("M1")),
        ("G2", "示范桥北桥头", 600, BRIDGE_X, BANK_NORTH),
        ("G3", "围墙公园北门外", 400, 900, 400),
    )
    return [({"id": i, "name": n, "footfall": f}, point(x, y)) for i, n, f, x, y in places]


def private_lots() -> list[Feature]:
    """Residents' lots in the middle of each column of communities on every street, and the lot of an office.

    None where a public car park stands. Each house walks to one of these places and to no other within 300 m.
    """
    taken = {middle(community) for community in PUBLIC_LOTS}
    found: list[Feature] = []
    for k, (y, (spaces, kind, ready, ev_kind)) in enumerate(YARDS.items()):
        for column in range(3):
            x = column * COMMUNITY + COMMUNITY // 2
            if (x, y) not in taken:
                row = {"id": f"U{len(found) + 1:02d}", "name": f"纬{NUMERAL[k]}路{NUMERAL[column]}号居民停车场"}
                row |= {"spaces": spaces, "kind": kind, "users": "residents", "ev_spaces": ready, "ev_kind": ev_kind}
                found.append((row, point(x, y)))
    office = {"id": "U99", "name": "示范办公楼停车场", "spaces": 40, "kind": "mechanical", "users": "own"}
    x, y = middle("M3")
    return [*found, (office | {"ev_spaces": 4, "ev_kind": "public_building"}, point(x + 10, y))]


def old_estates() -> list[Feature]:
    """Two residential blocks of 4 houses each: the south-western ones of S1 and S3."""
    places = (("O1", "南一新村", *corner("S1")), ("O2", "南三新村", *corner("S3")))
    return [({"id": i, "name": n, "built": 1985}, box(x, y, x + BLOCK, y + BLOCK)) for i, n, x, y in places]


def layers() -> dict[str, list[Feature]]:
    """Every GeoJSON layer by file name."""
    outline, large, small = zones()
    areas, doors = parks()
    plots, protected = vacant_plots()
    stops = [ident for _, _, ident, _ in communities() if ident != "N1"]
    river = {"id": "H1", "name": "示范河", "name_en": "Demo river"}
    office = (middle("M3")[0] + 10, middle("M3")[1])
    return {
        "boundary": outline,
        "subdistricts": large,
        "communities": small,
        "streets": streets(),
        "buildings": buildings(),
        "residential_land": residential_land(),
        "vacant_plots": plots,
        "protected_zone": protected,
        "water": [(river, box(0, BANK_SOUTH + 10, WIDTH, BANK_NORTH - 10))],
        "parks": areas,
        "park_gates": doors,
        "waste_points": waste_points(),
        "car_parks": at_middles("C", "停车场", PUBLIC_LOTS),
        "private_lots": private_lots(),
        "offices": [({"id": "D1", "name": "示范办公楼", "use": "office", "floor_area_m2": 4000}, point(*office))],
        "charging_stations": at_middles("J", "充电站", {"M3": {"chargers": 8}, "N1": {"chargers": 4}}),
        "land_use": land_use(),
        "busy_places": busy_places(),
        "old_estates": old_estates(),
        "bus_stops": at_middles("Q", "公交站", {ident: {} for ident in stops}),
        "primary_schools": at_middles("P", "小学", {"S3": {"places": 1080}, "N1": {"places": 810}}),
        "kindergartens": at_middles("K", "幼儿园", {i: {"places": 360} for i in ("S1", "S3", "M2", "N2")}),
        "markets": at_middles("F", "菜市场", {"M1": {"floor_m2": 1500}}),
        "clinics": at_middles("L", "门诊部", {"M2": {}}),
        **waste_layers(),
    }


def geojson(name: str, features: list[Feature]) -> str:
    """One feature a line, coordinates in metres of the stated CRS: whole numbers, so nothing is rounded."""
    head = {
        "type": "FeatureCollection",
        "name": name,
        "description": NOTE,
        "crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{EPSG}"}},
    }
    rows = [json.dumps({"type": "Feature", "properties": p, "geometry": g}, ensure_ascii=False) for p, g in features]
    return json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [\n' + ",\n".join(rows) + "\n]}\n"


def files() -> dict[str, bytes]:
    """Content of every file that this script writes, by file name."""
    content = {f"{name}.geojson": geojson(name, features).encode("utf-8") for name, features in layers().items()}
    rows = toilet_rows()
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    content["toilets_gcj02_gbk.csv"] = text.getvalue().encode("gbk")
    return content


def main(folder: Path) -> None:
    """Write all files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (folder / name).write_bytes(content)
    print(f"{len(files())} files in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1] / "data" / "demo-district")
