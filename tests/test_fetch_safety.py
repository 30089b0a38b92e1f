"""A feed list, and every redirect, is untrusted: no address inside is reached, whatever the resolver says."""

import time
from contextlib import suppress

import httpcore
import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.feed import Feed
from schemas.feed_state import FeedState
from schemas.reject import Rejected
from tests.misbehaving_server import (
    START,
    ManualClock,
    MisbehavingServer,
    client_for,
    misbehaving_server,
    redirect,
    reply,
    rss,
)
from transforms.addresses import check_url, is_public
from transforms.connect import Network, dial_address
from transforms.fetch import FetchResult, fetch_feed
from transforms.wire import Client, FetchSettings

NEWS = rss("انطلاق أعمال القمة العربية في بغداد")
PUBLIC = "93.184.215.14"


class World:
    """A network in which names have the addresses given, and public addresses are all the server's."""

    def __init__(self, server: MisbehavingServer, names: dict[str, list[list[str]]]) -> None:
        self.server = server
        self.names = names
        self.resolved: list[str] = []
        self.dialled: list[str] = []

    def resolve(self, host: str, port: int) -> list[str]:
        self.resolved.append(host)
        answers = self.names.get(host, [[host]])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def dial(self, address: str, port: int, timeout: float) -> httpcore.NetworkStream:
        self.dialled.append(address)
        return dial_address("127.0.0.1", self.server.port, timeout)

    def fetch(self, url: str, *, allow_private_hosts: bool = False) -> FetchResult:
        clock = ManualClock()
        settings = FetchSettings(allow_private_hosts=allow_private_hosts)
        network = Network(self.resolve, self.dial)
        client = Client(settings, network=network, sleep=clock.sleep, clock=clock.seconds)
        return fetch_feed(Feed(url), FeedState(url), client, START)[0]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.7", "172.16.3.4", "192.168.1.1",
        "169.254.169.254",  # metadata of AWS, GCP, Azure and most others
        "169.254.170.2",  # of AWS containers
        "168.63.129.16",  # of Azure, at a public address
        "100.100.100.200",  # of Alibaba
        "192.0.0.192",  # of Oracle
        "100.64.0.1", "192.0.2.5", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1",
        "255.255.255.255",
        "::1", "::", "fe80::1", "fe80::1%2", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "100::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
        "2002:7f00:1::", "2002:a9fe:a9fe::1",  # 6to4 of 127.0.0.1 and 169.254.169.254
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1",  # NAT64
        "2001:0:7f00:1::", "5f00::1", "4000::1", "3fff::1",
    ],
)  # fmt: skip
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        PUBLIC,
        "2606:2800:21f:cb07::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
        "2a00:1450::5",
    ],
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "", "rss", "/etc/passwd", "file:///etc/passwd", "ftp://naba.example/rss", "gopher://naba.example/", "http://",
        "http:///rss", "https://editor:secret@naba.example/",
        "http://naba.example\\@127.0.0.1/", "http://naba.example:0/", "http://naba.example:65536/", "http://naba.example:x/",
        "http://na ba.example/", "http://naba.example\r\nHost: x/", "http://[", "http://\x00/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_only_plain_web_addresses_are_taken(url: str) -> None:
    with pytest.raises(Rejected) as refusal:
        check_url(url)
    assert refusal.value.reason == "refused-address"


def test_an_arabic_address_is_written_as_the_wire_wants_it() -> None:
    url = check_url(" https://الأفق.example/أخبار?قسم=سياسة#أعلى ")
    assert str(url).isascii()
    assert url.host == "الأفق.example"
    assert "#" not in str(url)


@given(st.text())
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    for url in (text, f"http://{text}", f"https://naba.example/{text}"):
        with suppress(Rejected):
            assert check_url(url).scheme in {"http", "https"}


@given(st.ip_addresses(v=6), st.booleans())
def test_what_is_public_is_told_of_any_ipv6_address(address: object, zoned: bool) -> None:
    assert is_public(f"{address}%eth0" if zoned else f"{address}") in {True, False}


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "169.254.169.254", "intranet.example"])
def test_a_private_address_is_never_connected_to(server: MisbehavingServer, host: str) -> None:
    world = World(server, {"intranet.example": [["10.1.2.3", "fd00::5"]]})
    result = world.fetch(f"http://{host}/rss")
    assert (result.outcome, world.dialled) == ("refused-address", [])


def test_numbers_that_only_the_resolver_reads_as_an_address_are_checked_after_it() -> None:
    with misbehaving_server() as server:
        server.answer("/rss", reply(NEWS))
        client = Client(FetchSettings())
        for host in ("127.0.0.1", "127.1", "2130706433", "0x7f.1", "localhost"):
            world = World(server, {host: [["127.0.0.1"]]})
            assert world.fetch(f"http://{host}/rss").outcome == "refused-address"
        real, _ = fetch_feed(Feed(server.url("/rss")), FeedState(server.url("/rss")), client, START)
    assert real.outcome == "refused-address"
    assert server.log == []


def test_a_redirect_to_a_private_address_is_refused(server: MisbehavingServer) -> None:
    for inside in ("http://127.0.0.1/admin", "http://169.254.169.254/latest/meta-data/", "http://intranet.example/"):
        server.answer("/rss", redirect(inside))
        world = World(server, {"news.example": [[PUBLIC]], "intranet.example": [["192.168.0.10"]]})
        result = world.fetch("http://news.example/rss")
        assert (result.outcome, world.dialled) == ("refused-address", [PUBLIC])
        assert result.reject
        assert result.reject.reason == "refused-address"


