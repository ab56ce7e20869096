"""Networks in a file: plain arrays and JSON in one zip, nothing in it can run.

The file is a zip that numpy opens as ``.npz``: one ``.npy`` an array, and ``network.json`` with all that is text, among
it the SHA-256 of every array. Python objects are neither written nor read. The same network gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
import zlib
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError as ProjError

from siting.errors import FileFormatError, InputError, NetworkDataError, OutputError
from siting.ledger import Account, Finding, Text
from siting.network.assemble import Pieces, assemble, frozen
from siting.network.graph import Network

FORMAT = "siting network"
VERSION = 1
HEADER = "network.json"
STAMP = (1980, 1, 1, 0, 0, 0)
ARRAYS = (
    "xy", "edge_u", "edge_v", "edge_mm", "forward", "backward", "edge_coords", "edge_ptr", "component", "carries",
)  # fmt: skip
KINDS = {"xy": "f8", "edge_coords": "f8", "forward": "b1", "backward": "b1", "carries": "b1"}
PLAIN = (bool, int, float, str)

FAULTS = (
    OSError, EOFError, zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, RuntimeError, ValueError, LookupError,
    TypeError, AttributeError, ProjError,
)  # fmt: skip
"""What a file that is cut, changed or something else raises on the way."""

Arrays = dict[str, NDArray[Any]]


def save(network: Network, path: str | Path) -> None:
    """Write a network to a file; `load` gives the same network, with the same costs to the millimetre.

    It is written beside its place and renamed, so that a fault leaves what stood there. A missing value in a column of
    objects comes back as None.

    Raises
    ------
    NetworkDataError
        The network has times or barriers or is a scenario (save the one it was made from), or a node id or column holds
        what is no plain value.
    OutputError
        The file cannot be written.
    """
    network.require_lengths("save")
    if any(field.name not in Network.__dataclass_fields__ for field in fields(network)):
        msg = "save: the network is a scenario, and a file holds streets as they are. Save the network it was made from"
        raise NetworkDataError(msg)
    if network.walls is not None:
        msg = "save: the network has barriers, which a file does not hold. Save it without, and add them after loading"
        raise NetworkDataError(msg)
    arrays: Arrays = {name: getattr(network, name) for name in ARRAYS}
    header: dict[str, Any] = {"format": FORMAT, "version": VERSION, "crs": network.crs.to_wkt(), "mode": network.mode}
    header["node_id"] = put_ids(network.node_id, arrays)
    header["columns"] = [put_column(network.edges[c], str(c), arrays) for c in network.edges.columns]
    header["accounts"] = [asdict(account) for account in network.accounts]
    target = Path(path)
    aside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
            digests = {name: add(file, f"{name}.npy", array_bytes(array)) for name, array in arrays.items()}
            text = json.dumps(header | {"sha256": digests}, ensure_ascii=False, allow_nan=False)
            add(file, HEADER, text.encode())
        aside.replace(target)
    except OSError as error:
        msg = f"network: cannot write '{target}' ({error.strerror or error}). Check the folder and the space on it"
        raise OutputError(msg) from error
    finally:
        aside.unlink(missing_ok=True)


def load(path: str | Path) -> Network:
    """Read a network that `save` wrote.

    Raises
    ------
    InputError
        There is no such file.
    FileFormatError
        It is no such file, of a later version, incomplete or damaged.
    """
    source = Path(path)
    if not source.is_file():
        msg = f"network: there is no file '{source}'"
        raise InputError(msg)
    try:
        header, arrays = read(source)
        return build(header, arrays)
    except FileFormatError:
        raise
    except FAULTS as error:
        raise damaged(source, f"{type(error).__name__}: {error}") from error


def damaged(source: Path, why: str) -> FileFormatError:
    """Return the error for a file that does not hold what it should."""
    return FileFormatError(
        f"network: '{source.name}' is no saved network, or it is damaged ({why}). Build it again and save it"
    )


def read(source: Path) -> tuple[dict[str, Any], Arrays]:
    """Read the header, and the arrays that it names, each checked against its sum."""
    with zipfile.ZipFile(source) as file:
        header = json.loads(file.read(HEADER))
        if not isinstance(header, dict) or header.get("format") != FORMAT:
            raise damaged(source, "it is something else")
        if header.get("version") != VERSION:
            msg = (
                f"network: '{source.name}' is of format version {header.get('version')!r}, this siting reads {VERSION}"
            )
            raise FileFormatError(f"{msg}. Build the network again, or update siting")
        arrays: Arrays = {}
        for name, digest in header["sha256"].items():
            data = file.read(f"{name}.npy")
            if hashlib.sha256(data).hexdigest() != digest:
                raise damaged(source, f"the sum of {name} differs")
            arrays[name] = np.load(io.BytesIO(data), allow_pickle=False)
    return header, arrays


def build(header: dict[str, Any], arrays: Arrays) -> Network:
    """Put a network together, after checking that its parts agree."""
    given = {name: np.asarray(arrays[name], dtype=KINDS.get(name, "i8")) for name in ARRAYS}
    n, m = len(given["xy"]), len(given["edge_u"])
    ptr = given["edge_ptr"]
    require(given["xy"].shape == (n, 2) and given["edge_coords"].shape == (len(given["edge_coords"]), 2), "coordinates")
    require(all(len(given[k]) == m for k in ("edge_v", "edge_mm", "forward", "backward")), "edges")
    require(len(ptr) == m + 1 and ptr[0] == 0 and ptr[-1] == len(given["edge_coords"]), "shapes")
    require(bool((np.diff(ptr) >= 2).all()), "shapes")
    ends = np.concatenate([given["edge_u"], given["edge_v"]])
    require(bool(((ends >= 0) & (ends < n)).all()), "ends of edges")
    node_id = take_ids(header["node_id"], arrays)
    edges = pd.DataFrame({c["name"]: take_column(c, arrays) for c in header["columns"]}, index=pd.RangeIndex(m))
    require(len(node_id) == n and len(edges) == m, "tables")
    pieces = Pieces(
        node_id=node_id,
        xy=given["xy"],
        edge_u=given["edge_u"],
        edge_v=given["edge_v"],
        edge_coords=given["edge_coords"],
        edge_ptr=ptr,
        forward=given["forward"],
        backward=given["backward"],
        edges=edges,
        edge_mm=given["edge_mm"],
    )
    made = assemble(pieces, crs=CRS.from_wkt(header["crs"]), mode=str(header["mode"]), min_component_share=0.0)
    require(np.array_equal(made.component, given["component"]), "components")
    require(len(given["carries"]) == len(made.carries), "components")
    accounts = tuple(take_account(row) for row in header["accounts"])
    return replace(made, carries=frozen(given["carries"]), accounts=accounts)


def require(holds: bool, what: str) -> None:
    """Raise `ValueError` where parts of the file contradict each other."""
    if not holds:
        msg = f"its {what} contradict each other"
        raise ValueError(msg)


def put_ids(ids: NDArray[Any], arrays: Arrays) -> list[Any] | None:
    """Store integer ids as an array; return others, to stand in the header."""
    if ids.dtype.kind == "i":
        arrays["node_id"] = ids
        return None
    listed: list[Any] = ids.tolist()
    strange = [i for i in listed if not isinstance(i, PLAIN)]
    if strange:
        msg = f"network: {len(strange)} node ids are neither numbers nor texts (the first: {strange[0]!r}). Rename them"
        raise NetworkDataError(msg)
    return listed


def take_ids(listed: list[Any] | None, arrays: Arrays) -> NDArray[Any]:
    """Return what `put_ids` stored."""
    if listed is None:
        return np.asarray(arrays["node_id"], dtype=np.int64)
    made = np.empty(len(listed), dtype=object)
    made[:] = listed
    return made


def put_column(column: pd.Series[Any], name: str, arrays: Arrays) -> dict[str, Any]:
    """Store a column of numbers as an array; another as its different values and which row has which."""
    key = f"column_{sum(k.startswith('column_') for k in arrays)}"
    if column.dtype.kind in "biuf":
        arrays[key] = np.asarray(column.to_numpy())
        return {"name": name, "array": key}
    kind = "object" if column.dtype == object else "str"
    if pd.api.types.infer_dtype(column, skipna=True) == "string":
        codes, texts = pd.factorize(np.asarray(column, dtype=object), sort=True)
        values = [str(text) for text in texts]
    else:  # by their JSON, for 1, 1.0 and true are equal, and a list is no key
        known = column.notna().to_numpy()
        cells = [json_text(value, name) if there else None for value, there in zip(column.tolist(), known, strict=True)]
        codes, texts = pd.factorize(np.array(cells, dtype=object), sort=True)
        values = [json.loads(text) for text in texts]
    arrays[key] = codes.astype(np.int32)
    return {"name": name, "codes": key, "kind": kind, "values": values}


def json_text(value: object, name: str) -> str:
    """Return a cell as JSON, or refuse what JSON would not give back as it was."""
    plain = value.item() if isinstance(value, np.generic) else value
    inner = plain if isinstance(plain, list) else [plain]
    if not all(v is None or isinstance(v, PLAIN) for v in inner):
        msg = f"network: column {name!r} holds a {type(value).__name__}, which is no plain value. Drop or convert it"
        raise NetworkDataError(msg)
    return json.dumps(plain, ensure_ascii=False)


def take_column(row: dict[str, Any], arrays: Arrays) -> pd.Series[Any]:
    """Return what `put_column` stored."""
    if "array" in row:
        return pd.Series(arrays[row["array"]])
    values = np.empty(len(row["values"]) + 1, dtype=object)
    values[:-1] = row["values"]
    values[-1] = None  # where the code is -1
    codes = arrays[row["codes"]]
    require(bool(((codes >= -1) & (codes < len(row["values"]))).all()), "columns")
    made: pd.Series[Any] = pd.Series(values[codes], dtype=object if row["kind"] == "object" else "str")
    return made


def take_account(row: dict[str, Any]) -> Account:
    """Return an account from its JSON."""
    findings = tuple(Finding(**f | {"text": Text(**f["text"]), "ids": tuple(f["ids"])}) for f in row["findings"])
    return Account(**row | {"findings": findings})


def array_bytes(array: NDArray[Any]) -> bytes:
    """Return an array in numpy's own format."""
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.ascontiguousarray(array), allow_pickle=False)
    return stream.getvalue()


def add(file: zipfile.ZipFile, name: str, data: bytes) -> str:
    """Add a member without a time stamp of today; return its SHA-256."""
    entry = zipfile.ZipInfo(name, STAMP)
    entry.compress_type = zipfile.ZIP_DEFLATED
    file.writestr(entry, data)
    return hashlib.sha256(data).hexdigest()
