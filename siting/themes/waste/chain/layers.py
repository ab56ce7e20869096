"""Sources, stations and plants as the chain reads them: checked, with what is left out listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InputError
from siting.inputs.schema import listed
from siting.ledger import Finding, Text
from siting.nearest_word import hint
from siting.network import snap
from siting.themes.waste.streams import STREAMS, Stream, tonnes_of

if TYPE_CHECKING:
    from siting.network import Network

STATUS = ("existing", "candidate", "required")
_NAMED = 3


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """Sources that are carried.

    Attributes
    ----------
    points : those on the streets that have anything
    tonnes : shape (n_sources, n_streams), a day
    findings : what was left out, and why
    left_out_t : tonnes a day of each stream that no street reaches
    """

    points: gpd.GeoDataFrame
    tonnes: NDArray[np.float64]
    findings: tuple[Finding, ...]
    left_out_t: dict[Stream, float]


def read_sources(network: Network, layer: gpd.GeoDataFrame, streams: Sequence[Stream], max_snap_m: float) -> Sources:
    """Read what arises where.

    Raises
    ------
    InputError
        A stream has no column, tonnes are negative or infinite, ids repeat, or nothing is left to carry.
    """
    lacking = [tonnes_of(s) for s in streams if tonnes_of(s) not in layer.columns]
    if lacking:
        msg = (
            f"waste sources: no column {', '.join(lacking)}; give the tonnes of a day, or leave the stream out of rates"
        )
        raise InputError(msg)
    if layer.index.has_duplicates:
        twice = layer.index[layer.index.duplicated()].unique()[:_NAMED].tolist()
        msg = f"waste sources: ids stand twice (first {twice}); make them unique"
        raise InputError(msg)
    table = layer[[tonnes_of(s) for s in streams]].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    bad = (np.isinf(table) | (table < 0)).any(axis=1)
    if bad.any():
        first = layer.index[bad][:_NAMED].tolist()
        msg = f"waste sources: {int(bad.sum())} of {len(layer)} rows have negative or infinite tonnes (first {first})"
        raise InputError(msg)
    unknown = np.isnan(table).any(axis=1)
    amount = np.nan_to_num(table)
    some = amount.sum(axis=1) > 0
    off = np.zeros(len(layer), dtype=bool)
    off[some] = ~snap(network, gpd.GeoDataFrame(layer[some]), max_snap_m).snapped
    findings = [
        _left(
            unknown,
            layer,
            "waste_unknown",
            "warning",
            "个产生点有产生量未知，未知部分不计",
            "sources have unknown tonnes; these are not carried",
        ),
        _left(
            off,
            layer,
            "waste_unsnapped",
            "dropped",
            "个产生点附近没有可行车道路，未进入收运",
            "sources are on no street that vehicles use; they are not carried",
        ),
    ]
    keep = some & ~off
    if not keep.any():
        msg = f"waste sources: none of {len(layer)} rows has tonnes and a street within {max_snap_m:g} m"
        raise InputError(msg)
    return Sources(
        points=gpd.GeoDataFrame(layer[keep]),
        tonnes=amount[keep],
        findings=tuple(f for f in findings if f.count),
        left_out_t={s: float(amount[off, k].sum()) for k, s in enumerate(streams)},
    )


def _left(mask: NDArray[np.bool_], layer: gpd.GeoDataFrame, code: str, kind: str, zh: str, en: str) -> Finding:
    n = int(mask.sum())
    text = Text(f"{n} {zh}", f"{n} {en}")
    return Finding(code=code, kind=kind, count=n, text=text, ids=listed(layer.index[mask].astype(str)))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, eq=False)
class Sites:
    """Stations or plants.

    Attributes
    ----------
    frame : index = id; ``status``, ``site``, ``station_class``, ``streams`` as texts
    capacity, fixed, per_t : tonnes a day, cost a day if open, cost of a tonne
    takes : shape (n, n_streams), which streams they take
    """

    frame: gpd.GeoDataFrame
    capacity: NDArray[np.float64]
    fixed: NDArray[np.float64]
    per_t: NDArray[np.float64]
    takes: NDArray[np.bool_]

    def of_status(self, *status: str) -> list[str]:
        """Ids of some status."""
        return [str(i) for i in self.frame.index[self.frame["status"].isin(status)]]


def read_sites(layer: gpd.GeoDataFrame, streams: Sequence[Stream], what: str) -> Sites:
    """Read stations or plants.

    Parameters
    ----------
    layer : points or areas, index = id; ``capacity_t_day``, and where known ``status`` (default candidate),
        ``fixed_cost_day`` and ``cost_per_t`` (default 0), ``streams`` (names with commas; default all), ``site`` (rows
        of one site are its versions), ``station_class``, ``name``
    what : "waste stations" or "waste plants", for messages

    Raises
    ------
    InputError
        Capacity is missing, figures are unknown, negative or not numbers, or words are not known.
    """
    frame = gpd.GeoDataFrame(layer.copy())
    frame.index = frame.index.astype(str)
    if frame.index.has_duplicates:
        twice = frame.index[frame.index.duplicated()].unique()[:_NAMED].tolist()
        msg = f"{what}: ids stand twice (first {twice}); make them unique"
        raise InputError(msg)
    frame["status"] = _words(frame, "status", "candidate")
    strange = sorted(set(frame["status"]) - set(STATUS))
    if strange:
        msg = f"{what}: status {strange[0]!r}{hint(strange[0], STATUS)}; it is one of {', '.join(STATUS)}"
        raise InputError(msg)
    for column in ("station_class", "name"):
        frame[column] = _words(frame, column, "")
    frame["site"] = _words(frame, "site", "")
    frame["streams"] = _words(frame, "streams", "")
    takes = np.ones((len(frame), len(streams)), dtype=bool)
    for row, text in enumerate(frame["streams"]):
        names = [word.strip() for word in text.replace("，", ",").replace("、", ",").split(",") if word.strip()]
        for name in names:
            if name not in STREAMS:
                near, known = hint(name, STREAMS), ", ".join(STREAMS)
                msg = f"{what}: '{frame.index[row]}' takes {name!r}{near}; the streams are {known}"
                raise InputError(msg)
        if names:
            takes[row] = [s in names for s in streams]
    return Sites(
        frame=frame,
        capacity=_figures(frame, "capacity_t_day", None, what),
        fixed=_figures(frame, "fixed_cost_day", 0.0, what),
        per_t=_figures(frame, "cost_per_t", 0.0, what),
        takes=takes,
    )


def unpriced(stations: gpd.GeoDataFrame, required: Sequence[str]) -> NDArray[np.bool_]:
    """Which candidates have no fixed cost although others have: nothing known says that they are free."""
    if "fixed_cost_day" not in stations.columns:
        return np.zeros(len(stations), dtype=bool)
    new = (_words(stations, "status", "candidate") == "candidate") & ~stations.index.astype(str).isin(required)
    unknown = stations["fixed_cost_day"].isna()
    if not (new & ~unknown).any():
        return np.zeros(len(stations), dtype=bool)
    free: NDArray[np.bool_] = (new & unknown).to_numpy(dtype=bool)
    return free


def without_cost(ids: pd.Index) -> tuple[Finding, ...]:
    """List the candidates that are left out since what they cost is not known; nothing where there are none."""
    if not len(ids):
        return ()
    text = Text(
        f"{len(ids)} 个候选转运站未给出固定费用，未进入方案比较（否则等于免费）",
        f"{len(ids)} candidate stations have no fixed cost and are left out of the chain: they would be free",
    )
    found = listed(ids.astype(str))
    return (Finding(code="waste_stations_cost", kind="dropped", count=len(ids), text=text, ids=found),)


def _words(frame: gpd.GeoDataFrame, column: str, default: str) -> pd.Series:
    if column not in frame.columns:
        return pd.Series(default, index=frame.index, dtype="str")
    words: pd.Series = frame[column].fillna(default).astype("str").str.strip().replace("", default)
    return words


def _figures(frame: gpd.GeoDataFrame, column: str, default: float | None, what: str) -> NDArray[np.float64]:
    if column not in frame.columns:
        if default is None:
            msg = f"{what}: no column {column}; give it for each row"
            raise InputError(msg)
        return np.full(len(frame), default)
    values = pd.to_numeric(frame[column], errors="coerce")
    if default is not None:
        values = values.where(frame[column].notna(), default)
    figures: NDArray[np.float64] = values.to_numpy(dtype=np.float64)
    bad = ~(np.isfinite(figures) & (figures >= 0))
    if bad.any():
        ids = frame.index[bad][:_NAMED].tolist()
        msg = f"{what}: {column} of {int(bad.sum())} of {len(frame)} is missing, negative or no number (first {ids})"
        raise InputError(msg)
    return figures
