"""Networks with times for the rules in minutes: one a mode and profile, each built once, each direction turned once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from siting.coverage import Searches, Travel
from siting.errors import InputError
from siting.inputs.sources import check_source, file_sha256
from siting.ledger import Account, Finding, Text
from siting.network import Network, Profile, load_profiles
from siting.network.impedance import open_to
from siting.network.scenario import ChangedNetwork
from siting.pipeline.scenarios import Scenario, change_for, planned_network
from siting.pipeline.sources import Sources
from siting.pipeline.streets import build_network
from siting.standards import Rule, unit_text
from siting.study import Study
from siting.study.settings import AuditTable

DRIVEN = "travel_time"
"""The metric of rules about vehicles; other rules in minutes are about people on foot."""


@dataclass(frozen=True, slots=True)
class Trip:
    """Who moves for a rule in minutes, and which way.

    Attributes
    ----------
    outward : True: from the facility to the people
    """

    profile: Profile
    outward: bool


def trip_of(study: Study, audit: AuditTable, rule: Rule) -> Trip | None:
    """Return who moves for a rule, by the study or else by what the rule is about; None for a rule in metres.

    On foot people go to the facility; vehicles come out of it, unless the study says otherwise.
    """
    return trip_by(study, audit.profile, audit.direction, rule) if rule.distance == "time" else None


@dataclass(eq=False)
class Ways:
    """The streets of one study as each rule needs them.

    Attributes
    ----------
    walk : the walking network, of the scenario if there is one; None for a study without streets
    searches : on the walking network, by metres
    """

    study: Study
    sources: Sources
    walk: Network | None
    searches: Searches
    scenario: Scenario | None = None
    _drive: Network | None = field(default=None, repr=False)
    _trucks: dict[tuple[float | None, float | None], Network] = field(default_factory=dict, repr=False)
    _timed: dict[str, Network] = field(default_factory=dict, repr=False)
    _turned: dict[tuple[str, bool], Searches] = field(default_factory=dict, repr=False)

    def for_trip(self, trip: Trip) -> tuple[Searches, Travel]:
        """Return the searches by time for a trip, and how their times are measured; the study must have streets."""
        key = (trip.profile.id, trip.outward)
        if key not in self._turned:
            network = self.timed(trip.profile)
            # The searches by metres share what does not depend on times: straight lines, and entries of walked areas.
            made = network.turned() if trip.outward else network
            self._turned[key] = Searches(made, self.searches.max_snap_m, self.searches.entrances, sharing=self.searches)
        travel = Travel(profile=trip.profile, elevation=self.sloped(trip.profile), outward=trip.outward)
        return self._turned[key], travel

    def timed(self, profile: Profile) -> Network:
        """Return the streets of the profile's mode with its times."""
        if profile.id not in self._timed:
            network = self.streets(profile.mode)
            heights = self.elevation if self.sloped(profile) else None
            self._timed[profile.id] = network.timed(profile, heights)
        return self._timed[profile.id]

    def streets(self, mode: str) -> Network:
        """Return the streets of a mode, with lengths."""
        if mode == "walk":
            if self.walk is None:
                msg = "streets: the study has none, so travel times cannot be computed. Add a [streets] table"
                raise InputError(msg)
            return self.walk
        if self._drive is None:
            made = build_network(self.study, self.sources, "drive")
            self._drive = planned_network(made, change_for(self.scenario, "drive"))
        assert self._drive is not None
        return self._drive

    def for_trucks(self, weight_t: float | None = None, height_m: float | None = None) -> Network:
        """Return the streets that are open to trucks, with lengths; without figures those of the packaged profile."""
        key = (weight_t, height_m)
        if key not in self._trucks:
            truck = load_profiles()["truck"].with_truck(weight_t, height_m)
            self._trucks[key] = open_to(self.streets("drive"), truck)
        return self._trucks[key]

    @property
    def elevation(self) -> Path | None:
        """The study's elevation model."""
        streets = self.study.settings.streets
        return None if streets is None or streets.elevation is None else self.study.resolve(streets.elevation)

    def sloped(self, profile: Profile) -> bool:
        """Whether slopes enter the profile's times in this study."""
        return self.elevation is not None and profile.slope_law is not None

    @property
    def drive(self) -> Network | None:
        """The driving network, if a rule needed it."""
        return self._drive

    @property
    def networks(self) -> tuple[Network, ...]:
        """Every network that was built beside the walking one."""
        return tuple(n for n in (self._drive, *self._trucks.values(), *self._timed.values()) if n is not None)

    @property
    def accounts(self) -> tuple[Account, ...]:
        """What became of the streets on the way to these networks, and of the elevation model."""
        found = [a for network in self.networks for a in network.accounts]
        used = self.elevation is not None and any(self.sloped(n.times.profile) for n in self._timed.values() if n.times)
        if used and self.elevation is not None:
            path = check_source(self.elevation, "streets.elevation")
            account = Account(layer="elevation", source=path.name, rows_in=0, rows_used=0, sha256=file_sha256(path))
            found.append(account)
        return tuple(dict.fromkeys(found))

    def findings(self, trips: Mapping[str, Trip | None]) -> list[Finding]:
        """Say what of the streets' settings nothing is computed from, and what a scenario leaves as it is."""
        streets = self.study.settings.streets
        modes = {trip.profile.mode for trip in trips.values() if trip is not None}
        if self._drive is not None:
            modes.add("drive")
        found = []
        if streets is not None and streets.elevation is not None and "walk" not in modes:
            text = Text(
                "streets.elevation 未使用：没有以步行分钟计的标准",
                "streets.elevation is not used: no rule is in minutes on foot",
            )
            found.append(Finding(code="elevation_not_used", kind="note", count=0, text=text))
        if streets is not None and "drive" in streets.modes and "drive" not in modes:
            text = Text(
                'streets.modes 中的 "drive" 未使用：没有以行车分钟计的标准，也没有收运车辆',
                'streets.modes: "drive" is not used: no rule is in minutes of driving, and nothing is hauled',
            )
            found.append(Finding(code="drive_not_used", kind="note", count=0, text=text))
        if isinstance(self.walk, ChangedNetwork) and "drive" in modes and not isinstance(self._drive, ChangedNetwork):
            text = Text(
                "情景只改变步行道路，行车按现状计", "the scenario changes the walking streets; vehicles go by today's"
            )
            found.append(Finding(code="scenario_walk_only", kind="warning", count=0, text=text))
        return found


