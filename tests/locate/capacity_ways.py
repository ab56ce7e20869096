"""The ways in which models with capacities search: rows split or whole, small problems by the solver or by bounds."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.locate.capacity import search as capacity_search


def split_and_whole(max_examples: int) -> Callable[[Callable[..., None]], Any]:
    """Run ``check(seed, single=...)`` for drawn seeds; small problems also go the way of the large ones."""

    def both(check: Callable[..., None]) -> Any:
        @pytest.mark.parametrize("by_bound", [False, True])
        @pytest.mark.parametrize("single", [False, True])
        @settings(max_examples=max_examples, deadline=None, derandomize=True)
        @given(st.integers(0, 10**9))
        def test(single: bool, by_bound: bool, seed: int) -> None:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(capacity_search, "SMALL", -1 if by_bound else capacity_search.SMALL)
                check(seed, single=single)

        return test

    return both
