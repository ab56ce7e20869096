"""Why there is no plan of stations, and what would work: in both languages, for the outputs of a study."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from siting.errors import InfeasibleError
from siting.ledger import Text
from siting.themes.charging.assumed import UNITS, Assumed


class NoStationPlanError(InfeasibleError):
    """No plan of stations meets what was asked; ``text`` says why and what would work."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def none_allowed(candidates: gpd.GeoDataFrame) -> Text:
    """Say why none of the places may have a station, the most frequent reasons first."""
    reasons = candidates["refusal"].value_counts().head(3)
    parts = [(str(reason).split(" / ", 1), n) for reason, n in reasons.items()]
    zh = "；".join(f"{both[0]}：{n} 处" for both, n in parts)
    en = "; ".join(f"{both[-1]}: {n}" for both, n in parts)
    n = len(candidates)
    return Text(f"{n} 处候选点均不可建站（{zh}）", f"charging: none of {n} places may have a station ({en})")


def too_small(asked: NDArray[np.float64], held: NDArray[np.float64], assumed: Assumed, reason: str) -> Text:
    """Say how much of what is in reach has no place, even in the largest sizes that the grid can feed."""
    unit, total, most = UNITS[assumed.unit], math.fsum(asked), math.fsum(held)
    if most < total * (1 - 1e-9):
        return Text(
            f"半径内充电需求 {total:,.10g} {unit.zh}，全部候选点按电力可支撑的最大规模建设只能满足 {most:,.10g}，"
            f"缺 {total - most:,.10g}；可增加候选点或电力容量、扩大服务半径，或给出站数上限 p",
            f"charging: {total:,.10g} {unit.en} are within the radius, but all places in the largest sizes that their "
            f"grid can feed have capacity for {most:,.10g}: {total - most:,.10g} are lacking. Add places or power, "
            "widen the radius, or give p, a number of stations",
        )
    return Text(
        "候选点容量足够，但必选、排除与站间距条件相互矛盾，无法满足全部可达需求",
        f"charging: the places have room, but the conditions on them leave no plan ({reason})",
    )
