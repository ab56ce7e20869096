"""A small district drawn by hand: 14 x 14 blocks, a park, a river, three toilets, Chinese zone names.

north bank   y > 0      zones 东风街道 (x < 700) and 氹仔“北区” (x >= 700)
river        -60 < y < 0, no bridge: the toilet south of it reaches nobody on foot
toilets      T1 (200, 300), T2 (1100, 900), T3 (700, -120)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from shapely import LineString, MultiPolygon, Point, Polygon, box

from siting.coverage.model import INDICATOR_COLUMNS, Audit, Share
from siting.ledger import Account, Finding, Text
from siting.locate.plans.plan import Plan
from siting.locate.plans.unanswered import NoPlan
from siting.locate.result import SitingResult
from siting.outputs.contract import MapBase
from siting.standards.model import Reading, Rule, Source, Target
from siting.suitability import Suitability
from siting.themes.result import ThemeResult

CRS = pyproj.CRS.from_epsg(4546)
CRS_NOTE = Text("研究区中央经线 111°", "by the meridian of the study area, 111 E")
ATTRIBUTION = (
    Text("© OpenStreetMap 贡献者，ODbL 许可", "© OpenStreetMap contributors, ODbL"),
    Text("合成示例数据", "synthetic sample data"),
)
X0, Y0 = 500_000.0, 2_460_000.0


@dataclass(frozen=True)
class Run:
    name: str
    title: Text
    audits: dict[str, Audit]
    plans: dict[str, Plan]
    gaps: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    zones: dict[str, gpd.GeoDataFrame]
    entries: gpd.GeoDataFrame
    unsnapped: gpd.GeoDataFrame
    service_areas: gpd.GeoDataFrame | None
    themes: Mapping[str, ThemeResult]
    base: MapBase
    accounts: tuple[Account, ...]
    findings: tuple[Finding, ...]
    parameters: dict[str, Any]
    input_paths: tuple[Path, ...] = ()
    seeds: dict[str, int] = field(default_factory=lambda: {"more_toilets": 0})
    lang: str = "zh"
    crs: pyproj.CRS = CRS
    crs_note: Text | None = CRS_NOTE
    scale_error_ppm: float | None = 31.5
    attribution: tuple[Text, ...] = ATTRIBUTION
    suitability: Suitability | None = None
    infeasible: Mapping[str, NoPlan] = field(default_factory=dict)
    data_date: str | None = "2026-02-20"


def frame(data: dict, geometry: list, index: list[str]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(data, geometry=geometry, index=pd.Index(index, name="id"), crs=CRS)


def at(x: float, y: float) -> Point:
    return Point(X0 + x, Y0 + y)


def rule(
    id_: str, zh: str, en: str, limit: float | None, confidence: Reading, distance: str = "network", **more
) -> Rule:
    return Rule(
        id=id_,
        name=Text(zh, en),
        topic="demo",
        tier="",
        facility=("public_toilet",),
        metric="network_distance",
        operator="<=",
        threshold=limit,
        unit="m",
        distance=distance,
        denominator="people",
        target=more.pop("target", None),
        confidence=confidence,
        readings={"threshold": confidence, "target": confidence, "denominator": confidence, "distance": confidence},
        source=Source(document="GB 50180-2018", title="城市居住区规划设计标准", clause="第 4.0.4 条", status="现行"),
        **more,
    )


def make_demand() -> gpd.GeoDataFrame:
    cells = [(i, j) for j in range(14) for i in range(14)]
    x, y = np.array([(50 + 100 * i, 50 + 100 * j) for i, j in cells], dtype=float).T
    people = 10.0 + (np.arange(len(cells)) * 7) % 23
    zones = np.where(x < 700, "Z1", "Z2")
    return frame(
        {"people": people, "units": np.ones(len(cells), dtype="int64"), "zone_district": zones},
        [at(a, b) for a, b in zip(x, y, strict=True)],
        [f"B{k:04d}" for k in range(len(cells))],
    )


def manhattan(demand: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    gx, gy = np.asarray(demand.geometry.x), np.asarray(demand.geometry.y)
    cx, cy = np.asarray(places.geometry.centroid.x), np.asarray(places.geometry.centroid.y)
    far = np.abs(gx[:, None] - cx) + np.abs(gy[:, None] - cy)
    far[:, cy < Y0] = np.inf  # no bridge
    straight = np.hypot(gx[:, None] - cx, gy[:, None] - cy)
    return far, straight


def make_audit(r: Rule, demand, facilities, entries) -> Audit:
    network, straight = manhattan(demand, facilities)
    table = demand.copy()
    shares = {}
    people = np.rint(np.asarray(table["people"]) * 1000).astype("int64")
    rows = []
    passes = None
    for kind, cost in (("network", network), ("straight", straight)):
        best = cost.min(axis=1)
        table[f"cost_{kind}"] = best
        table[f"served_{kind}"] = best <= r.limit_m
        table[f"facility_{kind}"] = np.where(np.isinf(best), None, np.asarray(facilities.index)[cost.argmin(axis=1)])
        served = np.asarray(table[f"served_{kind}"])
        shares[kind, "people"] = Share(served=int(people[served].sum()), total=int(people.sum()), per_whole=1000)
        shares[kind, "units"] = Share(served=int(served.sum()), total=len(served), per_whole=1)
        for level, zone, mask in [
            ("city", "all", np.ones(len(table), dtype=bool)),
            *(("district", z, np.asarray(table["zone_district"]) == z) for z in ("Z1", "Z2")),
        ]:
            for denominator, weight in (("people", people / 1000), ("units", np.ones(len(table)))):
                total, got = weight[mask].sum(), weight[mask & served].sum()
                rows.append(
                    {
                        "rule": r.id, "name_zh": r.name.zh, "name_en": r.name.en, "zone_level": level, "zone": zone,
                        "denominator": denominator, "distance": kind, "limit_m": r.limit_m, "served": got,
                        "total": total, "share": got / total, "target": r.target.share if r.target else None,
                        "target_operator": ">=", "passes": None, "clause": "GB 50180-2018 第 4.0.4 条",
                        "confidence": r.confidence.value, "reading_target": "clause", "reading_denominator": "clause",
                        "reading_distance": "clause", "judged": True, "reason": None,
                    }
                )  # fmt: skip
    for column in ("cost", "served", "facility"):
        table[column] = table[f"{column}_{r.distance}"]
    share = shares[r.distance, "people"]
    if r.verdict_allowed:
        passes = r.target.is_met(share.served, share.total)
    return Audit(
        name=r.id,
        rule=r,
        judged=True,
        reason=None,
        limit_m=r.limit_m,
        distance=r.distance,
        demand=table,
        shares=shares,
        indicators=pd.DataFrame(rows, columns=list(INDICATOR_COLUMNS)),
        passes=passes,
        entries=entries,
        facilities=facilities,
        unreachable=int(np.isinf(network.min(axis=1)).sum()),
    )


def make_gaps(audit: Audit, first: int) -> gpd.GeoDataFrame:
    lost = audit.demand[~audit.demand["served"]]
    parts = lost.groupby("zone_district")
    rows, geometry = [], []
    for k, (zone, part) in enumerate(parts):
        people, nearest = float(part["people"].sum()), float(part["cost"].max())
        rows.append(
            {
                "gap_id": f"G{first + k:02d}", "rule": audit.name, "people": people, "units": len(part),
                "name_zh": f"G{first + k:02d}，{people:.0f} 人，最近公厕 {nearest:.0f} 米",
                "name_en": f"G{first + k:02d}, {people:.0f} people, nearest toilet {nearest:.0f} m",
                "points": len(part), "area_m2": 1e4 * len(part), "nearest_m": nearest, "zone": zone, "rank": k + 1,
            }
        )  # fmt: skip
        geometry.append(part.geometry.buffer(70).union_all().buffer(-20))
    return frame(pd.DataFrame(rows).to_dict("list"), geometry, [f"{audit.name}/{r['gap_id']}" for r in rows])


def make_plan(r: Rule, demand, facilities) -> Plan:
    spots = [(350 + 150 * i, 150 + 250 * j) for j in range(5) for i in range(6)]
    candidates = frame(
        {
            "plot": [f"地块 {k + 1}" for k in range(len(spots))],
            "area_m2": [120.0 + k for k in range(len(spots))],
            "land_source": ["vacant"] * len(spots),
            "tests": ["water; green; buildings"] * len(spots),
            "nearest_conflict": ["water/1"] * len(spots),
            "nearest_conflict_m": [100.0] * len(spots),
            "allowed": [True] * len(spots),
            "refusal": [None] * len(spots),
        },
        [at(*s) for s in spots],
        [f"C{k:03d}" for k in range(len(spots))],
    )
    now = manhattan(demand, facilities)[0].min(axis=1) <= 300
    reach = manhattan(demand, candidates)[0] <= 300
    weight = np.asarray(demand["people"])
    served, order, gain, newly = now.copy(), [], [], []
    for _ in range(4):
        won = [(weight[reach[:, c] & ~served]).sum() for c in range(len(spots))]
        order.append(int(np.argmax(won)))
        gain.append(float(max(won)))
        newly.append(tuple(demand.index[reach[:, order[-1]] & ~served]))
        served |= reach[:, order[-1]]
    sites = candidates.iloc[order].assign(
        order=[1, 2, 3, 4],
        gain_people=gain,
        people_served=[weight[reach[:, c]].sum() for c in order],
        name_zh=[f"新公厕 {k}" for k in range(1, 5)],
        name_en=[f"New toilet {k}" for k in range(1, 5)],
    )
    result = SitingResult(
        model="mclp",
        sites=np.sort(np.array(order)),
        site_ids=tuple(candidates.index[np.sort(order)]),
        assignment=np.array([next((c for c in order if row[c]), -1) for row in reach]),
        objective=float(weight[served].sum()),
        bound=float(weight[served].sum()) + 12.0,
        status="feasible",
        seconds=0.2,
        order=np.array(order),
        gain=np.array(gain),
        parameters={"p": 4},
    )
    ids = np.asarray(demand.index)
    return Plan(
        name="more_toilets",
        title=Text("新增公共厕所", "More public toilets"),
        model="mclp",
        rule=r,
        facility=("public_toilet",),
        limit_m=300.0,
        weight="people",
        result=result,
        candidates=candidates,
        sites=sites,
        people_total=float(weight.sum()),
        people_before=float(weight[now].sum()),
        people_after=float(weight[served].sum()),
        unserved_after=tuple(ids[~served]),
        unserved_before=tuple(ids[~now]),
        newly_served=tuple(newly),
    )


def make_base() -> MapBase:
    lines, kinds = [], []
    for k in range(15):
        kind = "primary" if k == 7 else "residential" if k % 2 else "footway"
        lines += [LineString([at(100 * k, 0), at(100 * k, 1400)]), LineString([at(0, 100 * k), at(1400, 100 * k)])]
        kinds += [kind, kind]
    homes = [
        box(X0 + 100 * i + 25, Y0 + 100 * j + 25, X0 + 100 * i + 75, Y0 + 100 * j + 75)
        for i in range(14)
        for j in range(14)
    ]
    return MapBase(
        streets=frame({"highway": kinds}, lines, [f"way/{k}" for k in range(len(lines))]),
        water=frame({}, [box(X0 - 100, Y0 - 60, X0 + 1500, Y0 - 10)], ["way/900"]),
        green=frame({"kind": ["park"]}, [box(X0 + 410, Y0 + 610, X0 + 690, Y0 + 790)], ["way/901"]),
        buildings=frame({}, homes, [f"way/{k + 1000}" for k in range(len(homes))]),
        boundary=frame({}, [box(X0 - 50, Y0 - 150, X0 + 1450, Y0 + 1430)], ["boundary"]),
    )


def make_run() -> Run:
    demand = make_demand()
    park = MultiPolygon([box(X0 + 410, Y0 + 610, X0 + 690, Y0 + 790)])
    toilets = frame(
        {"class": ["public_toilet"] * 3, "name": ["东风公厕", None, "南岸公厕"], "seats": [4, 6, 8]},
        [at(200, 300), at(1100, 900), at(700, -120)],
        ["T1", "T2", "T3"],
    )
    parks = frame({"class": ["park"], "name": ["人民公园"]}, [park], ["way/901"])
    facilities = pd.concat([toilets, parks])
    entries = frame(
        {"facility": ["way/901"] * 2, "kind": ["gate", "crossing"], "snapped": [True, True]},
        [at(410, 700), at(600, 790)],
        ["E1", "E2"],
    )
    toilet_rule = rule("toilet.radius-300", "公共厕所 300 米", "Public toilet within 300 m", 300.0, Reading.UNVERIFIED)
    park_rule = rule(
        "park.radius.500", "公园 500 米", "Park within 500 m", 500.0, Reading.CLAUSE, "straight",
        target=Target(share=0.9),
    )  # fmt: skip
    clinic_rule = replace(rule("clinic", "社区卫生站", "Clinic", None, Reading.SECONDARY), facility=("clinic",))
    nothing = frame({}, [], [])
    toilet = make_audit(toilet_rule, demand, toilets, entries.iloc[:0])
    green = make_audit(park_rule, demand, parks, entries)
    clinic = Audit(
        name="clinic", rule=clinic_rule, judged=False, reason=Text("标准未给出距离", "the standard sets no distance"),
        limit_m=None, distance="network", demand=nothing, shares={}, passes=None, entries=nothing,
        indicators=pd.DataFrame(columns=list(INDICATOR_COLUMNS)), facilities=nothing, unreachable=0,
    )  # fmt: skip
    unsnapped = frame({"layer": ["demand"], "id": ["B9999"], "distance_m": [np.inf]}, [at(700, -100)], ["x"])
    west = Polygon([(X0, Y0), (X0 + 700, Y0), (X0 + 700, Y0 + 1400), (X0, Y0 + 1400)])
    zones = frame({"name": ["东风街道", "氹仔“北区”"]}, [west, box(X0 + 700, Y0, X0 + 1400, Y0 + 1400)], ["Z1", "Z2"])
    dropped = Finding(
        code="null_geometry",
        kind="dropped",
        count=2,
        text=Text("2 行没有几何", "2 rows without geometry"),
        ids=("7", "9"),
    )
    return Run(
        name="demo-district",
        title=Text("东风示范区", "Dongfeng sample district"),
        audits={a.name: a for a in (toilet, green, clinic)},
        plans={"more_toilets": make_plan(toilet_rule, demand, toilets)},
        gaps=pd.concat([make_gaps(toilet, 1), make_gaps(green, 1)]),
        demand=demand,
        facilities=facilities,
        zones={"district": zones},
        entries=entries,
        unsnapped=unsnapped,
        themes={},
        service_areas=frame(
            {"rule": ["toilet.radius-300"], "facility": ["T1"], "limit_m": [300.0]}, [at(200, 300).buffer(300)], ["T1"]
        ),
        base=make_base(),
        accounts=(
            Account(
                layer="demand", source="demand.gpkg", rows_in=198, rows_used=196, findings=(dropped,), sha256="ab" * 32
            ),
        ),
        findings=(
            Finding(code="note", kind="note", count=1, text=Text("人口按建筑估算", "people estimated from buildings")),
        ),
        parameters={"max_snap_m": 500.0, "modes": ["walk"], "nothing": float("nan")},
    )
