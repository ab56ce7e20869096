"""Figures of the waste formulas: the study's own, else the whole range that a clause gives, never a guess inside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from siting.errors import InputError
from siting.ledger import Finding, Text
from siting.nearest_word import hint
from siting.standards import Catalogue, document_text
from siting.standards.labels import unit_text
from siting.standards.model import Rule
from siting.themes.waste.streams import STREAMS, Stream

RATE = "waste.percap"
FORMULA = "waste.formula"
A1, A2, A3, A4 = "waste.coef.A1", "waste.coef.A2", "waste.coef.A3", "waste.coef.A4"
FILL, PEAK = "waste.coef.B", "waste.coef.K"
_SUM_WITHIN = Fraction(1, 10**9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A figure from ``low`` to ``high``; both are the same where the study states it.

    ``rule`` is the clause with the range, ``own`` whether the study states the figure.
    """

    low: float
    high: float
    rule: Rule
    own: bool

    @property
    def mid(self) -> float:
        """Middle of the range: a choice made here, no clause's."""
        return (self.low + self.high) / 2

    @property
    def text(self) -> Text:
        """Return the figure and on whose word it stands."""
        words = unit_text(self.rule.unit)
        unit = Text("", "") if self.rule.unit in ("-", "") else Text(f" {words.zh}", f" {words.en}")
        if self.own:
            return Text(f"{self.low:g}{unit.zh}（研究自定）", f"{self.low:g}{unit.en} (the study's own)")
        read = self.rule.confidence.text
        return Text(
            f"{self.low:g}–{self.high:g}{unit.zh}（{document_text(self.rule, 'zh')}，{read.zh}）",
            f"{self.low:g}-{self.high:g}{unit.en} ({document_text(self.rule, 'en')}, {read.en})",
        )

    def finding(self) -> Finding | None:
        """Say that the study's figure lies outside the range of the clause, if it does."""
        bounds = self.rule.threshold
        if not self.own or not isinstance(bounds, tuple) or min(bounds) <= self.low <= max(bounds):
            return None
        read = self.rule.confidence.text
        zh = f"{self.rule.name.zh}：研究取 {self.low:g}，超出条文范围 {min(bounds):g}–{max(bounds):g}（{read.zh}）"
        en = (
            f"{self.rule.name.en}: the study takes {self.low:g}, outside the range {min(bounds):g}-{max(bounds):g} of "
            f"the clause ({read.en})"
        )
        return Finding(code="waste_outside_range", kind="warning", count=0, text=Text(zh, en))


def band_of(catalogue: Catalogue, rule_id: str, own: float | None) -> Band:
    """Return the study's figure, else the range of the rule.

    Raises
    ------
    InputError
        The figure is not a number above 0, or the catalogue has no such rule.
    """
    if rule_id not in catalogue:
        msg = f"waste: the catalogue has no rule {rule_id}; name the figure yourself and add the rule to a pack"
        raise InputError(msg)
    rule = catalogue[rule_id]
    if own is not None:
        value = positive(own, rule.name.en)
        return Band(low=value, high=value, rule=rule, own=True)
    bounds = rule.threshold if isinstance(rule.threshold, tuple) else (rule.threshold,)
    known = [float(b) for b in bounds if b is not None]
    if not known:
        msg = f"waste: rule {rule_id} states no figure; give the study's own"
        raise InputError(msg)
    return Band(low=min(known), high=max(known), rule=rule, own=False)


def positive(value: object, what: str) -> float:
    """Return a number above 0.

    Raises
    ------
    InputError
        It is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not (math.isfinite(value) and value > 0):
        msg = f"waste: {what} is {value!r}, expected a number above 0"
        raise InputError(msg)
    return float(value)


def check_shares(shares: Mapping[str, float], what: str) -> dict[Stream, float]:
    """Return shares of streams in the order of `STREAMS`.

    Raises
    ------
    InputError
        A stream is unknown, a share is no number from 0 to 1, or they do not add up to 1.
    """
    for name, share in shares.items():
        if name not in STREAMS:
            msg = f"waste: shares of {what}: no stream {name!r}{hint(name, STREAMS)}; there are {', '.join(STREAMS)}"
            raise InputError(msg)
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            msg = f"waste: shares of {what}: {name} is {share!r}, expected a number from 0 to 1"
            raise InputError(msg)
    total = sum((Fraction(str(float(share))) for share in shares.values()), Fraction(0))
    if abs(total - 1) > _SUM_WITHIN:
        parts = ", ".join(f"{name} {share:g}" for name, share in shares.items()) or "none"
        msg = f"waste: shares of {what} add up to {float(total):g}, expected 1 ({parts}); correct them"
        raise InputError(msg)
    return {stream: float(shares[stream]) for stream in STREAMS if stream in shares}
