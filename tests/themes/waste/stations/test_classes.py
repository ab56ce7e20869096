"""Classes of transfer stations, as the catalogue has them."""

import pytest

from siting.standards import load_catalogue
from siting.themes.waste.stations import class_of, class_table, station_classes
from siting.themes.waste.stations.classes import size_of


@pytest.fixture(scope="module")
def classes():
    return station_classes(load_catalogue())


def test_five_classes_each_with_its_rules(classes):
    told = [
        (c.id, c.least_t_day, c.most_t_day, c.least_land_m2, c.most_land_m2, c.spacing.value, c.belt.value)
        for c in classes
    ]
    assert told == [
        ("I", 1000, 3000, 15000, 30000, 30, 20),
        ("II", 450, 1000, 10000, 15000, 20, 15),
        ("III", 150, 450, 4000, 10000, 15, 8),
        ("IV", 50, 150, 1000, 4000, 10, 5),
        ("V", 0, 50, 500, 1000, 8, 3),
    ]
    assert [c.id for c in classes if c.verified] == ["I"]
    assert classes[1].unread == ("waste.ts.sep_II",)
    assert classes[4].unread == ("waste.ts.class_V", "waste.ts.sep_V")


@pytest.mark.parametrize(
    ("t_day", "found"),
    [(0, None), (0.5, "V"), (49.999, "V"), (50, "IV"), (149, "IV"), (150, "III"), (450, "II"), (1000, "I"), (3000, "I"),
     (3000.1, None), (float("nan"), None)],
)  # fmt: skip
def test_class_of_a_capacity(classes, t_day, found):
    made = class_of(t_day, classes)
    assert (None if made is None else made.id) == found


@pytest.mark.parametrize(
    ("t_day", "found"),
    [(0, None), (149.9, "small"), (150, "medium"), (450, "medium"), (450.1, "large"), (float("nan"), None)],
)
def test_size_of_a_capacity(t_day, found):
    made = size_of(t_day, load_catalogue())
    assert (None if made is None else made.id.rsplit("_", 1)[1]) == found


def test_capacity_in_proportion_to_land(classes):
    third = classes[2]
    assert third.by_land(3999.9) is None
    assert third.by_land(4000) == 150
    assert third.by_land(7000) == 300
    assert third.by_land(99999) == 450


def test_table_shows_how_each_figure_was_read(classes):
    table = class_table(classes).set_index(["station_class", "unit"])
    assert table.loc[("V", "m"), "confidence"].tolist() == ["unverified", "secondary"]
    assert table.loc[("I", "t/d"), "confidence"] == "secondary"
