"""A plain loop over naba's own stage functions: the same tables without Beam.

It keeps every article in memory, remembers no earlier run, commits nothing and survives no crash. What naba takes
longer than this is what Beam, staging and the commit cost.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from schemas.actors import load_registry
from schemas.article import FINGERPRINT_COLUMN, PUBLISHED_COLUMNS, Article
from schemas.item import Item
from schemas.reject import Reject, Rejected
from schemas.run import Run, WrittenFile
from transforms.deduplicate import PART_ARTICLES, Part, link_claims, read_verdict, split_claims
from transforms.judge import CONTAINED, NEAR, SEEN, VERDICT, judge_links, link
from transforms.normalize import normalize_item, reject_item
from transforms.parse import parse_document
from transforms.read import list_files, read_file
from transforms.signature import passage_keys
from transforms.similarity import SHARED, candidates, compare_pairs
from transforms.stage import CHUNK_ARTICLES, DAY, SIGNED, SignedClaims, claim_articles, sign_articles
from transforms.tag import Tagger
from transforms.tag_actors import tag_part
from transforms.write import write_part, write_rejects

LOOKBACK_DAYS = 7
_SCHEMA = pa.schema([column.remove_metadata() for column in (*PUBLISHED_COLUMNS, FINGERPRINT_COLUMN)])


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


def make_parts(articles: list[Article]) -> Iterator[Part]:
    """Judge the articles as naba judges them, and part them by day."""
    articles = sorted(articles, key=lambda article: (article.published_at, article.id))
    signed = np.zeros(len(articles), SIGNED)
    signed["claim"] = claim_articles(articles, 0)
    for start in range(0, len(articles), CHUNK_ARTICLES):
        signed["fingerprint"][start : start + CHUNK_ARTICLES] = sign_articles(articles[start : start + CHUNK_ARTICLES])
    verdicts = {
        int(verdict["row"]): verdict
        for _, packed in judge_links(0, [*link_same(signed), *link_near(signed)])
        for verdict in np.frombuffer(packed, VERDICT)
    }
    days: dict[str, list[int]] = defaultdict(list)
    for row, article in enumerate(articles):
        if row not in verdicts or verdicts[row]["kind"] != SEEN:
            days[f"{article.published_at:%Y-%m-%d}"].append(row)
    for day, rows in days.items():
        for ordinal, start in enumerate(range(0, len(rows), PART_ARTICLES)):
            part = rows[start : start + PART_ARTICLES]
            told = [articles[row] for row in part]
            columns = [
                pa.array([getattr(article, field.name) for article in told], field.type) for field in list(_SCHEMA)[:-1]
            ]
            columns.append(pa.array([each.tobytes() for each in signed["fingerprint"][part]], pa.binary()))
            duplicates = tuple(read_verdict(verdicts[row], []) if row in verdicts else None for row in part)
            yield Part(day, ordinal, pa.table(columns, _SCHEMA), duplicates)


def link_same(signed: SignedClaims) -> Iterator[bytes]:
    shards: dict[int, list[bytes]] = defaultdict(list)
    for shard, packed in split_claims(signed.tobytes()):
        shards[shard].append(packed)
    for sharded in shards.items():
        yield from link_claims(sharded, LOOKBACK_DAYS)


def link_near(signed: SignedClaims) -> Iterator[bytes]:
    keys, rows = passage_keys(signed["fingerprint"])
    met = candidates(keys, rows, signed["claim"]["published"][rows], LOOKBACK_DAYS, day=DAY)
    pairs = met.pairs[met.shared >= SHARED]
    verdicts = compare_pairs(signed["fingerprint"], pairs)
    links = link(signed["claim"][pairs[:, 0]], signed["claim"][pairs[:, 1]], NEAR)
    links["kind"][verdicts.contained], links["similarity"] = CONTAINED, verdicts.similarity
    yield links[verdicts.joined].tobytes()
