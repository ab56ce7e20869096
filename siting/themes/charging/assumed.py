"""What no clause says and a study must state itself: how many electric cars, what they take, what a charger gives."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from fractions import Fraction
from typing import Any, Literal

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from siting.coverage.schema import people_milli
from siting.errors import InputError
from siting.inputs.schema import listed
from siting.ledger import Finding, Text
from siting.nearest_word import hint
from siting.themes.charging.counts import read_counts
from siting.units import MILLI_PER_PERSON

CARS = "cars"
"""Column of the demand with the cars of each point, used in place of ``cars_per_person`` where it is given."""
MARK = Text("研究假定", "assumed by the study")
FINEST_DIGITS = 6
"""Charges (or kWh) a day are told to a millionth: what rounding to whole units of a search leaves is none."""
UNITS = {"charge": Text("次/日", "charges a day"), "kwh": Text("千瓦时/日", "kWh a day")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """Figures of a study about electric cars; every output that uses one marks it as an assumption.

    Attributes
    ----------
    ev_share : share of cars that are electric, above 0 and at most 1
    cars_per_person : cars a person, where the demand has no column ``cars``
    per_ev_day : what one electric car takes from public stations in a day, in ``unit``
    per_charger_day : what one charger can give in a day, in ``unit``
    unit : "charge" (charging sessions) or "kwh"
    source : where the figures come from, shown beside them
    """

    ev_share: float
    cars_per_person: float | None = None
    per_ev_day: float | None = None
    per_charger_day: float | None = None
    unit: Literal["charge", "kwh"] = "charge"
    source: Text | None = None

    def __post_init__(self) -> None:
        if not (finite(self.ev_share) and 0 < self.ev_share <= 1):
            msg = f"assumed ev_share is {self.ev_share!r}, expected above 0 and at most 1"
            raise InputError(msg)
        for name in ("cars_per_person", "per_ev_day", "per_charger_day"):
            value = getattr(self, name)
            if value is not None and not (finite(value) and value > 0):
                msg = f"assumed {name} is {value!r}, expected a number above 0"
                raise InputError(msg)
        if self.unit not in UNITS:
            msg = f"assumed unit is {self.unit!r}, expected 'charge' or 'kwh'"
            raise InputError(msg)

    @property
    def can_balance(self) -> bool:
        """Whether demand and supply can be laid side by side."""
        return self.per_ev_day is not None and self.per_charger_day is not None

    def charger_holds(self) -> Fraction:
        """Return how many electric cars one charger keeps going."""
        if self.per_ev_day is None or self.per_charger_day is None:
            msg = "assumed: per_ev_day and per_charger_day are needed to turn chargers into cars"
            raise InputError(msg)
        return exact(self.per_charger_day) / exact(self.per_ev_day)

    def lacks(self, demand: gpd.GeoDataFrame) -> Text | None:
        """Say what the demand lacks without which its cars are not known; None if nothing does."""
        cars = read_counts(demand[CARS], len(demand), math.inf) if CARS in demand.columns else None
        if "people" in demand.columns and self.cars_per_person is not None:
            return None
        if cars is None:
            return Text(
                "需求数据没有汽车数（cars），也没有人口与 cars_per_person",
                "demand has no column 'cars'; give it, or people and cars_per_person",
            )
        if cars.known.all():
            return None
        ids = demand.index[~cars.known]
        first = ", ".join(map(str, ids[:3]))
        return Text(
            f"需求数据中 {len(demand)} 行有 {len(ids)} 行的汽车数（cars）不是不小于 0 的整数（如 {first}）；"
            "请更正，或给出人口与 cars_per_person",
            f"demand: 'cars' of {len(ids)} of {len(demand)} rows are no whole numbers of 0 or more (first: {first}). "
            "Correct them, or give people and cars_per_person",
        )

    def evs(self, demand: gpd.GeoDataFrame) -> NDArray[np.object_]:
        """Return the electric cars of each demand point, exact fractions.

        A row whose cars are not known takes ``cars_per_person``; `unknown_cars` lists such rows.

        Raises
        ------
        InputError
            The demand has neither cars nor, with ``cars_per_person``, people; or cars that are no counts.
        """
        lacking = self.lacks(demand)
        if lacking is not None:
            raise InputError(lacking.en)
        share = exact(self.ev_share)
        cars = read_counts(demand[CARS] if CARS in demand.columns else None, len(demand), math.inf)
        found = [int(c) * share if known else Fraction(0) for c, known in zip(cars.value, cars.known, strict=True)]
        if self.cars_per_person is not None and not cars.known.all():
            milli = people_milli(demand)
            assert milli is not None
            each = exact(self.cars_per_person) * share / MILLI_PER_PERSON
            for k in np.flatnonzero(~cars.known).tolist():
                found[k] = int(milli[k]) * each
        return np.array(found, dtype=object)

    def unknown_cars(self, demand: gpd.GeoDataFrame) -> tuple[Finding, ...]:
        """List the rows that state no usable number of cars, where others do."""
        if CARS not in demand.columns:
            return ()
        rows = ~read_counts(demand[CARS], len(demand), math.inf).known
        n = int(rows.sum())
        if not n:
            return ()
        text = Text(
            f"需求数据：{n} 行的汽车数未知，按每人 {self.cars_per_person:g} 辆推算（{MARK.zh}）",
            f"demand: cars of {n} rows are not known; taken as {self.cars_per_person:g} a person ({MARK.en})",
        )
        return (Finding(code="cars_unknown", kind="warning", count=n, text=text, ids=listed(demand.index[rows])),)

    def lines(self, *, by_column: bool) -> tuple[Text, ...]:
        """Return the figures in words, marked as assumptions."""
        part = f"{100 * self.ev_share:.6g}%"
        zh, en = [f"电动汽车占汽车保有量 {part}"], [f"{part} of cars are electric"]
        if by_column:
            zh.append("汽车数取自需求图层“cars”列")
            en.append("cars from column 'cars' of the demand")
        elif self.cars_per_person is not None:
            zh.append(f"每人 {self.cars_per_person:g} 辆汽车")
            en.append(f"{self.cars_per_person:g} cars a person")
        unit = UNITS[self.unit]
        if self.per_ev_day is not None:
            zh.append(f"每辆电动汽车公共充电 {self.per_ev_day:g} {unit.zh}")
            en.append(f"an electric car takes {self.per_ev_day:g} {unit.en} from public stations")
        if self.per_charger_day is not None:
            zh.append(f"每个充电桩可供 {self.per_charger_day:g} {unit.zh}")
            en.append(f"a charger gives {self.per_charger_day:g} {unit.en}")
        marked = [Text(f"{MARK.zh}：{'、'.join(zh)}", f"{MARK.en}: {', '.join(en)}")]
        if self.source is not None:
            marked.append(Text(f"假定数据来源：{self.source.zh}", f"source of the assumptions: {self.source.en}"))
        return tuple(marked)


def assumed_of(given: Assumed | Mapping[str, Any] | None) -> Assumed | None:
    """Take the figures as they are or as a dict of them, such as a notebook gives."""
    if given is None or isinstance(given, Assumed):
        return given
    return Assumed(**known_fields("assumed", given, Assumed))


def known_fields(what: str, given: Mapping[str, Any], kind: type) -> Mapping[str, Any]:
    """Return a dict of figures, all of which are those of a kind.

    Raises
    ------
    InputError
        A name is not known, or one is missing.
    """
    names = [f.name for f in fields(kind)]
    for name in given:
        if name not in names:
            msg = f"{what}: '{name}' is no figure of it{hint(str(name), names)}; there are {', '.join(names)}"
            raise InputError(msg)
    lacking = [f.name for f in fields(kind) if f.default is MISSING and f.name not in given]
    if lacking:
        msg = f"{what}: {', '.join(lacking)} is missing"
        raise InputError(msg)
    return given


def finite(value: object) -> bool:
    """Whether a figure is a number at all, and a finite one."""
    return isinstance(value, int | float | np.integer) and not isinstance(value, bool) and math.isfinite(value)


def exact(value: float) -> Fraction:
    """Return a decimal as it is written: 0.1 is a tenth."""
    return Fraction(str(value))
