"""What a finished run must show so that it can be written: read-only attributes, no behaviour.

`siting.pipeline.Run` fits this protocol; so does any small object in a test. Frames are in the study's CRS (metres),
their index holds string ids. Nothing here is changed by writing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import geopandas as gpd
import pyproj

from siting.coverage.model import Audit
from siting.ledger import Account, Finding, Lang, Text
from siting.locate.plans.plan import Plan
from siting.locate.plans.unanswered import NoPlan
from siting.suitability import Suitability
from siting.themes.result import ThemeResult

NOTE = "Note: "
"""Begins the credit line that holds a study's note about itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapBase:
    """What lies under a map, in the CRS of the run; None where the study has no such layer.

    Attributes
    ----------
    streets : lines; the column ``highway`` decides the width where it is present
    water, green, buildings : polygons (lines are allowed in ``water``)
    boundary : polygons of the study area, outlined; a map shows the extent of the demand, or this where there is none
    """

    streets: gpd.GeoDataFrame | None = None
    water: gpd.GeoDataFrame | None = None
    green: gpd.GeoDataFrame | None = None
    buildings: gpd.GeoDataFrame | None = None
    boundary: gpd.GeoDataFrame | None = None


class PageLike(Protocol):
    """What the frame of a map page needs to know."""

    @property
    def lang(self) -> Lang:
        """The language that comes first."""

    @property
    def crs(self) -> pyproj.CRS:
        """The working CRS, in metres."""

    @property
    def attribution(self) -> tuple[Text, ...]:
        """Source and licence lines that every map must carry."""

    @property
    def data_date(self) -> str | None:
        """The date of the data, as text, for the maps."""


class RunLike(PageLike, Protocol):
    """A finished run, as the writers read it."""

    @property
    def name(self) -> str:
        """Name of the study."""

    @property
    def title(self) -> Text:
        """Name of the place as maps show it, in Chinese and English (both the same where only one is known)."""

    @property
    def crs_note(self) -> Text | None:
        """How the CRS was chosen."""

    @property
    def scale_error_ppm(self) -> float | None:
        """Largest scale error of the working CRS over the study area, in parts per million."""

    @property
    def audits(self) -> Mapping[str, Audit]:
        """By name, in the order of the study; not judged ones included."""

    @property
    def plans(self) -> Mapping[str, Plan]:
        """By name, in the order of the study."""

    @property
    def infeasible(self) -> Mapping[str, NoPlan]:
        """Plans that nobody can make, by name, with the reason; may be empty."""

    @property
    def gaps(self) -> gpd.GeoDataFrame:
        """Polygons; columns ``gap_id``, ``rule`` (name of the audit), ``name_zh``, ``name_en``, ``people``, ``units``,
        ``points``, ``area_m2``, ``nearest_m``, ``zone``, ``rank``; may be empty.
        """  # noqa: D205

    @property
    def demand(self) -> gpd.GeoDataFrame:
        """Points, index = demand id; the columns of an audit's ``demand`` that belong to no rule."""

    @property
    def facilities(self) -> gpd.GeoDataFrame:
        """Points or polygons, index = facility id; columns ``class``, ``name`` and others."""

    @property
    def zones(self) -> Mapping[str, gpd.GeoDataFrame]:
        """Polygons by level, from small to large; index = zone id, column ``name``."""

    @property
    def entries(self) -> gpd.GeoDataFrame:
        """Points where area facilities are entered; columns ``facility``, ``kind`` and others; may be empty."""

    @property
    def unsnapped(self) -> gpd.GeoDataFrame:
        """Points beyond the snap limit; columns ``layer``, ``id``, ``distance_m`` (inf = no street); may be empty."""

    @property
    def service_areas(self) -> gpd.GeoDataFrame | None:
        """Polygons; columns ``rule``, ``facility``, ``limit_m``, ``limit_min``; None or empty if not computed."""

    @property
    def themes(self) -> Mapping[str, ThemeResult]:
        """What each theme of the study found, by its id, in the order of the study; may be empty."""

    @property
    def suitability(self) -> Suitability | None:
        """Suitability of the ground; None where the study does not weigh it."""

    @property
    def base(self) -> MapBase:
        """The map background."""

    @property
    def accounts(self) -> tuple[Account, ...]:
        """The bookkeeping of every input."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What a reader should know about the run as a whole, beyond single inputs."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Every setting that the figures depend on, as plain values (numbers, text, lists, mappings, None)."""

    @property
    def seeds(self) -> Mapping[str, int]:
        """Seeds by what they were used for (the name of a plan)."""

    @property
    def input_paths(self) -> tuple[Path, ...]:
        """Every file that was read; results are never written over or around them."""


class ProgressLike(Protocol):
    """Is told what is being written."""

    def stage(self, text: Text, steps: int = 1) -> None:
        """Say that a stage of ``steps`` steps begins."""

    def step(self, text: Text) -> None:
        """Say that one step of the stage is done."""
