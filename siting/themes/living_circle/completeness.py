"""Completeness of a tier: which of its required classes are within reach of whom, and which are missing by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.ledger import Text
from siting.themes.living_circle.counting import Counting, Longs
from siting.themes.living_circle.elements import Element
from siting.themes.living_circle.reach import DISTANCE, STRICT, Mask, Reach
from siting.themes.living_circle.tiers import Tier

NOTHING = Text("", "")
MOSTLY_MISSING = 0.5
"""A class that fewer than this share of a zone's people reach is listed as missing there. A choice of this toolkit; the
table `missing` gives the share of every class."""


@dataclass(frozen=True, slots=True, eq=False)
class Completeness:
    """Required and as-needed classes of every tier, and who reaches how many of them.

    A tier is counted from its own classes within its own distance; no class of another tier enters.
    """

    tiers: tuple[Tier, ...]
    elements: tuple[Element, ...]
    reach: Reach
    counting: Counting

    @property
    def used_tiers(self) -> tuple[Tier, ...]:
        """Tiers with at least one required class that can be judged."""
        return tuple(tier for tier in self.tiers if self.required(tier))

    def measures(self, tier: Tier) -> tuple[str, ...]:
        """Measures by which a tier is judged: distance first, then its strict edge, then the profiles."""
        if tier.limit_m is None:
            return (DISTANCE,)
        return (DISTANCE, *((STRICT,) if tier.strict_m is not None else ()), *self.reach.profiles)

    def required(self, tier: Tier) -> list[Element]:
        """Return the required classes of a tier that can be judged."""
        return [e for e in self.elements if e.tier is tier and e.required and e.judged]

    def as_needed(self, tier: Tier) -> list[Element]:
        """Return the as-needed classes of a tier that can be judged."""
        return [e for e in self.elements if e.tier is tier and not e.required and e.judged]

    def not_judged(self, tier: Tier, *, required: bool = True) -> list[Element]:
        """Classes of a tier that cannot be judged."""
        return [e for e in self.elements if e.tier is tier and e.required == required and not e.judged]

    def served(self, element: Element, measure: str) -> Mask:
        """Mask of the demand points that a class serves by a measure."""
        return self.reach.served[element.id, measure]

    def count(self, elements: Iterable[Element], measure: str) -> Longs:
        """Count the classes within reach of each demand point."""
        total = np.zeros(len(self.counting.main_weight), dtype=np.int64)
        for element in elements:
            total += self.served(element, measure)
        return total

    def share(
        self, level: str, elements: Sequence[Element], measure: str, weight: Longs | None = None
    ) -> NDArray[np.float64]:
        """Mean share of classes within reach, by zone: people x classes served, by people x classes; NaN for nobody."""
        served = self.counting.sum(level, self.count(elements, measure), weight)
        return divided(served, self.counting.total(level, weight) * len(elements))

    def everything(self, level: str, elements: Sequence[Element], measure: str) -> Longs:
        """People (as whole numbers) with every one of the classes within reach, by zone."""
        return self.counting.sum(level, self.count(elements, measure) == len(elements))

    def missing_by_zone(self, level: str, tier: Tier, measure: str = DISTANCE) -> list[list[Element]]:
        """List the required classes that most people of each zone lack, most lacking first."""
        total = self.counting.total(level)
        lacking: list[list[tuple[int, int, Element]]] = [[] for _ in total]
        for rank, element in enumerate(self.required(tier)):
            served = self.counting.sum(level, self.served(element, measure))
            for k in np.flatnonzero((total > 0) & (served < total * MOSTLY_MISSING)).tolist():
                lacking[k].append((int(served[k]), rank, element))
        return [[e for _, _, e in sorted(some, key=lambda row: row[:2])] for some in lacking]

    def missing_by_point(self, tier: Tier, measure: str = DISTANCE) -> tuple[list[str], list[str]]:
        """Name the required classes out of reach of each demand point, in Chinese and in English."""
        elements = self.required(tier)
        # Which classes are out of reach, one bit a class: few different patterns among many homes.
        pattern = np.zeros(len(self.counting.main_weight), dtype=np.int64)
        for k, element in enumerate(elements):
            pattern |= (~self.served(element, measure)).astype(np.int64) << k
        patterns, which = np.unique(pattern, return_inverse=True)
        words = [names(e for k, e in enumerate(elements) if bits >> k & 1) for bits in patterns.tolist()]
        rows = which.tolist()
        return [words[k].zh for k in rows], [words[k].en for k in rows]


def names(elements: Iterable[Element]) -> Text:
    """Names of classes, one after another."""
    listed = [e.name for e in elements]
    return Text("、".join(n.zh for n in listed), ", ".join(n.en for n in listed))


def divided(part: Longs, whole: Longs) -> NDArray[np.float64]:
    """Part by whole, NaN where there is no whole."""
    share: NDArray[np.float64] = np.full(len(part), np.nan)
    np.divide(part, whole, out=share, where=whole > 0)
    return share
