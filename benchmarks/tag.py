"""How fast actors are found: fold and tag, on one core, by CPU time."""

import argparse
import gzip
import json
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median

from benchmarks.corpus import invent_articles
from benchmarks.measure import ROOT, noise
from schemas.actors import load_registry
from transforms.fold import fold
from transforms.tag import Tagger

REAL = ROOT.parent / "shared" / "data" / "articles_dev.jsonl.gz"
"""Real articles, measured too where they are."""

TAG_RATE = 1500
FOLD_RATE = 100
BUILD_SECONDS = 0.5
HELD_MB = 150

Article = tuple[str | None, str, datetime]


@dataclass(frozen=True, slots=True)
class Speed:
    """CPU seconds of each pass over a corpus."""

    corpus: str
    articles: int
    megabytes: float
    """Of UTF-8."""
    fold: tuple[float, ...]
    tag: tuple[float, ...]
    """Fold and tag, each pass with a tagger that has seen no word yet."""
    memory: float
    """MB that the tagger holds after a pass: registry, trie, and the words it remembers."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print. Returns 0, also where a target is missed: the machine may be busy."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tag", description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000, metavar="N", help="how many of each corpus (10,000)")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="how often each corpus is tagged (3)")
    parser.add_argument(
        "--input", type=Path, default=REAL, metavar="FILE", help="JSON lines of real articles, packed with gzip"
    )
    options = parser.parse_args(argv)
    print(noise())
    print("\n".join(tell_build(options.repeat)))
    corpora = {"invented": _invented(options.articles)}
    if options.input.exists():
        corpora[options.input.name] = _real(options.input)
    for name, corpus in corpora.items():
        articles = list(islice(corpus, options.articles))
        print("\n".join(tell_speed(measure_speed(name, articles, options.repeat))))
    print(noise())
    return 0


def tell_build(repeat: int) -> Iterator[str]:
    """What it takes to make a tagger."""
    fold("")  # its table is made once a process, whoever needs it first
    loading = [_seconds(load_registry) for _ in range(repeat)]
    registry = load_registry()
    building = [_seconds(lambda: Tagger(registry)) for _ in range(repeat)]
    yield _line("read the registry", f"{min(loading):.2f} s", f"median {median(loading):.2f}")
    verdict = _verdict(min(building) <= BUILD_SECONDS, f"{BUILD_SECONDS} s")
    yield _line("build the automaton", f"{min(building):.2f} s", f"median {median(building):.2f}; {verdict}")


def measure_speed(corpus: str, articles: Sequence[Article], repeat: int) -> Speed:
    """Fold all, and fold and tag all, ``repeat`` times each."""
    texts = [text for title, text, _ in articles] + [title for title, _, _ in articles if title]
    megabytes = sum(len(text.encode("utf-8", "replace")) for text in texts) / 1e6
    folding = [_seconds(lambda: _fold_all(texts)) for _ in range(repeat)]
    registry = load_registry()
    tagging = [_seconds(lambda: _tag_all(Tagger(registry), articles)) for _ in range(repeat)]
    return Speed(corpus, len(articles), megabytes, tuple(folding), tuple(tagging), _memory(articles))


def tell_speed(speed: Speed) -> Iterator[str]:
    """What was measured, each at its best: what disturbs a run only makes it slower."""
    fold_rate, tag_rate = speed.megabytes / min(speed.fold), speed.articles / min(speed.tag)
    yield f"\n{speed.corpus}: {speed.articles:,} articles, {speed.megabytes:.0f} MB"
    yield _line("fold", f"{fold_rate:,.0f} MB/s", _verdict(fold_rate >= FOLD_RATE, f"{FOLD_RATE} MB/s"))
    verdict = _verdict(tag_rate >= TAG_RATE, f"{TAG_RATE:,} articles/s")
    yield _line("fold and tag", f"{tag_rate:,.0f}/s", f"median {speed.articles / median(speed.tag):,.0f}; {verdict}")
    yield _line("memory", f"{speed.memory:,.0f} MB", _verdict(speed.memory <= HELD_MB, f"{HELD_MB} MB"))


def _line(what: str, figure: str, note: str) -> str:
    return f"{what:20} {figure:>10}   {note}"


def _verdict(is_reached: bool, target: str) -> str:
    return f"target {target}: {'reached' if is_reached else 'MISSED'}"


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _fold_all(texts: Sequence[str]) -> None:
    for text in texts:
        fold(text)


def _tag_all(tagger: Tagger, articles: Sequence[Article]) -> None:
    for title, text, published_at in articles:
        tagger.tag(title, text, published_at)


def _memory(articles: Sequence[Article]) -> float:
    tracemalloc.start()
    tagger = Tagger(load_registry())
    _tag_all(tagger, articles)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held / 1e6


def _invented(count: int) -> Iterator[Article]:
    for record in invent_articles(count):
        yield record["title"], record["text"], datetime.fromisoformat(record["date"])


def _real(path: Path) -> Iterator[Article]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            published = datetime.fromisoformat(record["date"]) if record["date"] else datetime(2015, 9, 1)
            yield record["title"], record["text"], published.replace(tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main())
