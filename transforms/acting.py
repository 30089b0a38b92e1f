"""When a capital stands for its state: it speaks, decides or is dealt with, rather than being where things happen."""

from transforms.passage import Spot
from transforms.word_classes import WordClasses, has_article


def is_acting(spot: Spot, words: WordClasses) -> bool:
    """Whether the capital at ``spot`` acts: رفضت موسكو, واشنطن تدرس, العلاقات مع طهران."""
    if spot.is_quoted:
        return False
    if spot.clitic == "ل":  # الموالية لطهران, مساعدات عسكرية لكييف
        return words.holds(spot.before, "siding") or words.holds(spot.second_before, "giving")
    if spot.clitic not in {"", "و", "ف"}:
        return False
    if words.holds(spot.after, "not-acting-next"):
        return False
    return _stands_for_the_state(spot, words) and not _is_about_sport(spot, words)


def _stands_for_the_state(spot: Spot, words: WordClasses) -> bool:
    if spot.before in {"بين", "علي"} and not _continues(spot):
        return _is_partner(spot, words)
    if _continues(spot) or _is_joined_to_a_subject(spot, words) or _is_subject_after(spot, words):
        return True
    if spot.clitic:  # «and» parts it from the word before it: تبتدئ وجوبا
        return False
    if spot.before == "من":  # المدعومة من طهران
        return words.holds(spot.second_before, "coming-from")
    if words.holds(spot.before, "dealing", "bound-pronoun") or _is_subject_before(spot, words):
        return True
    return _is_addressed(spot, words)


def _is_addressed(spot: Spot, words: WordClasses) -> bool:
    """اتهمت طالبان واشنطن بعرقلة: one accuses somebody of something, and no city."""
    follows_a_subject = has_article(spot.before) and not words.holds(spot.before, "seat-noun")
    if spot.previous is not None and spot.previous.last == spot.first - 1:
        follows_a_subject = True
    if not follows_a_subject or not (spot.after.startswith("ب") or words.holds(spot.after, "preposition")):
        return False
    return any(words.holds(word, "addressing") for word in spot.passage.words(spot.first - 5, spot.first - 1))


def _is_about_sport(spot: Spot, words: WordClasses) -> bool:
    """تعادل روما مع لاتسيو في الدوري: the club of the city, not the state."""
    around = spot.passage.words(spot.first - 5, spot.last + 6)
    return any(words.holds(word, "sport") for word in around)


def _continues(spot: Spot) -> bool:
    """واشنطن وموسكو, اتهمت واشنطن موسكو: joined to a capital that acts, or its object."""
    previous = spot.previous
    if previous is None or previous.senses[0].type not in {"capital", "seat"}:
        return False
    return spot.follows_another or (previous.last == spot.first - 1 and spot.before != "" and not spot.clitic)


def _is_joined_to_a_subject(spot: Spot, words: WordClasses) -> bool:
    """اتفقت طالبان وواشنطن, بين إيران وواشنطن: what it is joined to acts or is a partner."""
    previous = spot.previous
    if not spot.clitic or previous is None or previous.clitic or not spot.follows_another:
        return False
    return previous.before == "بين" or words.is_feminine_past(previous.before)


def _is_partner(spot: Spot, words: WordClasses) -> bool:
    """العلاقات بين واشنطن وطهران and العقوبات على طهران, but not the road between two cities."""
    if spot.before == "علي":
        return "ان" in {spot.after, spot.second_before} or words.holds(spot.second_before, "dealing", "pressure")
    nouns = spot.passage.words(spot.first - 4, spot.first - 1)
    if any(words.holds(noun, "journey") for noun in nouns):
        return False
    return words.begins_a_name(spot.after[1:]) or any(words.holds(noun, "relation") for noun in nouns)


def _is_subject_before(spot: Spot, words: WordClasses) -> bool:
    """رفضت واشنطن, تدعمها واشنطن, التي طلبتها واشنطن."""
    if words.is_feminine_past(spot.before):
        return True
    verb = spot.before.removeprefix("و").removeprefix("س")
    stem = verb.removesuffix("ا").removesuffix("ه").removesuffix("هم")
    if words.holds(stem, "noun-from-taa", "idle-verb") or words.begins_a_name(verb):
        return False
    if verb.startswith("ت") and len(stem) > 3:
        return True
    is_verb = stem.startswith("ت") or stem.endswith("ت")
    return is_verb and stem != verb and words.holds(spot.second_before, "relative")


def _is_subject_after(spot: Spot, words: WordClasses) -> bool:
    """واشنطن تدرس, أن واشنطن رفضت, أن القاهرة وباريس اتفقتا."""
    if spot.before and not spot.clitic and not words.holds(spot.before, "clause-opener"):
        return False
    verb = spot.after
    if not spot.clitic and verb.startswith("و") and words.begins_a_name(verb[1:]):
        verb = spot.passage.after(spot.last + 1)
        verb = verb[:-1] if verb.endswith("تا") else verb
    return words.is_feminine_past(verb) or words.is_feminine_present(verb) or words.holds(verb, "acting-verb")
