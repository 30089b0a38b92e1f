"""Dates: one string at a time, by table; then which of an item's statements is taken."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from transforms.dates import parse_date

ARRIVED_AT = datetime(2016, 3, 1, 12, tzinfo=UTC)


def table() -> list[tuple[str, str, str, str | None]]:
    lines = (Path(__file__).parent / "data" / "dates.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(row[0], row[1], row[2] if len(row) > 2 else "", row[3] if len(row) > 3 else None) for row in rows]


@pytest.mark.parametrize(("raw", "instant", "confidence", "zone"), table())
def test_a_written_date_is_read_as_its_instant(raw: str, instant: str, confidence: str, zone: str | None) -> None:
    parsed = parse_date(raw, arrived_at=ARRIVED_AT, zone=zone)
    read = None if parsed is None else (parsed.instant, parsed.confidence)
    assert read == (None if instant == "-" else (datetime.fromisoformat(instant), confidence))
