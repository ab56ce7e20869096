"""A result folder appears whole or not at all."""

import json
import os
import secrets
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from siting.errors import OutputError

EVIDENCE = "evidence.json"
"""Written last; a folder that has it was written by this package and may be replaced."""
OUR_NAMES = frozenset(
    {
        EVIDENCE,
        "summary.json",
        "compare.csv",
        "compare.json",
        "results.gpkg",
        "project.qgz",
        "map.html",
        "report.html",
        "report.docx",
        "maps",
        "rasters",
        "tables",
    }
)
"""What a result folder holds at its top; a folder with anything else is not replaced."""


def check_target(path: str | Path, overwrite: bool = False, inputs: Iterable[str | Path] = ()) -> Path:
    """Refuse, before anything is computed, a folder that results cannot or must not be written to.

    Parameters
    ----------
    path : the result folder
    overwrite : whether an earlier result may be replaced
    inputs : files and folders that were read: results never replace them

    Returns
    -------
    The absolute path.

    Raises
    ------
    OutputError
        It is a file, or holds an input; it exists and ``overwrite`` is off, or it was not written by this package; or
        the folder that it goes into cannot be written to.
    """
    target = _resolve(path)
    for read in inputs:
        source = _resolve(read)
        if source == target or target in source.parents:
            msg = f"output folder {target}: the input {source} lies in it. Choose another folder (--out)"
            raise OutputError(msg)
    if target.exists() and not target.is_dir():
        msg = f"output folder {target}: a file of that name exists. Choose another folder (--out)"
        raise OutputError(msg)
    if target.parent == target or target == Path.home() or target == Path.cwd():
        msg = f"output folder {target}: this folder is never replaced. Name a folder inside it (--out)"
        raise OutputError(msg)
    if target.is_dir() and any(target.iterdir()):
        if not overwrite:
            msg = f"output folder {target} exists. Add --overwrite to replace it, or choose another folder (--out)"
            raise OutputError(msg)
        if not _is_ours(target):
            msg = (
                f"output folder {target} holds files that siting did not write ({_first_names(target)}), so it is not "
                "replaced even with --overwrite. Choose another folder (--out)"
            )
            raise OutputError(msg)
    _check_writable(target)
    return target


class OutputFolder:
    """Collect files in a temporary folder beside the target; put it in the target's place when all went well.

    Use as a context manager: ``with OutputFolder(path, overwrite) as folder: …`` gives the temporary folder. Leaving
    the block without an error swaps it in; any error, Ctrl-C included, removes it and leaves an earlier result whole.
    Of two processes that write the same target, each works in a folder of its own; the last to finish wins.

    Raises
    ------
    OutputError
        As `check_target`; on leaving, where a file is missing or empty, or the disk is full.
    """

    def __init__(self, path: str | Path, overwrite: bool = False, inputs: Iterable[str | Path] = ()) -> None:
        self._overwrite = overwrite
        self._inputs = tuple(inputs)
        self.target = check_target(path, overwrite, self._inputs)
        self._made: list[Path] = []
        self.work = self.target.parent / f".{self.target.name[:80]}.{os.getpid()}-{secrets.token_hex(6)}.tmp"
        self._old = self.work.with_suffix(".old")

    def __enter__(self) -> Self:
        try:
            parents = [self.target.parent, *self.target.parent.parents]
            self._made = [p for p in parents if not p.exists()]
            self.work.mkdir(parents=True)
        except OSError as error:
            self._clean()
            raise _as_output_error(self.target, error) from error
        return self

    def path(self, *names: str) -> Path:
        """Path of a file inside the folder; the folders on the way are made."""
        path = self.work.joinpath(*names)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            try:
                self._verify()
                self._swap()
            except OSError as problem:
                raise _as_output_error(self.target, problem) from problem
            finally:
                self._clean()
            return
        self._clean()
        if isinstance(error, OSError):
            raise _as_output_error(self.target, error) from error
        if is_disk_full(error):
            msg = f"output folder {self.target}: {error}"
            raise OutputError(msg) from error

    def _verify(self) -> None:
        files = sorted(p for p in self.work.rglob("*") if p.is_file())
        empty = [str(p.relative_to(self.work)) for p in files if p.stat().st_size == 0]
        if empty:
            msg = f"output folder {self.target}: {len(empty)} files came out empty ({', '.join(empty[:5])}); disk full?"
            raise OutputError(msg)
        if not _is_ours(self.work):
            msg = f"output folder {self.target}: {EVIDENCE} is missing or damaged; nothing was replaced"
            raise OutputError(msg)
        for path in files:  # what stands in the new folder must be on the disk before the old one goes
            with path.open("rb") as handle:
                os.fsync(handle.fileno())

    def _swap(self) -> None:
        check_target(self.target, self._overwrite, self._inputs)
        for _ in range(20):
            with suppress(FileNotFoundError):
                self.target.rename(self._old)
            try:
                self.work.rename(self.target)
            except OSError:
                if not self.target.exists():
                    raise
                # Another process put its folder there in between: this one is later, so that one goes.
                shutil.rmtree(self._old, ignore_errors=True)
                continue
            return
        msg = f"output folder {self.target}: other processes keep writing it; run again when they are done"
        raise OutputError(msg)

    def _clean(self) -> None:
        if self._old.exists() and not self.target.exists():  # interrupted between the two renames
            self._old.rename(self.target)
        shutil.rmtree(self._old, ignore_errors=True)
        shutil.rmtree(self.work, ignore_errors=True)
        for parent in self._made:
            try:
                parent.rmdir()
            except OSError:
                break  # not empty: the result, or another's, is in it


