"""A figure that a plan changes: its name, its unit, and what it is without and with the new sites."""

from dataclasses import dataclass
from typing import Literal

from siting.ledger import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure of a plan.

    Attributes
    ----------
    key : for tables and the summary, e.g. ``"mean_distance_m"``
    name, unit : for readers
    before : without the new sites; None where nothing is open without them, or nothing can be said
    after : with them; None where nothing can be said
    better : whether more or less is better
    decimals : that a reader sees
    """

    key: str
    name: Text
    unit: Text
    before: float | None
    after: float | None
    better: Literal["more", "less"]
    decimals: int = 0

    @property
    def text(self) -> Text:
        """The figure without and with the new sites, in one line."""
        shown = " → ".join(
            "–" if value is None else f"{value:,.{self.decimals}f}" for value in (self.before, self.after)
        )
        return Text(f"{self.name.zh} {shown} {self.unit.zh}", f"{self.name.en} {shown} {self.unit.en}")
