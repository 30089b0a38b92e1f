"""One string that states a date, read without guessing.

Other readers were tried. feedparser and dateutil fill what is missing from today (``2016/10/08 20:15`` became
2016-11-01). dateparser knows no month of the Levant or Morocco, nor جانفي, nor a doubled month, nor a Hijri
date; it takes 10/10/1436 for a year of ours, gives ``26 يوليو`` this year unless told not to, and reads some
hundreds of dates a second. ``email.utils`` reads RFC 822 alone and puts AST in the Atlantic. ``hijridate`` does
what needs a table of its own: the calendar of Umm al-Qura.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from hijridate import Hijri

from schemas.article import DateConfidence
from transforms.dates_vocabulary import (
    DAYS_AGO,
    FILLERS,
    MONTHS,
    NUMBERS,
    UNITS,
    any_of,
    by_name,
    canonicalise,
    fold,
    names,
)

_DAY_SECONDS = 86400
_MONTH_BY_NAME = by_name(MONTHS)

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""There were no feeds before; a date of 1970 is an empty field in some database."""

TOLERANCE = timedelta(days=1)
"""How far ahead of its arrival a date may be: clocks are wrong, and zones are left out."""

LONGEST = 200
"""Characters; what is longer is prose."""


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """When, in UTC, and how sure: a day alone is its midnight in UTC, so that it stays that day.

    ``low`` is told only of what was reckoned from the time of arrival («منذ 5 ساعات»).
    """

    instant: datetime
    confidence: DateConfidence


def parse_date(raw: str, *, arrived_at: datetime, zone: str | None = None) -> ParsedDate | None:
    """The date that ``raw`` states, or None if it states none, not all of one, or one that cannot be.

    Numbers parted by ``/ - .`` are year first if the first has four digits, else day first, as Arabic outlets
    write; month first only where nothing else is possible (07/26/2015). A year of 1300 to 1500 is Hijri, by
    the calendar of Umm al-Qura. ``arrived_at`` is aware. ``zone`` (IANA) is where a time without a zone is
    meant; one that does not exist raises ``ZoneInfoNotFoundError``, for it is a setting, not input.
    """
    raw = raw.strip()
    if len(raw) > LONGEST:
        return None
    if _PLAIN.fullmatch(raw) and (parsed := _parse_plain(raw, arrived_at, zone)):
        return parsed
    stated = _RFC822.fullmatch(raw) or _ISO8601.fullmatch(raw)
    if stated:
        return _settle(stated, arrived_at, zone)
    folded = fold(raw)
    return (
        _parse_epoch(folded, arrived_at)
        or _parse_relative(folded, arrived_at, zone)
        or _parse_written(canonicalise(folded), arrived_at, zone)
    )


# What nearly every feed sends, read as it stands.
_RFC822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(?P<day>\d\d?) (?P<our_month>[A-Z][a-z]{2}) (?P<year>\d{4})"
    r" (?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d))? (?P<zone>GMT|[+-]\d{4})",
    re.ASCII,
)
_ISO8601 = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)

# What nearly every record says, read by the standard library at a third of the cost.
_PLAIN = re.compile(
    r"(?:199\d|20\d\d)-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?",
    re.ASCII,
)


def _parse_plain(raw: str, arrived_at: datetime, zone: str | None) -> ParsedDate | None:
    """None also where the zone is the outlet's, or 24:00 or a leap second told."""
    try:
        instant = datetime.fromisoformat(raw)
    except ValueError:
        return None
    if instant.tzinfo:
        return _possible(instant.astimezone(UTC), "high", arrived_at)
    return None if zone else _possible(instant.replace(tzinfo=UTC), "medium", arrived_at)


