"""When a name counts: the context rules of the registry."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from schemas.actors import Alias, Condition, Registry
from schemas.mention import Field
from transforms.fold import fold, split_words

_BOUNDARY = frozenset(".,:;!?\n()[]{}|/")
_CLAUSE_ENDS = frozenset(".,:;!?\n")
_QUOTES = frozenset("\"'")
_REMEMBERED_WORDS = 50_000
_OPENINGS = "بلوفك"


class Passage:
    """A folded field of an article, cut into words."""

    __slots__ = ("content", "ends", "field", "folded", "previous", "starts", "words")

    def __init__(self, name: Field, content: str) -> None:
        self.field = name
        self.content = content
        self.folded = fold(content)
        self.words, self.starts, self.ends = split_words(self.folded)
        self.previous: Spot | None = None
        """The last spot that was found in it so far."""

    def gap(self, i: int) -> str:
        """What stands between word ``i - 1`` and word ``i``."""
        return self.folded.text[self.ends[i - 1] : self.starts[i]]

    def printed(self, i: int) -> str:
        """Word ``i`` as it was printed."""
        start, end = self.folded.span(self.starts[i], self.ends[i])
        return self.content[start:end]

    def word(self, i: int, neighbour: int) -> str:
        """Word ``i``, or nothing where punctuation parts it from the word ``neighbour`` next to it."""
        if not 0 <= i < len(self.words) or not _BOUNDARY.isdisjoint(self.gap(max(i, neighbour))):
            return ""
        return self.words[i]


@dataclass(slots=True)
class Spot:
    """Words ``first`` to ``last`` of a passage, which are an alias; ``senses`` is what they may mean."""

    passage: Passage
    first: int
    last: int
    senses: tuple[Alias, ...]
    form: str
    clitic: str
    definite: bool
    """Whether the article was written onto an alias that does not hold it."""
    span: tuple[int, int]
    """In the folded text, without clitics."""
    previous: "Spot | None"

    @property
    def glued(self) -> bool:
        """Whether it is part of a word that has lost a space."""
        start, end = self.passage.starts[self.first], self.passage.ends[self.last]
        return self.span[1] < end or self.span[0] - start > len(self.clitic) + 2

    @property
    def before(self) -> str:
        """The word before it, or nothing where punctuation parts them."""
        return self.passage.word(self.first - 1, self.first)

    @property
    def second_before(self) -> str:
        """The word before that."""
        return self.passage.word(self.first - 2, self.first - 1) if self.before else ""

    @property
    def after(self) -> str:
        """The word after it, or nothing where punctuation parts them."""
        return self.passage.word(self.last + 1, self.last)

    @property
    def is_definite(self) -> bool:
        """Whether it has the article, its own or one written onto it."""
        return self.definite or self.form.startswith("ال")

    @property
    def follows_another(self) -> bool:
        """Whether it is joined by «and» to the alias before it."""
        return self.previous is not None and self.previous.last == self.first - 1 and self.clitic.startswith("و")

    @property
    def is_quoted(self) -> bool:
        """Whether it stands alone in quotation marks, as the name of a newspaper does."""
        start, end = self.span
        text = self.passage.folded.text
        return text[start - 1 : start] in _QUOTES and text[end : end + 1] in _QUOTES

    def original_span(self) -> tuple[int, int]:
        """Where it is in the field as printed."""
        return self.passage.folded.span(*self.span)

    def original(self) -> str:
        """The alias as it was printed, marks and all."""
        start, end = self.original_span()
        return self.passage.content[start:end]


@dataclass(slots=True)
class Evidence:
    """What is known of the article, before the spots that depend on it are decided."""

    day: date
    """Of its publication."""
    codes: Counter[str] = field(default_factory=Counter)

    """How often it certainly refers to each actor."""

    def add(self, alias: Alias) -> None:
        """Take note of an alias that counts."""
        self.codes.update(alias.codes)


_DEFERRED = frozenset({"with", "supported", "marks-oman", "marks-amman"})


class Rules:
    """Decides which sense of a spot counts, if any."""

    def __init__(self, registry: Registry) -> None:
        self._classes = {
            name: frozenset(fold("\n".join(sorted(words))).text.split("\n")) for name, words in registry.words.items()
        }
        self._names = frozenset(
            fold(alias.text.split()[0]).text for alias in registry.aliases if alias.type in {"capital", "name", "seat"}
        )
        self._remembered: dict[str, frozenset[str]] = {}
        self._conditions: dict[str, Callable[[Spot, Alias, Evidence], bool]] = {
            "acting": self._is_acting,
            "slot": self._is_name_slot,
            "nation": self._follows_polity_noun,
            "adjective": self._follows_indefinite_noun,
            "supported": lambda spot, alias, evidence: not evidence.codes.keys().isdisjoint(alias.codes),
            "marks-oman": self._is_oman,
            "marks-amman": self._is_amman,
        }

    def weigh(self, spot: Spot, evidence: Evidence) -> Spot | None:
        """The spot with the senses that may count; without senses if it counts for none; ``None`` to look shorter.

        A null alias counts for none, and so does a name with given name and surname out of its term of office.
        A spot that is certain is added to the evidence at once.
        """
        if any(alias.type == "null" for alias in spot.senses):
            spot.senses = ()
            return spot
        held = tuple([alias for alias in spot.senses if alias.holds_on(evidence.day)])
        if not held and spot.first < spot.last:
            spot.senses = ()
            return spot
        spot.senses = held
        spot.senses = tuple([alias for alias in spot.senses if self._may_count(spot, alias, evidence)])
        if not spot.senses:
            return None
        if not any(map(_is_deferred, spot.senses)):
            evidence.add(spot.senses[0])
        return spot

    def choose(self, spot: Spot, evidence: Evidence) -> Alias | None:
        """The sense that counts, now that the whole article is known: of several, the one it speaks of most."""
        if len(spot.senses) == 1 and not spot.senses[0].rules:
            return spot.senses[0]
        return max(
            (a for a in spot.senses if not _is_deferred(a) or self._any_rule(spot, a, evidence, deferred=True)),
            key=lambda alias: _support(alias, evidence),
            default=None,
        )

    def _may_count(self, spot: Spot, alias: Alias, evidence: Evidence) -> bool:
        if not self._is_plausible(spot, alias):
            return False
        return not alias.rules or self._any_rule(spot, alias, evidence, deferred=False)

    def _any_rule(self, spot: Spot, alias: Alias, evidence: Evidence, *, deferred: bool) -> bool:
        return any(
            all(self._holds(spot, alias, c, evidence) for c in rule if deferred or c.name not in _DEFERRED)
            for rule in alias.rules
        )

    def _holds(self, spot: Spot, alias: Alias, condition: Condition, evidence: Evidence) -> bool:
        match condition.name:
            case "with":
                return not evidence.codes.keys().isdisjoint(condition.arguments)
            case "after":
                return self.is_any(spot.before, condition.arguments)
            case "not-after":
                return not self.is_any(spot.before, condition.arguments)
            case "before":
                return self.is_any(spot.after, condition.arguments)
            case "not-before":
                return not self.is_any(spot.after, condition.arguments)
            case name:
                return self._conditions[name](spot, alias, evidence)

    def is_any(self, word: str, classes: tuple[str, ...]) -> bool:
        """Whether ``word``, with or without clitics, is of one of the classes."""
        return not self._classes_of(word).isdisjoint(classes)

    def _is(self, word: str, name: str) -> bool:
        return name in self._classes_of(word)

    def _classes_of(self, word: str) -> frozenset[str]:
        found = self._remembered.get(word)
        if found is None:
            if len(self._remembered) >= _REMEMBERED_WORDS:
                self._remembered.clear()
            forms = _bare_forms(word)
            found = frozenset(name for name, members in self._classes.items() if not members.isdisjoint(forms))
            self._remembered[word] = found
        return found

    def _is_plausible(self, spot: Spot, alias: Alias) -> bool:
        """What every alias of a type must pass, so that no row of the registry needs to say it."""
        before = spot.before
        if alias.type == "nisba":
            return not (
                self._is_surname(spot)
                or self._is_language(spot)
                or self._is(before, "currency")
                or self._is_of_an_outlet(spot)
            ) and self._is_printed_with_yaa(spot)
        if alias.type in {"name", "capital"} and before and not spot.clitic:
            if self._is(before, "named-place") or self._is(before, "outlet"):
                return False
            return not (alias.type == "name" and self._is_family_name(spot))
        return True

    def _is_family_name(self, spot: Spot) -> bool:
        """حارس المرمى أحمد لبنان: a title, a given name, and a state's name for a surname."""
        before = spot.before
        return before in self._classes["given-name"] and before != "علي" and spot.second_before.startswith("ال")

    def _is_surname(self, spot: Spot) -> bool:
        if spot.clitic or not spot.form.endswith("ي") or " " in spot.form:
            return False
        before = spot.before
        if before == "علي" and spot.passage.printed(spot.first - 1).endswith("ى"):  # على, not the name
            return False
        if before in self._classes["given-name"] or before in {"بن", "ابن", "ابو"}:
            return True
        return spot.second_before in {"ابو", "ابي", "ابا", "بن"} and not before.startswith("ال")

    def _is_printed_with_yaa(self, spot: Spot) -> bool:
        """اليمنى and المجرى are other words, unless the text writes every final yaa without dots."""
        if spot.form not in {"يمني", "مجري"} or not spot.original().endswith("ى"):
            return True
        return " فى " in spot.passage.content and spot.definite and _has_article(spot.before)

    def _is_language(self, spot: Spot) -> bool:
        if not spot.form.endswith("يه"):
            return False
        if spot.clitic.endswith("ب") and spot.definite:
            return True
        words = spot.passage.words[max(0, spot.first - 4) : spot.first]
        return spot.definite and any(self._is(word, "language") for word in words)

    def _is_of_an_outlet(self, spot: Spot) -> bool:
        """صحيفة «ديلي ميل» البريطانية: the nationality of an outlet, company or club does not name the state."""
        if not spot.definite or spot.clitic:
            return False
        passage = spot.passage
        for i in range(spot.first - 1, max(-1, spot.first - 6), -1):
            word = passage.words[i]
            if self._is(word, "outlet"):
                return spot.first - i > 1
            if self._is(word, "preposition") or not _CLAUSE_ENDS.isdisjoint(passage.gap(i + 1)):
                return False
        return False

    def _is_acting(self, spot: Spot, alias: Alias, evidence: Evidence) -> bool:
        """A capital that speaks, decides or is dealt with; not one where something happens."""
        before, after = spot.before, spot.after
        if spot.clitic not in {"", "و", "ف"} or spot.is_quoted or self._is(after, "not-acting-next"):
            return False
        if self._is(before, "location"):
            return False
        if spot.follows_another and spot.previous and spot.previous.senses[0].type in {"capital", "seat"}:
            return True
        if before == "بين":
            return self._is_partner(spot)
        if self.is_any(before, ("dealing", "bound-pronoun")) or self._has_feminine_verb_before(spot):
            return True
        if before == "علي":
            return self.is_any(spot.second_before, ("dealing", "relation"))
        opens_clause = not before or self._is(before, "clause-opener")
        return opens_clause and (
            self._is_feminine_past(after) or self._is_feminine_present(after) or self._is(after, "acting-verb")
        )

    def _has_feminine_verb_before(self, spot: Spot) -> bool:
        """رفضت واشنطن, تدعمها واشنطن, التي طلبتها واشنطن."""
        before = spot.before
        if self._is_feminine_past(before):
            return True
        verb = before.removeprefix("و").removeprefix("س")
        stem = verb.removesuffix("ا").removesuffix("ه").removesuffix("هم")
        if verb.startswith("ت") and len(stem) > 3 and not self._is(before, "noun-from-taa") and verb not in self._names:
            return True
        return stem.endswith("ت") and stem != verb and self._is(spot.second_before, "relative")

    def _is_partner(self, spot: Spot) -> bool:
        """العلاقات بين واشنطن وطهران, but not the road between two cities."""
        words = spot.passage.words
        nouns = words[max(0, spot.first - 4) : spot.first - 1]
        return spot.after[1:] in self._names or any(self._is(word, "relation") for word in nouns)

    def _is_name_slot(self, spot: Spot, alias: Alias, evidence: Evidence) -> bool:
        """Where a state's name may stand and a common noun hardly would."""
        if spot.clitic in {"ب", "ل", "وب", "ول"}:
            return True
        before = spot.before
        if spot.follows_another or self.is_any(before, ("preposition", "polity", "direction")):
            return True
        return self._is_feminine_past(before) or self._is_feminine_present(spot.after)

    def _follows_polity_noun(self, spot: Spot, alias: Alias, evidence: Evidence) -> bool:
        before = spot.before
        return self._is(before, "polity") and _has_article(before) == spot.is_definite

    def _follows_indefinite_noun(self, spot: Spot, alias: Alias, evidence: Evidence) -> bool:
        if spot.definite or spot.clitic:
            return True
        before = spot.before
        if not before or _has_article(before) or self.is_any(before, ("given-name", "title", "particle")):
            return False
        return spot.after not in {"بن", "ال", "ابن"}

    def _is_oman(self, spot: Spot, alias: Alias, evidence: Evidence) -> bool:
        marks = spot.original()
        if "\N{ARABIC DAMMA}" in marks:
            return True
        if "\N{ARABIC SHADDA}" in marks or "\N{ARABIC FATHA}" in marks:
            return False
        return "OMN" in evidence.codes or "JOR" not in evidence.codes

    def _is_amman(self, spot: Spot, alias: Alias, evidence: Evidence) -> bool:
        return not self._is_oman(spot, alias, evidence) and self._is_acting(spot, alias, evidence)

    def _is_feminine_past(self, word: str) -> bool:
        """رفضت, وأعلنت: capitals are feminine, and news tells of them in the past."""
        return (
            len(word) > 3
            and word.endswith("ت")
            and not word.endswith("ات")
            and not word.startswith("ال")
            and word not in self._names
            and not self.is_any(word, ("noun-in-taa", "idle-verb"))
        )

    def _is_feminine_present(self, word: str) -> bool:
        """ترفض, ستعلن."""
        verb = word.removeprefix("س")
        return (
            len(verb) > 3
            and verb.startswith("ت")
            and not verb.endswith("ه")
            and verb not in self._names
            and not self.is_any(verb, ("noun-from-taa", "given-name"))
        )


