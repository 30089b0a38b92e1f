"""The actor registry: who may be tagged, under which names, and when a name counts.

The data files beside this module are the registry; ``docs/actors.md`` says what each column means.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import blake2b
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import combinations

ACTOR_FILES = ("states.tsv", "bodies.tsv", "groups.tsv")
ALIAS_FILES = ("state_names.tsv", "seats.tsv", "body_names.tsv", "group_names.tsv", "people.tsv", "null_names.tsv")
WORD_FILE = "words.tsv"

KINDS = frozenset({"state", "territory", "government", "igo", "body", "forum", "coalition", "group", "party", "ngo"})
TYPES = frozenset({"name", "nisba", "capital", "seat", "office-holder", "organ", "member", "anaphor", "null"})
RULES = frozenset(
    {"acting", "slot", "nation", "adjective", "quoted", "unqualified", "not-in-sport", "marks-oman", "marks-amman"}
)
"""Conditions without an argument."""
CODE_RULES = frozenset({"with", "without"})
"""Conditions on what else the article refers to; the arguments are codes."""
CLASS_RULES = frozenset({"after", "not-after", "before", "not-before"})
"""Conditions on a neighbouring word; the arguments are classes of ``words.tsv``."""

ACTOR_COLUMNS = ("code", "kind", "name_ar", "name_en", "iso2", "iso3", "cameo", "plover")
ALIAS_COLUMNS = ("code", "type", "role", "from", "to", "rule", "aliases")
WORD_COLUMNS = ("class", "words")


@dataclass(frozen=True, slots=True)
class Actor:
    """One entry of the closed list of codes."""

    code: str
    kind: str
    name_ar: str
    name_en: str
    iso2: str | None = None
    iso3: str | None = None
    cameo: str | None = None
    plover: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold where an alias stands, for it to count."""

    name: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alias:
    """One spelling by which actors are referred to; a null alias refers to none and blocks what is inside it."""

    text: str
    codes: tuple[str, ...]
    type: str
    rules: tuple[tuple[Condition, ...], ...] = ()
    """It counts if, in any of these, every condition holds; without any, always."""
    role: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    """The last day on which it holds."""
    where: str = field(default="", compare=False)
    """The file and line that say so, as ``people.tsv:17``."""

    def holds_on(self, day: date) -> bool:
        """Whether an article of that day may mean it."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Registry:
    """Everything the tagger knows."""

    actors: Mapping[str, Actor]
    aliases: tuple[Alias, ...]
    words: Mapping[str, frozenset[str]]
    """Word classes that context rules ask for: given names, verbs of saying, and so on."""
    version: str
    """A hash of the data files, 12 hex digits: equal versions tag alike."""


class RegistryError(ValueError):
    """A data file of the registry is not as it must be."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}, line {line}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason


def load_registry(folder: Traversable | None = None) -> Registry:
    """The registry that ships with naba, or the one in ``folder``; ``RegistryError`` if a file has an error."""
    folder = folder or resources.files(__package__)
    actors: dict[str, Actor] = {}
    for file in ACTOR_FILES:
        for line, cells in _rows(folder, file, ACTOR_COLUMNS):
            actor = _actor(file, line, cells)
            if actor.code in actors:
                raise RegistryError(file, line, f"the code {actor.code} is given twice")
            actors[actor.code] = actor
    words: dict[str, frozenset[str]] = {}
    for line, cells in _rows(folder, WORD_FILE, WORD_COLUMNS):
        if not cells["class"] or not all(cells["words"].split("|")):
            raise RegistryError(WORD_FILE, line, "the class has no name, or a word is empty")
        words[cells["class"]] = words.get(cells["class"], frozenset()) | set(cells["words"].split("|"))
    known = Registry(actors, (), words, _version(folder))
    aliases = (
        alias
        for file in ALIAS_FILES
        for line, cells in _rows(folder, file, ALIAS_COLUMNS)
        for alias in _aliases(file, line, cells, known)
    )
    return replace(known, aliases=tuple(aliases))


def lint_registry(registry: Registry, fold: Callable[[str], str]) -> list[str]:
    """What is wrong with a registry that loads: file, line and reason of each alias that cannot be told apart.

    ``fold`` makes the match form. Two aliases may share a form if their terms of office do not overlap, or if
    each of them is bound to a rule of its own; a name and a nationality of one state may be one word (مالي).
    """
    by_form: dict[str, list[Alias]] = {}
    problems = []
    for alias in registry.aliases:
        form = fold(alias.text)
        if not form:
            problems.append(f"{alias.where}: «{alias.text}» has no match form")
        by_form.setdefault(form, []).append(alias)
    for form, sharing in by_form.items():
        problems += [
            f"{other.where}: «{form}» is an alias twice: {_names(other)}, and {_names(one)} in {one.where}"
            for one, other in combinations(sharing, 2)
            if _clash(one, other)
        ]
    return problems


