"""The figures of all zones of one level, as arrays: a whole city has thousands of zones and forty rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.coverage.model import INDICATOR_COLUMNS
from siting.coverage.ratio import PER_WHOLE
from siting.standards.model import Denominator, DistanceKind


@dataclass(frozen=True, slots=True, eq=False)
class ZoneFigures:
    """Served and total of zones, in whole numbers as `PER_WHOLE` says; one entry a row of the table of indicators.

    Attributes
    ----------
    level : of the zones
    zones : ids of the zones
    kinds : distance kinds and denominators
    zone, kind : shape (n,), position of each entry among ``zones`` and ``kinds``
    served, total : shape (n,)
    """

    level: str
    zones: list[str]
    kinds: list[tuple[DistanceKind, Denominator]]
    zone: NDArray[np.int64]
    kind: NDArray[np.int64]
    served: NDArray[np.int64]
    total: NDArray[np.int64]

    def rows(self, fixed: Mapping[str, Any]) -> pd.DataFrame:
        """Write them as rows of `INDICATOR_COLUMNS`; ``fixed`` holds what all rows have in common."""
        whole = np.array([PER_WHOLE[denominator] for _, denominator in self.kinds], dtype=np.int64)[self.kind]
        share = np.divide(self.served, self.total, out=np.full(len(whole), np.nan), where=self.total > 0)
        table = pd.DataFrame([fixed]).take(np.zeros(len(whole), dtype=np.int64)).reset_index(drop=True)
        table = table.assign(
            zone_level=pd.Series([self.level] * len(whole)),
            zone=pd.Series(np.array(self.zones, dtype=object)[self.zone]),
            denominator=pd.Series(np.array([k[1] for k in self.kinds], dtype=object)[self.kind]),
            distance=pd.Series(np.array([k[0] for k in self.kinds], dtype=object)[self.kind]),
            served=self.served / whole,
            total=self.total / whole,
            share=share,
            passes=pd.Series(np.full(len(whole), None, dtype=object), dtype=object),
        )
        return table[list(INDICATOR_COLUMNS)]
