"""How areas are written."""

from siting.themes.waste.ground.figures import square_metres


def test_an_area_that_is_taken_never_reads_as_none():
    written = {2474.0: "2,474.0", 0.05: "0.1", 0.0083: "0.008", 0.000245: "0.0002", 1e-9: "< 0.0001", 0.0: "0.0"}
    assert {taken: square_metres(taken) for taken in written} == written
