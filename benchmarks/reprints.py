"""Planted reprints, and what only reads like one: articles with the clusters that ought to come of them.

Stories are made of the phrase banks beside this file and of the sample news; nothing else is read. How well
``transforms.similarity`` finds them: ``benchmarks.neardup``.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt

from benchmarks.phrases import LIMITS, OUTLETS, SENTENCES, SLOTS, STATES
from benchmarks.reprint_phrases import (
    BACKGROUND,
    DATELINES,
    FILLERS,
    FOOTERS,
    HEADLINES,
    SERIES,
    SERIES_SLOTS,
    SHORTS,
    STORIES,
    SYNONYMS,
)
from schemas.document import Document
from schemas.item import Item
from transforms.fold import fold_text
from transforms.judge import connect
from transforms.parse import parse_document
from transforms.read import list_files, read_file
from transforms.signature import Fingerprints, passage_keys, sign
from transforms.similarity import SHARED, candidates, compare_pairs

SAMPLES = Path(__file__).parents[1] / "samples" / "news"
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 30
LOOKBACK = 7
DAY = 86_400_000_000
"""Microseconds."""

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Planted:
    """One article. ``story`` is equal for all that tell the same; ``how`` is what was done to make it."""

    id: str
    source: str
    title: str
    text: str
    published: datetime
    story: int
    how: str


ORIGINAL, SERIAL, BACKED, SHORT = "original", "series", "shared background", "short item"


class _Scene(dict[str, str]):
    """What fills the slots of one story. Who and what it is about comes back from sentence to sentence."""

    RECURRING = frozenset({"person", "matter", "act", "local", "place", "cause", "given", "family", "office"})

    def __init__(self, draw: Random) -> None:
        super().__init__()
        self._draw = draw
        self._met: dict[str, list[str]] = defaultdict(list)
        for side, state in zip("ab", draw.sample(STATES, 2), strict=True):
            self.update(zip((side, f"{side}_m", f"{side}_f", f"{side}_city"), state, strict=True))

    def __missing__(self, slot: str) -> str:
        if slot in LIMITS:
            return str(self._draw.randrange(3, LIMITS[slot]))
        met = self._met[slot]
        if met and slot in self.RECURRING and self._draw.random() < 0.6:
            return self._draw.choice(met)
        met.append(self._draw.choice(SLOTS[slot]).format_map(self))
        return met[-1]


class _Blank(dict[str, str]):
    """What fills the slots of a series or of a short item: one thing a slot, drawn when it is first asked for."""

    def __init__(self, draw: Random) -> None:
        super().__init__()
        self._draw = draw

    def __missing__(self, slot: str) -> str:
        kind = slot.rstrip("0123456789")
        if kind == "n":
            value = str(self._draw.randrange(3, 900))
        elif kind == "p":
            value = f"{self._draw.randrange(1, 400) / 100}"
        elif kind == "a":
            value = self._draw.choice(STATES)[0]
        else:
            value = self._draw.choice(SERIES_SLOTS.get(kind) or SLOTS[kind])
        self[slot] = value
        return value


def plant_reprints(count: int = 20_000, seed: int = 1) -> list[Planted]:
    """``count`` articles of one month, in an order of their own: the same for the same count and seed."""
    draw = Random(seed)
    planted: list[Planted] = []
    stories = _stories(draw)
    while len(planted) < count:
        planted += next(stories)
    del planted[count:]
    draw.shuffle(planted)
    return planted


def write_planted(path: Path, planted: Iterable[Planted]) -> Path:
    """The articles as JSON lines, in their order."""
    with path.open("w", encoding="utf-8") as file:
        for each in planted:
            record = {
                "id": each.id,
                "url": f"https://{each.source}.example/{each.id}",
                "title": each.title,
                "text": each.text,
                "date": each.published.isoformat(),
                "source": each.source,
            }
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path


def _stories(draw: Random) -> Iterator[list[Planted]]:
    """One story after the other, each with its reprints, mixed with what only reads like one."""
    numbers = iter(range(1 << 40))
    plant = partial(_plant, draw, numbers)
    shorts: dict[str, int] = {}
    samples = [plant(title, text, ORIGINAL) for title, text in sample_stories()]
    yield from (_with_reprints(draw, sample) for sample in samples)
    while True:
        fate = draw.random()
        if fate < 0.16:
            headline, body = draw.choice(SERIES)
            blank = _Blank(draw)
            serial = plant(headline.format_map(blank), body.format_map(blank), SERIAL)
            # Of a series too there are reprints: not to join them is no solution.
            yield _with_reprints(draw, serial) if draw.random() < 0.2 else [serial]
        elif fate < 0.21:
            scene = _Scene(draw)
            background = draw.choice(BACKGROUND).format_map(scene)
            yield [_backed(draw, plant, scene, background) for _ in range(draw.choice((2, 2, 3)))]
        elif fate < 0.31:
            short = plant("", draw.choice(SHORTS).format_map(_Blank(draw)), SHORT)
            # Drawn again, it is the same item again.
            yield [replace(short, story=shorts.setdefault(short.text, short.story))]
        else:
            yield _with_reprints(draw, plant(*_invent(draw, _Scene(draw)), ORIGINAL))


def sample_stories() -> Iterator[tuple[str, str]]:
    """Headline and text of the sample news, less what it repeats itself."""
    told: set[str] = set()
    for path in list_files(str(SAMPLES)):
        for document in read_file(path):
            for item in parse_document(document) if isinstance(document, Document) else ():
                if isinstance(item, Item) and item.text and item.title:
                    known = {fold_text(item.text), str(item.url)} & told
                    told |= {fold_text(item.text), str(item.url)}
                    if not known:
                        yield item.title, item.text


def _plant(draw: Random, numbers: Iterator[int], title: str, text: str, how: str) -> Planted:
    number = next(numbers)
    published = BEGAN + timedelta(minutes=draw.randrange(DAYS * 24 * 60))
    return Planted(f"{number}-0", draw.choice(OUTLETS), title, text, published, number, how)


def _invent(draw: Random, scene: _Scene, sentences: tuple[int, int] = (4, 11)) -> tuple[str, str]:
    frames = draw.sample(SENTENCES + STORIES, draw.randrange(*sentences))
    told = [frame.format_map(scene) for frame in frames]
    told[0] = told[0].removeprefix("و")
    return draw.choice(HEADLINES).format_map(scene), "\n".join(
        " ".join(told[at : at + 2]) for at in range(0, len(told), 2)
    )


def _backed(draw: Random, plant: Callable[[str, str, str], Planted], of: _Scene, background: str) -> Planted:
    """Another piece of news from the same desk, above the paragraph it keeps for the matter."""
    scene = _Scene(draw)
    scene.update({slot: of[slot] for slot in ("a", "a_m", "a_f", "a_city")})
    title, text = _invent(draw, scene, (2, 4))
    return plant(title, text + "\n" + background, BACKED)


def _with_reprints(draw: Random, original: Planted) -> list[Planted]:
    count = draw.choices((0, 1, 2, 3, 6), (50, 27, 12, 8, 3))[0]
    return [original, *(_reprint(draw, original, number) for number in range(1, count + 1))]


def _reprint(draw: Random, original: Planted, number: int) -> Planted:
    """The same at another outlet, within hours most often, with one or two things done to it."""
    deeds = draw.sample(list(DEEDS), draw.choice((1, 1, 2)))
    title, text = original.title, original.text
    for deed in deeds:
        title, text = DEEDS[deed](draw, title, text)
    return replace(
        original,
        id=f"{original.story}-{number}",
        source=draw.choice([outlet for outlet in OUTLETS if outlet != original.source]),
        title=title,
        text=text,
        published=original.published + timedelta(minutes=draw.randrange(5, draw.choice((300, 900, 2800)))),
        how=" + ".join(sorted(deeds)) + (" of a series" if original.how == SERIAL else ""),
    )


def _copy(_draw: Random, title: str, text: str) -> tuple[str, str]:
    return title, text


def _other_headline(draw: Random, _title: str, text: str) -> tuple[str, str]:
    """What the second desk reads in the text: a stretch of one of its sentences."""
    words = draw.choice(text.split("\n")[:2]).split()
    start = draw.randrange(max(len(words) - 12, 1))
    return " ".join(words[start : start + draw.randrange(6, 11)]), text


def _cut_tail(draw: Random, title: str, text: str) -> tuple[str, str]:
    words = text.split(" ")
    return title, " ".join(words[: max(30, int(len(words) * draw.uniform(0.45, 0.85)))])


def _dateline(draw: Random, title: str, text: str) -> tuple[str, str]:
    return title, draw.choice(DATELINES).format_map(_Blank(draw)) + " " + text


def _footer(draw: Random, title: str, text: str) -> tuple[str, str]:
    blank = _Blank(draw)
    blank["title"] = title
    return title, text + "\n" + "\n".join(line.format_map(blank) for line in draw.sample(FOOTERS, draw.choice((1, 2))))


def _edit(draw: Random, title: str, text: str) -> tuple[str, str]:
    """Up to a tenth of the words: others put for them, dropped, or added."""
    share = draw.uniform(0.03, 0.1)
    words: list[str] = []
    for word in text.split(" "):
        fate = draw.random() / share
        if word in SYNONYMS and fate < 6:
            words.append(SYNONYMS[word])
        elif fate < 0.4 and not word[:1].isdigit():
            continue
        elif fate < 0.8:
            words += [word, draw.choice(FILLERS)]
        else:
            words.append(word)
    return title, " ".join(words)


def _reorder(draw: Random, title: str, text: str) -> tuple[str, str]:
    first, *rest = text.split("\n")
    draw.shuffle(rest)
    return title, "\n".join([first, *rest])


def _respell(_draw: Random, title: str, text: str) -> tuple[str, str]:
    """As newsrooms write that care less for hamzas and dots, or more for the digits of the east."""
    table = str.maketrans(
        dict(zip("أإآىة", "ااايه", strict=True)) | dict(zip("0123456789", "٠١٢٣٤٥٦٧٨٩", strict=True)) | {"،": " ،"}
    )
    return title.translate(table), text.translate(table).replace("عبد ", "عبد")


DEEDS: dict[str, Callable[[Random, str, str], tuple[str, str]]] = {
    "exact copy": _copy,
    "other headline": _other_headline,
    "cut tail": _cut_tail,
    "dateline": _dateline,
    "footer": _footer,
    "edited words": _edit,
    "reordered": _reorder,
    "other spelling": _respell,
}


def join_articles(articles: Sequence[Planted]) -> Labels:
    """Labels equal for the articles that naba joins: of equal text, or told the same by their fingerprints."""
    texts = [fold_text(article.text) for article in articles]
    fingerprints = sign([fold_text(article.title) for article in articles], texts)
    pairs = meet(fingerprints, articles)
    return cluster(texts, pairs[compare_pairs(fingerprints, pairs).joined])


def meet(fingerprints: Fingerprints, articles: Sequence[Planted]) -> Labels:
    """The candidates, as indices of ``articles``; shape (pairs, 2)."""
    published = np.array([int(article.published.timestamp()) * 1_000_000 for article in articles])
    keys, rows = passage_keys(fingerprints)
    met = candidates(keys, rows, published[rows], LOOKBACK, day=DAY)
    return met.pairs[met.shared >= SHARED]


def cluster(texts: Sequence[str], joined: Labels) -> Labels:
    """Labels equal for the articles that are one: of equal text, or in a joined pair."""
    return connect(len(texts), np.concatenate((joined, _equal(texts))))


def _equal(texts: Sequence[str]) -> Labels:
    first: dict[str, int] = {}
    links = [(first.setdefault(text, place), place) for place, text in enumerate(texts)]
    return np.array(links, np.int64).reshape(-1, 2)


@dataclass(frozen=True, slots=True)
class Score:
    """How the clusters found agree with those planted, over all pairs of articles."""

    precision: float
    recall: float
    joined_series: float
    """Share of the originals in a series that are joined with another story."""
    found: dict[str, float]
    """By what was done to a reprint: the share joined with its original."""
    joined: dict[str, float]
    """By what else was planted: the share joined with another story."""

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-9)


def score(articles: Sequence[Planted], labels: Labels) -> Score:
    stories = [article.story for article in articles]
    both = _pairs(zip(stories, labels.tolist(), strict=True))
    mixed = {label for label, told in _group(labels.tolist(), stories).items() if len(told) > 1}
    originals = {
        article.story: label for article, label in zip(articles, labels, strict=True) if article.id.endswith("-0")
    }
    found: dict[str, list[bool]] = defaultdict(list)
    joined: dict[str, list[bool]] = defaultdict(list)
    for article, label in zip(articles, labels.tolist(), strict=True):
        if article.how in {ORIGINAL, SERIAL, BACKED, SHORT}:
            joined[article.how].append(label in mixed)
        elif article.story in originals:
            found[article.how].append(label == originals[article.story])
    return Score(
        precision=both / max(_pairs(labels.tolist()), 1),
        recall=both / max(_pairs(stories), 1),
        joined_series=float(np.mean(joined[SERIAL] or [False])),
        found={how: float(np.mean(hits)) for how, hits in sorted(found.items())},
        joined={how: float(np.mean(hits)) for how, hits in sorted(joined.items())},
    )


def _pairs(values: Iterable[object]) -> int:
    return sum(count * (count - 1) // 2 for count in Counter(values).values())


def _group(labels: Iterable[int], stories: Iterable[int]) -> dict[int, set[int]]:
    told: dict[int, set[int]] = defaultdict(set)
    for label, story in zip(labels, stories, strict=True):
        told[label].add(story)
    return told
