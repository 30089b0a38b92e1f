"""Feeds from bytes to items: naba beside feedparser as it comes, and feedparser told to leave the markup alone."""

import argparse
import gc
import html
import io
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import islice

import feedparser

from benchmarks.corpus import Record, invent_articles
from benchmarks.measure import noise
from schemas.document import Document
from schemas.item import Item
from transforms.parse import parse_document

ENTRIES = 100
TARGET = 5.0
"""How many times as fast as feedparser's defaults naba must be on full content."""
NOW = datetime(2025, 4, 1, tzinfo=UTC)
NAMESPACES = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'


@dataclass(frozen=True, slots=True)
class Timed:
    """One arm reading all feeds of a kind once."""

    feed: str
    arm: str
    entries: int
    cpu: float


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parse", description=__doc__)
    parser.add_argument("--feeds", type=int, default=20, metavar="N", help=f"feeds of {ENTRIES} entries a time (20)")
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="how often each arm is timed (5)")
    options = parser.parse_args(argv)
    timed = list(run_arms(options.feeds, options.repeat))
    print(tabulate(timed))
    return 0


def run_arms(count: int, repeat: int) -> Iterator[Timed]:
    """Time every arm on every kind of feed, in turn; every other time in reverse order."""
    records = list(islice(distinct(invent_articles(count * ENTRIES * 2)), count * ENTRIES))
    parts = [records[start : start + ENTRIES] for start in range(0, len(records), ENTRIES)]
    feeds = {kind: [write(part).encode() for part in parts] for kind, write in KINDS.items()}
    for kind, contents in feeds.items():
        size = sum(map(len, contents)) / len(contents)
        print(f"{kind}: {len(contents)} feeds of {ENTRIES} entries, {size / 1e3:.0f} kB each; {noise()}")
        check(contents[0])
    for turn in range(repeat):
        for kind, contents in feeds.items():
            for arm in list(ARMS)[:: -1 if turn % 2 else 1]:
                yield Timed(kind, arm, *clock(ARMS[arm], contents))


def clock(read: Callable[[bytes], int], contents: Sequence[bytes]) -> tuple[int, float]:
    """How many entries an arm found, and the seconds of CPU it took."""
    gc.collect()  # what the arm before left behind is not this one's to clear
    started = time.process_time()
    entries = sum(map(read, contents))
    return entries, time.process_time() - started


def tabulate(timed: Sequence[Timed]) -> str:
    """Entries a CPU second, each arm at its best, and how many times as fast as each other arm naba is."""
    lines = ["", "{:16}{:34}{:>10}{:>16}{:>10}".format("feed", "", "entries", "per CPU s", "naba is")]
    for kind in KINDS:
        for arm in ARMS:
            runs = [run for run in timed if (run.feed, run.arm) == (kind, arm)]
            best = min(run.cpu for run in runs)
            lines.append(
                f"{kind:16}{arm:34}{runs[0].entries:10,}{runs[0].entries / best:16,.0f}{ratio(timed, kind, arm):9.1f}x"
            )
    reached = all(ratio(timed, kind, DEFAULTS) >= TARGET for kind in KINDS if kind.endswith("full"))
    lines += ["", f"target: {TARGET:.0f}x feedparser's defaults on full content: {'reached' if reached else 'MISSED'}"]
    return "\n".join(lines)


def ratio(timed: Sequence[Timed], kind: str, arm: str) -> float:
    """How many times as fast as ``arm`` naba is, each at its best: what disturbs a run only makes it slower."""

    def best(name: str) -> float:
        return min(run.cpu for run in timed if (run.feed, run.arm) == (kind, name))

    return best(arm) / best(NABA)


def read_by_naba(content: bytes) -> int:
    return sum(isinstance(outcome, Item) for outcome in parse_document(Document("feed.xml", content, NOW)))


def read_by_feedparser(content: bytes) -> int:
    return len(feedparser.parse(io.BytesIO(content)).entries)


def read_by_feedparser_raw(content: bytes) -> int:
    return len(feedparser.parse(io.BytesIO(content), sanitize_html=False, resolve_relative_uris=False).entries)


