"""The suitability of a study's ground, from its `[suitability]` table, and what it says of candidates."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.errors import InputError
from siting.inputs.raster_onto_grid import Quantity, onto_grid, stops_at_255
from siting.inputs.sources import file_sha256
from siting.ledger import Account, Finding, Text
from siting.network import Network
from siting.pipeline.people import People
from siting.pipeline.places import facilities_of
from siting.pipeline.progress import Progress
from siting.pipeline.reading import Reader
from siting.pipeline.sources import Sources
from siting.standards import load_classes
from siting.study import Study
from siting.study.settings import FactorTable, LocateTable, SuitabilityLayer, SuitabilityTable
from siting.study.suitability_faults import elevation_of, scale_of, weights_of
from siting.suitability import (
    Exclusion,
    Factor,
    Grid,
    Suitability,
    access_factor,
    distance_factor,
    exclude_areas,
    exclude_outside,
    exclude_steep,
    overlay,
    people_factor,
    score_candidates,
)

SLOPE_UNIT = {"degree": Text("°", "°"), "percent": Text("%", "%")}
_OWN_NAMES = {
    "water": Text("水体", "water"),
    "green": Text("绿地", "green"),
    "buildings": Text("建筑", "buildings"),
    "residential": Text("居住用地", "residential land"),
    "streets": Text("街道", "streets"),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Suited:
    """The suitability of a study and the bookkeeping of what only it read."""

    suitability: Suitability | None = None
    accounts: tuple[Account, ...] = ()
    findings: tuple[Finding, ...] = ()


def make_suitability(
    study: Study, sources: Sources, network: Network | None, demand: People, progress: Progress
) -> Suited:
    """Weigh the factors of a study on its grid; nothing where the study does not ask for it.

    Raises
    ------
    InputError
        Layers and rasters that cannot be used: all of them in one message.
    """
    table = study.settings.suitability
    if table is None:
        return Suited()
    progress.stage(Text("评价用地适宜性", "Weighing the suitability of the ground"), len(table.factors))
    made = _Making(study, sources, network, demand, table)
    factors = []
    for entry in table.factors:
        found = made.reader.attempt(lambda entry=entry: made.factor(entry))  # type: ignore[misc]
        factors += [] if found is None else [found]
        progress.step(_title(entry))
    exclusions = made.exclusions()
    made.reader.faults.raise_any()
    suitability = overlay(factors, weights_of(study.settings), exclusions=exclusions)
    if not suitability.valid.any():
        worst = max(suitability.reasons, key=lambda r: r.cells_first)
        msg = f"suitability: no cell of the study has a score; most are out because: {worst.title.en}"
        raise InputError(msg)
    accounts = (*made.reader.accounts, *made.rasters)
    return Suited(suitability=suitability, accounts=accounts, findings=(*made.findings, *_counted(suitability)))


class _Making:
    """The layers of one study, put onto its grid."""

    def __init__(
        self, study: Study, sources: Sources, network: Network | None, demand: People, table: SuitabilityTable
    ) -> None:
        self.study, self.sources, self.network, self.demand, self.table = study, sources, network, demand, table
        self.reader = Reader(study)
        self.rasters: list[Account] = []
        self.findings: list[Finding] = []
        self.grid = Grid.over(_extent(study, sources, demand), table.cell_m, sources.crs)
        area = study_area(sources)
        self.outside = None if area is None else exclude_outside(self.grid, area)

    def factor(self, entry: FactorTable) -> Factor:
        """Make one factor."""
        scale, words = scale_of(entry), {"title": _title(entry), "source": _source_words(entry)}
        if entry.kind in ("slope", "elevation", "raster"):
            return self._raster(entry)
        if entry.kind == "people":
            return people_factor(
                self.grid, self.demand.points, scale, name=entry.name, radius_m=entry.radius_m,
                **words | {"source": _file_name(self.study.settings.demand.source)},
            )  # fmt: skip
        layer = self._layer("factors", entry)
        if entry.kind == "distance":
            return distance_factor(self.grid, layer, scale, name=entry.name, **words)
        if self.network is None:
            msg = f"suitability factor {entry.name}: the study has no streets to walk on"
            raise InputError(msg)
        return access_factor(
            self.grid, self.network, layer, scale, name=entry.name, entrances=self.sources.entrances,
            max_snap_m=self.study.settings.study.max_snap_m,
            inside=None if self.outside is None else ~self.outside.mask, **words,
        )  # fmt: skip

    def _raster(self, entry: FactorTable) -> Factor:
        named = entry.source.source if entry.source else elevation_of(self.study.settings)
        assert named is not None
        quantity = self._slope_quantity() if entry.kind == "slope" else "value"
        values, method = self._onto(named, entry.name, quantity, entry)
        units = {"slope": SLOPE_UNIT[self.table.slope_unit], "elevation": Text("米", "m")}
        unit = units.get(entry.kind, Text(entry.unit or "", entry.unit or ""))
        return Factor(
            name=entry.name, title=_title(entry), kind=entry.kind, grid=self.grid, values=values,
            scale=scale_of(entry), unit=unit, source=_file_name(named), method=method,
        )  # fmt: skip

    def _onto(self, source: str, name: str, quantity: Quantity, entry: FactorTable | None) -> tuple[Any, Text]:
        path, layer = self.study.resolve(source), f"suitability {name}"
        method = entry.method if entry else "auto"
        made = onto_grid(
            path, self.grid, quantity=quantity, method=method, band=entry.band if entry else 1, layer=layer
        )
        findings: tuple[Finding, ...] = ()
        if (quantity != "value" or (entry is not None and entry.kind == "elevation")) and stops_at_255(path, layer):
            text = Text(
                "高程为 8 位整数且达到 255 米：更高的地方在此数据中是平的",
                "heights are bytes and reach 255 m: whatever is higher is flat in this model",
            )
            findings = (Finding(code="heights_stop", kind="warning", count=0, text=text),)
        known = int(np.isfinite(made.values).sum())
        lost = made.values.size - known
        if lost:
            text = Text(f"{lost:,} 个格网无数据", f"{lost:,} cells of the grid have no data")
            findings += (Finding(code="cells_without_data", kind="dropped", count=lost, text=text),)
        self.rasters.append(
            Account(
                layer=layer, source=path.name, rows_in=made.values.size, rows_used=known, findings=findings,
                sha256=file_sha256(path),
            )
        )  # fmt: skip
        return made.values, made.text

    def _slope_quantity(self) -> Quantity:
        return "slope_degree" if self.table.slope_unit == "degree" else "slope_percent"

    def exclusions(self) -> list[Exclusion]:
        """Everything that keeps a cell out, the study's boundary first."""
        found = [] if self.outside is None else [self.outside]
        for entry in self.table.exclude:
            with self.reader.noting():
                layer = self._layer("exclude", entry)
                found.append(
                    exclude_areas(self.grid, layer, name=entry.name, title=_title(entry), buffer_m=entry.buffer_m)
                )
        limit, source = self.table.max_slope, elevation_of(self.study.settings)
        if limit is not None and source is not None:
            with self.reader.noting():
                slope, _ = self._onto(source, "max_slope", self._slope_quantity(), None)
                found.append(exclude_steep(self.grid, slope, limit, SLOPE_UNIT[self.table.slope_unit]))
        return found

    def _layer(self, what: str, entry: SuitabilityLayer) -> gpd.GeoDataFrame:
        """Return the shapes an entry means: facilities, a layer of the study, or a file."""
        name = f"suitability {what} '{entry.name}'"
        if entry.facility is not None:
            found = facilities_of(self.sources.facilities, tuple(entry.facility))
            if found is None:
                msg = f"{name}: the study has no {', '.join(entry.facility)}"
                raise InputError(msg)
            return found
        assert entry.source is not None
        own = entry.study_layer
        if own is None:
            return self.reader.read(name, entry.source, "any", self.sources.crs).frame
        streets = None if self.network is None else self.network.edges_frame()
        layer: gpd.GeoDataFrame | None = streets if own == "streets" else getattr(self.sources, own)
        if layer is None or not len(layer):
            msg = f"{name}: the study has no layer '{own}'; give a path"
            raise InputError(msg)
        return layer


