"""HTTP with servers that are not trusted, and the manners between one request and the next.

It stands on httpcore, the engine of httpx, rather than on ``httpx.Client``: what must be our own here lies below
the client (the address connected to, the end of the whole exchange) or would have to be switched off in it
(redirects, cookies, proxies, decompression without a limit). URLs, headers and TLS settings are httpx's.
"""

import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import httpcore
import httpx

from schemas import VERSION
from schemas.reject import Rejected
from transforms.addresses import check_url
from transforms.connect import CheckedBackend, Deadline, Network
from transforms.decompress import decompress
from transforms.politeness import retry_after

_REDIRECTS = {301, 302, 303, 307, 308}
_PERMANENT = {301, 308}
_WITH_CONTENT = {200, 203}
_NO_ANSWER = {"timeout", "unreachable"}
_PATIENCE = 4
_REST = 15 * 60.0
_WORTH_WAITING = 60.0
"""Seconds of a host's rest that are waited out rather than refused."""


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How feeds are fetched. Times are seconds, sizes bytes."""

    contact: str | None = None
    """A URL or mail address by which a publisher can reach whoever runs this."""
    allow_private_hosts: bool = False
    interval: float = 15 * 60.0
    """The least time between two requests for a feed that names none."""
    host_delay: float = 1.0
    """Between the end of one exchange with a host and the start of the next."""
    connect_timeout: float = 10.0
    read_timeout: float = 20.0
    """Without a byte."""
    whole_timeout: float = 60.0
    """For all of a fetch, redirects included, waiting for a host's turn not."""
    max_bytes: int = 32 << 20
    """Of a body, both as sent and as decompressed."""
    max_redirects: int = 10

    @property
    def user_agent(self) -> str:
        """Who asks, and how to reach them."""
        return f"naba/{VERSION}" + (f" (+{self.contact})" if self.contact else "")


@dataclass(frozen=True, slots=True)
class Response:
    """What a server sent: content, 304 or a redirect. ``body`` is decompressed, and empty but for content."""

    url: httpx.URL
    status: int
    headers: httpx.Headers
    body: bytes
    broken: str | None
    """Why the body ended early, if it did."""
    seconds: float


class Declined(Rejected):
    """The host said no, or is not asked because it wants to be left alone.

    ``status`` is what it answered; ``seconds`` is how long it wants no further request, 0 if it did not say.
    """

    def __init__(self, reason: str, message: str, status: int | None, seconds: float) -> None:
        super().__init__(reason, message)
        self.status = status
        self.seconds = seconds


@dataclass
class _Host:
    lock: threading.Lock = field(default_factory=threading.Lock)
    free_at: float = 0.0
    rests_until: float = 0.0
    unanswered: int = 0
    """Requests in a row."""


