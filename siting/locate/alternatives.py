"""What else is nearly as good: the best plans that do without sites of the plans before them."""

from collections.abc import Hashable
from dataclasses import dataclass

from siting.locate.result import SitingResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One of several plans, the best plan first.

    Attributes
    ----------
    result : the plan, with a proof of its own: nothing under the same conditions and without ``without`` is better
    without : labels of sites of earlier plans that this one was not allowed to use; () of the best plan
    loss : how much worse than the best plan, as a share of its objective, 0 or more
    different : how many of its sites the best plan does not have
    """

    result: SitingResult
    without: tuple[Hashable, ...]
    loss: float
    different: int
