"""Figures that a study gives itself: refused with their name where they cannot be meant."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from siting.errors import SchemaError


def check_figures(who: str, figures: Mapping[str, object], *, above: bool = False, whole: bool = False) -> None:
    """Refuse what is no finite number of 0 or more; None is not given and passes.

    Parameters
    ----------
    who : begins the message
    above : 0 itself is refused
    whole : fractions are refused, and whatever is below 1

    Raises
    ------
    SchemaError
        One of them, with its name.
    """
    for name, value in figures.items():
        if value is None:
            continue
        fits = False
        if isinstance(value, int | float | np.integer) and not isinstance(value, bool):
            number = float(value)
            least = 1.0 if whole else 0.0
            fits = math.isfinite(number) and (number > least if above else number >= least)
            fits = fits and (number.is_integer() or not whole)
        if not fits:
            asked = "a whole number from 1" if whole else f"a number {'above 0' if above else 'of 0 or more'}"
            msg = f"{who}: {name} is {value!r}, expected {asked}"
            raise SchemaError(msg)
