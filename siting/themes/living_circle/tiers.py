"""The tiers of a living circle and what the standards say of each: how far, how long, for how many, how much green."""

from __future__ import annotations

from dataclasses import dataclass

from siting.errors import SchemaError
from siting.ledger import Text
from siting.standards import Catalogue
from siting.standards.model import Rule

SECONDS_PER_MIN = 60.0
BLOCK = "block"
NAMES = {
    "15min": Text("十五分钟生活圈", "15-minute circle"),
    "10min": Text("十分钟生活圈", "10-minute circle"),
    "5min": Text("五分钟生活圈", "5-minute circle"),
    BLOCK: Text("居住街坊", "residential block"),
}
"""Tiers as the facility table writes them, from wide to narrow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One tier, with the rules of the catalogue that describe it.

    Attributes
    ----------
    id : as the facility table writes it: "15min", "10min", "5min", "block"
    walk, time : rules of walking distance and of walking time; None for the block, for which no clause has either
    limit_m : distance along the streets that is still within the tier
    strict_m : its strict edge, where the clause gives a range
    minutes : walking time that is still within the tier
    people : rule of the number of residents
    green : rule of public green per person
    park_size, park_width : rules of the least size and width of the tier's park
    """

    id: str
    name: Text
    walk: Rule | None = None
    time: Rule | None = None
    limit_m: float | None = None
    strict_m: float | None = None
    minutes: float | None = None
    people: Rule | None = None
    green: Rule | None = None
    park_size: Rule | None = None
    park_width: Rule | None = None

    @property
    def limit_s(self) -> float | None:
        """Walking time in seconds."""
        return None if self.minutes is None else self.minutes * SECONDS_PER_MIN


def living_tiers(catalogue: Catalogue) -> tuple[Tier, ...]:
    """Return the tiers from wide to narrow, as the catalogue (with a study's packs on top) has them.

    Distances are those of GB 50180; its clauses give minutes for the widest tier, TD/T 1062 for the two others.

    Raises
    ------
    SchemaError
        A pack took the distance or the time from a tier.
    """
    short = "td1062.urban_5_10"
    return (
        _tier(catalogue, "15min", "15", "lc15.time", longest=True),
        _tier(catalogue, "10min", "10", short, longest=True),
        _tier(catalogue, "5min", "5", short, longest=False),
        Tier(id=BLOCK, name=NAMES[BLOCK], people=_rule(catalogue, "block.pop")),
    )


def _tier(catalogue: Catalogue, id_: str, number: str, time_id: str, *, longest: bool) -> Tier:
    walk, time = catalogue[f"lc{number}.walk"], catalogue[time_id]
    if walk.limit_m is None:
        msg = (
            f"rule {walk.id}: it sets no distance in metres, so the {id_} tier cannot be judged. Correct the rule pack"
        )
        raise SchemaError(msg)
    edges = walk.threshold if isinstance(walk.threshold, tuple) else ()
    strict = min(edges, default=walk.limit_m)
    minutes = time.threshold
    if isinstance(minutes, tuple):
        minutes = max(minutes) if longest else min(minutes)
    if minutes is None or time.unit != "min":
        msg = f"rule {time.id}: it sets no minutes, so the {id_} tier cannot be judged by time. Correct the rule pack"
        raise SchemaError(msg)
    return Tier(
        id=id_,
        name=NAMES[id_],
        walk=walk,
        time=time,
        limit_m=walk.limit_m,
        strict_m=strict if strict < walk.limit_m else None,
        minutes=float(minutes),
        people=_rule(catalogue, f"lc{number}.pop"),
        green=_rule(catalogue, f"park.lc{number}.percap"),
        park_size=_rule(catalogue, f"park.lc{number}.min"),
        park_width=_rule(catalogue, f"park.lc{number}.width"),
    )


def _rule(catalogue: Catalogue, id_: str) -> Rule | None:
    return catalogue.by_id.get(id_)
