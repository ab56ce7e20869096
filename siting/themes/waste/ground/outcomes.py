"""One test of one plot: what was measured, what was asked, by which clause, and by how much it is missed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from siting.ledger import Text
from siting.themes.waste.ground.figures import Asked, metres

PASS, FAIL, NOT_JUDGED = "pass", "fail", "not_judged"
OUTCOMES = {
    PASS: Text("通过", "pass"),
    FAIL: Text("不通过", "fail"),
    NOT_JUDGED: Text("未评判", "not judged"),
}
TEST_WORDS = {
    "plot": Text("地块", "plot"),
    "subject": Text("类别", "class or kind"),
    "test": Text("检验（代码）", "test (code)"),
    "name_zh": Text("检验项目", "test, Chinese"),
    "name_en": Text("检验项目（英文）", "test"),
    "outcome": Text("结果", "outcome"),
    "measured": Text("实测", "measured"),
    "asked": Text("要求", "asked"),
    "short": Text("不足或超出", "short or over by"),
    "unit": Text("单位", "unit"),
    "against": Text("最近或冲突的对象", "nearest, or in conflict"),
    "rule": Text("规则编号", "rule id"),
    "clause_zh": Text("条文", "clause, Chinese"),
    "clause_en": Text("条文（英文）", "clause"),
    "confidence": Text("可信度（own 为研究自定）", "how the figure was read (own: the study's)"),
    "binding": Text("不通过即排除", "a failure refuses the plot"),
    "text_zh": Text("说明", "in words, Chinese"),
    "text_en": Text("说明（英文）", "in words"),
}
TEST_COLUMNS = list(TEST_WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """What one test of one plot found.

    Attributes
    ----------
    plot : its id
    subject : station class or kind of plant that is meant; empty: every one of them
    test : short code of the test
    name : of the test in words
    asked : the figure, with its clause
    measured : NaN where it could not be measured
    unit : of both figures
    text : the outcome in one sentence that stands on its own after the plot's id
    against : id of the nearest thing, or of what is in conflict
    binding : a failure refuses the plot
    at_most : the figure may not be exceeded, in place of: should be reached
    outcome : by default, whether ``measured`` reaches what is asked; not judged where either is not known
    """

    plot: str
    subject: str
    test: str
    name: Text
    asked: Asked
    measured: float
    unit: str
    text: Text
    against: str | None = None
    binding: bool = True
    at_most: bool = False
    outcome: str = ""

    @property
    def result(self) -> str:
        """`PASS`, `FAIL` or `NOT_JUDGED`."""
        return self.outcome or reached(self.measured, self.asked.value, at_most=self.at_most)

    @property
    def short(self) -> float:
        """By how much a failed test is missed, 0 where it is passed, NaN where it is not judged."""
        if self.result == NOT_JUDGED or self.asked.value is None or np.isnan(self.measured):
            return np.nan
        lack = self.measured - self.asked.value if self.at_most else self.asked.value - self.measured
        return round(max(lack, 0.0), 3) if self.result == FAIL else 0.0


def reached(measured: float, asked: float | None, *, at_most: bool = False) -> str:
    """Judge a figure that should be at least, or at most, what is asked; exactly that is enough."""
    if asked is None or np.isnan(measured):
        return NOT_JUDGED
    return PASS if (measured <= asked if at_most else measured >= asked) else FAIL


def distance_text(what: Text, measured: float, asked: Asked, *, from_zh: str = "", from_en: str = "") -> Text:
    """Say how far a plot lies from something, what is asked and how much is lacking."""
    here = Text(f"{from_zh}距{what.zh} ", f"{from_en}lies ")
    if np.isnan(measured):
        return Text(f"{from_zh}附近没有{what.zh}", f"{from_en}no {what.en} in the data")
    far = Text(
        f"{here.zh}{metres(measured, asked.value)} 米", f"{here.en}{metres(measured, asked.value)} m from {what.en}"
    )
    if asked.value is None:
        return Text(
            f"{far.zh}；条文与研究均未给出距离，未评判",
            f"{far.en}; no distance is given by a clause or the study: not judged",
        )
    cited = asked.cited
    wanted = Text(f"{far.zh}，要求 {metres(asked.value)} 米", f"{far.en}, {metres(asked.value)} m asked")
    if measured < asked.value:
        lack = metres(round(asked.value - measured, 3))
        return Text(f"{wanted.zh}：不足 {lack} 米（{cited.zh}）", f"{wanted.en}: {lack} m short ({cited.en})")
    return Text(f"{wanted.zh}：满足（{cited.zh}）", f"{wanted.en}: met ({cited.en})")


def tests_frame(tests: Sequence[Tested]) -> pd.DataFrame:
    """Return one row a test, columns `TEST_COLUMNS`."""
    rows = [
        {
            "plot": t.plot,
            "subject": t.subject,
            "test": t.test,
            "name_zh": t.name.zh,
            "name_en": t.name.en,
            "outcome": t.result,
            "measured": t.measured,
            "asked": np.nan if t.asked.value is None else t.asked.value,
            "short": t.short,
            "unit": t.unit,
            "against": t.against,
            "rule": None if t.asked.rule is None else t.asked.rule.id,
            "clause_zh": t.asked.cited.zh,
            "clause_en": t.asked.cited.en,
            "confidence": t.asked.confidence,
            "binding": t.binding,
            "text_zh": t.text.zh,
            "text_en": t.text.en,
        }
        for t in tests
    ]
    return pd.DataFrame(rows, columns=TEST_COLUMNS)


def failures(tests: Sequence[Tested]) -> list[Tested]:
    """Return the tests that refuse the plot."""
    return [t for t in tests if t.binding and t.result == FAIL]


def in_words(tests: Sequence[Tested]) -> Text:
    """Join the sentences of tests."""
    return Text("；".join(t.text.zh for t in tests), "; ".join(t.text.en for t in tests))
