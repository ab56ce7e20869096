"""Groups of limited width along Ward's tree: the same, place by place, as those of scikit-learn's whole tree."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from scipy import sparse
from sklearn.cluster import ward_tree

from siting.coverage.cells import demand_cells
from siting.coverage.clusters import cluster
from siting.coverage.ward import narrow_groups


def by_whole_tree(xy: NDArray[np.float64], links: sparse.csr_array, span: float) -> NDArray[np.int64]:
    """Build all of the tree, then go down from its top."""
    n = len(xy)
    children = ward_tree(xy, connectivity=links)[0]
    leaves = [[k] for k in range(n)]
    for a, b in children.tolist():
        leaves.append(leaves[a] + leaves[b])
    group, open_nodes, found = np.full(n, -1), [len(leaves) - 1], []
    while open_nodes:
        node = open_nodes.pop()
        if node < n or np.ptp(xy[leaves[node]], axis=0).max() <= span:
            found.append(node)
        else:
            open_nodes += children[node - n].tolist()
    for number, node in enumerate(sorted(found)):
        group[leaves[node]] = number
    return group


@pytest.mark.parametrize("kind", ["scattered", "grid", "line"])
@pytest.mark.parametrize("span", [90.0, 400.0, 1e9])
def test_groups_are_the_largest_narrow_branches_of_the_tree(kind: str, span: float) -> None:
    rng = np.random.default_rng(5)
    if kind == "grid":  # all neighbours equally near: the numbers of the places decide
        xy = 60.0 * np.stack(np.meshgrid(np.arange(18.0), np.arange(18.0)), axis=-1).reshape(-1, 2)
    else:
        xy = rng.uniform(0, [1200.0, 30.0 if kind == "line" else 1200.0], (330, 2))
    cells = demand_cells(gpd.GeoSeries(shapely.points(xy), crs="EPSG:4548"), link_m=500.0)
    a, b = cells.pair.T
    links = sparse.csr_array((np.ones(2 * len(a)), (np.r_[a, b], np.r_[b, a])), shape=2 * (len(cells.xy),))
    centred = cells.xy - cells.xy.mean(axis=0)
    got = narrow_groups(centred, links.indptr, links.indices, span)
    assert np.array_equal(got, by_whole_tree(centred, links, span))
    assert np.array_equal(cluster(cells, np.ones(len(cells.xy), dtype=bool), span), got)


def test_two_linked_places_that_are_far_apart_stay_apart() -> None:
    xy = np.array([[-60.0, 0.0], [60.0, 0.0]])
    indptr, indices = np.array([0, 1, 2], dtype=np.int32), np.array([1, 0], dtype=np.int32)
    assert narrow_groups(xy, indptr, indices, 119.0).tolist() == [0, 1]
    assert narrow_groups(xy, indptr, indices, 120.0).tolist() == [0, 0]
