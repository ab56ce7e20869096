"""`siting fetch` against a server on this machine that answers with recorded replies; nothing goes online."""

import gzip
import json
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import geopandas as gpd
import pytest
import shapely
from typer.testing import CliRunner

from siting.cli import app
from siting.download import LARGEST_KM2, around, fetch_place, overpass_query, slug
from siting.errors import DownloadError, InputError, OutputError
from siting.inputs import read_osm
from siting.network import Network

#   21---22---23      a village of 0.004 degrees: five streets, a park with a hole (relation 301),
#   |    |    |       a house, a toilet (node 30), a gate of the park (node 31)
#   11---12---13
WEST, SOUTH = 113.55, 22.15


def node(id_: int, column: float, row: float, **tags: str) -> str:
    inner = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
    return f'  <node id="{id_}" lat="{SOUTH + row / 1000:.7f}" lon="{WEST + column / 1000:.7f}">{inner}</node>'


def way(id_: int, nodes: list[int], **tags: str) -> str:
    inner = "".join(f'<nd ref="{n}"/>' for n in nodes) + "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
    return f'  <way id="{id_}">{inner}</way>'


def ring(first: int, x0: float, y0: float, x1: float, y1: float) -> list[str]:
    return [node(first + k, x, y) for k, (x, y) in enumerate([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])]


def closed(first: int) -> list[int]:
    return [*range(first, first + 4), first]


REPLY = "\n".join(
    [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<osm version="0.6" generator="Overpass API 0.7.62.1 084b4234">',
        "<note>The data included in this document is from www.openstreetmap.org. Made available under ODbL.</note>",
        '<meta osm_base="2026-02-20T10:11:12Z"/>',
        "",
        node(11, 0, 0), node(12, 2, 0), node(13, 4, 0), node(21, 0, 3), node(22, 2, 3), node(23, 4, 3),
        node(30, 1, 0.1, amenity="toilets", name="村口公厕"), node(31, 2.2, 1, barrier="gate"),
        *ring(40, 2.2, 0.5, 3.8, 2.5), *ring(50, 2.8, 1, 3.2, 2), *ring(60, 0.5, 1, 0.9, 1.4),
        way(101, [11, 12, 13], highway="residential", name="前街"),
        way(102, [21, 22, 23], highway="residential"),
        way(103, [11, 21], highway="footway"), way(104, [12, 22], highway="footway"),
        way(105, [13, 23], highway="residential"),
        way(201, closed(40)), way(202, closed(50)), way(203, closed(60), building="house"),
        '  <relation id="301"><member type="way" ref="201" role="outer"/><member type="way" ref="202" role="inner"/>'
        '<tag k="type" v="multipolygon"/><tag k="leisure" v="park"/><tag k="name" v="村公园"/></relation>',
        "", "</osm>", "",
    ]
)  # fmt: skip
OUTLINE = {"type": "Polygon", "coordinates": [[[WEST, SOUTH], [WEST + 0.004, SOUTH], [WEST + 0.004, SOUTH + 0.003],
                                               [WEST, SOUTH + 0.003], [WEST, SOUTH]]]}  # fmt: skip
POINT = {"display_name": "路口", "geojson": {"type": "Point", "coordinates": [WEST, SOUTH]}}
PLACES = [POINT, {"display_name": "小村, 澳门", "osm_type": "relation", "osm_id": 42, "geojson": OUTLINE}]


