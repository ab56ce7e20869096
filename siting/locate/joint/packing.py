"""Which services fit together on a plot, and the reduced form of a problem in which buildings house several of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import InputError
from siting.locate.conditions import Conditions
from siting.locate.costs import Costs
from siting.locate.covering.reduce import Instance, merge_rows
from siting.locate.zone_counts import ZoneCounts, needy, zone_counts

MOST_SERVICES = 14
"""More that need room are refused: the packages that a plot can house double with each."""
NO_LIMIT = 2**60


class Packing:
    """The packages of services that fit on each plot, kept only where nothing more would fit beside them.

    Plots on which the same packages fit form a family. Since no two services share a demand row, what a package wins is
    the sum of what its services win.

    Parameters
    ----------
    area : shape (n_services,), floor area that each service needs, whole
    floor : shape (n_plots,), floor area of each plot, whole; `NO_LIMIT` = everything fits
    """

    def __init__(self, area: NDArray[np.int64], floor: NDArray[np.int64]) -> None:
        # What needs no room is in every package.
        sized = np.flatnonzero(area > 0)
        bits = (np.arange(2 ** len(sized))[:, None] >> np.arange(len(sized))) & 1
        need = bits @ area[sized]
        steps = np.unique(need)
        # Two plots between the same two sums of areas take the same packages.
        kind = np.searchsorted(steps, floor, side="right")
        self.members: list[NDArray[np.intp]] = []
        self.packages: list[NDArray[np.float64]] = []
        self.fits: NDArray[np.bool_] = area[None, :] <= floor[:, None]
        for k in np.unique(kind):
            least = int(steps[k - 1]) if k > 0 else -1
            self.members.append(np.flatnonzero(kind == k))
            packages = _maximal(bits, need, area[sized], least)
            whole = np.ones((len(packages), len(area)))
            whole[:, sized] = packages
            self.packages.append(whole)
        self.roomy: NDArray[np.bool_] = floor >= int(area.sum())

    def best(self, worth: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return what the best package of each plot is worth, and which services it holds.

        Parameters
        ----------
        worth : shape (n_plots, n_services), not negative; what a service on a plot is worth
        """
        value = np.zeros(len(worth))
        chosen = np.zeros(worth.shape, dtype=bool)
        for members, packages in zip(self.members, self.packages, strict=True):
            mine = worth[members]
            sums = mine @ packages.T
            first = np.argmax(sums, axis=1)
            value[members] = sums[np.arange(len(members)), first]
            chosen[members] = packages[first] > 0
        return value, chosen & (worth > 0)


