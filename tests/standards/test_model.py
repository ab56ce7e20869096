"""Targets are compared as whole numbers."""

from dataclasses import replace

import pytest

from siting.errors import SchemaError
from siting.standards import Target, load_catalogue


@pytest.mark.parametrize(
    ("share", "operator", "served", "total", "met"),
    [
        (0.9, ">=", 9, 10, True),
        (0.9, ">", 9, 10, False),  # more than 90 %: exactly 90 % is not enough
        (0.9, ">", 900_000_000_000_001, 1_000_000_000_000_000, True),  # one thousandth of a person more
        (0.9, ">=", 899_999_999_999_999, 1_000_000_000_000_000, False),
        (0.1, ">=", 1, 10, True),  # 0.1 is no binary fraction
        (0.7, ">=", 7, 10, True),
        (0.996, ">=", 996, 1000, True),
        (1.0, ">=", 10, 10, True),
        (1.0, ">=", 9, 10, False),
        (0.5, ">=", 0, 3, False),
    ],
)
def test_target_on_its_boundary(share, operator, served, total, met):
    assert Target(share=share, operator=operator).is_met(served, total) is met


@pytest.mark.parametrize("share", [0.0, -0.1, 1.01])
def test_rule_refuses_a_share_outside_its_domain(share):
    rule = load_catalogue()["bus.cover500"]
    with pytest.raises(SchemaError, match=r"bus\.cover500: target share"):
        replace(rule, target=Target(share=share))


def test_no_verdict_on_facilities_that_the_clause_does_not_name():
    rule = load_catalogue()["park.gb51346.cover"]
    assert rule.verdict_allowed
    assert not replace(rule, facility=("public_toilet",), overridden=("facility",)).verdict_allowed


def test_no_verdict_from_a_retired_text():
    rule = load_catalogue()["park.gb51346.cover"]
    assert rule.verdict_allowed
    assert not replace(rule, source=replace(rule.source, standing="retired")).verdict_allowed
    assert not replace(rule, source=replace(rule.source, standing="draft")).verdict_allowed
