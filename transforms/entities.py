"""Entities of news by a model that labels words: what the model is given, and what its labels amount to.

The model is whatever cuts words into pieces and labels sequences of pieces; nothing here knows of torch. The way there
is that of CAMeL Tools' ``NERecognizer.predict``, so that the labels are its labels, less three of its faults: it pads
every sentence to 256 pieces, though news has about fifty in one; a word without pieces (a lone control character)
shifts the labels of all the words after it; a word of more than 254 pieces ends it in an error.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple, Protocol

from camel_tools.tokenizers.word import simple_word_tokenize

from schemas.entity import Entity
from schemas.mention import Field
from transforms.sentences import split_sentences

LABELS = frozenset(
    {"O", "B-LOC", "B-ORG", "B-PERS", "B-MISC", "I-LOC", "I-ORG", "I-PERS", "I-MISC"},
)
"""What CAMeL Tools' models say of a word: outside of any name, or the beginning or inside of a name of some kind."""


class Model(Protocol):
    """What labels words, a piece at a time."""

    @property
    def sequence_pieces(self) -> int:
        """The most pieces of one sequence."""

    @property
    def batch_pieces(self) -> int:
        """How many pieces, padding included, are worth labelling at once."""

    def encode(self, words: Sequence[str]) -> Sequence[Sequence[int]]:
        """The pieces of each word; none of a word that the model does not see."""

    def label(self, sequences: Sequence[Sequence[int]]) -> Sequence[Sequence[str]]:
        """One of ``LABELS`` for every piece."""


class Sequenced(NamedTuple):
    """Successive words of one sentence as the model sees them; ``heads`` are pairs of a word and its first piece."""

    sentence: int
    pieces: list[int]
    heads: list[tuple[int, int]]


class _Sentence(NamedTuple):
    article: int
    field: Field
    words: list[tuple[int, int]]


def recognize(model: Model, articles: Sequence[tuple[str | None, str]]) -> list[tuple[Entity, ...]]:
    """The entities of each article, given as its title and text: the title's before the text's, in their order."""
    fields: list[dict[Field, str]] = [{"title": title or "", "text": text} for title, text in articles]
    sentences = [
        _Sentence(number, name, list(split_words(text, start, end)))
        for number, article in enumerate(fields)
        for name, text in article.items()
        for start, end in split_sentences(text)
    ]
    texts = [fields[sentence.article][sentence.field] for sentence in sentences]
    words = [[text[start:end] for start, end in s.words] for s, text in zip(sentences, texts, strict=True)]
    found: list[list[Entity]] = [[] for _ in articles]
    for sentence, text, labels in zip(sentences, texts, label_words(model, words), strict=True):
        for start, end, label in join_labels(sentence.words, labels):
            found[sentence.article].append(Entity(text[start:end], label, sentence.field, start, end))
    return [tuple(entities) for entities in found]


def split_words(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The slices of ``text`` that are the words CAMeL Tools finds between ``start`` and ``end``."""
    for word in simple_word_tokenize(text[start:end]):
        # Between one word and the next there is white space alone, so the first place found is the right one.
        start = text.index(word, start)
        yield start, start + len(word)
        start += len(word)


def label_words(model: Model, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
    """A label for every word of every sentence. A word has the label of its first piece; without pieces, ``O``."""
    vocabulary = list(dict.fromkeys(chain.from_iterable(sentences)))
    pieces = dict(zip(vocabulary, model.encode(vocabulary), strict=True))
    labels = [["O"] * len(words) for words in sentences]
    sequences = [
        sequence
        for number, words in enumerate(sentences)
        for sequence in cut_sentence(number, [pieces[word] for word in words], model.sequence_pieces)
    ]
    for batch in batch_sequences(sequences, model.batch_pieces):
        for sequence, found in zip(batch, model.label([sequence.pieces for sequence in batch]), strict=True):
            for word, head in sequence.heads:
                labels[sequence.sentence][word] = found[head]
    return labels


def cut_sentence(number: int, pieces: Sequence[Sequence[int]], limit: int) -> Iterator[Sequenced]:
    """The pieces of a sentence's words in as few sequences of at most ``limit`` as keep every word whole.

    Of a word that is longer than that, the model sees the beginning.
    """
    sequence = Sequenced(number, [], [])
    for word, of_word in enumerate(pieces):
        if not of_word:
            continue
        if sequence.heads and len(sequence.pieces) + len(of_word) > limit:
            yield sequence
            sequence = Sequenced(number, [], [])
        sequence.heads.append((word, len(sequence.pieces)))
        sequence.pieces.extend(of_word[:limit])
    if sequence.heads:
        yield sequence


def batch_sequences(sequences: Iterable[Sequenced], budget: int) -> Iterator[list[Sequenced]]:
    """Sequences of like length together, the longest first: at most ``budget`` pieces a batch, once padded alike."""
    batch: list[Sequenced] = []
    for sequence in sorted(sequences, key=lambda sequence: -len(sequence.pieces)):
        if batch and (len(batch) + 1) * len(batch[0].pieces) > budget:
            yield batch
            batch = []
        batch.append(sequence)
    if batch:
        yield batch


def join_labels(words: Sequence[tuple[int, int]], labels: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """The names that labels mark, as start, end and kind.

    A name goes on for as long as ``I-`` of its own kind follows. Where ``I-`` follows nothing of its kind, a name
    begins all the same, as in the CoNLL evaluation: models do miss the ``B-``.
    """
    name: tuple[int, int, str] | None = None
    for (start, end), label in zip(words, labels, strict=True):
        place, _, kind = label.partition("-")
        if name and (place, kind) == ("I", name[2]):
            name = (name[0], end, kind)
            continue
        if name:
            yield name
        name = (start, end, kind) if kind else None
    if name:
        yield name
