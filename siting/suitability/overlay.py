"""Weighted overlay: the score of every cell, what each factor adds to it, and why a cell has none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InputError
from siting.inputs.grid import Grid
from siting.ledger import Text
from siting.suitability.ahp import AhpWeights, normalised
from siting.suitability.exclusions import OUTSIDE, Exclusion
from siting.suitability.factors import Factor

Floats = NDArray[np.float64]
MOST_REASONS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why cells have no score.

    Attributes
    ----------
    number : from 1; its bit in `Suitability.reason_bits` is ``1 << (number - 1)``, its label in ``reason`` is itself
    cells : for which it holds
    cells_first : for which it is the first that holds: these add up to all cells without a score
    """

    number: int
    name: str
    title: Text
    cells: int
    cells_first: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Suitability:
    """Suitability of a place, cell by cell.

    Attributes
    ----------
    score : shape of the grid, 0 (worst) to 1 (best); NaN where a cell is excluded or a factor has no data
    weights : of each factor, sum 1
    contributions : what each factor adds to the score, weight x its own score; NaN where it has no data
    reason_bits : shape of the grid; all reasons that hold, 0 = the cell has a score
    reason : shape of the grid; the first reason that holds, 0 = the cell has a score
    ahp : where the weights come from judgements
    """

    grid: Grid
    score: Floats
    factors: tuple[Factor, ...]
    weights: Mapping[str, float]
    contributions: Mapping[str, Floats]
    reason_bits: NDArray[np.int64]
    reason: NDArray[np.uint8]
    reasons: tuple[Reason, ...]
    ahp: AhpWeights | None = None

    @property
    def valid(self) -> NDArray[np.bool_]:
        """Cells with a score."""
        return np.asarray(self.reason == 0)

    @property
    def share_scored(self) -> float:
        """Share of the cells of the study area that have a score."""
        outside = sum(r.cells for r in self.reasons if r.name == OUTSIDE)
        inside = self.score.size - outside
        return float(self.valid.sum() / inside) if inside else 0.0

    def factor_table(self) -> pd.DataFrame:
        """One row a factor: what it is, its weight, its scale, its values, and what it adds on average."""
        rows = []
        without = {r.name: r.cells for r in self.reasons}
        for factor in self.factors:
            known = factor.values[np.isfinite(factor.values)]
            added = self.contributions[factor.name][self.valid]
            rows.append(
                {
                    "factor": factor.name,
                    "title_zh": factor.title.zh,
                    "title_en": factor.title.en,
                    "kind": factor.kind,
                    "source": factor.source,
                    "weight": self.weights[factor.name],
                    "scale_zh": factor.scale.text.zh,
                    "scale_en": factor.scale.text.en,
                    "unit_zh": factor.unit.zh,
                    "unit_en": factor.unit.en,
                    "method_zh": factor.method.zh,
                    "method_en": factor.method.en,
                    "lowest": float(known.min()) if len(known) else np.nan,
                    "mean": float(known.mean()) if len(known) else np.nan,
                    "highest": float(known.max()) if len(known) else np.nan,
                    "cells_without_data": without[factor.name],
                    "cells_unreachable": int((np.isinf(factor.values) & self.valid).sum()),
                    "mean_score": float(factor.score[self.valid].mean()) if self.valid.any() else np.nan,
                    "mean_contribution": float(added.mean()) if len(added) else np.nan,
                    "ahp_lambda_max": None if self.ahp is None else self.ahp.lambda_max,
                    "ahp_cr": None if self.ahp is None else self.ahp.consistency_ratio,
                }
            )
        return pd.DataFrame(rows)

    def reason_table(self) -> pd.DataFrame:
        """One row a reason: how many cells and hectares it excludes."""
        hectares = self.grid.cell_m**2 / 10_000
        rows = [
            {
                "label": r.number,
                "reason": r.name,
                "title_zh": r.title.zh,
                "title_en": r.title.en,
                "cells": r.cells,
                "cells_first": r.cells_first,
                "area_ha": r.cells * hectares,
            }
            for r in self.reasons
        ]
        return pd.DataFrame(
            rows, columns=["label", "reason", "title_zh", "title_en", "cells", "cells_first", "area_ha"]
        )


def overlay(
    factors: Sequence[Factor],
    weights: Mapping[str, float] | AhpWeights | None = None,
    *,
    exclusions: Sequence[Exclusion] = (),
) -> Suitability:
    """Add up factors by weight.

    ``score = sum of weight x score over the factors``, where the weights are made to sum 1. A cell has a score only if
    nothing excludes it and every factor has data for it.

    Parameters
    ----------
    factors : on one grid, with different names
    weights : by name of factor, 0 or more; what `ahp` returned; None weighs all alike
    exclusions : on the same grid; the first that holds is the label of a cell

    Raises
    ------
    InputError
        No factors, different grids, names that occur twice, weights that do not fit.
    """
    if not factors:
        msg = "overlay: give at least one factor"
        raise InputError(msg)
    grid = factors[0].grid
    names = [f.name for f in factors]
    taken = [*names, *(e.name for e in exclusions)]
    twice = sorted({n for n in taken if taken.count(n) > 1})
    if twice:
        msg = f"overlay: names of factors and exclusions must differ: {', '.join(twice)} occurs twice"
        raise InputError(msg)
    other = [f.name for f in factors if f.grid != grid]
    if other or any(e.mask.shape != grid.shape for e in exclusions):
        msg = f"overlay: factors and exclusions must lie on one grid ({', '.join(other) or 'an exclusion'} does not)"
        raise InputError(msg)
    if len(taken) > MOST_REASONS:
        msg = f"overlay: {len(taken)} factors and exclusions, at most {MOST_REASONS}"
        raise InputError(msg)
    judged = weights if isinstance(weights, AhpWeights) else None
    given = judged.as_dict() if judged else dict.fromkeys(names, 1.0) if weights is None else weights
    assert not isinstance(given, AhpWeights)
    shares = normalised(given, names)
    contributions = {f.name: shares[f.name] * f.score for f in factors}
    total = np.zeros(grid.shape)
    for added in contributions.values():
        total = total + added
    bits, label, reasons = _reasons(factors, exclusions)
    # Weights sum to 1 but for rounding, which must not lift a score above 1.
    score = np.where(label == 0, np.clip(total, 0.0, 1.0), np.nan)
    return Suitability(
        grid=grid, score=score, factors=tuple(factors), weights=shares, contributions=contributions, reason_bits=bits,
        reason=label, reasons=reasons, ahp=judged,
    )  # fmt: skip


def _reasons(
    factors: Sequence[Factor], exclusions: Sequence[Exclusion]
) -> tuple[NDArray[np.int64], NDArray[np.uint8], tuple[Reason, ...]]:
    shape = factors[0].grid.shape
    out = np.zeros(shape, dtype=bool)
    for exclusion in exclusions:
        out |= exclusion.mask
    masks = [(e.name, e.title, e.mask) for e in exclusions]
    # Missing data matter only where nothing else keeps the cell out.
    masks += [
        (f.name, Text(f"{f.title.zh}无数据", f"no data: {f.title.en}"), np.isnan(f.score) & ~out) for f in factors
    ]
    bits, label = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.uint8)
    found = []
    for number, (name, title, mask) in enumerate(masks, start=1):
        bits[mask] |= 1 << (number - 1)
        first = mask & (label == 0)
        label[first] = number
        found.append(Reason(number=number, name=name, title=title, cells=int(mask.sum()), cells_first=int(first.sum())))
    return bits, label, tuple(found)