def _support(alias: Alias, evidence: Evidence) -> int:
    """How often the article speaks of the actors that the rule of ``alias`` asks for."""
    return sum(
        evidence.codes[code]
        for rule in alias.rules
        for condition in rule
        if condition.name == "with"
        for code in condition.arguments
    )


def _is_deferred(alias: Alias) -> bool:
    return bool(alias.rules) and any(condition.name in _DEFERRED for rule in alias.rules for condition in rule)


_WITHOUT_ARTICLE = frozenset({"الي", "الا", "الذي", "التي", "الان", "الذين", "اللذين", "اللتين", "الف", "الاف", "الله"})


def _has_article(word: str) -> bool:
    return word.startswith(("ال", "وال", "بال", "فال", "كال", "لل", "ولل", "وبال")) and word not in _WITHOUT_ARTICLE


def _bare_forms(word: str) -> tuple[str, ...]:
    """``word`` and what it may be without conjunction, preposition and article."""
    forms = [word]
    if word[:1] in _OPENINGS:
        forms.append(word[1:])
        if word[1:2] in _OPENINGS:
            forms.append(word[2:])
    forms += [form[2:] for form in forms if form.startswith("ال")]
    if word.startswith(("لل", "ولل")):
        forms += [form[1:] for form in forms if form.startswith("ل")]
    return tuple(forms)
