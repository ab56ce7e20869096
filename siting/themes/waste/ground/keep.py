"""What a site keeps away from: homes, schools, water sources, red lines, each with its distance and on whose word."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.coverage.schema import in_crs, keyed
from siting.errors import InputError
from siting.ledger import Finding, Text
from siting.standards import Catalogue
from siting.standards.model import Rule
from siting.themes.waste.ground.distances import nearest_edges, overlaps_m2
from siting.themes.waste.ground.figures import Asked, figure_of, square_metres
from siting.themes.waste.ground.outcomes import FAIL, PASS, Tested, distance_text
from siting.themes.waste.ground.plots import rows_found

Shapes = NDArray[np.object_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Keep:
    """A layer that a site keeps away from.

    Attributes
    ----------
    name : short, different for each; the code of the test
    title : what it is called, as in "lies 7.2 m from ..."
    layer : points, lines or areas
    distance_m : the study's own, edge to edge; 0: the site may touch but not overlap it. A figure of ``rules`` holds
        beside it: a study may ask more than a clause, not less
    rules : ids of clauses that ask for a distance from it, or name it without a figure
    source : on whose word the study's own distance is
    binding : whether a failure refuses a plot
    """

    name: str
    title: Text
    layer: gpd.GeoDataFrame
    distance_m: float | None = None
    rules: tuple[str, ...] = ()
    source: Text | None = None
    binding: bool = True

    def __post_init__(self) -> None:
        given = self.distance_m
        if given is not None and not (math.isfinite(given) and given >= 0):
            msg = f"keep away from {self.name}: distance_m is {given!r}, expected 0 or more"
            raise InputError(msg)

    def asked(self, catalogue: Catalogue) -> tuple[Asked, ...]:
        """Return the figures that hold: of each clause that gives one, and the study's own; one of None else."""
        rules = [catalogue[id_] for id_ in self.rules]
        figures = [Asked(value=value, rule=rule) for rule in rules if (value := figure_of(rule)) is not None]
        silent: Rule | None = next((rule for rule in rules if figure_of(rule) is None), None)
        if self.distance_m is not None:
            figures.append(Asked(value=self.distance_m, rule=silent, own=True, source=self.source))
        return tuple(figures) or (Asked(value=None, rule=silent),)

    def distance(self, catalogue: Catalogue) -> float | None:
        """Return the largest distance that holds; None where there is none."""
        return max((a.value for a in self.asked(catalogue) if a.value is not None), default=None)


@dataclass(frozen=True, kw_only=True, eq=False)
class KeptShapes:
    """The usable shapes of a `Keep`."""

    keep: Keep
    shapes: Shapes
    ids: NDArray[np.object_]


def keeps_of(keeps: Sequence[Keep], crs: object) -> tuple[tuple[KeptShapes, ...], tuple[Finding, ...]]:
    """Bring the layers into one CRS and take their usable rows; the others are listed.

    Raises
    ------
    InputError
        Two of one name, a layer without a CRS.
    """
    names = [k.name for k in keeps]
    if len(set(names)) < len(names):
        msg = f"keep away from: '{next(n for n in names if names.count(n) > 1)}' is named twice"
        raise InputError(msg)
    made, found = [], []
    for keep in keeps:
        layer = keyed(in_crs(keep.name, keep.layer, crs))
        shapes = np.asarray(layer.geometry.array, dtype=object)
        bad = shapely.is_missing(shapes) | shapely.is_empty(shapes)
        shapes = shapely.make_valid(shapes[~bad])
        ids = layer.index.astype(str).to_numpy(dtype=object)
        if bad.any():
            text = Text(
                f"{keep.title.zh}：{int(bad.sum())} 行无几何，未用于检验",
                f"{keep.name}: {int(bad.sum())} rows have no geometry and are not tested against",
            )
            found.append(rows_found("keep_no_geometry", "warning", pd.Index(ids[bad]), text))
        made.append(KeptShapes(keep=keep, shapes=shapes, ids=ids[~bad]))
    return tuple(made), tuple(found)


def keep_tests(
    plots: Shapes, ids: Sequence[str], kept: KeptShapes, catalogue: Catalogue, *, subject: str = ""
) -> list[Tested]:
    """Test each plot against one layer: a test for each figure that holds."""
    keep = kept.keep
    metres, which = nearest_edges(plots, kept.shapes)
    taken, most = overlaps_m2(plots, kept.shapes)
    tests = []
    for asked in keep.asked(catalogue):
        touch = asked.value == 0
        for k, plot in enumerate(ids):
            at = int(most[k] if touch else which[k])
            what = keep.title if at < 0 else Text(f"{keep.title.zh} {kept.ids[at]}", f"{keep.title.en} {kept.ids[at]}")
            if touch:
                measured, unit, outcome = 0.0 - float(taken[k]), "m2", FAIL if at >= 0 else PASS
                text = _overlap_text(what, float(taken[k]), at >= 0, asked)
            else:
                measured, unit = float(metres[k]), "m"
                outcome = PASS if at < 0 and asked.value is not None else ""
                text = distance_text(what, measured, asked)
            tests.append(
                Tested(
                    plot=plot,
                    subject=subject,
                    test=keep.name,
                    name=keep.title,
                    asked=asked,
                    measured=measured,
                    unit=unit,
                    text=text,
                    against=None if at < 0 else str(kept.ids[at]),
                    binding=keep.binding,
                    outcome=outcome,
                )
            )
    return tests


def _overlap_text(what: Text, taken: float, hit: bool, asked: Asked) -> Text:
    cited = asked.cited
    if hit:
        return Text(
            f"与 {what.zh} 重叠 {square_metres(taken)} 平方米（{cited.zh}）",
            f"overlaps {what.en} by {square_metres(taken)} m² ({cited.en})",
        )
    return Text(f"不与 {what.zh} 重叠（{cited.zh}）", f"does not overlap {what.en} ({cited.en})")
