"""How much of the time people lie downwind of a place: the wind rose of a study, met by where its people are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.errors import InputError

Floats = NDArray[np.float64]
COMPASS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
_EIGHT, _FOUR = COMPASS[::2], COMPASS[::4]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wind:
    """A wind rose.

    Attributes
    ----------
    shares : of the time by the direction from which the wind blows, of 4, 8 or 16 of `COMPASS`; directions that are
        left out have none, what lacks to 1 is calm
    radius_m : people farther than this from a place are not counted; the study's own
    """

    shares: Mapping[str, float]
    radius_m: float

    def __post_init__(self) -> None:
        unknown = [d for d in self.shares if d not in COMPASS]
        if unknown:
            msg = f"wind: '{unknown[0]}' is no direction; there are {', '.join(COMPASS)}"
            raise InputError(msg)
        bad = [d for d, s in self.shares.items() if not (math.isfinite(s) and 0 <= s <= 1)]
        if bad or not self.shares or sum(self.shares.values()) > 1 + 1e-9:
            msg = f"wind: shares of the time lie between 0 and 1 and sum to at most 1; got {dict(self.shares)}"
            raise InputError(msg)
        if not (math.isfinite(self.radius_m) and self.radius_m > 0):
            msg = f"wind: radius_m is {self.radius_m!r}, expected metres above 0"
            raise InputError(msg)

    @property
    def sectors(self) -> tuple[str, ...]:
        """The directions that the rose tells apart, clockwise from north."""
        for rose in (_FOUR, _EIGHT):
            if set(self.shares) <= set(rose):
                return rose
        return COMPASS

    def from_bearing(self, degrees: Floats) -> Floats:
        """Return the share of the time in which the wind blows from a bearing (0 = north, clockwise)."""
        rose = self.sectors
        width = 360.0 / len(rose)
        sector = np.floor((np.asarray(degrees) + width / 2) / width).astype(np.int64) % len(rose)
        share: Floats = np.array([self.shares.get(d, 0.0) for d in rose])[sector]
        return share


def downwind_share(places: Floats, people_xy: Floats, people: Floats, wind: Wind) -> Floats:
    """Return for each place the share of the time in which people within the radius lie downwind of it.

    Parameters
    ----------
    places, people_xy : shape (n, 2) and (m, 2), metres
    people : shape (m,); unknown (NaN) counts for none

    Returns
    -------
    shape (n,), from 0 to 1, the mean over the people; 0 where nobody lives within the radius. Whoever is at the place
    itself is downwind whenever the wind blows
    """
    found = np.zeros(len(places))
    weight = np.nan_to_num(people)
    for k, (x, y) in enumerate(places):
        dx, dy = x - people_xy[:, 0], y - people_xy[:, 1]
        away = np.hypot(dx, dy)
        near = (away <= wind.radius_m) & (weight > 0)
        if not near.any():
            continue
        bearing = np.degrees(np.arctan2(dx[near], dy[near]))
        share = np.where(away[near] > 0, wind.from_bearing(bearing), sum(wind.shares.values()))
        found[k] = float((share * weight[near]).sum() / weight[near].sum())
    return found
