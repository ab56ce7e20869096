"""How good a piece of land would be as a pocket park: size, width, shape, slope, neighbours; each test by its rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.errors import InputError
from siting.ledger import Text
from siting.network.elevation import at_points
from siting.standards import Catalogue
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.green.parks import BELOW, BELOW_TEXT, class_of, parks_of, size_classes, widths_m

SIZE_RULE, WIDTH_RULE, SLOPE_RULE = "park.cover.class_small", "park.cjj85.small_width", "access.ramp12"
FULL_SIZE_RULE = "park.gb51346.s1"
"""From the smallest size of this class on, more land makes no better pocket park."""
PASS, FAIL, UNKNOWN = "pass", "fail", "not_tested"
WEIGHTS: Mapping[str, float] = {"size": 1, "width": 1, "shape": 1, "slope": 1, "people": 2, "distance": 1}
"""What each part of the score weighs; a choice of this toolkit, not of a standard."""
_RING_POINTS = 24
Floats = NDArray[np.float64]

COLUMNS = {
    "kind": Text("用地类型", "kind of land"),
    "land_source": Text("用地来源", "land source"),
    "area_m2": Text("可用面积（平方米）", "free area (m²)"),
    "width_m": Text("可容最大圆的直径（米）", "diameter of the largest circle inside (m)"),
    "compactness": Text("紧凑度（圆为 1）", "compactness (a circle: 1)"),
    "slope": Text("平均坡度（升高/水平距离）", "mean slope (rise/run)"),
    "people_new": Text("限值内现状未服务的人口", "people within the limit whom no park serves today"),
    "park_m": Text("至最近现有公园的直线距离（米）", "straight distance to the nearest park (m)"),
    "nearest_conflict": Text("最近冲突对象", "nearest conflict"),
    "nearest_conflict_m": Text("至最近冲突对象（米）", "to the nearest conflict (m)"),
    "size_class": Text("规模分级（规则编号）", "size class (rule id)"),
    "test_size": Text("规模检验", "test of size"),
    "test_width": Text("宽度检验", "test of width"),
    "test_slope": Text("坡度检验（借用，仅供参考）", "test of slope (borrowed, for reference)"),
    "score": Text("得分（0–100）", "score (0 to 100)"),
    "reason_zh": Text("理由", "reasons, Chinese"),
    "reason_en": Text("理由（英文）", "reasons"),
}


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The figures of the rules that land is tested by; None where the catalogue has no such rule."""

    size: Rule | None
    least_m2: float | None
    full_m2: float | None
    width: Rule | None
    slope: Rule | None

    @classmethod
    def of(cls, catalogue: Catalogue) -> _Bounds:
        known = {rule.id: rule for rule in catalogue}
        size, full, width, slope = (known.get(n) for n in (SIZE_RULE, FULL_SIZE_RULE, WIDTH_RULE, SLOPE_RULE))
        return cls(size, _lower(size), _lower(full), width, slope)


def _lower(rule: Rule | None) -> float | None:
    return None if rule is None or rule.only_area_m2 is None else rule.only_area_m2[0]


def _figure(rule: Rule | None) -> float | None:
    return rule.threshold if rule is not None and isinstance(rule.threshold, float) else None


