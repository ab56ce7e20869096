"""What plants can take beside what arises, and the land that a capacity asks for: figures of the study, no clause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from siting.errors import InputError
from siting.inputs.schema import parse_numbers
from siting.ledger import Text
from siting.themes.waste.ground import Asked, Tested

CAPACITY = "capacity_t_day"
LAND = Text("规模所需用地", "land for the capacity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The size of one new plant, as the study wants it.

    Attributes
    ----------
    t_day : tonnes a day that it takes; None: not known
    m2_per_t_day : land that a tonne a day asks for; None: not known
    """

    t_day: float | None = None
    m2_per_t_day: float | None = None

    def __post_init__(self) -> None:
        for name, value in ((CAPACITY, self.t_day), ("m2_per_t_day", self.m2_per_t_day)):
            if value is not None and not (np.isfinite(value) and value > 0):
                msg = f"{name} is {value!r}, expected a number above 0"
                raise InputError(msg)

    @property
    def land_m2(self) -> float | None:
        """Land that one plant asks for; None where either figure is lacking."""
        return None if self.t_day is None or self.m2_per_t_day is None else self.t_day * self.m2_per_t_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What arises of a plant's streams beside what plants can take, tonnes a day.

    Attributes
    ----------
    arises : of an average day, all sources of the study with a known amount
    standing : ids of the plants that stand; ``unknown`` of them: those whose capacity is not known
    plants : most new plants; ``each_t_day`` of one, None where the study does not say
    capacity : by plant that stands, tonnes a day; those of unknown capacity are not in it
    """

    arises: float
    standing: tuple[str, ...]
    unknown: tuple[str, ...]
    plants: int
    each_t_day: float | None
    capacity: Mapping[str, float]

    @property
    def standing_t_day(self) -> float:
        """Capacity of the plants that stand, as far as it is known."""
        return float(sum(self.capacity.values()))

    def of_plant(self, plant: str) -> float:
        """Capacity of one plant, old or new; NaN where it is not known."""
        if plant in self.standing:
            return self.capacity.get(plant, np.nan)
        return np.nan if self.each_t_day is None else self.each_t_day

    @property
    def known(self) -> bool:
        """Whether the capacity of any plant, old or new, is known."""
        return self.each_t_day is not None or len(self.unknown) < len(self.standing)

    @property
    def lacking(self) -> float | None:
        """Tonnes that plants which stand have no room for, 0 where there is enough; None where one is unknown."""
        return None if self.unknown else max(self.arises - self.standing_t_day, 0.0)

    @property
    def short(self) -> float | None:
        """Tonnes that lack room with the new plants; below 0: room to spare; None where a capacity is unknown."""
        if self.unknown or self.each_t_day is None:
            return None
        return self.arises - self.standing_t_day - self.plants * self.each_t_day


def balance_of(arises: float, standing: gpd.GeoDataFrame | None, plants: int, wanted: Wanted) -> Balance:
    """Add up what stands; a capacity that is missing, negative or no number is unknown, not 0."""
    ids: tuple[str, ...] = () if standing is None else tuple(str(i) for i in standing.index)
    known = np.full(len(ids), np.nan)
    if standing is not None and CAPACITY in standing.columns:
        values, _, unreadable = parse_numbers(standing[CAPACITY])
        known = np.where(unreadable | ~np.isfinite(values) | (values < 0), np.nan, values)
    return Balance(
        arises=arises,
        standing=ids,
        unknown=tuple(i for i, t in zip(ids, known, strict=True) if np.isnan(t)),
        plants=plants,
        each_t_day=wanted.t_day,
        capacity={i: float(t) for i, t in zip(ids, known, strict=True) if not np.isnan(t)},
    )


def land_tests(ids: Sequence[str], size_m2: Sequence[float], wanted: Wanted, kind: str) -> list[Tested]:
    """Test whether plots are large enough for the capacity; nothing where the study wants none."""
    if wanted.t_day is None:
        return []
    asked = Asked(value=wanted.land_m2, own=True)
    return [
        Tested(
            plot=plot, subject=kind, test="land", name=LAND, asked=asked, measured=float(size), unit="m2",
            text=_text(float(size), wanted, asked),
        )
        for plot, size in zip(ids, size_m2, strict=True)
    ]  # fmt: skip


def _text(size: float, wanted: Wanted, asked: Asked) -> Text:
    zh, en = f"面积 {size:,.0f} 平方米", f"{size:,.0f} m²"
    if asked.value is None or wanted.m2_per_t_day is None:
        return Text(
            f"{zh}；规则库与研究均未给出单位规模用地，{wanted.t_day:g} 吨/日所需用地未评判",
            f"{en}; neither catalogue nor study gives land per t/d: not judged for {wanted.t_day:g} t/d",
        )
    zh += f"，{wanted.t_day:g} 吨/日按每吨/日 {wanted.m2_per_t_day:g} 平方米需 {asked.value:,.0f} 平方米"
    en += f", {asked.value:,.0f} m² asked for {wanted.t_day:g} t/d at {wanted.m2_per_t_day:g} m² per t/d"
    if size < asked.value:
        lack = f"{asked.value - size:,.0f}"
        return Text(f"{zh}：不足 {lack} 平方米（{asked.cited.zh}）", f"{en}: {lack} m² short ({asked.cited.en})")
    return Text(f"{zh}：满足（{asked.cited.zh}）", f"{en}: met ({asked.cited.en})")
