"""Networks in files: what comes back, and what is refused."""

import dataclasses
import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest
from street_drawing import draw, points

from siting.access import cost_matrix
from siting.errors import FileFormatError, InputError, NetworkDataError, OutputError
from siting.network import Network, close_street

NODES = {"a": (0, 0), "b": (300, 0), "c": (300, 200), "d": (0, 200), "e": (1000, 1000), "f": (1010.5, 1000)}


@pytest.fixture
def network():
    return draw(
        NODES, ("a b", {"name": "人民路", "bridge": True, "layer": 1}), ("b c d a", {"drive_backward": False}), "b d",
        ("c d c", {"name": None}), "e f", mode="drive", min_component_share=0.4,
    )  # fmt: skip


@pytest.fixture
def file(network, tmp_path):
    network.save(tmp_path / "city.npz")
    return tmp_path / "city.npz"


def rewritten(file, change):
    """The same file, its members changed by ``change(dict of name -> bytes)``."""
    with zipfile.ZipFile(file) as old:
        members = {name: old.read(name) for name in old.namelist()}
    change(members)
    with zipfile.ZipFile(file, "w") as new:
        for name, data in members.items():
            new.writestr(name, data)
    return file


def test_all_comes_back(network, file):
    again = Network.load(file)
    for field in dataclasses.fields(Network):
        one, other = getattr(network, field.name), getattr(again, field.name)
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype
            assert np.array_equal(one, other)
            assert not other.flags.writeable
        elif isinstance(one, pd.DataFrame):
            pd.testing.assert_frame_equal(one, other)
        elif field.name in ("out_arcs", "in_arcs"):
            assert all(np.array_equal(getattr(one, a), getattr(other, a)) for a in ("indptr", "head", "edge"))
        else:
            assert one == other, field.name
    assert again.carries.tolist() == [True, False]


def test_costs_are_the_same_and_so_are_the_bytes(network, file, tmp_path):
    rng = np.random.default_rng(3)
    at = points(**{f"p{k}": tuple(xy) for k, xy in enumerate(rng.uniform(-50, 350, (30, 2)))})
    one, other = (cost_matrix(n, at, at, 500) for n in (network, Network.load(file)))
    assert one.n_pairs > 100
    assert one.cost_mm.tolist() == other.cost_mm.tolist()
    assert one.indices.tolist() == other.indices.tolist()
    Network.load(file).save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == file.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["again.npz", "city.npz"]


def test_an_osm_city_comes_back(repository, tmp_path):
    walk = Network.from_osm(repository / "data" / "helsinki-centre" / "helsinki-centre.osm.pbf")
    walk.save(tmp_path / "helsinki")
    again = Network.load(tmp_path / "helsinki")
    pd.testing.assert_frame_equal(walk.edges, again.edges)
    assert walk.accounts == again.accounts
    assert walk.crs == again.crs
    rng = np.random.default_rng(1)
    homes, shops = (walk.xy[rng.choice(walk.n_nodes, n, replace=False)] for n in (200, 20))
    at, there = (points(**{f"p{k}": tuple(p) for k, p in enumerate(xy)}).set_crs(walk.crs, allow_override=True)
                 for xy in (homes, shops))  # fmt: skip
    one, other = (cost_matrix(n, at, there, 1500) for n in (walk, again))
    assert one.cost_mm.tolist() == other.cost_mm.tolist()
    assert one.n_pairs > 1000


def test_names_of_nodes_and_lists_in_columns_come_back(tmp_path):
    import networkx as nx

    graph = nx.MultiDiGraph(crs="EPSG:32649")
    graph.add_node("a", x=0.0, y=0.0)
    graph.add_node("b", x=10.0, y=0.0)
    graph.add_edge("a", "b", osmid=[1, 2], highway=["path", "steps"], lanes=2.5)
    graph.add_edge("b", "a", osmid=3, lanes=None)
    network = Network.from_networkx(graph)
    network.save(tmp_path / "n")
    again = Network.load(tmp_path / "n")
    assert again.node_id.tolist() == ["a", "b"]
    assert again.edges["highway"].tolist() == [["path", "steps"], None]
    assert again.edges["lanes"].iloc[0] == 2.5


