"""The date of an item: what it says itself, the first that can be true; else when it came."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.article import DateConfidence, DateSource
from schemas.item import Item
from transforms.dates_reading import LONGEST, ParsedDate, parse_date

__all__ = ["ParsedDate", "ResolvedDate", "parse_date", "resolve_date"]


@dataclass(frozen=True, slots=True)
class ResolvedDate:
    """When an item was published (UTC), and how that is known."""

    published_at: datetime
    source: DateSource
    confidence: DateConfidence
    raw: str | None
    """The words it was read from; if it is the time of arrival, those that could not be read, or None."""


def resolve_date(item: Item, *, zone: str | None = None) -> ResolvedDate:
    """The first possible date of: feed fields, page, URL, dateline, name of the file; else the time of arrival.

    «منذ 5 ساعات» counts in its place only where we know when it was true, in what was just fetched; in a file
    it comes after all that names a day. A date is never an error. ``zone`` is the outlet's, as in ``parse_date``.
    """
    vague = None
    for source, raw in _statements(item):
        parsed = parse_date(raw, arrived_at=item.arrived_at, zone=zone)
        if parsed is None:
            continue
        resolved = ResolvedDate(parsed.instant, source, parsed.confidence, raw)
        if parsed.confidence != "low" or item.arrival == "fetched":
            return resolved
        vague = vague or resolved
    unread = item.dates[0][1][:LONGEST] if item.dates else None
    return vague or ResolvedDate(item.arrived_at.astimezone(UTC), item.arrival, "low", unread)


def _statements(item: Item) -> Iterator[tuple[DateSource, str]]:
    """Every string of the item that may state its date, the most trusted first."""
    yield from item.dates
    yield from (("url", raw) for raw in _dates_in_path(_HOST.sub("", item.url or "")))
    yield from (("dateline", raw) for raw in _datelines(item.text or ""))
    yield from (("file", raw) for raw in _dates_in_path(item.document.rpartition("/")[2]))


_HOST = re.compile(r"^[a-zA-Z][\w+.-]*://[^/?#]*|#.*$")
_PATH_DATE = re.compile(
    # 2015/07/26, 2015-7-26, 2015_07_26, 20150726, with a time after T; then /2015/07/150726_, as BBC Arabic has it.
    r"(?<!\d)(?P<whole>(?:19|20)\d\d(?P<dash>[/._-]?)\d\d?(?P=dash)\d\d?(?:T\d{4,6}Z?)?)(?!\d)"
    r"|/(?P<year>20(?P<short>\d\d))/(?P<month>\d\d)/(?P=short)(?P=month)(?P<day>\d\d)(?!\d)",
    re.ASCII,
)


def _dates_in_path(path: str) -> Iterator[str]:
    """Year first only: a slug that reads 11-09-2001 tells of an event."""
    for found in _PATH_DATE.finditer(path):
        yield found["whole"].replace("_", "-") if found["whole"] else "-".join(found.group("year", "month", "day"))


_HEAD = 160
"""Characters of the text in which a dateline may stand."""

_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_DAY = r"\d{1,2}[^\n()]{1,30}?\d{4}(?:\s?(?:م|هـ?)(?!\w))?"
_DATELINE = re.compile(
    # A place of a few words, a whole date, and an agency; a sentence that merely begins with a date names none.
    # «القاهرة في 26 يوليو 2015 (رويترز)», «الرياض 10 شوال 1436 هـ الموافق 26 يوليو 2015 م واس»,
    # «CAIRO, July 26, 2015 (AFP)»
    rf"\W*(?P<place>[^\W\d][^\d\n]{{1,40}}?)[\s،,:/()\-–—]+"
    rf"(?P<date>{_DAY}(?:\s*(?:الموافق|/|-)\s*{_DAY})?|[^\W\d]+\.? \d{{1,2}},? \d{{4}})"
    r"(?P<end>[^\n]{0,30})"
)
_WIRE = (
    r"واس|وام|سانا|كونا|قنا|بنا|بترا|وفا|واج|وات|ومع|سونا|سبأ|رويترز|شينخوا|سبوتنيك|تاس|الأناضول|فرانس برس"
    r"|أ[ .]?ف[ .]?ب|أ[ .]?ش[ .]?أ|د[ .]?ب[ .]?أ|وكالات"
)
_AGENCY_AFTER = re.compile(rf"\s*(?:[(/][^\d()/\n]{{2,25}}[)/]|[-–—،:]?\s*(?:{_WIRE})(?!\w))")
_AGENCY_WITHIN = re.compile(rf"(?<!\w)(?:{_WIRE})(?!\w)")


def _datelines(text: str) -> Iterator[str]:
    """The first line, if it is nothing but a date with its year; then the date of a wire's dateline."""
    head = text[:_HEAD].lstrip()
    first_line = head.partition("\n")[0]
    if _YEAR.search(first_line):
        yield first_line
    dateline = _DATELINE.match(head)
    if not dateline or len(dateline["place"].split()) > 5:
        return
    if _AGENCY_AFTER.match(dateline["end"]) or _AGENCY_WITHIN.search(dateline["place"]):
        yield dateline["date"]
