"""Where a charging shed for electric bicycles could stand in an estate: far enough from every building."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from siting.errors import InputError
from siting.ledger import Text
from siting.standards import Catalogue
from siting.standards.model import Rule
from siting.units import MM_PER_M, metres_to_mm

PRECISION_M = 0.1
"""The largest distance possible is found to this much."""
_ROUNDS = 60
Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """Least distance between a shed and a building, and on whose word: a rule, else (None) the study itself."""

    metres: float
    rule: Rule | None = None

    @classmethod
    def of(cls, catalogue: Catalogue, given: float | str) -> Separation:
        """Take metres of the study, or the id of a rule that asks for a separation in metres.

        Raises
        ------
        InputError
            No distance above 0, or a rule that states none.
        """
        if isinstance(given, str):
            rule = catalogue[given]
            asks = rule.metric == "separation" and rule.operator == ">=" and rule.unit == "m"
            if not asks or not isinstance(rule.threshold, float):
                msg = f"sheds: rule '{given}' asks for no least distance in metres"
                raise InputError(msg)
            return cls(metres=rule.threshold, rule=rule)
        if not (math.isfinite(given) and given > 0):
            msg = f"sheds: separation is {given}, expected metres above 0 or the id of a rule"
            raise InputError(msg)
        return cls(metres=float(given))

    @property
    def text(self) -> Text:
        """Return the distance with who states it."""
        if self.rule is None:
            return Text(f"{self.metres:g} 米（研究自定，非条文）", f"{self.metres:g} m (the study's own, no clause)")
        read = self.rule.confidence.text
        return Text(
            f"{self.metres:g} 米（{self.rule.id}，{read.zh}）", f"{self.metres:g} m ({self.rule.id}, {read.en})"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Buildings:
    """Buildings that a shed must keep away from."""

    shapes: Shapes
    tree: shapely.STRtree

    @classmethod
    def of(cls, shapes: Shapes) -> Buildings:
        """Take shapes in metres; empty ones do not count."""
        kept = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
        return cls(kept, shapely.STRtree(kept))

    def away_m(self, points: Shapes) -> Floats:
        """Distance of each point from the nearest building, ``inf`` where there is none; 0 inside one."""
        if not len(self.shapes) or not len(points):
            return np.full(len(points), np.inf)
        return np.asarray(self.tree.query_nearest(points, return_distance=True, all_matches=False)[1], dtype=np.float64)


def widest_place(ground: BaseGeometry, buildings: Buildings) -> tuple[shapely.Point | None, float]:
    """Return the point of the ground that is farthest from every building, and how far: the best to `PRECISION_M`.

    The ground is cut into squares; one whose middle is so near a building that no point of it could beat the best
    known is given up, the others are cut in four.

    Returns
    -------
    None and NaN where there is no ground, a point and ``inf`` where there is no building.
    """
    if ground.is_empty:
        return None, np.nan
    shapely.prepare(ground)
    best = ground.representative_point()
    far = float(buildings.away_m(np.array([best], dtype=object))[0])
    if np.isinf(far):
        return best, far
    left, low, right, high = ground.bounds
    half = max(right - left, high - low) / 2
    centre = np.array([[(left + right) / 2, (low + high) / 2]])
    for _ in range(_ROUNDS):
        reach = half * math.sqrt(2)
        boxes = shapely.box(*(centre - half).T, *(centre + half).T)
        middle = np.asarray(shapely.points(centre), dtype=object)
        bound = buildings.away_m(middle) + reach
        hopeful = (bound > far + PRECISION_M) & shapely.intersects(ground, boxes)
        if not hopeful.any():
            break
        centre, middle = centre[hopeful], middle[hopeful]
        # The point of the ground nearest to a middle is itself a place, and no farther from it than the square reaches.
        ends = shapely.get_point(shapely.shortest_line(middle, ground), 1)
        inside: Shapes = np.where(shapely.intersects(ground, middle), middle, ends).astype(object)
        away = buildings.away_m(inside)
        at = int(np.argmax(away))
        if away[at] > far:
            best, far = inside[at], float(away[at])
        half /= 2
        step = half * np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])
        centre = (centre[:, None, :] + step[None, :, :]).reshape(-1, 2)
    return best, far


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Places of one estate.

    Attributes
    ----------
    points : places that keep the distance, the farthest from buildings first
    away_m : shape (n,), from the rim of the shed to the nearest building
    widest_m : the largest distance that any place of the estate keeps, to `PRECISION_M`; NaN where the shed does not
        fit on its ground at all, ``inf`` where there are no buildings
    """

    points: Shapes
    away_m: Floats
    widest_m: float


def places_in(
    estate: BaseGeometry, buildings: Buildings, taken: Shapes, *, separation_m: float, radius_m: float, step_m: float
) -> Places:
    """Find places on a grid of an estate, and the widest place, that keep the distance.

    Parameters
    ----------
    taken : ground on which nothing may stand
    separation_m : from the rim of a shed to a building, at least; exactly this much is kept
    radius_m : of the circle that holds a shed; all of it stands inside the estate
    step_m : of the grid
    """
    ground = estate.buffer(-radius_m) if radius_m else estate
    near = taken[shapely.dwithin(taken, ground, radius_m)] if len(taken) and not ground.is_empty else taken[:0]
    if len(near):
        ground = ground.difference(shapely.union_all(shapely.buffer(near, radius_m) if radius_m else near))
    best, far = widest_place(ground, buildings)
    if best is None:
        return Places(np.empty(0, dtype=object), np.empty(0), np.nan)
    left, low, right, high = ground.bounds
    x, y = (np.arange(math.ceil(a / step_m), math.floor(b / step_m) + 1) * step_m for a, b in
            ((left, right), (low, high)))  # fmt: skip
    points = shapely.points(*(g.ravel() for g in np.meshgrid(x, y)))
    points = np.append(points[shapely.intersects(ground, points)], np.array([best], dtype=object))
    away_mm = np.full(len(points), np.inf)
    known = buildings.away_m(points)
    finite = np.isfinite(known)
    away_mm[finite] = metres_to_mm(known[finite]) - metres_to_mm(radius_m)
    keep = away_mm >= int(metres_to_mm(separation_m))
    points, away_m = points[keep], away_mm[keep] / MM_PER_M
    xy = shapely.get_coordinates(points)
    order = np.lexsort((xy[:, 1], xy[:, 0], -away_m))
    return Places(points[order], away_m[order], far - radius_m)
