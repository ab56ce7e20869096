"""What a plan of car parks is asked, what may be built, and what is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from siting.errors import InfeasibleError
from siting.ledger import Text
from siting.themes.parking.flow import Longs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Versions:
    """What may be built: versions of sites, of which at most one is built at a site.

    Attributes
    ----------
    site : shape (n_version,), position of the site
    spaces : shape (n_version,), spaces that it adds
    cost : shape (n_version,), in whole units of money
    required : shape (n_site,), whether something must be built there
    too_close : shape (k, 2), pairs of sites that exclude each other
    """

    site: Longs
    spaces: Longs
    cost: Longs
    required: NDArray[np.bool_]
    too_close: NDArray[np.intp]

    @property
    def n_site(self) -> int:
        """Sites."""
        return len(self.required)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a plan is to do: spend at most ``budget``, or remove ``remove`` of the shortage at least cost; not both.

    With neither, as much as can be is removed. ``p``: most sites.
    """

    budget: int | None = None
    remove: Fraction | None = None
    p: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """Versions chosen, and what is proved.

    Attributes
    ----------
    versions : positions, ascending
    short : cars without a space without any site
    gain, gain_bound : cars parked more, and the most that any choice can (`remove`: of the choice; no bound is sought)
    cost, cost_bound : of the choice, and the least that any choice as good can cost (None: not sought,
        the gain itself is not proved)
    proved : whether the aim (gain for a budget, cost for a share) is proved
    alone : shape (n_site,), cars parked more if a site alone is built at its largest
    gains : shape (n_chosen,), cars parked more by each version when it joins those with larger gains alone
    """

    versions: Longs
    short: int
    gain: int
    gain_bound: int
    cost: int
    cost_bound: int | None
    proved: bool
    alone: Longs
    gains: Longs


class NoPlan(InfeasibleError):  # noqa: N818
    """There is no plan; ``text`` says why in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(f"parking: {text.both(' / ')}")
        self.text = text


class NoChoice(Exception):  # noqa: N818
    """What is required does not fit the other conditions, or no choice was found within the time (``late``)."""

    def __init__(self, *, late: bool) -> None:
        super().__init__("late" if late else "conditions")
        self.late = late


class OutOfReach(Exception):  # noqa: N818
    """The share asked for cannot be removed: ``most`` is the most that can, proved or not above ``bound``."""

    def __init__(self, short: int, most: int, bound: int) -> None:
        super().__init__(f"at most {bound} of {short}")
        self.short, self.most, self.bound = short, most, bound
