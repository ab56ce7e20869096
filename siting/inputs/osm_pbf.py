"""The ways of an .osm.pbf file in bulk, for files as they usually are; the others are left to osmium.

One pass decodes whole blocks at once instead of handing objects to Python one by one. Tags come as numbers: a text that
occurs ten thousand times is made once.
"""

import struct
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siting.inputs.osm_scan import NO_PLACE
from siting.inputs.pbf_kernels import LENGTH_DELIMITED, dense_nodes, fields, roles_of, varint, ways

KNOWN_FEATURES = {b"OsmSchema-V0.6", b"DenseNodes"}
"""A file that needs more (history, other compressions) is not read here."""
ORDINARY_BLOCK = {17: 100, 19: 0, 20: 0}
"""Fields of a block that say how coordinates are coded: these values mean units of 1e-7 degrees."""
HALF_TURN, QUARTER_TURN = 1_800_000_000, 900_000_000
"""180 and 90 degrees."""
LARGEST_HEADER, LARGEST_BLOB = 64 * 1024, 32 * 1024 * 1024

Bytes = NDArray[np.uint8]
Longs = NDArray[np.int64]
Fields = Longs
"""Number, kind, begin and end of each field of a message, shape (n, 4)."""
TagSet = tuple[tuple[int, int], ...]


class UnusualFileError(Exception):
    """The file is not written in the usual way; it may still be a good one."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Ways with their tags as numbers, and all nodes of the file.

    Attributes
    ----------
    deciding, others : the tag keys that were looked for
    texts : the values that occur
    id : shape (w,), ascending
    sets : sets of tags of the deciding keys, as ``(key, text)`` positions
    set_of : shape (w,), the set of each way
    other : shape (w, o), the tags of the other keys: position in ``texts``, −1 where the way has no such tag
    size : shape (w,), nodes of each way
    ref : ids of the nodes of all ways, one after the other
    node : shape (n,), ids of the nodes of the file, ascending
    x, y : shape (n,), 1e-7 degrees, `NO_PLACE` for what lies outside the globe
    """

    deciding: tuple[str, ...]
    others: tuple[str, ...]
    texts: list[str]
    id: Longs
    sets: list[TagSet]
    set_of: NDArray[np.int32]
    other: NDArray[np.int32]
    size: Longs
    ref: Longs
    node: Longs
    x: NDArray[np.int32]
    y: NDArray[np.int32]


