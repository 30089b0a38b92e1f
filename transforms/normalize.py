"""Normalise items: from what was published to an article with an identity, a date and clean text."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Literal, NamedTuple

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput

from schemas.article import Article
from schemas.item import Item
from schemas.reject import PAYLOAD_LIMIT, Reject, Rejected
from transforms.agency import origin_agency
from transforms.dates import resolve_date
from transforms.fold import clean_and_fold, clean_text
from transforms.identity import article_id, identify, own_name

TELLING_WORDS = 5
"""Below this many words a text says too little to make two articles one."""
SHORT_WORDS = 20
"""Below this many words a text makes two articles one only together with its headline."""


class NormalizedItems(NamedTuple):
    """What normalising yields."""

    articles: beam.PCollection[Article]
    rejects: beam.PCollection[Reject]


@dataclass
class NormalizeItems(beam.PTransform):
    """Make articles of items."""

    def expand(self, items: beam.PCollection[Item]) -> NormalizedItems:
        normalized = items | "Normalize" >> beam.ParDo(_Normalize()).with_outputs("rejects", main="articles")
        return NormalizedItems(normalized.articles, normalized.rejects)


class _Normalize(beam.DoFn):
    def __init__(self) -> None:
        self._articles = Metrics.counter(NormalizeItems, "articles")
        self._rejects = Metrics.counter(NormalizeItems, "rejects")

    def process(self, item: Item) -> Iterator[Article | TaggedOutput[Literal["rejects"], Reject]]:
        try:
            article = normalize_item(item)
        except Rejected as refusal:
            self._rejects.inc()
            yield TaggedOutput("rejects", reject_item(item, refusal))
        else:
            self._articles.inc()
            yield article


def normalize_item(item: Item) -> Article:
    """The article that an item tells.

    Errors: ``Rejected`` (``no-text``) if neither title nor text holds a letter or digit.
    """
    title, folded_title = clean_and_fold(item.title or "")
    text, folded_text = clean_and_fold(item.text or "")
    if not folded_title and not folded_text:
        raise Rejected("no-text", "the item has neither a title nor a text that holds a letter or digit")
    canonical_url = identify(item.url, item.guid)
    link, name = (None, own_name(item)) if item.shares_link else (canonical_url, item.guid)
    id_ = article_id(link, name, item.source, f"{folded_title}\n{folded_text}")
    encoded_text = folded_text.encode()
    told = telling_text(folded_title, folded_text, id_)
    date = resolve_date(item, zone=item.zone)
    author = clean_text(item.author or "") or None
    return Article(
        id=id_,
        guid=_printable(item.guid),
        source=_printable(item.source) or "unknown",
        url=_printable(item.url),
        canonical_url=canonical_url,
        title=title or None,
        text=text,
        author=author,
        origin_agency=origin_agency(title, text, author, folded_text),
        language=item.language,
        published_at=date.published_at,
        date_source=date.source,
        date_confidence=date.confidence,
        date_raw=_printable(date.raw),
        document=_printable(item.document) or "",
        position=item.position,
        encoding=item.encoding,
        encoding_repaired=item.encoding_repaired,
        content_hash=_hash(b"%b\n%b" % (folded_title.encode(), encoded_text)),
        text_hash=_hash(encoded_text if told is folded_text else told.encode()),
        folded=(folded_title, folded_text),
    )


def telling_text(folded_title: str, folded_text: str, id_: str) -> str:
    """What must be equal for two articles to count as the same text.

    A long text alone; a short one with its headline; and hardly any words («حالة الطقس») make no two articles one.
    """
    if len(folded_text.split(" ", SHORT_WORDS)) >= SHORT_WORDS:
        return folded_text
    told = f"{folded_title} {folded_text}".strip()
    return told if len(told.split(" ", TELLING_WORDS)) >= TELLING_WORDS else f"{id_} {told}"


def reject_item(item: Item, refusal: Rejected) -> Reject:
    """The refusal of an item, with the item as JSON for a payload."""
    payload = json.dumps(asdict(item), ensure_ascii=False, default=str).encode("utf-8", "replace")
    return Reject(
        "normalize",
        refusal.reason,
        refusal.message,
        item.source,
        item.document,
        item.position,
        item.arrived_at,
        payload[:PAYLOAD_LIMIT],
    )


def _hash(encoded: bytes) -> bytes:
    return blake2b(encoded, digest_size=16).digest()


def _printable(text: str | None) -> str | None:
    """Without what no table can hold (half a surrogate pair); ``None`` for an empty text."""
    if not text:
        return None
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
