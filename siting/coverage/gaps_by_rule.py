"""The gaps of many rules, side by side on all cores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd

from siting.coverage.cells import DemandCells
from siting.coverage.gaps import coverage_gaps
from siting.coverage.model import Audit
from siting.network.threads import cores


def gaps_by_rule(
    audits: Mapping[str, Audit], cells: DemandCells, *, done: Callable[[Audit], None] | None = None
) -> dict[str, gpd.GeoDataFrame]:
    """Find the gaps of every judged rule, as `coverage_gaps` does one by one.

    Parameters
    ----------
    audits : rules of one study, by name; those not judged are left out
    cells : `demand_cells` of the study's demand. A rule about one part of the city has cells of its own
    done : told each rule when its gaps are there, in order, by the thread that called

    Returns
    -------
    By name, in the order of ``audits``.
    """

    def one(audit: Audit) -> gpd.GeoDataFrame:
        return coverage_gaps(audit, cells=cells if len(audit.demand) == len(cells.index) else None)

    judged = {name: audit for name, audit in audits.items() if audit.judged}
    found = {}
    with ThreadPoolExecutor(cores()) as pool:
        for (name, audit), gaps in zip(judged.items(), pool.map(one, judged.values()), strict=True):
            found[name] = gaps
            if done is not None:
                done(audit)
    return found
