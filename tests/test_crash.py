"""Killed at any moment, then run again: the tables are those of an uninterrupted run."""

import multiprocessing
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
from apache_beam.io.localfilesystem import LocalFileSystem

from pipelines.cli import main
from pipelines.signals import SIGNALS, Signals
from tests.news import record, story, write_jsonl
from tests.tables import all_rows, ingest
from transforms.fold import clean_text, fold_text

SEED = 20261122

fold_text("")
clean_text("")
"""Their tables are made once, by the process from which all others here are forked."""
SIGKILLED = -signal.SIGKILL
INTERRUPTED = 130


def _ingest_until(argv: list[str], operation: int | None, total: Any, told: Path | None = None) -> None:
    """Run in a process of its own, which kills itself before the given write to storage.

    Where ``told`` takes what it says, it is interrupted instead, then and before each write that follows.
    """
    counted = 0
    if told:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.dup2(os.open(told, os.O_WRONLY | os.O_CREAT), 2)

    def counting(name: str) -> None:
        inner = getattr(LocalFileSystem, name)

        def outer(*args: Any, **kwargs: Any) -> Any:
            nonlocal counted
            counted += 1
            if counted == operation:
                os.kill(os.getpid(), signal.SIGINT if told else signal.SIGKILL)
            elif told and operation and counted > operation:
                os.kill(os.getpid(), signal.SIGINT)
            return inner(*args, **kwargs)

        setattr(LocalFileSystem, name, outer)

    for name in ("create", "rename", "mkdirs", "delete"):
        counting(name)
    status = main(argv)
    total.value = counted
    os._exit(status)


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """New processes that have imported everything already, and share no thread with this one."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipelines.run", "tests.test_crash"])
    return context


class _Case:
    """A table with a run in it, an input for the next run, and what that run must come to."""

    def __init__(self, folder: Path, processes: ForkServerContext) -> None:
        self.processes = processes
        self.folder = folder
        self.before = folder / "before"
        ingest(self.before, "--input", write_jsonl(folder / "held.jsonl", [record(n) for n in range(5)]))
        records = [record(n, date=f"2026-11-{10 + n % 4:02}T08:00:00Z") for n in range(120)]
        records += [record(200 + n, text=story(n), date="2026-11-14T08:00:00Z") for n in range(10)] + [{"id": "empty"}]
        self.news = write_jsonl(folder / "news.jsonl", records)
        self.total = processes.Value("i", 0)
        began = time.monotonic()
        self.expected = self.outcome("whole", [None])
        self.seconds = time.monotonic() - began
        self.operations = int(self.total.value)

    def outcome(self, name: str, operations: list[int | None]) -> dict[str, Any]:
        """Tables after a run that dies at each of the operations in turn, the last without end."""
        output = self.prepared(name)
        for operation in operations:
            process = self.start(output, operation)
            process.join()
            assert process.exitcode == (0 if operation is None else SIGKILLED)
        return self.result(output)

    def prepared(self, name: str) -> Path:
        return Path(shutil.copytree(self.before, self.folder / name))

    def start(self, output: Path, operation: int | None = None, told: Path | None = None) -> Any:
        argv = ["ingest", "--input", str(self.news), "--output", str(output)]
        process = self.processes.Process(target=_ingest_until, args=(argv, operation, self.total, told))
        process.start()
        return process

    def result(self, output: Path) -> dict[str, Any]:
        left = [path for path in output.iterdir() if path.name.startswith("_")]
        assert left == [], "staging is left"
        return all_rows(output)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, processes: ForkServerContext) -> _Case:
    case = _Case(tmp_path_factory.mktemp("crash"), processes)
    assert len(case.expected["articles"]) == 120
    assert len(case.expected["duplicates"]) == 10
    return case


@pytest.mark.parametrize("number", range(12))
def test_killed_before_a_write_to_storage_and_run_again(case: _Case, number: int) -> None:
    operation = random.Random(SEED + number).randint(1, case.operations)
    if number < 2:
        operation = case.operations - number  # the very end: the commit is done, staging is being deleted
    assert case.outcome(f"write{number}", [operation, None]) == case.expected


@pytest.mark.parametrize("number", range(5))
def test_killed_at_a_random_moment_and_run_again(case: _Case, number: int) -> None:
    output = case.prepared(f"time{number}")
    process = case.start(output)
    time.sleep(random.Random(SEED + number).uniform(0, case.seconds))
    process.kill()
    process.join()
    process = case.start(output)
    process.join()
    assert process.exitcode == 0
    assert case.result(output) == case.expected


def test_killed_thrice_in_a_row_and_run_again(case: _Case) -> None:
    early = case.operations // 3  # before the commit, which would leave the later runs little to do
    assert case.outcome("thrice", [early, early - 5, early + 5, None]) == case.expected


STANDS = {
    "the tables are as they were": (False, False),
    "committed, but not all of its files are in place": (False, True),
    "committed, and all of its files are in place": (True, False),
}
"""What is told of an interrupted run: whether it is among the runs, and whether anything of it is staged."""


@pytest.mark.parametrize("part", [0.0, 0.3, 0.6, 0.9, 1.0])
def test_interrupted_again_and_again_it_ends_in_order_and_tells_where_it_stands(case: _Case, part: float) -> None:
    output, told = case.prepared(f"interrupted{part}"), case.folder / f"told{part}"
    process = case.start(output, 1 + round((case.operations - 1) * part), told)
    process.join()
    assert process.exitcode == INTERRUPTED
    (line,) = told.read_text().splitlines()
    assert line.startswith("naba: interrupted. ")
    ((committed, staged),) = (state for words, state in STANDS.items() if words in line)
    assert len(list(output.glob("runs/*.json"))) == 1 + committed
    assert (output / "_staging").exists() == staged
    if not (committed or staged):
        assert all_rows(output) == all_rows(case.before)
    process = case.start(output)
    process.join()
    assert process.exitcode == 0
    assert case.result(output) == case.expected


def _swallow() -> None:
    with Signals() as signals:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        signals.check()


def _rename() -> None:
    with Signals():
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:
            raise ImportError("a library's own words") from None


@pytest.mark.parametrize("library", [_swallow, _rename])
def test_an_interruption_that_a_library_swallows_or_renames_is_not_lost(library: Callable[[], None]) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler), signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(KeyboardInterrupt):
            library()
        assert [*map(signal.getsignal, SIGNALS)] == [signal.SIG_IGN] * 2  # the process is ending: nothing disturbs it
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTERM, before[1])


def test_without_an_interruption_signals_are_as_they_were() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with Signals() as signals:
        signals.check()
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_signal_that_is_ignored_from_the_start_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with suppress(KeyboardInterrupt), Signals() as signals:
            signal.raise_signal(signal.SIGINT)
        assert not signals.came
    finally:
        signal.signal(signal.SIGINT, before)
