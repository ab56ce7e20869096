"""Who lies downwind, and how often."""

import numpy as np
import pytest

from siting.errors import InputError
from siting.themes.waste.plants import Wind
from siting.themes.waste.plants.wind import downwind_share


def test_people_south_of_a_plant_are_downwind_of_the_north_wind():
    wind = Wind(shares={"N": 0.5, "E": 0.2}, radius_m=1000)
    people = np.array([[0.0, -100], [0, 100], [-100, 0], [0, -1001]])
    # south of it: the wind from N carries there half of the time; west of it: the wind from E a fifth
    assert downwind_share(np.zeros((1, 2)), people, np.array([1.0, 0, 0, 9]), wind) == [0.5]
    assert downwind_share(np.zeros((1, 2)), people, np.array([0, 1.0, 0, 0]), wind) == [0.0]
    assert downwind_share(np.zeros((1, 2)), people, np.array([1.0, 1, 2, 0]), wind)[0] == pytest.approx(
        (0.5 + 2 * 0.2) / 4
    )
    assert downwind_share(np.zeros((1, 2)), people, np.array([np.nan, 0, 0, 1]), wind) == [0.0]


def test_sectors_follow_the_rose():
    assert Wind(shares={"N": 1}, radius_m=1).sectors == ("N", "E", "S", "W")
    assert len(Wind(shares={"NE": 1}, radius_m=1).sectors) == 8
    assert len(Wind(shares={"NNE": 1}, radius_m=1).sectors) == 16
    four = Wind(shares={"N": 0.4}, radius_m=1)
    assert four.from_bearing(np.array([0, 44.9, 45, 315, 314.9, 359])).tolist() == [0.4, 0.4, 0, 0.4, 0, 0.4]


def test_whoever_is_at_the_plant_has_every_wind():
    assert (
        downwind_share(np.zeros((1, 2)), np.zeros((1, 2)), np.ones(1), Wind(shares={"N": 0.3, "S": 0.3}, radius_m=5))[0]
        == 0.6
    )


@pytest.mark.parametrize(
    ("shares", "radius"), [({"X": 0.1}, 1), ({"N": 1.2}, 1), ({"N": 0.6, "S": 0.6}, 1), ({}, 1), ({"N": 0.1}, 0)]
)
def test_bad_roses_are_refused(shares, radius):
    with pytest.raises(InputError, match="wind"):
        Wind(shares=shares, radius_m=radius)
