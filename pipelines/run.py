"""Carry out one ingestion: lock the output, mend what a crash left, run the graph, tell what came of it."""

import errno
import os
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import StandardOptions

from pipelines.ingest import ingest
from pipelines.lock import OutputInUseError, OutputNotWritableError, locked
from pipelines.options import IngestOptions, UsageError, parse_options
from pipelines.progress import progress
from pipelines.signals import Signals
from pipelines.unnamed_fields import unnamed_fields
from schemas.actors import RegistryError
from schemas.reject import Rejected
from schemas.run import Manifest, Run, UnbalancedRunError
from transforms.addresses import check_url
from transforms.commit import discard, recover
from transforms.parse_fields import missing_fields
from transforms.read import list_files
from transforms.remember import read_columns
from transforms.storage import read_bytes

DONE, FAILED, WRONG_USAGE, TOO_MANY_REJECTS = range(4)
INTERRUPTED = 128 + signal.SIGINT

_REASONS = 3
_LONGEST_EXAMPLE = 300
_RETIRED = ("gone", "retired")


class StorageError(Exception):
    """Reading or writing failed for a reason that lies outside naba."""


def run_ingest(argv: Sequence[str], signals: Signals) -> int:
    """``naba ingest``. Returns the exit status. Errors: ``KeyboardInterrupt`` before the run has begun."""
    try:
        options = parse_options(argv)
        FileSystems.set_options(options)  # as a pipeline does: what an earlier run left is mended before there is one
        _check_inputs(options)
        run = Run(options.run_id, options.output, datetime.now(UTC))
        with locked(run):
            for line in recover(run.output):
                _tell(line)
            if options.listed_feeds() and FileSystems.exists(run.manifest):
                # What feeds gave cannot be read again: to repeat the run would replace it by nothing.
                _tell(
                    f"run {run.id} is done already, and feeds are not asked twice under one id; this is what it did."
                    " To ask them again, leave out --run_id or give another"
                )
                return _report(Manifest.from_json(read_bytes(run.manifest)), options, run)
            return _carry_out(options, run, signals)
    except (UsageError, OutputNotWritableError) as error:
        _tell(f"{error}\n      'naba ingest --help' tells all options")
        return WRONG_USAGE
    except (OutputInUseError, RegistryError, StorageError, UnbalancedRunError) as error:
        _tell(str(error))
        return FAILED
    except OSError as error:  # of the storage, before or after the graph
        _tell(f"failed: {_strerror(error)}")
        return FAILED


def _check_inputs(options: IngestOptions) -> None:
    try:
        for feed in options.listed_feeds():
            check_url(feed.url)
    except Rejected as refusal:
        raise UsageError(refusal.message) from None
    except OSError as error:
        raise UsageError(
            f"--feeds: {error.strerror or error}{f': {error.filename}' if error.filename else ''}"
        ) from None
    output = os.path.abspath(options.output)
    for pattern in options.input:
        if not list_files(pattern):
            if os.path.isdir(pattern):
                raise UsageError(f"--input {pattern}: the folder holds no file")
            raise UsageError(f"--input {pattern}: no such file, and nothing there that matches")
        if os.path.isdir(pattern) and f"{output}/".startswith(f"{os.path.abspath(pattern)}/"):
            raise UsageError(f"--output {options.output} lies within --input {pattern}: naba would read its own tables")
    for line in missing_fields((path for pattern in options.input for path in list_files(pattern)), options.fields):
        _tell(line)


def _carry_out(options: IngestOptions, run: Run, signals: Signals) -> int:
    try:
        return _run_graph(options, run, signals)
    except KeyboardInterrupt:
        signals.ignore()
        where = _where_it_stands(run)
        _clear(run)
        _tell(f"interrupted. {where}")
        return INTERRUPTED


def _run_graph(options: IngestOptions, run: Run, signals: Signals) -> int:
    try:
        pipeline = beam.Pipeline(options=options)
    except (ValueError, ImportError, AttributeError) as error:  # what Beam says of a runner it cannot make
        raise UsageError(f"--runner {options.view_as(StandardOptions).runner}: {error}") from None
    ingest(pipeline, options, run)
    signals.check()
    try:
        with progress(run):
            result = pipeline.run()
            if options.view_as(StandardOptions).no_wait_until_finish:
                print(f"run {run.id} is under way; when it is done, {run.manifest} tells what came of it")
                return DONE
            result.wait_until_finish()
    except RuntimeError as error:  # what runners wrap the failure of a worker in
        signals.check()  # it reached the worker first
        failure = _reason(error, run)
        _clear(run)
        raise failure from error
    signals.check()
    manifest = Manifest.from_json(read_bytes(run.manifest))
    for line in _notices(manifest, options, run):
        _tell(line)
    return _report(manifest, options, run)


