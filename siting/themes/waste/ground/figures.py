"""A figure that ground is held against, and on whose word: a clause of the catalogue or the study itself."""

from __future__ import annotations

from dataclasses import dataclass

from siting.ledger import Text
from siting.standards.labels import document_text
from siting.standards.model import Rule

OWN = "own"
"""Confidence of a figure that a study sets itself."""
OWN_TEXT = Text("研究自定", "the study's own figure")
PRESENT = Text("场地现状", "what stands there")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A figure and where it comes from.

    Attributes
    ----------
    value : None where neither clause nor study gives one: the test is then not judged
    rule : the clause that asks; with ``own``, the clause that names the matter without a figure
    own : the study set ``value`` itself
    source : on whose word, where the study says so
    """

    value: float | None
    rule: Rule | None = None
    own: bool = False
    source: Text | None = None

    @property
    def confidence(self) -> str:
        """How the figure was read; "own" for a study's own."""
        return OWN if self.own or self.rule is None else self.rule.confidence.value

    @property
    def cited(self) -> Text:
        """Clause and how it was read, or that the figure is the study's own."""
        if self.rule is None:
            return self._own_text()
        zh, en = document_text(self.rule, "zh"), document_text(self.rule, "en")
        if self.own:
            own = self._own_text()
            return Text(f"{own.zh}；{zh} 未给数值", f"{own.en}; {en} gives no figure")
        grade = self.rule.confidence.text
        return Text(f"{zh}，{grade.zh}", f"{en}, {grade.en}")

    def _own_text(self) -> Text:
        if self.source is None:
            return OWN_TEXT
        return Text(f"{OWN_TEXT.zh}：{self.source.zh}", f"{OWN_TEXT.en}: {self.source.en}")


def figure_of(rule: Rule | None) -> float | None:
    """Return the one figure of a rule; None where it has none, or several."""
    return rule.threshold if rule is not None and isinstance(rule.threshold, float) else None


def metres(value: float, other: float | None = None) -> str:
    """Write a length: to the decimetre, to the millimetre where it would look like ``other``."""
    fine = round(value, 1) != value and (abs(value) < 0.1 or (other is not None and abs(value - other) < 0.1))
    return f"{value:,.3f}" if fine else f"{round(value, 1):,.1f}".removesuffix(".0")


def square_metres(taken: float) -> str:
    """Write an area that is taken: to a tenth, finer where that would read as none."""
    return f"{taken:,.1f}" if taken >= 0.05 or taken <= 0 else f"{taken:.1g}" if taken >= 0.0001 else "< 0.0001"
