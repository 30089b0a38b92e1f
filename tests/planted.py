"""Planted reprints as files, and a report that is edited more than once."""

import itertools
import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from benchmarks.reprints import Planted, plant_reprints
from transforms.fold import fold_text
from transforms.signature import sign
from transforms.similarity import compare


def write_planted(path: Path, planted: Iterable[Planted]) -> Path:
    """The articles as JSON lines, in their order."""
    records = (
        {
            "id": each.id,
            "url": f"https://{each.source}.example/{each.id}",
            "title": each.title,
            "text": each.text,
            "date": each.published.isoformat(),
            "source": each.source,
        }
        for each in planted
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def edited_twice() -> list[Planted]:
    """Three versions, each an edit of the one before, of which the first and the last are not alike."""
    originals = [each for each in plant_reprints(200, seed=5) if each.how == "original" and each.text.count(" ") > 150]
    for one, other in itertools.pairwise(originals):
        words, others = one.text.split(), other.text.split()
        for share in range(5, 40):
            cut = len(words) * share // 100
            texts = [words, words[cut:] + others[:cut], words[2 * cut :] + others[: 2 * cut]]
            prints = sign([fold_text(one.title)] * 3, [fold_text(" ".join(text)) for text in texts])
            if compare(prints[0], prints[1]) and compare(prints[1], prints[2]) and not compare(prints[0], prints[2]):
                began = one.published
                return [
                    Planted(name, name, one.title, " ".join(text), began + timedelta(hours=hour), 0, "")
                    for hour, (name, text) in enumerate(zip(("first", "second", "third"), texts, strict=True))
                ]
    raise AssertionError("no two originals make such a chain")
