"""Web archives: which records become items, and what broken ones become."""

import gzip
import io
import zlib
from datetime import UTC, datetime

import brotli  # type: ignore[import-untyped]
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
    broken = record(b"\x1f\x8b\x08 and no more", f"{XML}\r\nContent-Encoding: gzip")
    assert len(items(broken, record(FEED))) == 2
    assert reasons(broken, record(FEED)) == ["broken-response"]


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


PARAGRAPHS = (
    "أعلنت وزارة الموارد المائية أن أعمال صيانة السد الكبير ستبدأ مطلع الشهر المقبل وتستمر ثلاثة أشهر.",
    "وقال المتحدث باسم الوزارة إن المياه لن تنقطع عن المدن، وإن جداول الري ستعلن في كل محافظة على حدة.",
    "وأضاف أن كلفة المشروع تبلغ أربعين مليون دولار، يسدد نصفها من قرض ميسر لصندوق التنمية.",
    "وكان السد قد تضرر في فيضانات العام الماضي التي شردت مئات العائلات في القرى المجاورة.",
)
PAGE = (
    "<!doctype html><html lang=ar><head><meta charset=utf-8><title>صيانة السد الكبير</title></head><body><article>"
    f"<h1>صيانة السد الكبير</h1>{''.join(f'<p>{line}</p>' for line in PARAGRAPHS)}</article></body></html>"
).encode()
HTML = "Content-Type: text/html; charset=utf-8"
GZIP = f"{HTML}\r\nContent-Encoding: gzip"
PACKED = gzip.compress(PAGE, mtime=0)


def length(of: bytes) -> str:
    return f"\r\nContent-Length: {len(of)}"


def chunked(body: bytes, *, end: bytes = b"0\r\n\r\n") -> bytes:
    chunks = [body[at : at + 100] for at in range(0, len(body), 100)]
    return b"".join(b"%x;x=1\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + end


CHUNKED = f"{HTML}\r\nTransfer-Encoding: chunked"


@pytest.mark.parametrize(
    "whole",
    [
        record(PAGE, HTML + length(PAGE)),
        record(PAGE, HTML),
        record(PAGE, f"{HTML}\r\nContent-Length: 0"),
        record(PAGE, f"{HTML}\r\nContent-Length: many"),
        record(PAGE, HTML + length(PAGE) + length(PAGE)),
        record(PACKED, GZIP + length(PACKED)),
        record(PACKED + b"\0\0\r\n", GZIP),
        record(gzip.compress(PAGE[:600], mtime=0) + gzip.compress(PAGE[600:], mtime=0), GZIP),
        record(brotli.compress(PAGE), f"{HTML}\r\nContent-Encoding: br"),
        record(zlib.compress(PAGE), f"{HTML}\r\nContent-Encoding: deflate"),
        record(zlib.compress(PAGE)[2:-4], f"{HTML}\r\nContent-Encoding: deflate"),
        record(chunked(PAGE), CHUNKED),
        record(chunked(PACKED), f"{CHUNKED}\r\nContent-Encoding: gzip"),
        record(b"\xef\xbb\xbf" + PAGE, f":status: 200\r\n{HTML}"),
    ],
)
def test_a_whole_page_is_an_article(whole: bytes) -> None:
    (item,) = parse(whole)
    assert isinstance(item, Item)
    assert item.text == "\n".join(PARAGRAPHS)


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "gzip, br"])
def test_a_page_that_the_crawler_has_unpacked_is_whole_whatever_its_headers_say(encoding: str) -> None:
    unpacked = record(PAGE, f"{HTML}\r\nContent-Encoding: {encoding}\r\nTransfer-Encoding: chunked{length(PACKED)}")
    assert [item.text for item in items(unpacked)] == ["\n".join(PARAGRAPHS)]