@dataclass(slots=True)
class _Found:
    """What the blocks read so far hold."""

    texts: dict[bytes, int] = field(default_factory=dict)
    sets: dict[TagSet, int] = field(default_factory=dict)
    arrays: dict[str, list[NDArray[Any]]] = field(default_factory=lambda: defaultdict(list))

    def taken(self, name: str, empty: NDArray[Any]) -> NDArray[Any]:
        """Join the parts of one array and let go of them."""
        parts = self.arrays.pop(name, [])
        return np.concatenate(parts) if parts else empty


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which keys and ways are looked for; the deciding keys come first."""

    names: Bytes
    name_ptr: Longs
    is_way: NDArray[np.bool_]
    deciding: NDArray[np.bool_]
    ids: Longs

    @classmethod
    def of(
        cls, deciding: Sequence[str], others: Sequence[str], way_keys: Sequence[str], ids: Sequence[int]
    ) -> "_Wanted":
        coded = [key.encode() for key in (*deciding, *others)]
        return cls(
            names=np.frombuffer(b"".join(coded), dtype=np.uint8),
            name_ptr=np.concatenate([[0], np.cumsum([len(key) for key in coded])]).astype(np.int64),
            is_way=np.array([key in way_keys for key in (*deciding, *others)]),
            deciding=np.arange(len(coded)) < len(deciding),
            ids=np.array(sorted(set(ids)), dtype=np.int64),
        )


def read_ways(
    path: Path, deciding: Sequence[str], others: Sequence[str], way_keys: Sequence[str], ids: Sequence[int] = ()
) -> Ways:
    """Read the ways that have one of ``way_keys``, or whose id is asked for, with their tags of some keys.

    Parameters
    ----------
    deciding : ways with the same tags of these keys make one set
    others : keys of texts that are handed on

    Raises
    ------
    UnusualFileError
        The file is coded in an unusual way, its ids do not ascend, or it is damaged: osmium knows what to do.
    """
    wanted, found = _Wanted.of(deciding, others, way_keys, ids), _Found()
    try:
        for kind, data in _blobs(path):
            if kind == b"OSMHeader":
                _check_header(data)
            elif kind == b"OSMData":
                _read_block(data, wanted, found)
        texts = [text.decode("utf-8") for text in found.texts]
    except (ValueError, IndexError, struct.error, zlib.error, OverflowError) as error:
        raise UnusualFileError(str(error)) from error
    none, small = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32)
    made = Ways(
        deciding=tuple(deciding),
        others=tuple(others),
        texts=texts,
        id=found.taken("id", none),
        sets=list(found.sets),
        set_of=found.taken("set_of", small),
        other=found.taken("other", np.empty((0, len(others)), dtype=np.int32)),
        size=found.taken("size", none),
        ref=found.taken("ref", none),
        node=found.taken("node", none),
        x=found.taken("x", small),
        y=found.taken("y", small),
    )
    for numbers in (made.id, made.node):
        if len(numbers) and (numbers[0] < 0 or (numbers[1:] <= numbers[:-1]).any()):
            msg = "ids do not ascend"
            raise UnusualFileError(msg)
    return made


def _blobs(path: Path) -> Iterator[tuple[bytes, Bytes]]:
    """Kind and content of each blob of the file."""
    with path.open("rb") as stream:
        while head := stream.read(4):
            size = struct.unpack(">I", head)[0]
            if size > LARGEST_HEADER:
                msg = "the header of a blob is too large"
                raise UnusualFileError(msg)
            header = _message(stream.read(size), size)
            kind = _bytes(header, 1)
            length = _number(header, 3)
            if not 0 < length <= LARGEST_BLOB:
                msg = "a blob is too large"
                raise UnusualFileError(msg)
            yield kind, _content(_message(stream.read(length), length))


def _message(data: bytes, size: int) -> tuple[Bytes, Fields]:
    if len(data) != size:
        msg = "the file ends in the middle of a blob"
        raise UnusualFileError(msg)
    array = np.frombuffer(data, dtype=np.uint8)
    return array, fields(array, 0, len(array))


def _content(blob: tuple[Bytes, Fields]) -> Bytes:
    _data, parts = blob
    numbers = set(parts[:, 0].tolist())
    if numbers == {2, 3}:
        raw = zlib.decompress(_bytes(blob, 3))
        if len(raw) != _number(blob, 2):
            msg = "a blob is not as long as it says"
            raise UnusualFileError(msg)
        return np.frombuffer(raw, dtype=np.uint8)
    if 1 in numbers and numbers <= {1, 2}:
        return np.frombuffer(_bytes(blob, 1), dtype=np.uint8)
    msg = "a compression that is not zlib"
    raise UnusualFileError(msg)


def _bytes(message: tuple[Bytes, Fields], number: int) -> bytes:
    data, parts = message
    for part, kind, first, end in parts.tolist():
        if part == number and kind == LENGTH_DELIMITED:
            return data[first:end].tobytes()
    msg = f"a message lacks its field {number}"
    raise UnusualFileError(msg)


def _number(message: tuple[Bytes, Fields], number: int) -> int:
    data, parts = message
    for part, kind, first, _ in parts.tolist():
        if part == number and kind == 0:
            return int(varint(data, first)[0])
    msg = f"a message lacks its field {number}"
    raise UnusualFileError(msg)


def _check_header(data: Bytes) -> None:
    for number, _, first, end in fields(data, 0, len(data)).tolist():
        text = data[first:end].tobytes()
        if (number == 4 and text not in KNOWN_FEATURES) or (number == 5 and text == b"LocationsOnWays"):
            msg = f"the file needs {text!r}"
            raise UnusualFileError(msg)


def _read_block(data: Bytes, wanted: _Wanted, found: _Found) -> None:
    parts = fields(data, 0, len(data))
    tables = [row for row in parts.tolist() if row[0] == 1]
    if len(tables) != 1:
        msg = "a block has not one table of texts"
        raise UnusualFileError(msg)
    for number, kind, first, _ in parts.tolist():
        if number in ORDINARY_BLOCK and not (kind == 0 and varint(data, first)[0] == ORDINARY_BLOCK[number]):
            msg = "coordinates are coded in other units"
            raise UnusualFileError(msg)
    strings = fields(data, tables[0][2], tables[0][3])
    role = None
    for number, _, first, end in parts.tolist():
        if number != 2:
            continue
        group = fields(data, first, end)
        for part, _, begin, stop in group[group[:, 0] != 3].tolist():
            if part == 1:
                msg = "nodes are not dense"
                raise UnusualFileError(msg)
            if part == 2:
                node, lat, lon = dense_nodes(data, begin, stop)
                _keep_nodes(node, lat, lon, found.arrays)
        if (group[:, 0] == 3).any():
            if role is None:
                role = roles_of(data, strings, wanted.names, wanted.name_ptr)
            _keep_ways(data, strings, group, role, wanted, found)


def _keep_nodes(node: Longs, lat: Longs, lon: Longs, arrays: dict[str, list[NDArray[Any]]]) -> None:
    off = (np.abs(lon) > HALF_TURN) | (np.abs(lat) > QUARTER_TURN)
    arrays["node"].append(node)
    arrays["x"].append(np.where(off, NO_PLACE, lon).astype(np.int32))
    arrays["y"].append(np.where(off, NO_PLACE, lat).astype(np.int32))


def _keep_ways(
    data: Bytes, strings: Fields, group: Fields, role: NDArray[np.int32], wanted: _Wanted, found: _Found
) -> None:
    n, n_ref, way, value, mixed, size, ref = ways(
        data, group, role, len(wanted.is_way), wanted.is_way, wanted.deciding, wanted.ids
    )
    value, arrays = value[:n], found.arrays
    number = np.full(len(strings) + 1, -1, dtype=np.int32)  # the last stands for "no such tag"
    used = np.zeros(len(strings) + 1, dtype=bool)
    used[value.ravel()] = True
    for k in np.flatnonzero(used[:-1]).tolist():
        text = data[strings[k, 2] : strings[k, 3]].tobytes()
        number[k] = found.texts.setdefault(text, len(found.texts))
    n_deciding = int(wanted.deciding.sum())
    _, first, same = np.unique(mixed[:n], return_index=True, return_inverse=True)
    if not (value[first][same, :n_deciding] == value[:, :n_deciding]).all():
        msg = "two sets of tags were taken for one"
        raise UnusualFileError(msg)
    sets = np.empty(len(first), dtype=np.int32)
    for k, texts in enumerate(number[value[first, :n_deciding]].tolist()):
        tags = tuple((key, text) for key, text in enumerate(texts) if text >= 0)
        sets[k] = found.sets.setdefault(tags, len(found.sets))
    arrays["id"].append(way[:n].copy())
    arrays["set_of"].append(sets[same.reshape(-1)])
    arrays["other"].append(number[value[:, n_deciding:]])
    arrays["size"].append(size[:n].copy())
    arrays["ref"].append(ref[:n_ref].copy())