def _notices(manifest: Manifest, options: IngestOptions, run: Run) -> list[str]:
    """What its new articles may lack. The run is committed: what cannot be read now costs the notice alone."""
    if not options.input:
        return []
    try:
        return list(unnamed_fields(manifest, run, options.fields))
    except OSError as error:
        return [f"the names of fields were not looked at: {_strerror(error)}"]


def _is_committed(run: Run) -> bool:
    return bool(FileSystems.exists(f"{run.staging}/manifest.json"))


def _is_done(run: Run) -> bool:
    """Whether all of it is in its place; the manifest there may be of an earlier run of the id."""
    if not FileSystems.exists(run.manifest):
        return False
    return Manifest.from_json(read_bytes(run.manifest)).started_at == run.started_at.isoformat()


def _where_it_stands(run: Run) -> str:
    if _is_done(run):
        return f"It came too late: run {run.id} is committed, and all of its files are in place."
    if _is_committed(run):
        return f"Run {run.id} is committed, but not all of its files are in place: the next run puts them there."
    return f"Nothing of run {run.id} was committed; the tables are as they were. Run again to start afresh."


def _clear(run: Run) -> None:
    """Delete what a run that failed here has staged. On an object store its workers may still be at it."""
    if (_is_done(run) or not _is_committed(run)) and FileSystems.get_scheme(run.output) is None:
        discard(run.output)


def _reason(error: BaseException, run: Run) -> BaseException:
    """The failure that a runner's error stands for: one of storage or of the balance, or else a bug, as it is."""
    cause: BaseException | None = error
    while cause:
        if isinstance(cause, OSError):
            return StorageError(f"failed: {_strerror(cause)}\n      {_where_it_stands(run)}")
        if isinstance(cause, UnbalancedRunError):
            return cause
        cause = cause.__cause__ or cause.__context__
    return error


def _strerror(error: OSError) -> str:
    hint = "; free some space" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
    return f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}{hint}"


def _report(manifest: Manifest, options: IngestOptions, run: Run) -> int:
    print(summarize(manifest, run))
    if manifest.reject_ratio > options.max_reject_ratio:
        why = (
            f"{manifest.reject_ratio:.0%} of what was read was refused, more than --max_reject_ratio "
            f"{options.max_reject_ratio:g} allows. All else is committed"
            if manifest.counts["read"] > manifest.counts.get("failed_requests", 0)
            else "every feed that was asked failed"
        )
        _tell(f"{why}; {run.output}/rejects tells why:")
        try:
            lines = commonest_refusals(manifest, run)
        except OSError as error:  # of the storage, and too late to make the run fail
            lines = [f"which cannot be read now: {_strerror(error)}"]
        for line in lines:
            print(f"      {line}", file=sys.stderr)
        return TOO_MANY_REJECTS
    return DONE


def commonest_refusals(manifest: Manifest, run: Run) -> list[str]:
    """A line for each of the commonest reasons for which this run refused anything, with one example."""
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for file in manifest.files:
        if file.table == "rejects":
            rejects = read_columns(f"{run.output}/{file.path}", ["reason", "message", "document"]).to_pylist()
            counts.update(reject["reason"] for reject in rejects)
            examples = {reject["reason"]: f"{reject['document']}: {reject['message']}" for reject in rejects} | examples
    lines = [f"{count:,} {reason}, as {_short(examples[reason])}" for reason, count in counts.most_common(_REASONS)]
    others = len(counts) - len(lines)
    if others:
        lines.append(f"and {others} other reason{'s' * (others > 1)}")
    return lines or ["all of it had been refused before, and is there from an earlier run"]


def _short(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= _LONGEST_EXAMPLE else f"{line[:_LONGEST_EXAMPLE]}…"


def summarize(manifest: Manifest, run: Run) -> str:
    """What came of a run, in a few lines."""
    counts = manifest.counts
    lines = [
        f"run {run.id}: {counts['read']:,} read = {counts['articles']:,} articles + {counts['duplicates']:,} duplicates"
        f" + {counts['seen']:,} seen + {counts['rejects']:,} rejects"
    ]
    tables = Counter(file.table for file in manifest.files)
    written = ", ".join(f"{count:,} in {table}" for table, count in sorted(tables.items()))
    none = "none, all of it was there already" if counts["read"] else "none"
    lines.append(f"files written under {run.output}: {written or none}")
    if manifest.polls:
        outcomes = Counter(poll.outcome for poll in manifest.polls).most_common()
        lines.append("requests: " + ", ".join(f"{count:,} {outcome}" for outcome, count in outcomes))
        lines += [f"  retired: {poll.url} {poll.message}" for poll in manifest.polls if poll.outcome in _RETIRED]
    if manifest.replaced:
        lines.append(f"files of the former run {run.id} removed: {len(manifest.replaced):,}")
    return "\n".join(lines)


def _tell(message: str) -> None:
    print(f"naba: {message}", file=sys.stderr)
