"""What siting several services jointly leaves: buildings, who is served anew, who is not and why, and the proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from siting.ledger import Finding, Text
from siting.locate import JointResult
from siting.themes.living_circle.siting_needs import Measure, Need

if TYPE_CHECKING:
    from siting.themes.result import ThemeResult


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ServiceSites:
    """Buildings that house services which people lack.

    Attributes
    ----------
    name, title : of the plan
    needs : the classes that were sited
    result : the answer of the model, with its bound
    buildings : chosen places, best first; columns ``order``, ``services`` (keys), ``services_zh``, ``services_en``,
        ``count``, ``gain`` (class-persons won), ``room_m2`` needed, ``floor_m2`` there (NaN = not known), and those of
        `siting.make_candidates`
    by_service : a row a class: limit, people with it today and with the plan, those left and why
    by_zone : a row a zone of the level, the city first: completeness of the bundle before and after
    points : demand points: number of classes before and after, ``state``, names of those still lacking
    level : level of zones of ``by_zone``; None where the study has none
    measure : along the streets, or in a straight line
    unit : what is counted: people, else units, else points
    proof : what is proved, in words
    notes : assumptions and what a reader should know
    left_out : (class, why it is not sited)
    candidates : every place that was considered
    """

    name: str
    title: Text
    needs: tuple[Need, ...]
    result: JointResult
    buildings: gpd.GeoDataFrame
    by_service: pd.DataFrame
    by_zone: pd.DataFrame
    points: gpd.GeoDataFrame
    level: str | None
    measure: Measure
    unit: str
    proof: Text
    notes: tuple[Text, ...]
    left_out: tuple[tuple[Text, Text], ...]
    candidates: gpd.GeoDataFrame

    @property
    def completeness(self) -> tuple[float, float]:
        """Share of the bundle that a person has within reach, before and after."""
        row = self.by_zone.iloc[0]
        return float(row["completeness_before"]), float(row["completeness_after"])

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return the notes as findings of a run."""
        lines = [Text(f"{self.title.zh}：{n.zh}", f"{self.title.en}: {n.en}") for n in self.notes]
        return tuple(Finding(code="services_note", kind="note", count=0, text=line) for line in lines)

    def themed(self, suffix: str = "") -> ThemeResult:
        """Write it down for the outputs; ``suffix`` tells several plans of one run apart."""
        from siting.themes.living_circle.siting_shown import themed

        return themed(self, suffix)

    def __repr__(self) -> str:
        """Say what was chosen."""
        before, after = self.completeness
        return (
            f"ServiceSites({self.name!r}: {len(self.buildings)} buildings, classes: {len(self.needs)}, "
            f"completeness {before:.1%} -> {after:.1%}, {self.result.status})"
        )
