"""A plan that a study asks for and that nobody can make, with the reason: shown in its place in every output."""

from dataclasses import dataclass
from typing import Literal

from siting.errors import InfeasibleError, ModelError
from siting.ledger import Finding, Text
from siting.standards import Rule

WhyNot = Literal["infeasible", "unsolved"]
_WORDS: dict[WhyNot, Text] = {
    "infeasible": Text("无可行方案", "no plan is possible"),
    "unsolved": Text("未能求解", "the search found no answer"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoPlan:
    """An entry without an answer.

    Attributes
    ----------
    name, title, model, rule : as the study asks
    status : ``"infeasible"`` (no choice of sites meets the conditions) or ``"unsolved"`` (the search ended without an
        answer)
    reason : why, and what would work
    """

    name: str
    title: Text
    model: str
    rule: Rule | None
    status: WhyNot
    reason: str

    @classmethod
    def of(cls, error: ModelError, name: str, title: Text, model: str, rule: Rule | None) -> "NoPlan":
        """Make one of the error that the model raised."""
        status: WhyNot = "infeasible" if isinstance(error, InfeasibleError) else "unsolved"
        return cls(name=name, title=title, model=model, rule=rule, status=status, reason=str(error))

    @property
    def text(self) -> Text:
        """What every output says of it."""
        word = _WORDS[self.status]
        reason = self.reason.removeprefix(f"{self.name}: ")
        return Text(f"{self.name}：{word.zh}（{reason}）", f"{self.name}: {word.en} ({reason})")

    @property
    def finding(self) -> Finding:
        """The warning at the end of a run."""
        return Finding(code="no_plan", kind="warning", count=1, text=self.text, ids=(self.name,))
