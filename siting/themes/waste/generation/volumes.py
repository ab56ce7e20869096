"""From tonnes to cubic metres and containers, as the appendix of the clause has it.

    V_mean = Q / (D * A3)       V_peak = K * V_mean       N = V / (E * B) * A4

with Q tonnes a day, D their mean density, A3 its variation, K the peak of the volume, E the volume of one container, B
how full it is and A4 the days from one emptying to the next. D and E are the study's own: no clause states them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from siting.errors import InputError
from siting.nearest_word import hint
from siting.themes.waste.generation.bands import Band, positive
from siting.themes.waste.streams import STREAMS, Stream, tonnes_of

VOLUME_COLUMNS = ["level", "zone", "name", "stream", "stream_zh", "stream_en", "q_low", "q_high", "m3_mean_low",
                  "m3_mean_high", "m3_peak_low", "m3_peak_high", "containers_mean_low", "containers_mean_high",
                  "containers_peak_low", "containers_peak_high"]  # fmt: skip
_NEARLY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """What turns tonnes into containers: density by stream (tonnes a cubic metre) and the volume of one container."""

    density_t_m3: Mapping[Stream, float]
    volume_m3: float

    def __post_init__(self) -> None:
        positive(self.volume_m3, "volume_m3 of a container")
        for stream, density in self.density_t_m3.items():
            if stream not in STREAMS:
                msg = f"waste: density of {stream!r}, which is no stream{hint(stream, STREAMS)}"
                raise InputError(msg)
            positive(density, f"density of {stream}")


def volumes_of(
    totals: pd.DataFrame, container: Container, density: Band, fill: Band, peak: Band, period: Band
) -> pd.DataFrame:
    """Return volumes and containers of the city and each zone, by stream; columns `VOLUME_COLUMNS`.

    Parameters
    ----------
    totals : ``level``, ``zone``, ``name`` and ``q_low_<stream>``, ``q_high_<stream>``: tonnes by the formula
    density, fill, peak, period : A3, B, K and A4

    Returns
    -------
    Containers are rounded up for each row, so those of zones may add up to more than those of the city. A stream whose
    tonnes are not known, or none, has no row.
    """
    rows = []
    for row in totals.to_dict("records"):
        for stream, words in STREAMS.items():
            if stream not in container.density_t_m3:
                continue
            low, high = (float(row[f"{end}_{tonnes_of(stream)}"]) for end in ("q_low", "q_high"))
            if math.isnan(low) or high == 0:
                continue
            each = container.density_t_m3[stream]
            mean = low / (each * density.high), high / (each * density.low)
            most = mean[0] * peak.low, mean[1] * peak.high
            full = container.volume_m3 * fill.high, container.volume_m3 * fill.low
            bins = [
                _up(v / full[k] * (period.low, period.high)[k]) for pair in (mean, most) for k, v in enumerate(pair)
            ]
            rows.append(
                (row["level"], row["zone"], row["name"], stream, words.zh, words.en, low, high, *mean, *most, *bins)
            )
    return pd.DataFrame(rows, columns=VOLUME_COLUMNS)


def _up(count: float) -> int:
    """Round up; what is a whole number but for the arithmetic stays it."""
    return math.ceil(count - _NEARLY * max(1.0, count))
