"""Which facilities count for a rule, and what a reader should know about those that do or do not."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.coverage.judge import class_nouns
from siting.errors import SchemaError
from siting.ledger import Finding, Text
from siting.standards.classes import places_counting_as
from siting.standards.model import Rule

AREA_COLUMN = "area_m2"


def counted_facilities(facilities: gpd.GeoDataFrame, rule: Rule) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Keep the facilities that serve by this rule.

    A row counts if its ``class`` is one of the rule's, or one that serves as such beyond doubt or by default (the class
    list says which); without a ``class`` column every row counts. Where the rule counts only places of some size, the
    area is that of the column ``area_m2``, else of the polygon; a point without an area counts, and is listed.

    Raises
    ------
    SchemaError
        Facility ids repeat within the rule's facilities.
    """
    findings: list[Finding] = []
    ids = facilities.index.astype(str)
    keep = np.ones(len(facilities), dtype=np.bool_)
    if "class" in facilities.columns:
        kind = facilities["class"].astype(object).to_numpy()
        serves = places_counting_as(rule.facility)
        keep = np.isin(kind, list(serves))
        assumed = np.isin(kind, [name for name, sure in serves.items() if not sure])
        if assumed.any():
            names = class_nouns(tuple(sorted(set(kind[assumed]))))
            findings.append(
                _finding(
                    "counts_by_default",
                    "note",
                    ids[assumed],
                    Text(
                        f"数据未注明类别，默认计入：{names.zh}", f"counted by default, the data do not tell: {names.en}"
                    ),
                )
            )
    keep &= ~shapely.is_missing(np.asarray(facilities.geometry)) & ~np.asarray(facilities.geometry.is_empty)
    keep, sized = _of_right_size(facilities, rule, keep)
    findings.extend(sized)
    chosen = facilities[keep]
    if not chosen.index.is_unique:
        chosen = _each_once(chosen)
    if not len(chosen):
        text = Text("没有符合条件的设施，全部需求未被服务", "no facility counts by this rule: all demand is unserved")
        findings.append(Finding(code="no_facility", kind="warning", count=0, text=text))
    return chosen, tuple(findings)


def _each_once(chosen: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep one row of a place that is listed under several of the rule's classes."""
    later = chosen.index.duplicated()
    first = chosen[~later].geometry.reindex(chosen.index[later])
    other = ~shapely.equals(np.asarray(first), np.asarray(chosen.geometry[later]))
    if other.any():
        repeated = first.index[other].unique()
        names = ", ".join(map(str, repeated[:3]))
        msg = (
            f"facilities: {len(repeated)} ids name more than one place (first: {names}); give each facility its own id"
        )
        raise SchemaError(msg)
    return chosen[~later]


def _of_right_size(
    facilities: gpd.GeoDataFrame, rule: Rule, keep: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], list[Finding]]:
    if rule.only_area_m2 is None:
        return keep, []
    low, high = rule.only_area_m2
    area = np.asarray(facilities.geometry.area)
    if AREA_COLUMN in facilities.columns:
        stated = pd.to_numeric(facilities[AREA_COLUMN]).to_numpy(dtype=np.float64)
        area = np.where(np.isnan(stated), area, stated)
    unknown = keep & (area == 0)
    fits = np.fromiter((rule.counts_area(a) for a in area), dtype=np.bool_, count=len(area))
    wrong = keep & ~unknown & ~fits
    ids = facilities.index.astype(str)
    findings = []
    if wrong.any():
        span = " ".join(f"{sign} {bound:,.0f} m²" for sign, bound in (("≥", low), ("<", high)) if bound is not None)
        text = Text(f"面积不符合 {span}，不计入", f"not counted: area is not {span}")
        findings.append(_finding("outside_size_class", "note", ids[wrong], text))
    if unknown.any():
        text = Text("面积未知，按符合规模计入", "area unknown, counted as if of the right size")
        findings.append(_finding("area_unknown", "warning", ids[unknown], text))
    return keep & ~wrong, findings


def _finding(code: str, kind: str, ids: pd.Index, text: Text) -> Finding:
    return Finding(code=code, kind=kind, count=len(ids), text=text, ids=tuple(ids[:20]))  # type: ignore[arg-type]
