"""How well a plan is proved, in words: nothing is said to be nearer the best than it is."""

import numpy as np
import pytest

from siting.locate import mclp
from siting.themes.proved import PROVED, proved, within


def test_a_proved_plan_is_called_the_best():
    # Two places, one house each: the one with more people is best.
    result = mclp(np.array([[0.0, np.inf], [np.inf, 0.0]]), np.array([3.0, 5.0]), 0.0, p=1)
    assert (result.status, proved(result)) == ("optimal", PROVED)


@pytest.mark.parametrize(("gap", "said"), [(0.0123, "1.3%"), (0.25, "25.0%"), (0.99999, "100.0%"), (0.00004, "0.01%")])
def test_a_gap_is_rounded_up_never_down(gap, said):
    text = within(gap)
    assert f" {said} " in text.en
    assert text.zh.endswith(f" {said}")
