"""A finished run: what was read, judged and sited, ready to be looked at or written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyproj

from siting.coverage.model import Audit
from siting.ledger import Account, Finding, Lang, Text
from siting.locate.plans.plan import Plan
from siting.locate.plans.unanswered import NoPlan
from siting.outputs.contract import MapBase
from siting.pipeline.shown_progress import told
from siting.study import Study
from siting.suitability import Suitability
from siting.themes.beside_audits import indicators_beside
from siting.themes.result import ThemeResult

if TYPE_CHECKING:
    from siting.network import Network
    from siting.pipeline.progress import Progress


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """Everything one run of a study found.

    Attributes
    ----------
    study : the study that was run
    audits, plans : by name, in the order of the study; audits that could not be judged are among them
    network : the walking network, None for a study without streets
    demand, facilities, zones, entries, unsnapped, gaps, service_areas : layers in the working CRS
    themes : what each theme of the study found, by its id
    infeasible : plans that nobody can make, by name, with the reason
    suitability : of the ground, where the study weighs it
    accounts, findings : what became of every input row, and what a reader should know
    """

    study: Study
    title: Text
    lang: Lang
    crs: pyproj.CRS
    crs_note: Text | None
    scale_error_ppm: float | None
    network: "Network | None"
    audits: Mapping[str, Audit]
    plans: Mapping[str, Plan]
    gaps: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    zones: Mapping[str, gpd.GeoDataFrame]
    entries: gpd.GeoDataFrame
    unsnapped: gpd.GeoDataFrame
    service_areas: gpd.GeoDataFrame | None
    base: MapBase
    accounts: tuple[Account, ...]
    findings: tuple[Finding, ...]
    parameters: Mapping[str, Any]
    seeds: Mapping[str, int]
    attribution: tuple[Text, ...]
    data_date: str | None
    input_paths: tuple[Path, ...] = field(default=())
    themes: Mapping[str, ThemeResult] = field(default_factory=dict)
    suitability: Suitability | None = None
    infeasible: Mapping[str, NoPlan] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the study."""
        return self.study.name

    @property
    def indicators(self) -> pd.DataFrame:
        """The indicator rows of all audits and themes, one a rule, zone, denominator and kind of distance."""
        tables = [a.indicators for a in self.audits.values()]
        tables += [indicators_beside(self.audits, theme) for theme in self.themes.values()]
        tables = [table for table in tables if len(table)]
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()

    def write(
        self,
        folder: str | Path,
        *,
        overwrite: bool = False,
        progress: "Progress | bool | None" = None,
        maps: Iterable[str] | None = None,
        paper: str | None = None,
    ) -> Path:
        """Write every output into ``folder``, aside first and then in one move; return the folder.

        Parameters
        ----------
        progress : as for `siting.run`
        maps : formats of the map pages, of "png", "svg" and "pdf"; default: those of the study
        paper : of the map pages, "A4" or "A3"; default: that of the study

        Raises
        ------
        OutputError
            The folder exists and ``overwrite`` is not set, or it cannot be written; what stood there is untouched.
        InputError
            ``maps`` or ``paper`` is none of these.
        """
        from siting.outputs import write_run
        from siting.outputs.maps.files import MapFiles

        own = self.study.settings.outputs
        files = MapFiles.of(own.maps if maps is None else maps, paper or own.paper)
        with told(progress, self.lang) as shown:
            return write_run(self, Path(folder), overwrite=overwrite, progress=shown, maps=files)

    def __repr__(self) -> str:
        """Say what was judged and sited."""
        judged = sum(a.judged for a in self.audits.values())
        return f"Run({self.name!r}: {judged} of {len(self.audits)} rules judged, {len(self.plans)} plans)"

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        from siting.pipeline.run_card import run_card

        return run_card(self)
