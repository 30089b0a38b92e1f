"""``naba tag [FILE]``: what the tagger finds in a text, and by which rule."""

import argparse
import io
import json
import os
import re
import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.actors import Registry, RegistryError, load_registry
from schemas.mention import ActorTally, Field
from transforms.decode import decode
from transforms.fold import clean_text
from transforms.language import Language, tell_language
from transforms.tag import Tagger

COLOURS = ("cyan", "green", "yellow", "magenta", "blue", "red")
PIPED_WIDTH = 120
NARROW = 80
"""Columns of a terminal that has not room for two columns of words beside the words as printed."""
LONGEST_WRAPPED = 5000
"""Characters of a paragraph that is broken between words; a longer one is left to the terminal."""

_WORD = re.compile("[\\w\N{ARABIC FATHATAN}-\N{ARABIC WAVY HAMZA BELOW}\N{ARABIC LETTER SUPERSCRIPT ALEF}]+")
_PACKED = (b"\x1f\x8b", b"BZh", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ", b"PK\x03\x04")


@dataclass(frozen=True, slots=True)
class Tagged:
    """A text with what was found in it."""

    title: str | None
    text: str
    language: Language
    day: date
    """Whose office-holders count."""
    day_source: Literal["option", "today"]
    actors: tuple[ActorTally, ...]
    registry: Registry

    def printed(self, field: Field, start: int, end: int) -> str:
        """A slice of the title or the text."""
        return ((self.title or "") if field == "title" else self.text)[start:end]


def run_tag(argv: Sequence[str]) -> int:
    """Tag one text. Returns 0, 1 if the registry is broken, 2 for a text not to be read."""
    parser = argparse.ArgumentParser(
        prog="naba tag", description="Show which actors a text names, where, and by which rule."
    )
    parser.add_argument("file", metavar="FILE", nargs="?", default="-", help="a text; without it, standard input")
    parser.add_argument("--title", metavar="TITLE", help="its headline, which weighs most")
    parser.add_argument(
        "--date", type=_day, metavar="YYYY-MM-DD", help="when it was published: whose office-holders count (today)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, with the spans of every mention")
    options = parser.parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without Arabic letters is no reason to fail
    try:
        text = read_text(options.file)
        tagged = tag_text(text, options.title, options.date, load_registry())
    except UnreadableError as refusal:
        print(f"naba: {refusal}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"naba: cannot read {options.file}: {error.strerror or error}", file=sys.stderr)
        return 2
    except RegistryError as error:
        print(f"naba: the registry of actors is broken: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(to_json(tagged), ensure_ascii=False))
    else:
        show(tagged)
    return 0


class UnreadableError(ValueError):
    """What was given is no text."""


def read_text(name: str) -> str:
    """The text of a file, or of standard input for ``-``, in whatever encoding it is, cleaned as in the tables.

    Errors: ``UnreadableError`` for nothing and for what is no text, ``OSError``.
    """
    if name == "-":
        if sys.stdin.isatty():
            print("naba: reading the text from the terminal; end it with Ctrl-D", file=sys.stderr)
        name, content = "standard input", sys.stdin.buffer.read()
    else:
        content = Path(name).read_bytes()
    if not content.strip():
        raise UnreadableError(f"{name} is empty")
    if content.startswith(_PACKED):
        raise UnreadableError(f"{name} is packed: unpack it first")
    text = decode(content).text
    if _is_binary(text):
        raise UnreadableError(f"{name} is binary, not text")
    return clean_text(text)


def _is_binary(text: str) -> bool:
    """Whether it holds what no text does: NUL, or control characters and replacements in more than 1 of 50."""
    sample = text[:10_000]
    odd = sum(1 for character in sample if character == "\N{REPLACEMENT CHARACTER}" or _is_control(character))
    return "\0" in sample or odd * 50 > len(sample)


def _is_control(character: str) -> bool:
    return (character < " " and character not in "\t\n\r\f\v\x1b") or "\x7f" <= character < "\xa0"


def tag_text(text: str, title: str | None, day: date | None, registry: Registry) -> Tagged:
    """Tag a text as an article of ``day``, or of today."""
    when = day or datetime.now(UTC).date()
    title = clean_text(title) or None if title else None
    language = tell_language(f"{title}\n{text}" if title else text)
    actors: tuple[ActorTally, ...] = ()
    if language.has_arabic:
        actors = Tagger(registry).tag(title, text, datetime(when.year, when.month, when.day, tzinfo=UTC))
    return Tagged(title, text, language, when, "option" if day else "today", actors, registry)


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{value!r} is not a date of the form 2015-09-30") from error


def to_json(tagged: Tagged) -> dict[str, object]:
    """All that was found; offsets are code points into ``title`` and ``text`` as they stand in the object."""
    return {
        "language": tagged.language.code,
        "script": tagged.language.script,
        "has_arabic": tagged.language.has_arabic,
        "date": tagged.day.isoformat(),
        "date_source": tagged.day_source,
        "registry_version": tagged.registry.version,
        "title": tagged.title,
        "text": tagged.text,
        "actors": [_actor_to_json(tagged, tally) for tally in tagged.actors],
    }


def _actor_to_json(tagged: Tagged, tally: ActorTally) -> dict[str, object]:
    actor = tagged.registry.actors[tally.actor]
    mentions = [
        {"surface": tagged.printed(mention.field, mention.start, mention.end)} | asdict(mention)
        for mention in tally.mentions
    ]
    return {
        "actor": tally.actor,
        "kind": actor.kind,
        "name_en": actor.name_en,
        "name_ar": actor.name_ar,
        "count": tally.count,
        "salience": round(tally.salience, 4),
        "rank": tally.rank,
        "is_principal": tally.is_principal,
        "roles": tally.roles,
        "mentions": mentions,
    }


def open_console() -> Console:
    """What prints on standard output, as wide as the terminal. No markup: a text may hold square brackets."""
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPED_WIDTH
    return Console(markup=False, highlight=False, emoji=False, width=width)


def show(tagged: Tagged) -> None:
    """Print the text with its mentions in colour, then the actors and what names each of them."""
    console = open_console()
    if not tagged.language.has_arabic:
        console.print(f"No Arabic in it ({tagged.language}): naba finds actors in Arabic text alone.", soft_wrap=True)
        return
    if tagged.language.code in ("fa", "ur"):
        console.print(
            f"It reads as {tagged.language}: naba knows the names of actors in Arabic alone.\n", soft_wrap=True
        )
    styles = {tally.actor: COLOURS[(tally.rank - 1) % len(COLOURS)] for tally in tagged.actors}
    if tagged.title:
        console.print(coloured(tagged.title, "title", tagged.actors, styles), style="bold", end="\n\n")
    for paragraph in coloured(tagged.text, "text", tagged.actors, styles).split("\n"):
        console.print(paragraph, soft_wrap=len(paragraph) > LONGEST_WRAPPED or not console.is_terminal)
    console.print()
    if tagged.actors:
        console.print(_actors(tagged, styles))
        console.print()
        console.print(_evidence(tagged, styles, is_narrow=console.width < NARROW))
        console.print(
            "\n* principal: what the text is about. Salience is the share of all mentions, by place and number."
        )
    else:
        console.print("No actor of the registry is named in it.")
    told = "" if tagged.day_source == "option" else ", today: --date tells another day"
    console.print(
        f"Office-holders are those of {tagged.day}{told}. Registry {tagged.registry.version}.", soft_wrap=True
    )


def coloured(content: str, field: Field, actors: Sequence[ActorTally], styles: dict[str, str]) -> Text:
    """A field with the words in colour that hold a mention.

    Whole words: a terminal joins Arabic letters only where nothing changes between them.
    """
    shown = Text(content)
    words = [match.span() for match in _WORD.finditer(content)]
    for tally in actors:
        for mention in tally.mentions:
            if mention.field == field:
                start, _ = words[bisect_right(words, (mention.start, len(content))) - 1]
                _, end = words[bisect_right(words, (mention.end - 1, len(content))) - 1]
                shown.stylize(f"bold underline {styles[tally.actor]}", start, end)
    return shown


def _actors(tagged: Tagged, styles: dict[str, str]) -> Table:
    table = _grid("", "actor", "mentions", "salience", "name", "")
    for tally in tagged.actors:
        actor = tagged.registry.actors[tally.actor]
        mark = "*" if tally.is_principal else ""
        code = Text(tally.actor, style=styles[tally.actor])
        table.add_row(mark, code, f"{tally.count:,}", f"{tally.salience:.2f}", actor.name_en, isolated(actor.name_ar))
    return table


def _evidence(tagged: Tagged, styles: dict[str, str], *, is_narrow: bool) -> Table:
    """A row for each way in which an actor was named."""
    table = _grid("", "actor", "mentions", *(["rule, role"] if is_narrow else ["rule", "role"]), "as printed")
    for actor, rule, role, surface, count in _ways(tagged):
        how = [f"{rule}\n{role}" if role else rule] if is_narrow else [rule, role or ""]
        table.add_row("", Text(actor, style=styles[actor]), f"{count:,}", *how, isolated(surface))
    return table


def _ways(tagged: Tagged) -> Iterator[tuple[str, str, str | None, str, int]]:
    for tally in tagged.actors:
        ways: dict[tuple[str, str | None, str], int] = {}
        for mention in tally.mentions:
            surface = tagged.printed(mention.field, mention.start, mention.end)
            way = (mention.rule, mention.role, surface)
            ways[way] = ways.get(way, 0) + 1
        for (rule, role, surface), count in ways.items():
            yield tally.actor, rule, role, surface, count


def _grid(*columns: str) -> Table:
    """A table of a mark, a code, numbers and words; Arabic comes last, where it moves nothing beside it."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(
            column,
            justify="right" if column in ("mentions", "salience") else "left",
            no_wrap=column in ("actor", "mentions", "salience", "rule", "role", "rule, role"),
            overflow="fold",
        )
    return table


def isolated(text: str) -> str:
    """The text in marks that keep its direction from moving what stands beside it."""
    return text if text.isascii() else f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"
