"""`siting fetch`: a place's OpenStreetMap data as files that a study can read."""

import json
import os
import re
import shutil
import tempfile
import urllib.parse
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from siting.errors import DownloadError, InputError, NetworkDataError, OutputError
from siting.inputs.coordinates import choose_crs
from siting.inputs.osm import read_streets
from siting.ledger import Text
from siting.outputs.columns import file_names
from siting.web import PAUSE_S, download

NOMINATIM_URL, OVERPASS_URL = "https://nominatim.openstreetmap.org", "https://overpass-api.de/api/interpreter"
NOMINATIM_VARIABLE, OVERPASS_VARIABLE = "SITING_NOMINATIM_URL", "SITING_OVERPASS_URL"
"""Environment variables that name other servers."""
BUFFER_M = 1000.0
"""Streets around the place are fetched too: the way to the nearest facility may lead over them."""
LARGEST_KM2 = 5000.0
MOST_CORNERS = 1500
"""A filter with more corners is too much for the server; the convex hull is taken instead."""
SERVER_S = 900
LICENCE = "© OpenStreetMap contributors, ODbL 1.0"
AREAS = ("Polygon", "MultiPolygon")
Box = tuple[float, float, float, float]
_OSM_ID = re.compile(r"^(?:(relation|way)/|([RrWw]))(\d+)$")
_OPENING = re.compile(rb"<osm\b[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What was downloaded.

    ``name`` is that of the place as the server has it, ``timestamp`` the date of the data, None if it told none.
    """

    osm: Path
    boundary: Path
    name: str
    nodes: int
    ways: int
    relations: int
    streets: int
    area_km2: float
    timestamp: str | None

    def text(self) -> Text:
        """Say what was downloaded."""
        date = self.timestamp or "?"
        return Text(
            f"{self.name}：{self.area_km2:,.1f} 平方公里，{self.ways:,} 条路径（其中步行道路 {self.streets:,}），"
            f"数据日期 {date}，{LICENCE}",
            f"{self.name}: {self.area_km2:,.1f} km2, {self.ways:,} ways ({self.streets:,} of them walkable streets), "
            f"data of {date}, {LICENCE}",
        )


def fetch_place(
    place: str,
    folder: str | Path,
    *,
    buffer_m: float = BUFFER_M,
    nominatim_url: str | None = None,
    overpass_url: str | None = None,
    overwrite: bool = False,
    pause_s: float = PAUSE_S,
) -> Fetched:
    """Download a place into ``folder/<place>.osm`` and its outline into ``folder/boundary.geojson``.

    Both files appear when both are complete and could be read.

    Parameters
    ----------
    place : a name ("Taipa, Macau"), or an OSM area ("R1867188", "relation/1867188")
    buffer_m : how far beyond the outline data is fetched
    nominatim_url, overpass_url : servers; default: the environment variables `SITING_NOMINATIM_URL` and
        `SITING_OVERPASS_URL`, else the public ones
    overwrite : whether files of an earlier download may be replaced
    pause_s : how long to wait before a busy server is asked again

    Raises
    ------
    InputError
        There is no such place, it has no outline, it is too large, or nothing is mapped in it.
    DownloadError
        No connection, or the server refuses, stays busy or sends something else.
    OutputError
        Files are there already, or the folder cannot be written.
    """
    gazetteer = _server(nominatim_url, NOMINATIM_VARIABLE, NOMINATIM_URL)
    server = _server(overpass_url, OVERPASS_VARIABLE, OVERPASS_URL)
    target = Path(folder).expanduser()
    names = {"osm": f"{slug(place)}.osm", "boundary": "boundary.geojson"}
    there = [name for name in names.values() if (target / name).exists()]
    if there and not overwrite:
        msg = (
            f"{target}: {' and '.join(there)} exist already. Add --overwrite to replace them, or choose another folder"
        )
        raise OutputError(msg)
    made = not target.exists()
    try:
        target.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".fetch-", dir=target))
    except OSError as error:
        msg = f"{target}: cannot be written to ({error.strerror}). Choose another folder"
        raise OutputError(msg) from error
    try:
        found = look_up(place, gazetteer, work, pause_s)
        outline = shapely.from_geojson(json.dumps(found["geojson"]))
        area_km2 = refuse_large(place, outline)
        raw, osm = work / "reply.xml", work / names["osm"]
        query = overpass_query(outline, buffer_m)
        download(server, raw, form={"data": query}, timeout_s=SERVER_S, pause_s=pause_s)
        counts, timestamp = check_reply(raw, osm, bounds_of(around(outline, buffer_m)), place)
        streets = count_streets(osm, place)
        (work / names["boundary"]).write_text(boundary_json(found), encoding="utf-8")
        for name in names.values():
            (work / name).replace(target / name)
    except OSError as error:
        msg = f"{target}: cannot be written to ({error.strerror or error}); nothing was replaced"
        raise OutputError(msg) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if made:
            with suppress(OSError):  # not empty: the files are in it
                target.rmdir()
    return Fetched(
        osm=target / names["osm"],
        boundary=target / names["boundary"],
        name=str(found.get("display_name") or place),
        streets=streets,
        area_km2=area_km2,
        timestamp=timestamp,
        **counts,
    )


def look_up(place: str, server: str, work: Path, pause_s: float) -> dict[str, Any]:
    """Ask Nominatim for the outline of a place; the first answer that is an area.

    Raises
    ------
    InputError
        There is no such place, or it is mapped as a point or line only.
    DownloadError
        The server cannot be reached, or its answer is none of Nominatim's.
    """
    area = _OSM_ID.match(place.strip())
    words: dict[str, str] = {"format": "jsonv2", "polygon_geojson": "1"}
    if area:
        words["osm_ids"] = (area[1] or area[2])[0].upper() + area[3]
    else:
        words |= {"q": place.strip(), "limit": "10"}
    reply = work / "place.json"
    url = f"{server.rstrip('/')}/{'lookup' if area else 'search'}?{urllib.parse.urlencode(words)}"
    download(url, reply, timeout_s=60, pause_s=pause_s)
    try:
        answers = json.loads(reply.read_text(encoding="utf-8"))
        areas = [a for a in answers if a.get("geojson", {}).get("type") in AREAS]
    except (ValueError, AttributeError, TypeError) as error:
        msg = f"{server}: the answer is none of Nominatim's ({error}). Check --nominatim-url"
        raise DownloadError(msg) from error
    if not answers:
        msg = (
            f"place not found: {place!r}. Write it as on openstreetmap.org, with the country, or give its id (R1867188)"
        )
        raise InputError(msg)
    if not areas:
        seen = "; ".join(str(a.get("display_name")) for a in answers[:3])
        msg = f"{place!r} is mapped without an outline ({seen}). Name the district around it, or give an area's id"
        raise InputError(msg)
    first: dict[str, Any] = areas[0]
    return first


def refuse_large(place: str, outline: shapely.Geometry) -> float:
    """Area of the place in km²; refuse one that a public server would not send."""
    km2 = float(in_metres(outline).area.iloc[0]) / 1e6
    if km2 > LARGEST_KM2:
        msg = (
            f"{place!r} is {km2:,.0f} km2, over {LARGEST_KM2:,.0f}. Fetch a district of it, or download an extract "
            "(.osm.pbf) of the region: a study reads it as it is"
        )
        raise InputError(msg)
    return km2


def in_metres(outline: shapely.Geometry) -> gpd.GeoSeries:
    """Return the outline in a CRS in metres for its place."""
    return gpd.GeoSeries([outline], crs="EPSG:4326").to_crs(choose_crs(bounds_of(outline)).crs)


def bounds_of(shape: shapely.Geometry) -> Box:
    """West, south, east and north of a shape."""
    west, south, east, north = (float(b) for b in shapely.bounds(shape))
    return west, south, east, north


def around(outline: shapely.Geometry, buffer_m: float) -> shapely.Geometry:
    """Return the outline grown by ``buffer_m``, without holes, with few corners; in degrees."""
    grown = in_metres(outline).buffer(max(buffer_m, 1.0))
    solid = [shapely.Polygon(part.exterior) for part in shapely.get_parts(grown.iloc[0])]
    # Simplified by less than it was grown, so that all of the place stays inside.
    smooth = shapely.union_all(solid).simplify(max(buffer_m, 1.0) / 4)
    if shapely.get_num_coordinates(smooth) > MOST_CORNERS:
        smooth = smooth.convex_hull
    degrees: shapely.Geometry = gpd.GeoSeries([smooth], crs=grown.crs).to_crs("EPSG:4326").iloc[0]
    return degrees


def overpass_query(outline: shapely.Geometry, buffer_m: float) -> str:
    """Ask for all nodes, ways and area relations in and around an outline, with the nodes of every way.

    Relations of routes and of administrative borders are left out: their members lie far beyond the place.
    """
    lines = []
    for part in shapely.get_parts(around(outline, buffer_m)):
        corners = " ".join(f"{lat:.6f} {lon:.6f}" for lon, lat in part.exterior.coords[:-1])
        where = f'(poly:"{corners}")'
        lines += [f"node{where};", f"way{where};", f'relation["type"="multipolygon"]{where};']
        lines.append(f'relation["type"="boundary"]["leisure"]{where};')
    return f"[out:xml][timeout:{SERVER_S}];\n(\n" + "\n".join(lines) + "\n);\n(._;>;);\nout body;\n"


def check_reply(raw: Path, osm: Path, bounds: Box, place: str) -> tuple[dict[str, int], str | None]:
    """Copy the reply into an OSM file with its bounds, if it is whole and holds something.

    Returns
    -------
    How many nodes, ways and relations it has; the date of the data.

    Raises
    ------
    DownloadError
        It is no OSM XML, broken off, or carries an error of the server.
    InputError
        Nothing is mapped there.
    """
    counts = {"nodes": 0, "ways": 0, "relations": 0}
    west, south, east, north = bounds
    box = f'<bounds minlat="{south:.7f}" minlon="{west:.7f}" maxlat="{north:.7f}" maxlon="{east:.7f}"/>'.encode()
    opened, bounded, timestamp, tail = False, False, None, b""
    with raw.open("rb") as source, osm.open("wb") as made:
        for given in source:
            line = given
            if b"<remark" in line:
                said = " ".join(re.sub(rb"<[^>]*>", b" ", line).decode("utf-8", "replace").split())[:300]
                msg = f"the map server stopped: {said}. Try later, a smaller place, or another server (--overpass-url)"
                raise DownloadError(msg)
            bounded = bounded or b"<bounds" in line
            if not opened and (start := _OPENING.search(line)):
                opened = True
                if not bounded:
                    line = line[: start.end()] + b"\n" + box + line[start.end() :]
            if timestamp is None and (base := re.search(rb'osm_base="([^"]+)"', line)):
                timestamp = base[1].decode("ascii", "replace")
            for kind in counts:
                counts[kind] += line.count(f"<{kind[:-1]} ".encode())
            tail = (tail + line)[-64:]
            made.write(line)
    if not opened:
        with raw.open("rb") as source:
            start_of = source.read(120).decode("utf-8", "replace")
        msg = (
            f"the map server sent something that is no OSM data ({' '.join(start_of.split())!r}). Check --overpass-url"
        )
        raise DownloadError(msg)
    if not tail.rstrip().endswith(b"</osm>"):
        msg = "the reply of the map server breaks off in the middle; nothing of it was kept. Try again"
        raise DownloadError(msg)
    if not counts["ways"]:
        msg = f"the map server knows no ways in {place!r} ({counts['nodes']} nodes); is it the place you mean?"
        raise InputError(msg)
    return counts, timestamp


def count_streets(osm: Path, place: str) -> int:
    """Read the file as a study would, and count its walkable streets.

    Raises
    ------
    InputError
        There is none.
    FileFormatError
        It is no proper OSM file.
    """
    try:
        return len(read_streets(osm, modes=("walk",)).tags)
    except NetworkDataError as error:
        msg = f"the map server knows no walkable street in {place!r}; is it the place you mean?"
        raise InputError(msg) from error


def boundary_json(found: dict[str, Any]) -> str:
    """Return the outline as GeoJSON."""
    about = {"name": found.get("display_name"), "osm_type": found.get("osm_type"), "osm_id": found.get("osm_id")}
    feature = {"type": "Feature", "properties": about | {"licence": LICENCE}, "geometry": found["geojson"]}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False) + "\n"


def slug(place: str) -> str:
    """Name of the file: the first part of the place, in small letters, without spaces."""
    first = re.split(r"[,，;；]", place.strip())[0].strip().lower()
    words = re.sub(r"[\s_/\\.]+", "-", first).strip("-")
    return file_names([words or "place"])[0]


def _server(given: str | None, variable: str, default: str) -> str:
    return given or os.environ.get(variable) or default
