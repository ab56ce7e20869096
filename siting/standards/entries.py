"""One entry of a rules file, checked field by field, as a `Rule`."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, get_args

from siting.errors import SchemaError
from siting.ledger import Text
from siting.nearest_word import hint
from siting.standards.classes import load_classes, nearest_class
from siting.standards.labels import METRICS, TOPICS
from siting.standards.model import Denominator, DistanceKind, LandPart, Reading, Rule, SeenIn, Source, Standing, Target

OPERATORS = ("<=", ">=", "<", ">", "=", "range", "enum", "approx", "presence", "rule")
REQUIRED = (
    "id",
    "name",
    "topic",
    "tier",
    "metric",
    "operator",
    "threshold",
    "unit",
    "facility",
    "source",
    "confidence",
)
OPTIONAL = (
    "applies_to", "only_area_m2", "min_area_m2", "radius", "distance", "denominator", "target", "requirement",
    "applies_to_land", "condition", "seen_in", "note", "conflicts_with", "old_value", "reviewed", "added",
)  # fmt: skip
FIELDS = frozenset(REQUIRED + OPTIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A standard, policy paper or other text that rules are taken from."""

    code: str
    title: str
    status: str
    standing: Standing
    mandatory: bool = False


def parse_document(entry: object) -> Document:
    """Read one entry of a list of documents.

    Raises
    ------
    SchemaError
        Names every fault of the entry.
    """
    fields = {"code", "title", "status", "standing", "mandatory"}
    if not isinstance(entry, dict):
        msg = f"document: expected a mapping with code, title, status and standing, found {entry!r}"
        raise SchemaError(msg)
    code = entry.get("code")
    faults = [f"unknown field {key!r}{hint(str(key), fields)}" for key in entry if key not in fields]
    faults += [
        f"{key}: expected text, found {entry.get(key)!r}"
        for key in ("code", "title", "status", "standing")
        if not _is_text(entry.get(key))
    ]
    if _is_text(entry.get("standing")) and entry["standing"] not in get_args(Standing):
        faults.append(f"standing: {entry['standing']!r} is not one of {', '.join(get_args(Standing))}")
    if not isinstance(entry.get("mandatory", False), bool):
        faults.append(f"mandatory: expected true or false, found {entry['mandatory']!r}")
    if faults:
        msg = "; ".join(f"document {code}: {fault}" for fault in faults)
        raise SchemaError(msg)
    return Document(**entry)


def parse_rule(entry: Mapping[str, Any], documents: Mapping[str, Document], pack: str) -> Rule:
    """Read one entry of a rules file, its ``topic`` filled in.

    Raises
    ------
    SchemaError
        Names the rule and every fault of the entry.
    """
    faults: list[str] = []
    id_ = str(entry.get("id", "(without id)"))
    faults += [f"unknown field {key!r}{hint(str(key), FIELDS)}" for key in entry if key not in FIELDS]
    faults += [f"field {key!r} is missing" for key in REQUIRED if key not in entry]
    if faults:
        _refuse(id_, faults)
    read = _Fields(entry, faults)
    name, source = read.text("name"), read.source(documents)
    confidence = read.reading(entry["confidence"], "confidence")
    radius, radius_reading = read.radius()
    distance, distance_reading = read.part("distance", "kind", get_args(DistanceKind))
    denominator, denominator_reading = read.part("denominator", "kind", get_args(Denominator))
    target, target_reading = read.target()
    threshold, only_area = read.threshold(), read.area_range()
    facility = read.facility()
    topic, metric = read.choice("topic", tuple(TOPICS)), read.choice("metric", tuple(METRICS))
    operator, requirement = read.choice("operator", OPERATORS), None
    if entry.get("requirement") is not None:
        requirement = read.choice("requirement", ("required", "as_needed"))
    land_part = None
    if entry.get("applies_to_land") is not None:
        land_part = read.choice("applies_to_land", get_args(LandPart))
    condition = read.text("condition") if entry.get("condition") is not None else None
    seen_in, min_area, conflicts = read.seen_in(), read.min_area(), read.ids("conflicts_with")
    if metric == "ratio" and target is not None and threshold != target.share:
        faults.append(f"threshold {threshold} and target share {target.share} differ; a coverage share stands in both")
    for key in ("id", "tier", "unit", "applies_to", "note", "old_value", "reviewed", "added"):
        if key in entry and not _is_text(entry[key]):
            faults.append(f"{key}: expected text, found {entry[key]!r}; put it in quotes")
    if faults or name is None or source is None:
        _refuse(id_, faults)
    graded = {"distance": distance_reading, "denominator": denominator_reading, "target": target_reading}
    readings = {"threshold": confidence if radius is None else radius_reading}
    readings |= {part: reading for part, reading in graded.items() if reading is not None}
    rule = Rule(
        id=id_,
        name=name,
        topic=topic,
        tier=entry["tier"],
        facility=facility,
        metric=metric,
        operator=operator,
        threshold=threshold,
        unit=entry["unit"],
        distance=distance,
        denominator=denominator,
        target=target,
        confidence=confidence,
        readings=readings,
        source=source,
        seen_in=seen_in,
        requirement=requirement,
        condition=condition,
        note=entry.get("note", ""),
        applies_to=entry.get("applies_to", ""),
        min_area_m2=min_area,
        conflicts_with=conflicts,
        old_value=entry.get("old_value"),
        reviewed=entry.get("reviewed"),
        added=entry.get("added"),
        pack=pack,
        radius_m=radius,
        only_area_m2=only_area,
        applies_to_land=land_part,
    )
    if (
        not (rule.limit_m is None and rule.limit_s is None)
        and rule.facility
        and (distance is None or denominator is None)
    ):
        _refuse(id_, ["a rule with a limit and facilities needs distance and denominator, each with its reading"])
    return rule


