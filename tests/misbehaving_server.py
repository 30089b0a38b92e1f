"""An HTTP server on loopback that can do everything wrong, and keeps a log of how it was asked."""

import gzip
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from transforms.connect import Network
from transforms.wire import Client, FetchSettings


@dataclass(frozen=True)
class Request:
    """A request as it arrived. Names of headers are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]

    @property
    def host(self) -> str:
        return self.headers["host"].split(":")[0]


@dataclass
class Exchange:
    """A connection with its request, as an answer sees it."""

    connection: socket.socket
    request: Request
    closing: threading.Event
    answering: Callable[[], None]
    """Called before each part of the answer is sent."""

    def send(self, data: bytes) -> None:
        self.answering()
        self.connection.sendall(data)

    def wait(self, seconds: float) -> bool:
        """Wait; False if the server is closing."""
        return not self.closing.wait(seconds)


Answer = Callable[[Exchange], None]


@dataclass
class MisbehavingServer:
    """Gives each path its answers in turn, the last one for ever; 404 to any other path."""

    port: int
    log: list[Request] = field(default_factory=list)
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    most_at_once: int = 0
    """Requests waiting for their answer at the same time. The end of a connection would come too late to count by: the
    client may have read its answer, and asked again, before the server's thread has noticed."""
    _waiting: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closing: threading.Event = field(default_factory=threading.Event)

    def answer(self, path: str, *answers: Answer) -> None:
        """What ``path`` (or ``host/path``) is answered from now on."""
        self.answers[path] = list(answers)

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.log if request.path == path]

    def url(self, path: str, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def _next(self, request: Request) -> Answer:
        with self._lock:
            self.log.append(request)
            for key in (request.host + request.path, request.path):
                if key in self.answers:
                    queue = self.answers[key]
                    return queue.pop(0) if len(queue) > 1 else queue[0]
        return reply(b"nothing here", status=404)

    def _serve(self, connection: socket.socket, tls: ssl.SSLContext | None) -> None:
        number = id(connection)

        def answering() -> None:
            with self._lock:
                self._waiting.discard(number)

        # A client that gives up, or refuses the certificate, is what half of the tests are about.
        with suppress(OSError), connection:
            connection.settimeout(10)
            if tls is not None:
                connection = tls.wrap_socket(connection, server_side=True)
            with connection:
                if request := _read_request(connection):
                    with self._lock:
                        self._waiting.add(number)
                        self.most_at_once = max(self.most_at_once, len(self._waiting))
                    self._next(request)(Exchange(connection, request, self._closing, answering))
        answering()


@contextmanager
def misbehaving_server(tls: ssl.SSLContext | None = None) -> Iterator[MisbehavingServer]:
    """A server for the length of a ``with``, and its threads with it."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.02)
    server = MisbehavingServer(listener.getsockname()[1])
    threads: list[threading.Thread] = []

    def listen() -> None:
        while not server._closing.is_set():
            with suppress(TimeoutError):
                connection, _ = listener.accept()
                threads.append(threading.Thread(target=server._serve, args=(connection, tls)))
                threads[-1].start()

    threads.append(threading.Thread(target=listen))
    threads[0].start()
    try:
        yield server
    finally:
        server._closing.set()
        for thread in threads:
            thread.join()
        listener.close()


def _read_request(connection: socket.socket) -> Request | None:
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(65536)
        if not part:
            return None
        head += part
        if head.startswith(b"\x16"):  # TLS to a plain port: what servers say to it
            connection.sendall(_head(400, 0, {}))
            return None
    first, *lines = head.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    return Request(method, path, {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)})


def reply(
    body: bytes = b"", headers: Mapping[str, str] | None = None, *, status: int = 200, length: int | None = None
) -> Answer:
    """A whole answer; ``length`` is a lie about it."""
    return lambda exchange: exchange.send(_head(status, len(body) if length is None else length, headers or {}) + body)


def _head(status: int, length: int | None, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in headers.items())]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "", ""]).encode()


def redirect(location: str, status: int = 302) -> Answer:
    return reply(status=status, headers={"Location": location})


def conditional(body: bytes, etag: str) -> Answer:
    """As a good server does: 304 to whoever holds the body."""

    def give(exchange: Exchange) -> None:
        held = exchange.request.headers.get("if-none-match") == etag
        answer = reply(status=304, headers={"ETag": etag}) if held else reply(body, {"ETag": etag})
        answer(exchange)

    return give


def drip(data: bytes, every: float = 0.02) -> Answer:
    """A byte at a time, each well within any time-out: the slow head or body that never seems to end."""

    def give(exchange: Exchange) -> None:
        for byte in data:
            exchange.send(bytes([byte]))
            if not exchange.wait(every):
                return

    return give


def drip_body(body: bytes, every: float = 0.02) -> Answer:
    def give(exchange: Exchange) -> None:
        exchange.send(_head(200, len(body), {}))
        drip(body, every)(exchange)

    return give


def silence(exchange: Exchange) -> None:
    """Takes the request and says nothing."""
    while exchange.wait(0.02):
        exchange.connection.setblocking(False)
        with suppress(BlockingIOError, ssl.SSLWantReadError):
            if exchange.connection.recv(1) == b"":
                return


def endless(exchange: Exchange) -> None:
    """A body without length or end."""
    exchange.send(_head(200, None, {}))
    while exchange.wait(0):
        exchange.send(b"<item>" * 10_000)


def cut_off(body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
    """Announces more than it sends, and resets the connection in the middle."""

    def give(exchange: Exchange) -> None:
        exchange.send(_head(200, len(body) + 1000, headers or {}) + body)
        exchange.wait(0.05)  # a reset overtakes what is not yet read
        exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return give


def hang_up(exchange: Exchange) -> None:
    """Closes without a word."""


def not_http(exchange: Exchange) -> None:
    exchange.send(b"220 mail.example ESMTP\r\n")


def gzip_bomb(size: int) -> Answer:
    """``size`` bytes in a thousandth of them."""
    return reply(gzip.compress(bytes(size)), {"Content-Encoding": "gzip"})


START = datetime(2026, 2, 11, 9, 0, tzinfo=UTC)


@dataclass
class ManualClock:
    """Time that passes only when told to, or slept."""

    now: datetime = START
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    def seconds(self) -> float:
        return (self.now - START).total_seconds()


def client_for(server: MisbehavingServer, clock: ManualClock | None = None, **settings: Any) -> Client:
    """A client for which every host name is the server's."""
    clock = clock or ManualClock()
    network = Network(resolve=lambda _host, _port: ["127.0.0.1"])
    ours: dict[str, Any] = {"allow_private_hosts": True, "contact": "https://naba.example/bot"}
    return Client(FetchSettings(**ours | settings), network=network, sleep=clock.sleep, clock=clock.seconds)


def rss(*titles: str, head: str = "") -> bytes:
    """A small feed."""
    items = "".join(f"<item><title>{title}</title><guid>{title}</guid></item>" for title in titles)
    return f"<?xml version='1.0'?><rss version='2.0'><channel>{head}{items}</channel></rss>".encode()
