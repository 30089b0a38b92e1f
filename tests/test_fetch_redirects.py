"""At which address a feed is found: redirects, moves, and whose certificate the server shows."""

import ssl
from pathlib import Path

import pytest
import trustme

from schemas.feed import Feed
from schemas.feed_state import FeedState
from tests.misbehaving_server import (
    START,
    Answer,
    MisbehavingServer,
    client_for,
    conditional,
    misbehaving_server,
    redirect,
    reply,
)
from tests.polls import MORE, NEWS, bodies, outcomes, poll, polls
from transforms.fetch import fetch_feed


def test_redirects_are_followed_and_may_be_relative_or_arabic(server: MisbehavingServer) -> None:
    server.answer("/rss", redirect("/ar"))
    server.answer("/ar", redirect("أخبار/الأولى?ص=1"))
    server.answer("/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/%D8%A7%D9%84%D8%A3%D9%88%D9%84%D9%89?%D8%B5=1", reply(NEWS))
    assert bodies(poll(server)) == [NEWS]


def test_a_redirect_loop_is_found(server: MisbehavingServer) -> None:
    server.answer("/rss", redirect("/a"))
    server.answer("/a", redirect("/b"))
    server.answer("/b", redirect("/a"))
    assert outcomes(poll(server)) == ["redirect-loop"]
    assert len(server.log) == 3


def test_redirects_are_counted(server: MisbehavingServer) -> None:
    for number in range(20):
        server.answer(f"/{number}", redirect(f"/{number + 1}"))
    assert outcomes(poll(server, path="/0", max_redirects=5)) == ["too-many-redirects"]
    assert len(server.log) == 6


def test_redirects_share_one_time_out(server: MisbehavingServer) -> None:
    def slowly_to(path: str) -> Answer:
        return lambda exchange: redirect(path)(exchange) if exchange.wait(0.4) else None

    for number in range(9):
        server.answer(f"/{number}", slowly_to(f"/{number + 1}"))
    assert outcomes(poll(server, path="/0", read_timeout=0.6, whole_timeout=1.2)) == ["timeout"]
    assert len(server.log) < 9


@pytest.mark.parametrize(
    "location",
    [
        "http://a:b",
        "http://a:99999/",
        "ftp://a/rss",
        "javascript:void(0)",
        "http://user:word@a/",
        "http://\\\\",
        "http://[",
    ],
)
def test_a_redirect_to_nowhere_is_refused(server: MisbehavingServer, location: str) -> None:
    server.answer("/rss", redirect(location))
    assert outcomes(poll(server)) == ["refused-address"]


def test_a_permanent_redirect_is_remembered_and_a_temporary_one_is_not(server: MisbehavingServer) -> None:
    server.answer("/rss", redirect("/new", 301))
    server.answer("/new", redirect("/newer", 308))
    server.answer("/newer", redirect("/today", 302))
    server.answer("/today", reply(NEWS))
    feed = Feed(server.url("/rss"))
    (_, first), (_, second) = polls(feed, client_for(server), 2)
    assert first.moved_to == second.moved_to == server.url("/newer")
    assert [request.path for request in server.log] == ["/rss", "/new", "/newer", "/today", "/newer", "/today"]


def test_a_permanent_redirect_after_a_temporary_one_is_not_remembered(server: MisbehavingServer) -> None:
    server.answer("/rss", redirect("/a", 302))
    server.answer("/a", redirect("/b", 301))
    server.answer("/b", reply(NEWS))
    ((_, state),) = polls(Feed(server.url("/rss")), client_for(server), 1)
    assert state.moved_to is None


def test_a_permanent_redirect_to_a_page_is_not_remembered(server: MisbehavingServer) -> None:
    server.answer("/rss", redirect("/parked", 301))
    server.answer("/parked", reply(b"<html>For sale</html>", {"Content-Type": "text/html; charset=utf-8"}))
    ((_, state),) = polls(Feed(server.url("/rss")), client_for(server), 1)
    assert state.moved_to is None


@pytest.mark.parametrize(("alive", "asked"), [("/rss", ["/new", "/rss", "/rss"]), ("/new", ["/new", "/new", "/new"])])
def test_a_feed_that_moved_is_found_at_whichever_address_lives(
    server: MisbehavingServer, alive: str, asked: list[str]
) -> None:
    for path in ("/rss", "/new"):
        server.answer(path, reply(NEWS) if path == alive else reply(status=410))
    client, now = client_for(server), START
    state = FeedState(server.url("/rss"), moved_to=server.url("/new"))
    for _ in asked:
        result, state = fetch_feed(Feed(state.url), state, client, now)
        now = state.next_at or now
    assert result.outcome == "same-body"
    assert [request.path for request in server.log] == asked


def test_an_old_address_that_died_after_a_move_does_not_take_the_feed_with_it(server: MisbehavingServer) -> None:
    server.answer("/new", reply(status=500), reply(NEWS))
    client, now, found = client_for(server), START, []
    state = FeedState(server.url("/rss"), moved_to=server.url("/new"))
    for _ in range(3):
        result, state = fetch_feed(Feed(state.url), state, client, now)
        found.append(result.outcome)
        now = state.next_at or now
    assert found == ["server-error", "http-error", "fetched"]


def test_validators_are_given_only_to_the_address_they_came_from(server: MisbehavingServer) -> None:
    server.answer("/rss", redirect("/a"), redirect("/b"))
    server.answer("/a", reply(NEWS, {"ETag": '"v1"'}))
    server.answer("/b", conditional(MORE, '"v1"'))
    assert bodies(poll(server, 2)) == [NEWS, MORE]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.mark.parametrize(
    ("trusted", "named", "outcome"),
    [
        (True, "feeds.naba.example", "fetched"),
        (False, "feeds.naba.example", "tls-error"),
        (True, "other.example", "tls-error"),
    ],
)
def test_a_certificate_is_verified_against_the_name(
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    *,
    trusted: bool,
    named: str,
    outcome: str,
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(named).configure_cert(tls)
    if trusted:
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with misbehaving_server(tls) as server:
        server.answer("/rss", reply(NEWS))
        feed = Feed(server.url("/rss", host="feeds.naba.example", scheme="https"))
        result, state = fetch_feed(feed, FeedState(feed.url), client_for(server), START)
    assert result.outcome == outcome
    assert state.next_at is not None
    assert len(server.log) == (outcome == "fetched")  # nothing is said to a server that is not who it claims


def test_a_permanent_redirect_out_of_tls_is_followed_but_not_remembered(
    server: MisbehavingServer,
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    server.answer("/rss", reply(NEWS))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("feeds.naba.example").configure_cert(tls)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with misbehaving_server(tls) as secure:
        secure.answer("/rss", redirect(server.url("/rss"), 301))
        feed = Feed(secure.url("/rss", host="feeds.naba.example", scheme="https"))
        result, state = fetch_feed(feed, FeedState(feed.url), client_for(secure), START)
    assert (result.outcome, state.moved_to) == ("fetched", None)


def test_a_plain_server_at_an_https_address_is_a_tls_error(server: MisbehavingServer) -> None:
    feed = Feed(server.url("/rss", scheme="https"))
    result, _ = fetch_feed(feed, FeedState(feed.url), client_for(server), START)
    assert result.outcome == "tls-error"
