"""Sites that may be opened in one of several versions, and which sets of versions a plan may have."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import InfeasibleError, InputError
from siting.locate.conditions import ConditionArgs, Conditions, read_conditions
from siting.locate.costs import Costs
from siting.locate.spacing import at_most_one, cliques
from siting.locate.two_stage.task import read_least


@dataclass(frozen=True, slots=True, kw_only=True)
class Sites:
    """Which version of which site may be opened.

    Attributes
    ----------
    of : shape (m,), the site of each station; stations of one site are its versions
    stations : the conditions as they were given, on stations
    conditions : on sites
    may : shape (m,), stations that may be open; of a required site those that are required
    existing : shape (m,), stations that stand already
    anyway : shape (n_sites,), sites that are open in every plan: existing or required ones
    is_new : shape (n_sites,), sites that count: those where nothing stands
    n_least : fewest new sites
    """

    of: NDArray[np.intp]
    stations: Conditions
    conditions: Conditions
    may: NDArray[np.bool_]
    existing: NDArray[np.bool_]
    anyway: NDArray[np.bool_]
    is_new: NDArray[np.bool_]
    n_least: int

    @property
    def n_sites(self) -> int:
        """Number of sites."""
        return len(self.anyway)


def read_sites(costs: Costs, site: Any, *, p: Any, n_least: Any, conditions: ConditionArgs) -> Sites:
    """Read which stations are versions of one site, and the conditions on sites.

    Parameters
    ----------
    site : label of the site of each station, None or empty where it stands for itself; None = every station does

    Raises
    ------
    InputError
        Labels or conditions that cannot be used, or two existing stations on one site.
    InfeasibleError
        Conditions that contradict each other.
    """
    given: dict[str, Any] = dict(conditions)
    names = {name: given.pop(name, ()) for name in ("existing", "required", "excluded")}
    stations = read_conditions(costs, **names)
    pairs = read_conditions(costs, too_close=given.pop("too_close", None)).too_close
    of, labels = _sites_of(costs, site)
    n_sites, m = len(labels), costs.n_candidates
    first = np.full(n_sites, m, dtype=np.intp)
    np.minimum.at(first, of, np.arange(m))
    for name in ("zones", "xy"):
        if given.get(name) is not None:
            given[name] = _of_first(given[name], costs, first, name)
    existing = np.zeros(m, dtype=bool)
    existing[stations.existing] = True
    twice = np.flatnonzero(np.bincount(of[existing], minlength=n_sites) > 1)
    if len(twice):
        msg = (
            f"existing: {int((of[existing] == twice[0]).sum())} stations of site {labels[twice[0]]} exist; only one can"
        )
        raise InputError(msg)
    may = np.ones(m, dtype=bool)
    may[stations.excluded] = False
    must = np.zeros(n_sites, dtype=bool)
    must[of[stations.required]] = True
    is_required = np.zeros(m, dtype=bool)
    is_required[stations.required] = True
    may &= ~must[of] | is_required
    stands = np.zeros(n_sites, dtype=bool)
    stands[of[existing]] = True
    shut = ~stands & ~must & (np.bincount(of[may], minlength=n_sites) == 0)
    at_sites = replace(costs, columns=labels, labelled=True, rank=np.arange(n_sites))
    between = of[pairs]
    between = between[between[:, 0] != between[:, 1]]
    read = read_conditions(
        at_sites, p=None if p is None else min(p, n_sites) if _is_count(p, m) else p, existing=labels[stands],
        required=labels[must & ~stands], excluded=labels[shut], too_close=[(labels[a], labels[b]) for a, b in between],
        **given,
    )  # fmt: skip
    anyway = stands | must
    may &= (read.choosable | anyway)[of]
    return Sites(
        of=of, stations=stations, conditions=read, may=may, existing=existing, anyway=anyway, is_new=~stands,
        n_least=read_least(n_least, read),
    )  # fmt: skip


def _is_count(p: Any, m: int) -> bool:
    return isinstance(p, int | np.integer) and not isinstance(p, bool) and bool(p <= m)


def _sites_of(costs: Costs, site: Any) -> tuple[NDArray[np.intp], "pd.Index[Any]"]:
    m = costs.n_candidates
    if site is None:
        return np.arange(m, dtype=np.intp), costs.columns
    if isinstance(site, pd.Series) and costs.labelled:
        site = site.reindex(costs.columns)
    if isinstance(site, str) or len(site) != m:
        msg = f"site has {len(site)} entries, collect_cost has {m} stations: one label, or None, for each is expected"
        raise InputError(msg)
    named = [None if label is None or label == "" or pd.isna(label) else label for label in list(site)]
    alone = {costs.columns[j] for j, label in enumerate(named) if label is None}
    both = [label for label in named if label is not None and label in alone]
    if both:
        msg = f"site {both[0]!r} is also the label of a station that has no site; give that station a site, or rename"
        raise InputError(msg)
    full = pd.Index([costs.columns[j] if label is None else label for j, label in enumerate(named)], dtype=object)
    of, labels = pd.factorize(full)
    return of.astype(np.intp), pd.Index(labels)


def _of_first(given: Any, costs: Costs, first: NDArray[np.intp], name: str) -> Any:
    if isinstance(given, pd.Series) and costs.labelled:
        given = given.reindex(costs.columns)
    try:
        values = np.asarray(given, dtype=object if name == "zones" else np.float64)
    except (TypeError, ValueError) as error:
        msg = f"{name} cannot be read: {error}"
        raise InputError(msg) from None
    if len(values) != costs.n_candidates:
        msg = f"{name} has {len(values)} entries, expected one for each of the {costs.n_candidates} stations"
        raise InputError(msg)
    return values[first]


class SiteRules:
    """The conditions as a test of a mask of open stations, and as rows of a model."""

    def __init__(self, sites: Sites) -> None:
        self.sites = sites
        conditions, of = sites.conditions, sites.of
        self.may, self.is_new = sites.may, sites.is_new
        pairs = conditions.too_close
        self.pairs = pairs[conditions.choosable[pairs].all(axis=1)] if len(pairs) else pairs
        self.groups = cliques(self.pairs, sites.n_sites)
        self.most = int(sites.is_new.sum()) if conditions.p is None else conditions.p
        self.least = sites.n_least
        self.quotas = [
            (quota.members, quota.least, len(quota.members) if quota.most is None else quota.most)
            for quota in conditions.quotas
        ]
        self.forced = sites.anyway & (np.bincount(of[sites.may], minlength=sites.n_sites) >= 1)
        self.clique_of = self._disjoint()

    def _disjoint(self) -> NDArray[np.int64]:
        """Put every site into one group of which at most one may be open; most stand alone."""
        group = np.full(self.sites.n_sites, -1, dtype=np.int64)
        count = 0
        for members in sorted(self.groups, key=len, reverse=True):
            left = [j for j in members if group[j] < 0]
            if len(left) > 1:
                group[left] = count
                count += 1
        alone = group < 0
        group[alone] = count + np.arange(int(alone.sum()))
        return group

    def allows(self, stations: NDArray[np.bool_]) -> bool:
        """Say whether exactly these stations may be open."""
        if (stations & ~self.may).any():
            return False
        count = np.bincount(self.sites.of[stations], minlength=self.sites.n_sites)
        if count.max(initial=0) > 1 or (count[self.forced] == 0).any():
            return False
        if not self.least <= int(count[self.is_new].sum()) <= self.most:
            return False
        if len(self.pairs) and (count[self.pairs].sum(axis=1) > 1).any():
            return False
        return all(least <= int(count[members].sum()) <= most for members, least, most in self.quotas)

    def rows(self) -> tuple[sparse.csr_array, NDArray[np.float64], NDArray[np.float64]]:
        """Return the conditions as rows over all stations, with their lower and upper limits."""
        n_sites, m = self.sites.n_sites, len(self.may)
        own = np.eye(n_sites)
        count = np.zeros((1 + len(self.quotas), n_sites))
        count[0, self.is_new] = 1.0
        for at, (members, _, _) in enumerate(self.quotas):
            count[1 + at, members] = 1.0
        by_site = sparse.vstack(
            [sparse.csr_array(own), at_most_one(self.groups, n_sites), sparse.csr_array(count)], format="csr"
        )
        station = sparse.csr_array((np.ones(m), (self.sites.of, np.arange(m))), shape=(n_sites, m))
        n_groups = len(self.groups)
        lower = [*self.forced * 1.0, *[-np.inf] * n_groups, float(self.least), *[float(q[1]) for q in self.quotas]]
        upper = [*[1.0] * n_sites, *[1.0] * n_groups, float(self.most), *[float(q[2]) for q in self.quotas]]
        return sparse.csr_array(by_site @ station), np.array(lower), np.array(upper)

    def limits(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return 0/1 limits of each station."""
        alone = np.bincount(self.sites.of[self.may], minlength=self.sites.n_sites) == 1
        low = self.may & (self.forced & alone)[self.sites.of]
        return low.astype(np.float64), self.may.astype(np.float64)

    def refuse_empty(self) -> None:
        """Refuse sites that must be open and have no version that may be."""
        lost = self.sites.anyway & ~self.forced
        if lost.any():
            msg = (
                f"transfer_streams: {int(lost.sum())} sites must be open, but every version of theirs is excluded; "
                "exclude less"
            )
            raise InfeasibleError(msg)
