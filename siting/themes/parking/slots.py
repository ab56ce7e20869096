"""Times of the week in which cars look for a space, and what share of them is at a place in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from siting.errors import SchemaError
from siting.ledger import Text
from siting.nearest_word import hint
from siting.themes.parking.own_figures import check_figures

SLOTS: dict[str, Text] = {
    "day": Text("工作日白天", "weekday day"),
    "evening": Text("工作日晚间", "weekday evening"),
    "night": Text("夜间", "night"),
    "weekend": Text("周末", "weekend"),
}
HOME = "home"
"""The use whose cars are those of residents; all other uses are named by the study."""
USE_NAMES: dict[str, Text] = {
    HOME: Text("居住", "homes"),
    "office": Text("办公", "offices"),
    "retail": Text("商业", "shops"),
    "hospital": Text("医疗", "hospitals"),
    "school": Text("学校", "schools"),
}
AT_HOME = {HOME: {"night": 1.0}}
"""All cars of residents stand at home at night: an assumption of this toolkit where a study gives no shares."""


@dataclass(frozen=True, kw_only=True)
class Assumed:
    """The figures that turn people and floors into cars: none of them stands in a clause, so a study gives them.

    Attributes
    ----------
    cars_per_person, cars_per_household : one of them, for residents
    spaces_per_100m2 : cars by use at 100 m² of floor
    shares : by use and slot, the share of its cars that look for a space there; a slot without any is not judged
    source : on whose word; two languages are written "Chinese / English"
    """

    cars_per_person: float | None = None
    cars_per_household: float | None = None
    spaces_per_100m2: Mapping[str, float] = field(default_factory=dict)
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: AT_HOME)
    source: str = ""

    def __post_init__(self) -> None:
        if self.cars_per_person is not None and self.cars_per_household is not None:
            msg = "parking: cars_per_person and cars_per_household exclude each other: give one"
            raise SchemaError(msg)
        rates = {"cars_per_person": self.cars_per_person, "cars_per_household": self.cars_per_household}
        rates |= {f"spaces_per_100m2.{use}": rate for use, rate in self.spaces_per_100m2.items()}
        check_figures("parking", rates)
        for use, by_slot in self.shares.items():
            for slot, share in by_slot.items():
                if slot not in SLOTS:
                    msg = f"parking: no time '{slot}'{hint(slot, SLOTS)}; there are {', '.join(SLOTS)}"
                    raise SchemaError(msg)
                if not 0 <= share <= 1:
                    msg = f"parking: share of {use} at {slot} is {share}, expected 0 to 1"
                    raise SchemaError(msg)
        without = sorted(set(self.spaces_per_100m2) - set(self.shares))
        if without:
            msg = f"parking: no shares by time for {', '.join(without)}. Give shares.{without[0]} = {{ day = … }}"
            raise SchemaError(msg)

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots that can be judged, in the order of the week."""
        named = {slot for by_slot in self.shares.values() for slot in by_slot}
        return tuple(slot for slot in SLOTS if slot in named)

    @property
    def said_by(self) -> Text | None:
        """On whose word, in both languages."""
        if not self.source:
            return None
        zh, _, en = self.source.partition(" / ")
        return Text(zh, en or zh)

    @property
    def gives_cars(self) -> bool:
        """Whether there is any figure for cars of residents."""
        return self.cars_per_person is not None or self.cars_per_household is not None

    def share(self, use: str, slot: str) -> float:
        """Share of the cars of a use that look for a space in a slot; 0 where none is named."""
        return float(self.shares.get(use, {}).get(slot, 0.0))


def use_text(use: str) -> Text:
    """Return the name of a use; one that is not known keeps its own."""
    return USE_NAMES.get(use, Text(use, use))