def _maximal(
    bits: NDArray[np.int64], need: NDArray[np.int64], area: NDArray[np.int64], floor: int
) -> NDArray[np.int64]:
    """Keep the rows that fit and into which no further service fits; larger packages first, so that ties go there."""
    fit = need <= floor
    room = floor - need
    more = ((bits == 0) & (area[None, :] <= room[:, None])).any(axis=1)
    kept = np.flatnonzero(fit & ~more)
    if not len(kept):
        return np.zeros((1, len(area)), dtype=np.int64)
    order = np.lexsort((kept, -bits[kept].sum(axis=1)))
    return bits[kept[order]]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Services on plots, shape (n_plots, n_services), and the plots built on; a quota may need one without services."""

    opened: NDArray[np.bool_]
    built: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joint:
    """What is left to decide. Column ``plot * n_services + service`` of ``cover`` is that service on that plot.

    Attributes
    ----------
    cover : rows are groups of demand of one service that the same plots reach; it holds no spacing
    row_service : service of each row
    candidates : position of each plot among the caller's candidates
    too_close : pairs of plots of which at most one may be built on
    must : plots that are built on in any case
    p : number of buildings, those of ``must`` among them
    quota : shape (n_services,), how many buildings may house a service; `NO_LIMIT` = any number
    zones : how many plots of each zone must and may be built on beside those of ``must``; None where there are no
        quotas
    """

    cover: Instance
    row_service: NDArray[np.int64]
    candidates: NDArray[np.intp]
    too_close: NDArray[np.intp]
    must: NDArray[np.bool_]
    area: NDArray[np.int64]
    floor: NDArray[np.int64]
    packing: Packing
    p: int
    quota: NDArray[np.int64]
    zones: ZoneCounts | None = None

    @property
    def n_plots(self) -> int:
        """Number of plots left."""
        return len(self.candidates)

    @property
    def n_services(self) -> int:
        """Number of services."""
        return len(self.area)

    @property
    def has_quota(self) -> bool:
        """Whether the number of buildings with a service is limited."""
        return bool((self.quota < self.n_plots).any())

    def near(self) -> list[NDArray[np.intp]]:
        """List the plots too close to each plot."""
        found: list[list[int]] = [[] for _ in range(self.n_plots)]
        for a, b in self.too_close.tolist():
            found[a].append(b)
            found[b].append(a)
        return [np.array(some, dtype=np.intp) for some in found]

    def value_of(self, opened: NDArray[np.bool_]) -> int:
        """Weight that services on plots, shape (n_plots, n_services), serve."""
        hit = self.cover.reach @ opened.ravel().astype(np.int64)
        return int(self.cover.weight[hit > 0].sum())

    def allows(self, plan: Plan) -> bool:
        """Say whether a plan keeps every condition exactly, in whole numbers."""
        return bool(
            (plan.opened.astype(np.int64) @ self.area <= self.floor).all()
            and not (plan.opened.any(axis=1) & ~plan.built).any()
            and plan.built[self.must].all()
            and int(plan.built.sum()) <= self.p
            and (plan.opened.sum(axis=0) <= self.quota).all()
            and not plan.built[self.too_close].all(axis=1).any()
            and (self.zones is None or self.zones.allow(np.flatnonzero(plan.built)))
        )

    def only(self, keep: NDArray[np.bool_], must: NDArray[np.bool_]) -> "Joint":
        """Return the problem with some of the plots only."""
        k = self.n_services
        columns = np.repeat(keep, k)
        reach, weight, service = _merge_services(self.cover.reach[:, columns], self.cover.weight, self.row_service)
        new = np.cumsum(keep) - 1
        pairs = self.too_close
        return Joint(
            cover=_instance(reach, weight, int(keep.sum()) * k),
            row_service=service,
            candidates=self.candidates[keep],
            too_close=new[pairs[keep[pairs].all(axis=1)]].reshape(-1, 2).astype(np.intp),
            must=must[keep],
            area=self.area,
            floor=self.floor[keep],
            packing=Packing(self.area, self.floor[keep]),
            p=self.p,
            quota=self.quota,
            zones=_not_counting(
                None if self.zones is None else self.zones.restrict(keep, must & ~self.must), must[keep]
            ),
        )


def reduce_joint(
    costs: Sequence[Costs],
    limits: Sequence[float],
    weights: Sequence[NDArray[np.int64]],
    open_rows: Sequence[NDArray[np.bool_]],
    *,
    area: NDArray[np.int64],
    floor: NDArray[np.int64],
    conditions: Conditions,
    p: int,
    quota: NDArray[np.int64],
) -> Joint:
    """Merge demand that the same plots reach, service by service, and leave out what cannot be decided.

    Parameters
    ----------
    weights : of each service, shape (n_demand,), whole units
    open_rows : of each service, the demand that nothing serves yet
    floor : shape (n_candidates,)
    """
    if (many := int((area > 0).sum())) > MOST_SERVICES:
        msg = f"{many} services that need room are too many for one search ({MOST_SERVICES}); site them in two bundles"
        raise InputError(msg)
    required, too_close = conditions.required, conditions.too_close
    may = conditions.choosable.copy()
    may[required] = True
    kept, used = [], np.zeros(len(may), dtype=bool)
    used[required] = True
    # A quota may need a building that serves nobody new.
    used[needy(conditions)] = True
    for k, cost in enumerate(costs):
        row = cost.row_of_entry()
        fits = may & (floor >= area[k])
        keep = cost.within(limits[k]) & (open_rows[k] & (weights[k] > 0))[row] & fits[cost.indices]
        kept.append((row[keep], cost.indices[keep]))
        used[kept[-1][1]] = True
    # The order of plots is that of their labels, so that shuffled layers give the same sites.
    candidates = np.flatnonzero(used)
    candidates = candidates[np.argsort(costs[0].rank[candidates], kind="stable")].astype(np.intp)
    local = np.full(len(may), -1, dtype=np.int64)
    local[candidates] = np.arange(len(candidates))
    n_columns = len(candidates) * len(area)
    blocks, merged, service = [], [], []
    for k, (row, column) in enumerate(kept):
        reach, weight = merge_rows(row, local[column] * len(area) + k, weights[k], costs[k].n_demand, n_columns)
        blocks.append(reach)
        merged.append(weight)
        service.append(np.full(len(weight), k, dtype=np.int64))
    pairs = local[too_close].reshape(-1, 2)
    must = np.zeros(len(candidates), dtype=bool)
    must[local[required]] = True
    return Joint(
        cover=_instance(sparse.csr_array(sparse.vstack(blocks, format="csr")), np.concatenate(merged), n_columns),
        row_service=np.concatenate(service),
        candidates=candidates,
        too_close=pairs[(pairs >= 0).all(axis=1)].astype(np.intp),
        must=must,
        area=area,
        floor=floor[candidates],
        packing=Packing(area, floor[candidates]),
        p=p,
        quota=quota,
        zones=_not_counting(zone_counts(conditions, candidates), must),
    )


def _not_counting(zones: ZoneCounts | None, must: NDArray[np.bool_]) -> ZoneCounts | None:
    """Return quotas in which plots that are built on in any case do not count: they were taken off before."""
    if zones is None:
        return None
    return ZoneCounts(zone=np.where(must, -1, zones.zone), least=zones.least, most=zones.most)


def _merge_services(
    reach: sparse.csr_array, weight: NDArray[np.int64], service: NDArray[np.int64]
) -> tuple[sparse.csr_array, NDArray[np.int64], NDArray[np.int64]]:
    """Merge rows of each service that differed only in columns that are gone."""
    blocks, merged, of = [], [], []
    for k in np.unique(service):
        rows = np.flatnonzero(service == k)
        part = sparse.csr_array(reach[rows]).tocoo()
        block, total = merge_rows(
            part.row.astype(np.int64), part.col.astype(np.int64), weight[rows], len(rows), reach.shape[1]
        )
        blocks.append(block)
        merged.append(total)
        of.append(np.full(len(total), k, dtype=np.int64))
    if not blocks:
        empty = sparse.csr_array((0, reach.shape[1]), dtype=np.int64)
        return empty, np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    return sparse.csr_array(sparse.vstack(blocks, format="csr")), np.concatenate(merged), np.concatenate(of)


def _instance(reach: sparse.csr_array, weight: NDArray[np.int64], n_columns: int) -> Instance:
    return Instance(
        reach=reach,
        reached_by=sparse.csr_array(reach.T.tocsr()),
        weight=weight,
        candidates=np.arange(n_columns, dtype=np.intp),
        too_close=np.empty((0, 2), dtype=np.intp),
    )
