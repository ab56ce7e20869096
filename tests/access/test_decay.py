"""Decay functions: values by hand, and parameters that do not fit."""

import math

import numpy as np
import pytest

from siting.access import Decay
from siting.access.decay import decay_of
from siting.errors import SchemaError


@pytest.mark.parametrize(
    ("decay", "cost", "weight"),
    [
        (Decay(kind="exponential", beta=0.01), 0.0, 1.0),
        (Decay(kind="exponential", beta=0.01), 200.0, math.exp(-2)),
        (Decay(kind="gaussian", sigma=100.0), 100.0, math.exp(-0.5)),
        (Decay(kind="gaussian", sigma=100.0), 300.0, math.exp(-4.5)),
        (Decay(kind="gaussian_threshold", threshold=100.0), 0.0, 1.0),
        (Decay(kind="gaussian_threshold", threshold=100.0), 100.0, 0.0),
        (
            Decay(kind="gaussian_threshold", threshold=100.0),
            50.0,
            (math.exp(-0.125) - math.exp(-0.5)) / (1 - math.exp(-0.5)),
        ),
        (Decay(kind="gaussian_threshold", threshold=100.0), 101.0, 0.0),
        (Decay(kind="power", beta=2.0), 4.0, 1 / 16),
        (Decay(kind="power", beta=1.0, least=10.0), 0.0, 0.1),
        (Decay(kind="power", beta=1.0, least=10.0), 20.0, 0.05),
        (Decay(kind="linear", threshold=400.0), 100.0, 0.75),
        (Decay(kind="linear", threshold=400.0), 401.0, 0.0),
        (Decay(kind="step", threshold=400.0), 400.0, 1.0),
        (Decay(kind="step", threshold=400.0), 400.001, 0.0),
        (Decay(kind="zones", limits=(100.0, 200.0), weights=(1.0, 0.4)), 100.0, 1.0),
        (Decay(kind="zones", limits=(100.0, 200.0), weights=(1.0, 0.4)), 100.001, 0.4),
        (Decay(kind="zones", limits=(100.0, 200.0), weights=(1.0, 0.4)), 200.0, 0.4),
        (Decay(kind="zones", limits=(100.0, 200.0), weights=(1.0, 0.4)), 200.001, 0.0),
    ],
)
def test_values_by_hand(decay, cost, weight):
    assert decay(np.array([cost, np.inf])) == pytest.approx([weight, 0.0], abs=1e-15)


def test_where_it_ends():
    assert Decay(kind="linear", threshold=400.0).reach == 400
    assert Decay(kind="zones", limits=(100.0, 200.0), weights=(1.0, 0.4)).reach == 200
    assert Decay(kind="exponential", beta=0.01).reach == math.inf


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kind": "cubic"}, "unknown kind 'cubic'; must be one of exponential"),
        ({"kind": "exponential"}, "beta is missing"),
        ({"kind": "exponential", "beta": 0.1, "sigma": 3.0}, "sigma is not used; it needs beta"),
        ({"kind": "linear", "threshold": 0.0}, "threshold is 0.0, expected above 0"),
        ({"kind": "power", "beta": math.nan}, "beta is nan"),
        ({"kind": "zones", "limits": (2.0, 1.0), "weights": (1.0, 1.0)}, "ascend"),
        ({"kind": "zones", "limits": (1.0, 2.0), "weights": (1.0,)}, "2 numbers of 0 or more"),
        ({"kind": "zones", "limits": (), "weights": ()}, "ascend"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(settings, message):
    with pytest.raises(SchemaError, match=message):
        Decay(**settings)


def test_a_power_has_no_value_at_0():
    with pytest.raises(SchemaError, match="2 costs are 0, where a power has no value"):
        Decay(kind="power", beta=1.0)(np.array([0.0, 0.0, 3.0]))


def test_a_ready_decay_takes_no_parameters():
    ready = Decay(kind="step", threshold=3.0)
    assert decay_of(ready) is ready
    assert decay_of("step", threshold=3.0, beta=None) == ready
    with pytest.raises(SchemaError, match="beta given beside a Decay"):
        decay_of(ready, beta=1.0)
