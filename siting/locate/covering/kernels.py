"""Compiled sums over a covering problem: what columns serve of rows, and what rows are worth to columns.

``row_start, row_column`` hold the columns of each row, ``start, row`` the rows of each column.
"""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def worth(start, row, u, columns, value):  # type: ignore[no-untyped-def]
    """Sum ``u`` over the rows of the given columns, into ``value``."""
    for j in columns:
        total = 0 * value[j]
        for e in range(start[j], start[j + 1]):
            total += u[row[e]]
        value[j] = total


@njit(cache=True, nogil=True)
def served(start, row, x, columns, amount):  # type: ignore[no-untyped-def]
    """Sum ``x`` over the columns of every row, into ``amount``."""
    amount[:] = 0.0
    for j in columns:
        if x[j] > 0.0:
            for e in range(start[j], start[j + 1]):
                amount[row[e]] += x[j]


@njit(cache=True, nogil=True)
def price_of_a_site(z, step, columns, p):  # type: ignore[no-untyped-def]
    """Return the least price at which ``min(1, max(0, z - step * price))`` sums to at most ``p``."""
    total, high = 0.0, 0.0
    for j in columns:
        total += min(1.0, max(0.0, z[j]))
        high = max(high, z[j] / step[j])
    if total <= p:
        return 0.0
    low = 0.0
    for _ in range(60):
        price = 0.5 * (low + high)
        total = 0.0
        for j in columns:
            total += min(1.0, max(0.0, z[j] - step[j] * price))
        if total > p:
            low = price
        else:
            high = price
    return high


@njit(cache=True, nogil=True)
def steps(start, row, weight, p, columns, x_step, u_step, gamma, n, x, u, amount, x_sum, u_sum):  # type: ignore[no-untyped-def]
    """Take ``n`` primal-dual steps on some columns, in place, and add what is passed to the sums.

    ``amount`` is that of ``x`` at the start, and at the end.
    """
    value, z, then = np.zeros_like(x), np.zeros_like(x), np.empty_like(amount)
    for _ in range(n):
        worth(start, row, u, columns, value)
        for j in columns:
            z[j] = x[j] + gamma * x_step[j] * value[j]
            value[j] = gamma * x_step[j]
        price = price_of_a_site(z, value, columns, p)
        for j in columns:
            x[j] = min(1.0, max(0.0, z[j] - value[j] * price))
            x_sum[j] += x[j]
        served(start, row, x, columns, then)
        for i in range(len(u)):
            move = u_step[i] / gamma * (2.0 * then[i] - amount[i] - 1.0)
            u[i] = min(weight[i], max(0.0, u[i] - move))
            u_sum[i] += u[i]
            amount[i] = then[i]


@njit(cache=True, nogil=True)
def cover_steps(start, row, price, columns, x_step, u_step, gamma, n, x, u, amount, x_sum, u_sum):  # type: ignore[no-untyped-def]
    """Take ``n`` primal-dual steps of the set covering problem, in place, and add what is passed to the sums."""
    value, then = np.zeros_like(x), np.empty_like(amount)
    for _ in range(n):
        worth(start, row, u, columns, value)
        for j in columns:
            x[j] = min(1.0, max(0.0, x[j] + gamma * x_step[j] * (value[j] - price[j])))
            x_sum[j] += x[j]
        served(start, row, x, columns, then)
        for i in range(len(u)):
            u[i] = max(0.0, u[i] + u_step[i] / gamma * (1.0 - 2.0 * then[i] + amount[i]))
            u_sum[i] += u[i]
            amount[i] = then[i]
