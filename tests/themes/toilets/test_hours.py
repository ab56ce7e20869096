"""Opening hours: what is read, and what is left unread because it may mean more than one thing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.themes.toilets.hours import DAY_MIN, read_clock, read_hours

NOON, LATE = 12 * 60, 23 * 60


@pytest.mark.parametrize(
    ("text", "noon", "late"),
    [
        ("24小时", True, True),
        ("24/7", True, True),
        ("全天开放", True, True),
        ("每天 24小时 开放", True, True),
        ("00:00-24:00", True, True),
        ("06:00-22:00", True, False),
        ("６：００～２２：００", True, False),
        ("6时至23时30分", True, True),
        ("5点半-22点", True, False),
        ("每天 06:00-22:00", True, False),
        ("18:00-02:00", False, True),
        ("06:00-11:30, 13:00-23:30", False, True),
        ("Mo-Su 06:00-22:00", True, False),
        ("Mo-Fr 08:00-18:00; Sa,Su 09:00-12:30; PH off", True, False),
        ("周一至周日 07:00-21:00", True, False),
        ("Mo-Fr 08:00-18:00", False, False),  # closed on two days
        ("closed", False, False),
    ],
)
def test_hours_that_can_be_read(text, noon, late):
    hours = read_hours(text)
    assert hours is not None
    assert (hours.open_daily_at(NOON), hours.open_daily_at(LATE)) == (noon, late)


@pytest.mark.parametrize(
    "text",
    ["", "6-22", "早6点-晚10点", "夏季5:00-23:00 冬季6:00-22:00", "sunrise-sunset", "06:00+", "25:00-26:00",
     "08:00-08:00", "06:70-22:00", "工作时间", "随商场", "Mo-Mo-Fr 08:00-18:00", "24:00-06:00", "06:00"],
)  # fmt: skip
def test_hours_that_leave_a_doubt_are_not_read(text):
    assert read_hours(text) is None


def test_days_follow_one_another():
    hours = read_hours("Mo-Fr 08:00-18:00; Sa 22:00-03:00")
    assert hours.open_at(0, NOON)
    assert not hours.open_at(5, NOON)
    assert hours.open_at(5, LATE)
    assert hours.open_at(6, 2 * 60)  # Saturday night is Sunday's early morning
    assert not hours.open_at(6, 3 * 60)  # it closes at three
    assert not hours.open_at(0, 8 * 60 - 1)
    assert hours.open_at(0, 8 * 60)


def test_a_week_that_begins_on_saturday():
    hours = read_hours("星期六至星期一 10:00-11:00")
    assert [hours.open_at(day, 630) for day in range(7)] == [True, False, False, False, False, True, True]


@given(start=st.integers(0, DAY_MIN - 1), end=st.integers(0, DAY_MIN - 1), at=st.integers(0, DAY_MIN - 1))
def test_every_span_is_read_as_it_is_written(start, end, at):
    hours = read_hours("{:02}:{:02}-{:02}:{:02}".format(*divmod(start, 60), *divmod(end, 60)))
    if start == end:
        assert hours is None
        return
    inside = start <= at < end if start < end else at >= start or at < end
    assert hours.open_daily_at(at) == inside


def test_clock():
    assert read_clock("23:05") == 23 * 60 + 5
    for text in ("24:00", "7", "12:60", "noon"):
        with pytest.raises(ValueError, match="HH:MM"):
            read_clock(text)
