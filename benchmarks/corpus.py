"""Made-up newswire in any number, the same for the same seed: what the benchmarks read."""

import json
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from benchmarks.phrases import DATELINES, LIMITS, OUTLETS, SENTENCES, SLOTS, STATES, TITLES

BEGAN = datetime(2025, 3, 1, tzinfo=UTC)
DAYS = 30
WORDS = (150, 240)
REPEATS = 0.05
"""Share of records that are an earlier one over again."""
REPRINTS = 0.05
"""Share of records that are an earlier text at another outlet, under another headline, some hours later."""
REACH = 500
"""How many articles back a repeat or a reprint may reach."""

Record = dict[str, str]


class _Scene(dict[str, str]):
    """What fills the slots of a phrase: the states that an article is about, else anything fit."""

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self._chance = chance
        for side, state in zip("ab", chance.sample(STATES, 2), strict=True):
            self.update(zip((side, f"{side}_m", f"{side}_f", f"{side}_city"), state, strict=True))

    def __missing__(self, slot: str) -> str:
        if slot in LIMITS:
            return str(self._chance.randrange(3, LIMITS[slot]))
        return self._chance.choice(SLOTS[slot]).format_map(self)


def invent_articles(count: int, seed: int = 1) -> Iterator[Record]:
    """``count`` records in the fields of JSON lines; the first ``n`` are the same for every ``count``.

    An article differs from every other in its words. A repeat or a reprint follows its original, so whoever keeps
    the first of equal texts keeps the one published first.
    """
    chance = Random(seed)
    recent: deque[Record] = deque(maxlen=REACH)
    for number in range(count):
        fate = chance.random()
        if recent and fate < REPEATS:
            yield chance.choice(recent)
        elif recent and fate < REPEATS + REPRINTS:
            yield _reprint(chance, number, chance.choice(recent))
        else:
            recent.append(_invent(chance, number))
            yield recent[-1]


def write_articles(path: Path, count: int, seed: int = 1) -> Path:
    """The same as a file of JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for record in invent_articles(count, seed):
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path


def _invent(chance: Random, number: int) -> Record:
    scene = _Scene(chance)
    length = chance.randrange(*WORDS)
    sentences: list[str] = []
    for template in chance.sample(SENTENCES, len(SENTENCES)):
        sentences.append(template.format_map(scene))
        if sum(sentence.count(" ") + 1 for sentence in sentences) >= length:
            break
    lead = sentences[0].removeprefix("و")
    sentences[0] = f"{chance.choice(DATELINES)} {lead}".format_map(scene).strip()
    paragraphs = [" ".join(sentences[start : start + 2]) for start in range(0, len(sentences), 2)]
    published = BEGAN + timedelta(minutes=chance.randrange(DAYS * 24 * 60))
    return _record(chance, number, chance.choice(OUTLETS), scene, "\n".join(paragraphs), published)


def _reprint(chance: Random, number: int, original: Record) -> Record:
    outlet = chance.choice([outlet for outlet in OUTLETS if outlet != original["source"]])
    published = datetime.fromisoformat(original["date"]) + timedelta(minutes=chance.randrange(5, 600))
    return _record(chance, number, outlet, _Scene(chance), original["text"], published)


def _record(chance: Random, number: int, outlet: str, scene: _Scene, text: str, published: datetime) -> Record:
    return {
        "id": f"{outlet}-{number}",
        "url": f"https://{outlet}.example/{published:%Y/%m/%d}/{number}",
        "title": chance.choice(TITLES).format_map(scene),
        "text": text,
        "date": published.isoformat(),
        "source": outlet,
        "author": scene["person"],
    }