def test_a_name_that_changes_its_address_after_the_check_gains_nothing(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(NEWS))
    world = World(server, {"news.example": [[PUBLIC], ["127.0.0.1"]]})
    assert world.fetch("http://news.example/rss").outcome == "fetched"
    assert world.resolved == ["news.example"]  # once: what was checked is what was dialled
    assert world.dialled == [PUBLIC]


def test_a_name_that_turns_private_at_a_redirect_is_refused(server: MisbehavingServer) -> None:
    server.answer("/rss", redirect("/elsewhere"))
    world = World(server, {"news.example": [[PUBLIC], ["127.0.0.1"]]})
    assert world.fetch("http://news.example/rss").outcome == "refused-address"
    assert world.dialled == [PUBLIC]


def test_of_a_mixed_answer_only_the_public_addresses_are_tried(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(NEWS))
    world = World(server, {"news.example": [["10.0.0.1", PUBLIC, "::1"]]})
    assert world.fetch("http://news.example/rss").outcome == "fetched"
    assert world.dialled == [PUBLIC]


def test_the_next_address_is_tried_if_one_does_not_answer(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(NEWS))
    world = World(server, {"news.example": [["93.184.215.15", PUBLIC]]})
    dial = world.dial

    def half_dead(address: str, port: int, timeout: float) -> httpcore.NetworkStream:
        stream = dial(address, port, timeout)
        if address != PUBLIC:
            stream.close()
            raise httpcore.ConnectTimeout("nobody there")
        return stream

    world.dial = half_dead  # type: ignore[method-assign]
    assert world.fetch("http://news.example/rss").outcome == "fetched"
    assert world.dialled == ["93.184.215.15", PUBLIC]


def test_private_hosts_are_reached_when_allowed(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(NEWS))
    assert World(server, {}).fetch("http://127.0.0.1/rss", allow_private_hosts=True).outcome == "fetched"


@pytest.mark.parametrize("error", [OSError("no such name"), UnicodeError("label too long")])
def test_a_name_that_does_not_resolve_is_an_unknown_host(error: Exception) -> None:
    def resolve(_host: str, _port: int) -> list[str]:
        raise error

    clock = ManualClock()
    client = Client(FetchSettings(), network=Network(resolve), sleep=clock.sleep, clock=clock.seconds)
    result, _ = fetch_feed(Feed("http://news.example/"), FeedState("http://news.example/"), client, START)
    assert result.outcome == "unknown-host"


def test_a_resolver_that_hangs_ends_in_a_time_out() -> None:
    def resolve(_host: str, _port: int) -> list[str]:
        time.sleep(0.5)
        return ["127.0.0.1"]

    client = Client(FetchSettings(connect_timeout=0.05), network=Network(resolve))
    result, _ = fetch_feed(Feed("http://news.example/"), FeedState("http://news.example/"), client, START)
    assert result.outcome == "timeout"


def test_no_cookie_and_no_password_leaves_us(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(NEWS, {"Set-Cookie": "session=1"}))
    client = client_for(server)
    for _ in range(2):
        client.fetch(httpx.URL(server.url("/rss")), lambda _: {})
    assert not {"cookie", "authorization", "referer"} & {name for request in server.log for name in request.headers}


HEADERS = (
    b"Location",
    b"Content-Type",
    b"Content-Encoding",
    b"Content-Length",
    b"Transfer-Encoding",
    b"ETag",
    b"Retry-After",
)
LINE = st.binary(max_size=30) | st.sampled_from(
    [
        b"gzip",
        b"br",
        b"deflate",
        b"chunked",
        b"5",
        b"-1",
        b"//x",
        b"http://[::1",
        b"\xd8\xa3",
        b"text/xml; charset=\xff",
    ]
)


@given(
    st.integers(100, 599) | st.integers(),
    st.dictionaries(st.sampled_from(HEADERS), LINE, max_size=4),
    st.binary(max_size=60),
    st.none() | st.integers(0, 80),
)
@example(200, {b"Content-Encoding": b"br"}, b"", None)
@example(302, {b"Location": b"http://" + b"a" * 70_000}, b"", None)
@example(200, {b"Transfer-Encoding": b"chunked"}, b"zz\r\n", None)
def test_whatever_a_server_sends_is_a_document_or_a_refusal(
    status: int, headers: dict[bytes, bytes], body: bytes, cut: int | None
) -> None:
    head = b"".join(b"%b: %b\r\n" % header for header in headers.items())
    sent = (b"HTTP/1.1 %d Whatever\r\n%b\r\n%b" % (status, head, body))[:cut]
    client = Client(
        FetchSettings(max_redirects=2),
        network=Network(
            lambda _host, _port: [PUBLIC], lambda _address, _port, _timeout: httpcore.MockStream([sent, b""])
        ),
        sleep=lambda _: None,
    )
    url = "http://news.example/rss"
    result, state = fetch_feed(Feed(url), FeedState(url), client, START)
    assert (result.document is None) != (result.reject is None) or result.outcome == "host-resting"
    assert FeedState.from_json(state.to_json()) == state
