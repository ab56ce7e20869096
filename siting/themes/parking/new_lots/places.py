"""Where a car park could be built or built up: vacant plots, layers of the study, surface lots that stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.coverage.schema import in_crs, keyed
from siting.inputs.schema import listed, parse_number
from siting.ledger import Finding, Text
from siting.locate import make_candidates
from siting.standards.labels import number
from siting.themes.city import City
from siting.themes.parking.audit import Parking
from siting.themes.parking.kinds import KINDS, OWN, PUBLIC
from siting.themes.parking.new_lots.lot_types import LotType, exact

VACANT, OWN_LAYER, UPGRADE = "vacant", "plots", "upgrade"
PLACE_KINDS: Mapping[str, Text] = {
    VACANT: Text("空闲用地", "vacant plot"),
    OWN_LAYER: Text("研究给出的地块", "plot of the study"),
    UPGRADE: Text("现有地面停车场改建", "surface lot, built up"),
}
SITE_COST = "site_cost"
COLUMNS = ["name", "kind", "kind_zh", "kind_en", "lot", "area_m2", "spaces_now", "spaces_most", "types_zh",
           "types_en", "site_cost", "land_source", "street", "nearest_conflict", "nearest_conflict_m", "tests",
           "allowed", "refusal"]  # fmt: skip
VERSION_COLUMNS = ["site", "type_zh", "type_en", "spaces", "added", "cost"]
OUTSIDE = Text("在研究范围之外", "outside the study area")
NO_ROOM = Text("可用面积不足以建任何类型", "too small for every type")
NO_COST = Text("用地费用未知", "cost of the land is not known")


def lot_places(
    city: City,
    parking: Parking,
    types: Sequence[LotType],
    *,
    layers: Mapping[str, gpd.GeoDataFrame],
    upgrade: bool,
    land_cost_m2: float,
    min_area_m2: float,
    steps: int = 1,
    exclusions: Mapping[str, gpd.GeoDataFrame] | None = None,
    existing_spacing_m: float | None = None,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, tuple[Finding, ...]]:
    """Gather the places, test each, and count what each may hold.

    Parameters
    ----------
    layers : areas by `VACANT` and `OWN_LAYER`; a column ``site_cost`` is what the land costs in all
    upgrade : whether surface lots that stand are looked at
    land_cost_m2 : of land whose row states no ``site_cost``
    steps : sizes up to what the ground holds, in equal parts
    existing_spacing_m : plots nearer than this to a car park that stands off the street and is open to the public are
        refused

    Returns
    -------
    Places, index = id, columns `COLUMNS`, points where they meet the street; versions, columns `VERSION_COLUMNS`, cost
    as a `fractions.Fraction`; and what was found on the way. A place of another layer keeps its id with its kind in
    front where two share one. None is left out: what may not be built on says why.
    """
    parts = [
        _plots(city, kind, layers[kind], land_cost_m2, min_area_m2, exclusions)
        for kind in (VACANT, OWN_LAYER)
        if kind in layers and len(layers[kind])
    ]
    if upgrade:
        parts.append(_standing(parking))
    parts = [part for part in parts if len(part)]
    if existing_spacing_m is not None:
        parts = [_apart(part, parking, existing_spacing_m) for part in parts]
    if not parts:
        empty = gpd.GeoDataFrame({c: [] for c in COLUMNS}, geometry=[], crs=city.crs)
        return empty, pd.DataFrame(columns=VERSION_COLUMNS), ()
    every = gpd.GeoDataFrame(pd.concat(parts), crs=city.crs)
    if not every.index.is_unique:
        every.index = pd.Index([f"{k}-{i}" for k, i in zip(every["kind"], every.index, strict=True)])
    every.index.name = "id"
    versions = _versions(city, every, types, steps)
    by_site = versions.groupby("site")
    most = by_site["spaces"].max()
    every["spaces_most"] = most.reindex(every.index).astype("Float64")
    for lang, comma in (("zh", "、"), ("en", "; ")):
        names = {site: comma.join(dict.fromkeys(rows[f"type_{lang}"])) for site, rows in by_site}
        every[f"types_{lang}"] = pd.Series(names, dtype=object).reindex(every.index)
    none = every["allowed"].astype(bool) & ~every.index.isin(versions["site"])
    every.loc[none, "refusal"] = NO_ROOM.both(" / ")
    every["allowed"] = every["allowed"].astype(bool) & ~none
    return gpd.GeoDataFrame(every[[*COLUMNS, "geometry"]]), versions, _findings(every)


def _plots(
    city: City,
    kind: str,
    layer: gpd.GeoDataFrame,
    land_cost_m2: float,
    min_area_m2: float,
    exclusions: Mapping[str, gpd.GeoDataFrame] | None,
) -> gpd.GeoDataFrame:
    layer = in_crs(kind, keyed(layer), city.crs)
    layer = gpd.GeoDataFrame(layer.set_axis(layer.index.astype(str), axis=0))
    taken = {**city.exclusions, **(exclusions or {})}
    taken |= {k: v for k, v in (("water", city.water), ("buildings", city.buildings)) if v is not None}
    areas = {k: gpd.GeoDataFrame(v[v.geom_type.isin(["Polygon", "MultiPolygon"])]) for k, v in taken.items()}
    plots = gpd.GeoDataFrame(layer.drop(columns="name", errors="ignore"))
    made = make_candidates(
        "vacant" if kind == VACANT else "layer",
        land=plots if kind == VACANT else None,
        layer=plots if kind != VACANT else None,
        streets=None if city.network is None else city.network.edges_frame(),
        exclusions={k: v for k, v in areas.items() if len(v)},
        min_area_m2=min_area_m2,
    )
    here = layer.loc[made.index]
    area = made["area_m2"].to_numpy(dtype=np.float64)
    cost = np.round(area * land_cost_m2, 2)
    if SITE_COST in here.columns:
        given = [_number(value) for value in here[SITE_COST]]
        cost = np.where(here[SITE_COST].isna() & (land_cost_m2 > 0), cost, given)
    refusal = made["refusal"].to_numpy(dtype=object).copy()
    allowed = made["allowed"].to_numpy(dtype=bool)
    outside = np.zeros(len(made), dtype=bool)
    if city.boundary is not None:
        outside = ~made.geometry.intersects(city.boundary.geometry.union_all()).to_numpy()
    no_area = ~(area > 0) & here.geometry.geom_type.eq("Point").to_numpy()
    for mask, why in (
        (outside, OUTSIDE),
        (no_area, Text("面积未知（点状，且无 area_m2 列）", "area not known (a point without area_m2)")),
        (np.isnan(cost), NO_COST),
    ):
        refusal[allowed & mask] = why.both(" / ")
        allowed = allowed & ~mask
    names = here["name"].tolist() if "name" in here.columns else [None] * len(here)
    return gpd.GeoDataFrame(
        made.assign(
            name=[i if n is None or pd.isna(n) else str(n) for i, n in zip(made.index, names, strict=True)],
            kind=kind, kind_zh=PLACE_KINDS[kind].zh, kind_en=PLACE_KINDS[kind].en, lot=None, spaces_now=0.0,
            site_cost=cost, allowed=allowed, refusal=refusal,
        )
    )  # fmt: skip


def _apart(places: gpd.GeoDataFrame, parking: Parking, spacing_m: float) -> gpd.GeoDataFrame:
    """Refuse plots nearer than the spacing to a public car park off the street; exactly that far is allowed."""
    lots = parking.supply.lots
    lots = lots[(lots["users"] == PUBLIC) & (lots["kind"] != "kerb")]
    plots = (places["kind"] != UPGRADE).to_numpy()
    if not len(lots) or not plots.any():
        return places
    tree = shapely.STRtree(np.asarray(lots.geometry, dtype=object))
    (row, lot), metres = tree.query_nearest(
        np.asarray(places.geometry, dtype=object), max_distance=spacing_m, return_distance=True, all_matches=False
    )
    allowed = places["allowed"].to_numpy(dtype=bool).copy()
    refusal = places["refusal"].to_numpy(dtype=object).copy()
    for k, other, m in zip(row.tolist(), lot.tolist(), metres.tolist(), strict=True):
        if m < spacing_m and plots[k] and allowed[k]:
            name, at = lots.index[other], f"{m:.0f}"
            why = Text(
                f"距现有公共停车场 {name} {at} 米，小于 {number(spacing_m)} 米",
                f"{at} m from car park {name}, under {number(spacing_m)} m",
            )
            allowed[k], refusal[k] = False, why.both(" / ")
    return gpd.GeoDataFrame(places.assign(allowed=allowed, refusal=refusal))


def _standing(parking: Parking) -> gpd.GeoDataFrame:
    """Car parks that stand, as places: open surface lots whose ground and spaces are known may be built up."""
    lots = parking.supply.lots
    area, spaces = lots["area_m2"], lots["spaces"]
    refusal = np.select(
        [
            ~parking.inside,
            (lots["users"] == OWN),
            lots["kind"] != "surface",
            ~(area > 0),
            spaces.isna(),
        ],
        [
            OUTSIDE.both(" / "),
            Text("单位自用，不对外开放", "for its own users, not open").both(" / "),
            Text("不是地面停车场，或类型不详", "no surface lot, or of unknown kind").both(" / "),
            Text("面积未知", "area not known").both(" / "),
            Text("现有泊位数不详，无法计算增量", "its spaces are not known, nor what is added").both(" / "),
        ],
        "",
    )
    allowed = refusal == ""
    names = lots["name"].tolist()
    tested = Text("类型、开放情况、面积、现有泊位", "kind, who may use it, area, spaces it has")
    return gpd.GeoDataFrame(
        {
            "name": [str(i) if n is None or pd.isna(n) else str(n) for i, n in zip(lots.index, names, strict=True)],
            "kind": UPGRADE,
            "kind_zh": PLACE_KINDS[UPGRADE].zh,
            "kind_en": [
                f"{PLACE_KINDS[UPGRADE].en}" if ok else KINDS[k].en for ok, k in zip(allowed, lots["kind"], strict=True)
            ],
            "lot": lots.index.astype(str),
            "area_m2": area,
            "spaces_now": spaces,
            "site_cost": 0.0,
            "land_source": Text("现有停车场", "car park that stands").both(" / "),
            "street": None,
            "nearest_conflict": None,
            "nearest_conflict_m": np.nan,
            "tests": Text(f"已检验：{tested.zh}", f"tested: {tested.en}").both(" | "),
            "allowed": allowed,
            "refusal": pd.Series(refusal, dtype=object).where(~allowed, None).to_numpy(),
        },
        geometry=lots.geometry.representative_point(),
        crs=lots.crs,
    ).set_axis(pd.Index(lots.index.astype(str)), axis=0)


def _versions(city: City, places: gpd.GeoDataFrame, types: Sequence[LotType], steps: int) -> pd.DataFrame:
    rows = []
    for site, place in places[places["allowed"].astype(bool)].iterrows():
        standing = place["kind"] == UPGRADE
        now = int(place["spaces_now"]) if standing else 0
        land = Fraction(0) if standing else exact(float(place["site_cost"]))
        for kind in types:
            if standing and (kind.kind == "surface" or not kind.upgrades):
                continue
            most = kind.spaces_on(float(place["area_m2"]), city.catalogue)
            # Parts of what is added; each has more than the one before.
            sizes = dict.fromkeys(now + -(-(most - now) * k // steps) for k in range(1, steps + 1))
            rows += [
                (site, kind.label.zh, kind.label.en, spaces, spaces - now, kind.cost_of(spaces, land))
                for spaces in sizes
                if spaces > now and spaces >= kind.spaces_least
            ]
    return pd.DataFrame(rows, columns=VERSION_COLUMNS)


def _number(value: object) -> float:
    """Read a number of 0 or more; NaN where it is none."""
    if value is None or value is pd.NA:
        return float("nan")
    read, _, unreadable = parse_number(value)
    return float(read) if not unreadable and np.isfinite(read) and read >= 0 else float("nan")


def _findings(places: gpd.GeoDataFrame) -> tuple[Finding, ...]:
    lost = places.index[places["site_cost"].isna()]
    if not len(lost):
        return ()
    text = Text(
        f"停车场候选地块：{len(lost)} 处用地费用缺失、非数字或为负，不作候选",
        f"plots for car parks: the land cost of {len(lost)} is missing, no number or negative; not candidates",
    )
    return (Finding(code="lot_site_cost", kind="warning", count=len(lost), text=text, ids=listed(lost)),)