class Client:
    """Asks each host one thing at a time, with a pause between. Share one among the threads of a process."""

    def __init__(
        self,
        settings: FetchSettings,
        *,
        network: Network = Network(),  # noqa: B008 - frozen
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self.sleep = sleep
        self.clock = clock
        self._network = network
        self._hosts: dict[str, _Host] = {}

    def fetch(
        self,
        url: httpx.URL,
        headers: Callable[[httpx.URL], Mapping[str, str]],
        permit: Callable[[httpx.URL], float] = lambda _: 0.0,
    ) -> tuple[Response, httpx.URL | None]:
        """The content or 304 that all redirects lead to, and the address that the permanent ones lead to.

        ``headers`` gives those to send to an address; ``permit`` refuses an address or gives the pause that its
        host wants between requests. Raises ``Rejected``; ``Declined`` for any other status.
        """
        moved_to: httpx.URL | None = None
        permanent = True
        left = self.settings.whole_timeout
        asked: set[httpx.URL] = set()
        while len(asked) <= self.settings.max_redirects:
            asked.add(url)
            response = self._get(url, headers(url), left, permit(url))
            target = _target(response)
            if target is None:
                self._check_status(response)
                return response, moved_to
            if target in asked:
                raise Rejected("redirect-loop", f"{url} leads back to {target}")
            permanent = permanent and response.status in _PERMANENT
            moved_to = target if permanent else moved_to
            left -= response.seconds
            url = target
        raise Rejected("too-many-redirects", f"{url}: more than {self.settings.max_redirects} redirects")

    def _get(self, url: httpx.URL, headers: Mapping[str, str], seconds: float, pause: float) -> Response:
        """One request when it is the host's turn, and its answer within ``seconds``."""
        host = self._host(url.host)
        with host.lock:
            self._await_turn(url.host, host)
            try:
                response = self._exchange(url, headers, seconds)
            except Rejected as refusal:
                host.unanswered = host.unanswered + 1 if refusal.reason in _NO_ANSWER else 0
                if host.unanswered >= _PATIENCE:
                    # Hundreds of articles of a host that is down must not cost a time-out each.
                    host.rests_until = self.clock() + _REST
                raise
            finally:
                host.free_at = self.clock() + max(self.settings.host_delay, pause)
            host.unanswered = 0
            return response

    def _check_status(self, response: Response) -> None:
        status = response.status
        if status in _WITH_CONTENT or status == 304:
            return
        wait = retry_after(response.headers)
        if status == 429 or (status == 503 and wait):
            self._host(response.url.host).rests_until = self.clock() + (wait or _REST)
            reason = "rate-limited"
        elif status == 410:
            reason = "gone"
        else:
            reason = "server-error" if status >= 500 or status == 408 else "http-error"
        raise Declined(reason, f"{response.url}: status {status}", status, wait)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Verifies, by the certificates of certifi or of SSL_CERT_FILE."""
        return httpx.create_ssl_context()

    def _await_turn(self, name: str, host: _Host) -> None:
        now = self.clock()
        if host.rests_until > now + _WORTH_WAITING:
            seconds = host.rests_until - now
            raise Declined("host-resting", f"{name} is left alone for {seconds:.0f} s more", None, seconds)
        wait = max(host.rests_until, host.free_at) - now
        if wait > 0:
            self.sleep(wait)

    def _host(self, name: str) -> _Host:
        return self._hosts.setdefault(name, _Host())

    def _exchange(self, url: httpx.URL, headers: Mapping[str, str], seconds: float) -> Response:
        deadline = Deadline(seconds)
        backend = CheckedBackend(self._network, deadline, allow_private_hosts=self.settings.allow_private_hosts)
        try:
            # A connection for one request: a feed is asked for one thing, and articles come seconds apart.
            with (
                httpcore.ConnectionPool(self._tls if url.scheme == "https" else None, network_backend=backend) as pool,
                pool.stream(
                    "GET", _plain(url), headers=self._headers(headers), extensions={"timeout": self._timeouts()}
                ) as answer,
            ):
                received = httpx.Headers(answer.headers)
                content, broken = self._content(answer, received)
        except httpcore.TimeoutException as error:
            raise Rejected("timeout", f"{url}: {error}") from error
        except httpcore.ConnectError as error:
            raise Rejected("unreachable", f"{url}: {error}") from error
        except (httpcore.ReadError, httpcore.RemoteProtocolError) as error:
            raise Rejected("broken-answer", f"{url}: {error}") from error
        body, complete = decompress(content, received.get("content-encoding", ""), self.settings.max_bytes)
        if not complete and broken is None:
            broken = "the compressed body has no end"
        return Response(url, answer.status, received, body, broken, deadline.spent())

    def _headers(self, headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
        sent = {"User-Agent": self.settings.user_agent, "Accept-Encoding": "gzip, deflate, br", **headers}
        return [(name.encode(), value.encode()) for name, value in (sent | {"Connection": "close"}).items()]

    def _timeouts(self) -> dict[str, float]:
        read = self.settings.read_timeout
        return {"connect": self.settings.connect_timeout, "read": read, "write": read}

    def _content(self, answer: httpcore.Response, headers: httpx.Headers) -> tuple[bytes, str | None]:
        """The body as sent, and why it is not all of it."""
        if answer.status not in _WITH_CONTENT:
            return b"", None
        limit = self.settings.max_bytes
        length = headers.get("content-length", "")
        if length.isdigit() and int(length[:18]) > limit:
            raise Rejected("too-large", f"announces {length} bytes; the limit is {limit}")
        body = bytearray()
        try:
            for part in answer.iter_stream():
                body += part
                if len(body) > limit:
                    raise Rejected("too-large", f"more than {limit} bytes")
        except (httpcore.TimeoutException, httpcore.ReadError, httpcore.RemoteProtocolError) as error:
            return bytes(body), f"{error}" or type(error).__name__
        return bytes(body), None


def _plain(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _target(response: Response) -> httpx.URL | None:
    """Where a redirect leads, if it is one."""
    location = response.headers.get("location")
    if response.status not in _REDIRECTS or location is None:
        return None
    try:
        return check_url(str(response.url.join(location)))
    except httpx.InvalidURL as error:
        raise Rejected("refused-address", f"{response.url} leads to {location}: {error}") from error
