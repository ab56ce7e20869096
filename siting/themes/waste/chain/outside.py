"""What arises and is no part of the chain, and sites that no road joins to it: said, not lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.inputs.schema import listed
from siting.ledger import Finding, Text
from siting.themes.waste.streams import STREAMS, Stream, tonnes_of

if TYPE_CHECKING:
    from siting.themes.waste.chain.layers import Sites
    from siting.themes.waste.chain.ways import Roads

NO_RATES, UNKNOWN_STREAMS = "waste_stream_no_rates", "waste_stream_unknown"
TOLD = (NO_RATES, UNKNOWN_STREAMS)
"""Codes of findings that a headline says, since tonnes of the city are not in the plan."""
_SHOWN_T = 0.05


def not_asked(layer: gpd.GeoDataFrame, streams: Sequence[Stream]) -> tuple[Finding, ...]:
    """Say which streams arise and have no rates, and which tonnes are of no known stream.

    Parameters
    ----------
    layer : sources as `siting.themes.waste.chain.site_chain` takes them
    streams : those that have rates
    """
    table = {
        s: pd.to_numeric(layer[tonnes_of(s)], errors="coerce").to_numpy(dtype=np.float64)
        for s in STREAMS
        if tonnes_of(s) in layer.columns
    }
    others = {s: t for s, t in table.items() if s not in streams and np.nansum(t) >= _SHOWN_T}
    found = []
    if others:
        zh = "、".join(f"{STREAMS[s].zh} {np.nansum(t):,.1f} 吨/日" for s, t in others.items())
        en = ", ".join(f"{STREAMS[s].en} {np.nansum(t):,.1f} t/d" for s, t in others.items())
        text = Text(f"未给出费率的类别不在本方案之内：{zh}", f"streams without rates are not part of the plan: {en}")
        count = int((np.nan_to_num(np.array(list(others.values()))) > 0).any(axis=0).sum())
        found.append(Finding(code=NO_RATES, kind="note", count=count, text=text))
    if "t_day" in layer.columns and table:
        each = np.array(list(table.values()))
        whole = pd.to_numeric(layer["t_day"], errors="coerce").to_numpy(dtype=np.float64)
        rest = np.where(np.isnan(each).any(axis=0), np.nan_to_num(whole) - np.nansum(each, axis=0), 0.0)
        if rest.sum() >= _SHOWN_T:
            some = rest > 0
            n, t = int(some.sum()), f"{rest.sum():,.1f}"
            text = Text(
                f"另有 {t} 吨/日分类不明（{n:,} 个产生点），未进入收运",
                f"{t} t/d more are of no known stream ({n:,} sources); they are not carried",
            )
            ids = listed(layer.index[some].astype(str))
            found.append(Finding(code=UNKNOWN_STREAMS, kind="warning", count=n, text=text, ids=ids))
    return tuple(found)


def off_the_roads(roads: Roads, stations: Sites, plants: Sites) -> tuple[Finding, ...]:
    """List stations and plants that no road of trucks joins to the others, such as one whose place is wrong."""
    collected, hauled = np.isfinite(roads.collect), np.isfinite(roads.haul)
    lost: NDArray[np.bool_] = np.asarray(~(collected.any(axis=0) & hauled.any(axis=1)))
    far: NDArray[np.bool_] = np.asarray(~(hauled.any(axis=0) | np.isfinite(roads.direct).any(axis=0)))
    return (
        *_listed(lost, stations, Text("处转运站", "stations"), "waste_stations_no_way"),
        *_listed(far, plants, Text("处处理厂", "plants"), "waste_plants_no_way"),
    )


def _listed(mask: NDArray[np.bool_], sites: Sites, what: Text, code: str) -> tuple[Finding, ...]:
    n = int(mask.sum())
    if not n:
        return ()
    text = Text(
        f"{n} {what.zh}没有车行道路与产生点和处理厂相通，无法使用，请核对位置",
        f"{n} {what.en}: no road for trucks joins them to sources and plants; they cannot be used, check their places",
    )
    return (Finding(code=code, kind="warning", count=n, text=text, ids=listed(sites.frame.index[mask])),)