def clock_findings(rule: Rule) -> tuple[Finding, ...]:
    """Warn where a clause starts its clock before the way begins."""
    _, _, since = rule.unit.partition(" ")
    if rule.distance != "time" or not since:
        return ()
    text = Text(
        f"{rule.id}：条文的时限为“{unit_text(rule.unit).zh}”，此处只计路上时间；"
        "如需扣除准备时间，请设 overrides.limit_min",
        f"{rule.id}: the clause counts minutes {since}; here only the way counts. To allow for turning out, set "
        "overrides.limit_min to what is left",
    )
    return (Finding(code="clock_before_the_way", kind="warning", count=0, text=text),)


def trip_by(study: Study, profile: str | None, direction: str | None, rule: Rule | None) -> Trip:
    """Return who moves where a time is asked for: as `trip_of`, the rule being None where there is none."""
    streets = study.settings.streets
    walker = "adult" if streets is None else streets.profile
    default = "drive" if rule is not None and rule.metric == DRIVEN else walker
    who = load_profiles()[profile or default]
    return Trip(who, who.mode == "drive" if direction is None else direction == "from_facility")


def trips_of(study: Study) -> dict[str, Trip | None]:
    """Who moves for each audit of the study, by its label."""
    return {audit.label: trip_of(study, audit, study.rule_of(audit)) for audit in study.settings.audit}


def trip_lines(study: Study, ways: Ways) -> tuple[Text, ...]:
    """Say for each rule in minutes what is computed; every network that is needed is built for that."""
    lines = []
    for label, trip in trips_of(study).items():
        audit = next(a for a in study.settings.audit if a.label == label)
        rule = study.rule_of(audit)
        if trip is None or not rule.can_judge_access or ways.walk is None:
            continue
        _, travel = ways.for_trip(trip)
        minutes = (rule.limit_s or 0.0) / 60.0
        lines.append(
            Text(f"{label}：{minutes:g} 分钟，{travel.text.zh}", f"{label}: {minutes:g} min, {travel.text.en}")
        )
    return tuple(lines)
