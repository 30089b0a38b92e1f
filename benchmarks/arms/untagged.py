"""naba as its users run it, but that it tags no actors: what those it is measured beside do not do either."""

from unittest.mock import patch

import apache_beam as beam

from benchmarks.arms import naba
from transforms.deduplicate import Part
from transforms.tag_actors import TaggedPart


class _TagNothing(beam.PTransform):
    def expand(self, parts: beam.PCollection[Part]) -> beam.PCollection[TaggedPart]:
        return parts | beam.Map(_untagged)


def _untagged(part: Part) -> TaggedPart:
    return TaggedPart(part.day, part.ordinal, part.articles, part.duplicates, ((),) * len(part.articles))


def run(source: str, output: str) -> int:
    with patch("pipelines.ingest.TagActors", _TagNothing):
        return naba.run(source, output)
