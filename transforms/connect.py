"""Connect to a host that is not trusted: only to an address that was checked, and never for longer than allowed."""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import httpcore

from schemas.reject import Rejected
from transforms.addresses import is_public


def resolve_host(host: str, port: int) -> list[str]:
    """Addresses of a host by the system's resolver, best first. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def dial_address(address: str, port: int, timeout: float) -> httpcore.NetworkStream:
    """A TCP connection within ``timeout`` seconds. Raises httpcore's ConnectError and ConnectTimeout."""
    return httpcore.SyncBackend().connect_tcp(address, port, timeout=timeout)


@dataclass(frozen=True, slots=True)
class Network:
    """How hosts are found and reached: what tests put another in the place of."""

    resolve: Callable[[str, int], Sequence[str]] = resolve_host
    dial: Callable[[str, int, float], httpcore.NetworkStream] = dial_address


class Deadline:
    """The end of a whole exchange. By the real clock, as it guards real sockets."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._start = time.monotonic()

    def spent(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start

    def left(self, at_most: float | None) -> float:
        """Seconds that one wait may take. Raises httpcore's ReadTimeout when there are none."""
        left = self._seconds - self.spent()
        if left <= 0:
            raise httpcore.ReadTimeout(f"not finished within {self._seconds:.3g} s")
        return left if at_most is None else min(left, at_most)


class CheckedBackend(httpcore.NetworkBackend):
    """Resolves a name, checks the addresses and connects to one it checked.

    A client that checks a name and lets its library resolve it again can be told another address the second
    time (DNS rebinding). The TLS certificate is still verified against the name.
    """

    def __init__(self, network: Network, deadline: Deadline, *, allow_private_hosts: bool) -> None:
        self._network = network
        self._deadline = deadline
        self._allow_private_hosts = allow_private_hosts

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address that takes it. Raises ``Rejected`` or httpcore's errors."""
        failure: Exception | None = None
        for address in self._addresses(host, port, self._deadline.left(timeout)):
            try:
                stream = self._network.dial(address, port, self._deadline.left(timeout))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _BoundedStream(stream, self._deadline)
        assert failure
        raise failure

    def _addresses(self, host: str, port: int, seconds: float) -> Sequence[str]:
        found = self._resolve(host, port, seconds)
        if self._allow_private_hosts:
            return found
        public = [address for address in found if is_public(address)]
        if not public:
            where = f"{host} is {', '.join(found)}: not an address of the public internet"
            raise Rejected("refused-address", f"{where}; --allow_private_hosts asks it all the same")
        return public

    def _resolve(self, host: str, port: int, seconds: float) -> Sequence[str]:
        """The system's resolver takes no time-out: when it is late, it is left behind in its thread."""
        answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._network.resolve(host, port))
            except (OSError, UnicodeError) as error:  # UnicodeError: a label longer than a name may have
                answers.put(error)

        threading.Thread(target=ask, daemon=True).start()
        try:
            answer = answers.get(timeout=seconds)
        except queue.Empty as error:
            raise Rejected("timeout", f"{host} was not resolved within {seconds:.3g} s") from error
        if isinstance(answer, Exception) or not answer:
            raise Rejected("unknown-host", f"{host}: {answer or 'no address'}")
        return answer


class _BoundedStream(httpcore.NetworkStream):
    """A connection whose every wait ends by the deadline: a drip of bytes outlives any time-out of one read."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        except httpcore.ConnectError as error:
            if isinstance(error.__cause__, ssl.SSLError):
                raise Rejected("tls-error", f"{server_hostname}: {error.__cause__}") from error
            raise
        return _BoundedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
