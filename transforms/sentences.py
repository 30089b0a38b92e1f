"""Cut news text into sentences, to show where an actor is named."""

import re
from collections.abc import Iterator

# A sentence ends at a line feed, or at . ! ? ؟ … in any number, with what closes after it and debris (.,), before
# a space or the end of the text. Not after a single letter: د. محمد. Decimals (4.3) have no space.
_END = re.compile(r"""\n+|(?<!\b[^\W\d_])[.!?؟…]+["'»”’)\]]*[.,،]*(?=\s|$)""")


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
