"""Which ways are streets, for whom and in which direction: `street_filter.yaml` applied to the tags of a way."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C loader is ten times as fast, where it was built
_KINDS = ("highway", "man_made", "public_transport", "railway")
"""Keys that name what a way is, the first one present."""

Mode = Literal["walk", "drive"]
MODES: tuple[Mode, ...] = ("walk", "drive")


@dataclass(frozen=True, slots=True)
class Passage:
    """Whether a mode may use a way; if not, the code of the reason and the tag that decided."""

    forward: bool
    backward: bool
    reason: str | None = None
    tag: str | None = None

    @property
    def open(self) -> bool:
        """Whether the way is usable in one direction at least."""
        return self.forward or self.backward


@dataclass(frozen=True, slots=True)
class WayVerdict:
    """What the filter says of one way."""

    walk: Passage
    drive: Passage
    square: bool  # an area of which the outline is kept as walkable edges
    unlisted: str | None  # a value of ``highway`` that the table does not know

    def passage(self, mode: Mode) -> Passage:
        """Return the passage of one mode."""
        return self.walk if mode == "walk" else self.drive


def _closed(reason: str, tag: str) -> Passage:
    return Passage(forward=False, backward=False, reason=reason, tag=tag)


class StreetFilter:
    """The rules of `street_filter.yaml`, or of another table of the same form.

    The steps for one mode, the first that decides ends it:

    1. the kind is ``never`` a way for the mode;
    2. a closing tag (ferry, abandoned, motor road) shuts it, unless the mode's own tag may open it and does;
    3. an area is out, unless it is a square (walking only);
    4. the mode's own access tag (``foot``, ``motor_vehicle`` …) opens or closes it;
    5. a general access tag (``access``) closes it;
    6. a kind that must be asked for is closed where nothing asked; motor roads are also opened by a sidewalk;
    7. the direction: ``oneway`` binds vehicles, and people on foot only as ``oneway:foot``.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._highways: dict[str, dict[str, Any]] = table["highways"]
        self._unlisted: dict[str, Any] = table["unlisted"]
        self._others = [(r["key"], str(r["value"]), r) for r in table["other_ways"]]
        self._closing = {
            mode: [(c["key"], c["value"], c["unless_asked"]) for c in table["closing"] if mode in c["modes"]]
            for mode in MODES
        }
        self._access = {mode: _AccessTags(table[f"{mode}_access"]) for mode in MODES}
        self._sidewalk_keys = tuple(table["sidewalks"]["keys"])
        self._sidewalk_present = frozenset(table["sidewalks"]["present"])
        oneway = table["oneway"]
        self._oneway_keys = {mode: tuple(oneway[f"{mode}_keys"]) for mode in MODES}
        self._forward = frozenset(oneway["forward"])
        self._backward = frozenset(oneway["backward"])
        self._implied = [(r["key"], r["value"]) for r in oneway["implied_by"]]
        self._deciding = frozenset(self._keys())
        self._judged: dict[tuple[tuple[str, str], ...], WayVerdict] = {}

    @classmethod
    def default(cls) -> "StreetFilter":
        """Return the filter of the packaged table."""
        return _default()

    @property
    def way_keys(self) -> tuple[str, ...]:
        """Keys of which one at least makes an object a way that the table rules on."""
        return ("highway", *dict.fromkeys(key for key, _, _ in self._others))

    def _keys(self) -> tuple[str, ...]:
        """All keys that a verdict depends on."""
        access = [key for tags in self._access.values() for key in tags.keys]
        closing = [key for rows in self._closing.values() for key, _, _ in rows]
        oneway = [key for keys in self._oneway_keys.values() for key in keys]
        implied = [key for key, _ in self._implied]
        named = [*self.way_keys, *_KINDS, "area", *closing, *access, *self._sidewalk_keys, *oneway, *implied]
        return tuple(dict.fromkeys(named))

    def is_way(self, tags: Mapping[str, str]) -> bool:
        """Whether the way is one that the table rules on at all."""
        return "highway" in tags or any(tags.get(key) == value for key, value, _ in self._others)

    def is_square_kind(self, tags: Mapping[str, str]) -> bool:
        """Whether an area with these tags keeps its outline as walkable edges."""
        return bool(self._row(tags)[0].get("square"))

    def judge(self, tags: Mapping[str, str]) -> WayVerdict:
        """Rule on one way by its tags alone; most ways share theirs with many others."""
        deciding = tuple((key, value) for key, value in tags.items() if key in self._deciding)
        verdict = self._judged.get(deciding)
        if verdict is None:
            verdict = self._judged[deciding] = self._judge(dict(deciding))
        return verdict

    def _judge(self, tags: Mapping[str, str]) -> WayVerdict:
        row, known = self._row(tags)
        is_area = tags.get("area") == "yes"
        walk = self._passage("walk", row, tags, is_area)
        drive = self._passage("drive", row, tags, is_area)
        square = is_area and walk.open
        return WayVerdict(walk=walk, drive=drive, square=square, unlisted=None if known else tags.get("highway"))

    def _row(self, tags: Mapping[str, str]) -> tuple[dict[str, Any], bool]:
        highway = tags.get("highway")
        if highway is not None:
            row = self._highways.get(highway)
            return (self._unlisted, False) if row is None else (row, True)
        for key, value, row in self._others:
            if tags.get(key) == value:
                return row, True
        return self._unlisted, True

    def _passage(self, mode: Mode, row: Mapping[str, Any], tags: Mapping[str, str], is_area: bool) -> Passage:
        kind = _kind_tag(tags)
        rule = row[mode]
        if rule == "never":
            return _closed("not_a_way", kind)
        access = self._access[mode]
        asked = access.asked(tags)
        for key, value, unless_asked in self._closing[mode]:
            if tags.get(key) == value and not (unless_asked and asked):
                return _closed("closed_by_tag", f"{key}={value}")
        if is_area and (mode == "drive" or not row.get("square")):
            return _closed("area", kind)
        shut = access.closed_by(tags)
        if shut is not None:
            return _closed("no_access", shut)
        if rule in ("asked", "sidewalk") and not asked and not (rule == "sidewalk" and self._has_sidewalk(tags)):
            return _closed("not_permitted", kind)
        return self._direction(mode, tags)

    def _has_sidewalk(self, tags: Mapping[str, str]) -> bool:
        return any(tags.get(key) in self._sidewalk_present for key in self._sidewalk_keys)

    def _direction(self, mode: Mode, tags: Mapping[str, str]) -> Passage:
        for key in self._oneway_keys[mode]:
            value = tags.get(key)
            if value is None:
                continue
            if value in self._forward:
                return Passage(forward=True, backward=False)
            if value in self._backward:
                return Passage(forward=False, backward=True)
            return Passage(forward=True, backward=True)  # "no", and what changes by the hour
        if mode == "drive" and any(tags.get(key) == value for key, value in self._implied):
            return Passage(forward=True, backward=False)
        return Passage(forward=True, backward=True)


