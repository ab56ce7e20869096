"""How a colour is seen: CIELAB, without the red or the green cones (Machado et al. 2009, severity 1), and in grey."""

from itertools import combinations

import numpy as np

SEEN_BY = {
    "all cones": np.eye(3),
    "no red cones": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no green cones": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "no blue cones": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
    "grey": np.full((3, 1), 1.0) @ np.array([[0.2126, 0.7152, 0.0722]]),
}
"""Matrices over linear RGB."""
_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(colour, seen_by="all cones", alpha=1.0, over="#ffffff"):
    """Return L*, a*, b* (D65) of ``#rrggbb`` laid over another colour."""
    mixed = alpha * _rgb(colour) + (1 - alpha) * _rgb(over)
    linear = np.where(mixed <= 0.04045, mixed / 12.92, ((mixed + 0.055) / 1.055) ** 2.4)
    linear = np.clip(SEEN_BY[seen_by] @ linear, 0, 1)
    t = _TO_XYZ @ linear / (_TO_XYZ @ np.ones(3))
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def nearest_two(colours, seen_by, **mixed):
    """Return the smallest distance between two of the colours, and which they are."""
    pairs = combinations(dict.fromkeys(colours), 2)
    return min((float(np.linalg.norm(lab(a, seen_by, **mixed) - lab(b, seen_by, **mixed))), a, b) for a, b in pairs)


def _rgb(colour):
    return np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