def is_disk_full(error: BaseException) -> bool:
    """Whether an error of a writing library says that the disk is full or failed."""
    words = str(error).lower()
    signs = ("no space left", "disk is full", "disk full", "database or disk is full", "disk i/o error", "quota")
    return any(sign in words for sign in signs)


def _as_output_error(target: Path, error: OSError) -> OutputError:
    return OutputError(f"output folder {target}: {error.strerror or error}; what stood there before is untouched")


def _resolve(path: str | Path) -> Path:
    return Path(path).expanduser().resolve()


def _is_ours(folder: Path) -> bool:
    """Tell a folder that siting wrote and nobody added to; what a GIS leaves beside an open file does not count."""
    return _evidence(folder).get("tool") == "siting" and not _strangers(folder)


def _evidence(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / EVIDENCE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _strangers(folder: Path) -> list[str]:
    """Names in a folder that siting does not write; what its evidence lists as ``files`` siting wrote."""
    listed = _evidence(folder).get("files")
    files = {str(name) for name in listed} if isinstance(listed, list) else set()
    # A GIS leaves spatial indexes, descriptions and locks beside an open layer: roads.qix, roads.shp.xml, …
    stems = tuple(f"{name.split('.')[0]}." for name in files)
    return sorted(
        p.name
        for p in folder.iterdir()
        if not (p.name in OUR_NAMES or p.name in files or p.name.startswith(("results.gpkg-", *stems)))
    )


def _first_names(folder: Path) -> str:
    names = _strangers(folder) or sorted(p.name for p in folder.iterdir())
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")


def _check_writable(target: Path) -> None:
    parent = target.parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        msg = f"output folder {target}: {parent} is a file, not a folder. Choose another folder (--out)"
        raise OutputError(msg)
    if target.is_dir() and not os.access(target, os.W_OK):
        msg = f"output folder {target} is read-only. Choose another folder (--out)"
        raise OutputError(msg)
    probe = parent / f".siting-{os.getpid()}-{secrets.token_hex(4)}.probe"
    try:
        probe.mkdir()  # tried, not asked: permission bits do not tell about read-only disks
        probe.rmdir()
    except OSError as error:
        msg = f"output folder {target}: {parent} cannot be written to ({error.strerror}). Choose another folder (--out)"
        raise OutputError(msg) from error
