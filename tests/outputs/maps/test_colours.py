"""Classes stay apart: for people who lack a kind of cones, and on a grey print."""

import pytest
from colour_sight import SEEN_BY, nearest_two

from siting.outputs import palette
from siting.outputs.theme_style import LINE_COLOURS, RAMP_COLOURS, ROLE_COLOUR

SCALES = {
    "coverage": (palette.SERVED, palette.UNSERVED),
    "plan": (palette.SERVED, palette.NEWLY_SERVED, palette.UNSERVED),
    "two rules": palette.BIVARIATE,
    "roles": tuple(ROLE_COLOUR[role] for role in ("good", "fair", "poor", "bad")),
    "places": tuple(ROLE_COLOUR[role] for role in ("site", "existing", "accent", "muted")),
    "two networks": tuple(ROLE_COLOUR[role] for role in ("good", "poor", "existing", "none")),
    **{f"ramp {name}": colours for name, colours in RAMP_COLOURS.items()},
    "lines": LINE_COLOURS,
}
LEAST = 10.0
"""Distance in CIELAB: ten are told apart at a glance, about two and a half if one looks for it."""


@pytest.mark.parametrize("seen_by", SEEN_BY)
@pytest.mark.parametrize("scale", SCALES)
def test_no_two_classes_look_alike(scale, seen_by):
    distance, one, other = nearest_two(SCALES[scale], seen_by)
    assert distance >= LEAST, f"{scale}: {one} and {other} are {distance:.1f} apart ({seen_by})"


@pytest.mark.parametrize("name", RAMP_COLOURS)
def test_ramps_only_grow_darker_or_lighter(name):
    light = [palette.lightness(colour) for colour in RAMP_COLOURS[name]]
    assert light in (sorted(light), sorted(light, reverse=True))
    if name != "neutral":
        good, bad = (light[-1], light[0]) if name == "more_is_better" else (light[0], light[-1])
        assert bad < good


def test_lightness_of_black_white_and_middle_grey():
    assert palette.lightness("#000000") == 0
    assert palette.lightness("#ffffff") == pytest.approx(100)
    assert palette.lightness("#777777") == pytest.approx(50, abs=0.1)


def test_figures_in_the_legend_square_can_be_read():
    for colour in palette.BIVARIATE:
        ink = 100 if palette.lightness(colour) < 58 else palette.lightness(palette.INK)
        assert abs(palette.lightness(colour) - ink) > 40


@pytest.mark.parametrize("ground", [palette.GROUND, palette.WATER, palette.GREEN, palette.BUILDING, palette.STREET])
def test_the_lightest_line_stands_out_from_the_ground(ground):
    assert all(palette.lightness(ground) - palette.lightness(colour) > 20 for colour in LINE_COLOURS)
