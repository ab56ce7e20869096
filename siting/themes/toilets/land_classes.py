"""Which clause of toilet density speaks of which land: class codes of plans, and each square metre in one class."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from siting.errors import SchemaError
from siting.ledger import Finding, Text
from siting.nearest_word import hint
from siting.standards import Catalogue
from siting.standards.model import Rule

RULE_OF_CLASS = {
    "residential": "wc.density.residential",
    "public": "wc.density.public",
    "transport_green": "wc.density.transport_green",
    "industry": "wc.density.industry",
}
CLASS_NAMES = {
    "residential": Text("居住用地", "residential land"),
    "public": Text("公共管理与公共服务、商业服务业设施用地", "public and commercial land"),
    "transport_green": Text("交通枢纽、公交场站、社会停车场与公园、广场用地", "transport, park and square land"),
    "industry": Text("工业、仓储、公用设施用地", "industry, storage and utilities"),
}
NO_CLAUSE = "no_clause"
CODES = {
    "R": "residential", "A": "public", "B": "public", "S3": "transport_green", "S41": "transport_green",
    "S42": "transport_green", "G1": "transport_green", "G3": "transport_green", "M": "industry", "W": "industry",
    "U": "industry", "S": NO_CLAUSE, "G": NO_CLAUSE, "H": NO_CLAUSE, "E": NO_CLAUSE,
}  # fmt: skip
"""Class codes of GB 50137-2011, as the clauses name them; the longest that a code begins with counts.

Roads (S1), rail (S2), green belts (G2) and land that is not built on have no clause: their area is no base."""
GRID_M = 0.001


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassedLand:
    """Land of each class that a clause speaks of, without overlaps.

    Attributes
    ----------
    shapes : by class, in the order in which land and toilets on a boundary are given away: the class of which the
        clause asks more per km² first, then by name
    rules : by class
    areas : one row an area of the layer: ``class`` (None where no clause speaks of it), ``land_use``
    """

    shapes: Mapping[str, BaseGeometry]
    rules: Mapping[str, Rule]
    areas: gpd.GeoDataFrame
    findings: tuple[Finding, ...]


def class_of_code(value: object) -> str | None:
    """Return the class of a plan's code (``R2``, ``S42``) or of its own name; None where the code is unknown."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return None
    text = str(value).strip()
    if text in RULE_OF_CLASS or text == NO_CLAUSE:
        return text
    match = re.fullmatch(r"([A-Za-z])(\d{0,3})", text)
    if match is None:
        return None
    code = text.upper()
    return next((CODES[code[:n]] for n in range(len(code), 0, -1) if code[:n] in CODES), None)


def classed_land(
    land_use: gpd.GeoDataFrame, field: str, catalogue: Catalogue, classes: Mapping[str, str] | None = None
) -> ClassedLand:
    """Sort land into the classes of the clauses.

    Parameters
    ----------
    land_use : polygons, index = id, with the column ``field``
    classes : by value of ``field``, a class of `RULE_OF_CLASS` or ``no_clause``; what is not named here is read as a
        code of `CODES`

    Raises
    ------
    SchemaError
        There is no such column, or ``classes`` names a class that there is not.
    """
    if field not in land_use.columns:
        have = [str(c) for c in land_use.columns if c != "geometry"]
        msg = f"land use: there is no column '{field}'{hint(field, have)}; there are {', '.join(have)}"
        raise SchemaError(msg)
    given = dict(classes or {})
    for value, name in given.items():
        if name not in (*RULE_OF_CLASS, NO_CLAUSE):
            known = (*RULE_OF_CLASS, NO_CLAUSE)
            msg = f"land use: '{value}' is given the class '{name}'{hint(name, known)}; there are {', '.join(known)}"
            raise SchemaError(msg)
    texts = [None if pd.isna(v) else str(v).strip() for v in land_use[field]]
    found = [None if t is None else given.get(t, class_of_code(t)) for t in texts]
    unknown = np.array([c is None for c in found], dtype=bool)
    shapes = np.asarray(land_use.geometry, dtype=object)
    findings = [_unknown(land_use, texts, unknown)] if unknown.any() else []
    rules = {c: catalogue[r] for c, r in RULE_OF_CLASS.items() if r in catalogue}
    order = sorted((c for c in rules if c in found), key=lambda c: (-_least(rules[c]), c))
    kept: dict[str, BaseGeometry] = {}
    taken: BaseGeometry = shapely.Polygon()
    twice = 0.0
    for name in order:
        whole = shapely.union_all(shapes[[c == name for c in found]], grid_size=GRID_M)
        own = shapely.difference(whole, taken, grid_size=GRID_M)
        twice += float(shapely.area(whole) - shapely.area(own))
        kept[name] = own
        taken = shapely.union(taken, whole, grid_size=GRID_M)
    if twice >= 1.0:
        text = Text(
            f"用地图层：不同类别的地块重叠 {twice:,.0f} 平方米，计入密度要求较高的一类",
            f"land use: areas of different classes overlap on {twice:,.0f} m²; it counts where the clause asks more",
        )
        findings.append(Finding(code="land_use_overlap", kind="warning", count=round(twice), text=text))
    areas = gpd.GeoDataFrame(
        pd.DataFrame({"land_use": texts, "class": [c if c in rules else None for c in found]}, dtype=object),
        geometry=shapes,
        crs=land_use.crs,
    ).set_axis(land_use.index.astype(str), axis=0)
    return ClassedLand(shapes=kept, rules={c: rules[c] for c in order}, areas=areas, findings=tuple(findings))


def _least(rule: Rule) -> float:
    return min(rule.threshold) if isinstance(rule.threshold, tuple) else float(rule.threshold or 0.0)


def _unknown(land_use: gpd.GeoDataFrame, texts: list[str | None], unknown: np.ndarray) -> Finding:
    area = float(shapely.area(np.asarray(land_use.geometry, dtype=object)[unknown]).sum())
    values = sorted({t or "–" for t, u in zip(texts, unknown, strict=True) if u})
    shown = ", ".join(values[:8])
    return Finding(
        code="land_use_unknown",
        kind="warning",
        count=int(unknown.sum()),
        text=Text(
            f"用地图层：{int(unknown.sum())} 个地块（{area / 1e4:,.2f} 公顷）的类别无法识别（{shown}），不作密度评价",
            f"land use: {int(unknown.sum())} areas ({area / 1e4:,.2f} ha) of classes that are not known ({shown}); "
            "no density there",
        ),
        ids=tuple(str(i) for i in land_use.index[unknown][:20]),
    )