class Server(ThreadingHTTPServer):
    """Answers from a list: (status, body), the last one again and again; remembers what was asked."""

    places: list[tuple[int, bytes]]
    data: list[tuple[int, bytes]]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.places = [(200, json.dumps(PLACES).encode())]
        self.data = [(200, REPLY.encode())]
        self.asked: list[tuple[str, dict[str, list[str]]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        path, _, words = self.path.partition("?")
        self.reply(path, words, self.server.places)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.reply(self.path, body, self.server.data)

    def reply(self, path: str, words: str, answers: list[tuple[int, bytes]]) -> None:
        self.server.asked.append((path, urllib.parse.parse_qs(words)))
        status, body = answers.pop(0) if len(answers) > 1 else answers[0]
        packed = gzip.compress(body) if "gzip" in self.headers["Accept-Encoding"] else body
        self.send_response(status)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(packed)))
        self.end_headers()
        self.wfile.write(packed)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch) -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("SITING_NOMINATIM_URL", made.url)
    monkeypatch.setenv("SITING_OVERPASS_URL", f"{made.url}/api/interpreter")
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def test_a_place_becomes_files_that_a_study_reads(server, tmp_path):
    found = fetch_place("小村, 澳门", tmp_path / "village")
    assert sorted(p.name for p in (tmp_path / "village").iterdir()) == ["boundary.geojson", "小村.osm"]
    assert (found.nodes, found.ways, found.relations, found.streets) == (20, 8, 1, 5)
    assert found.timestamp == "2026-02-20T10:11:12Z"
    data = read_osm(found.osm)
    assert data.streets.tags["way_id"].tolist() == [f"way/{k}" for k in range(101, 106)]
    assert data.buildings.index.tolist() == ["way/203"]
    assert data.green["name"].tolist() == ["村公园"]
    assert len(data.green.geometry.iloc[0].interiors) == 1
    assert data.facilities.loc["node/30", "name"] == "村口公厕"
    assert data.entrances.index.tolist() == ["node/31"]
    outline = gpd.read_file(found.boundary)
    assert outline.geometry.iloc[0].equals(shapely.from_geojson(json.dumps(OUTLINE)))
    # the header says how far the data reaches: the place and 1 km around it
    assert shapely.box(*data.bounds).contains(shapely.box(WEST, SOUTH, WEST + 0.004, SOUTH + 0.003).buffer(0.008))
    assert Network.from_osm(found.osm).n_edges == 7


def test_what_is_asked_of_the_servers(server, tmp_path):
    fetch_place("小村, 澳门", tmp_path, buffer_m=500)
    (path, words), (api, form) = server.asked
    assert (path, words["q"], words["polygon_geojson"]) == ("/search", ["小村, 澳门"], ["1"])
    assert api == "/api/interpreter"
    query = form["data"][0]
    assert query == overpass_query(shapely.from_geojson(json.dumps(OUTLINE)), 500)
    assert query.startswith("[out:xml]")
    for part in ("node(poly:", "way(poly:", 'relation["type"="multipolygon"](poly:', "(._;>;);", "out body;"):
        assert part in query
    fetch_place("R42", tmp_path / "by-id")
    assert server.asked[2] == ("/lookup", {"format": ["jsonv2"], "polygon_geojson": ["1"], "osm_ids": ["R42"]})


def test_what_is_fetched_holds_the_place_and_little_more():
    outline = shapely.MultiPolygon([shapely.box(113.5, 22.1, 113.6, 22.2), shapely.box(113.8, 22.1, 113.81, 22.11)])
    grown = around(outline, 1000)
    assert grown.contains(outline)
    metres = gpd.GeoSeries([outline, grown], crs=4326).to_crs(4547)
    assert metres.iloc[0].buffer(1300).contains(metres.iloc[1])
    assert overpass_query(outline, 1000).count("way(poly:") == 2
    # a ragged outline of many corners is smoothed
    ragged = shapely.Point(113.5, 22.1).buffer(0.1, quad_segs=5000)
    assert shapely.get_num_coordinates(around(ragged, 1000)) < 100


def test_a_busy_server_is_asked_again(server, tmp_path):
    server.data = [(429, b"slow down"), (504, b"timeout"), (200, REPLY.encode())]
    assert fetch_place("小村", tmp_path, pause_s=0.01).ways == 8
    server.data = [(429, b"slow down")]
    with pytest.raises(DownloadError, match=r"busy \(429 .*asked 3 times\)"):
        fetch_place("小村", tmp_path / "b", pause_s=0.01)


def refused(server, folder, error, message, place="小村"):
    with pytest.raises(error, match=message):
        fetch_place(place, folder, pause_s=0.01)
    assert not folder.exists(), "something half-made was left"


def test_a_place_that_nobody_knows(server, tmp_path):
    server.places = [(200, b"[]")]
    refused(server, tmp_path / "x", InputError, "place not found: 'Atlantis'", "Atlantis")
    assert len(server.asked) == 1


def test_a_place_without_an_outline(server, tmp_path):
    server.places = [(200, json.dumps([POINT]).encode())]
    refused(server, tmp_path / "x", InputError, "without an outline .路口.")


