"""Labelling by naba beside ``NERecognizer.predict`` of CAMeL Tools: the same words, the same model, the same labels.

Both on one core, by CPU time: two threads of a busy machine wait for one another, and for small batches more often.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.corpus import invent_articles
from benchmarks.measure import noise
from benchmarks.random_bert import BASE, TINY, write_random_bert
from transforms.bert import Bert, load_bert
from transforms.entities import label_words, split_words
from transforms.sentences import split_sentences

Sentences = list[list[str]]

TARGET = 4
"""How many times as fast as CAMeL Tools naba must be."""
SIZES = {"tiny": (TINY, 2000), "base": (BASE, 96)}
"""Of a model, and how many sentences are labelled with it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ner", description=__doc__)
    parser.add_argument("--input", type=Path, metavar="FILE", help="JSON lines with a text, instead of invented news")
    parser.add_argument("--model", type=Path, metavar="DIR", help="a model to measure instead of two random ones")
    parser.add_argument("--sentences", type=int, metavar="N", help="how many to label (2,000 tiny, 96 of full size)")
    parser.add_argument("--repeat", type=int, default=2, metavar="N", help="how often each arm runs (2)")
    options = parser.parse_args(argv)
    corpus = read_sentences(options.input, options.sentences or 2000)
    heads = ("sentences", "words", "pieces", "naba, s", "camel, s", "times as fast", "same labels")
    print(f"{'model':8}{'{:>11}{:>8}{:>8}{:>10}{:>10}{:>15}{:>13}'.format(*heads)}")
    with TemporaryDirectory(prefix="naba-benchmark-") as name:
        folder = Path(name)
        for model, (size, few) in ({options.model.name: ({}, 96)} if options.model else SIZES).items():
            words = (word for sentence in corpus for word in sentence)
            path = options.model or write_random_bert(folder / model, words, size)
            sentences = corpus[: options.sentences or few]
            print(f"{model:8}{compare(path, sentences, options.repeat, folder)}")
    return 0


def read_sentences(source: Path | None, count: int) -> Sentences:
    """The first sentences of some news, as words."""
    with source.open(encoding="utf-8") if source else open(os.devnull, encoding="utf-8") as file:
        texts = (json.loads(line)["text"] for line in file) if source else (a["text"] for a in invent_articles(count))
        slices = ((text, *span) for text in texts for span in split_sentences(text))
        return [[text[start:end] for start, end in split_words(text, *span)] for text, *span in islice(slices, count)]


def compare(path: Path, sentences: Sentences, repeat: int, data: Path) -> str:
    """CPU seconds of both, best of so many runs, and how many sentences have the same labels."""
    import torch  # noqa: PLC0415

    torch.set_num_threads(1)
    ours: Bert = load_bert(str(path))
    theirs = load_camel(path, data)
    times: dict[str, list[float]] = {"naba": [], "camel": []}
    labels: dict[str, Sentences] = {}
    arms: dict[str, Callable[[], Sentences]] = {
        "naba": lambda: label_words(ours, sentences),
        "camel": lambda: theirs(sentences),
    }
    for _ in range(repeat):
        for arm, run in arms.items():
            began, clock = time.process_time(), time.perf_counter()
            labels[arm] = run()
            times[arm].append(time.process_time() - began)
            wall = time.perf_counter() - clock
            print(f"  {arm:6} {times[arm][-1]:8.2f} s CPU {wall:8.2f} s wall   {noise()}", file=sys.stderr)
    naba, camel = min(times["naba"]), min(times["camel"])
    alike = sum(one == other for one, other in zip(labels["naba"], labels["camel"], strict=True))
    words = sum(map(len, sentences))
    pieces = sum(len(of_word) for sentence in sentences for of_word in ours.encode(sentence))
    counts = f"{len(sentences):>11,}{words:>8,}{pieces:>8,}"
    return f"{counts}{naba:>10.2f}{camel:>10.2f}{camel / naba:>15.1f}{alike:>13,}"


def load_camel(path: Path, data: Path) -> Callable[[Sentences], Sentences]:
    """``NERecognizer.predict`` with a model. Its import asks for a catalogue on the network: one is laid before it."""
    (data / "catalogue.json").write_text('{"version": "", "packages": {}, "components": {}}')
    os.environ["CAMELTOOLS_DATA"] = os.environ["HOME"] = str(data)
    from camel_tools.ner import NERecognizer  # noqa: PLC0415

    predict: Callable[[Sentences], Sentences] = NERecognizer(str(path), use_gpu=False).predict
    return predict


if __name__ == "__main__":
    sys.exit(main())
