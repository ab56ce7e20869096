"""Which streets are commercial, living or traffic streets, and the spacing that the clause asks of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InputError
from siting.ledger import Text
from siting.nearest_word import hint
from siting.standards import Catalogue
from siting.standards.labels import document_text
from siting.standards.model import Reading, Rule
from siting.units import limit_to_mm

TYPE_NAMES: Mapping[str, Text] = {
    "commercial": Text("商业性道路", "commercial streets"),
    "living": Text("生活性道路", "living streets"),
    "traffic": Text("交通性道路", "traffic streets"),
}
RULES: Mapping[str, str] = {
    "commercial": "wc.spacing.commercial", "living": "wc.spacing.living", "traffic": "wc.spacing.traffic",
}  # fmt: skip
"""The rule of each type, unless the study names another."""
HIGHWAY_TYPES: Mapping[str, str] = {
    "pedestrian": "commercial",
    "living_street": "living", "residential": "living", "unclassified": "living", "tertiary": "living",
    "tertiary_link": "living",
    "trunk": "traffic", "primary": "traffic", "secondary": "traffic", "trunk_link": "traffic",
    "primary_link": "traffic", "secondary_link": "traffic",
}  # fmt: skip
"""Assumed type of each class of OpenStreetMap where the study says nothing: the class tells how a street is built, not
what stands along it. Classes that are missing here (footways, service roads, paths) are no streets of any type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """What one type of street has to meet.

    Attributes
    ----------
    type : "commercial", "living", "traffic", or a type of the study's own
    rule : the rule that says so
    most_mm : largest spacing that meets it, whole millimetres: of a range its upper end, of "< 400 m" 399.999 m
    """

    type: str
    rule: Rule
    most_mm: int

    @property
    def name(self) -> Text:
        """What the type is called."""
        return TYPE_NAMES.get(self.type, Text(self.type, self.type))

    @property
    def limit_m(self) -> float:
        """The figure of the clause: for a range its upper end."""
        threshold = self.rule.threshold
        return float(threshold[-1] if isinstance(threshold, tuple) else threshold or 0.0)

    @property
    def reading(self) -> Reading:
        """How well the figure was read."""
        return self.rule.confidence

    @property
    def asked(self) -> Text:
        """The figure with its clause and how well it was read."""
        rule, read = self.rule, self.rule.confidence.text
        sign = "<" if rule.operator == "<" else "≤"
        return Text(
            f"{self.name.zh}间距 {sign} {self.limit_m:g} m（{document_text(rule)}，{read.zh}）",
            f"{self.name.en}: spacing {sign} {self.limit_m:g} m ({document_text(rule, 'en')}, {read.en})",
        )


def spacings(catalogue: Catalogue, rules: Mapping[str, str] | None = None) -> tuple[Spacing, ...]:
    """Return the spacing of each type of street.

    Parameters
    ----------
    rules : rule by type of street in place of `RULES`, such as an older or a local one

    Raises
    ------
    InputError
        A rule that the catalogue does not have, or that sets no spacing in metres.
    """
    found = []
    for kind, name in (RULES if rules is None else rules).items():
        if name not in catalogue:
            msg = f"spacing of {kind} streets: no rule {name!r} in the catalogue{hint(name, catalogue.ids)}"
            raise InputError(msg)
        rule = catalogue[name]
        threshold = rule.threshold[-1] if isinstance(rule.threshold, tuple) else rule.threshold
        if rule.metric != "spacing" or rule.unit != "m" or threshold is None or not threshold > 0:
            msg = f"spacing of {kind} streets: {name} is no spacing in metres ({rule.metric}, {rule.unit})"
            raise InputError(msg)
        most = limit_to_mm(threshold)
        found.append(Spacing(type=kind, rule=rule, most_mm=most - (rule.operator == "<")))
    return tuple(found)


def types_of_edges(
    edges: pd.DataFrame, types: str | Mapping[str, str] | None, known: tuple[str, ...]
) -> tuple[NDArray[np.object_], Text]:
    """Return the type of each edge, None where it has none, and where that is from.

    Parameters
    ----------
    edges : `Network.edges`
    types : name of a column of the streets that holds the type; or the type by class of ``highway``; None =
        `HIGHWAY_TYPES`, an assumption
    known : types that have a rule; others in a column are streets without a spacing

    Raises
    ------
    InputError
        No such column, or a mapping to a type that has no rule.
    """
    if isinstance(types, str):
        if types not in edges.columns:
            listed = [str(c) for c in edges.columns]
            msg = f"spacing: the streets have no column {types!r}{hint(types, listed)}; they have {', '.join(listed)}"
            raise InputError(msg)
        column = edges[types].astype(object)
        kind = column.where(column.isin(known), None).to_numpy(dtype=object)
        return kind, Text(
            f"道路类型取自道路图层 {types} 字段", f"types of streets from the column {types} of the streets"
        )
    mapping = {h: t for h, t in HIGHWAY_TYPES.items() if t in known} if types is None else types
    wrong = sorted({t for t in mapping.values() if t not in known})
    if wrong:
        msg = f"spacing: no rule for streets of type {wrong[0]!r}{hint(wrong[0], known)}; types: {', '.join(known)}"
        raise InputError(msg)
    if "highway" not in edges.columns:
        msg = "spacing: the streets have no column 'highway'; name the column that holds the type: types = \"…\""
        raise InputError(msg)
    mapped = edges["highway"].astype(object).map(dict(mapping))
    used = [(TYPE_NAMES.get(t, Text(t, t)), ", ".join(h for h, of in mapping.items() if of == t)) for t in known]
    zh = "；".join(f"{name.zh} {of or '无'}" for name, of in used)
    en = "; ".join(f"{name.en} {of or 'none'}" for name, of in used)
    source = Text("本工具设定", "assumed here") if types is None else Text("研究给定", "given by the study")
    return mapped.where(mapped.notna(), None).to_numpy(dtype=object), Text(
        f"道路类型按 highway 等级划分（{source.zh}）：{zh}",
        f"types of streets by class of highway ({source.en}): {en}",
    )
