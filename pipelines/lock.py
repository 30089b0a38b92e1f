"""One run at a time on one output."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from apache_beam.io.filesystems import FileSystems

from schemas.run import Run


class OutputInUseError(Exception):
    """Another run holds the output."""


class OutputNotWritableError(Exception):
    """The output folder cannot be made or written to."""


@contextmanager
def locked(run: Run) -> Iterator[None]:
    """Hold the output of a run; the lock falls with the process, however it ends.

    Only local folders can be locked. On an object store the scheduler must see to it that runs do not overlap
    (docs/decisions/0001-claims-and-commit.md).

    Errors: ``OutputInUseError``, ``OutputNotWritableError``.
    """
    if FileSystems.get_scheme(run.output) is not None:
        yield
        return
    path = Path(run.output, ".naba.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as error:
        raise OutputNotWritableError(f"cannot write to --output {run.output}: {error.strerror}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise OutputInUseError(
                f"{file.read().strip() or 'another run'} is writing to {run.output}; wait for it to end, then run again"
            ) from None
        file.truncate(0)
        file.write(f"run {run.id} (process {os.getpid()})")
        file.flush()
        yield