def test_a_country_is_too_large(server, tmp_path):
    large = shapely.geometry.mapping(shapely.box(100, 30, 110, 40))
    server.places = [(200, json.dumps([{"display_name": "X", "geojson": large}]).encode())]
    refused(server, tmp_path / "x", InputError, rf"km2, over {LARGEST_KM2:,.0f}")


@pytest.mark.parametrize(
    ("reply", "error", "message"),
    [
        (REPLY[: REPLY.index("<node")] + "</osm>", InputError, r"knows no ways in '小村' \(0 nodes\)"),
        (REPLY.replace('k="highway"', 'k="waterway"'), InputError, "no walkable street in '小村'"),
        (REPLY[:1500], DownloadError, "breaks off in the middle"),
        (REPLY.replace("</osm>", "<remark> runtime error: Query timed out </remark>\n</osm>"), DownloadError,
         "stopped: runtime error: Query timed out"),
        ("<html><body>Welcome</body></html>", DownloadError, "no OSM data .*Welcome"),
        ("", DownloadError, "no OSM data"),
    ],
)  # fmt: skip
def test_replies_that_are_no_data(server, tmp_path, reply, error, message):
    server.data = [(200, reply.encode())]
    refused(server, tmp_path / "x", error, message)


def test_a_refusal_of_the_server_is_told(server, tmp_path):
    server.data = [(400, b"<p>parse error: unknown type</p>")]
    refused(server, tmp_path / "x", DownloadError, "refuses the request .400 Bad Request.: .*")


def test_no_connection(server, tmp_path, monkeypatch):
    monkeypatch.setenv("SITING_OVERPASS_URL", "http://127.0.0.1:9/api")
    refused(server, tmp_path / "x", DownloadError, "no connection to 127.0.0.1:9")
    monkeypatch.setenv("SITING_NOMINATIM_URL", "nominatim")
    refused(server, tmp_path / "x", DownloadError, "'nominatim/search.*' is no address of a server")
    monkeypatch.setenv("SITING_NOMINATIM_URL", "file:///etc")
    refused(server, tmp_path / "x", DownloadError, "no address of a server")
    monkeypatch.setenv("SITING_NOMINATIM_URL", server.url)
    server.places = [(200, b"<html>")]
    refused(server, tmp_path / "x", DownloadError, "none of Nominatim's")


def test_an_earlier_download_stays_until_a_new_one_is_complete(server, tmp_path):
    first = fetch_place("小村", tmp_path)
    with pytest.raises(OutputError, match=r"小村\.osm and boundary\.geojson exist already"):
        fetch_place("小村", tmp_path)
    before = first.osm.read_bytes()
    server.data = [(200, REPLY[:1500].encode())]
    with pytest.raises(DownloadError):
        fetch_place("小村", tmp_path, overwrite=True)
    assert first.osm.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["boundary.geojson", "小村.osm"]
    server.data = [(200, REPLY.replace("村口公厕", "新公厕").encode())]
    assert "新公厕" in fetch_place("小村", tmp_path, overwrite=True).osm.read_text(encoding="utf-8")


def test_the_command_says_what_to_do_next(server, tmp_path):
    runner = CliRunner(env={"LANG": None, "LC_ALL": None})
    done = runner.invoke(app, ["fetch", "小村, 澳门", str(tmp_path / "v"), "--lang", "en"])
    assert done.exit_code == 0, done.stderr
    assert "小村, 澳门: 0.1 km2, 8 ways (5 of them walkable streets), data of 2026-02-20" in done.stdout
    command = done.stdout[done.stdout.index("siting new ") :].split()[1:]
    assert command[1:3] == [str(tmp_path / "v"), "--streets"]
    made = runner.invoke(app, [word.strip("'") for word in command])
    assert made.exit_code == 0, made.stderr
    assert 'boundary = "boundary.geojson"' in (tmp_path / "v" / "study.toml").read_text(encoding="utf-8")
    server.places = [(200, b"[]")]
    lost = runner.invoke(app, ["fetch", "Atlantis", str(tmp_path / "w")])
    assert lost.exit_code == 1
    assert lost.stderr.startswith("siting: place not found")


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("Taipa, Macau", "taipa"),
        ("  New  Town ", "new-town"),
        ("济南市历下区，山东", "济南市历下区"),
        ("R42", "r42"),
        ("relation/42", "relation-42"),
        ("../..", "place"),
        (", x", "place"),
    ],
)
def test_names_of_files(place, name):
    assert slug(place) == name
