"""Profiles: who moves, how fast and over what, as `profiles.yaml` says, each figure with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal

import yaml

from siting.errors import NetworkDataError
from siting.inputs.street_filter import Mode
from siting.ledger import Text
from siting.nearest_word import hint
from siting.standards import load_catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number with its origin: a rule of the standards catalogue, or an assumption made here."""

    value: float
    unit: str
    rule: str | None = None
    assumed: str | None = None

    def __post_init__(self) -> None:
        if not 0 < self.value < float("inf"):
            msg = f"profiles: {self.value} {self.unit} is no usable figure; expected a finite number above 0"
            raise NetworkDataError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlopeLaw:
    """How slope changes walking speed; see `siting.network.elevation.pace_factor`."""

    steepness: float
    fastest_at: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFree:
    """Tags of ways that a wheelchair cannot pass; ``wheelchair`` values decide before all others."""

    wheelchair_open: frozenset[str]
    wheelchair_closed: frozenset[str]
    highway: frozenset[str]
    kerb: frozenset[str]
    surface: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TruckLimits:
    """What a truck weighs and how high it is, and the values of ``hgv`` that close a way to it."""

    weight: Figure
    height: Figure
    hgv_closed: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriveSpeeds:
    """Speeds in km/h by class of road, for ways without a legal limit."""

    classes: Mapping[str, float]
    unlisted: float
    walking_pace: float
    assumed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Who moves, and how.

    Attributes
    ----------
    speed : on foot: m/s on the flat; None for driving
    off_street : m/s on the straight way between a point and its street
    slope_law : how slope changes walking
    slope_limit : rise/run above which a way is closed, or None
    step_free : what else is closed, or None
    drive_speeds, at_most : speeds by class of road, and the most in km/h that the vehicle does
    truck : weight and height that ways must bear, or None
    """

    id: str
    name: Text
    mode: Mode
    off_street: Figure
    speed: Figure | None = None
    slope_law: SlopeLaw | None = None
    slope_limit: Figure | None = None
    step_free: StepFree | None = None
    drive_speeds: DriveSpeeds | None = None
    at_most: Figure | None = None
    truck: TruckLimits | None = None

    @property
    def figures(self) -> dict[str, Figure]:
        """Every single figure by its name, for the evidence of a run."""
        named = {
            "speed": self.speed,
            "off_street": self.off_street,
            "slope_limit": self.slope_limit,
            "at_most": self.at_most,
            "truck_weight": None if self.truck is None else self.truck.weight,
            "truck_height": None if self.truck is None else self.truck.height,
        }
        return {name: figure for name, figure in named.items() if figure is not None}

    def with_truck(self, weight_t: float | None, height_m: float | None) -> Profile:
        """Return the profile with a truck of the study's own weight and height; what is None stays as it is."""
        if self.truck is None:
            return self
        own = "the study's own"
        weight = self.truck.weight if weight_t is None else Figure(value=weight_t, unit="t", assumed=own)
        height = self.truck.height if height_m is None else Figure(value=height_m, unit="m", assumed=own)
        return replace(self, truck=replace(self.truck, weight=weight, height=height))


def load_profiles() -> Mapping[str, Profile]:
    """Return the packaged profiles by id: adult, elderly, step_free, drive, truck."""
    return _packaged()


def profile_of(wanted: str | Profile) -> Profile:
    """Return a profile by id, or the profile itself.

    Raises
    ------
    NetworkDataError
        There is none of this id; the nearest one is proposed.
    """
    if isinstance(wanted, Profile):
        return wanted
    known = load_profiles()
    if wanted not in known:
        msg = f"no profile {wanted!r}{hint(wanted, known)}; the profiles are {', '.join(known)}"
        raise NetworkDataError(msg)
    return known[wanted]


@cache
def _packaged() -> Mapping[str, Profile]:
    text = resources.files("siting.network").joinpath("profiles.yaml").read_text(encoding="utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return MappingProxyType({name: _profile(name, row, table) for name, row in table["profiles"].items()})


def _profile(name: str, row: Mapping[str, Any], table: Mapping[str, Any]) -> Profile:
    figures = {key: _figure(row[key]) for key in ("speed", "slope_limit", "at_most", "off_street") if key in row}
    mode: Literal["walk", "drive"] = "drive" if row["mode"] == "drive" else "walk"
    if "off_street" not in figures:  # on foot the way to the street is walked like the rest
        figures["off_street"] = figures["speed"]
    return Profile(
        id=name,
        name=Text(row["name"]["zh"], row["name"]["en"]),
        mode=mode,
        slope_law=SlopeLaw(**table["slope_law"]) if mode == "walk" else None,
        step_free=_step_free(table["step_free"]) if row.get("step_free") else None,
        drive_speeds=_speeds(table[row["speeds"]]) if "speeds" in row else None,
        truck=_truck(row["truck"], table["truck"]) if "truck" in row else None,
        **figures,
    )


def _figure(row: Mapping[str, Any]) -> Figure:
    if "rule" not in row:
        return Figure(value=float(row["value"]), unit=row["unit"], assumed=row["assumed"])
    rule = load_catalogue()[row["rule"]]
    value = rule.threshold
    if isinstance(value, tuple):
        value = {"min": min, "max": max}[row["take"]](value)
    if value is None:
        msg = f"profiles: rule {rule.id} has no figure to take"
        raise NetworkDataError(msg)
    return Figure(value=float(value), unit=rule.unit, rule=rule.id, assumed=row.get("assumed"))


def _step_free(row: Mapping[str, Any]) -> StepFree:
    return StepFree(
        wheelchair_open=frozenset(row["wheelchair"]["open"]),
        wheelchair_closed=frozenset(row["wheelchair"]["closed"]),
        highway=frozenset(row["highway"]),
        kerb=frozenset(row["kerb"]),
        surface=frozenset(row["surface"]),
    )


def _truck(own: Mapping[str, Any], table: Mapping[str, Any]) -> TruckLimits:
    return TruckLimits(weight=_figure(own["weight"]), height=_figure(own["height"]), hgv_closed=frozenset(table["hgv"]))


def _speeds(row: Mapping[str, Any]) -> DriveSpeeds:
    return DriveSpeeds(
        classes=MappingProxyType({name: float(kmh) for name, kmh in row["classes"].items()}),
        unlisted=float(row["unlisted"]),
        walking_pace=float(row["walking_pace"]),
        assumed=row["assumed"],
    )
