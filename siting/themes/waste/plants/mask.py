"""Where a kind of plant may not stand: buffers of what it keeps away from, each with its clause, and what is left."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.coverage.schema import in_crs
from siting.errors import InputError
from siting.ledger import Finding, Text
from siting.themes.city import City
from siting.themes.waste.ground import Asked, Keep, keeps_of
from siting.themes.waste.ground.figures import figure_of
from siting.themes.waste.ground.keep import KeptShapes
from siting.themes.waste.plants.kinds import PlantKind, in_catalogue, kind_of
from siting.themes.waste.plants.surroundings import surroundings

if TYPE_CHECKING:
    from siting.themes.result import ThemeResult

_QUARTER = 16
# Round corners are drawn as chords; widened by this, the drawn buffer never lies inside the true one.
_WIDER = 1.0 / math.cos(1.5 * math.pi / (4 * _QUARTER))
PRINCIPLE = Text("条文只有原则，没有数值，由环评论证", "a principle without a figure: for the assessment to weigh")
MASK_COLUMNS = ["target", "target_zh", "target_en", "distance_m", "rule", "clause_zh", "clause_en", "confidence", "own",
                "places", "area_m2", "share"]  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class PlantMask:
    """Ground that is out for a kind of plant.

    Attributes
    ----------
    excluded : a row a layer and figure, columns `MASK_COLUMNS`: ground inside the study area within ``distance_m`` of
        the layer; ``area_m2`` of it (rows overlap one another), ``share`` of the study area, ``own``: the study's
        figure. Drawn at most a hundredth of the distance too wide, never too narrow: plots are judged by exact
        distances, not by it
    allowed : at most one row, what is left; ``area_m2``, ``share``
    area_m2 : of the study area
    missing : what could not be judged, and why
    """

    kind: PlantKind
    excluded: gpd.GeoDataFrame
    allowed: gpd.GeoDataFrame
    area_m2: float
    findings: tuple[Finding, ...]
    missing: tuple[tuple[Text, Text], ...]

    @property
    def allowed_m2(self) -> float:
        """Ground that is left."""
        return float(self.allowed["area_m2"].sum())

    def themed(self) -> ThemeResult:
        """Put it into the shape that all writers read."""
        from siting.themes.waste.plants.mask_shown import mask_themed

        return mask_themed(self)


def plant_mask(
    city: City, kind: str | PlantKind, *, keep: Sequence[Keep] = (), within: gpd.GeoDataFrame | None = None
) -> PlantMask:
    """Draw where a kind of plant may not stand.

    Parameters
    ----------
    kind : of `siting.themes.waste.plants.KINDS`
    keep : layers of the study, as for `surroundings`: red lines with distances of the study's own, targets that clauses
        name. A layer for which neither a clause nor the study gives a distance is not judged, and draws nothing
    within : the study area; default: the city's boundary

    Raises
    ------
    InputError
        There is no study area, the kind is unknown, layers cannot be used.
    """
    kind = in_catalogue(kind_of(kind), city.catalogue)
    area = _area(city, within)
    wanted, missing = surroundings(city, kind, keep)
    kept, findings = keeps_of(wanted, city.crs)
    return draw_mask(city, kind, kept, area, findings, missing)


def draw_mask(
    city: City,
    kind: PlantKind,
    kept: Sequence[KeptShapes],
    area: shapely.Geometry,
    findings: tuple[Finding, ...],
    missing: tuple[tuple[Text, Text], ...],
) -> PlantMask:
    """Draw the mask of layers that were gathered already."""
    rows, shapes = [], []
    lacking = list(missing)
    total = float(shapely.area(area))
    for one in kept:
        silent = [city.catalogue[i] for i in one.keep.rules if figure_of(city.catalogue[i]) is None]
        lacking += [(rule.name, PRINCIPLE) for rule in silent]
        for asked in one.keep.asked(city.catalogue):
            if asked.value is None:
                lacking.append((one.keep.title, _silent(asked)))
                continue
            ground = _within(one.shapes, asked.value, area)
            rows.append(_row(one, asked, float(shapely.area(ground)), total))
            shapes.append(ground)
    excluded = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=MASK_COLUMNS), geometry=gpd.GeoSeries(shapes, crs=city.crs), crs=city.crs
    )
    excluded.index = pd.Index([f"{r['target']}-{k + 1}" for k, r in enumerate(rows)], name="id", dtype=object)
    left = shapely.difference(area, shapely.union_all(np.array(shapes, dtype=object))) if shapes else area
    left = _areas_of(left)
    size = float(shapely.area(left))
    allowed = gpd.GeoDataFrame(
        {"kind": [kind.id], "area_m2": [round(size, 1)], "share": [size / total if total else 0.0]},
        geometry=gpd.GeoSeries([left], index=[kind.id], crs=city.crs), index=pd.Index([kind.id], name="id"),
    )  # fmt: skip
    return PlantMask(
        kind=kind,
        excluded=excluded,
        allowed=gpd.GeoDataFrame(allowed[[size > 0]]),
        area_m2=total,
        findings=findings,
        missing=tuple(dict.fromkeys(lacking)),
    )


def area_of(city: City, within: gpd.GeoDataFrame | None) -> shapely.Geometry:
    """Return the study area as one shape.

    Raises
    ------
    InputError
        There is none.
    """
    return _area(city, within)


def _area(city: City, within: gpd.GeoDataFrame | None) -> shapely.Geometry:
    given = city.boundary if within is None else within
    if given is None or not len(given):
        msg = "plants: there is no study area; give within, or a boundary to the study"
        raise InputError(msg)
    shapes = np.asarray(in_crs("within", given, city.crs).geometry.array, dtype=object)
    area = _areas_of(shapely.union_all(shapely.make_valid(shapes[~shapely.is_missing(shapes)])))
    if shapely.is_empty(area):
        msg = "plants: the study area has no area; give polygons"
        raise InputError(msg)
    return area


def _silent(asked: Asked) -> Text:
    if asked.rule is None:
        return Text("条文与研究均未给出距离", "neither a clause nor the study gives a distance")
    cited = asked.cited
    return Text(f"{cited.zh} 未给数值，研究未自定", f"{cited.en} gives no figure, and the study none")


def _within(shapes: np.ndarray, distance_m: float, area: shapely.Geometry) -> shapely.Geometry:
    """Return the ground of an area within a distance of shapes."""
    near = shapes[shapely.distance(shapes, area) <= distance_m] if len(shapes) else shapes
    if not len(near):
        return shapely.Polygon()
    grown = shapely.buffer(near, distance_m * _WIDER, quad_segs=_QUARTER) if distance_m > 0 else near
    return _areas_of(shapely.intersection(shapely.union_all(grown), area))


def _areas_of(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])


def _row(one: KeptShapes, asked: Asked, size: float, total: float) -> dict[str, object]:
    return {
        "target": one.keep.name,
        "target_zh": one.keep.title.zh,
        "target_en": one.keep.title.en,
        "distance_m": asked.value,
        "rule": None if asked.rule is None else asked.rule.id,
        "clause_zh": asked.cited.zh,
        "clause_en": asked.cited.en,
        "confidence": asked.confidence,
        "own": asked.own,
        "places": len(one.shapes),
        "area_m2": round(size, 1),
        "share": size / total if total else 0.0,
    }
