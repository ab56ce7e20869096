"""Which candidates trucks can bring their tonnes to: a plot that most sources have no way to is no site for a plant."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.display import percent
from siting.ledger import Text
from siting.themes.waste.ground import FAIL, Asked, Tested, tests_frame
from siting.themes.waste.plants.candidate_tests import CandidateTests
from siting.themes.waste.plants.haul import Haul

USUAL_SHARE = 0.95
"""Of the amount that a plant which serves alone must be reached by, where the study does not say: no clause does."""
SERVED = Text("车辆可达的产生量", "amount that vehicles can bring")
NO_CLAUSE = Text("通用默认值，无条文", "the usual default, no clause gives one")


def share_asked(given: float | None, p: int, standing: int) -> Asked:
    """Return the share that a candidate must be reached by; none where several plants share the sources."""
    if given is not None:
        return Asked(value=given, own=True)
    if p > 1 or standing:
        return Asked(value=None, own=True)
    return Asked(value=USUAL_SHARE, own=True, source=NO_CLAUSE)


def with_served(tested: CandidateTests, haul: Haul, asked: Asked, kind: str) -> CandidateTests:
    """Add the test to candidates that pass all others, whose ways were measured on streets; it may refuse them."""
    places = haul.places[: haul.candidates]
    tests = {plot: _test(plot, kind, float(haul.served[k]), asked) for k, plot in enumerate(places)}
    table = tested.table.copy()
    for plot, test in tests.items():
        if test.result == FAIL:
            table.loc[plot, ["allowed", "failed", "reason_zh", "reason_en"]] = [False, 1, test.text.zh, test.text.en]
        elif test.asked.value is None:
            table.loc[plot, "not_judged"] += 1
    rank = {plot: k for k, plot in enumerate(table.index)}
    joined = pd.concat([tested.tests, tests_frame(list(tests.values()))], ignore_index=True)
    order = joined["plot"].map(rank).argsort(kind="stable")
    return replace(tested, table=gpd.GeoDataFrame(table), tests=joined.iloc[order].reset_index(drop=True))


def _test(plot: str, kind: str, share: float, asked: Asked) -> Tested:
    zh, en = f"{percent(share)} 的产生量有车行路线可达", f"vehicles can bring {percent(share)} of the amount"
    outcome = ""
    if share == 0:
        zh, en, outcome = "没有任何产生源有车行路线可达", "no source has a way to it that vehicles may use", FAIL
    elif asked.value is None:
        zh = f"{zh}；由多处设施分担，未评判"
        en = f"{en}; several plants share the sources: not judged"
    elif share < asked.value:
        zh = f"{zh}，要求 {percent(asked.value)}：不足（{asked.cited.zh}）"
        en = f"{en}, {percent(asked.value)} asked: too little ({asked.cited.en})"
    else:
        zh, en = f"{zh}：满足（{asked.cited.zh}）", f"{en}: met ({asked.cited.en})"
    return Tested(
        plot=plot, subject=kind, test="served", name=SERVED, asked=asked, measured=float(np.round(share, 6)),
        unit="share", text=Text(zh, en), outcome=outcome,
    )  # fmt: skip
