"""Real feeds: what is found in them. The data is not part of the project."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from schemas.document import Document
from schemas.item import Item
from schemas.reject import Reject
from transforms.parse import parse_document

NOW = datetime(2016, 3, 5, 12, tzinfo=UTC)
KNOWN_REASONS = {"no-entries", "no-text", "truncated", "empty-document"}


def parse(content: bytes) -> list[Item | Reject]:
    return list(parse_document(Document("a.xml", content, NOW)))


def gold(data: Path) -> Iterator[tuple[str, list[dict[str, Any]], list[Item | Reject]]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for line in (data / "feeds_dev" / "gold_items.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows.setdefault(row["feed"], []).append(row)
    for feed, expected in rows.items():
        (path,) = (data / "feeds_dev" / "feeds").glob(f"{feed}.*")
        yield feed, expected, parse(path.read_bytes())


def words(text: str | None) -> str:
    return " ".join((text or "").split())


def test_every_item_of_the_development_feeds_is_found_and_right(shared_data: Path) -> None:
    right, wrong = Counter[str](), Counter[str]()
    for feed, expected, outcomes in gold(shared_data):
        items = [outcome for outcome in outcomes if isinstance(outcome, Item)]
        demanded = [row for row in expected if not row.get("optional")]
        assert len(demanded) <= len(items) <= len(expected), feed
        for item, row in zip(items, expected, strict=False):
            date = item.dates[0][1] if item.dates else ""
            for said, fact in ((item.title, "title"), (item.text, "text"), (item.url, "link"), (date, "date_raw")):
                (right if words(said) == words(row[fact]) else wrong)[feed] += 1
    assert wrong.total() / right.total() < 0.001, wrong


@pytest.mark.parametrize("folder", ["feeds_feedparser", "feeds_arabic_blogs", "feeds_polls"])
def test_every_real_feed_ends_as_items_or_as_rejects_with_a_reason(shared_data: Path, folder: str) -> None:
    for path in (shared_data / folder).rglob("*.*"):
        if path.is_file():
            outcomes = parse(path.read_bytes())
            assert outcomes, path
            for outcome in outcomes:
                assert isinstance(outcome, Item) or outcome.reason in KNOWN_REASONS, path
                assert folder == "feeds_feedparser" or isinstance(outcome, Item), path


def test_polls_of_one_feed_agree_on_its_source_and_on_who_its_entries_are(shared_data: Path) -> None:
    polls: dict[str, list[list[Item]]] = {}
    for path in sorted((shared_data / "feeds_polls").iterdir()):
        items = [outcome for outcome in parse(path.read_bytes()) if isinstance(outcome, Item)]
        polls.setdefault(path.name.split(".")[0], []).append(items)
    for feed in polls.values():
        assert len({item.source for poll in feed for item in poll}) == 1
        for earlier, later in pairwise(feed):
            assert {item.guid for item in earlier} & {item.guid for item in later}
