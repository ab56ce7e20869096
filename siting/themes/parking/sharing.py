"""Shared parking: what opening a car park of an office, a school or a shop to residents gives, and all together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from siting.themes.parking.assignment import Ways, car_flow, read_flow, short_of
from siting.themes.parking.balance import Reach, ways_of
from siting.themes.parking.flow import Doors, Longs
from siting.themes.parking.kinds import OWN
from siting.themes.parking.slots import HOME
from siting.units import MM_PER_M

GAIN_COLUMNS = ["spaces", "offered", "gain_alone", "used_together"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Sharing:
    """What opening lots to residents in one slot gives.

    Attributes
    ----------
    lots : index = lot id, the largest gain first: ``spaces``, ``offered`` (spaces open to residents), ``gain_alone``
        (cars more that park if this lot alone opens) and ``used_together`` (cars of residents in it if all open)
    short_before, short_after : cars without a space, with none and with all of the lots open
    walk_m : mean way with all open, None if nobody parks
    proved : whether both assignments are proved
    """

    slot: str
    lots: pd.DataFrame
    short_before: int
    short_after: int
    walk_m: float | None
    proved: bool

    @property
    def gain(self) -> int:
        """Cars more that park if all lots open."""
        return self.short_before - self.short_after


def sharing_of(reach: Reach, cars: Longs, slot: str, part: float) -> Sharing:
    """Open the lots that are for their own users to residents: each alone, and all together.

    A lot keeps serving its own users; residents take at most ``part`` of its spaces and what is free. Each gain is
    that of a new best assignment, so two lots that would help the same estate are not counted twice together.

    Parameters
    ----------
    part : share of the spaces of a lot that residents may take, 0 to 1
    """
    m = len(reach.spaces)
    offered = np.floor(np.round(reach.spaces * part, 6)).astype(np.int64)
    lots = np.flatnonzero((reach.users == OWN) & (offered > 0))
    doors = Doors(lot=lots, room=offered[lots])
    ways = with_doors(reach, lots)
    flow = car_flow(ways, cars, reach.spaces, doors)
    flow.settle()
    shut = np.zeros(len(lots), dtype=bool)
    before = read_flow(flow, ways, shut)
    # Only a lot that somebody short could be pushed on to can park a car more.
    helps = short_of(flow, ways)[1][m:]
    alone = np.zeros(len(lots), dtype=np.int64)
    short = int(before.unparked.sum())
    for k in np.flatnonzero(helps).tolist():
        flow.open_door(k)
        flow.settle()
        alone[k] = short - int(flow.unparked.sum())
        flow.open_door(k, closed=True)
        flow.settle()
    for k in range(len(lots)):
        flow.open_door(k)
    flow.settle()
    after = read_flow(flow, ways, ~shut)
    table = pd.DataFrame(
        {
            "spaces": reach.spaces[lots],
            "offered": offered[lots],
            "gain_alone": alone,
            "used_together": flow.through_doors,
        },
        index=reach.cost.columns.take(lots),
        columns=GAIN_COLUMNS,
    )
    return Sharing(
        slot=slot,
        lots=table.iloc[np.argsort(-alone, kind="stable")],
        short_before=short,
        short_after=int(after.unparked.sum()),
        walk_m=after.walked_mm / MM_PER_M / after.parked if after.parked else None,
        proved=before.proved and after.proved,
    )


def with_doors(reach: Reach, lots: Longs) -> Ways:
    """Ways as they are, and ways of homes through the doors of the lots; targets ascend in every row."""
    cost, m = reach.cost, len(reach.spaces)
    direct = ways_of(cost, reach.serves)
    door = np.full(m, -1, dtype=np.int64)
    door[lots] = np.arange(len(lots))
    home = (reach.use == HOME)[cost.row_of]
    through = home & (door[cost.indices] >= 0)
    row = np.concatenate([direct.row, cost.row_of[through]])
    target = np.concatenate([direct.target, m + door[cost.indices[through]]])
    metres = np.concatenate([direct.cost_mm, cost.cost_mm[through].astype(np.int64)])
    order = np.lexsort((target, row))
    counts = np.bincount(row, minlength=len(cost.rows))
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Ways(indptr=indptr, target=target[order], cost_mm=metres[order])
