"""The clock of a search: what counts as time, and when it is over."""

import time

from numba.core import event

from siting.locate.clock import start_clock


def test_compiling_does_not_count():
    clock = start_clock(10.0, 0.0, 0)
    before = clock.deadline
    began = time.perf_counter()
    with event.trigger_event("numba:compile"), event.trigger_event("numba:compile"):
        time.sleep(0.02)
        # What is being compiled right now counts as little as what is done.
        assert clock.deadline >= before + 0.02
    taken = time.perf_counter() - began
    # One routine within another is one stretch of time, not two.
    assert before + 0.02 <= clock.deadline <= before + taken
    assert start_clock(10.0, 0.0, 0).deadline > clock.deadline


def test_a_gap_within_the_one_asked_for_settles():
    clock = start_clock(10.0, 0.01, 0)
    assert clock.settled(100.0, 101.0)
    assert not clock.settled(100.0, 101.1)
    assert not clock.settled(float("inf"), 101.0)  # no plan yet
    assert not clock.is_over
