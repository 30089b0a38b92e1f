"""Tell what language a text is in, as far as that decides whether its actors can be found: naba reads Arabic."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from transforms.decode import FUNCTION_WORDS

SAMPLE = 20_000
"""Characters looked at, from the first letter on."""

_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")
_COMMON_WORDS = {
    "fa": "از این است را که به برای شد کرد گفت آن یک های نیز شده بود",
    "ur": "کے میں کی ہے کا نے اور سے کو ہیں پر نہیں گیا کیا تھا یہ",
    "en": "the of and to in that is was for on with as by has said from at are be an",
    "fr": "le la les des du et est une un dans que qui pour au sur par avec pas il ce",
    "de": "der die das und ist den von mit im dem nicht ein eine zu auf für sich des auch nach",
    "es": "el los las del y en que una por con para su se es lo como más al fue ha",
    "tr": "ve bir bu için ile da de olarak olan daha çok gibi sonra ise dedi kadar ancak göre",
}
_COMMON = {"ar": FUNCTION_WORDS} | {code: frozenset(words.split()) for code, words in _COMMON_WORDS.items()}
LANGUAGE_NAMES = {
    "ar": "Arabic",
    "fa": "Persian",
    "ur": "Urdu",
    "en": "English",
    "fr": "French",
    "de": "German",
    "es": "Spanish",
    "tr": "Turkish",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Language:
    """What a text is written in."""

    code: str | None
    """ISO 639-1, or nothing where too few common words say it."""
    script: str | None
    """Of most of its letters, as Unicode calls it (``Arabic``, ``Latin``); nothing for a text without letters."""
    has_arabic: bool
    """Whether it holds any Arabic letter at all."""

    def __str__(self) -> str:
        if self.code:
            return LANGUAGE_NAMES[self.code]
        return f"{self.script} letters" if self.script else "no letters"


def tell_language(text: str) -> Language:
    """The language by its most common words, and the script by its letters."""
    first = _LETTER.search(text)
    sample = text[first.start() : first.start() + SAMPLE] if first else ""
    scripts = Counter(map(_script, _LETTER.findall(sample)))
    script = scripts.most_common(1)[0][0] if scripts else None
    has_arabic = "Arabic" in scripts or any(_script(letter) == "Arabic" for letter in set(text))
    words = Counter(_WORD.findall(sample.lower()))
    hits = {code: sum(words[word] for word in common) for code, common in _COMMON.items()}
    code = max(hits, key=hits.__getitem__)
    is_told = hits[code] >= max(2, sum(words.values()) // 25)
    if not is_told and script == "Arabic":
        return Language(
            "ar", script, True
        )  # a headline may hold no common word; most of what is in this script is Arabic
    return Language(code if is_told else None, script, has_arabic)


def _script(character: str) -> str:
    """The first word of the name of a letter, which is its script; presentation forms count as what they are."""
    if not character.isalpha():
        return ""
    return unicodedata.name(character, "unknown").partition(" ")[0].capitalize()
