"""YAML as plain data: no objects, no aliases, no doubled keys, a bounded size and depth."""

from pathlib import Path
from typing import Any

import yaml

from siting.errors import FileFormatError, InputError, SchemaError

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C loader is ten times as fast, where it was built

MAX_BYTES = 4_000_000
MAX_DEPTH = 12


def parse_trusted(text: str) -> dict[str, Any]:
    """Parse a file that ships with the package."""
    loaded: dict[str, Any] = yaml.load(text, Loader=_Loader)
    return loaded


def read_plain(path: Path) -> dict[str, Any]:
    """Read a YAML file that somebody else wrote.

    Raises
    ------
    InputError
        The file cannot be read.
    FileFormatError
        It is not UTF-8, not YAML, too large, too deep, or uses aliases or tags.
    SchemaError
        A key stands twice in one mapping, or the file holds no mapping.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        msg = f"rule pack {path}: cannot be read ({error.strerror or error})"
        raise InputError(msg) from error
    if len(data) > MAX_BYTES:
        msg = f"rule pack {path.name}: {len(data):,} bytes, expected at most {MAX_BYTES:,}"
        raise FileFormatError(msg)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"rule pack {path.name}: byte {error.start} is not UTF-8; save the file as UTF-8"
        raise FileFormatError(msg) from error
    try:
        doubled = _inspect(text, path.name)
        loaded = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        msg = f"rule pack {path.name}: not readable as YAML: {' '.join(str(error).split())}"
        raise FileFormatError(msg) from error
    if doubled:
        msg = "; ".join(doubled)
        raise SchemaError(msg)
    if not isinstance(loaded, dict):
        msg = f"rule pack {path.name}: expected the keys pack, documents and rules, found no mapping"
        raise SchemaError(msg)
    return loaded


def _inspect(text: str, name: str) -> list[str]:
    """Walk the events, which needs no recursion, before anything is built; return doubled keys."""
    doubled: list[str] = []
    # One entry an open collection: the keys of a mapping so far and whether a key comes next, or None for a sequence.
    open_: list[tuple[set[str], list[bool]] | None] = []
    for event in yaml.parse(text, Loader=_Loader):
        where = f"rule pack {name}, line {event.start_mark.line + 1 if event.start_mark else '?'}"
        if isinstance(event, yaml.AliasEvent):
            msg = f"{where}: aliases (*{event.anchor}) are not accepted; write the value out"
            raise FileFormatError(msg)
        tag = getattr(event, "tag", None)
        if tag is not None:
            msg = f"{where}: the tag {tag!r} is not accepted; write plain values"
            raise FileFormatError(msg)
        if isinstance(event, yaml.CollectionEndEvent):
            open_.pop()
            continue
        if not isinstance(event, yaml.NodeEvent):
            continue
        parent = open_[-1] if open_ else None
        if parent is not None:
            keys, key_next = parent
            if key_next[0] and isinstance(event, yaml.ScalarEvent):
                if event.value in keys:
                    doubled.append(f"{where}: the key {event.value!r} stands twice")
                keys.add(event.value)
            key_next[0] = not key_next[0]
        if isinstance(event, yaml.CollectionStartEvent):
            open_.append((set(), [True]) if isinstance(event, yaml.MappingStartEvent) else None)
            if len(open_) > MAX_DEPTH:
                msg = f"{where}: nested more than {MAX_DEPTH} deep"
                raise FileFormatError(msg)
    return doubled
