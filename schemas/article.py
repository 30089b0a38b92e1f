"""The article: an item with an identity, a date and clean text; and the ``articles`` table."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import pyarrow as pa

from schemas.entity import ENTITY
from schemas.table import TIMESTAMP, Table, column

DateSource = Literal["feed", "html", "url", "dateline", "file", "fetched"]
DateConfidence = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Article:
    """One published article, before anything is known of its rivals or its actors."""

    id: str
    guid: str | None
    source: str
    url: str | None
    canonical_url: str | None
    title: str | None
    text: str
    author: str | None
    origin_agency: str | None
    language: str | None
    published_at: datetime
    date_source: DateSource
    date_confidence: DateConfidence
    date_raw: str | None
    document: str
    position: int
    encoding: str
    encoding_repaired: bool
    content_hash: bytes
    text_hash: bytes
    folded: tuple[str, str]
    """Title and text as ``fold_text`` gives them: for the fingerprint, and in no table."""


PUBLISHED_COLUMNS: tuple[pa.Field, ...] = (
    column(
        "id",
        pa.string(),
        "Identity, 32 hex digits: of the canonical URL unless entries of a feed share it, else of guid and source, "
        "else of the text.",
    ),
    column("guid", pa.string(), "The id as published by the feed or file.", nullable=True),
    column(
        "source",
        pa.string(),
        "The outlet: as the record or list of feeds names it, else the feed's host or title, else the file or folder.",
    ),
    column("url", pa.string(), "The link as published.", nullable=True),
    column(
        "canonical_url", pa.string(), "The link without trackers, session ids and variants of the host.", nullable=True
    ),
    column("title", pa.string(), "The headline, verbatim less markup and invisible characters.", nullable=True),
    column(
        "text", pa.string(), "The body, verbatim less markup and invisible characters; paragraphs end in a line feed."
    ),
    column("author", pa.string(), "The byline as published.", nullable=True),
    column(
        "origin_agency",
        pa.string(),
        "The news agency a report comes from, where its byline, dateline or attribution says so.",
        nullable=True,
    ),
    column("language", pa.string(), "The language as declared by the feed or page.", nullable=True),
    column("published_at", TIMESTAMP, "When it was published, UTC; its day is the partition `date`."),
    column(
        "date_source", pa.string(), "What `published_at` was read from: feed, html, url, dateline, file or fetched."
    ),
    column(
        "date_confidence",
        pa.string(),
        "high: day, time and zone; medium: a day, or no zone; low: inferred from the file or fetch.",
    ),
    column(
        "date_raw",
        pa.string(),
        "The words the date was read from; if it is the time of the file or fetch, those that could not be read, "
        "or null.",
        nullable=True,
    ),
    column("document", pa.string(), "The file or feed the item was read from."),
    column("position", pa.int32(), "Where in `document`: the line of a record, else the ordinal of an entry, from 1."),
    column("encoding", pa.string(), "The encoding the document was read in."),
    column("encoding_repaired", pa.bool_(), "Whether that is another encoding than the one declared."),
    column("content_hash", pa.binary(16), "Of the folded title and text: equal for equal content."),
    column(
        "text_hash",
        pa.binary(16),
        "Of the folded text: equal for reprints under another headline, unless the text is very short.",
    ),
)
"""The fields of ``Article``, in its order, but ``folded``."""

ACTOR = pa.struct(
    [
        pa.field("actor", pa.string(), nullable=False),
        pa.field("count", pa.int32(), nullable=False),
        pa.field("salience", pa.float32(), nullable=False),
        pa.field("rank", pa.int32(), nullable=False),
        pa.field("is_principal", pa.bool_(), nullable=False),
        pa.field("roles", pa.list_(pa.string()), nullable=False),
    ]
)

FINGERPRINT_COLUMN = column(
    "fingerprint",
    pa.binary(),
    "Hashes of its phrases, names and numbers, by which later articles are compared with it.",
)

ARTICLE_COLUMNS: tuple[pa.Field, ...] = (
    *PUBLISHED_COLUMNS,
    FINGERPRINT_COLUMN,
    column(
        "actors", pa.list_(ACTOR), "The actors referred to, most salient first; the fields are those of `mentions`."
    ),
    column("principal_actors", pa.list_(pa.string()), "Codes of the actors the article is about."),
    column(
        "entities",
        pa.list_(ENTITY),
        "Names a model found (`--ner`), in order, title first; empty: it found none; null: none was asked.",
        nullable=True,
    ),
    column("run_id", pa.string(), "The run that wrote the row."),
    column("ingested_at", TIMESTAMP, "When that run began, UTC."),
)

ARTICLES = Table(
    "articles",
    pa.schema(ARTICLE_COLUMNS),
    ("date",),
    "One row per article that naba had not told before.",
)
