"""Commit a run: from staging to the tables, all or nothing, whatever kills it on the way.

The files of a run lie complete in ``_staging/<run>/``. Writing ``manifest.json`` beside them is the commit: from
then on they belong to the tables, and moving them to their places is only carried out, by this run or, if it
dies, by the next (``recover``). Staging without a manifest is what a run left that died earlier; it is deleted.
"""

import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, NamedTuple, TypeVar

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems

from schemas import VERSION
from schemas.actors import load_registry
from schemas.feed_state import FeedState
from schemas.run import Manifest, Poll, Run, Tally, WrittenFile, balance
from transforms.feed_state import save_state
from transforms.storage import read_bytes, write_text

T = TypeVar("T")

_BATCH = 500
"""Files moved or deleted by one call: object stores take lists of about this length."""


class Uncommitted(NamedTuple):
    """All that a commit takes."""

    files: beam.PCollection[WrittenFile]
    tallies: beam.PCollection[Tally]
    polls: beam.PCollection[Poll]


@dataclass
class CommitRun(beam.PTransform):
    """Check the balance and commit: the last step of the graph. Gives the path of the run's manifest."""

    run: Run
    options: dict[str, object]

    def expand(self, written: Uncommitted) -> beam.PCollection[str]:
        files, tallies, polls = written
        return (
            {
                "files": files | "File" >> beam.WithKeys(lambda _: None),
                "tallies": tallies | "Tally" >> beam.WithKeys(lambda _: None),
                "polls": polls | "Poll" >> beam.WithKeys(lambda _: None),
                # Without this a run that read nothing would have no element here, and so no manifest.
                "always": files.pipeline | "Always" >> beam.Create([(None, None)]),
            }
            | "Gather" >> beam.CoGroupByKey()
            | "Commit" >> beam.MapTuple(self._commit)
        )

    def _commit(self, _key: None, gathered: dict[str, Iterable[Any]]) -> str:
        counts, sources = balance(gathered["tallies"])
        files = sorted(gathered["files"], key=lambda file: file.path)
        manifest = Manifest(
            self.run.id,
            self.run.started_at.isoformat(),
            versions(uses_model=self.options.get("ner_model") is not None),
            self.options,
            counts,
            sources,
            files,
            sorted(set(_former_files(self.run)) - {file.path for file in files}),
            sorted(gathered["polls"], key=lambda poll: poll.url),
        )
        commit(self.run, manifest)
        return self.run.manifest


def versions(*, uses_model: bool) -> dict[str, str]:
    """What a row depends on beside its input."""
    names = ("apache-beam", "camel-tools", "feedparser", "pyarrow", *(("torch", "transformers") if uses_model else ()))
    libraries = {name: version(name) for name in names}
    return {"naba": VERSION, "actors": load_registry().version, "python": platform.python_version(), **libraries}


def commit(run: Run, manifest: Manifest) -> None:
    """Make a run's staged files part of the tables. Once this has written the manifest, nothing can undo it."""
    write_text(f"{run.staging}/manifest.json", manifest.to_json())
    roll_forward(run.output, manifest)
    discard(run.output)


def recover(output: str) -> list[str]:
    """Finish the commits that a crash interrupted, and delete what never came to a commit.

    Returns a line for each run found. Must not run beside another run on the same output.
    """
    told = []
    for run_id in _staged_runs(output):
        path = f"{output}/_staging/{run_id}/manifest.json"
        if FileSystems.exists(path):
            roll_forward(output, Manifest.from_json(read_bytes(path)))
            told.append(f"run {run_id} was interrupted while it was committed: finished")
        else:
            told.append(f"run {run_id} was interrupted before it was committed: its staged files are deleted")
    discard(output)
    return told


def discard(output: str) -> None:
    """Delete all that is staged."""
    folder = f"{output}/_staging"
    if FileSystems.exists(folder):
        FileSystems.delete([folder])
    elif FileSystems.match([f"{folder}/**"], limits=[1])[0].metadata_list:
        FileSystems.delete([f"{folder}/"])  # an object store has no folders, but knows by the slash what is meant


def roll_forward(output: str, manifest: Manifest) -> None:
    """Move the files of a committed run to their places. May be repeated after any interruption."""
    staged = f"{output}/_staging/{manifest.run_id}/tables"
    left = [file.path for file in manifest.files if FileSystems.exists(f"{staged}/{file.path}")]
    for path in {file.path for file in manifest.files}.difference(left):
        if not FileSystems.exists(f"{output}/{path}"):
            raise FileNotFoundError(f"{path} of the committed run {manifest.run_id} is neither staged nor in its place")
    _move([(f"{staged}/{path}", f"{output}/{path}") for path in left])
    for paths in _batches([f"{output}/{path}" for path in manifest.replaced]):
        present = [path for path in paths if FileSystems.exists(path)]
        if present:
            FileSystems.delete(present)
    for poll in manifest.polls:
        if poll.state:
            save_state(feed_states(output), FeedState.from_json(poll.state.encode()))
    write_text(f"{output}/runs/{manifest.run_id}.json", manifest.to_json())


def feed_states(output: str) -> str:
    """The folder of what is remembered of feeds between polls."""
    return f"{output}/state"


def _former_files(run: Run) -> list[str]:
    """Files of an earlier run of the same id."""
    if not FileSystems.exists(run.manifest):
        return []
    return [file.path for file in Manifest.from_json(read_bytes(run.manifest)).files]


def _staged_runs(output: str) -> list[str]:
    prefix = f"{output}/_staging/"
    found = FileSystems.match([f"{prefix}**"])[0].metadata_list
    return sorted({file.path[len(prefix) :].split("/")[0] for file in found})


def _move(moves: list[tuple[str, str]]) -> None:
    for folder in sorted({final.rsplit("/", 1)[0] for _, final in moves}):
        if not FileSystems.exists(folder):
            FileSystems.mkdirs(folder)
    for batch in _batches(moves):
        FileSystems.rename([staged for staged, _ in batch], [final for _, final in batch])


def _batches(items: list[T]) -> Iterator[list[T]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
