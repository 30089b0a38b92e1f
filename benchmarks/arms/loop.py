"""A plain loop over naba's own stage functions: the same tables without Beam.

It keeps every article in memory, remembers no earlier run, commits nothing and survives no crash. What naba takes
longer than this is what Beam, staging and the commit cost.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from schemas.actors import load_registry
from schemas.article import PUBLISHED_COLUMNS, Article
from schemas.duplicate import Duplicate, DuplicateKind
from schemas.item import Item
from schemas.reject import Reject, Rejected
from schemas.run import Run, WrittenFile
from transforms.deduplicate import PART_ARTICLES, Part
from transforms.normalize import normalize_item, reject_item
from transforms.parse import parse_document
from transforms.read import list_files, read_file
from transforms.tag import Tagger
from transforms.tag_actors import tag_part
from transforms.write import write_part, write_rejects

LOOKBACK = timedelta(days=7)
_SCHEMA = pa.schema([column.remove_metadata() for column in PUBLISHED_COLUMNS])


@dataclass
class _Story:
    """What counts as one article: the canonical one, and what has been told of it."""

    canonical: Article
    last: datetime
    contents: set[tuple[str, bytes]] = field(default_factory=set)


def run(source: str, output: str) -> int:
    job = Run("benchmark", output, datetime.now(UTC))
    tagger = Tagger(load_registry())
    articles: list[Article] = []
    rejects: dict[str, list[Reject]] = defaultdict(list)
    for outcome in read(source):
        if isinstance(outcome, Reject):
            rejects[f"{outcome.arrived_at:%Y-%m-%d}"].append(outcome)
        else:
            articles.append(outcome)
    files = [file for part in make_parts(articles) for file in write_part(tag_part(tagger, part), job)]
    files += [file for of_day in rejects.items() for file in write_rejects(of_day, job)]
    for table in os.listdir(f"{job.staging}/tables"):
        os.rename(f"{job.staging}/tables/{table}", f"{output}/{table}")
    return sum(file.rows for file in files if isinstance(file, WrittenFile) and file.table == "articles")


def read(source: str) -> Iterator[Article | Reject]:
    for path in list_files(source):
        for document in read_file(path):
            for item in [document] if isinstance(document, Reject) else parse_document(document):
                yield normalize(item)


def normalize(item: Item | Reject) -> Article | Reject:
    if isinstance(item, Reject):
        return item
    try:
        return normalize_item(item)
    except Rejected as refusal:
        return reject_item(item, refusal)


def make_parts(articles: Iterable[Article]) -> Iterator[Part]:
    """Judge the articles by the keys that naba judges them by, and part them by day."""
    days: dict[str, list[tuple[Article, Duplicate | None]]] = defaultdict(list)
    by_id: dict[str, _Story] = {}
    by_text: dict[bytes, _Story] = {}
    for article in sorted(articles, key=lambda article: (article.published_at, article.id)):
        story = by_id.get(article.id) or by_text.get(article.text_hash)
        if story is None or (article.id not in by_id and article.published_at - story.last > LOOKBACK):
            story = _Story(article, article.published_at)
        by_id[article.id] = by_text[article.text_hash] = story
        story.last = article.published_at
        content = (article.id, article.content_hash)
        if content not in story.contents:
            story.contents.add(content)
            days[f"{article.published_at:%Y-%m-%d}"].append((article, judge(article, story.canonical)))
    for day, rows in days.items():
        for ordinal, start in enumerate(range(0, len(rows), PART_ARTICLES)):
            told, duplicates = zip(*rows[start : start + PART_ARTICLES], strict=True)
            columns = [pa.array([getattr(article, f.name) for article in told], f.type) for f in _SCHEMA]
            yield Part(day, ordinal, pa.table(columns, _SCHEMA), duplicates)


def judge(article: Article, canonical: Article) -> Duplicate | None:
    if article is canonical:
        return None
    kind: DuplicateKind = "revision" if article.id == canonical.id else "same-text"
    return Duplicate(canonical.id, kind, 1.0 if article.text_hash == canonical.text_hash else None)
