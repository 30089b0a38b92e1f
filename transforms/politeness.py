"""When a publisher may be asked again: decisions only, no clock and no network."""

import re
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b

import httpx

HOUR = 3600.0
DAY = 24 * HOUR

LONGEST_WAIT = timedelta(days=8)
"""Nothing makes a feed wait longer, jitter included: publishers mend their servers, and clocks go wrong."""

_LONGEST_HINT = 6 * HOUR
"""A year of max-age is the default of some server for all its files, not a newsroom's wish to be read yearly."""
_LONGEST_RETRY_AFTER = 7 * DAY
_JITTER = 0.1

_UPDATE_PERIODS = {b"hourly": HOUR, b"daily": DAY, b"weekly": 7 * DAY, b"monthly": 30 * DAY, b"yearly": 365 * DAY}
_TTL = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>", re.IGNORECASE)
_PERIOD = re.compile(rb"<(?:\w+:)?updatePeriod>\s*(\w+)\s*</", re.IGNORECASE)
_FREQUENCY = re.compile(rb"<(?:\w+:)?updateFrequency>\s*(\d{1,6})\s*</", re.IGNORECASE)
_FIRST_ENTRY = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _BackOff:
    """Seconds after the first failure, doubled by each further one, up to ``longest``."""

    first: float
    longest: float


PASSING = frozenset(
    {"timeout", "unreachable", "unknown-host", "broken-answer", "truncated", "server-error", "not-a-feed"}
)
"""Failures that pass by themselves, as a page about maintenance does; what is in no class must be mended first: a
missing page, a certificate."""

_PASSING = _BackOff(first=5 * 60, longest=12 * HOUR)
_BUSY = _BackOff(first=HOUR, longest=DAY)
_STANDING = _BackOff(first=HOUR, longest=7 * DAY)


def wait_after_failure(outcome: str, failures: int, asked_for: float, spread: str) -> timedelta:
    """How long to leave a feed alone after its ``failures``-th failure in a row (from 1).

    ``asked_for`` is the Retry-After in seconds, 0 for none. ``spread`` seeds the jitter, so that feeds that
    failed together do not come back together.
    """
    back_off = _BUSY if outcome == "rate-limited" else _PASSING if outcome in PASSING else _STANDING
    seconds = max(min(back_off.first * 2.0 ** min(failures - 1, 30), back_off.longest), asked_for)
    return timedelta(seconds=seconds * (1 + _JITTER * _fraction(spread)))


def wait_after_success(headers: httpx.Headers, ttl: float) -> timedelta:
    """How long the publisher asks to be left alone: Cache-Control or the feed's own ttl, the longer."""
    return timedelta(seconds=min(max(_freshness(headers), ttl), _LONGEST_HINT))


def retry_after(headers: httpx.Headers) -> float:
    """Seconds that Retry-After asks for, up to a week; 0 without or if unreadable.

    A date counts from the server's own Date, whose clock need not be ours.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), _LONGEST_RETRY_AFTER)
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):  # TypeError: only one of the two has a zone
        return 0.0
    return min(max(wait.total_seconds(), 0.0), _LONGEST_RETRY_AFTER)


def feed_ttl(body: bytes) -> int:
    """Seconds between polls that an RSS feed asks for by ``ttl`` (minutes) or ``sy:updatePeriod``; else 0."""
    head = body[: 1 << 16].replace(b"\0", b"")  # UTF-16 becomes readable
    if entry := _FIRST_ENTRY.search(head):
        head = head[: entry.start()]
    if ttl := _TTL.search(head):
        return int(ttl[1]) * 60
    period = _PERIOD.search(head)
    seconds = _UPDATE_PERIODS.get(period[1].lower(), 0.0) if period else 0.0
    frequency = _FREQUENCY.search(head)
    return int(seconds / max(int(frequency[1]) if frequency else 1, 1))


def _freshness(headers: httpx.Headers) -> float:
    directives = headers.get("cache-control", "").lower()
    if "no-cache" in directives or "no-store" in directives:
        return 0.0
    max_age = re.search(r"\bmax-age=\"?(\d{1,9})", directives)
    age = re.fullmatch(r"\d{1,9}", headers.get("age", ""))
    return max(float(max_age[1]) - (float(age[0]) if age else 0.0), 0.0) if max_age else 0.0


def _fraction(seed: str) -> float:
    """A number from 0 to 1, the same for the same seed."""
    return int.from_bytes(blake2b(seed.encode(), digest_size=4).digest(), "big") / 0xFFFFFFFF
