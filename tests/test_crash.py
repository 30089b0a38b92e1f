"""Killed at any moment, then run again: the tables are those of an uninterrupted run."""

import multiprocessing
import os
import random
import shutil
import signal
import time
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
from apache_beam.io.localfilesystem import LocalFileSystem

from pipelines.cli import main
from tests.news import record, story, write_jsonl
from tests.tables import all_rows, ingest
from transforms.fold import clean_text, fold_text

SEED = 20261122

fold_text("")
clean_text("")
"""Their tables are made once, by the process from which all others here are forked."""
SIGKILLED = -signal.SIGKILL


def _ingest_until(argv: list[str], operation: int | None, total: Any) -> None:
    """Run in a process of its own, which kills itself before the given write to storage."""
    counted = 0

    def counting(name: str) -> None:
        inner = getattr(LocalFileSystem, name)

        def outer(*args: Any, **kwargs: Any) -> Any:
            nonlocal counted
            counted += 1
            if counted == operation:
                os.kill(os.getpid(), signal.SIGKILL)
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

    def start(self, output: Path, operation: int | None = None) -> Any:
        argv = ["ingest", "--input", str(self.news), "--output", str(output)]
        process = self.processes.Process(target=_ingest_until, args=(argv, operation, self.total))
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


@pytest.mark.parametrize("number", range(8))
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
