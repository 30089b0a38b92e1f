"""Web archives: which records become items, and what broken ones become."""

import gzip
import io
from datetime import UTC, datetime

import pytest

from schemas.document import Document
from schemas.item import Item
from schemas.reject import Reject
from transforms import parse_archive
from transforms.parse import parse_document

NOW = datetime(2020, 1, 1, tzinfo=UTC)
FEED = "<rss><channel><item><title>خبر أول</title></item><item><title>خبر ثان</title></item></channel></rss>".encode()
XML = "Content-Type: application/xml; charset=utf-8"


def record(body: bytes, head: str = XML, status: str = "200 OK", kind: str = "response", **fields: str) -> bytes:
    http = f"HTTP/1.1 {status}\r\n{head}\r\n\r\n".encode() + body
    named = {"WARC-Date": "2016-01-12T08:00:00Z", "WARC-Target-URI": "https://www.a.example/rss"} | {
        name.replace("_", "-"): value for name, value in fields.items()
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
    warc = f"WARC/1.0\r\nWARC-Type: {kind}\r\nContent-Type: application/http; msgtype={kind}\r\n{lines}"
    return f"{warc}Content-Length: {len(http)}\r\n\r\n".encode() + http + b"\r\n\r\n"


def parse(*records: bytes) -> list[Item | Reject]:
    return list(parse_document(Document("crawl.warc", b"".join(records), NOW)))


def items(*records: bytes) -> list[Item]:
    return [outcome for outcome in parse(*records) if isinstance(outcome, Item)]


def reasons(*records: bytes) -> list[str]:
    return [outcome.reason for outcome in parse(*records) if isinstance(outcome, Reject)]


def test_an_item_has_the_date_and_host_of_its_record_and_the_place_of_it_in_the_archive() -> None:
    first, second = items(record(b"", kind="request"), record(FEED))
    assert (first.document, first.position, second.position) == ("crawl.warc", 2, 2)
    assert (first.arrived_at, first.arrival) == (datetime(2016, 1, 12, 8, tzinfo=UTC), "fetched")
    assert first.source == "a.example"


def test_a_record_without_date_and_address_goes_by_those_of_the_archive() -> None:
    first, _ = items(record(FEED, WARC_Date="", WARC_Target_URI=""))
    assert (first.arrived_at, first.source) == (NOW, "crawl")


@pytest.mark.parametrize(
    ("body", "head"),
    [
        (gzip.compress(FEED, mtime=0), f"{XML}\r\nContent-Encoding: gzip"),
        (b"%x\r\n%s\r\n0\r\n\r\n" % (len(FEED), FEED), f"{XML}\r\nTransfer-Encoding: chunked"),
    ],
)
def test_a_response_is_unpacked(body: bytes, head: str) -> None:
    assert len(items(record(body, head))) == 2


def test_the_charset_of_the_response_is_a_claim() -> None:
    title = "Заявление министра иностранных дел"
    feed = FEED.decode().replace("خبر أول", title).replace("خبر ثان", title).encode("windows-1251")
    assert items(record(feed, "Content-Type: text/xml; charset=windows-1251"))[0].title == title


@pytest.mark.parametrize(
    "other",
    [
        record(FEED, kind="request"),
        record(FEED, kind="revisit"),
        record(FEED, status="301 Moved Permanently"),
        record(FEED, status="404 Not Found"),
        record(b"\x89PNG", "Content-Type: image/png"),
        record(b"a{}", "Content-Type: text/css"),
        record(b"User-agent: *", "Content-Type: text/plain"),
    ],
)
def test_what_is_no_page_or_feed_is_passed_over(other: bytes) -> None:
    assert len(parse(other, record(FEED), other)) == 2
    assert reasons(other) == ["no-entries"]


def test_an_archive_cut_anywhere_gives_its_complete_records() -> None:
    whole = record(FEED) + record(FEED)
    for length in range(len(record(FEED)) + 1, len(whole) - 4, 7):
        assert len(items(whole[:length])) == 2, length
        assert reasons(whole[:length]) == ["truncated"]


def test_a_broken_response_breaks_no_other() -> None:
    broken = record(b"no gzip at all", f"{XML}\r\nContent-Encoding: gzip")
    assert len(items(broken, record(FEED))) == 2
    assert reasons(broken, record(FEED)) in (["broken-response"], ["unknown-format"], ["empty-document"], [])


def test_a_packed_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse_archive, "CONTENT_LIMIT", 1000)
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as file:
        file.write(b"<html>" + b" " * 5000)
    bomb = record(packed.getvalue(), "Content-Type: text/html\r\nContent-Encoding: gzip")
    assert reasons(bomb) == ["document-too-large"]
    assert len(items(bomb, record(FEED))) == 2


def test_what_only_begins_like_an_archive_is_one_reject() -> None:
    assert reasons(b"WARC/1.0\r\n") in (["no-entries"], ["truncated"])
    assert reasons(b"WARC/9.9 " * 1000) in (["no-entries"], ["truncated"])