def scored(
    city: City,
    land: gpd.GeoDataFrame,
    people_new: Floats | None,
    limit_m: float,
    weights: Mapping[str, float] | None = None,
) -> gpd.GeoDataFrame:
    """Measure, test and score land for pocket parks.

    Parameters
    ----------
    land : as `park_land` returns it
    people_new : shape (n,), people within the limit whom no park serves today; None where people are unknown
    limit_m : from this distance to a park on, farther is no better
    weights : of the parts of the score, in place of `WEIGHTS`; a part that is not known is left out for that piece

    Returns
    -------
    ``land`` with the columns `COLUMNS` and ``allowed``, ``refusal``: land that fails the test of size or width is not
    proposed. Shape has no clause: it is scored, not tested.
    """
    weights = WEIGHTS if weights is None else weights
    unknown = sorted(set(weights) - set(WEIGHTS))
    if unknown or not all(w >= 0 for w in weights.values()) or not sum(weights.values()) > 0:
        msg = f"weights: expected some of {', '.join(WEIGHTS)}, 0 or more and not all 0; got {dict(weights)}"
        raise InputError(msg)
    bounds = _Bounds.of(city.catalogue)
    shapes = np.asarray(land.geometry, dtype=object)
    area, width = np.asarray(land["area_m2"], dtype=np.float64), np.round(widths_m(shapes), 1)
    compact = 4 * np.pi * shapely.area(shapes) / shapely.length(shapes) ** 2
    slope = _slopes(city, shapes)
    parks = np.asarray(parks_of(city).geometry, dtype=object)
    away = shapely.STRtree(parks).query_nearest(shapes, return_distance=True, all_matches=False)[1] if len(parks) else (
        np.full(len(shapes), np.nan)
    )  # fmt: skip
    wide, steep = _figure(bounds.width), _figure(bounds.slope)
    parts: dict[str, Floats] = {
        "size": area / bounds.full_m2 if bounds.full_m2 else np.full(len(area), np.nan),
        "width": width / (2 * wide) if wide else np.full(len(area), np.nan),
        "shape": compact,
        "slope": 1 - slope / steep if steep else np.full(len(area), np.nan),
        "people": people_new / people_new.max() if people_new is not None and people_new.any() else area * np.nan,
        "distance": np.asarray(away, dtype=np.float64) / limit_m,
    }
    tests = {
        "test_size": _tested(area, bounds.least_m2, at_least=True),
        "test_width": _tested(width, wide, at_least=True),
        "test_slope": _tested(slope, steep, at_least=False),
    }
    classes = size_classes(city.catalogue)
    found = [class_of(a, classes) for a in area]
    table = land.assign(
        width_m=width,
        compactness=np.round(compact, 3),
        slope=np.round(slope, 4),
        people_new=np.nan if people_new is None else people_new,
        park_m=np.round(np.asarray(away, dtype=np.float64), 1),
        size_class=[BELOW if rule is None else rule.id for rule in found],
        **tests,
        score=_score(parts, weights),
    )
    allowed = (tests["test_size"] != FAIL) & (tests["test_width"] != FAIL)
    reasons = [_reason(row, bounds, rule) for row, rule in zip(table.to_dict("records"), found, strict=True)]
    refusals = [
        None if ok else _refusal(row, bounds) for ok, row in zip(allowed, table.to_dict("records"), strict=True)
    ]
    table = table.assign(
        reason_zh=[r.zh for r in reasons], reason_en=[r.en for r in reasons], allowed=allowed,
        refusal=np.array(refusals, dtype=object),
    )  # fmt: skip
    order = np.lexsort((table.index.to_numpy().astype(str), -table["score"].to_numpy()))
    return gpd.GeoDataFrame(table.iloc[order])


def _tested(value: Floats, bound: float | None, *, at_least: bool) -> NDArray[np.object_]:
    if bound is None:
        return np.full(len(value), UNKNOWN, dtype=object)
    met = value >= bound if at_least else value <= bound
    return np.where(np.isnan(value), UNKNOWN, np.where(met, PASS, FAIL)).astype(object)


