"""What kind of word stands beside an alias: the classes of ``words.tsv``, and verbs by their form."""

from schemas.actors import Registry
from transforms.fold import fold

_REMEMBERED_WORDS = 50_000
_CLITICS = "بلوفك"
_USUAL_CLITICS = ("", "ال", "و", "ب", "ل", "لل", "وال", "بال", "ول", "وب", "ولل", "وبال")
_WITHOUT_ARTICLE = frozenset({"الي", "الا", "الذي", "التي", "الان", "الذين", "اللذين", "اللتين", "الف", "الاف", "الله"})


class WordClasses:
    """The word classes of a registry. All words are given in match form."""

    def __init__(self, registry: Registry) -> None:
        self._classes = {name: frozenset(_fold_all(words)) for name, words in registry.words.items()}
        self._of_form: dict[str, frozenset[str]] = {}
        for name, words in self._classes.items():
            for word in words:
                self._of_form[word] = self._of_form.get(word, frozenset()) | {name}
        firsts = {alias.text.split()[0] for alias in registry.aliases if alias.type in {"capital", "name", "seat"}}
        self._names = frozenset(_fold_all(firsts))
        nationalities = {alias.text for alias in registry.aliases if alias.type == "nisba" and " " not in alias.text}
        self._nationalities = frozenset("ال" + form for form in _fold_all(nationalities))
        self._remembered: dict[str, frozenset[str]] = {}

    def holds(self, word: str, *classes: str) -> bool:
        """Whether ``word``, with or without clitics, is of one of the classes."""
        return bool(word) and not self.classes_of(word).isdisjoint(classes)

    def written(self, name: str) -> frozenset[str]:
        """The words of a class as they are mostly written: with the usual clitics, with the article and without."""
        return frozenset(clitics + word for word in self._classes[name] for clitics in _USUAL_CLITICS)

    def is_given_name(self, word: str) -> bool:
        """Whether ``word`` just as it stands is a given name."""
        return word in self._classes["given-name"]

    def begins_a_name(self, word: str) -> bool:
        """Whether a name, a capital or a seat of the registry begins with ``word``."""
        return word in self._names

    def is_nationality(self, word: str) -> bool:
        """Whether ``word`` is an adjective of nationality with the article."""
        return word in self._nationalities

    def is_feminine_past(self, word: str) -> bool:
        """رفضت, وأعلنت: capitals are feminine, and news tells of them in the past."""
        return self.is_short_verb(word) or (
            len(word) > 3
            and word.endswith("ت")
            and not word.endswith("ات")
            and not word.startswith("ال")
            and word not in self._names
            and not self.holds(word, "noun-in-taa", "idle-verb")
        )

    def is_feminine_present(self, word: str) -> bool:
        """ترفض, ستعلن."""
        verb = word.removeprefix("س")
        return self.is_short_verb(word) or (
            len(verb) > 3
            and verb.startswith("ت")
            and not verb.endswith("ه")
            and verb not in self._names
            and not self.holds(verb, "noun-from-taa", "given-name")
        )

    def is_short_verb(self, word: str) -> bool:
        """دعت, وسترد: verbs of three letters are listed, since many other words look like them."""
        return word.removeprefix("و").removeprefix("ف").removeprefix("س") in self._classes["short-verb"]

    def classes_of(self, word: str) -> frozenset[str]:
        """The classes of ``word``, with or without clitics."""
        found = self._remembered.get(word)
        if found is None:
            if len(self._remembered) >= _REMEMBERED_WORDS:
                self._remembered.clear()
            of_forms = [self._of_form[form] for form in _bare_forms(word) if form in self._of_form]
            found = frozenset().union(*of_forms)
            self._remembered[word] = found
        return found


def has_article(word: str) -> bool:
    """Whether ``word`` bears the article, its own or beneath a clitic."""
    return word.startswith(("ال", "وال", "بال", "فال", "كال", "لل", "ولل", "وبال")) and word not in _WITHOUT_ARTICLE


def _fold_all(words: set[str] | frozenset[str]) -> list[str]:
    return fold("\n".join(sorted(words))).text.split("\n")


def _bare_forms(word: str) -> tuple[str, ...]:
    """``word`` and what it may be without conjunction, preposition, article and possessive."""
    forms = [word]
    if len(word) > 5 and word.endswith(("ها", "هم")):
        forms.append(word[:-2])
    if word[:1] in _CLITICS:
        forms += [form[1:] for form in forms]
        if word[1:2] in _CLITICS:
            forms.append(word[2:])
    forms += [form[2:] for form in forms if form.startswith("ال")]
    if word.startswith(("لل", "ولل")):
        forms += [form[1:] for form in forms if form.startswith("ل")]
    return tuple(forms)