def study_area(sources: Sources) -> gpd.GeoDataFrame | None:
    """Return the polygons in which cells are scored: the boundary, else all zones; None where there are neither."""
    if sources.boundary is not None:
        return sources.boundary
    parts = [zones[["geometry"]] for zones in sources.zones.values() if len(zones)]
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True)) if parts else None


def _extent(study: Study, sources: Sources, demand: People) -> tuple[float, ...]:
    """Bounds of the study area; where nothing says what it is, those of the people and what they walk to a street."""
    area = study_area(sources)
    if area is not None:
        return tuple(area.total_bounds)
    x0, y0, x1, y1 = demand.points.total_bounds
    beyond = study.settings.study.max_snap_m
    return x0 - beyond, y0 - beyond, x1 + beyond, y1 + beyond


def with_suitability(
    candidates: gpd.GeoDataFrame,
    suitability: Suitability | None,
    entry: LocateTable,
    plots: gpd.GeoDataFrame | None,
) -> gpd.GeoDataFrame:
    """Show the score beside every candidate; refuse those under ``min_suitability``, with the reason.

    Parameters
    ----------
    candidates : as `siting.locate.make_candidates` returns them
    plots : areas by the ids of the candidates; a candidate without one is scored at its place
    """
    if suitability is None or not len(candidates):
        return candidates
    places = np.asarray(candidates.geometry.array, dtype=object).copy()
    if plots is not None:
        ids = (plots["id"] if "id" in plots.columns else plots.index).astype(str)
        position = pd.Index(ids).get_indexer(pd.Index(candidates.index.astype(str)))
        shapes = np.asarray(plots.to_crs(candidates.crs).geometry.array, dtype=object)
        is_area = (position >= 0) & (shapely.get_dimensions(shapes[position]) == 2)
        places[is_area] = shapes[position[is_area]]
    ground = gpd.GeoDataFrame(geometry=places, crs=candidates.crs, index=candidates.index)
    scored = score_candidates(suitability, ground).round(6)
    attrs = candidates.attrs
    joined = pd.concat([candidates.drop(columns="geometry"), scored], axis=1)
    made = gpd.GeoDataFrame(joined, geometry=candidates.geometry, crs=candidates.crs)
    made.index.name = candidates.index.name
    made.attrs = attrs
    least = entry.min_suitability
    if least is None:
        return made
    allowed, refusal = made["allowed"].to_numpy(dtype=bool).copy(), made["refusal"].to_numpy(dtype=object).copy()
    score = made["suitability"].to_numpy(dtype=np.float64)
    for k in np.flatnonzero(allowed & ~(score >= least)):
        allowed[k] = False
        refusal[k] = _refusal(score[k], least).both(" / ")
    return made.assign(allowed=allowed, refusal=pd.Series(refusal, index=made.index, dtype=object))


