"""Rows of entries, brought into the orders that the compiled searches walk through."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def by_position(start, column, cost):  # type: ignore[no-untyped-def]
    """Sort the entries of each row by column."""
    columns, costs = column.copy(), cost.copy()
    for i in range(len(start) - 1):
        a, b = start[i], start[i + 1]
        sorted_already = True
        for k in range(a + 1, b):
            if column[k] < column[k - 1]:
                sorted_already = False
                break
        if not sorted_already:
            order = np.argsort(column[a:b])
            for k in range(b - a):
                columns[a + k], costs[a + k] = column[a + order[k]], cost[a + order[k]]
    return columns, costs


@njit(cache=True, nogil=True)
def sorted_rows(row, column, cost, n, m, cap):  # type: ignore[no-untyped-def]
    """Group entries by row, sorted by cost, then column, and end each row with the sentinel column ``m`` at ``cap``.

    Entries of one row come sorted by column.
    """
    start = np.zeros(n + 1, np.int64)
    for i in row:
        start[i + 1] += 1
    first = np.zeros(n + 1, np.int64)
    for i in range(n):
        first[i + 1] = first[i] + start[i + 1]
        start[i + 1] = start[i] + start[i + 1] + 1
    place = first[:-1].copy()
    entries = np.empty(len(row), np.int64)
    for k in range(len(row)):
        entries[place[row[k]]] = k
        place[row[k]] += 1
    columns, costs = np.empty(start[n], np.int32), np.empty(start[n])
    for i in range(n):
        mine = entries[first[i] : first[i + 1]]
        order = np.argsort(cost[mine], kind="mergesort")
        for k in range(len(mine)):
            columns[start[i] + k], costs[start[i] + k] = column[mine[order[k]]], cost[mine[order[k]]]
        columns[start[i + 1] - 1], costs[start[i + 1] - 1] = m, cap[i]
    return start, columns, costs


@njit(cache=True, nogil=True)
def by_column(start, column, cost, m):  # type: ignore[no-untyped-def]
    """Turn rows into columns, sorted by the rank that the column has in its row."""
    n = len(start) - 1
    by_start = np.zeros(m + 1, np.int64)
    longest = 0
    for i in range(n):
        longest = max(longest, start[i + 1] - start[i] - 1)
        for k in range(start[i], start[i + 1] - 1):
            by_start[column[k] + 1] += 1
    for j in range(m):
        by_start[j + 1] += by_start[j]
    entries = by_start[m]
    by_row, by_rank, by_cost = np.empty(entries, np.int32), np.empty(entries, np.int32), np.empty(entries)
    fill = by_start[:-1].copy()
    for rank in range(longest):
        for i in range(n):
            k = start[i] + rank
            if k < start[i + 1] - 1:
                at = fill[column[k]]
                by_row[at], by_rank[at], by_cost[at] = i, rank, cost[k]
                fill[column[k]] += 1
    return by_start, by_row, by_rank, by_cost
