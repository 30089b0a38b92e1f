"""Fetching feeds from a server that does everything wrong: nothing hangs, and nothing is lost."""

import gzip
import zlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest

from schemas.feed import Feed
from schemas.feed_state import FeedState
from tests.misbehaving_server import (
    START,
    Answer,
    MisbehavingServer,
    client_for,
    conditional,
    cut_off,
    drip,
    drip_body,
    endless,
    gzip_bomb,
    hang_up,
    misbehaving_server,
    not_http,
    reply,
    rss,
    silence,
)
from tests.polls import MORE, NEWS, bodies, outcomes, poll, polls
from transforms.fetch import fetch_feed

HASTY: dict[str, Any] = {"read_timeout": 0.6, "whole_timeout": 1.2}


def test_a_feed_becomes_a_document_that_says_where_it_is_from(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(NEWS, {"Content-Type": 'text/xml; charset="windows-1256"'}))
    feed = Feed(server.url("/rss"), name="صحيفة الأفق")
    result, _ = fetch_feed(feed, FeedState(feed.url), client_for(server), START)
    assert result.document
    assert (result.document.uri, result.document.content, result.document.source) == (feed.url, NEWS, "صحيفة الأفق")
    assert (result.document.arrival, result.document.arrived_at) == ("fetched", START)
    assert result.document.charset == "windows-1256"  # wrong, and for the parser to find out


def test_a_request_says_who_asks_and_how_to_reach_them(server: MisbehavingServer) -> None:
    poll(server)
    assert server.log[0].headers["user-agent"].startswith("naba/")
    assert server.log[0].headers["user-agent"].endswith(" (+https://naba.example/bot)")


def test_an_unchanged_feed_is_not_sent_again(server: MisbehavingServer) -> None:
    server.answer("/rss", conditional(NEWS, '"v1"'))
    assert outcomes(poll(server, 3)) == ["fetched", "not-modified", "not-modified"]
    assert [request.headers.get("if-none-match") for request in server.log] == [None, '"v1"', '"v1"']


def test_last_modified_is_given_back_word_for_word(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(NEWS, {"Last-Modified": "Wed, 11 Feb 2026 08:00:00 GMT"}), reply(status=304))
    assert outcomes(poll(server, 2)) == ["fetched", "not-modified"]
    assert server.log[1].headers["if-modified-since"] == "Wed, 11 Feb 2026 08:00:00 GMT"


def test_the_same_body_again_is_told_by_its_hash(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(NEWS), reply(NEWS), reply(MORE))
    results = poll(server, 3)
    assert outcomes(results) == ["fetched", "same-body", "fetched"]
    assert bodies(results) == [NEWS, None, MORE]


def test_a_server_that_wrongly_answers_304_still_gives_its_news_within_a_day(server: MisbehavingServer) -> None:
    def stubborn(body: bytes) -> None:
        server.answer(
            "/rss",
            lambda exchange: reply(
                *((b"", {}) if "if-none-match" in exchange.request.headers else (body, {"ETag": '"v1"'})),
                status=304 if "if-none-match" in exchange.request.headers else 200,
            )(exchange),
        )

    stubborn(NEWS)
    client, feed, clock = client_for(server), Feed(server.url("/rss")), START
    _, state = fetch_feed(feed, FeedState(feed.url), client, clock)
    stubborn(MORE)
    found = []
    while clock < START + timedelta(days=1):
        clock += timedelta(minutes=15)
        result, state = fetch_feed(feed, state, client, clock)
        found += [(result.document.content, clock - START)] if result.document else []
    assert [body for body, _ in found] == [MORE]
    assert found[0][1] <= timedelta(hours=4)


def test_a_feed_asked_seldom_is_asked_for_all_of_it_once_a_day(server: MisbehavingServer) -> None:
    server.answer("/rss", conditional(NEWS, '"v1"'))
    feed = Feed(server.url("/rss"), interval=timedelta(hours=6))
    results = [result.outcome for result, _ in polls(feed, client_for(server), 6)]
    assert results == ["fetched", *["not-modified"] * 3, "same-body", "not-modified"]


