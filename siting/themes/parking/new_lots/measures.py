"""Four measures against one shortage: opening private lots, building, building up, kerb spaces at night; and together.

Each is weighed alone by a greatest flow of its own against the same cars, and all together once more: what two measures
both could remove is not counted twice.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from siting.ledger import Text
from siting.themes.parking.assignment import Assignment, car_flow, read_flow
from siting.themes.parking.balance import Reach
from siting.themes.parking.flow import Doors, Longs
from siting.themes.parking.kinds import OWN
from siting.themes.parking.sharing import with_doors

OPEN, BUILD, BUILD_UP, KERB, TOGETHER = "open", "build", "build_up", "kerb", "together"
MEASURES: dict[str, Text] = {
    OPEN: Text("开放单位停车泊位", "open lots of offices and the like"),
    BUILD: Text("新建停车场", "build car parks"),
    BUILD_UP: Text("现有停车场立体化、机械化改建", "build up surface lots that stand"),
    KERB: Text("路内限时泊位", "kerb spaces at set hours"),
    TOGETHER: Text("四项合计", "all four together"),
}
COLUMNS = ["measure", "measure_zh", "measure_en", "places", "spaces", "gain", "share", "short_after", "cost",
           "cost_per_car", "proved", "note_zh", "note_en"]  # fmt: skip
NOT_GIVEN = Text("未给出候选或图层", "no candidates, or no layer")
COST_NOT_GIVEN = Text("费用未给出", "cost not given")


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What one question about sites came to: places, spaces and cars gained, and the cost."""

    spaces: Longs
    places: int
    gain: int
    cost: Fraction
    proved: bool
    note: Text


def offered_spaces(reach: Reach, part: float) -> tuple[Longs, Longs]:
    """Lots for their own users, by position, and the spaces that each opens to residents."""
    offered = np.floor(np.round(reach.spaces * part, 6)).astype(np.int64)
    lots = np.flatnonzero((reach.users == OWN) & (offered > 0))
    return lots, offered[lots]


def parked_with(reach: Reach, cars: Longs, spaces: Longs, part: float | None = None) -> Assignment:
    """Park the cars with so many spaces; ``part`` = share of private lots' spaces that residents may take, if open."""
    held = dataclasses.replace(reach, spaces=spaces)
    lots, room = (np.empty(0, dtype=np.int64),) * 2 if part is None else offered_spaces(held, part)
    ways = with_doors(held, lots)
    flow = car_flow(ways, cars, spaces, Doors(lot=lots, room=room))
    for k in range(len(lots)):
        flow.open_door(k)
    flow.settle()
    return read_flow(flow, ways, np.ones(len(lots), dtype=bool))


def compare(
    reach: Reach,
    cars: Longs,
    *,
    part: float,
    kerb: Longs,
    plan: Built,
    ask: Callable[[str], Built | None],
    cost_per_opened: float | None,
    cost_per_kerb: float | None,
) -> pd.DataFrame:
    """Weigh the four measures alone and together.

    Parameters
    ----------
    part : share of the spaces of private lots that residents may take
    kerb : shape (n_lot,), spaces that the kerb gives at these hours
    plan : the plan that was asked for, whose spaces stand in "together"
    ask : puts the plan's question to new plots alone (`BUILD`) or to lots that stand (`BUILD_UP`); None = no candidates

    Returns
    -------
    Columns `COLUMNS`, one row a measure; what is not known is empty
    """
    before = int(parked_with(reach, cars, reach.spaces).unparked.sum())
    lots, room = offered_spaces(reach, part)
    rows = []

    def row(
        name: str, places: int, spaces: int, gain: int | None, cost: Fraction | None, proved: bool | None, note: Text
    ) -> None:
        each = float(cost / gain) if cost is not None and gain else np.nan
        rows.append(
            (name, MEASURES[name].zh, MEASURES[name].en, places, None if gain is None else spaces, gain,
             gain / before if gain is not None and before else np.nan, None if gain is None else before - gain,
             np.nan if cost is None else float(cost), each, proved, note.zh, note.en)
        )  # fmt: skip

    def priced(each: float | None, spaces: int) -> Fraction | None:
        return None if each is None else Fraction(str(each)) * spaces

    nothing = Text("", "")
    opened = priced(cost_per_opened, int(room.sum()))
    if len(lots):
        found = parked_with(reach, cars, reach.spaces, part)
        row(OPEN, len(lots), int(room.sum()), before - int(found.unparked.sum()), opened, found.proved,
            nothing if opened is not None else COST_NOT_GIVEN)  # fmt: skip
    else:
        row(OPEN, 0, 0, None, None, None, Text("没有单位自用停车场数据", "no lots for their own users in the data"))
    for name in (BUILD, BUILD_UP):
        built = ask(name)
        if built is None:
            row(name, 0, 0, None, None, None, NOT_GIVEN)
        else:
            row(name, built.places, int(built.spaces.sum()), built.gain, built.cost, built.proved, built.note)
    curb = priced(cost_per_kerb, int(kerb.sum()))
    if kerb.any():
        found = parked_with(reach, cars, reach.spaces + kerb)
        row(KERB, int((kerb > 0).sum()), int(kerb.sum()), before - int(found.unparked.sum()), curb, found.proved,
            nothing if curb is not None else COST_NOT_GIVEN)  # fmt: skip
    else:
        row(KERB, 0, 0, None, None, None, Text("未给出路内限时泊位图层", "no layer of kerb spaces"))
    every = parked_with(reach, cars, reach.spaces + kerb + plan.spaces, part)
    costs = [plan.cost, *([opened] if len(lots) else []), *([curb] if kerb.any() else [])]
    total = None if None in costs else sum((c for c in costs if c is not None), Fraction(0))
    row(TOGETHER, plan.places + len(lots) + int((kerb > 0).sum()),
        int(plan.spaces.sum()) + int(room.sum()) + int(kerb.sum()), before - int(every.unparked.sum()), total,
        every.proved, nothing if total is not None else COST_NOT_GIVEN)  # fmt: skip
    frame = pd.DataFrame(rows, columns=COLUMNS)
    whole = dict.fromkeys(("places", "spaces", "gain", "short_after"), "Int64")
    return frame.astype({**whole, "proved": "boolean"})
