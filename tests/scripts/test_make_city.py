"""The synthetic city: as large as asked, the same for a seed, and with the traits of a real street net."""

from pathlib import Path

import make_city as script
import numpy as np
import pytest
import shapely
from scipy import sparse
from scipy.sparse import csgraph

import siting
from siting.standards import load_catalogue


@pytest.fixture(scope="module")
def city() -> script.City:
    return script.make_city(6_000, seed=1)


@pytest.mark.parametrize(("nodes", "seed"), [(200, 0), (1_000, 3), (6_001, 2)])
def test_city_has_exactly_the_vertices_asked_for(nodes: int, seed: int) -> None:
    city = script.make_city(nodes, seed)
    assert len(city.xy) == nodes
    assert len(np.unique(city.xy, axis=0)) == nodes
    assert np.array_equal(np.unique([city.u, city.v]), np.arange(nodes))
    assert len(city.homes) == len(city.people) == nodes // 2
    assert (city.people >= 1).all()


def test_same_seed_same_city_other_seed_another(city: script.City) -> None:
    again, other = script.make_city(6_000, seed=1), script.make_city(6_000, seed=2)
    for name in ("xy", "u", "v", "length_mm", "street_class", "oneway", "homes", "people", "community_of"):
        assert np.array_equal(getattr(city, name), getattr(again, name)), name
    assert (shapely.to_wkb(city.parks) == shapely.to_wkb(again.parks)).all()
    assert not np.array_equal(city.xy, other.xy)


def test_streets_look_like_streets(city: script.City) -> None:
    degree = np.bincount(np.concatenate([city.u, city.v]))
    assert 0.6 < (degree == 2).mean() < 0.75, "bends"
    assert 0.1 < (degree == 1).sum() / (degree != 2).sum() < 0.25, "dead ends"
    assert np.array_equal(city.length_mm, np.rint(1000 * np.hypot(*(city.xy[city.v] - city.xy[city.u]).T)))
    assert city.length_mm.min() > 1000
    links = sparse.coo_array((np.ones(len(city.u)), (city.u, city.v)), shape=2 * (len(city.xy),))
    count, label = csgraph.connected_components(links, directed=False)
    assert count > 1, "a layer has a few fragments"
    assert np.bincount(label).max() > 0.95 * len(label)


def test_streets_between_junctions_hold_every_piece_once(city: script.City) -> None:
    coords, ptr, begin, end = city.streets()
    assert len(ptr) - 1 == len(city.name) == len(city.street_class)
    step = np.hypot(*np.diff(coords, axis=0).T)
    step = np.delete(step, ptr[1:-1] - 1)
    assert np.array_equal(np.rint(1000 * step), city.length_mm)
    assert np.array_equal(coords[ptr[:-1]], city.xy[begin])
    assert np.array_equal(coords[ptr[1:] - 1], city.xy[end])


def test_only_bridges_cross_the_river(city: script.City) -> None:
    pieces = shapely.linestrings(np.stack([city.xy[city.u], city.xy[city.v]], axis=1))
    wet = shapely.intersects(pieces, city.water[0])
    assert city.bridge[city.street[wet]].all()
    assert np.array_equal(np.unique(city.street[wet]), np.flatnonzero(city.bridge))
    assert 1 <= city.bridge.sum() <= 12


def test_nobody_lives_in_parks_or_water(city: script.City) -> None:
    closed = shapely.union_all([*city.parks, *city.water])
    assert not shapely.contains_xy(closed, city.homes).any()


def test_communities_tile_the_city_and_sub_districts_gather_them(city: script.City) -> None:
    whole = shapely.union_all(city.communities)
    assert whole.area == pytest.approx(shapely.area(city.communities).sum(), rel=1e-9)
    for k, shape in enumerate(city.subdistricts):
        mine = shapely.area(city.communities[city.community_of == k]).sum()
        assert shape.area == pytest.approx(mine, rel=1e-9)
    assert shapely.contains_xy(whole.buffer(60), city.xy).mean() > 0.99


def test_rules_are_forty_that_can_be_judged_with_what_the_city_has(city: script.City) -> None:
    from siting.coverage.judge import why_not_judged
    from siting.standards.classes import places_counting_as

    assert len(set(script.RULES)) == 40
    catalogue = load_catalogue()
    for rule in (catalogue[name] for name in script.RULES):
        assert why_not_judged(rule, has_layer=True) is None
        assert set(places_counting_as(rule.facility)) & {"park_green", *city.places}, rule.id


def test_written_city_is_a_study_that_can_be_read(tmp_path: Path) -> None:
    from siting.pipeline import Silent
    from siting.pipeline.execute import prepare

    city = script.make_city(1_500, seed=4)
    script.write_city(city, tmp_path)
    study = siting.Study.from_toml(tmp_path / "study.toml")
    sources, network, people = prepare(study, Silent())
    assert network is not None
    assert network.n_edges == len(city.name)
    assert int(network.edge_mm.sum()) == pytest.approx(int(city.length_mm.sum()), abs=len(city.u))
    assert people.points["people"].sum() == city.people.sum()
    assert len(study.settings.audit) == 40
    assert list(sources.zones) == ["community", "subdistrict"]


def test_too_small_a_city_is_refused() -> None:
    with pytest.raises(ValueError, match="expected at least 200"):
        script.make_city(50)
