"""Live progress on a terminal, read off the staging folder: the same for every runner."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from apache_beam.io.filesystems import FileSystems

from schemas.run import Run

_SECONDS = 0.5


@contextmanager
def progress(run: Run) -> Iterator[None]:
    """Show how far a run is, on standard error, while the body runs; nothing if that is no terminal."""
    if not sys.stderr.isatty() or FileSystems.get_scheme(run.output) is not None:
        yield
        return
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(run, done), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        sys.stderr.write("\r\N{ESCAPE}[K")
        sys.stderr.flush()


def _watch(run: Run, done: threading.Event) -> None:
    began = time.monotonic()
    while not done.wait(_SECONDS):
        sys.stderr.write(f"\r\N{ESCAPE}[K{stage_line(run, time.monotonic() - began)}")
        sys.stderr.flush()


def stage_line(run: Run, seconds: float) -> str:
    """One line: what is read, what is written, how long it took so far."""
    read_mb = sum(size for _, size in _files(f"{run.staging}/chunks")) / 1e6
    written = sum(1 for _ in _files(f"{run.staging}/tables"))
    stage = "committing" if os.path.exists(f"{run.staging}/manifest.json") else "writing" if written else "reading"
    return f"{stage:10}  {read_mb:,.1f} MB of text staged   {written:,} files written   {seconds:.0f} s"


def _files(folder: str) -> Iterator[tuple[str, int]]:
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            try:
                yield path, os.path.getsize(path)
            except FileNotFoundError:  # moved to its place in the meantime
                continue
