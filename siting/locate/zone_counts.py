"""Quotas of zones as a covering search uses them: what is left of each quota once some sites are open anyway."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.conditions import Conditions


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneCounts:
    """How many columns of each zone must and may be open.

    Attributes
    ----------
    zone : shape (n_columns,), number of the zone of each column, -1 where its zone has no quota
    least, most : shape (n_zones,); a plan needs least <= open columns <= most
    """

    zone: NDArray[np.int64]
    least: NDArray[np.int64]
    most: NDArray[np.int64]

    @property
    def needed(self) -> int:
        """How many columns all zones together need."""
        return int(np.maximum(self.least, 0).sum())

    def count(self, columns: NDArray[np.intp]) -> NDArray[np.int64]:
        """Return the number of the given columns in each zone."""
        zone = self.zone[columns]
        return np.bincount(zone[zone >= 0], minlength=len(self.least)).astype(np.int64)

    def allow(self, columns: NDArray[np.intp]) -> bool:
        """Say whether these open columns meet every quota."""
        count = self.count(columns)
        return bool(((count >= self.least) & (count <= self.most)).all())

    def of_columns(self, per_zone: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Spread one mark a zone to its columns; False where there is no quota."""
        marks: NDArray[np.bool_] = np.append(per_zone, False)[self.zone]
        return marks

    def restrict(self, keep: NDArray[np.bool_], opened: NDArray[np.bool_]) -> "ZoneCounts":
        """Return what is left for the columns ``keep`` once ``opened`` are open."""
        now = self.count(np.flatnonzero(opened))
        return ZoneCounts(zone=self.zone[keep], least=np.maximum(self.least - now, 0), most=self.most - now)

    def rows(self) -> sparse.csr_array:
        """Return the 0/1 matrix, zone by column, of the constraints ``least <= row @ x <= most``."""
        member = np.flatnonzero(self.zone >= 0)
        shape = (len(self.least), len(self.zone))
        return sparse.csr_array((np.ones(len(member)), (self.zone[member], member)), shape=shape)


def zone_counts(conditions: Conditions, candidates: NDArray[np.intp]) -> ZoneCounts | None:
    """Return what is left of the quotas for the columns ``candidates``; None where there are none.

    Existing and required sites count.
    """
    if not conditions.quotas:
        return None
    is_open = np.concatenate([conditions.existing, conditions.required])
    zone = np.full(len(conditions.choosable), -1, dtype=np.int64)
    for number, quota in enumerate(conditions.quotas):
        zone[quota.members] = number
    already = [int(np.isin(quota.members, is_open).sum()) for quota in conditions.quotas]
    return ZoneCounts(
        zone=zone[candidates],
        least=np.array([max(0, q.least - k) for q, k in zip(conditions.quotas, already, strict=True)], dtype=np.int64),
        most=np.array(
            [(len(q.members) if q.most is None else q.most) - k
             for q, k in zip(conditions.quotas, already, strict=True)], dtype=np.int64,
        ),
    )  # fmt: skip


def needy(conditions: Conditions) -> NDArray[np.intp]:
    """Return candidates that may be opened in zones that need more sites than are open anyway."""
    is_open = np.concatenate([conditions.existing, conditions.required])
    short = [q.members for q in conditions.quotas if int(np.isin(q.members, is_open).sum()) < q.least]
    members = np.concatenate([np.empty(0, dtype=np.intp), *short])
    free: NDArray[np.intp] = members[conditions.choosable[members]]
    return free