# All the rest, in canonical text. A pattern is tried when those before it gave no possible date.
_ZONE = r"z|[+-]\d\d?(?::?\d\d)?|\[[\w/]+\]"
_TIME = (
    r"(?P<hour>\d\d?)(?:[:.](?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d+))?)?)?(?: ?(?P<half>am|pm))?"
    # A zone told twice, «+0300 AST», is told well by the first; names of zones that we do not know end in T as well.
    rf"(?: ?(?P<zone>{_ZONE})(?: ?(?:{_ZONE}))?| (?P<unknown_zone>[a-z]{{2,4}}t))?"
)
_MONTH = r"[ /.-]?(?:\{(?P<our_month>\d+)\}|<(?P<hijri_month>\d+)>)[ /.-]?"
_DATES = (
    r"(?P<year>\d{4})(?P<dash>[/.-])(?P<month>\d\d?)(?P=dash)(?P<day>\d\d?)",
    r"(?P<day>\d\d?)(?P<dash>[/.-])(?P<month>\d\d?)(?P=dash)(?P<year>\d{4})",
    r"(?P<month>\d\d?)(?P<dash>[/.-])(?P<day>1[3-9]|[23]\d)(?P=dash)(?P<year>\d{4})",
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)",
    rf"(?P<day>\d\d?){_MONTH}(?P<year>\d{{4}}|\d\d)",
    rf"{_MONTH}(?P<day>\d\d?)[ /.-](?P<year>\d{{4}})",
    rf"(?P<year>\d{{4}}){_MONTH}(?P<day>\d\d?)",
)
_COMPACT_TIME = (
    r"(?P<hour>\d\d)(?P<minute>\d\d)(?:(?P<second>\d\d)(?:\.(?P<fraction>\d+))?)?"
    rf"(?: ?(?P<zone>{_ZONE}))?"
)
_WRITTEN = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        *(rf"{date}(?: ?[t/-] ?| ){_TIME}" for date in _DATES),
        *(rf"{date}(?: ?(?:{_ZONE}))?" for date in _DATES),
        *(rf"{_TIME}(?:[/-]| ){date}" for date in _DATES),
        rf"(?P<year>\d{{4}})-?(?P<month>\d\d)-?(?P<day>\d\d)[t -]?{_COMPACT_TIME}",
        rf"{_MONTH}(?P<day>\d\d?) {_TIME} (?P<year>\d{{4}})",
    )
)
_HIJRI_DATE = re.compile(
    r"(?<!\d)(?:\d\d?[ /.-]?<\d+>[ /.-]?\d{4}|1[345]\d\d([/.-])\d\d?\1\d\d?|\d\d?([/.-])\d\d?\2(?:1[345]\d\d))(?!\d)",
    re.ASCII,
)


def _parse_written(canonical: str, arrived_at: datetime, zone: str | None) -> ParsedDate | None:
    """A date in numbers or names, with or without a time; of two calendars, the one that needs no sighting."""
    for text in dict.fromkeys((canonical, " ".join(_HIJRI_DATE.sub(" ", canonical).strip(" -/.").split()))):
        for pattern in _WRITTEN:
            stated = pattern.fullmatch(text)
            parsed = _settle(stated, arrived_at, zone) if stated else None
            if parsed:
                return parsed
    return None


def _settle(stated: re.Match[str], arrived_at: datetime, zone: str | None) -> ParsedDate | None:
    """The instant of what a pattern found; a part it has no group for was not stated."""
    part = stated.groupdict()
    day = _day(part)
    if day is None or not EARLIEST.year <= day.year <= arrived_at.year + 1:
        return None
    if not part.get("hour"):
        return _possible(day.replace(tzinfo=UTC), "medium", arrived_at)
    instant = _instant(day, part, zone)
    if instant is None:
        return None
    zoned = (part.get("zone") or zone) and not part.get("unknown_zone")
    # Which evening a Hijri month began is a matter of the sighting, outside the calendar's own country.
    return _possible(instant, "high" if zoned and not _is_hijri(part) else "medium", arrived_at)


def _instant(day: datetime, part: dict[str, str], zone: str | None) -> datetime | None:
    clock = _clock(part)
    place = _place(part.get("zone") or zone or "z")
    return (day + clock).replace(tzinfo=place).astimezone(UTC) if clock is not None and place else None


def _possible(instant: datetime, confidence: DateConfidence, arrived_at: datetime) -> ParsedDate | None:
    return ParsedDate(instant, confidence) if EARLIEST <= instant <= arrived_at + TOLERANCE else None


def _is_hijri(part: dict[str, str]) -> bool:
    return bool(part.get("hijri_month") or (part.get("month") and 1300 <= int(part["year"]) <= 1500))


def _day(part: dict[str, str]) -> datetime | None:
    """Its midnight, naive."""
    year, day = int(part["year"]), int(part["day"])
    if len(part["year"]) == 2:  # RFC 2822, 4.3
        year += 2000 if year < 50 else 1900
    try:
        if _is_hijri(part):
            converted = Hijri(year, int(part.get("hijri_month") or part["month"]), day).to_gregorian()
            return datetime(converted.year, converted.month, converted.day)
        return datetime(year, _month_number(part.get("month") or part["our_month"]), day)
    except (ValueError, OverflowError):
        return None


def _month_number(month: str) -> int:
    return int(month) if month.isdecimal() else _MONTH_BY_NAME.get(month.lower(), 0)


def _clock(part: dict[str, str]) -> timedelta | None:
    """The time of day since midnight; a leap second is the next, and so is 24:00."""
    half = part.get("half")
    if not part.get("minute") and not half:
        return None
    hour, minute, second = int(part["hour"]), int(part.get("minute") or 0), int(part.get("second") or 0)
    if hour > (12 if half == "am" else 24) or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        return None
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    fraction = part.get("fraction")
    return timedelta(0, 3600 * hour + 60 * minute + second, int(fraction.ljust(6, "0")[:6]) if fraction else 0)


