"""Opening hours of a toilet as people write them: read where the text leaves no doubt, else not at all."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

DAY_MIN = 24 * 60
WEEK = 7

_DAY_WORDS = {
    **{d: k for k, d in enumerate(("mo", "tu", "we", "th", "fr", "sa", "su"))},
    **{f"{week}{d}": k for week in ("周", "週", "星期") for k, d in enumerate("一二三四五六日")},
    **{f"{week}天": 6 for week in ("周", "週", "星期")},
}
_DASH = r"[-–—~至到]+"
_ALWAYS = re.compile(
    r"(?:每天|每日)?(?:24/7|(?:全天候|全天|全日)?(?:24(?:小时|小時|h|hours?))|全天候|全天|全日)(?:开放|開放)?"
)
_DAILY = re.compile(r"每天|每日|daily")
_NEVER = re.compile(r"off|closed|不开放|不開放|关闭|關閉")
_HOLIDAY = re.compile(r"(?:ph|sh)\b.*")
_DAYS = re.compile("|".join(sorted(_DAY_WORDS, key=len, reverse=True)))
_CLOCK = r"(\d{1,2})(?::(\d{2})|[时時点點](?:(\d{1,2})分?|(半))?)"
_SPAN = re.compile(rf"{_CLOCK}{_DASH}{_CLOCK}")

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """When a toilet is open in a week.

    ``spans`` holds, for Monday to Sunday, the pairs (opens, closes) in minutes after midnight; a toilet that closes
    after midnight closes at more than 1440.
    """

    spans: tuple[Spans, ...]

    def open_at(self, day: int, minute: int) -> bool:
        """Whether it is open at a minute of a day, 0 = Monday; the minute at which it closes is no more open."""
        today = any(start <= minute < end for start, end in self.spans[day])
        return today or any(start <= minute + DAY_MIN < end for start, end in self.spans[(day - 1) % WEEK])

    def open_daily_at(self, minute: int) -> bool:
        """Whether it is open at this minute on all seven days."""
        return all(self.open_at(day, minute) for day in range(WEEK))


def read_hours(text: str) -> Hours | None:
    """Read a text such as ``06:00-22:00``, ``Mo-Fr 08:00-18:00; Sa 09:00-12:00``, ``周一至周五 6时-22时``, ``24小时``.

    None where it can be understood in more than one way or not at all: seasons, sunrise, bare hours (``6-22``),
    ``早6点``. Days that no part of the text names are closed; parts about public holidays are passed over.
    """
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().lower()
    if _ALWAYS.fullmatch(plain.replace(" ", "")):
        return Hours((((0, DAY_MIN),),) * WEEK)
    spans: list[Spans] = [()] * WEEK
    found = False
    for part in re.split(r"[;；]", plain):
        part = part.strip()
        if not part or _HOLIDAY.fullmatch(part):
            continue
        read = _part(part.replace(" ", ""))
        if read is None:
            return None
        for day in read[0]:
            spans[day] = read[1]
        found = True
    return Hours(tuple(spans)) if found else None


def read_clock(text: str) -> int:
    """Return the minutes after midnight of ``HH:MM``.

    Raises
    ------
    ValueError
        It is no such time.
    """
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", text.strip())
    minute = None if match is None else _minute(match[1], match[2])
    if minute is None or minute >= DAY_MIN:
        msg = f"'{text}' is no time of day; write HH:MM, for instance 23:00"
        raise ValueError(msg)
    return minute


def _part(part: str) -> tuple[list[int], Spans] | None:
    days, rest = _leading_days(part)
    if days is None:
        return None
    if _NEVER.fullmatch(rest):
        return days, ()
    if _ALWAYS.fullmatch(rest):
        return days, ((0, DAY_MIN),)
    spans = []
    for piece in re.split(r"[,、]", rest):
        match = _SPAN.fullmatch(piece.removesuffix("开放").removesuffix("開放"))
        if match is None:
            return None
        start, end = (_minute(match[k], match[k + 1] or match[k + 2], match[k + 3]) for k in (1, 5))
        if start is None or end is None or start in (end, DAY_MIN):
            return None
        spans.append((start, end if end > start else end + DAY_MIN))
    return days, tuple(sorted(spans))


def _leading_days(part: str) -> tuple[list[int] | None, str]:
    """Split days from the rest of a part; all days where it names none, None where they make no sense."""
    if daily := _DAILY.match(part):
        return list(range(WEEK)), part[daily.end() :].removeprefix(":")
    days: list[int] = []
    rest = part
    while first := _DAYS.match(rest):
        start = _DAY_WORDS[first[0]]
        rest = rest[first.end() :]
        until = re.match(rf"{_DASH}({_DAYS.pattern})", rest)
        if until is None:
            days.append(start)
        else:
            days += [(start + k) % WEEK for k in range((_DAY_WORDS[until[1]] - start) % WEEK + 1)]
            rest = rest[until.end() :]
        if not re.match(rf"[,、]({_DAYS.pattern})", rest):
            break
        rest = rest[1:]
    if not days:
        return list(range(WEEK)), rest
    return (days if len(set(days)) == len(days) else None), rest.removeprefix(":")


def _minute(hour: str, minute: str | None, half: str | None = None) -> int | None:
    value = int(hour) * 60 + (30 if half else int(minute or 0))
    return value if value <= DAY_MIN and int(minute or 0) < 60 else None