def test_a_304_with_a_body_is_a_304(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(NEWS, {"ETag": '"v1"'}), reply(MORE, {"ETag": '"v2"'}, status=304), reply(MORE))
    results = poll(server, 3)
    assert outcomes(results) == ["fetched", "not-modified", "fetched"]
    assert server.log[2].headers["if-none-match"] == '"v1"'  # what we hold is still the first


@pytest.mark.parametrize("name", ["gzip", "deflate", "br"])
def test_a_304_may_tell_how_its_body_would_have_been_compressed(server: MisbehavingServer, name: str) -> None:
    server.answer("/rss", reply(NEWS, {"ETag": '"v1"'}), reply(status=304, headers={"Content-Encoding": name}))
    assert outcomes(poll(server, 2)) == ["fetched", "not-modified"]


def test_a_304_that_nobody_asked_for_is_an_error(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(status=304), reply(NEWS))
    assert outcomes(poll(server, 2)) == ["http-error", "fetched"]


@pytest.mark.parametrize(
    ("name", "compressed"),
    [
        ("gzip", gzip.compress(NEWS)),
        ("x-gzip", gzip.compress(NEWS)),
        ("gzip", gzip.compress(NEWS[:40]) + gzip.compress(NEWS[40:])),
        ("gzip", NEWS),
        ("deflate", zlib.compress(NEWS)),
        ("deflate", zlib.compress(NEWS)[2:-4]),
        ("br", brotli.compress(NEWS)),
        ("identity", NEWS),
        ("identity", gzip.compress(NEWS)),
    ],
)
def test_each_compression_is_undone_as_it_was_done(server: MisbehavingServer, name: str, compressed: bytes) -> None:
    server.answer("/rss", reply(compressed, {"Content-Encoding": name}))
    assert bodies(poll(server)) == [NEWS]


@pytest.mark.parametrize("name", ["gzip", "br", "deflate", "zstd", "gzip, gzip"])
def test_a_damaged_or_unasked_compression_is_refused(server: MisbehavingServer, name: str) -> None:
    server.answer("/rss", reply(b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"\xff" * 50, {"Content-Encoding": name}))
    assert outcomes(poll(server)) == ["broken-encoding"]


@pytest.mark.parametrize("answer", [silence, drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 10_000)])
def test_a_slow_head_ends_in_a_time_out(server: MisbehavingServer, answer: Answer) -> None:
    server.answers["/rss"] = [answer, reply(NEWS)]
    results = poll(server, 2, **HASTY)
    assert outcomes(results) == ["timeout", "fetched"]
    assert results[0].reject
    assert (results[0].reject.stage, results[0].reject.reason) == ("read", "timeout")


def test_a_slow_body_ends_in_time_and_what_came_is_read(server: MisbehavingServer) -> None:
    server.answer("/rss", drip_body(NEWS), reply(NEWS))
    cut, whole = poll(server, 2, **HASTY)
    assert (cut.outcome, whole.outcome) == ("truncated", "fetched")
    assert cut.document
    assert cut.document.content
    assert NEWS.startswith(cut.document.content)


def test_an_endless_body_is_refused_at_the_limit(server: MisbehavingServer) -> None:
    server.answer("/rss", endless)
    assert outcomes(poll(server, max_bytes=1 << 20)) == ["too-large"]


def test_a_body_that_announces_too_much_is_not_read(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(b"<rss>", length=10**12))
    assert outcomes(poll(server)) == ["too-large"]


@pytest.mark.parametrize(
    "answer", [gzip_bomb(20 << 20), reply(brotli.compress(bytes(20 << 20), quality=1), {"Content-Encoding": "br"})]
)
def test_a_compression_bomb_is_refused_at_the_limit(server: MisbehavingServer, answer: Answer) -> None:
    server.answers["/rss"] = [answer]
    assert outcomes(poll(server, max_bytes=1 << 20)) == ["too-large"]


