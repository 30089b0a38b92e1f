"""What may begin in a word: the sieve that most words stop at lets every name through."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from schemas.actors import load_registry
from transforms.fold import fold, fold_text
from transforms.openings import Openings
from transforms.passage import Passage

REGISTRY = load_registry()
OPENINGS = Openings(REGISTRY)
PREFIXES = ["", *"وفبلك", "وب", "ول", "وك", "فب", "فل", "فك"]
PREFIXES += [prefix + "ال" for prefix in PREFIXES] + ["لل", "ولل", "فلل", "12", "12ال"]
PADDING = " هنا" * 60  # so that the passage is worth a sieve
NAMES = sorted({fold_text(alias.text) for alias in REGISTRY.aliases})
WRITTEN = st.tuples(st.sampled_from(PREFIXES), st.sampled_from(NAMES)).map("".join)


def assert_nothing_is_lost(text: str) -> None:
    """Wherever something begins, and may go on with the next word, the sieve lets the word through."""
    passage = Passage("text", text + PADDING)
    passing = set(OPENINGS.find(passage))
    words = passage.words(0, len(passage))
    for i, (word, following) in enumerate(pairwise(words)):
        opening = OPENINGS.at(word)
        assert i in passing or opening is None or not (opening.is_whole or following in opening.following), word


def test_every_name_passes_with_every_prefix() -> None:
    for prefix in PREFIXES:
        assert_nothing_is_lost(" هنا ".join(prefix + name for name in NAMES))


def test_every_name_passes_whose_article_has_lost_its_alef_or_both_its_letters() -> None:
    definite = [name for name in NAMES if name.startswith("ال")]
    assert_nothing_is_lost(" هنا ".join("ل" + name.removeprefix("ا") for name in definite))
    assert_nothing_is_lost(" هنا ".join("ل" + name.removeprefix("ال") for name in definite))  # للاذقية


def test_short_names_pass_that_are_glued_to_another() -> None:
    short = [prefix + name for prefix in ("", "و", "ل") for name in NAMES if len(name) < 5]
    for following in ("سوريا", "ولبنان", "بروسيا", "الكويت"):
        assert_nothing_is_lost(" هنا ".join(name + following for name in short))


@given(st.lists(WRITTEN.map(lambda name: name.replace(" ", "")), min_size=1, max_size=4))
def test_names_that_lost_their_spaces_pass(names: list[str]) -> None:
    assert_nothing_is_lost("".join(names))


@given(st.text(alphabet="ابتلمنوفقسير مص12", max_size=200))
def test_nothing_is_lost_in_any_text(text: str) -> None:
    assert_nothing_is_lost(text)


def test_most_words_stop_at_the_sieve() -> None:
    text = "وتشهد شوارعها هدوءا نسبيا صباح اليوم بعد هطول أمطار غزيرة طوال ساعات الليل الماضية " * 10
    assert len(OPENINGS.find(Passage("text", text))) < 0.2 * len(text.split())


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=50))
def test_words_are_the_runs_of_letters_and_digits_in_the_match_form(text: str) -> None:
    passage = Passage("text", text)
    words = passage.words(0, len(passage))
    assert all(any(character.isalnum() or not character.isascii() for character in word) for word in words)
    parted = "".join(c if c.isalnum() or not c.isascii() else " " for c in fold(text).text)
    assert "".join(c for word in words for c in word if c.isalnum()) == "".join(c for c in parted if c.isalnum())
    gaps = [passage.gap(i) for i in range(1, len(passage))]
    assert not any(character.isalnum() for gap in gaps for character in gap)
    assert all(gaps)


def test_words_beyond_the_basic_plane_are_cut_alike() -> None:
    passage = Passage("text", "سوريا 😀 ولبنان𐤀𐤁 «مصر»")
    assert passage.words(0, len(passage)) == ["سوريا", "ولبنان𐤀𐤁", "مصر"]
