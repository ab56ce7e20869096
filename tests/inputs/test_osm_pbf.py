"""Streets of .osm.pbf files read in bulk: the same, to the last finding, as osmium's objects give one by one."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import osmium
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.errors import FileFormatError, NetworkDataError
from siting.inputs import osm
from siting.inputs.osm_file import open_osm
from siting.inputs.osm_pbf import UnusualFileError, read_ways
from siting.inputs.osm_streets_bulk import bulk_streets
from siting.inputs.osm_tally import Tally
from siting.inputs.street_filter import StreetFilter
from siting.inputs.streets import Streets

MODES = (("walk",), ("drive",), ("walk", "drive"))
Nodes = Mapping[int, tuple[float, float]]
Ways = Mapping[int, tuple[Sequence[int], Mapping[str, str]]]
Relations = Mapping[int, tuple[Sequence[int], Mapping[str, str]]]


def save(
    path: Path, nodes: Nodes, ways: Ways, relations: Relations | None = None, header: Mapping[str, str] | None = None
):
    about = osmium.io.Header()
    for key, value in (header or {}).items():
        about.set(key, value)
    with osmium.SimpleWriter(str(path), header=about) as writer:
        for number, place in nodes.items():
            writer.add_node(osmium.osm.mutable.Node(id=number, location=place, version=1))
        for number, (refs, tags) in ways.items():
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=list(refs), tags=dict(tags), version=1))
        for number, (members, tags) in (relations or {}).items():
            parts = [("w", way, "outer") for way in members]
            writer.add_relation(osmium.osm.mutable.Relation(id=number, members=parts, tags=dict(tags), version=1))
    return path


def bulk(path: Path, modes) -> Streets:
    file = open_osm(path)
    return bulk_streets(file, StreetFilter.default(), modes, Tally("streets", file.path.name, file.sha256))


def one_by_one(path: Path, modes, monkeypatch_context: Callable) -> Streets:
    def unusual(*_):
        raise UnusualFileError

    with monkeypatch_context() as patch:
        patch.setattr(osm, "bulk_streets", unusual)
        return osm.read_streets(path, modes=modes)


def assert_same(mine: Streets, other: Streets) -> None:
    for name in ("node_id", "lon", "lat", "way_ptr", "way_node"):
        a, b = getattr(mine, name), getattr(other, name)
        assert a.dtype == b.dtype, name
        assert np.array_equal(a, b), name
    pd.testing.assert_frame_equal(mine.tags, other.tags)
    assert mine.account == other.account
    assert mine.crs == other.crs


@pytest.mark.parametrize("modes", MODES, ids="+".join)
def test_the_sample_of_helsinki_is_the_same(repository, modes):
    path = repository / "data" / "helsinki-centre" / "helsinki-centre.osm.pbf"
    assert_same(bulk(path, modes), one_by_one(path, modes, pytest.MonkeyPatch.context))


@pytest.mark.parametrize("name", ["macau/macau_20260220", "porto-alegre/poa_osm", "las-palmas/las_palmas_20230221"])
def test_cities_are_the_same(shared_data, name):
    path = shared_data / f"{name}.osm.pbf"
    assert_same(bulk(path, ("walk", "drive")), one_by_one(path, ("walk", "drive"), pytest.MonkeyPatch.context))


GRID = {k + 1: (113.5 + 0.001 * (k % 4), 22.1 + 0.001 * (k // 4)) for k in range(12)}
WALKABLE = {"highway": "footway"}
VALUES = {
    "highway": ["footway", "residential", "motorway", "steps", "corridor", "no", "strange", "pedestrian"],
    "access": ["no", "yes", "private"], "foot": ["yes", "no"], "area": ["yes"], "layer": ["1", "-2", "one", "1;2"],
    "bridge": ["yes", "no"], "tunnel": ["building_passage", "yes"], "oneway": ["yes", "-1"], "oneway:foot": ["yes"],
    "name": ["老街", "Rua"], "surface": ["asphalt"], "man_made": ["pier"], "railway": ["platform"],
}  # fmt: skip
TAGS = st.dictionaries(st.sampled_from(sorted(VALUES)), st.integers(0, 7), max_size=5).map(
    lambda drawn: {key: VALUES[key][k % len(VALUES[key])] for key, k in drawn.items()}
)
# Node 13 and 14 are not in the file: ways are cut there.
WAYS = st.lists(st.tuples(st.lists(st.integers(1, 14), max_size=6), TAGS), max_size=8)
SQUARES = st.lists(st.tuples(st.lists(st.integers(1, 9), max_size=3), TAGS), max_size=2)


@settings(max_examples=60)
@given(ways=WAYS, squares=SQUARES)
def test_any_tags_and_cuts_give_the_same(tmp_path_factory, ways, squares):
    path = tmp_path_factory.mktemp("pbf") / "some.osm.pbf"
    relations = {5 + k: (members, {"type": "multipolygon"} | tags) for k, (members, tags) in enumerate(squares)}
    drawn = {k + 1: way for k, way in enumerate(ways)}
    save(path, GRID, drawn | {100: ([1, 2, 3], WALKABLE)}, relations)
    assert_same(bulk(path, ("walk", "drive")), one_by_one(path, ("walk", "drive"), pytest.MonkeyPatch.context))


def test_the_ring_of_a_square_without_tags_of_its_own_is_walked(tmp_path):
    square = {9: ([7], {"type": "multipolygon", "highway": "pedestrian", "name": "广场"})}
    path = save(tmp_path / "square.osm.pbf", GRID, {7: ([1, 2, 6, 5, 1], {}), 8: ([2, 3], WALKABLE)}, square)
    streets = bulk(path, ("walk",))
    assert streets.tags["way_id"].tolist() == ["way/7", "way/8"]
    assert streets.tags["name"].tolist()[0] == "广场"
    assert streets.tags["area"].tolist() == [True, False]


@pytest.mark.parametrize(
    ("nodes", "ways", "header"),
    [
        ({2: (1.0, 1.0), 1: (1.1, 1.0)}, {1: ([1, 2], WALKABLE)}, None),  # nodes out of order
        (GRID, {2: ([1, 2], WALKABLE), 1: ([2, 3], WALKABLE)}, None),  # ways out of order
        ({-2: (1.0, 1.0), -1: (1.1, 1.0)}, {-1: ([-2, -1], WALKABLE)}, None),  # an editor's new objects
    ],
)
def test_unusual_files_are_left_to_osmium(tmp_path, nodes, ways, header):
    path = save(tmp_path / "unusual.osm.pbf", nodes, ways, header=header)
    with pytest.raises(UnusualFileError):
        bulk(path, ("walk",))
    assert len(osm.read_streets(path)) == len(ways)


def test_xml_and_other_compressions_are_left_to_osmium(tmp_path):
    xml = save(tmp_path / "streets.osm", GRID, {1: ([1, 2], WALKABLE)})
    with pytest.raises(UnusualFileError, match="not the binary format"):
        bulk(xml, ("walk",))
    plain = tmp_path / "plain.osm.pbf"
    with osmium.SimpleWriter(osmium.io.File(str(tmp_path / "nodes.osm.pbf"), "pbf,pbf_dense_nodes=false")) as writer:
        for number, place in GRID.items():
            writer.add_node(osmium.osm.mutable.Node(id=number, location=place, version=1))
        writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2], tags=WALKABLE, version=1))
    with pytest.raises(UnusualFileError, match="not dense"):
        bulk(tmp_path / "nodes.osm.pbf", ("walk",))
    with osmium.SimpleWriter(osmium.io.File(str(plain), "pbf,pbf_compression=none")) as writer:
        for number, place in GRID.items():
            writer.add_node(osmium.osm.mutable.Node(id=number, location=place, version=1))
        writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2], tags=WALKABLE, version=1))
    assert_same(bulk(plain, ("walk",)), one_by_one(plain, ("walk",), pytest.MonkeyPatch.context))


@pytest.mark.parametrize("share", [0.3, 0.8, 0.99])
def test_a_file_that_ends_too_early_is_refused_as_before(repository, tmp_path, share):
    whole = (repository / "data" / "helsinki-centre" / "helsinki-centre.osm.pbf").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(FileFormatError):
        osm.read_streets(path)


@settings(max_examples=80)
@given(st.data())
def test_damaged_blocks_never_crash(tmp_path_factory, data):
    """Bytes changed inside a block: either it reads, or it says that the file is unusual."""
    folder = tmp_path_factory.getbasetemp()
    source = folder / "sound.osm.pbf"
    if not source.exists():
        with osmium.SimpleWriter(osmium.io.File(str(source), "pbf,pbf_compression=none")) as writer:
            for number, place in GRID.items():
                writer.add_node(osmium.osm.mutable.Node(id=number, location=place, version=1))
            writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2, 3], tags=WALKABLE | {"name": "x"}, version=1))
    damaged = bytearray(source.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path = folder / "damaged.osm.pbf"
    path.write_bytes(bytes(damaged))
    try:
        found = read_ways(path, ["highway"], ["name"], ["highway"])
    except UnusualFileError:
        return
    assert len(found.ref) == found.size.sum()
    assert len(found.node) == len(found.x) == len(found.y)


def test_a_file_without_streets_says_so_as_before(tmp_path):
    path = save(tmp_path / "none.osm.pbf", GRID, {1: ([1, 2], {"highway": "motorway"})})
    with pytest.raises(NetworkDataError, match="no street is left for walk"):
        osm.read_streets(path)
    lost = save(tmp_path / "lost.osm.pbf", {}, {1: ([1, 2], WALKABLE)})
    with pytest.raises(NetworkDataError, match="none of its 1 streets has a node with coordinates"):
        osm.read_streets(lost)


def test_a_blob_that_is_not_as_long_as_it_says_is_unusual(tmp_path):
    raw = zlib.compress(b"abc")
    blob = b"\x10\x04\x1a" + bytes([len(raw)]) + raw  # raw_size 4, but three bytes
    header = b"\x0a\x07OSMData\x18" + bytes([len(blob)])
    path = tmp_path / "short.osm.pbf"
    path.write_bytes(len(header).to_bytes(4, "big") + header + blob)
    with pytest.raises(UnusualFileError, match="not as long as it says"):
        read_ways(path, ["highway"], [], ["highway"])
