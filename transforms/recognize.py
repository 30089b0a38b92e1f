"""Recognize entities in a part's articles with a model, if one is given."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain, islice

import apache_beam as beam
import pyarrow as pa
from apache_beam.metrics import Metrics

from schemas.entity import ENTITY, Entity
from transforms.deduplicate import Part
from transforms.entities import Model, recognize

ARTICLES_AT_ONCE = 256
"""Enough for sentences of like length to find each other; what they take of memory does not grow with the part."""


@dataclass
class RecognizeEntities(beam.PTransform):
    """Give the articles of every part a column ``entities``; without a model, leave the parts as they are.

    Beam's ``RunInference`` carries it: the model is loaded once per worker, and where runners know of accelerators,
    they give it one. Parts are not sent between workers for it.
    """

    model: str | None
    """Its folder, the same on every worker."""

    def expand(self, parts: beam.PCollection[Part]) -> beam.PCollection[Part]:
        if self.model is None:
            return parts
        # Imports torch, where it is installed: not before it is needed.
        from apache_beam.ml.inference.base import RunInference  # noqa: PLC0415

        from transforms.inference import EntityHandler  # noqa: PLC0415

        return parts | RunInference(EntityHandler(self.model)).with_output_types(Part)


def recognize_parts(model: Model, parts: Sequence[Part]) -> Iterator[Part]:
    """Each part, with the entities of its articles in the column ``entities``."""
    articles = chain.from_iterable(map(_titles_and_texts, parts))
    found: Iterator[tuple[Entity, ...]] = chain.from_iterable(
        recognize(model, group) for group in iter(lambda: list(islice(articles, ARTICLES_AT_ONCE)), [])
    )
    for part in parts:
        entities = list(islice(found, len(part.articles)))
        Metrics.counter(RecognizeEntities, "articles").inc(len(entities))
        Metrics.counter(RecognizeEntities, "entities").inc(sum(map(len, entities)))
        column = pa.array([list(map(asdict, of_article)) for of_article in entities], pa.list_(ENTITY))
        yield replace(part, articles=part.articles.append_column("entities", column))


def _titles_and_texts(part: Part) -> Iterator[tuple[str | None, str]]:
    for batch in part.articles.select(["title", "text"]).to_batches(max_chunksize=ARTICLES_AT_ONCE):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
