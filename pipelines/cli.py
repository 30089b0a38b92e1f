"""The ``naba`` command."""

import logging
import os
import sys
from collections.abc import Callable, Sequence

from schemas import VERSION

_USAGE = """\
usage: naba COMMAND [options]

  ingest   read Arabic news from files and feeds, and write Parquet tables by date and actor
  feeds    check a list of feeds: what each of them gives
  tag      show the actors that a text names: where, and by which rule
  actors   look up the registry of actors, and check its files

naba COMMAND --help tells the options of a command; naba --version tells the version."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status: 0 done, 1 failed, 2 wrong usage, 3 too much was refused."""
    command, *rest = [*(sys.argv[1:] if argv is None else argv)] or ["--help"]
    if command in ("--help", "-h", "help"):
        print(_USAGE)
        return 0
    if command == "--version":
        print(f"naba {VERSION}")
        return 0
    if command not in _COMMANDS:
        print(f"naba: no command '{command}'; there are: {', '.join(_COMMANDS)}", file=sys.stderr)
        return 2
    _quiet()
    try:
        return _COMMANDS[command](rest)
    except KeyboardInterrupt:  # before the command could see to it
        print("naba: interrupted" + " before anything was read" * (command == "ingest"), file=sys.stderr)
        return 130


def _printing(run: Callable[[Sequence[str]], int], argv: Sequence[str]) -> int:
    """Run a command that only prints; with status 1 if nobody reads it any more (``| head``), or the disk is full.

    The command sees to what it cannot read.
    """
    try:
        status = run(argv)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still held back goes nowhere
        if not isinstance(error, BrokenPipeError):
            print(f"naba: cannot write to standard output: {error.strerror or error}", file=sys.stderr)
        return 1
    return status


# Beam takes seconds to import: not before it is needed.


def _ingest(argv: Sequence[str]) -> int:
    from pipelines.signals import Signals

    with Signals() as signals:
        from pipelines.run import run_ingest

        signals.check()
        return run_ingest(argv, signals)


def _feeds(argv: Sequence[str]) -> int:
    from pipelines.feeds import run_feeds

    return run_feeds(argv)


def _tag(argv: Sequence[str]) -> int:
    from pipelines.tag import run_tag

    return _printing(run_tag, argv)


def _actors(argv: Sequence[str]) -> int:
    from pipelines.actors import run_actors

    return _printing(run_actors, argv)


_COMMANDS = {"ingest": _ingest, "feeds": _feeds, "tag": _tag, "actors": _actors}


def _quiet() -> None:
    """Only what a user can act upon reaches the log."""
    logging.basicConfig(level=logging.ERROR, format="naba: %(message)s", force=True)
    # It logs what is raised as well, with a traceback; run.py tells what was raised.
    logging.getLogger("apache_beam.runners.common").setLevel(logging.CRITICAL)


if __name__ == "__main__":
    sys.exit(main())