class _Fields:
    """Reads the fields of one entry and notes what is wrong with them."""

    def __init__(self, entry: Mapping[str, Any], faults: list[str]) -> None:
        self.entry = entry
        self.faults = faults

    def choice(self, key: str, allowed: tuple[str, ...]) -> Any:
        value = self.entry[key]
        if value not in allowed:
            self.faults.append(f"{key}: {value!r} is not one of {', '.join(allowed)}{hint(str(value), allowed)}")
        return value

    def reading(self, value: object, where: str) -> Reading:
        try:
            return Reading(str(value))
        except ValueError:
            self.faults.append(
                f"{where}: {value!r} is not one of {', '.join(Reading)}{hint(str(value), list(Reading))}"
            )
            return Reading.ASSUMED

    def text(self, key: str) -> Text | None:
        value = self.entry[key]
        if not isinstance(value, dict) or set(value) != {"zh", "en"} or not all(_is_text(v) for v in value.values()):
            self.faults.append(f"{key}: expected {{zh: …, en: …}}, found {value!r}")
            return None
        return Text(value["zh"], value["en"])

    def source(self, documents: Mapping[str, Document]) -> Source | None:
        value = self.entry["source"]
        if not isinstance(value, dict) or not {"document", "clause"} <= set(value) <= {
            "document",
            "clause",
            "title",
            "status",
        }:
            self.faults.append(f"source: expected {{document: …, clause: …}}, found {value!r}")
            return None
        if not all(_is_text(v) for v in value.values()):
            self.faults.append(f"source: expected text in every field, found {value!r}; put numbers in quotes")
            return None
        document = documents.get(value["document"])
        if document is None:
            near = hint(value["document"], documents)
            self.faults.append(f"source: {value['document']!r} is not in the list of documents{near}")
            return None
        # A note explains a mandatory clause; it is not one itself.
        mandatory = document.mandatory and "explanatory note" not in value["clause"]
        return Source(
            document=document.code,
            title=value.get("title", document.title),
            clause=value["clause"],
            status=value.get("status", document.status),
            mandatory=mandatory,
            standing=document.standing,
        )

    def part(self, key: str, field: str, allowed: tuple[str, ...]) -> tuple[Any, Reading | None]:
        value = self.entry.get(key)
        if value is None:
            return None, None
        if not isinstance(value, dict) or set(value) != {field, "reading"} or value[field] not in allowed:
            self.faults.append(f"{key}: expected {{{field}: {' | '.join(allowed)}, reading: …}}, found {value!r}")
            return None, None
        return value[field], self.reading(value["reading"], f"{key}.reading")

    def radius(self) -> tuple[float | None, Reading]:
        value = self.entry.get("radius")
        if value is None:
            return None, Reading.ASSUMED
        if not isinstance(value, dict) or set(value) != {"metres", "reading"} or not _is_number(value["metres"]):
            self.faults.append(f"radius: expected {{metres: …, reading: …}}, found {value!r}")
            return None, Reading.ASSUMED
        if value["metres"] <= 0:
            self.faults.append(f"radius.metres: {value['metres']} is not above 0")
            return None, Reading.ASSUMED
        return float(value["metres"]), self.reading(value["reading"], "radius.reading")

    def target(self) -> tuple[Target | None, Reading | None]:
        value = self.entry.get("target")
        if value is None:
            return None, None
        if (
            not isinstance(value, dict)
            or set(value) != {"share", "operator", "reading"}
            or not _is_number(value["share"])
        ):
            self.faults.append(f"target: expected {{share: …, operator: '>=' | '>', reading: …}}, found {value!r}")
            return None, None
        if not 0 < value["share"] <= 1 or value["operator"] not in (">=", ">"):
            self.faults.append(f"target: expected a share above 0 and at most 1, and >= or >, found {value!r}")
            return None, None
        target = Target(share=float(value["share"]), operator=value["operator"])
        return target, self.reading(value["reading"], "target.reading")

    def threshold(self) -> float | tuple[float, ...] | None:
        value = self.entry["threshold"]
        if value is None:
            return None
        if _is_number(value):
            return float(value)
        if _is_numbers(value):
            return tuple(float(v) for v in value)
        self.faults.append(f"threshold: expected a finite number, a list of numbers or null, found {value!r}")
        return None

    def area_range(self) -> tuple[float | None, float | None] | None:
        value = self.entry.get("only_area_m2")
        if value is None:
            return None
        good = isinstance(value, list) and len(value) == 2 and all(v is None or _is_number(v) for v in value)
        if not good or (None not in value and value[0] >= value[1]):
            self.faults.append(f"only_area_m2: expected [lower or null, upper or null], found {value!r}")
            return None
        low, high = value
        return (None if low is None else float(low), None if high is None else float(high))

    def min_area(self) -> dict[str, tuple[float, ...] | None] | float | None:
        value = self.entry.get("min_area_m2")
        if value is None:
            return None
        if _is_number(value):
            return float(value)
        ranges = {"floor_range", "land_range"}
        if (
            isinstance(value, dict)
            and set(value) <= ranges
            and all(v is None or _is_numbers(v) for v in value.values())
        ):
            return {key: None if ends is None else tuple(float(v) for v in ends) for key, ends in value.items()}
        self.faults.append(f"min_area_m2: expected a number or {{floor_range: […], land_range: […]}}, found {value!r}")
        return None

    def ids(self, key: str) -> tuple[str, ...]:
        value = self.entry.get(key, [])
        if not isinstance(value, list) or not all(_is_text(v) for v in value):
            self.faults.append(f"{key}: expected a list of rule ids, found {value!r}")
            return ()
        return tuple(value)

    def facility(self) -> tuple[str, ...]:
        value = self.entry["facility"]
        if not isinstance(value, list):
            self.faults.append(f"facility: expected a list of facility classes, found {value!r}")
            return ()
        for id_ in value:
            if id_ not in load_classes():
                near = nearest_class(str(id_))
                self.faults.append(
                    f"facility: no class {id_!r}" + ("" if near is None else f"; did you mean {near!r}?")
                )
        return tuple(value)

    def seen_in(self) -> tuple[SeenIn, ...]:
        value = self.entry.get("seen_in", [])
        if not isinstance(value, list) or any(not isinstance(v, dict) or set(v) != {"title", "address"} for v in value):
            self.faults.append("seen_in: expected a list of {title: …, address: …}")
            return ()
        return tuple(SeenIn(**v) for v in value)


def _refuse(id_: str, faults: list[str]) -> NoReturn:
    msg = "; ".join(f"rule {id_}: {fault}" for fault in faults)
    raise SchemaError(msg)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_numbers(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_number(v) for v in value)
