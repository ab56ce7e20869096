"""The closed list of facility classes, and which OSM tags make a place one of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from siting.errors import SchemaError
from siting.ledger import Text
from siting.nearest_word import hint
from siting.standards.plain_yaml import parse_trusted

Geometry = Literal["point", "area", "either"]
Origin = Literal["osm", "green", "entrances", "study"]

_FIELDS = {"zh", "en", "geometry", "themes", "from", "where", "osm", "counts_as", "may_count_as", "aliases", "note"}
_ANY = "*"


@dataclass(frozen=True, slots=True)
class TagRule:
    """One way in which tags make a place a class: every ``tags`` entry holds and no ``unless`` entry does.

    The values of a key are alternatives; None stands for any value but "no".
    """

    tags: tuple[tuple[str, frozenset[str] | None], ...]
    unless: tuple[tuple[str, frozenset[str] | None], ...] = ()

    def matches(self, tags: Mapping[str, str]) -> bool:
        """Whether the tags of one place fit."""
        return all(_holds(tags, key, values) for key, values in self.tags) and not any(
            _holds(tags, key, values) for key, values in self.unless
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityClass:
    """One class of facilities; the fields are explained at the head of ``classes.yaml``."""

    id: str
    name: Text
    geometry: Geometry
    themes: tuple[str, ...]
    origin: Origin
    osm: tuple[TagRule, ...] = ()
    where: Mapping[str, bool | str]
    counts_as: tuple[str, ...] = ()
    may_count_as: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    note: Text | None = None


@lru_cache(maxsize=1)
def load_classes() -> Mapping[str, FacilityClass]:
    """Return every facility class by id, in order of priority.

    Raises
    ------
    SchemaError
        The packaged list contradicts itself; every fault is named.
    """
    return parse_classes(_document())


def parse_classes(document: Mapping[str, Any]) -> Mapping[str, FacilityClass]:
    """Build the classes from the content of ``classes.yaml``; see `load_classes`."""
    entries: Mapping[str, dict[str, Any]] = document["classes"]
    faults: list[str] = []
    classes: dict[str, FacilityClass] = {}
    for id_, entry in entries.items():
        faults += [f"{id_}: unknown field {key!r}{hint(key, _FIELDS)}" for key in entry if key not in _FIELDS]
        for key in ("counts_as", "may_count_as"):
            faults += [
                f"{id_}: {key} names {other!r}, which is no class{hint(other, entries)}"
                for other in entry.get(key, ())
                if other not in entries
            ]
        faults += [
            f"{id_}: alias {alias!r} is a class of its own" for alias in entry.get("aliases", ()) if alias in entries
        ]
        origin: Origin = entry.get("from", "osm")
        if (origin == "osm") != ("osm" in entry):
            faults.append(f"{id_}: tag rules are expected exactly where the class comes from osm")
        try:
            classes[id_] = FacilityClass(
                id=id_,
                name=Text(entry["zh"], entry["en"]),
                geometry=entry["geometry"],
                themes=tuple(entry["themes"]),
                origin=origin,
                osm=tuple(_tag_rule(alternative) for alternative in entry.get("osm", ())),
                where=MappingProxyType(dict(entry.get("where", {}))),
                counts_as=tuple(entry.get("counts_as", ())),
                may_count_as=tuple(entry.get("may_count_as", ())),
                aliases=tuple(entry.get("aliases", ())),
                note=Text(**entry["note"]) if "note" in entry else None,
            )
        except KeyError as error:
            faults.append(f"{id_}: field {error} is missing")
        except TypeError as error:
            faults.append(f"{id_}: {error}")
    if faults:
        msg = "facility classes: " + "; ".join(faults)
        raise SchemaError(msg)
    return MappingProxyType(classes)


def match_osm(tags: Mapping[str, str]) -> tuple[str, ...]:
    """Return the classes of one OSM place, the main one first; empty if it is no facility.

    The first key of a tag rule is its leading key. A place gets at most one class by each leading key: the first in
    the order of the list. So a toilet for customers is no public toilet, and a pitch that is an assembly point is both.
    A value that lists several with ";" matches by any of them, and as a whole.
    """
    index = _index()
    found: list[tuple[int, str]] = []
    for key in index.leading & tags.keys():
        value = tags[key]
        by_value = index.by_tag[key]
        rules = list(by_value.get(value, ())) + list(by_value.get(_ANY, ()) if value != "no" else ())
        if ";" in value:
            for part in _parts(value):
                rules += by_value.get(part, ())
        best = min((r for r in rules if r[2].matches(tags)), key=lambda r: r[0], default=None)
        if best is not None:
            found.append(best[:2])
    if not found or any(rule.matches(tags) for rule in index.never):
        return ()
    return tuple(dict.fromkeys(id_ for _, id_ in sorted(found)))


def osm_keys() -> frozenset[str]:
    """Return the keys of which a place must have at least one to be a facility: a filter for a reader."""
    return _index().leading


def places_counting_as(facility: Iterable[str]) -> dict[str, bool]:
    """Return the classes whose places serve any of the given classes, and whether that is beyond doubt.

    A class that only *may* count (False), such as a school of unknown level among primary schools, counts by default;
    whoever uses it reports how many there were.

    Raises
    ------
    SchemaError
        A class is unknown; the nearest known one is proposed.
    """
    wanted = list(facility)
    classes = load_classes()
    check_class_ids(wanted)
    sure = dict.fromkeys(wanted, True)
    for id_, entry in classes.items():
        if sure.get(id_):
            continue
        if set(entry.counts_as) & set(wanted):
            sure[id_] = True
        elif set(entry.may_count_as) & set(wanted):
            sure[id_] = False
    return sure


def check_class_ids(ids: Iterable[str]) -> None:
    """Refuse ids that are no facility class.

    Raises
    ------
    SchemaError
        Names every unknown id and the nearest known one.
    """
    known = load_classes()
    unknown = [id_ for id_ in ids if id_ not in known]
    if unknown:
        msg = "; ".join(f"no facility class {id_!r}{_class_hint(id_)}" for id_ in unknown)
        raise SchemaError(msg)


def nearest_class(word: str) -> str | None:
    """Return the class that a word most likely means, by its aliases, names and id; None where none is near."""
    from siting.nearest_word import suggest

    plain = word.strip().lower().replace("-", "_").replace(" ", "_")
    words: dict[str, str] = {}
    for id_, entry in load_classes().items():
        for other in (id_, *entry.aliases, entry.name.zh, entry.name.en.lower().replace(" ", "_")):
            words.setdefault(other, id_)
    if plain in words:
        return words[plain]
    near = suggest(plain, words)
    return None if near is None else words[near]


def _class_hint(word: str) -> str:
    near = nearest_class(word)
    return "" if near is None else f"; did you mean {near!r}?"


@dataclass(frozen=True, slots=True)
class _Index:
    """Tag rules by leading key and value, each with its rank, so that a place looks at few of them."""

    leading: frozenset[str]
    by_tag: Mapping[str, Mapping[str, tuple[tuple[int, str, TagRule], ...]]]
    never: tuple[TagRule, ...]


@lru_cache(maxsize=1)
def _index() -> _Index:
    by_tag: dict[str, dict[str, tuple[tuple[int, str, TagRule], ...]]] = {}
    rank = 0
    for id_, entry in load_classes().items():
        for rule in entry.osm:
            key, values = rule.tags[0]
            for value in (_ANY,) if values is None else sorted(values):
                slot = by_tag.setdefault(key, {})
                slot[value] = (*slot.get(value, ()), (rank, id_, rule))
            rank += 1
    never = tuple(_tag_rule(entry) for entry in _document()["never"])
    return _Index(frozenset(by_tag), by_tag, never)


@lru_cache(maxsize=1)
def _document() -> dict[str, Any]:
    return parse_trusted(files("siting.standards").joinpath("classes.yaml").read_text("utf-8"))


def _tag_rule(entry: Mapping[str, Any]) -> TagRule:
    tags = {key: value for key, value in entry.items() if key != "not"}
    return TagRule(_conditions(tags), _conditions(entry.get("not", {})))


def _conditions(tags: Mapping[str, Any]) -> tuple[tuple[str, frozenset[str] | None], ...]:
    conditions: list[tuple[str, frozenset[str] | None]] = []
    for key, value in tags.items():
        values = value if isinstance(value, list) else [value]
        wrong = [v for v in values if not isinstance(v, str)]
        if wrong:
            msg = f"tag {key} has the value {wrong[0]!r}, expected text; put it in quotes"
            raise TypeError(msg)
        conditions.append((key, None if _ANY in values else frozenset(values)))
    return tuple(conditions)


def _holds(tags: Mapping[str, str], key: str, values: frozenset[str] | None) -> bool:
    value = tags.get(key)
    if value is None:
        return False
    if values is None:
        return value != "no"
    return value in values or (";" in value and not values.isdisjoint(_parts(value)))


def _parts(value: str) -> list[str]:
    return [part.strip() for part in value.split(";") if part.strip()]
