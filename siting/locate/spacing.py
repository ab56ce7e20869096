"""Pairs of candidates that exclude each other, as few and strong constraints."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

# Beyond this many pairs the search for cliques costs more than it saves, and pairs are used as they are.
_MAX_PAIRS = 300_000


def cliques(too_close: NDArray[np.intp], n_columns: int) -> list[list[int]]:
    """Cover all pairs by groups of columns that exclude each other mutually.

    "At most one of the group" is stronger than the same for each pair, and there are fewer of them.

    Parameters
    ----------
    too_close : shape (k, 2), pairs, the lower first

    Returns
    -------
    groups, each ascending; every pair lies in at least one, and every two members of a group are a pair
    """
    if len(too_close) > _MAX_PAIRS:
        return [[int(a), int(b)] for a, b in too_close]
    near: list[set[int]] = [set() for _ in range(n_columns)]
    for a, b in too_close.tolist():
        near[a].add(b)
        near[b].add(a)
    done: set[tuple[int, int]] = set()
    groups: list[list[int]] = []
    for a, b in too_close.tolist():
        if (a, b) in done:
            continue
        group, shared = [a, b], near[a] & near[b]
        while shared:
            # The member that leaves most room for further ones, the first of equals.
            c = max(sorted(shared), key=lambda k: len(near[k] & shared))
            group.append(c)
            shared &= near[c]
        group.sort()
        done.update((u, v) for i, u in enumerate(group) for v in group[i + 1 :])
        groups.append(group)
    return groups


def at_most_one(groups: list[list[int]], n_columns: int) -> sparse.csr_array:
    """Return the 0/1 matrix, group by column, of the constraints "at most one of the group"."""
    indptr = np.concatenate(([0], np.cumsum([len(g) for g in groups]))).astype(np.int64)
    indices = np.array([j for group in groups for j in group], dtype=np.int64)
    return sparse.csr_array((np.ones(len(indices)), indices, indptr), shape=(len(groups), n_columns))
