"""Ctrl-C and SIGTERM: the first ends a run in order, and those after it do not disturb the clearing up."""

import signal
from types import TracebackType
from typing import Self

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Signals:
    """Within it each signal raises ``KeyboardInterrupt``, until the first is seen to.

    Once one has come the process is ending: they stay ignored. A signal that is ignored from the start, as a shell
    has it for what runs in the background, remains so.
    """

    def __init__(self) -> None:
        self.came = False
        self._before = {number: signal.getsignal(number) for number in SIGNALS}

    def __enter__(self) -> Self:
        for number, before in self._before.items():
            if before != signal.SIG_IGN:
                signal.signal(number, self._interrupt)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.came:
            self.ignore()
            if isinstance(error, Exception):  # what a library made of the interruption
                raise KeyboardInterrupt from error
            return
        for number, before in self._before.items():
            signal.signal(number, before)

    def _interrupt(self, _signal: int, _frame: object) -> None:
        self.came = True
        raise KeyboardInterrupt

    def check(self) -> None:
        """Raise ``KeyboardInterrupt`` if one has come: a bare ``except`` of a library may have swallowed it."""
        if self.came:
            raise KeyboardInterrupt

    def ignore(self) -> None:
        """Let none disturb from here on."""
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
