"""What else is nearly as good: the best plans that do without sites of the plans before them."""

import dataclasses
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from siting.errors import InputError
from siting.locate.refusing.loss import loss_of
from siting.locate.refusing.refuser import Refuser, sorted_labels
from siting.locate.result import SitingResult

# Refusing one by one costs a search each; of a large plan the sites of least gain are tried, fewer where time is short.
_TRIED = 24


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


def alternatives(
    model: Callable[..., Any], *args: Any, n: int = 4, max_loss: float = 0.05, **kwargs: Any
) -> tuple[Alternative, ...]:
    """Return the best plan of a model, and up to ``n`` others that are nearly as good and differ as much as found.

    Each is the proved best plan without some sites that plans before it use. First each site of the best plan is
    refused alone; then as many together as the loss allows, the cheapest to refuse first, in several orders. Of all
    plans found within ``max_loss`` those are returned that have the fewest sites in common.

    Parameters
    ----------
    model : any function of `siting.locate` that takes ``excluded``, e.g. ``siting.locate.mclp``
    args, kwargs : as the model takes them. Required sites are never refused. ``time_limit_s`` is that of all plans
        together, of which the best plan may use half; what it leaves is for the others
    n : most alternatives beside the best plan
    max_loss : largest loss of an alternative, as a share of the best objective; 0 = only plans that are as good

    Returns
    -------
    The best plan, then its alternatives in the order of their loss; none where every other plan that was found is
    worse than ``max_loss``, or time was up. A loss compares with the best plan that is known: where that is not proved
    (its ``status`` is "feasible"), it may be more by the gap of the best plan. Plans that need more sites (lscp,
    backup_coverage) or leave more demand unserved are compared by these first. Where the best objective is 0, any
    loss is infinite.

    Raises
    ------
    InputError
        ``n`` or ``max_loss`` that make no sense; and what the model itself refuses.
    InfeasibleError
        There is no plan at all.
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 0:
        msg = f"n is {n!r}, expected a whole number of alternatives, 0 or more"
        raise InputError(msg)
    if isinstance(max_loss, bool) or not isinstance(max_loss, int | float) or not max_loss >= 0:
        msg = f"max_loss is {max_loss!r}, expected a share of the best objective, 0 or more"
        raise InputError(msg)
    refuser = Refuser(model, args, kwargs)
    pool = _Pool(refuser, float(max_loss))
    if n:
        singles = refuser.refusable[: max(n, min(_TRIED, refuser.affordable))]
        for turn, site in enumerate(singles):
            pool.ask((site,), 2 * (len(singles) - turn))
        cheap = [site for site in singles if pool.allows((site,))]
        refused: dict[Hashable, int] = dict.fromkeys(cheap, 0)
        ends: list[frozenset[Hashable]] = []
        for turn in range(n if cheap else 0):
            cheap.sort(key=lambda site: (refused[site], pool.losses[frozenset((site,))]))
            last = _most_refused(pool, _order(cheap, ends, refuser.sites), (n - turn) * 4)
            for site in last:
                if site in refused:
                    refused[site] += 1
            found = pool.plan(last)
            if found is None:
                break
            ends.append(frozenset(found.site_ids) - set(refuser.sites) - refuser.required)
    return _chosen(pool, n)


class _Pool:
    """Plans found so far, by the sites that they must do without."""

    def __init__(self, refuser: Refuser, max_loss: float) -> None:
        self.best: Any = refuser.best
        self.losses: dict[frozenset[Hashable], float] = {}
        self._refuser, self._max_loss = refuser, max_loss
        self._found: dict[frozenset[Hashable], Any] = {}

    def ask(self, refused: Iterable[Hashable], turns: int) -> None:
        wanted = frozenset(refused)
        answer = self._refuser.without(wanted, turns)
        if wanted not in self._found and hasattr(answer, "sites"):
            self._found[wanted] = answer
            self.losses[wanted] = loss_of(self.best, answer)

    def allows(self, refused: Iterable[Hashable]) -> bool:
        """Say whether the plan without these sites was found and is good enough."""
        wanted = frozenset(refused)
        return wanted in self.losses and self.losses[wanted] <= self._max_loss

    def plan(self, refused: Iterable[Hashable]) -> Any:
        return self._found.get(frozenset(refused))

    def kept(self) -> list[Alternative]:
        """Return one alternative for each set of sites that is good enough, for the fewest refusals that lead to it."""
        self._rebase()
        seen: dict[frozenset[int], Alternative] = {}
        mine = frozenset(self.best.sites.tolist())
        for wanted in sorted(self._found, key=lambda w: (len(w), [str(s) for s in sorted_labels(w)])):
            plan = self._found[wanted]
            loss = max(0.0, loss_of(self.best, plan))
            sites = frozenset(plan.sites.tolist())
            if loss <= self._max_loss and sites != mine and sites not in seen:
                without = tuple(sorted_labels(wanted))
                seen[sites] = Alternative(result=plan, without=without, loss=loss, different=len(sites - mine))
        return list(seen.values())

    def _rebase(self) -> None:
        """Make a plan the best one that beats a best plan that time did not suffice to find."""
        if self.best.status == "optimal" or not self._found:
            return
        wanted = min(self._found, key=lambda w: (loss_of(self.best, self._found[w]), len(w)))
        if loss_of(self.best, self._found[wanted]) >= 0:
            return
        plan = self._found.pop(wanted)
        proved = self.best.bound == plan.objective
        parameters = {**plan.parameters, "excluded": self.best.parameters.get("excluded", ())}
        self.best = dataclasses.replace(
            plan, bound=self.best.bound, status="optimal" if proved else "feasible", parameters=parameters
        )


def _order(cheap: list[Hashable], ends: list[frozenset[Hashable]], of_best: list[Hashable]) -> list[Hashable]:
    """Put sites in the order in which they are refused: those of the best plan and those of alternatives in turn."""
    used: dict[Hashable, int] = {}
    for site in sorted_labels(site for end in ends for site in end if site not in of_best):
        used[site] = used.get(site, 0) + 1
    theirs = sorted(used, key=lambda site: -used[site])
    order: list[Hashable] = []
    for k in range(max(len(cheap), len(theirs))):
        order += [*cheap[k : k + 1], *theirs[k : k + 1]]
    return order


def _most_refused(pool: _Pool, order: list[Hashable], turns: int) -> tuple[Hashable, ...]:
    """Return the most sites, from the first of ``order``, that can be refused together: more refused, more lost."""
    low, high = 1, len(order) + 1
    step = 1
    while high - low > 1:
        # Doubling first: where little can be refused, no time goes into plans that are far too poor.
        middle = min(low + step, (low + high) // 2) if high > len(order) else (low + high) // 2
        pool.ask(order[:middle], turns)
        if pool.allows(order[:middle]):
            low, step = middle, 2 * step
        else:
            high = middle
    return tuple(order[:low])


def _chosen(pool: _Pool, n: int) -> tuple[Alternative, ...]:
    """Choose the plans that have the least in common with each other and with the best one."""
    left = pool.kept()
    best = Alternative(result=pool.best, without=(), loss=0.0, different=0)
    chosen = [best]

    def apart(plan: Alternative) -> int:
        sites = set(plan.result.sites.tolist())
        return min(len(sites ^ set(other.result.sites.tolist())) for other in chosen)

    while left and len(chosen) <= n:
        farthest = max(range(len(left)), key=lambda k: (apart(left[k]), -left[k].loss, -len(left[k].without), -k))
        chosen.append(left.pop(farthest))
    return (best, *sorted(chosen[1:], key=lambda plan: plan.loss))
