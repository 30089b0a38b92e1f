"""Which words a model is given, how they are batched, and what its labels amount to."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from itertools import pairwise

import pytest
from camel_tools.tokenizers.word import simple_word_tokenize
from hypothesis import given
from hypothesis import strategies as st

from transforms.entities import (
    Sequenced,
    batch_sequences,
    cut_sentence,
    join_labels,
    label_words,
    recognize,
    split_words,
)

UNSEEN = "\N{RIGHT-TO-LEFT MARK}"


@dataclass
class Lexicon:
    """A model that labels words by a list; a word has a piece for each of its letters, and only the first tells."""

    labels: dict[str, str]
    sequence_pieces: int = 254
    batch_pieces: int = 1000
    batches: list[list[int]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def encode(self, words: Sequence[str]) -> list[list[int]]:
        first = len(self.words) + 1
        self.words.extend(words)
        return [
            [] if word == UNSEEN else [number] + [0] * (len(word) - 1) for number, word in enumerate(words, start=first)
        ]

    def label(self, sequences: Sequence[Sequence[int]]) -> list[list[str]]:
        assert max(map(len, sequences)) <= self.sequence_pieces
        self.batches.append(list(map(len, sequences)))
        return [
            [self.labels.get(self.words[piece - 1], "O") if piece else "B-MISC" for piece in sequence]
            for sequence in sequences
        ]


NAMES = {
    "أنطونيو": "B-PERS",
    "غوتيريش": "I-PERS",
    "الأمم": "B-ORG",
    "المتحدة": "I-ORG",
    "جنيف": "B-LOC",
    "وجنيف": "B-LOC",
    "الخرطوم": "B-LOC",
}


def test_an_entity_is_a_slice_of_its_field() -> None:
    title = "غوتيريش: أنطونيو يصل جنيف"
    text = "وصل أنطونيو  غوتيريش إلى جنيف.\nوقالت «الأمم المتحدة» إنه زار الخرطوم وجنيف."
    (entities,) = recognize(Lexicon(NAMES), [(title, text)])
    assert [astuple(entity)[:3] for entity in entities] == [
        ("غوتيريش", "PERS", "title"),
        ("أنطونيو", "PERS", "title"),
        ("جنيف", "LOC", "title"),
        ("أنطونيو  غوتيريش", "PERS", "text"),
        ("جنيف", "LOC", "text"),
        ("الأمم المتحدة", "ORG", "text"),
        ("الخرطوم", "LOC", "text"),
        ("وجنيف", "LOC", "text"),
    ]
    fields = {"title": title, "text": text}
    assert all(fields[entity.field][entity.start : entity.end] == entity.text for entity in entities)


def test_offsets_count_code_points_beyond_the_basic_plane() -> None:
    (entities,) = recognize(Lexicon(NAMES), [(None, "\N{EARTH GLOBE EUROPE-AFRICA} زار 𐎢 جنيف")])
    assert [(entity.start, entity.end) for entity in entities] == [(8, 12)]


def test_a_name_does_not_go_on_in_the_next_sentence() -> None:
    (entities,) = recognize(Lexicon(NAMES), [(None, "وصل أنطونيو.\nغوتيريش في جنيف")])
    assert [entity.text for entity in entities] == ["أنطونيو", "غوتيريش", "جنيف"]


def test_every_article_has_its_own_entities_and_one_without_any_has_none() -> None:
    articles = [(None, "زار جنيف"), ("", "لا أسماء هنا"), ("الخرطوم", "..."), (None, "")]
    assert [[entity.text for entity in of_article] for of_article in recognize(Lexicon(NAMES), articles)] == [
        ["جنيف"],
        [],
        ["الخرطوم"],
        [],
    ]
    assert recognize(Lexicon(NAMES), []) == []


@given(st.text(st.sampled_from("ابت مx1٣،.«»😀\u200d\u00a0\u2028\n\t👨‍👩"), max_size=30) | st.text(max_size=30))
def test_words_are_those_of_camel_tools(text: str) -> None:
    spans = list(split_words(text, 0, len(text)))
    assert [text[start:end] for start, end in spans] == simple_word_tokenize(text)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


def test_words_are_looked_for_only_between_the_bounds() -> None:
    text = "جنيف جنيف جنيف"
    assert list(split_words(text, 5, 9)) == [(5, 9)]


def test_a_word_without_pieces_shifts_no_label() -> None:
    sentences = [[UNSEEN, "الأمم", UNSEEN, "المتحدة", "في", "جنيف"], [UNSEEN], []]
    assert label_words(Lexicon(NAMES), sentences) == [["O", "B-ORG", "O", "I-ORG", "O", "B-LOC"], ["O"], []]


def test_a_word_has_the_label_of_its_first_piece() -> None:
    assert label_words(Lexicon({"ي": "B-LOC"}), [["يوم", "ي"]]) == [["O", "B-LOC"]]  # other pieces would be MISC


def test_a_word_is_encoded_once_however_often_it_comes() -> None:
    model = Lexicon(NAMES)
    label_words(model, [["جنيف", "في", "جنيف"], ["جنيف"]])
    assert model.words == ["جنيف", "في"]


def test_a_long_sentence_is_cut_between_words_and_every_word_is_labelled() -> None:
    model = Lexicon(NAMES, sequence_pieces=10)
    words = ["الخرطوم", "في", "الأمم", "المتحدة", UNSEEN, "جنيف"] * 3
    assert label_words(model, [words]) == [[NAMES.get(word, "O") for word in words]]
    assert sum(map(len, model.batches)) > 6


def test_a_sentence_of_more_than_510_pieces_is_cut_where_camel_tools_cuts_it() -> None:
    pieces = [[1] * 100, [2] * 100, [3] * 54, [4], [5] * 253, [6] * 3]
    assert [[word for word, _ in cut.heads] for cut in cut_sentence(0, pieces, 254)] == [[0, 1, 2], [3, 4], [5]]
    assert [len(cut.pieces) for cut in cut_sentence(0, pieces, 254)] == [254, 254, 3]


def test_of_a_word_longer_than_a_sequence_the_model_sees_the_beginning() -> None:
    cuts = list(cut_sentence(0, [[7], list(range(300)), [8]], 254))
    assert [cut.pieces for cut in cuts] == [[7], list(range(254)), [8]]
    assert [cut.heads for cut in cuts] == [[(0, 0)], [(1, 0)], [(2, 0)]]
    assert [len(cut.pieces) for cut in cut_sentence(0, [[7] * 300, [8]], 254)] == [254, 1]


@given(st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=20), st.integers(6, 12))
def test_cutting_loses_no_piece_and_no_word(pieces: list[list[int]], limit: int) -> None:
    cuts = list(cut_sentence(3, pieces, limit))
    assert [piece for cut in cuts for piece in cut.pieces] == [piece for word in pieces for piece in word]
    assert all(0 < len(cut.pieces) <= limit and cut.sentence == 3 for cut in cuts)
    heads = [(word, cut.pieces[head]) for cut in cuts for word, head in cut.heads]
    assert heads == [(number, word[0]) for number, word in enumerate(pieces) if word]


@given(st.lists(st.integers(1, 50), max_size=60), st.integers(1, 200))
def test_batches_are_of_like_length_and_within_the_budget(lengths: list[int], budget: int) -> None:
    batches = list(batch_sequences([Sequenced(n, [0] * length, []) for n, length in enumerate(lengths)], budget))
    assert Counter(each.sentence for batch in batches for each in batch) == Counter(range(len(lengths)))
    assert all(len(batch) == 1 or len(batch) * max(len(each.pieces) for each in batch) <= budget for batch in batches)
    in_order = [len(each.pieces) for batch in batches for each in batch]
    assert in_order == sorted(lengths, reverse=True)


@given(
    st.lists(st.lists(st.sampled_from([*NAMES, "في", "من", "يوم", UNSEEN]), max_size=12), max_size=12),
    st.integers(8, 40),
    st.integers(1, 100),
)
def test_labels_do_not_depend_on_batches_or_cuts(sentences: list[list[str]], limit: int, budget: int) -> None:
    expected = [[NAMES.get(word, "O") for word in words] for words in sentences]
    assert label_words(Lexicon(NAMES, limit, budget), sentences) == expected


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ("O O O", []),
        ("B-LOC O B-LOC", [(0, 1, "LOC"), (2, 3, "LOC")]),
        ("B-PERS I-PERS I-PERS", [(0, 3, "PERS")]),
        ("B-PERS B-PERS I-PERS", [(0, 1, "PERS"), (1, 3, "PERS")]),
        ("O I-ORG I-ORG", [(1, 3, "ORG")]),
        ("B-LOC I-ORG O", [(0, 1, "LOC"), (1, 2, "ORG")]),
        ("I-LOC B-LOC I-LOC", [(0, 1, "LOC"), (1, 3, "LOC")]),
        ("B-MISC O I-MISC", [(0, 1, "MISC"), (2, 3, "MISC")]),
    ],
)
def test_names_are_joined_as_the_conll_evaluation_joins_them(labels: str, names: list[tuple[int, int, str]]) -> None:
    assert list(join_labels([(0, 1), (1, 2), (2, 3)], labels.split())) == names