def _refusal(score: float, least: float) -> Text:
    if np.isnan(score):
        return Text("位于适宜性评价排除或无数据的地块", "on ground without a suitability score: excluded, or no data")
    return Text(f"适宜性 {score:.3f}，低于 {least:g}", f"suitability {score:.3f}, under {least:g}")


def _title(entry: SuitabilityLayer) -> Text:
    own = _OWN_NAMES.get(entry.study_layer or "", Text(entry.name, entry.name))
    return Text(entry.name_zh or own.zh, entry.name_en or own.en)


def _source_words(entry: SuitabilityLayer) -> str:
    if entry.facility is not None:
        known = load_classes()
        return ", ".join(f"{known[c].name.both(' ')}" for c in entry.facility)
    return "" if entry.source is None else _file_name(entry.source.source)


def _file_name(source: str) -> str:
    return source.replace("\\", "/").rsplit("/", 1)[-1]


def _counted(suitability: Suitability) -> list[Finding]:
    found = []
    for factor in suitability.factors:
        lost = int((np.isinf(factor.values) & suitability.valid).sum())
        if lost:
            text = Text(
                f"适宜性因子「{factor.title.zh}」：{lost:,} 个格网沿街到达不了，得 0 分",
                f"suitability factor {factor.title.en}: {lost:,} cells reach nothing along the streets and score 0",
            )
            found.append(Finding(code="cells_unreachable", kind="note", count=lost, text=text))
    for reason in suitability.reasons:
        if reason.cells and reason.name in {f.name for f in suitability.factors}:
            text = Text(
                f"适宜性：{reason.title.zh}，{reason.cells:,} 个格网不评分",
                f"suitability: {reason.cells:,} cells have no score ({reason.title.en})",
            )
            found.append(Finding(code="cells_without_score", kind="note", count=reason.cells, text=text))
    return found
