"""Files in, Parquet by date and actor out: the graph.

Document ─ParseDocuments─► Item ─NormalizeItems─► Article ─StageArticles─► claims
─Deduplicate─► Part ─TagActors─► TaggedPart ─WriteTables─► files ─CommitRun─► manifest
refused anywhere on the way: Reject ─WriteRejects─► files
"""

import sys

import apache_beam as beam

from pipelines.options import IngestOptions
from schemas.run import Run
from transforms.commit import CommitRun
from transforms.deduplicate import Deduplicate
from transforms.normalize import NormalizeItems
from transforms.parse import ParseDocuments
from transforms.read import ReadFiles
from transforms.stage import StageArticles
from transforms.tag_actors import TagActors
from transforms.tally import TallySources
from transforms.write import WriteRejects, WriteTables


def ingest(p: beam.Pipeline, options: IngestOptions, run: Run) -> None:
    """Build the graph of one run."""
    read = p | ReadFiles(tuple(options.input))
    parsed = read.documents | ParseDocuments(options.fields)
    normalized = parsed.items | NormalizeItems()
    judged = normalized.articles | StageArticles(run) | Deduplicate(run, options.lookback_days)
    written = judged.parts | TagActors() | WriteTables(run)

    unread = (read.rejects, parsed.rejects) | "Unread" >> beam.Flatten()
    rejects = (unread, normalized.rejects) | "Refused" >> beam.Flatten() | WriteRejects(run)

    # Items are tallied apart from rejects: a Flatten would carry their text out of the worker.
    told = (parsed.items | TallySources("read"), unread | "TallyUnread" >> TallySources("read"))
    tallies = (*told, judged.seen, written.tallies, rejects.tallies) | "Tallies" >> beam.Flatten()
    files = (written.files, rejects.files) | "Files" >> beam.Flatten()
    _ = (files, tallies) | CommitRun(run, options.told())


if __name__ == "__main__":
    from pipelines.cli import main

    sys.exit(main(["ingest", *sys.argv[1:]]))