def _names(alias: Alias) -> str:
    return f"{'+'.join(alias.codes) or 'none'} ({alias.type}, «{alias.text}»)"


def _clash(one: Alias, other: Alias) -> bool:
    overlap = (one.valid_from or date.min) <= (other.valid_to or date.max) and (other.valid_from or date.min) <= (
        one.valid_to or date.max
    )
    if one.codes == other.codes and one.type != other.type:
        return False
    return overlap and not (one.rules and other.rules and one.rules != other.rules)


def _rows(folder: Traversable, file: str, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a file with their line numbers; blank lines and lines that begin with ``#`` are skipped."""
    try:
        text = (folder / file).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RegistryError(file, 1, f"not UTF-8 at byte {error.start}") from error
    lines = text.splitlines()
    if not lines or tuple(lines[0].split("\t")) != columns:
        raise RegistryError(file, 1, f"the first line must name the columns {' '.join(columns)}, parted by tabs")
    for number, cells in enumerate(csv.reader(lines[1:], delimiter="\t", quoting=csv.QUOTE_NONE), start=2):
        if not cells or cells[0].startswith("#"):
            continue
        if len(cells) != len(columns):
            raise RegistryError(file, number, f"{len(cells)} cells where there are {len(columns)} columns")
        if any(cell != cell.strip() for cell in cells):
            raise RegistryError(file, number, "a cell begins or ends with a space")
        yield number, dict(zip(columns, cells, strict=True))


def _actor(file: str, line: int, cells: dict[str, str]) -> Actor:
    code = cells["code"]
    if not (code.isascii() and code.replace("_", "").isalnum() and code == code.upper()):
        raise RegistryError(file, line, f"the code {code!r} is not upper-case ASCII")
    if cells["kind"] not in KINDS:
        raise RegistryError(file, line, f"the kind {cells['kind']!r} is not one of {', '.join(sorted(KINDS))}")
    if not cells["name_ar"] or not cells["name_en"]:
        raise RegistryError(file, line, "a name is missing")
    crosswalk = (cells[column] or None for column in ("iso2", "iso3", "cameo", "plover"))
    return Actor(code, cells["kind"], cells["name_ar"], cells["name_en"], *crosswalk)


def _aliases(file: str, line: int, cells: dict[str, str], registry: Registry) -> Iterator[Alias]:
    codes = tuple(cells["code"].split("+")) if cells["code"] else ()
    for code in codes:
        if code not in registry.actors:
            raise RegistryError(file, line, f"the code {code!r} is not in the closed list")
    if cells["type"] not in TYPES:
        raise RegistryError(file, line, f"the type {cells['type']!r} is not one of {', '.join(sorted(TYPES))}")
    if bool(codes) == (cells["type"] == "null"):
        raise RegistryError(file, line, "an alias has a code, unless its type is null")
    rules = tuple(
        tuple(_condition(file, line, condition, registry) for condition in alternative.split("+"))
        for alternative in cells["rule"].split("/")
        if alternative
    )
    valid_from = _day(file, line, cells["from"])
    valid_to = _day(file, line, cells["to"])
    if valid_from and valid_to and valid_to < valid_from:
        raise RegistryError(file, line, "the term ends before it begins")
    texts = cells["aliases"].split("|")
    if not all(texts) or any(text != text.strip() for text in texts):
        raise RegistryError(file, line, "an alias is empty, or begins or ends with a space")
    for text in texts:
        yield Alias(
            text, codes, cells["type"], rules, cells["role"] or None, valid_from, valid_to, where=f"{file}:{line}"
        )


def _condition(file: str, line: int, text: str, registry: Registry) -> Condition:
    """``name``, or ``name:argument,argument``."""
    name, _, rest = text.partition(":")
    arguments = tuple(rest.split(",")) if rest else ()
    if name in RULES and not arguments:
        return Condition(name)
    if name in CODE_RULES and arguments:
        known: Mapping[str, object] = registry.actors
    elif name in CLASS_RULES and arguments:
        known = registry.words
    else:
        raise RegistryError(file, line, f"there is no rule {text!r}")
    for argument in arguments:
        if argument not in known:
            raise RegistryError(file, line, f"the rule {text!r} names {argument!r}, which is not known")
    return Condition(name, arguments)


def _day(file: str, line: int, cell: str) -> date | None:
    try:
        return date.fromisoformat(cell) if cell else None
    except ValueError as error:
        raise RegistryError(file, line, f"{cell!r} is not a date of the form 2015-09-30") from error


def _version(folder: Traversable) -> str:
    digest = blake2b(digest_size=6)
    for file in (*ACTOR_FILES, *ALIAS_FILES, WORD_FILE):
        digest.update((folder / file).read_bytes())
    return digest.hexdigest()
