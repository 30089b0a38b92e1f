"""The memory of each feed between polls: one small file under ``state/feeds``, on any of Beam's file systems.

A feed is claimed before it is asked: the time it may be asked next is written first, so that a runner that
polls in a busy loop, tries a bundle again or is killed cannot make us ask twice. What was received is
remembered only when it is safe in the output (see ``fetch.poll_feed``).
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

from apache_beam.io.filesystems import FileSystems
from fasteners import InterProcessLock  # type: ignore[import-untyped]

from schemas.feed_state import FeedState
from transforms.politeness import LONGEST_WAIT
from transforms.storage import read_bytes, write_text

_THREADS = threading.Lock()


def load_state(folder: str, url: str) -> FeedState:
    """What is remembered of a feed; nothing but its URL if it is new or its file is damaged."""
    path = state_path(folder, url)
    if not FileSystems.exists(path):
        return FeedState(url)
    try:
        return FeedState.from_json(read_bytes(path))
    except (ValueError, TypeError, AttributeError):
        # Costs one request that is not conditional; the claim that follows repairs the file.
        return FeedState(url)


def save_state(folder: str, state: FeedState) -> None:
    """Remember a feed: a reader sees the old file or the new one."""
    write_text(state_path(folder, state.url), state.to_json().decode())


def claim_feed(folder: str, url: str, interval: timedelta, now: datetime) -> tuple[FeedState, bool]:
    """The state of a feed, and whether the caller may ask it now; if so, nobody else may before ``interval`` is over.

    Exact among the threads and processes that share a file system with locks. An object store has none: there
    the graph must give one feed to one worker at a time, by its key.
    """
    with _only_one(folder):
        state = load_state(folder, url)
        if not is_due(state, now):
            return state, False
        save_state(folder, replace(state, next_at=now + interval, asked_at=now, outcome="claimed"))
        return state, True


def is_due(state: FeedState, now: datetime) -> bool:
    """Whether a feed may be asked. A time further off than any wait is some clock's mistake, and no reason."""
    if state.gone_at is not None:
        return False
    return state.next_at is None or not now < state.next_at <= now + LONGEST_WAIT


def state_path(folder: str, url: str) -> str:
    """The file of a feed: named by a hash, as a URL may hold anything."""
    return f"{folder}/feeds/{blake2b(url.encode(), digest_size=16).hexdigest()}.json"


@contextmanager
def _only_one(folder: str) -> Iterator[None]:
    with _THREADS:  # the lock of the file is one of processes
        if "://" in folder:
            yield
            return
        os.makedirs(f"{folder}/feeds", exist_ok=True)
        with InterProcessLock(f"{folder}/feeds/.lock"):
            yield