def _score(parts: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    """Weighted mean of the parts that are known, each from 0 to 1, times 100."""
    values = np.array([np.clip(parts[name], 0.0, 1.0) for name in weights])
    weight = np.array([weights[name] for name in weights], dtype=np.float64)[:, None] * ~np.isnan(values)
    total = weight.sum(axis=0)
    score = (np.nan_to_num(values) * weight).sum(axis=0) / np.where(total > 0, total, 1.0)
    made: Floats = np.round(100 * score, 1)
    return made


def _slopes(city: City, shapes: NDArray[np.object_]) -> Floats:
    """Slope of the plane that fits the heights along the edge of each piece best; NaN where heights are not known."""
    slope = np.full(len(shapes), np.nan)
    if city.elevation is None:
        return slope
    rings = shapely.get_exterior_ring(shapes)
    at = np.tile(np.arange(_RING_POINTS) / _RING_POINTS, len(shapes))
    points = shapely.line_interpolate_point(np.repeat(rings, _RING_POINTS), at, normalized=True)
    heights = at_points(gpd.GeoSeries(points, crs=city.crs), city.elevation).reshape(-1, _RING_POINTS)
    xy = shapely.get_coordinates(points).reshape(-1, _RING_POINTS, 2)
    for k in range(len(shapes)):
        known = ~np.isnan(heights[k])
        if known.sum() < 3:
            continue
        flat = xy[k][known] - xy[k][known].mean(axis=0)
        plane = np.linalg.lstsq(np.column_stack([flat, np.ones(len(flat))]), heights[k][known], rcond=None)[0]
        slope[k] = float(np.hypot(plane[0], plane[1]))
    return slope


_WORD = {PASS: Text("通过", "pass"), FAIL: Text("不通过", "fail"), UNKNOWN: Text("未检验", "not tested")}


def _cited(rule: Rule | None) -> Text:
    """Id of a rule with its grade."""
    if rule is None:
        return Text("目录中无此规则", "no such rule in the catalogue")
    return Text(f"{rule.id}，{rule.confidence.text.zh}", f"{rule.id}, {rule.confidence.text.en}")


def _reason(row: Mapping[str, object], bounds: _Bounds, size_class: Rule | None) -> Text:
    size, width, slope = (_WORD[str(row[f"test_{name}"])] for name in ("size", "width", "slope"))
    by_size, by_width, by_slope = _cited(bounds.size), _cited(bounds.width), _cited(bounds.slope)
    named = BELOW_TEXT if size_class is None else size_class.name
    people, park, steep = (float(str(row[name])) for name in ("people_new", "park_m", "slope"))
    zh = [
        f"面积 {row['area_m2']:,.0f} 平方米：{size.zh}（{by_size.zh}；分级：{named.zh}）",
        f"宽 {row['width_m']:.0f} 米：{width.zh}（{by_width.zh}）",
        f"紧凑度 {row['compactness']:.2f}（无条文，只评分）",
        f"坡度{'未知' if np.isnan(steep) else f' {steep:.1%}'}：{slope.zh}（{by_slope.zh}，借用）",
        "人口未知" if np.isnan(people) else f"现状未服务人口 {people:,.0f}",
        "无现有公园" if np.isnan(park) else f"距最近公园 {park:,.0f} 米",
    ]
    en = [
        f"{row['area_m2']:,.0f} m²: {size.en} ({by_size.en}; class: {named.en})",
        f"{row['width_m']:.0f} m wide: {width.en} ({by_width.en})",
        f"compactness {row['compactness']:.2f} (no clause, scored only)",
        f"slope {'not known' if np.isnan(steep) else f'{steep:.1%}'}: {slope.en} ({by_slope.en}, borrowed)",
        "people not known" if np.isnan(people) else f"{people:,.0f} people whom no park serves today",
        "no park exists" if np.isnan(park) else f"{park:,.0f} m from the nearest park",
    ]
    return Text("；".join(zh), "; ".join(en))


def _refusal(row: Mapping[str, object], bounds: _Bounds) -> str:
    if row["test_size"] == FAIL:
        return Text(
            f"可用面积 {row['area_m2']:.0f} m²，少于 {bounds.least_m2:g} m²（{_cited(bounds.size).zh}）",
            f"free area {row['area_m2']:.0f} m2 of {bounds.least_m2:g} m2 needed ({_cited(bounds.size).en})",
        ).both(" / ")
    least = _figure(bounds.width)
    return Text(
        f"宽 {row['width_m']:.1f} m，小于 {least:g} m（{_cited(bounds.width).zh}）",
        f"{row['width_m']:.1f} m wide of {least:g} m needed ({_cited(bounds.width).en})",
    ).both(" / ")
