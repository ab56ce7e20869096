"""Waste of the synthetic district: who makes it, where it is taken, and plots for what is to come.

Plots are squares that stand on one corner, so that they touch a street in one place only, and a green belt of r metres
takes 2 r off their side.
"""

from demo_district_ground import Feature, box, point, tilted


def food_outlets() -> list[Feature]:
    """Six outlets on the street of shops, 200 seats each; of four the waste is collected apart."""
    places = ((100, "是"), (500, "是"), (700, "是"), (1100, "是"), (1300, "否"), (1700, "否"))
    return [
        ({"id": f"Z{n}", "name": f"示范餐馆{n}", "seats": 200, "collected_apart": apart}, point(x, 800))
        for n, (x, apart) in enumerate(places, 1)
    ]


def closed_estates() -> list[Feature]:
    """Two residential blocks behind walls: that in S1 has a collection point at its edge, that in N2 has none."""
    places = (("E1", "南一花园（封闭）", 0, 0), ("E2", "北二花园（封闭）", 600, 1300))
    return [({"id": i, "name": n}, box(x, y, x + 200, y + 200)) for i, n, x, y in places]


def recycling_points() -> list[Feature]:
    """Five: one at a collection point, one 30 m from one, three farther than 50 m from any."""
    places = ((100, 200), (730, 200), (300, 800), (900, 800), (900, 1500))
    return [({"id": f"H{n}", "name": f"再生资源回收点{n}"}, point(x, y)) for n, (x, y) in enumerate(places, 1)]


def new_waste_points() -> list[Feature]:
    """Places for collection points: by the streets where people have none near, and one at the edge of E2."""
    middles = (160, 440, 760, 1040, 1360, 1640)
    places = [(x, y) for y in (0, 600, 1200, 1300, 1500, 1700, 1900) for x in middles]
    places += [(x, y) for y in (800, 1000) for x in (0, 600, 1200, 1800)]
    return [({"id": f"N{n:02d}"}, point(x, y)) for n, (x, y) in enumerate([*places, (640, 1500)], 1)]


def transfer_stations() -> list[Feature]:
    """One that stands: small, and paid for."""
    row = {"id": "T0", "name": "中三转运站（现状）", "capacity_t_day": 8, "fixed_cost_day": 60, "cost_per_t": 10}
    return [(row, point(1700, 1000))]


def station_plots() -> list[Feature]:
    """Five plots: for classes IV and V, for III, too small, too near a home (5 m), for V only."""
    places = (
        ("P1", "中一地块", tilted(300, 1000, 60)),
        ("P2", "南三地块", tilted(1500, 400, 85)),
        ("P3", "中二小地块", tilted(900, 1000, 25)),
        ("P4", "北一宅间地块", tilted(60, 1355, 35, up=False)),
        ("P5", "北二地块", tilted(900, 1700, 40)),
    )
    return [({"id": i, "name": n}, shape) for i, n, shape in places]


def waste_plants() -> list[Feature]:
    """Two plants where streets leave the district: kitchen waste in the north-east, the rest in the west."""
    places = (
        ("A1", "厨余垃圾处理厂（去向）", "kitchen", 40, 80, 1800, 1900),
        ("A2", "其他垃圾焚烧厂（去向）", "other", 40, 60, 0, 200),
    )
    return [
        ({"id": i, "name": n, "status": "existing", "streams": s, "capacity_t_day": t, "cost_per_t": c}, point(x, y))
        for i, n, s, t, c, x, y in places
    ]


def sorting_plots() -> list[Feature]:
    """Four plots for a sorting centre: near and small, far and large, in the protected zone, too small."""
    places = (
        ("G1", "南一地块", tilted(300, 400, 50)),
        ("G2", "中三地块", tilted(1500, 1000, 50)),
        ("G3", "北一地块", tilted(300, 1700, 75)),
        ("G4", "中一地块", tilted(360, 800, 30, up=False)),
    )
    return [({"id": i, "name": n}, shape) for i, n, shape in places]


def waste_layers() -> dict[str, list[Feature]]:
    """Every layer of the theme but the collection points, by file name."""
    return {
        "food_outlets": food_outlets(),
        "closed_estates": closed_estates(),
        "recycling_points": recycling_points(),
        "new_waste_points": new_waste_points(),
        "transfer_stations": transfer_stations(),
        "station_plots": station_plots(),
        "waste_plants": waste_plants(),
        "sorting_plots": sorting_plots(),
    }
