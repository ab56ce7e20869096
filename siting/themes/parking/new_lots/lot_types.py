"""Types of car parks that may be built, and how many spaces of each a piece of ground holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from siting.errors import InputError, SchemaError
from siting.ledger import Text
from siting.standards import Catalogue, document_text
from siting.standards.labels import number
from siting.standards.model import Rule
from siting.themes.parking.kinds import KINDS
from siting.themes.parking.own_figures import check_figures
from siting.themes.parking.supply import AREA_RULES

BUILT_KINDS = ("surface", "building", "underground", "mechanical")
ASSUMED = Text("本研究设定", "set by this study")


def exact(value: float) -> Fraction:
    """Return a number as it was written: 0.1 is one tenth."""
    return Fraction(str(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class LotType:
    """A type of car park, with what a space of it costs.

    Attributes
    ----------
    kind : one of `BUILT_KINDS`
    cost_per_space : the study's own, without land
    levels : storeys, above or below ground
    ground_share : share of the free ground that a storey takes, the study's own
    m2_per_space : the study's own; None = the largest of the clause of its kind, so that no space is promised too many
    spaces_most : no lot of this type has more; the rest of the ground stays free
    spaces_least : ground that holds fewer gets none
    fixed_cost : of a lot, beside its spaces
    takes_land : whether the land is paid for; a basement under a park may not take it
    upgrades : whether a surface lot that stands may be rebuilt as this type
    name : default: the kind, with its storeys; two languages are written "Chinese / English"
    """

    kind: str
    cost_per_space: float
    levels: int = 1
    ground_share: float = 1.0
    m2_per_space: float | None = None
    spaces_most: int | None = None
    spaces_least: int = 1
    fixed_cost: float = 0.0
    takes_land: bool = True
    upgrades: bool = True
    name: str = ""

    def __post_init__(self) -> None:
        if self.kind not in BUILT_KINDS:
            msg = f"lot type: kind is '{self.kind}', expected one of {', '.join(BUILT_KINDS)}"
            raise SchemaError(msg)
        who = f"lot type {self.label.en}"
        check_figures(who, {"cost_per_space": self.cost_per_space, "fixed_cost": self.fixed_cost})
        check_figures(who, {"ground_share": self.ground_share, "m2_per_space": self.m2_per_space}, above=True)
        check_figures(who, {"levels": self.levels, "spaces_least": self.spaces_least,
                            "spaces_most": self.spaces_most}, whole=True)  # fmt: skip
        if self.ground_share > 1:
            msg = f"{who}: ground_share is {self.ground_share}, expected above 0 to 1"
            raise SchemaError(msg)
        if self.spaces_most is not None and self.spaces_most < self.spaces_least:
            msg = f"{who}: spaces_most ({self.spaces_most}) is below spaces_least ({self.spaces_least})"
            raise SchemaError(msg)
        if self.kind == "surface" and self.levels > 1:
            msg = f"lot type {self.label.en}: a surface lot has one level; take building or mechanical"
            raise SchemaError(msg)

    @property
    def label(self) -> Text:
        """What it is called: the kind, with its storeys."""
        if self.name:
            zh, _, en = self.name.partition(" / ")
            return Text(zh, en or zh)
        kind = KINDS.get(self.kind, Text(self.kind, self.kind))
        if self.levels == 1:
            return kind
        return Text(f"{kind.zh} {self.levels} 层", f"{kind.en}, {self.levels} levels")

    def area_per_space(self, catalogue: Catalogue) -> tuple[Fraction, Rule | None]:
        """Return the floor of a space in m², and the clause it is from; None where the study says it."""
        if self.m2_per_space is not None:
            return exact(self.m2_per_space), None
        rule = catalogue.by_id.get(AREA_RULES[self.kind])
        if rule is None or rule.threshold is None or rule.unit != "m2/space":
            msg = f"lot type {self.label.en}: no rule says the m² a space; give m2_per_space"
            raise SchemaError(msg)
        figures = rule.threshold if isinstance(rule.threshold, tuple) else (rule.threshold,)
        return max(exact(float(figure)) for figure in figures), rule

    def spaces_on(self, area_m2: float, catalogue: Catalogue) -> int:
        """Return how many spaces the ground holds; 0 where fewer than ``spaces_least``."""
        floor = exact(round(area_m2, 3)) * exact(self.ground_share) * self.levels
        spaces = math.floor(floor / self.area_per_space(catalogue)[0])
        spaces = spaces if self.spaces_most is None else min(spaces, self.spaces_most)
        return spaces if spaces >= self.spaces_least else 0

    def cost_of(self, spaces: int, land: Fraction) -> Fraction:
        """Return what a lot of so many spaces costs, with the land where it is paid for."""
        own = exact(self.fixed_cost) + spaces * exact(self.cost_per_space)
        return own + land if self.takes_land else own

    def basis(self, catalogue: Catalogue) -> Text:
        """Say whose the m² a space are."""
        area, rule = self.area_per_space(catalogue)
        figure = number(float(area))
        if rule is None:
            return Text(f"{figure} 平方米/泊位（{ASSUMED.zh}）", f"{figure} m² a space ({ASSUMED.en})")
        read = rule.confidence.text
        return Text(
            f"{figure} 平方米/泊位（{document_text(rule, 'zh')}，{read.zh}，取上限）",
            f"{figure} m² a space ({document_text(rule, 'en')}, {read.en}, high end)",
        )


def check_types(types: Sequence[LotType]) -> dict[str, LotType]:
    """Return the types by name.

    Raises
    ------
    InputError
        None, or two of one name.
    """
    named = {kind.label.en: kind for kind in types}
    if not types or len(named) < len(types):
        msg = f"types: expected one or more with different names, got {[kind.label.en for kind in types]}"
        raise InputError(msg)
    return named
