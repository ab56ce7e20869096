"""Group unserved places into gaps: neighbours within reach of each other, no gap wider than a given span."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from siting.coverage.cells import DemandCells

MAX_SPAN_M = 1000.0
"""A gap is no wider than this (or twice the limit, if that is more). A choice of this toolkit, in no standard."""


def cluster(cells: DemandCells, chosen: NDArray[np.bool_], max_span_m: float) -> NDArray[np.int64]:
    """Group the chosen places and number the groups.

    Two chosen places are linked if their cells touch and they lie at most ``cells.link_m`` apart, so a group never
    reaches across a place that is not chosen. A group wider than ``max_span_m`` is split along Ward's hierarchy of
    linked places into compact connected parts.

    Parameters
    ----------
    chosen : shape (k,), mask over the places of ``cells``
    max_span_m : largest side of the bounding box of a group; a single place always fits

    Returns
    -------
    shape (k,), group of each place, -1 for places that were not chosen. The same for any order of the demand rows.
    """
    label = np.full(len(chosen), -1, dtype=np.int64)
    member = np.flatnonzero(chosen)
    if not len(member):
        return label
    keep = chosen[cells.pair].all(axis=1) & (cells.pair_m <= cells.link_m)
    first, second = np.searchsorted(member, cells.pair[keep].T)
    n = len(member)
    links = sparse.csr_array((np.ones(2 * len(first)), (np.r_[first, second], np.r_[second, first])), shape=(n, n))
    _, component = connected_components(links, directed=False)
    order = np.argsort(component, kind="stable")
    next_label = 0
    for group in np.split(order, np.flatnonzero(np.diff(component[order])) + 1):
        xy = cells.xy[member[group]]
        if _span(xy) <= max_span_m:
            part = np.zeros(len(group), dtype=np.int64)
        else:
            part = _split(xy, links[group][:, group], max_span_m)
        label[member[group]] = next_label + part
        next_label += int(part.max()) + 1
    return label


def _span(xy: NDArray[np.float64]) -> float:
    return float(np.ptp(xy, axis=0).max())


def _split(xy: NDArray[np.float64], links: sparse.csr_array, max_span_m: float) -> NDArray[np.int64]:
    """Cut Ward's tree from the top until every part is narrow enough."""
    from sklearn.cluster import ward_tree

    n = len(xy)
    pairs = ward_tree(xy - xy.mean(axis=0), connectivity=links)[0].tolist()
    # Bounding boxes and the smallest leaf of every node of the tree, leaves first, from the bottom up.
    west, south = (xy[:, k].tolist() for k in (0, 1))
    east, north = west.copy(), south.copy()
    for a, b in pairs:
        west.append(min(west[a], west[b]))
        east.append(max(east[a], east[b]))
        south.append(min(south[a], south[b]))
        north.append(max(north[a], north[b]))
    narrow = np.maximum(np.subtract(east, west), np.subtract(north, south)) <= max_span_m
    narrow[:n] = True
    top = np.where(narrow, np.arange(2 * n - 1), -1).tolist()
    for k, (a, b) in zip(range(2 * n - 2, n - 1, -1), reversed(pairs), strict=True):
        if top[k] >= 0:
            top[a] = top[b] = top[k]
    return np.asarray(np.unique(top[:n], return_inverse=True)[1], dtype=np.int64)