def test_what_is_no_plain_value_is_refused(network, tmp_path):
    strange = dataclasses.replace(network, edges=network.edges.assign(extra=[{1, 2}] * network.n_edges))
    with pytest.raises(NetworkDataError, match="column 'extra' holds a set"):
        strange.save(tmp_path / "n")
    with pytest.raises(NetworkDataError, match="has times"):
        network.timed("drive").save(tmp_path / "n")
    with pytest.raises(NetworkDataError, match="is a scenario"):
        close_street(network, edge=0).save(tmp_path / "n")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OutputError, match="cannot write"):
        network.save(tmp_path / "nowhere" / "n")


def test_other_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="there is no file"):
        Network.load(tmp_path / "none")
    (tmp_path / "text").write_text("hello")
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    for name in ("text", "other.npz"):
        with pytest.raises(FileFormatError, match="no saved network"):
            Network.load(tmp_path / name)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.99])
def test_a_cut_file_is_refused(file, share):
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(FileFormatError):
        Network.load(file)


def test_a_flipped_byte_is_never_taken_for_another_network(network, file):
    data = file.read_bytes()
    refused = 0
    for at in range(0, len(data), max(len(data) // 150, 1)):
        file.write_bytes(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
        try:
            again = Network.load(file)
        except FileFormatError:
            refused += 1
        else:  # a byte that holds nothing of the network, such as a time stamp
            assert np.array_equal(again.edge_mm, network.edge_mm)
            assert np.array_equal(again.edge_coords, network.edge_coords)
            pd.testing.assert_frame_equal(again.edges, network.edges)
    assert refused > 100


def header(change):
    def apply(members):
        table = json.loads(members["network.json"])
        change(table)
        members["network.json"] = json.dumps(table).encode()

    return apply


def array(name, change):
    """Change an array and its sum, so that only the contradiction can be noticed."""

    def apply(members):
        from siting.network.storage import array_bytes, hashlib

        made = change(np.load(io.BytesIO(members[f"{name}.npy"])).copy())
        members[f"{name}.npy"] = array_bytes(made)
        table = json.loads(members["network.json"])
        table["sha256"][name] = hashlib.sha256(members[f"{name}.npy"]).hexdigest()
        members["network.json"] = json.dumps(table).encode()

    return apply


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (header(lambda t: t.update(version=2)), "format version 2, this siting reads 1"),
        (header(lambda t: t.update(format="other")), "it is something else"),
        (header(lambda t: t.update(crs="nothing")), "damaged"),
        (header(lambda t: t.pop("accounts")), "damaged"),
        (header(lambda t: t["sha256"].pop("xy")), "damaged"),
        (lambda m: m.pop("edge_mm.npy"), "damaged"),
        (lambda m: m.update({"edge_mm.npy": m["edge_u.npy"]}), "the sum of edge_mm differs"),
        (array("edge_u", lambda a: a + 1000), "ends of edges contradict"),
        (array("edge_mm", lambda a: a[1:]), "edges contradict"),
        (array("edge_mm", lambda a: -a - 1), "damaged"),
        (array("edge_ptr", lambda a: a[::-1]), "shapes contradict"),
        (array("component", lambda a: a + 1), "components contradict"),
        (array("xy", lambda a: a[:, :1]), "coordinates contradict"),
    ],
)
def test_contradictions_are_refused(file, change, message):
    with pytest.raises(FileFormatError, match=message):
        Network.load(rewritten(file, change))


def test_no_object_is_ever_unpickled(file):
    def plant(members):
        stream = io.BytesIO()
        np.save(stream, np.array([print], dtype=object), allow_pickle=True)
        members["edge_mm.npy"] = stream.getvalue()

    def same_sum(members):
        from siting.network.storage import hashlib

        plant(members)
        table = json.loads(members["network.json"])
        table["sha256"]["edge_mm"] = hashlib.sha256(members["edge_mm.npy"]).hexdigest()
        members["network.json"] = json.dumps(table).encode()

    with pytest.raises(FileFormatError, match="allow_pickle=False"):
        Network.load(rewritten(file, same_sum))


def test_values_that_are_equal_but_not_the_same_stay_apart(network, tmp_path):
    mixed = [1, 1.0, True, "1", None, [1, "a"], float("nan")]
    mixed = (mixed * network.n_edges)[: network.n_edges]
    odd = dataclasses.replace(network, edges=network.edges.assign(odd=pd.Series(mixed, dtype=object)))
    odd.save(tmp_path / "n")
    back = Network.load(tmp_path / "n").edges["odd"].tolist()
    expected = [None if isinstance(v, float) and np.isnan(v) else v for v in mixed]
    assert [(type(v), v) for v in back] == [(type(v), v) for v in expected]