CUT = [
    pytest.param(record(PAGE[:700], HTML, WARC_Truncated="length"), id="the crawler says so"),
    pytest.param(record(PAGE, HTML, WARC_Truncated="unspecified"), id="the crawler does not say why"),
    pytest.param(record(PAGE, HTML, WARC_Segment_Number="1"), id="the rest is in other records"),
    pytest.param(record(PAGE[:700], HTML + length(PAGE)), id="shorter than its length"),
    pytest.param(record(PACKED[:-100], GZIP), id="gzip without its end"),
    pytest.param(record(PACKED[:-3], GZIP), id="gzip without all of its checksum"),
    pytest.param(record(PACKED[:-100], HTML), id="gzip without its end, undeclared"),
    pytest.param(
        record(gzip.compress(PAGE[:700], mtime=0) + gzip.compress(PAGE[700:], mtime=0)[:-9], GZIP), id="second member"
    ),
    pytest.param(record(brotli.compress(PAGE)[:-50], f"{HTML}\r\nContent-Encoding: br"), id="brotli without its end"),
    pytest.param(record(zlib.compress(PAGE)[:-50], f"{HTML}\r\nContent-Encoding: deflate"), id="deflate"),
    pytest.param(record(chunked(PAGE, end=b""), CHUNKED), id="no last chunk"),
    pytest.param(record(chunked(PAGE)[:700], CHUNKED), id="a chunk without its end"),
    pytest.param(record(PAGE[:700], f"{HTML}\r\nContent-Range: bytes 0-699/878", "206 Partial Content"), id="a range"),
    pytest.param(record(PAGE[700:], f"{HTML}\r\nContent-Range: bytes 700-877/878", "206 Partial"), id="a late range"),
]


@pytest.mark.parametrize("cut", CUT)
def test_of_a_page_that_breaks_off_nothing_is_taken(cut: bytes) -> None:
    (refusal,) = parse(cut)
    assert isinstance(refusal, Reject)
    assert (refusal.reason, refusal.source, refusal.position) == ("truncated", "a.example", 1)
    assert "https://www.a.example/rss" in refusal.message
    assert len(items(cut, record(FEED))) == 2


def test_a_range_that_is_the_whole_is_whole() -> None:
    whole = record(PAGE, f"{HTML}\r\nContent-Range: bytes 0-{len(PAGE) - 1}/{len(PAGE)}", "206 Partial Content")
    assert len(items(whole)) == 1


@pytest.mark.parametrize("at", [FEED.index(b"</channel>"), FEED.rindex("خبر".encode()), FEED.rindex(b"<title>") - 1])
@pytest.mark.parametrize("fields", [{}, {"WARC_Truncated": "time"}])
def test_of_a_feed_that_breaks_off_the_complete_entries_are_taken(at: int, fields: dict[str, str]) -> None:
    cut = record(FEED[:at], XML + length(FEED), **fields)
    complete = FEED[:at].count(b"</item>")
    assert [item.title for item in items(cut)] == ["خبر أول", "خبر ثان"][:complete]
    assert reasons(cut) == ["truncated"]


def test_a_refused_record_is_kept_as_it_was() -> None:
    broken = record(b"\x1f\x8b" + b"\xff" * 50, GZIP)
    _, _, refusal = parse(record(FEED), broken)
    assert isinstance(refusal, Reject)
    assert (refusal.reason, refusal.position, refusal.payload) == ("broken-response", 2, broken)


TEXT = "صيانة السد الكبير\n" + "\n".join(PARAGRAPHS)


def conversion(kind: str = "text/plain", **fields: str) -> bytes:
    body = TEXT.encode()
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return (
        (
            "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://www.a.example/7\r\n"
            f"WARC-Date: 2016-01-12T08:00:00Z\r\nContent-Type: {kind}\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
        ).encode()
        + body
        + b"\r\n\r\n"
    )


def test_the_text_of_a_page_is_an_article_with_the_address_and_date_of_its_record() -> None:
    (item,) = items(conversion())
    assert (item.title, item.text) == ("صيانة السد الكبير", "\n".join(PARAGRAPHS))
    assert (item.url, item.source, item.arrival) == ("https://www.a.example/7", "a.example", "fetched")
    assert item.arrived_at == datetime(2016, 1, 12, 8, tzinfo=UTC)


def test_a_text_that_breaks_off_and_a_conversion_to_something_else_are_no_articles() -> None:
    assert reasons(conversion(WARC_Truncated="length")) == ["truncated"]
    assert reasons(conversion("application/pdf")) == ["no-entries"]
