"""Stalls of each toilet: female to male against the clause of its kind of place, and by the standard's formula."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
import pandas as pd

from siting.errors import InputError, SchemaError
from siting.ledger import Text
from siting.standards import Catalogue, document_text
from siting.standards.model import Rule
from siting.themes.result import Class
from siting.themes.toilets.records import Records

CROWDED_RULE, GENERAL_RULE, FORMULA_RULE = "wc.ratio.crowded", "wc.ratio.general", "wc.ratio.formula"
GRADE_RULES = {"wc.ratio.class2_tj": "2", "wc.ratio.class3_tj": "3"}
"""Rules about one class of toilets, and that class; of their range the lower end is held against the stalls."""
_GRADES = {"1": "1", "2": "2", "3": "3", "一": "1", "二": "2", "三": "3", "i": "1", "ii": "2", "iii": "3"}
RATIO_RULES = ("wc.ratio.crowded_seed", CROWDED_RULE, GENERAL_RULE)
MEETS, SHORT, DEPENDS, UNKNOWN = "meets", "below", "depends", "unknown"
STATES = (
    Class(value=MEETS, name=Text("厕位比达到", "ratio reached"), role="good"),
    Class(value=SHORT, name=Text("厕位比不足", "ratio not reached"), role="bad"),
    Class(value=DEPENDS, name=Text("场所类型未知，视类型而定", "depends: kind of place unknown"), role="fair"),
    Class(value=UNKNOWN, name=Text("厕位数未知", "stalls unknown"), role="none"),
)
CROWDED, GENERAL = "crowded", "general"
ALL_PLACES = "*"


@dataclass(frozen=True, kw_only=True, eq=False)
class Stalls:
    """What the stalls of the toilets come to.

    Attributes
    ----------
    toilets : by toilet id: ``female``, ``male_side`` (stalls and urinals), ``ratio`` (inf without a male side, NaN
        where unknown), ``kind`` (crowded, general, None), ``state`` (one of `STATES`), ``female_short`` (stalls that
        women lack for the ratio of the kind; of the general ratio where the kind is unknown; NaN where unknown),
        ``formula_ratio`` (R of the standard's formula, NaN without peak users), ``formula_female`` (women's part of
        the stalls there are, by R), ``formula_state``
    summary : one row a rule and kind of place (``*`` = all that the rule speaks of): ``rule``, ``place_type``,
        ``toilets``, ``known``, ``meets``, ``below``, ``unknown``, ``female``, ``male_side``, ``ratio``,
        ``female_short``, ``threshold``, ``clause``, ``clause_zh``, ``confidence``
    special : one row a kind of stall (accessible, family, unisex): toilets ``with``, ``without``, ``unknown``, stalls
    urinals_known : whether the layer has a column of urinals; else men's stalls are taken as they are given
    kinds_known : whether crowded and other places were told apart
    readings : by rule, how well its figure was read, in words
    formula : the standard's formula with its clause and reading, as the catalogue writes them
    """

    toilets: pd.DataFrame
    summary: pd.DataFrame
    special: pd.DataFrame
    urinals_known: bool
    kinds_known: bool
    readings: Mapping[str, Text]
    formula: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class StallNeed:
    """Stalls that a number of users need: ``male`` counts urinals with the stalls."""

    female: int
    male: int
    ratio: float


def stalls_needed(women: float, men: float, *, users_per_stall: float, factor: float) -> StallNeed:
    """Return the stalls that users at the busiest hour need, so that women and men wait alike.

    men's stalls = m / users_per_stall, rounded up; women's = R × men's with R = factor × w / m, rounded up; without
    men, women's = factor × w / users_per_stall.

    Parameters
    ----------
    women, men : users w and m at the busiest hour
    users_per_stall : men that one stall or urinal takes in that hour; no clause of the catalogue says how many
    factor : of the formula, from the catalogue: `formula_factor`

    Raises
    ------
    InputError
        A figure is negative or not finite, or users_per_stall or factor is not above 0.
    """
    if not all(np.isfinite(v) and v >= 0 for v in (women, men)):
        msg = f"stalls: {women} women and {men} men, expected counts of 0 and above"
        raise InputError(msg)
    if not all(np.isfinite(v) and v > 0 for v in (users_per_stall, factor)):
        msg = f"stalls: users_per_stall {users_per_stall} and factor {factor}, expected above 0"
        raise InputError(msg)
    w, m, per, times = (Fraction(str(v)) for v in (women, men, users_per_stall, factor))
    male = ceil(m / per)
    ratio = times * w / m if m else None
    female = ceil(times * w / per) if ratio is None else ceil(ratio * male)
    return StallNeed(female=female, male=male, ratio=np.inf if ratio is None else float(ratio))


def formula_factor(rule: Rule) -> float:
    """Return the factor of ``R = <factor> w/m`` as the catalogue writes the formula.

    Raises
    ------
    SchemaError
        The rule does not write it so.
    """
    match = re.search(r"R\s*=\s*(\d+(?:\.\d+)?)\s*w\s*/\s*m", rule.name.en)
    if match is None:
        msg = f"rule {rule.id}: its name holds no formula 'R = <factor> w/m'"
        raise SchemaError(msg)
    return float(match[1])


def stalls_of(records: Records, catalogue: Catalogue, crowded: Collection[str] | None = None) -> Stalls:
    """Judge the ratio of every toilet.

    A toilet whose kind of place is not known reaches the ratio if it reaches that of crowded places, and does not if
    it misses the general one; in between, it depends.

    Parameters
    ----------
    crowded : values of ``place_type`` that are crowded places; None: no kind is known
    """
    toilets = records.toilets
    kinds = crowded is not None and "place_type" in records.known
    kind = _kinds(toilets["place_type"], crowded if kinds else None)
    male = toilets["male"] + toilets["urinals"] if "urinals" in records.known else toilets["male"]
    # Where a layer counts urinals and a row does not say, the men's side of that row is unknown.
    table = pd.DataFrame({"female": toilets["female"], "male_side": male, "kind": kind}, index=toilets.index)
    known = table["female"].notna() & table["male_side"].notna() & (table["female"] + table["male_side"] > 0)
    ratios = [_ratio(f, m) if k else np.nan for f, m, k in zip(table["female"], male, known, strict=True)]
    table.insert(2, "ratio", pd.Series(ratios, index=table.index, dtype=np.float64))
    high, low = (_threshold(catalogue, name) for name in (CROWDED_RULE, GENERAL_RULE))
    state, short = [], []
    for female, men, what, is_known in zip(table["female"], male, kind, known, strict=True):
        one, lacking = _state(female, men, what, low, high) if is_known else (UNKNOWN, np.nan)
        state.append(one)
        short.append(lacking)
    table["state"] = pd.Series(state, index=table.index, dtype=object)
    table["female_short"] = pd.Series(short, index=table.index, dtype=np.float64)
    table = table.join(_by_formula(records, table, catalogue))
    return Stalls(
        toilets=table,
        summary=_summary(records, table, known, catalogue, kinds),
        special=_special(records),
        urinals_known="urinals" in records.known,
        kinds_known=kinds,
        formula=_formula_text(catalogue),
        readings={
            n: catalogue[n].confidence.text for n in (*RATIO_RULES, *GRADE_RULES, FORMULA_RULE) if n in catalogue
        },
    )


def _formula_text(catalogue: Catalogue) -> Text:
    if FORMULA_RULE not in catalogue:
        return Text("目录中没有公式", "the catalogue has no formula")
    rule = catalogue[FORMULA_RULE]
    name, read = rule.name, rule.confidence.text
    return Text(
        f"{name.zh}（{document_text(rule, 'zh')}，{read.zh}）", f"{name.en} ({document_text(rule, 'en')}, {read.en})"
    )


def female_lacking(female: float, male: float, threshold: Fraction) -> int:
    """Stalls that women lack until female : male reaches the threshold."""
    return max(0, ceil(threshold * int(male)) - int(female))


def _kinds(place_type: pd.Series, crowded: Collection[str] | None) -> pd.Series:
    if crowded is None:
        return pd.Series([None] * len(place_type), index=place_type.index, dtype=object)
    busy = {str(c).strip() for c in crowded}
    kinds = [None if p is None else CROWDED if p in busy else GENERAL for p in place_type]
    return pd.Series(kinds, index=place_type.index, dtype=object)


def _ratio(female: float, male: float) -> float:
    return female / male if male else np.inf


def _threshold(catalogue: Catalogue, name: str) -> Fraction | None:
    if name not in catalogue:
        return None
    threshold = catalogue[name].threshold
    return Fraction(str(threshold)) if isinstance(threshold, float) else None


def _state(
    female: float, male: float, kind: str | None, low: Fraction | None, high: Fraction | None
) -> tuple[str, float]:
    asked = {CROWDED: high, GENERAL: low}.get(kind or "", low)
    if asked is None:
        return UNKNOWN, np.nan
    lacking = female_lacking(female, male, asked)
    if lacking or kind is not None:
        return (SHORT if lacking else MEETS), lacking
    return (MEETS if high is None or not female_lacking(female, male, high) else DEPENDS), 0


def _by_formula(records: Records, table: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    toilets = records.toilets
    rows: list[tuple[float, float, str | None]] = []
    factor = None
    if {"women", "men"} <= records.known and FORMULA_RULE in catalogue:
        factor = Fraction(str(formula_factor(catalogue[FORMULA_RULE])))
    for women, men, female, male in zip(
        toilets["women"], toilets["men"], table["female"], table["male_side"], strict=True
    ):
        if factor is None or pd.isna(women) or pd.isna(men) or men == 0:
            rows.append((np.nan, np.nan, None))
            continue
        ratio = factor * int(women) / int(men)
        if pd.isna(female) or pd.isna(male) or female + male == 0:
            rows.append((float(ratio), np.nan, UNKNOWN))
            continue
        share = ceil(int(female + male) * ratio / (1 + ratio))
        rows.append((float(ratio), float(share), SHORT if female_lacking(female, male, ratio) else MEETS))
    columns = {
        "formula_ratio": pd.Series([r[0] for r in rows], index=table.index, dtype=np.float64),
        "formula_female": pd.Series([r[1] for r in rows], index=table.index, dtype=np.float64),
        "formula_state": pd.Series([r[2] for r in rows], index=table.index, dtype=object),
    }
    return pd.DataFrame(columns)


def grade_of(text: object) -> str | None:
    """Read the class of a toilet: ``二类``, ``Ⅱ类``, ``2``, ``class 2``; None where it is none."""
    if text is None or pd.isna(text):  # type: ignore[call-overload]
        return None
    plain = unicodedata.normalize("NFKC", str(text)).lower().replace(" ", "")
    return _GRADES.get(plain.removeprefix("class").removesuffix("公厕").removesuffix("类").removesuffix("類"))


def _summary(
    records: Records, table: pd.DataFrame, known: pd.Series, catalogue: Catalogue, kinds: bool
) -> pd.DataFrame:
    rows = []
    types = records.toilets["place_type"]
    grades = records.toilets["grade"].map(grade_of)
    by_grade = GRADE_RULES if "grade" in records.known else {}
    for rule in (catalogue[n] for n in (*RATIO_RULES, *by_grade) if n in catalogue):
        threshold = Fraction(str(rule.threshold[0] if isinstance(rule.threshold, tuple) else rule.threshold))
        if rule.id in by_grade:
            mine = grades == by_grade[rule.id]
        else:
            wanted = GENERAL if rule.id == GENERAL_RULE else CROWDED
            # Without kinds of places every toilet is held against both ratios, and the note of the table says so.
            mine = table["kind"] == wanted if kinds else pd.Series(True, index=table.index)
        groups = [(ALL_PLACES, mine)]
        groups += [(str(t), mine & (types == t)) for t in sorted(types[mine].dropna().unique())]
        for name, chosen in groups:
            part = table[chosen & known]
            lacking = [female_lacking(f, m, threshold) for f, m in zip(part["female"], part["male_side"], strict=True)]
            female, male = int(part["female"].sum()), int(part["male_side"].sum())
            rows.append(
                {
                    "rule": rule.id, "place_type": name, "toilets": int(chosen.sum()), "known": len(part),
                    "meets": sum(n == 0 for n in lacking), "below": sum(n > 0 for n in lacking),
                    "unknown": int(chosen.sum()) - len(part), "female": female, "male_side": male,
                    "ratio": _ratio(female, male) if female + male else np.nan, "female_short": sum(lacking),
                    "threshold": float(threshold), "clause_zh": document_text(rule, "zh"),
                    "clause": document_text(rule, "en"), "confidence": rule.confidence.value,
                }
            )  # fmt: skip
    return pd.DataFrame(
        rows,
        columns=["rule", "place_type", "toilets", "known", "meets", "below", "unknown", "female", "male_side", "ratio",
                 "female_short", "threshold", "clause_zh", "clause", "confidence"],
    )  # fmt: skip


def _special(records: Records) -> pd.DataFrame:
    rows = []
    for name in ("accessible", "family", "unisex"):
        if name in records.known:
            count = records.toilets[name]
            rows.append((name, int((count > 0).sum()), int((count == 0).sum()), int(count.isna().sum()), count.sum()))
    return pd.DataFrame(rows, columns=["stall", "with", "without", "unknown", "stalls"]).astype({"stalls": "int64"})