@lru_cache(maxsize=256)
def _place(zone: str) -> tzinfo | None:
    """``z``, ``GMT``, ``+3``, ``+0330``, ``-05:00``, ``[Asia/Riyadh]`` or ``Asia/Riyadh``."""
    zone = zone.strip(" []")
    if zone.lower() in {"z", "gmt"}:
        return UTC
    if zone[0] not in "+-":
        return ZoneInfo(zone)
    digits = zone[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    if int(hours) > 14 or int(minutes) > 59:
        return None
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(offset if zone[0] == "+" else -offset)


_EPOCH = re.compile(r"(\d{9,10})(?:\.\d+)?|(\d{12,13})", re.ASCII)


def _parse_epoch(folded: str, arrived_at: datetime) -> ParsedDate | None:
    """Seconds or milliseconds since 1970."""
    epoch = _EPOCH.fullmatch(folded)
    if not epoch:
        return None
    milliseconds = int(epoch[2]) if epoch[2] else round(float(epoch[0]) * 1000)
    return _possible(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds), "high", arrived_at)


_NUMBER_BY_NAME = by_name(NUMBERS)
_DAYS_AGO_BY_NAME = by_name(DAYS_AGO)
_UNIT_BY_NAME = {
    # Its seconds, and how many the bare word means: «منذ ساعتين» says two, «منذ ساعات» does not say.
    name: (seconds, count)
    for seconds, forms in UNITS.items()
    for listed, count in zip(forms, (1, 2, None), strict=True)
    for name in names(listed)
}
_SPAN = rf"(?:(?:\d{{1,4}}|{any_of(_NUMBER_BY_NAME)}) )?{any_of(_UNIT_BY_NAME)}(?: واحده?)?"
_AGO = re.compile(
    rf"(?:{any_of(names(FILLERS))}[ :]+){{0,2}}"
    rf"(?:(?:منذ|قبل|il y a)(?: حوالي| نحو)? (?P<after>{_SPAN}(?: (?:و|et) ?{_SPAN})?)"
    rf"|(?P<before>{_SPAN}(?: (?:and )?{_SPAN})?) ago)",
    re.ASCII,
)
_ONE_SPAN = re.compile(rf"(?:(\d{{1,4}}|{any_of(_NUMBER_BY_NAME)}) )?({any_of(_UNIT_BY_NAME)})", re.ASCII)
_NAMED_DAY = re.compile(rf"(?<![^\W\d_]){any_of(_DAYS_AGO_BY_NAME)}(?![^\W\d_])")
_TIME_ALONE = re.compile(_TIME, re.ASCII)


def _parse_relative(folded: str, arrived_at: datetime, zone: str | None) -> ParsedDate | None:
    """«منذ 5 ساعات», «قبل يومين», «أمس 14:30»: reckoned back from the arrival, so of low confidence."""
    ago = _AGO.fullmatch(folded)
    if ago:
        return _parse_span(ago["after"] or ago["before"], arrived_at, zone)
    named = _NAMED_DAY.search(folded)
    if not named:
        return None
    day = _days_before(arrived_at, _DAYS_AGO_BY_NAME[named[0]], zone)
    rest = canonicalise(folded[: named.start()] + folded[named.end() :])
    if not rest:
        return _possible(day.replace(tzinfo=UTC), "low", arrived_at)
    time = _TIME_ALONE.fullmatch(rest)
    instant = _instant(day, time.groupdict(), zone) if time else None
    return _possible(instant, "low", arrived_at) if instant else None


def _parse_span(spans: str, arrived_at: datetime, zone: str | None) -> ParsedDate | None:
    """Hours and less give an instant; days and more give a day, since they say nothing of the time."""
    total = 0
    for number, unit in _ONE_SPAN.findall(spans):
        seconds, count = _UNIT_BY_NAME[unit]
        if number:
            count = int(number) if number.isdecimal() else _NUMBER_BY_NAME[number]
        if count is None:
            return None
        total += count * seconds
    if total > (arrived_at - EARLIEST).total_seconds():
        return None
    if total < _DAY_SECONDS:
        return _possible(arrived_at.astimezone(UTC) - timedelta(seconds=total), "low", arrived_at)
    return _possible(_days_before(arrived_at, total // _DAY_SECONDS, zone).replace(tzinfo=UTC), "low", arrived_at)


def _days_before(arrived_at: datetime, days: int, zone: str | None) -> datetime:
    """The midnight, naive, of the day that many days ago at the outlet."""
    today = arrived_at.astimezone(_place(zone or "z")).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days)
