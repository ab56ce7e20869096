"""What it costs to do without a site: the best plan without each site of the best plan, one by one."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from siting.errors import InfeasibleError
from siting.locate.refusing.loss import loss_of
from siting.locate.refusing.refuser import Refuser
from siting.locate.result import SitingResult

RefusalStatus = Literal["optimal", "feasible", "infeasible", "required", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What happens if one site of the best plan is not to be had.

    Attributes
    ----------
    site : its label
    status : of the plan without it: "optimal" = nothing without the site is better, proved; "infeasible" = there is no
        plan without it; "required" = the caller requires it, so it was not refused; "unknown" = no plan found in time
    result : the best plan without it, if any
    loss : how much worse that is than the best plan, as a share of its objective; None without a plan
    replaced_by : sites of that plan which the best plan does not have
    given_up : other sites of the best plan which that plan does not have
    reason : why there is no plan
    """

    site: Hashable
    status: RefusalStatus
    result: SitingResult | None = None
    loss: float | None = None
    replaced_by: tuple[Hashable, ...] = ()
    given_up: tuple[Hashable, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutEach:
    """The best plan, and what refusing each of its sites costs.

    Attributes
    ----------
    best : the best plan
    refusals : one for each of its new sites, in the order of their gain where the model tells, else of their positions
    """

    best: SitingResult
    refusals: tuple[Refusal, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each site: what is proved without it, the loss, and which sites replace it."""
        rows = [
            {
                "site": r.site,
                "status": r.status,
                "objective": None if r.result is None else r.result.objective,
                "bound": None if r.result is None else r.result.bound,
                "loss": r.loss,
                "replaced_by": ", ".join(map(str, r.replaced_by)),
                "given_up": ", ".join(map(str, r.given_up)),
                "reason": r.reason,
            }
            for r in self.refusals
        ]
        names = ["site", "status", "objective", "bound", "loss", "replaced_by", "given_up", "reason"]
        numbers = dict.fromkeys(("objective", "bound", "loss"), "float64")
        return pd.DataFrame(rows, columns=names).astype(numbers)

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        return str(self.to_frame().to_html(index=False))


def without_each(model: Callable[..., Any], *args: Any, **kwargs: Any) -> WithoutEach:
    """Say for each new site of the best plan what refusing it costs, and what replaces it.

    Parameters
    ----------
    model : any function of `siting.locate` that takes ``excluded``, e.g. ``siting.locate.p_median``
    args, kwargs : as the model takes them. ``time_limit_s`` is that of all searches together, of which the best plan
        may use half; each site then has an equal share of what is left

    Returns
    -------
    Exact where both plans are "optimal". A loss compares with the best plan that is known, as in `alternatives`, and
    is 0 where the search without the site did better, which only an unproved best plan allows.

    Raises
    ------
    InputError, InfeasibleError, SolverError
        What the model itself refuses, before any site is.
    """
    refuser = Refuser(model, args, kwargs)
    mine = set(refuser.sites)
    left = sum(site not in refuser.required for site in refuser.sites)
    refusals: list[Refusal] = []
    for site in refuser.sites:
        if site in refuser.required:
            refusals.append(Refusal(site=site, status="required", reason="required"))
            continue
        answer = refuser.without((site,), left)
        left -= 1
        if answer is None:
            refusals.append(Refusal(site=site, status="unknown", reason="no plan was found in time"))
        elif isinstance(answer, InfeasibleError):
            refusals.append(Refusal(site=site, status="infeasible", reason=str(answer)))
        else:
            theirs = set(answer.site_ids)
            refusals.append(
                Refusal(
                    site=site,
                    status=answer.status,
                    result=answer,
                    loss=max(0.0, loss_of(refuser.best, answer)),
                    replaced_by=tuple(s for s in answer.site_ids if s not in mine),
                    given_up=tuple(s for s in refuser.best.site_ids if s != site and s not in theirs),
                )
            )
    return WithoutEach(best=refuser.best, refusals=tuple(refusals))