NABA = "naba"
DEFAULTS = "feedparser"
ARMS: dict[str, Callable[[bytes], int]] = {
    NABA: read_by_naba,
    DEFAULTS: read_by_feedparser,
    "feedparser, markup left alone": read_by_feedparser_raw,
}


def check(content: bytes) -> None:
    """All arms find the same entries, and naba finds the text in them."""
    items = [outcome for outcome in parse_document(Document("feed.xml", content, NOW)) if isinstance(outcome, Item)]
    theirs = feedparser.parse(io.BytesIO(content)).entries
    assert len(items) == ENTRIES
    assert [(item.title, item.url, item.guid) for item in items] == [(e.title, e.link, e.id) for e in theirs]
    assert all(item.text and "<" not in item.text and item.dates for item in items)


def distinct(records: Iterator[Record]) -> Iterator[Record]:
    """Without repeats, as no feed tells an entry twice."""
    seen = set[str]()
    for record in records:
        if record["id"] not in seen:
            seen.add(record["id"])
            yield record


def as_html(record: Record) -> str:
    """A body as content systems write it: paragraphs, a picture, a link, a tracking pixel."""
    first, *rest = record["text"].split("\n")
    picture = f'<figure><img src="{record["url"]}/a.jpg?w=800&amp;h=450" alt="صورة أرشيفية" width="800"/></figure>'
    link = f'<p><a href="{record["url"]}" target="_blank" rel="nofollow">اقرأ أيضا: {record["title"]}</a></p>'
    paragraphs = "".join(f'<p style="text-align: right;">{html.escape(line)}&nbsp;</p>\n' for line in rest)
    pixel = f'<img src="https://stats.example/p.gif?id={record["id"]}" width="1" height="1" alt=""/>'
    return f"<p><strong>{html.escape(first)}</strong></p>\n{picture}{paragraphs}{link}{pixel}"


def write_rss(records: Sequence[Record]) -> str:
    """RSS 2.0 with content:encoded in CDATA, as WordPress writes it."""
    return _rss(records, lambda record: f"<content:encoded><![CDATA[{as_html(record)}]]></content:encoded>")


def write_summaries(records: Sequence[Record]) -> str:
    """RSS 2.0 with the first paragraph alone."""
    return _rss(records, lambda _: "")


def _rss(records: Sequence[Record], body: Callable[[Record], str]) -> str:
    items = "\n".join(
        f"<item><title>{html.escape(record['title'])}</title><link>{record['url']}</link>"
        f"<dc:creator><![CDATA[{record['author']}]]></dc:creator>"
        f"<pubDate>{format_datetime(datetime.fromisoformat(record['date']))}</pubDate>"
        f'<category><![CDATA[أخبار]]></category><guid isPermaLink="false">{record["id"]}</guid>'
        f"<description><![CDATA[<p>{html.escape(record['text'].partition(chr(10))[0])}</p>]]></description>"
        f"{body(record)}</item>"
        for record in records
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {NAMESPACES}><channel><title>النشرة</title>'
        f"<link>https://news.example/</link><language>ar</language>\n{items}\n</channel></rss>\n"
    )


def write_atom(records: Sequence[Record]) -> str:
    """Atom 1.0 with escaped HTML."""
    entries = "\n".join(
        f"<entry><title>{html.escape(record['title'])}</title><id>{record['id']}</id>"
        f'<link rel="alternate" type="text/html" href="{record["url"]}"/>'
        f"<author><name>{record['author']}</name></author>"
        f"<published>{record['date']}</published><updated>{record['date']}</updated>"
        f'<content type="html">{html.escape(as_html(record))}</content></entry>'
        for record in records
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ar">'
        f'<title>النشرة</title><link href="https://news.example/"/><id>urn:f</id>\n{entries}\n</feed>\n'
    )


KINDS: dict[str, Callable[[Sequence[Record]], str]] = {
    "RSS, full": write_rss,
    "Atom, full": write_atom,
    "RSS, summaries": write_summaries,
}


if __name__ == "__main__":
    sys.exit(main())
