"""Tally elements by their source, a bundle at a time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import apache_beam as beam
from apache_beam.transforms.window import GlobalWindows
from apache_beam.utils.windowed_value import WindowedValue

from schemas.item import Item
from schemas.reject import Reject
from schemas.run import Counted, Tally


@dataclass
class TallySources(beam.PTransform):
    """Count what passes, by source."""

    counted: Counted

    def expand(self, elements: beam.PCollection[Item | Reject]) -> beam.PCollection[Tally]:
        return elements | "Tally" >> beam.ParDo(_Tally(self.counted))


class _Tally(beam.DoFn):
    def __init__(self, counted: Counted) -> None:
        self._counted = counted
        self._sources: Counter[str] = Counter()

    def start_bundle(self) -> None:
        self._sources.clear()

    def process(self, element: Item | Reject) -> None:
        self._sources[element.source] += 1

    def finish_bundle(self) -> Iterator[WindowedValue]:
        for source, count in self._sources.items():
            yield GlobalWindows.windowed_value_at_end_of_window(Tally(self._counted, source, count))
