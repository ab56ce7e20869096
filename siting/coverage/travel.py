"""How the minutes of a rule were measured: who moves, how fast, which way, and whether slopes count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siting.errors import InputError
from siting.ledger import Text
from siting.standards import load_catalogue

if TYPE_CHECKING:
    from siting.network.graph import Network
    from siting.network.profiles import Profile

SECONDS_PER_MIN = 60.0
PLAIN = Text("平地", "on the flat")
SLOPED = Text("计坡度", "slopes counted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel:
    """How travel times were measured.

    Attributes
    ----------
    profile : who moves, as `siting.network.profiles` describes it
    elevation : whether heights entered the times
    outward : True: from the facility to the people, as an engine drives out; False: from the people to the facility
    """

    profile: Profile
    elevation: bool = False
    outward: bool = False

    @classmethod
    def of(cls, network: Network | None, *, elevation: bool = False, outward: bool = False) -> Travel:
        """Describe the times of a network.

        Raises
        ------
        InputError
            The network has lengths, not times.
        """
        times = getattr(network, "times", None)
        if times is None:
            msg = "audit: the rule is in minutes, and the network has no travel times. Give network.timed(profile)"
            raise InputError(msg)
        return cls(profile=times.profile, elevation=elevation, outward=outward)

    @property
    def speed(self) -> Text:
        """The speed in words, with how well its figure was read."""
        figure = self.profile.speed
        if figure is None:
            most = self.profile.at_most
            slow = "" if most is None else f" ≤ {most.value:g} km/h"
            return Text(f"按限速，无限速按道路等级设定车速{slow}", f"speed limits, else assumed speeds by class{slow}")
        value = f"{figure.value:g} {figure.unit}"
        if figure.rule is None:
            return Text(value, value)
        grade = load_catalogue()[figure.rule].confidence
        if grade.is_read:
            return Text(value, value)
        return Text(f"{value}，{grade.text.zh}", f"{value}, {grade.text.en}")

    @property
    def direction(self) -> Text:
        """The direction in words."""
        return (
            Text("由设施出发", "from the facility")
            if self.outward
            else Text("由居住地出发", "from home to the facility")
        )

    @property
    def slopes(self) -> Text | None:
        """Whether slopes count, where they could; None for vehicles."""
        if self.profile.mode == "drive":
            return None
        return SLOPED if self.elevation else PLAIN

    @property
    def limits(self) -> Text | None:
        """What slope closes a street to the profile, with how well that was read; None where none does."""
        figure = self.profile.slope_limit
        if figure is None:
            return None
        grade = None if figure.rule is None else load_catalogue()[figure.rule].confidence
        how = Text("", "") if grade is None or grade.is_read else Text(f"，{grade.text.zh}", f", {grade.text.en}")
        value = f"≤ {100 * figure.value:.3g}%"
        return Text(f"路段坡度 {value}{how.zh}", f"streets of slope {value}{how.en}")

    @property
    def text(self) -> Text:
        """All of it on one line."""
        parts = [p for p in (self.profile.name, self.speed, self.slopes, self.limits, self.direction) if p is not None]
        return Text("，".join(p.zh for p in parts), ", ".join(p.en for p in parts))

    def plain(self) -> dict[str, Any]:
        """Return it as plain values, for machines: figures with the rule they come from, or why they were assumed."""
        who = self.profile
        return {
            "profile": who.id,
            "mode": who.mode,
            "name": {"zh": who.name.zh, "en": who.name.en},
            "speed": {"zh": self.speed.zh, "en": self.speed.en},
            "figures": {
                name: {"value": f.value, "unit": f.unit, "rule": f.rule, "assumed": f.assumed}
                for name, f in who.figures.items()
            },
            "elevation": self.elevation,
            "direction": "from_facility" if self.outward else "to_facility",
        }


def minutes_text(seconds: float) -> Text:
    """Write a time in minutes."""
    value = f"{seconds / SECONDS_PER_MIN:.4g}"
    return Text(f"{value} 分钟", f"{value} min")
