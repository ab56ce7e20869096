"""OSM files at the door: what is refused before and while reading, and what the header says."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import osmium

from siting.errors import FileFormatError, InputError

# osmium takes the format from the name and would also open addresses and pipes: only these endings of real files pass.
FORMATS = {".osm.pbf": "osm.pbf", ".pbf": "osm.pbf", ".osm": "osm"}


@dataclass(frozen=True, slots=True)
class OsmFile:
    """An OSM file that exists and whose header could be read.

    ``bounds`` is (west, south, east, north) in degrees, ``timestamp`` ISO 8601 in UTC; None where the header has none.
    """

    path: Path
    format: str
    bounds: tuple[float, float, float, float] | None
    timestamp: str | None
    sha256: str

    def handle(self) -> osmium.io.File:
        """Return the file for osmium to read."""
        return osmium.io.File(str(self.path), self.format)


def open_osm(path: str | Path) -> OsmFile:
    """Check that a file can be an OSM file, and read its header.

    Raises
    ------
    InputError
        No such file, or a directory.
    FileFormatError
        An ending that is not .osm.pbf, .pbf or .osm, an empty file, or a header that cannot be read.
    """
    path = Path(path)
    if not path.exists():
        msg = f"{path}: no such file. Give the path of a .osm.pbf or .osm file"
        raise InputError(msg)
    if not path.is_file():
        msg = f"{path}: is a directory, expected a .osm.pbf or .osm file"
        raise InputError(msg)
    name = path.name.lower()
    form = next((form for ending, form in FORMATS.items() if name.endswith(ending)), None)
    if form is None:
        msg = f"{path}: cannot tell the format from the name, expected .osm.pbf, .pbf or .osm"
        raise FileFormatError(msg)
    if path.stat().st_size == 0:
        msg = f"{path}: the file is empty (0 bytes). Download or copy it again"
        raise FileFormatError(msg)
    with reading(path):
        reader = osmium.io.Reader(osmium.io.File(str(path), form), osmium.osm.NOTHING)
        try:
            header = reader.header()
            box = header.box()
            bounds = (
                (box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat)
                if box.valid()
                else None
            )
            stamp = header.get("osmosis_replication_timestamp", "") or None
        finally:
            reader.close()
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return OsmFile(path=path, format=form, bounds=bounds, timestamp=stamp, sha256=digest)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what osmium raises while it reads into one clear refusal."""
    try:
        yield
    except (RuntimeError, osmium.InvalidLocationError) as error:
        if isinstance(error, NotImplementedError | RecursionError):
            raise
        text = str(error)
        if "entities are not supported" in text:
            msg = f"{path}: the XML defines entities, which OSM files never do; refused ({text})"
        else:
            msg = (
                f"{path}: looks damaged, incomplete or not an OSM file ({text}); "
                "nothing of it was used. Download or copy it again"
            )
        raise FileFormatError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{path}: holds text that is not UTF-8 ({error.reason} at byte {error.start}); nothing of it was used"
        raise FileFormatError(msg) from error
