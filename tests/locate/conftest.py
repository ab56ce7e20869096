"""Streets that several location tests share."""

import numpy as np
import pytest


@pytest.fixture
def line_street() -> tuple[np.ndarray, np.ndarray]:
    """Four blocks on one street.

    A ----200---- B --150-- C --------400-------- D     metres; every block is a candidate
    30            10        20                    40     residents
    """
    at = np.array([0.0, 200.0, 350.0, 750.0])
    return np.abs(at[:, None] - at[None, :]), np.array([30.0, 10.0, 20.0, 40.0])
