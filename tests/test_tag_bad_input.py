"""Fold, split and tag what no newsroom would send."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from types import FrameType
from typing import TYPE_CHECKING

import pytest

from schemas.actors import load_registry
from transforms.fold import Folded, clean_text, fold, fold_text
from transforms.language import tell_language
from transforms.passage import Passage
from transforms.sentences import split_sentences
from transforms.tag import Tagger, show_sentences

if TYPE_CHECKING:
    from _typeshed import TraceFunction

TAGGER = Tagger(load_registry())
IN_2015 = datetime(2015, 9, 1, tzinfo=UTC)
SENTENCE = "وصل وزير الخارجية إلى موسكو أمس بعد أن رفضت واشنطن المقترح. "
FATHA = "\N{ARABIC FATHA}"


def mentions(text: str, title: str | None = None) -> list[tuple[str, str]]:
    """Actor and surface of all that is found in a text, in its order."""
    found = [mention for tally in TAGGER.tag(title, text, IN_2015) for mention in tally.mentions]
    return [(mention.actor, text[mention.start : mention.end]) for mention in sorted(found, key=lambda m: m.start)]


def steps(length: int) -> int:
    """How many lines Python runs to tag a text of one line: a count, which no load can change."""
    text = (SENTENCE * (length // len(SENTENCE) + 1))[:length]
    TAGGER.tag(None, text, IN_2015)  # every word is known from here on
    return _lines_run(
        lambda: show_sentences(text, list(split_sentences(text)), TAGGER.tag(None, text, IN_2015)[0].mentions)
    )


def _lines_run(work: Callable[[], object]) -> int:
    counted = 0

    def count(frame: FrameType, event: str, argument: object) -> "TraceFunction":
        nonlocal counted
        counted += 1
        return count

    sys.settrace(count)
    try:
        work()
    finally:
        sys.settrace(None)
    return counted


def test_a_line_of_10_mb_is_tagged_whole() -> None:
    idle = "وتشهد المدينة هدوءا منذ الصباح بعد أيام من الأمطار الغزيرة. " * 95_000
    text = idle + SENTENCE * 200
    assert len(text.encode()) > 10_000_000
    assert "\n" not in text
    (tally,) = TAGGER.tag(None, text, IN_2015)
    assert (tally.actor, tally.count) == ("USA", 200)
    assert {text[mention.start : mention.end] for mention in tally.mentions} == {"واشنطن"}
    assert len(show_sentences(text, list(split_sentences(text)), tally.mentions)) == 3


def test_a_word_of_10_mb_is_tagged_in_time() -> None:
    for word in ("روسيا" * 2_000_000, "ا" * 5_000_000, "و" * 5_000_000):
        TAGGER.tag(None, word, IN_2015)
        TAGGER.tag(word, "", IN_2015)


def test_work_grows_with_the_length_and_no_faster() -> None:
    assert steps(40_000) < 4.5 * steps(10_000)


def test_sentences_are_found_without_a_look_at_every_mention() -> None:
    text = "وتشهد المدينة هدوءا. " * 2_000 + "سوريا " * 2_000
    (tally,) = TAGGER.tag(None, text, IN_2015)
    assert _lines_run(lambda: show_sentences(text, list(split_sentences(text)), tally.mentions)) < 40 * 2_000


@pytest.mark.parametrize(
    "text",
    [
        "The president of Russia, Vladimir Putin, said in Moscow that the United Nations would meet. USA, UK, EU.",
        "Le président de la Syrie a rencontré une délégation de l'ONU.",
        "Президент России прибыл в Москву",
        "ראש ממשלת ישראל",
        "俄罗斯总统",
        "",
        " \n ",
        "2015/09/01 - 12:30",
        "...،؛؟!«»“”()[]{}—–-_/\\|",
        "\0\0\0",
        "\N{ARABIC TATWEEL}" * 100,
        "🇸🇾 🇷🇺",
    ],
)
def test_text_without_arabic_names_no_actor(text: str) -> None:
    assert TAGGER.tag(text, text, IN_2015) == ()
    assert show_sentences(text, list(split_sentences(text)), ()) == []


@pytest.mark.parametrize(
    ("text", "code", "script", "has_arabic"),
    [
        ("The talks of the two sides are on, and the minister said that he is in Moscow.", "en", "Latin", False),
        ("قال الرئيس الروسي إن المحادثات ستستمر في موسكو", "ar", "Arabic", True),
        ("قمة ثلاثية", "ar", "Arabic", True),
        ("رئیس جمهور ایران گفت که گفتگوها با روسیه ادامه خواهد داشت و این خبر را تأیید کرد", "fa", "Arabic", True),
        ("The minister met the head of the «حزب الله» in the city and said that he is on the way", "en", "Latin", True),
        ("ﻣﻮﺳﻜﻮ", "ar", "Arabic", True),
        ("12 %", None, None, False),
        ("\ud83d", None, None, False),
    ],
)
def test_the_language_is_told(text: str, code: str | None, script: str | None, has_arabic: bool) -> None:
    language = tell_language(text)
    assert (language.code, language.script, language.has_arabic) == (code, script, has_arabic)


@pytest.mark.parametrize(
    "debris",
    [
        "\ud800",
        "\udc00\ud800",
        "\0",
        "\x1b",
        "\x85",
        "\u0378",  # unassigned
        "\U000e0fff",  # unassigned, far out
        "\uffff",
        "\U0010ffff",
        "\ufeff",
        "\N{RIGHT-TO-LEFT OVERRIDE}",
        "\U0001f600",
        FATHA * 10_000,
    ],
    ids=lambda debris: f"{len(debris)} of {ord(debris[0]):04x}",
)
def test_debris_around_a_name_moves_no_span(debris: str) -> None:
    text = f"{debris} سوريا {debris} ولبنان {debris}"
    assert mentions(text) == [("SYR", "سوريا"), ("LBN", "لبنان")]
    assert_offsets_hold(text)


@pytest.mark.parametrize("debris", ["\ud800", "\0", "\ufeff", "\uffff", "\N{ZERO WIDTH NON-JOINER}", FATHA * 10_000])
def test_debris_inside_a_name_does_not_hide_it(debris: str) -> None:
    text = f"في سو{debris}ريا أمس"
    assert mentions(text) == [("SYR", f"سو{debris}ريا")]
    assert fold_text(text) == "في سوريا امس"
    assert_offsets_hold(text)


def test_an_unassigned_code_point_is_kept_and_parts_words() -> None:
    debris = "\u0378"
    assert fold(f"سوريا{debris}لبنان").text == f"سوريا{debris}لبنان"
    assert mentions(f"سوريا{debris}لبنان") == [("SYR", "سوريا"), ("LBN", "لبنان")]
    assert clean_text(debris) == debris


def test_marks_without_number_on_one_letter_are_one_letter() -> None:
    text = "ل" + FATHA * 10_000 + "بنان"
    assert fold(text).text == "لبنان"
    assert mentions(text) == [("LBN", text)]
    assert fold(text).span(0, 1) == (0, 10_001)


def test_only_punctuation_has_no_word_and_no_sentence() -> None:
    text = "«...»، !؟ - ( ) \N{ARABIC FATHATAN}"
    assert len(Passage("text", text)) == 0
    assert fold_text(text) == ""
    assert list(split_sentences(text)) == []


def assert_offsets_hold(text: str) -> None:
    """Every character of the match form came from one of the text, in order, and the form is its own form."""
    folded: Folded = fold(text)
    offsets = folded.offsets.tolist()
    assert len(offsets) == len(folded.text)
    assert folded.length == len(text)
    assert all(0 <= offset < len(text) for offset in offsets)
    assert all(one <= other for one, other in pairwise(offsets))
    assert all(fold(text[offset]).text[:1] == letter for letter, offset in zip(folded.text, offsets, strict=True))
    assert fold(folded.text).text == folded.text
