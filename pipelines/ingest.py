"""Feeds and files in, Parquet by date and actor out: the graph.

Document ─ParseDocuments─► Item ─NormalizeItems─► Article ─StageArticles─► signed claims
─Deduplicate─► Part ─RecognizeEntities─► Part ─TagActors─► TaggedPart ─WriteTables─► files ─CommitRun─► manifest
refused anywhere on the way: Reject ─WriteRejects─► files
"""

import sys

import apache_beam as beam

from pipelines.options import IngestOptions
from schemas.run import Run
from transforms.commit import CommitRun, Uncommitted, feed_states
from transforms.deduplicate import Deduplicate
from transforms.normalize import NormalizeItems
from transforms.parse import ParseDocuments
from transforms.poll import PolledFeeds, PollFeeds
from transforms.read import ReadFiles
from transforms.recognize import RecognizeEntities
from transforms.stage import StageArticles
from transforms.tag_actors import TagActors
from transforms.tally import TallySources
from transforms.write import WriteRejects, WriteTables


def ingest(p: beam.Pipeline, options: IngestOptions, run: Run) -> None:
    """Build the graph of one run."""
    news = read_news(p, options, run)
    normalized = news.items | NormalizeItems()
    judged = normalized.articles | StageArticles(run) | Deduplicate(run, options.lookback_days)
    written = judged.parts | RecognizeEntities(options.ner_model) | TagActors() | WriteTables(run)
    rejects = (news.rejects, normalized.rejects) | "Refused" >> beam.Flatten() | WriteRejects(run)

    # Items are tallied apart from rejects: a Flatten would carry their text out of the worker.
    told = (news.items | TallySources("read"), news.rejects | "TallyRejects" >> TallySources("read"), news.seen)
    tallies = (*told, judged.tallies, written.tallies, rejects.tallies) | "Tallies" >> beam.Flatten()
    files = (written.files, rejects.files) | "Files" >> beam.Flatten()
    _ = Uncommitted(files, tallies, news.polls) | CommitRun(run, options.told())


def read_news(p: beam.Pipeline, options: IngestOptions, run: Run) -> PolledFeeds:
    """Items of files, of feeds, or of both."""
    feeds: PolledFeeds = p | PollFeeds(
        options.listed_feeds(), feed_states(run.output), options.fetching(), options.fetch_articles
    )
    if not options.input:
        return feeds
    read = p | ReadFiles(tuple(options.input))
    parsed = read.documents | ParseDocuments(options.fields)
    rejects = (feeds.rejects, read.rejects, parsed.rejects) | "Unread" >> beam.Flatten()
    # Without feeds there is no Flatten: it would carry the text of every item out of the worker.
    items = (feeds.items, parsed.items) | "Items" >> beam.Flatten() if options.listed_feeds() else parsed.items
    return PolledFeeds(items, rejects, feeds.polls, feeds.seen)


if __name__ == "__main__":
    from pipelines.cli import main

    sys.exit(main(["ingest", *sys.argv[1:]]))
