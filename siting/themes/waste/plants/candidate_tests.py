"""Candidates for a plant tested one by one: distances by clause, red lines, size, road; by how much each is missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.ledger import Finding, Text
from siting.standards import Catalogue
from siting.themes.waste.ground import Asked, Tested, keep_tests, read_plots, tests_frame
from siting.themes.waste.ground.distances import nearest_edges
from siting.themes.waste.ground.keep import KeptShapes
from siting.themes.waste.ground.outcomes import NOT_JUDGED, failures, in_words
from siting.themes.waste.ground.road import road_tests
from siting.themes.waste.plants.capacity import Wanted, land_tests

SIZE = Text("地块面积", "area of the plot")
INSIDE = Text("研究范围", "study area")
BOUNDARY = Text("研究范围", "the study area")
COLUMNS = ["name", "allowed", "failed", "not_judged", "area_m2", "home_m", "road_m", "reason_zh", "reason_en"]


@dataclass(frozen=True, kw_only=True, eq=False)
class CandidateTests:
    """Candidates and what their tests found.

    Attributes
    ----------
    table : every row of the layer, index = id; columns `COLUMNS`: ``allowed`` where no test fails, ``failed`` and
        ``not_judged`` count tests, ``reason_zh`` and ``reason_en`` say which fail and by how much
    tests : one row a test, `siting.themes.waste.ground.TEST_COLUMNS`
    """

    table: gpd.GeoDataFrame
    tests: pd.DataFrame
    findings: tuple[Finding, ...]


def candidate_tests(
    candidates: gpd.GeoDataFrame,
    kind: str,
    kept: Sequence[KeptShapes],
    catalogue: Catalogue,
    crs: object,
    *,
    area: shapely.Geometry | None = None,
    min_area_m2: float | None = None,
    edges: np.ndarray | None = None,
    max_road_m: float | None = None,
    wanted: Wanted | None = None,
) -> CandidateTests:
    """Test candidates, areas only: distances run from plot edge to edge.

    Parameters
    ----------
    area : the study area: a candidate that lies outside it, or partly, fails
    min_area_m2, max_road_m : the study's own; without them size and road are not judged
    wanted : the capacity, whose land the plot must have
    """
    good, lost, findings = read_plots(candidates, "candidates", crs)
    shapes, ids = np.asarray(good.geometry.array, dtype=object), [str(i) for i in good.index]
    tests: list[Tested] = []
    for one in kept:
        tests += keep_tests(shapes, ids, one, catalogue, subject=kind)
    size = np.round(shapely.area(shapes), 1)
    tests += [_size_test(plot, kind, float(size[k]), min_area_m2) for k, plot in enumerate(ids)]
    tests += land_tests(ids, size.tolist(), wanted or Wanted(), kind)
    near_road, road_m = road_tests(shapes, ids, edges, max_road_m, subject=kind)
    tests += near_road
    if area is not None:
        tests += _inside(shapes, ids, kind, area)
    of_plot: dict[str, list[Tested]] = {i: [] for i in ids}
    for test in tests:
        of_plot[test.plot].append(test)
    home_m = next((nearest_edges(shapes, one.shapes)[0] for one in kept if one.keep.name == "homes"), None)
    names = good["name"].tolist() if "name" in good.columns else [None] * len(good)
    rows = []
    for k, plot in enumerate(ids):
        failed = failures(of_plot[plot])
        reason = in_words(failed)
        rows.append(
            {
                "name": None if pd.isna(names[k]) else str(names[k]),
                "allowed": not failed,
                "failed": len(failed),
                "not_judged": sum(t.result == NOT_JUDGED for t in of_plot[plot]),
                "area_m2": float(size[k]),
                "home_m": np.nan if home_m is None else float(home_m[k]),
                "road_m": float(road_m[k]),
                "reason_zh": reason.zh,
                "reason_en": reason.en,
            }
        )
    rows += [
        {"allowed": False, "failed": 0, "not_judged": 0, "reason_zh": r.zh, "reason_en": r.en} for r in lost.tolist()
    ]
    made = pd.DataFrame(rows, columns=COLUMNS).set_axis(good.index.append(lost.index), axis=0)
    made["allowed"] = made["allowed"].astype(bool)
    made.index.name = "id"
    rank = {plot: k for k, plot in enumerate(ids)}
    return CandidateTests(
        table=gpd.GeoDataFrame(made, geometry=[*shapes, *[None] * len(lost)], crs=crs),
        tests=tests_frame(sorted(tests, key=lambda t: rank[t.plot])),
        findings=findings,
    )


def _size_test(plot: str, kind: str, size: float, least: float | None) -> Tested:
    asked = Asked(value=least, own=True)
    zh, en = f"面积 {size:,.0f} 平方米", f"{size:,.0f} m²"
    if least is None:
        text = Text(f"{zh}；无数值要求，未评判", f"{en}; no figure is given: not judged")
    elif size < least:
        lack = least - size
        text = Text(
            f"{zh}，要求 {least:,.0f} 平方米：不足 {lack:,.0f} 平方米（{asked.cited.zh}）",
            f"{en}, {least:,.0f} m² asked: {lack:,.0f} m² short ({asked.cited.en})",
        )
    else:
        text = Text(f"{zh}：满足（{asked.cited.zh}）", f"{en}: met ({asked.cited.en})")
    return Tested(plot=plot, subject=kind, test="size", name=SIZE, asked=asked, measured=size, unit="m2", text=text)


def _inside(shapes: np.ndarray, ids: Sequence[str], kind: str, area: shapely.Geometry) -> list[Tested]:
    """Test that plots lie in the study area."""
    asked = Asked(value=0.0, source=BOUNDARY, own=True)
    outside = np.round(shapely.area(shapely.difference(shapes, area)), 1)
    return [
        Tested(
            plot=plot,
            subject=kind,
            test="inside",
            name=INSIDE,
            asked=asked,
            measured=0.0 - float(out),
            unit="m2",
            text=Text(f"{out:,.0f} 平方米在研究范围以外", f"{out:,.0f} m² lie outside the study area")
            if out > 0
            else Text("位于研究范围内", "lies inside the study area"),
        )
        for plot, out in zip(ids, outside.tolist(), strict=True)
    ]
