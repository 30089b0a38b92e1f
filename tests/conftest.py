"""What every test stands on: no network, quick property tests, and the shared data where it is at hand."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.misbehaving_server import ManualClock, MisbehavingServer, misbehaving_server

SHARED_DATA = Path(__file__).parents[1].parent / "shared" / "data"

# No deadline and no complaint of slowness: they would measure the machine. Random in the hand, to find what is new;
# the same examples every time in CI, to judge a change and not its luck. More: --hypothesis-profile=thorough.
settings.register_profile(
    "quick",
    max_examples=50,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=2000, derandomize=False)
settings.load_profile("quick")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the file that takes longest, lest one worker is left alone with it; skip what cannot run here."""
    items.sort(key=lambda item: item.path.name != "test_near.py")
    if find_spec("torch") is None:
        for item in items:
            if item.get_closest_marker("ner"):
                item.add_marker(pytest.mark.skip(reason="needs the full environment: make test-ner"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Where the real news lies that may not be copied into the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip("no ../shared/data beside this checkout")
    return SHARED_DATA


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    with misbehaving_server() as running:
        yield running


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Fail the test that leaves this machine. A subprocess is not held by it."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_remote(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_remote(address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not (host is None or _is_address(host)):
            _refuse_remote((host, 0))
        return getaddrinfo(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        yield


def _refuse_remote(address: Any) -> None:
    """What ``pytest.fail`` raises is no ``Exception``: code that handles failures of the wire does not swallow it.

    In a thread of which nobody takes the result it is lost all the same.
    """
    if not isinstance(address, tuple):
        return  # a Unix socket
    host = _text(address[0])
    loopback = ipaddress.ip_address(host).is_loopback if _is_address(host) else host in {"", "localhost"}
    if not loopback:
        pytest.fail(f"a test must not leave this machine: {host}")


def _is_address(host: str | bytes) -> bool:
    try:
        ipaddress.ip_address(_text(host))
    except ValueError:
        return False
    return True


def _text(host: str | bytes) -> str:
    return host.decode("ascii") if isinstance(host, bytes) else host
