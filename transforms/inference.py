"""The model behind ``RecognizeEntities``, as Beam's ``RunInference`` takes it.

A module of its own, which only ``RecognizeEntities`` imports and only if there is a model: Beam's inference imports
torch wherever it is installed, and that takes seconds and hundreds of megabytes.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from apache_beam.ml.inference.base import ModelHandler

from transforms.bert import load_bert
from transforms.deduplicate import Part
from transforms.entities import Model
from transforms.recognize import ARTICLES_AT_ONCE, recognize_parts


class EntityHandler(ModelHandler[Part, Part, Model]):
    """Loads the model of a folder once per worker and gives parts their entities.

    A batch is one large part, or small ones up to ``ARTICLES_AT_ONCE``: of these, most days have but a few.
    """

    def __init__(self, folder: str) -> None:
        super().__init__(
            min_batch_size=ARTICLES_AT_ONCE, max_batch_size=ARTICLES_AT_ONCE, element_size_fn=_count_articles
        )
        self._folder = folder

    def load_model(self) -> Model:
        return load_bert(self._folder)

    def run_inference(
        self, batch: Sequence[Part], model: Model, _inference_args: dict[str, Any] | None = None
    ) -> Iterator[Part]:
        return recognize_parts(model, batch)

    def get_num_bytes(self, batch: Sequence[Part]) -> int:
        return sum(part.articles.nbytes for part in batch)  # the default pickles them to know

    def get_metrics_namespace(self) -> str:
        return "RecognizeEntities"


def _count_articles(part: Part) -> int:
    return len(part.articles)
