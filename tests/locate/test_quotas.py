"""Quotas of zones: read, checked one by one and together."""

import numpy as np
import pandas as pd
import pytest

from siting.errors import InfeasibleError, InputError
from siting.locate.conditions import read_conditions
from siting.locate.costs import read_costs

#  candidates  0 1 | 2 3 4 | 5     zones  east | west | none
COSTS = read_costs(np.ones((2, 6)))
ZONES = ["east", "east", "west", "west", "west", None]


def test_one_count_goes_for_every_zone_that_has_candidates():
    quotas = read_conditions(COSTS, p=3, zones=ZONES, at_least=1).quotas
    assert [(q.zone, q.members.tolist(), q.least, q.most) for q in quotas] == [
        ("east", [0, 1], 1, None),
        ("west", [2, 3, 4], 1, None),
    ]


def test_only_zones_with_a_quota_are_kept_and_labels_are_aligned():
    frame = pd.DataFrame(np.ones((2, 3)), columns=["a", "b", "c"])
    zones = pd.Series({"c": "north", "a": "south", "b": "south"})
    (quota,) = read_conditions(read_costs(frame), zones=zones, at_most={"south": 1}).quotas
    assert (quota.zone, quota.members.tolist(), quota.least, quota.most) == ("south", [0, 1], 0, 1)


def test_existing_and_required_sites_count():
    read_conditions(COSTS, p=1, existing=[0], zones=ZONES, at_least=1)
    with pytest.raises(InfeasibleError, match="p = 2 would work"):
        read_conditions(COSTS, p=1, zones=ZONES, at_least=1)
    with pytest.raises(InfeasibleError, match="p = 3 would work"):
        read_conditions(COSTS, p=2, required=[5], zones=ZONES, at_least=1)
    with pytest.raises(InfeasibleError, match="zone east may have 1 sites, but 2 are existing"):
        read_conditions(COSTS, existing=[0, 1], zones=ZONES, at_most=1)


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({"at_least": 1}, InputError, "need zones"),
        ({"zones": ZONES[:3], "at_least": 1}, InputError, "3 entries, cost has 6"),
        ({"zones": ZONES, "at_least": 3}, InfeasibleError, "zone east needs 3 sites, but has 0 open and 2"),
        ({"zones": ZONES, "at_least": {"south": 1}}, InfeasibleError, "zone south holds no candidate"),
        ({"zones": ZONES, "at_least": 1.5}, InputError, "expected a whole number"),
        ({"zones": ZONES, "at_least": 2, "at_most": 1}, InputError, "at least 2 but at most 1"),
        ({"zones": ZONES, "excluded": [0, 1], "at_least": 1}, InfeasibleError, "zone east needs 1"),
    ],
)
def test_what_cannot_be_is_said(given, kind, words):
    with pytest.raises(kind, match=words):
        read_conditions(COSTS, **given)
