"""A report that is edited more than once."""

import itertools
from datetime import timedelta

from benchmarks.reprints import Planted, plant_reprints
from transforms.fold import fold_text
from transforms.signature import sign
from transforms.similarity import compare


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
