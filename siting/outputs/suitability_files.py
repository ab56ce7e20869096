"""The files of a suitability overlay: rasters with their styles, tables, figures for machines."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from siting.ledger import Text
from siting.outputs.geotiff import Colours, write_label_style, write_labels, write_score_style, write_scores
from siting.suitability import Suitability, sensitivity

SCORE_CLASSES: Colours = (
    (0.2, "#c2410c", Text("不适宜", "unsuitable < 0.2")),
    (0.4, "#f0a35e", Text("较不适宜", "poor 0.2–0.4")),
    (0.6, "#f3e9b0", Text("一般", "fair 0.4–0.6")),
    (0.8, "#7fb8b0", Text("较适宜", "good 0.6–0.8")),
    (np.inf, "#00755a", Text("适宜", "best ≥ 0.8")),
)
"""Even fifths of the score; the words and the breaks are this package's own, from no standard."""
REASON_COLOURS = ("#9ca3af", "#7aa6c2", "#c9a26b", "#a58bb8", "#c97f7f", "#8aa36b", "#6b7280", "#d4b483", "#5b8a8a")
FILES = ("rasters/suitability.tif", "rasters/suitability.qml", "rasters/suitability_reasons.tif",
         "rasters/suitability_reasons.qml")  # fmt: skip


def write_rasters(path: Callable[..., Path], suitability: Suitability) -> None:
    """Write score and reasons with their styles; ``path`` gives the path of a file inside the result folder."""
    grid, tags = suitability.grid, score_tags(suitability)
    write_scores(path("rasters", "suitability.tif"), suitability.score, grid.bounds, grid.crs, tags)
    write_score_style(path("rasters", "suitability.qml"), _below(SCORE_CLASSES))
    held = [r for r in suitability.reasons if r.cells_first]
    colours = {r.number: reason_colour(r.number) for r in held}
    labels = {f"LABEL_{r.number}": f"{r.title.zh} / {r.title.en}" for r in suitability.reasons}
    write_labels(
        path("rasters", "suitability_reasons.tif"), suitability.reason, grid.bounds, grid.crs, colours,
        {"LABEL_0": "有评分 / has a score", **labels},
    )  # fmt: skip
    write_label_style(
        path("rasters", "suitability_reasons.qml"), [(r.number, colours[r.number], r.title) for r in held]
    )


def _below(classes: Colours) -> Colours:
    """Limits just under those of the classes: QGIS counts a value at a limit to the class below it."""
    return tuple((limit if np.isinf(limit) else limit - 1e-6, colour, name) for limit, colour, name in classes)


def reason_colour(number: int) -> str:
    """Return the colour of a reason, by its number from 1."""
    return REASON_COLOURS[(number - 1) % len(REASON_COLOURS)]


def score_tags(suitability: Suitability) -> dict[str, str]:
    """Return what the file says of itself: factors, weights, scales; no dates."""
    tags = {"TITLE": "适宜性评分 0–1 / suitability score 0–1", "CELL_M": f"{suitability.grid.cell_m:g}"}
    for factor in suitability.factors:
        tags[f"FACTOR_{factor.name}"] = (
            f"weight {suitability.weights[factor.name]:.6f}; {factor.title.en}; {factor.scale_text.en}"
        )
    if suitability.ahp is not None:
        tags["AHP"] = suitability.ahp.text.en
    return tags


def suitability_tables(suitability: Suitability) -> dict[str, pd.DataFrame]:
    """Return the factors with how far the best hundredth rests on each weight, and why cells have no score."""
    factors = suitability.factor_table()
    moved = sensitivity(suitability)
    for change, word in ((-0.2, "minus_20"), (0.2, "plus_20")):
        rows = moved[np.isclose(moved["change"], change)].set_index("factor")
        factors[f"top_kept_{word}"] = factors["factor"].map(rows["kept_share"])
    factors["top_cells"] = int(moved["k"].iloc[0])
    return {"suitability_factors": factors, "suitability_reasons": suitability.reason_table()}


def suitability_summary(suitability: Suitability) -> dict[str, Any]:
    """Return the headline figures."""
    score = suitability.score[suitability.valid]
    ahp = suitability.ahp
    return {
        "cell_m": suitability.grid.cell_m,
        "cells": int(suitability.score.size),
        "cells_with_score": int(suitability.valid.sum()),
        "share_scored": suitability.share_scored,
        "mean": float(score.mean()) if len(score) else None,
        "highest": float(score.max()) if len(score) else None,
        "weights": dict(suitability.weights),
        "ahp": None if ahp is None else {
            "lambda_max": ahp.lambda_max, "ci": ahp.consistency_index, "cr": ahp.consistency_ratio,
        },
        "reasons": {r.name: r.cells for r in suitability.reasons},
    }  # fmt: skip


def class_of(score: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Class of each score by `SCORE_CLASSES`; −1 for NaN."""
    limits = [limit for limit, _, _ in SCORE_CLASSES[:-1]]
    # Thresholds are met from 0.6 on, whatever the last bits of a sum of weights are.
    found = np.searchsorted(limits, np.round(score, 9), side="right")
    return np.where(np.isnan(score), -1, found).astype(np.int64)
