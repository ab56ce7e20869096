"""Where tonnes go in one period that went elsewhere in the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from siting.themes.waste.chain.plan import ChainPlan
    from siting.themes.waste.streams import Stream

REASSIGNED_COLUMNS = ["stream", "from_plant", "to_plant", "t_day"]
NOWHERE = ""
"""Stands for the plant of what had no room."""
_DUST_T = 1e-6


def to_plants(plan: ChainPlan, stream: Stream, plants: list[str]) -> np.ndarray:
    """Return the share of each source that goes to each plant, what has no room last; rows as ``plan.sources``.

    What goes over a station is shared among plants as the station hauls it.
    """
    column = {name: k for k, name in enumerate(plants)}
    row = pd.Series(np.arange(len(plan.sources)), index=plan.sources.index)
    haul = plan.flows.haul[plan.flows.haul["stream"] == stream]
    haul = haul.assign(share=haul["t_day"] / haul.groupby("station")["t_day"].transform("sum"))
    over = plan.flows.collect[plan.flows.collect["stream"] == stream]
    over = over.merge(haul[["station", "plant", "share"]], on="station")
    straight = plan.flows.direct[plan.flows.direct["stream"] == stream]
    made = np.zeros((len(plan.sources), len(plants) + 1))
    for table, t in ((over, over["t_day"] * over["share"]), (straight, straight["t_day"])):
        at = table["plant"].map(column).to_numpy(dtype=np.intp)
        np.add.at(made, (row.loc[table["source"]].to_numpy(), at), t.to_numpy())
    tonnes = plan.sources[f"t_day_{stream}"].to_numpy(dtype=np.float64)
    made[:, -1] = np.maximum(tonnes - made.sum(axis=1), 0.0)
    whole = made.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(made, whole, out=np.zeros_like(made), where=whole > 0))


def reassigned(before: ChainPlan, after: ChainPlan, plants: list[str]) -> pd.DataFrame:
    """Sum up what changes its plant between two plans of the same sources, in tonnes of the later one.

    Where a source goes to several plants, what it takes from those that lose is shared among those that win.
    """
    rows = []
    names = [*plants, NOWHERE]
    for stream in after.question.streams:
        had, has = to_plants(before, stream, plants), to_plants(after, stream, plants)
        known = (had.sum(axis=1) > 0) & (has.sum(axis=1) > 0)
        lost, won = np.maximum(had - has, 0.0)[known], np.maximum(has - had, 0.0)[known]
        sums = won.sum(axis=1, keepdims=True)
        tonnes = after.sources[f"t_day_{stream}"].to_numpy(dtype=np.float64)[known]
        share = np.divide(won, sums, out=np.zeros_like(won), where=sums > 0)
        moved = (lost * tonnes[:, None]).T @ share
        rows += [
            (stream, names[i], names[j], float(moved[i, j]))
            for i, j in np.argwhere(moved > _DUST_T)
        ]  # fmt: skip
    return pd.DataFrame(rows, columns=REASSIGNED_COLUMNS)
