"""Local rule packs: a city's own figures on top of the national ones."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from siting.errors import SchemaError
from siting.nearest_word import hint
from siting.standards.entries import Document, parse_document, parse_rule
from siting.standards.model import Reading, Rule
from siting.standards.overrides import renamed
from siting.standards.plain_yaml import read_plain

_KEYS = {"pack", "documents", "rules"}
_RESERVED = {"national", "study"}
# What a pack must say itself: the remarks and readings of the national rule are not about the pack's own text.
_NEVER_INHERITED = ("source", "confidence", "seen_in", "note", "conflicts_with", "old_value", "reviewed", "added")
_GRADED_PARTS = ("distance", "denominator", "target", "radius")
_DISTANCE_METRICS = ("network_distance", "service_radius")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One pack, read: its rules and the documents that it adds."""

    name: str
    rules: tuple[Rule, ...]
    documents: tuple[Document, ...]
    entries: Mapping[str, Mapping[str, Any]]


def read_pack(path: Path, entries: Mapping[str, Mapping[str, Any]], documents: Mapping[str, Document]) -> Pack:
    """Read a rule pack over the entries and documents that are known so far.

    Raises
    ------
    InputError, FileFormatError, SchemaError
        The file cannot be used; every fault of its content is named.
    """
    content = read_plain(path)
    faults = [f"unknown key {key!r}{hint(str(key), _KEYS)}" for key in content if key not in _KEYS]
    name = content.get("pack")
    if not isinstance(name, str) or not name.strip() or name in _RESERVED:
        faults.append(f"pack: expected a name of its own, found {name!r}")
    faults += [
        f"{key}: expected a list, found {type(content[key]).__name__}"
        for key in ("documents", "rules")
        if not isinstance(content.get(key, []), list)
    ]
    if faults:
        _refuse(path, faults)
    own_documents: dict[str, Document] = {}
    for item in content.get("documents", []):
        try:
            document = parse_document(item)
        except SchemaError as error:
            faults.append(str(error))
            continue
        if document.code in documents:
            faults.append(f"document {document.code}: is in the national list already; name it, do not redefine it")
        own_documents[document.code] = document
    known = {**documents, **own_documents}
    rules: list[Rule] = []
    merged: dict[str, Mapping[str, Any]] = {}
    for position, item in enumerate(content.get("rules", []), start=1):
        if not isinstance(item, dict) or not isinstance(item.get("id"), str):
            faults.append(f"rules[{position}]: expected a mapping with an id")
            continue
        if item["id"] in merged:
            faults.append(f"rule {item['id']}: stands twice in the pack")
            continue
        base = entries.get(item["id"])
        entry = item if base is None else _over(base, item)
        merged[item["id"]] = entry
        try:
            rule = parse_rule(entry, known, str(name))
        except SchemaError as error:
            near = "" if base is not None else hint(item["id"], entries)
            faults.append(str(error) + (f" (a new id, so every field is needed{near})" if base is None else ""))
            continue
        if base is not None and not {"threshold", "radius"} & set(item):
            rule.readings["threshold"] = Reading.ASSUMED
        if base is not None and "name" not in item:
            national = parse_rule(base, known, str(name))
            rule = replace(rule, name=renamed(national.name, national.limit_m, rule.limit_m))
        rules.append(rule)
    if faults:
        _refuse(path, faults)
    return Pack(name=str(name), rules=tuple(rules), documents=tuple(own_documents.values()), entries=merged)


def _over(base: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a pack's entry over the national one; what is only inherited is no longer read in the cited clause."""
    kept = {key: value for key, value in base.items() if key not in _NEVER_INHERITED}
    for part in _GRADED_PARTS:
        if isinstance(kept.get(part), dict):
            kept[part] = {**kept[part], "reading": "assumed"}
    if "threshold" in item and base["metric"] in _DISTANCE_METRICS:
        # The radius was taken from the range that the pack's figure replaces.
        kept.pop("radius", None)
        if isinstance(item["threshold"], (int, float)) and base["operator"] in ("range", "presence", "approx"):
            kept["operator"] = "<="
            kept["unit"] = kept["unit"] if kept["unit"] in ("m", "km") else "m"
    return {**kept, **item}


def _refuse(path: Path, faults: list[str]) -> NoReturn:
    msg = f"rule pack {path.name}: " + "; ".join(faults)
    raise SchemaError(msg)
