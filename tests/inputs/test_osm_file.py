import resource
from pathlib import Path

import pytest
from osm_xml import LAT, LON, STEP, STREET_NODES, STREET_WAYS, osm, write

from siting.errors import FileFormatError, InputError, NetworkDataError
from siting.inputs.osm import read_osm, read_streets
from siting.inputs.osm_file import open_osm

GOOD = osm(STREET_NODES, STREET_WAYS)


def read(path):
    return read_osm(path, classify=lambda tags: ())


@pytest.fixture(scope="session")
def helsinki(repository) -> Path:
    paths = sorted((repository / "data" / "helsinki-centre").glob("*.osm.pbf"))
    if not paths:
        pytest.skip("the packaged Helsinki extract is not in this checkout")
    return paths[0]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.osm.pbf", b"", "is empty"),
        ("empty.osm", b"", "is empty"),
        ("text.osm.pbf", b"hello, this is text\n" * 40, "looks damaged"),
        ("text.osm", b"hello, this is text", "looks damaged"),
        ("page.osm", b"<html><body>404</body></html>", "looks damaged"),
        ("cut.osm", GOOD.encode()[:-60], "looks damaged"),
        ("latin.osm", GOOD.replace("residential", "caf\u00e9").encode("latin-1"), "looks damaged"),
        ("xml.osm.pbf", GOOD.encode(), "looks damaged"),
        ("streets.geojson", b"{}", "cannot tell the format from the name"),
        ("streets.osm.gz", b"\x1f\x8b", "cannot tell the format from the name"),
    ],
)
def test_no_osm_file_is_refused_by_one_clear_message(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=message) as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_missing_path_and_directory(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "nowhere.osm.pbf")
    (tmp_path / "folder.osm.pbf").mkdir()
    with pytest.raises(InputError, match="is a directory"):
        read(tmp_path / "folder.osm.pbf")


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/a.osm.pbf", "https://x/y.osm", "-", "/vsicurl/http://x/y.osm"])
def test_addresses_and_pipes_are_no_paths(address):
    with pytest.raises(InputError, match="no such file"):
        read(address)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_pbf_is_refused_whole(tmp_path, helsinki, share):
    data = helsinki.read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises((FileFormatError, NetworkDataError)):
        read(path)


@pytest.mark.parametrize("at", [0.001, 0.2, 0.45, 0.7, 0.95])
def test_flipped_bytes_give_a_refusal_or_an_answer_never_a_traceback(tmp_path, helsinki, at):
    data = bytearray(helsinki.read_bytes())
    k = int(len(data) * at)
    data[k : k + 8] = bytes(b ^ 0xFF for b in data[k : k + 8])
    path = tmp_path / "flipped.osm.pbf"
    path.write_bytes(bytes(data))
    with pytest.raises((FileFormatError, NetworkDataError)):
        read(path)


def test_an_entity_bomb_is_refused_at_once(tmp_path):
    levels = "".join(f'<!ENTITY l{k} "{f"&l{k - 1};" * 10}">' for k in range(1, 10))
    node = '<node id="1" lat="1" lon="1"><tag k="a" v="&l9;"/></node>'
    text = f'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY l0 "ha">{levels}]><osm version="0.6">{node}</osm>'
    path = write(tmp_path / "bomb.osm", text)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(FileFormatError, match="defines entities"):
        read(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB


def test_an_outside_entity_is_not_read(tmp_path):
    secret = write(tmp_path / "secret.txt", "residential")
    text = f'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY x SYSTEM "file://{secret}">]>' + GOOD.split("?>", 1)[
        1
    ].replace('v="residential"', 'v="residential">&x;<tag k="a" v="b"', 1)
    with pytest.raises(FileFormatError):
        read(write(tmp_path / "outside.osm", text))


@pytest.mark.parametrize("folder", ["澳门 数据", "with space", "it's"])
def test_paths_with_chinese_spaces_and_quotes(tmp_path, folder):
    (tmp_path / folder).mkdir()
    assert len(read(write(tmp_path / folder / "街道 图.osm", GOOD)).streets) == 1


def test_upper_case_ending_and_plain_text_path(tmp_path):
    path = write(tmp_path / "CITY.OSM", GOOD)
    assert len(read_streets(str(path))) == 1


def test_age_and_bounds_from_the_header_or_the_data(tmp_path):
    data = read(write(tmp_path / "plain.osm", GOOD))
    assert data.timestamp is None
    assert data.bounds == pytest.approx((LON, LAT - 5 * STEP, LON + STEP, LAT - 5 * STEP))
    text = GOOD.replace(
        '<osm version="0.6">', '<osm version="0.6"><bounds minlat="22" minlon="113" maxlat="23" maxlon="114"/>'
    )
    text = text.replace(
        '<way id="900001" version="1">', '<way id="900001" version="1" timestamp="2024-05-06T07:08:09Z">'
    )
    data = read(write(tmp_path / "dated.osm", text))
    assert data.timestamp == "2024-05-06T07:08:09Z"
    assert data.bounds == (113, 22, 114, 23)


def test_the_account_names_file_and_hash(tmp_path):
    import hashlib

    path = write(tmp_path / "a.osm", GOOD)
    data = read(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert data.sha256 == open_osm(path).sha256 == digest
    assert {(a.source, a.sha256) for a in data.accounts} == {("a.osm", digest)}
    assert [a.layer for a in data.accounts] == [
        "streets", "buildings", "green", "land", "water", "coast", "grounds", "entrances", "facilities",
    ]  # fmt: skip


def test_a_deleted_object_is_not_there(tmp_path):
    text = GOOD.replace("</osm>", '<way id="5" version="2" visible="false"/></osm>')
    assert read(write(tmp_path / "a.osm", text)).streets.tags["way_id"].tolist() == ["way/900001"]


def test_empty_layers_have_their_columns(tmp_path):
    data = read(write(tmp_path / "a.osm", GOOD))
    assert data.buildings.empty
    assert {"building", "levels", "height", "name", "residential", "residential_reason"} <= set(data.buildings.columns)
    assert {"kind", "name", "access", "is_park"} <= set(data.green.columns)
    assert {"class", "name", "name_zh", "name_en", "capacity"} <= set(data.facilities.columns)
    frames = (data.buildings, data.green, data.land, data.water, data.grounds, data.entrances, data.facilities)
    assert all(f.crs.to_epsg() == 4326 and f.index.name == "id" for f in frames)
