"""Tag a part's articles with the actors they refer to."""

from collections.abc import Iterator
from dataclasses import dataclass

import apache_beam as beam
import pyarrow as pa
from apache_beam.metrics import Metrics

from schemas.actors import load_registry
from schemas.duplicate import Duplicate
from schemas.mention import ActorTally
from transforms.deduplicate import Part
from transforms.tag import Tagger


@dataclass(frozen=True, slots=True)
class TaggedPart:
    """A part with its actors: ``actors[i]`` are those of row ``i`` of ``articles``, most salient first."""

    day: str
    ordinal: int
    articles: pa.Table
    duplicates: tuple[Duplicate | None, ...]
    actors: tuple[tuple[ActorTally, ...], ...]


@dataclass
class TagActors(beam.PTransform):
    """Tag every article of every part, duplicates too."""

    def expand(self, parts: beam.PCollection[Part]) -> beam.PCollection[TaggedPart]:
        return parts | "Tag" >> beam.ParDo(_Tag())


class _Tag(beam.DoFn):
    def __init__(self) -> None:
        self._articles = Metrics.counter(TagActors, "articles")
        self._mentions = Metrics.counter(TagActors, "mentions")

    def setup(self) -> None:
        self._tagger = Tagger(load_registry())

    def process(self, part: Part) -> Iterator[TaggedPart]:
        tagged = tag_part(self._tagger, part)
        self._articles.inc(len(tagged.actors))
        self._mentions.inc(sum(map(len, tagged.actors)))
        yield tagged


def tag_part(tagger: Tagger, part: Part) -> TaggedPart:
    """The part with the actors of each of its articles."""
    columns = (part.articles[name].to_pylist() for name in ("title", "text", "published_at"))
    actors = tuple(tagger.tag(title, text, published_at) for title, text, published_at in zip(*columns, strict=True))
    return TaggedPart(part.day, part.ordinal, part.articles, part.duplicates, actors)
