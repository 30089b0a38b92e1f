"""Cut news text into sentences, to show where an actor is named."""

import re
from collections.abc import Iterator

_CLOSING = "\"'»”’)\\]"
# A sentence ends at a line feed; or at . ! ? ؟ … in any number, with what closes after it, before a space or
# the end. Not after a digit or a single letter (4.3, د. محمد, أ.ف.ب).
_END = re.compile(
    rf"\n+|(?<![.\s\d])(?<!\b\w)[.!?؟…]+[{_CLOSING}]*(?:\s*[.,،]+)?(?=\s|$)|(?<=\d)[.!?؟…]+[{_CLOSING}]*(?=\s|$)"
)


def split_sentences(text: str) -> Iterator[tuple[int, int]]:
    """The slices of ``text`` that are its sentences, in order, without the spaces around them."""
    start = 0
    for match in _END.finditer(text):
        yield from _trimmed(text, start, match.end())
        start = match.end()
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(character.isalnum() for character in text[start:end]):
        yield start, end