def test_a_body_shorter_than_announced_is_read_and_then_fetched_whole(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(NEWS[:150], {"ETag": '"v1"'}, length=len(NEWS)), conditional(NEWS, '"v1"'))
    results = poll(server, 2)
    assert outcomes(results) == ["truncated", "fetched"]  # the ETag of a part is no reason for a 304
    assert bodies(results) == [NEWS[:150], NEWS]


def test_a_server_that_always_lies_about_its_length_is_read_at_every_poll(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(NEWS, length=len(NEWS) + 1))
    feed, results = Feed(server.url("/rss")), []
    for result, state in polls(feed, client_for(server), 3):
        results.append((result.outcome, result.document and result.document.content == NEWS, state.failures))
    assert results == [("truncated", True, 0)] * 3
    assert state.next_at == START + 3 * timedelta(minutes=15)


def test_a_connection_reset_in_the_middle_loses_nothing(server: MisbehavingServer) -> None:
    server.answer("/rss", cut_off(NEWS[:150]), reply(NEWS))
    results = poll(server, 2)
    assert outcomes(results) == ["truncated", "fetched"]
    assert bodies(results) == [NEWS[:150], NEWS]


@pytest.mark.parametrize("name", ["gzip", "br"])
def test_a_compressed_body_that_breaks_off_gives_what_came(server: MisbehavingServer, name: str) -> None:
    long = rss(*(f"الخبر رقم {number} من النشرة" for number in range(2000)))
    compressed = gzip.compress(long) if name == "gzip" else brotli.compress(long, quality=1)
    server.answer("/rss", reply(compressed[: len(compressed) // 2], {"Content-Encoding": name}))
    (result,) = poll(server)
    assert result.outcome == "truncated"
    assert result.document
    assert 0 < len(result.document.content) < len(long)
    assert long.startswith(result.document.content)


@pytest.mark.parametrize("answer", [hang_up, not_http, cut_off(b"")])
def test_no_answer_at_all_is_tried_again(server: MisbehavingServer, answer: Answer) -> None:
    server.answers["/rss"] = [answer, reply(NEWS)]
    assert outcomes(poll(server, 2)) == ["broken-answer", "fetched"]


def test_nobody_at_the_port_is_unreachable(server: MisbehavingServer) -> None:
    with misbehaving_server() as other:
        closed = other.url("/rss")
    result, _ = fetch_feed(Feed(closed), FeedState(closed), client_for(server), START)
    assert result.outcome == "unreachable"


def test_a_server_error_passes(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(b"oops", status=500), reply(NEWS))
    results = poll(server, 2)
    assert outcomes(results) == ["server-error", "fetched"]
    assert (results[0].status, bodies(results)[1]) == (500, NEWS)


def test_a_feed_that_is_gone_is_never_asked_again(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(status=410))
    feed, client = Feed(server.url("/rss")), client_for(server)
    result, state = fetch_feed(feed, FeedState(feed.url), client, START)
    later, _ = fetch_feed(feed, state, client, START + timedelta(days=400))
    assert (result.outcome, later.outcome, len(server.log)) == ("gone", "retired", 1)
    assert "410" in later.message
    assert "2026-02-11" in later.message


@pytest.mark.parametrize(
    "value", ["“utf-8”", "text/xml; charset=“utf-8”", "text/xml; charset*=x'y'%ff", ";;;=", '"', "é" * 500]
)
def test_headers_may_be_nonsense(server: MisbehavingServer, value: str) -> None:
    names = ("Content-Type", "ETag", "Last-Modified", "Cache-Control", "Age", "Date", "Expires", "Retry-After")
    server.answer("/rss", reply(NEWS, dict.fromkeys(names, value)), reply(MORE))
    assert bodies(poll(server, 2)) == [NEWS, MORE]


def test_a_refusal_names_the_feed_and_is_the_same_at_each_poll(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(b"", status=404))
    feed = Feed(server.url("/rss"), name="صحيفة الأفق")
    (first, _), (second, _) = polls(feed, client_for(server), 2)
    assert first.reject
    assert second.reject
    assert (first.reject.source, first.reject.document, first.reject.position) == ("صحيفة الأفق", feed.url, 0)
    assert first.reject.id == second.reject.id
    assert first.reject == replace(second.reject, arrived_at=START)
