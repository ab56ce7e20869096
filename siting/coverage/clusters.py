"""Group unserved places into gaps: neighbours within reach of each other, no gap wider than a given span."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from siting.coverage.cells import DemandCells
from siting.coverage.ward import narrow_groups

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
    one, other = cells.pair.T
    keep = chosen[one] & chosen[other] & (cells.pair_m <= cells.link_m)
    number = np.cumsum(chosen) - 1
    first, second = number[one[keep]], number[other[keep]]
    n = len(member)
    links = sparse.csr_array((np.ones(2 * len(first)), (np.r_[first, second], np.r_[second, first])), shape=(n, n))
    _, component = connected_components(links, directed=False)
    order = np.argsort(component, kind="stable")
    # Rows by component: the links of each then lie together.
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n)
    links = links[order]
    indices = rank[links.indices].astype(np.int32)
    starts = np.append(np.flatnonzero(np.diff(component[order], prepend=-1)), n)
    xy = cells.xy[member[order]]
    sides = np.maximum.reduceat(xy, starts[:-1]) - np.minimum.reduceat(xy, starts[:-1])
    part = np.zeros(n, dtype=np.int64)
    parts = np.ones(len(starts) - 1, dtype=np.int64)
    for k in np.flatnonzero(sides.max(axis=1) > max_span_m):
        start, stop = starts[k], starts[k + 1]
        ptr = links.indptr[start : stop + 1]
        inner = indices[ptr[0] : ptr[-1]] - np.int32(start)
        place = xy[start:stop]
        part[start:stop] = narrow_groups(place - place.mean(axis=0), ptr - ptr[0], inner, max_span_m)
        parts[k] = part[start:stop].max() + 1
    label[member[order]] = np.repeat(np.cumsum(parts) - parts, np.diff(starts)) + part
    return label