class _AccessTags:
    """Reads the access tags of one mode, the most particular first."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._own = tuple(table["own"])
        self._general = tuple(table["general"])
        self._open = frozenset(table["open"])
        self._asks = frozenset(table["asks"])
        self._closed = frozenset(table["closed"])

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys it reads."""
        return (*self._own, *self._general)

    def asked(self, tags: Mapping[str, str]) -> bool:
        """Whether the most particular of the mode's own tags invites it."""
        for key in self._own:
            if key in tags:
                return tags[key] in self._asks
        return False

    def closed_by(self, tags: Mapping[str, str]) -> str | None:
        """Return the tag that closes the way, or None; a value of no clear meaning leaves it to the next tag."""
        for key in (*self._own, *self._general):
            value = tags.get(key)
            if value is None:
                continue
            if value in self._open:
                return None
            if value in self._closed:
                return f"{key}={value}"
        return None


def _kind_tag(tags: Mapping[str, str]) -> str:
    for key in _KINDS:
        if key in tags:
            return f"{key}={tags[key]}"
    return "?"


@cache
def _default() -> StreetFilter:
    text = resources.files("siting.inputs").joinpath("street_filter.yaml").read_text(encoding="utf-8")
    return StreetFilter(yaml.load(text, Loader=_LOADER))
