"""What the audit of living circles found, as frames for a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.errors import SchemaError
from siting.ledger import Finding, Text
from siting.nearest_word import hint
from siting.themes.living_circle.completeness import Completeness
from siting.themes.living_circle.elements import Element
from siting.themes.living_circle.fairness import Fairness
from siting.themes.living_circle.reach import DISTANCE
from siting.themes.living_circle.tiers import Tier

if TYPE_CHECKING:
    from siting.themes.result import ThemeResult


@dataclass(frozen=True, kw_only=True, eq=False)
class LivingCircle:
    """Living circles of a city: who reaches which class of each tier, and what is missing where.

    Attributes
    ----------
    tiers : the tiers with their distances, times and clauses
    level : the level of zones that plays the community; None where the city has no zones
    straight : the city has no streets, so every distance is a straight line
    scorecard : the city, one row a tier and measure
    scorecards : by level of zones, one row a zone; the rows of a level add up to the city
    classes : one row a class of a tier: served share by every measure, own radius, clause, confidence
    missing : one row a community, tier and class that somebody there lacks
    points : demand points with, by tier, completeness, number of missing classes and their names
    communities : the community scorecard with the polygons and what is missing from the community's centre
    estates : old estates, worst first; None where the study has none
    centres : centre of each community
    circles : what is within the minutes of each tier of each centre, with people, green and parks
    bands : the same for all centres together, without overlaps
    blind, overlap : ground of the people in no circle of the widest tier, and in two or more
    parks : parks with size and width
    fairness : how evenly completeness is shared out; None where people are unknown
    indicators : rows as in `tables/indicators.csv`
    findings, gaps_in_data : what a reader should know; what could not be judged, and why
    """

    tiers: tuple[Tier, ...]
    level: str | None
    straight: bool
    profiles: tuple[str, ...]
    scorecard: pd.DataFrame
    scorecards: Mapping[str, pd.DataFrame]
    classes: pd.DataFrame
    missing: pd.DataFrame
    points: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame | None
    estates: gpd.GeoDataFrame | None
    centres: gpd.GeoDataFrame | None
    circles: gpd.GeoDataFrame | None
    bands: gpd.GeoDataFrame | None
    blind: gpd.GeoDataFrame | None
    overlap: gpd.GeoDataFrame | None
    parks: gpd.GeoDataFrame | None
    fairness: Fairness | None
    indicators: pd.DataFrame
    findings: tuple[Finding, ...] = ()
    gaps_in_data: tuple[tuple[Text, Text], ...] = ()
    completeness: Completeness = field(repr=False)

    def element(self, tier: str, class_: str) -> Element:
        """Return a class of a tier.

        Raises
        ------
        SchemaError
            The facility table has no such class in this tier; the nearest one is proposed.
        """
        mine = {e.key: e for e in self.completeness.elements if e.tier.id == tier}
        if class_ not in mine:
            msg = f"living circle: no class {class_!r} in tier {tier!r}{hint(class_, mine)}"
            raise SchemaError(msg)
        return mine[class_]

    def of_class(self, tier: str, class_: str) -> gpd.GeoDataFrame:
        """Return every demand point with its nearest place of one class.

        Returns
        -------
        Columns ``facility`` (id or None), ``distance_m`` (along the streets; in a straight line where there are none)
        and ``served_<measure>`` for each measure.

        Raises
        ------
        SchemaError
            There is no such class in this tier, or the data have none of its places.
        """
        element = self.element(tier, class_)
        nearest = self.completeness.reach.nearest.get(element.id)
        if nearest is None:
            reason = "" if element.reason is None else f": {element.reason.en}"
            msg = f"living circle: class {class_!r} is not judged{reason}"
            raise SchemaError(msg)
        columns = {"facility": nearest.facility, "distance_m": nearest.cost}
        for (id_, measure), mask in self.completeness.reach.served.items():
            if id_ == element.id:
                columns[f"served_{measure}"] = mask
        return gpd.GeoDataFrame(self.points[["geometry"]].assign(**columns))

    def share(self, tier: str, measure: str = DISTANCE) -> float:
        """Return the completeness of a tier in the city; NaN where nothing of it is judged."""
        row = self.scorecard
        row = row[(row["tier"] == tier) & (row["measure"] == measure)] if len(row) else row
        return float(row["completeness"].iloc[0]) if len(row) else float(np.nan)

    def themed(self) -> ThemeResult:
        """Return it as layers, tables, figures and headlines that every output can show."""
        from siting.themes.living_circle.themed import themed

        return themed(self)

    def __repr__(self) -> str:
        """Say what is in it."""
        done = ", ".join(f"{t.id} {self.share(t.id):.1%}" for t in self.tiers if not np.isnan(self.share(t.id)))
        return f"LivingCircle({done or 'nothing judged'}; {len(self.points)} demand points)"
