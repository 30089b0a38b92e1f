"""When a name counts: the context rules of the registry."""

from collections.abc import Callable
from itertools import islice

from schemas.actors import Alias, Condition, Registry
from transforms.acting import is_acting
from transforms.passage import Evidence, Spot
from transforms.word_classes import WordClasses, has_article

_TANWEEN = ("\N{ARABIC FATHATAN}", "\N{ARABIC FATHATAN}ا")  # كوباً is a cup; a state's name takes no tanween
_CLAUSE_ENDS = frozenset(".,:;!?\n")
_OUTLET_ENDS = frozenset({"preposition", "clause-opener", "state-agency"})
_LONGEST_LIST = 20
_POSSESSIVES = ("ه", "ها", "هم")
_ARABIC = "العربيه"
_NOT_OF_STATES = frozenset({"currency", "disease", "food", "script"})
_CALLED = frozenset({"nickname", "kin"})
_DEFERRED = frozenset({"with", "without", "marks-oman", "marks-amman"})


class Rules:
    """Decides which sense of a spot counts, if any."""

    def __init__(self, registry: Registry) -> None:
        self._words = WordClasses(registry)
        self._sport = self._words.written("sport")
        self._conditions: dict[str, Callable[[Spot, Alias, Evidence], bool]] = {
            "acting": lambda spot, alias, evidence: is_acting(spot, self._words),
            "slot": self._is_name_slot,
            "nation": self._follows_polity_noun,
            "adjective": self._follows_indefinite_noun,
            "quoted": lambda spot, alias, evidence: spot.is_quoted,
            "unqualified": lambda spot, alias, evidence: not self._words.is_nationality(spot.after),
            "not-in-sport": lambda spot, alias, evidence: not self._speaks_of_sport(evidence),
            "marks-oman": self._is_oman,
            "marks-amman": self._is_amman,
        }

    def weigh(self, spot: Spot, evidence: Evidence) -> Spot | None:
        """The spot with the senses that may count; without senses if it counts for none; ``None`` to look shorter.

        A null alias counts for none, and so does a name with given name and surname out of its term of office.
        A spot that is certain is added to the evidence at once.
        """
        held = [alias for alias in spot.senses if alias.holds_on(evidence.day)]
        if any(alias.type == "null" for alias in spot.senses) or (not held and spot.first < spot.last):
            spot.senses = ()
            return spot
        spot.senses = tuple([alias for alias in held if self._may_count(spot, alias, evidence)])
        if not spot.senses:
            return None
        if all(not _is_deferred(alias) or self._is_certain(spot, alias, evidence) for alias in spot.senses):
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
        if not self._is_plausible(spot, alias, evidence):
            return False
        return not alias.rules or self._any_rule(spot, alias, evidence, deferred=False)

    def _is_certain(self, spot: Spot, alias: Alias, evidence: Evidence) -> bool:
        """Whether a rule holds that asks for nothing else in the article."""
        return any(
            all(each.name not in _DEFERRED and self._holds(spot, alias, each, evidence) for each in rule)
            for rule in alias.rules
        )

    def _any_rule(self, spot: Spot, alias: Alias, evidence: Evidence, *, deferred: bool) -> bool:
        for rule in alias.rules:
            for condition in rule:
                if (deferred or condition.name not in _DEFERRED) and not self._holds(spot, alias, condition, evidence):
                    break
            else:
                return True
        return False

    def _holds(self, spot: Spot, alias: Alias, condition: Condition, evidence: Evidence) -> bool:
        match condition.name:
            case "with" | "without" as name:
                return evidence.codes.keys().isdisjoint(condition.arguments) == (name == "without")
            case "after" | "not-after" as name:
                return self._words.holds(spot.before, *condition.arguments) == (name == "after")
            case "before" | "not-before" as name:
                return self._words.holds(spot.after, *condition.arguments) == (name == "before")
            case name:
                return self._conditions[name](spot, alias, evidence)

    def _is_plausible(self, spot: Spot, alias: Alias, evidence: Evidence) -> bool:
        """What every alias of a type must pass, so that no row of the registry needs to say it."""
        match alias.type:
            case "nisba":
                return self._is_nationality(spot, evidence)
            case "office-holder":
                return self._is_person(spot)
            case "name" | "capital":
                return self._is_place(spot, alias)
            case _:
                return True

    def _is_nationality(self, spot: Spot, evidence: Evidence) -> bool:
        classes = self._words.classes_of(spot.before)
        if not _NOT_OF_STATES.isdisjoint(classes):
            return False
        return not (
            self._is_of_a_club(spot, evidence)
            or ("named-place" in classes and self._is_of_a_named_place(spot))
            or self._is_surname(spot)
            or self._is_language(spot)
            or (spot.is_quoted and spot.definite and spot.form.endswith("يه"))  # نقلت «الفرنسية»: the agency
            # نيجيريا is the state as well as somebody from it
            or (spot.form.endswith("ا") and ("outlet" in classes or self._is_of_a_brand(spot)))
            or (spot.definite and not spot.clitic and self._is_of_an_outlet(spot))
            or self._is_another_word(spot)
        )

    def _is_person(self, spot: Spot) -> bool:
        """Not his son, not another of his name, not what was named after him: جامعة السلطان قابوس."""
        if spot.before in {"بن", "ابن", "بنت"} or (spot.first == spot.last and self._is_namesake(spot)):
            return False
        if spot.clitic or has_article(spot.before):
            return True
        return not self._words.holds(spot.before, "institution", "named-place")

    def _is_place(self, spot: Spot, alias: Alias) -> bool:
        if alias.type == "name" and spot.printed.endswith(_TANWEEN):
            return False
        before = spot.before
        if not before or spot.clitic:
            return True
        classes = self._words.classes_of(before)
        if "outlet" in classes or ("named-place" in classes and self._follows_named_place(spot)):
            return False
        if alias.type == "name" and (self._is_of_a_brand(spot) or ("province" in classes and not has_article(before))):
            return False
        if spot.first == spot.last and not _CALLED.isdisjoint(classes):  # ابنته إيران
            return False
        return not (alias.type == "name" and self._is_family_name(spot))

    def _is_of_a_brand(self, spot: Spot) -> bool:
        """شركة أورانج الأردن, تايمز أوف إسرائيل: the last word of a name."""
        if spot.before == "اوف":
            return True
        bearer = spot.second_before
        return self._words.holds(bearer, "bearer") and not has_article(bearer) and not has_article(spot.before)

    def _is_of_a_named_place(self, spot: Spot) -> bool:
        """حي الأكراد, شارع سوريا, but not شارع تركي."""
        return (spot.definite or spot.form.endswith("ا")) and not spot.clitic and self._follows_named_place(spot)

    def _follows_named_place(self, spot: Spot) -> bool:
        """After a word of that class: شارع فلسطين, حي الأكراد, الباخرة «سوريا», which are no part of the state."""
        return not has_article(spot.before) or (spot.is_quoted and spot.first == spot.last)

    def _is_namesake(self, spot: Spot) -> bool:
        """حسن أبو هنية, عبد القادر غندور, الدكتور هادي بن علي: others who share a name with an office-holder."""
        before = spot.before
        if before in {"بن", "ابن", "ابو", "ابي", "ام"} or spot.after == "بن":
            return True
        return not spot.clitic and (
            (self._words.is_given_name(before) and before != "علي") or _ends_a_servant_name(spot)
        )

    def _is_family_name(self, spot: Spot) -> bool:
        """حارس المرمى أحمد لبنان: a title, a given name, and a state's name for a surname."""
        before = spot.before
        if spot.first < spot.last or not self._words.is_given_name(before) or before == "علي":
            return False
        return spot.second_before.startswith("ال")

    def _is_surname(self, spot: Spot) -> bool:
        if spot.clitic == "ب" and spot.definite and self._words.holds(spot.before, "nickname"):  # الملقب بالتركي
            return True
        if spot.clitic or not spot.form.endswith("ي") or " " in spot.form:
            return False
        before = spot.before
        if before == "علي" and spot.passage.printed(spot.first - 1).endswith("ى"):  # على, not the name
            return False
        if self._words.is_given_name(before) or before in {"بن", "ابن", "ابو"} or _ends_a_servant_name(spot):
            return True
        if has_article(before):
            return False
        return (
            (spot.definite and self._words.holds(before, "named-place", "nickname"))  # حي السويدي, المكنى الصومالي
            or spot.second_before in {"ابو", "ابي", "ابا", "بن", "ابن"}
            or self._ends_the_name_of_someone(spot)
        )

    def _ends_the_name_of_someone(self, spot: Spot) -> bool:
        """الممثلة نيبال الجزائري, المدرب المخضرم مارتشيلو ليبي: after a name, and before it what the person is."""
        if self._words.holds(spot.before, "person", "polity", "said"):
            return False
        described = spot.passage.words(spot.first - 3, spot.first - 1)
        while described and has_article(described[-1]):
            if self._words.holds(described.pop(), "someone"):
                return True
        return False

    def _is_another_word(self, spot: Spot) -> bool:
        """اليمنى and المجرى, unless a noun of state bears them or the text writes every final yaa without dots."""
        if spot.form not in {"يمني", "مجري"} or not spot.printed.endswith("ى"):
            return False
        if not spot.definite or not has_article(spot.before):
            return True
        return not (spot.passage.writes_yaa_without_dots() or self._words.holds(spot.before, "polity"))

    def _is_of_a_club(self, spot: Spot, evidence: Evidence) -> bool:
        """برشلونة الإسباني is the club, برشلونة الإسبانية the city: clubs are masculine."""
        if not spot.definite or spot.clitic or not spot.form.endswith("ي"):
            return False
        # مدرب القادسية التونسي جميل بلحاج: of the coach
        if self._words.is_given_name(spot.after) and spot.after != "علي":
            return False
        if self._words.holds(spot.before, "club"):
            return True
        return self._is_of_an_opponent(spot) and self._speaks_of_sport(evidence)

    def _is_of_an_opponent(self, spot: Spot) -> bool:
        """أمام غازي عنتاب سبور التركي: after a name that a preposition governs, and before no name of a person."""
        after = spot.after
        if after and not (
            has_article(after)
            or after.startswith("و")
            or after.isdigit()
            or self._words.holds(after, "preposition", "clause-opener", "adverb")
        ):
            return False
        passage = spot.passage
        for i in range(spot.first - 1, max(-1, spot.first - 5), -1):
            word = passage.word(i)
            is_governed = i < spot.first - 1 and self._words.holds(word, "preposition", "opponent")
            if is_governed or passage.gap(i + 1) != " ":
                return is_governed
            if has_article(word) or word.endswith(_POSSESSIVES) or self._words.holds(word, "polity", "person"):
                return False
        return False

    def _speaks_of_sport(self, evidence: Evidence) -> bool:
        """Whether the article has two words of sport: then its «European Union» is that of football."""
        if evidence.speaks_of_sport is None:
            words = (word for passage in evidence.passages for word in passage.folded.text.split())
            evidence.speaks_of_sport = len([*islice(filter(self._sport.__contains__, words), 2)]) == 2
        return evidence.speaks_of_sport

    def _is_language(self, spot: Spot) -> bool:
        """يتحدث الألمانية, إلى العربية عن الروسية, لغات منها الصينية واليابانية والكورية."""
        if not spot.form.endswith("يه"):
            return False
        if spot.clitic.endswith("ب") and spot.definite:
            return True
        if not spot.definite:
            return False
        if not spot.before.endswith(("ه", "ات")):  # it does not agree with what stands before it
            if self._words.holds(spot.second_before, "mastery"):  # أتقن الطالب اليابانية
                return True
            if self._words.holds(spot.before, "preposition") and _ARABIC in spot.passage.words(
                spot.first - 5, spot.first
            ):
                return True
        word = spot.passage.word
        i = spot.first - 1
        while i >= 0 and spot.first - i < _LONGEST_LIST and self._may_be_in_a_list_of_languages(word(i)):
            i -= 1
        return self._words.holds(word(max(i, 0)), "language") or self._words.holds(spot.before, "language")

    def _may_be_in_a_list_of_languages(self, word: str) -> bool:
        return (word.endswith("يه") and has_article(word)) or self._words.holds(word, "language-link")

    def _is_of_an_outlet(self, spot: Spot) -> bool:
        """صحيفة «ديلي ميل» البريطانية: the nationality of an outlet, company or club does not name the state."""
        if self._follows_person_or_polity(spot):
            return False
        passage = spot.passage
        for i in range(spot.first - 1, max(-1, spot.first - 6), -1):
            classes = self._words.classes_of(passage.word(i))
            if "outlet" in classes:
                if spot.first - i == 1:
                    return not has_article(spot.before)  # قناة الجزائرية, not القناة الجزائرية
                is_feminine = spot.form.endswith("يه")
                if ("masculine-outlet" in classes) != is_feminine:
                    return True
                # قناة الحوار التونسي, not مجموعة موالية للجيش النظامي السوري
                return spot.first - i == 2 and spot.before.endswith(("ه", "ات")) == is_feminine
            if not _OUTLET_ENDS.isdisjoint(classes) or not _CLAUSE_ENDS.isdisjoint(passage.gap(i + 1)):
                return False
        return False

    def _follows_person_or_polity(self, spot: Spot) -> bool:
        """The British minister is British, whatever newspaper is named before him: الوزير البريطاني."""
        before = spot.before
        if not has_article(before) or not self._words.holds(before, "polity", "person"):
            return False
        return before.endswith(("ه", "ات")) == spot.form.endswith("يه")

    def _is_name_slot(self, spot: Spot, alias: Alias, evidence: Evidence) -> bool:
        """Where a state's name may stand and a common noun hardly would."""
        if spot.clitic in {"ب", "ل", "وب", "ول"}:
            return True
        before = spot.before
        if spot.follows_another or self._words.holds(before, "preposition", "polity", "direction"):
            return True
        if self._words.is_feminine_past(before) or self._words.is_feminine_present(spot.after):
            return True
        return self._is_visited(spot)

    def _is_visited(self, spot: Spot) -> bool:
        """زار وزير الخارجية الألماني مالي"""
        previous = spot.previous
        if previous is None or previous.last < spot.first - 1:
            return False
        return any(self._words.holds(word, "visiting") for word in spot.passage.words(spot.first - 6, previous.first))

    def _follows_polity_noun(self, spot: Spot, alias: Alias, evidence: Evidence) -> bool:
        before = spot.before
        return self._words.holds(before, "polity") and has_article(before) == spot.is_definite

    def _follows_indefinite_noun(self, spot: Spot, alias: Alias, evidence: Evidence) -> bool:
        if spot.definite or spot.clitic or spot.after == "الجنسيه":
            return True
        before = spot.before
        if not before or has_article(before) or self._words.holds(before, "given-name", "title", "particle"):
            return False
        if self._words.holds(before, "said") and has_article(spot.after):  # قال تركي الفيصل
            return False
        return spot.after not in {"بن", "ال", "ابن"}

    def _is_oman(self, spot: Spot, alias: Alias, evidence: Evidence) -> bool:
        marks = spot.printed
        if "\N{ARABIC DAMMA}" in marks:
            return True
        if "\N{ARABIC SHADDA}" in marks or "\N{ARABIC FATHA}" in marks:
            return False
        return "OMN" in evidence.codes or "JOR" not in evidence.codes

    def _is_amman(self, spot: Spot, alias: Alias, evidence: Evidence) -> bool:
        return not self._is_oman(spot, alias, evidence) and is_acting(spot, self._words)


def _ends_a_servant_name(spot: Spot) -> bool:
    """عبد القادر المغربي: what stands before it is the second half of a given name."""
    return spot.second_before == "عبد" and spot.before.startswith("ال")


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
