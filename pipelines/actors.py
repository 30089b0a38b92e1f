"""``naba actors [CODE|NAME]``: who is in the registry, under which names, and when each of them counts."""

import argparse
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipelines.tag import isolated, open_console
from schemas.actors import Actor, Alias, Condition, Registry, RegistryError, lint_registry, load_registry
from transforms.fold import fold_text

_ARTICLE = "ال"
_NEAREST = 5
_WORD = re.compile(r"\w{4,}")


@dataclass(frozen=True, slots=True)
class Hit:
    """An actor that a query found."""

    actor: Actor
    aliases: tuple[Alias, ...]
    """Those of its aliases that the query is or is a part of; none if it was found by its code or English name."""


def run_actors(argv: Sequence[str]) -> int:
    """Look up or check the registry. Returns 0, 1 if nothing is found or a file is wrong, 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="naba actors", description="Look up the registry of actors. Without a name: how large it is."
    )
    parser.add_argument("name", nargs="*", metavar="CODE|NAME", help="a code (RUS), or a name in Arabic or English")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, for each actor found")
    parser.add_argument("--check", action="store_true", help="check the files of the registry: file:line: reason")
    parser.add_argument("--registry", type=Path, metavar="FOLDER", help="the files of another registry than naba's own")
    options = parser.parse_args(argv)
    query = " ".join(options.name).strip()
    if options.check and (query or options.json):
        parser.error(f"--check checks the whole registry: it takes no {'name' if query else '--json'}")
    if options.registry and not options.registry.is_dir():
        what = "is not a folder" if options.registry.exists() else "is not there"
        parser.error(f"--registry {options.registry}: the folder of a registry's files {what}")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        registry = load_registry(options.registry)
    except RegistryError as error:
        print(f"{error.file}:{error.line}: {error.reason}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"naba: cannot read the registry: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    if options.check:
        return _check(registry)
    if not query and not options.json:
        show_summary(registry)
        return 0
    hits = find_actors(registry, query) if query else [Hit(actor, ()) for actor in registry.actors.values()]
    if not hits:
        near = ", ".join(find_nearest(registry, query))
        told = f"; the nearest: {near}" if near else ""
        if query.isascii() and any(map(str.isalpha, query)):
            told += "; persons are there by their names in Arabic"
        print(f"naba: the registry has no actor '{query}'{told}", file=sys.stderr)
        return 1
    if options.json:
        for hit in hits:
            print(json.dumps(to_json(registry, hit), ensure_ascii=False))
    else:
        show_hits(registry, hits)
    return 0


def _check(registry: Registry) -> int:
    problems = lint_registry(registry, fold_text)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        return 1
    counts = f"{len(registry.actors):,} actors, {len(registry.aliases):,} aliases"
    print(f"registry {registry.version}: {counts}, no error")
    return 0


def find_actors(registry: Registry, query: str) -> list[Hit]:
    """The actors that a query names exactly, by code, name or alias; if none, those in whose names it stands."""
    if query.upper() in registry.actors:  # a code names one actor alone
        return [Hit(registry.actors[query.upper()], ())]
    for is_meant in (_is_exactly, _is_part):
        found: dict[str, list[Alias]] = {}
        for actor in registry.actors.values():
            codes = (actor.code, actor.iso2, actor.iso3, actor.cameo)
            if query.upper() in codes or is_meant(query.casefold(), actor.name_en.casefold()):
                found.setdefault(actor.code, [])
        form = fold_text(query)
        for alias in registry.aliases if form else ():
            alias_form = fold_text(alias.text)
            if is_meant(form, alias_form) or is_meant(form.removeprefix(_ARTICLE), alias_form):
                for code in alias.codes:
                    found.setdefault(code, []).append(alias)
        if found:
            return [Hit(registry.actors[code], tuple(aliases)) for code, aliases in found.items()]
    return []


def _is_exactly(query: str, name: str) -> bool:
    return query == name


def _is_part(query: str, name: str) -> bool:
    """Whether words of the name begin with the query."""
    return bool(query) and f" {query}" in f" {name}".replace("(", " ").replace("-", " ")


def find_nearest(registry: Registry, query: str) -> list[str]:
    """Codes, English names and aliases that look like the query, or have a word that does, each with its code."""
    names: dict[str, list[str]] = {}
    for actor in registry.actors.values():
        named = f"{actor.name_en} ({actor.code})"
        names.setdefault(actor.code.casefold(), []).append(actor.code)
        for name in (actor.name_en.casefold(), *_WORD.findall(actor.name_en.casefold())):
            names.setdefault(name, []).append(named)
    for alias in registry.aliases:
        if alias.codes:
            named = f"{isolated(alias.text)} ({'+'.join(alias.codes)})"
            names.setdefault(fold_text(alias.text), []).append(named)
    sought = fold_text(query) or query.casefold()
    near = [name for found in get_close_matches(sought, names, n=_NEAREST, cutoff=0.7) for name in names[found]]
    return list(dict.fromkeys(near))[:_NEAREST]


def to_json(registry: Registry, hit: Hit) -> dict[str, object]:
    """The entry of an actor, with all its aliases."""
    actor = hit.actor
    aliases = [
        {
            "alias": alias.text,
            "type": alias.type,
            "role": alias.role,
            "from": alias.valid_from and alias.valid_from.isoformat(),
            "to": alias.valid_to and alias.valid_to.isoformat(),
            "rule": rule_text(alias.rules) or None,
            "codes": alias.codes,
        }
        for alias in registry.aliases
        if actor.code in alias.codes
    ]
    crosswalk = {"iso2": actor.iso2, "iso3": actor.iso3, "cameo": actor.cameo, "plover": actor.plover}
    names = {"code": actor.code, "kind": actor.kind, "name_en": actor.name_en, "name_ar": actor.name_ar}
    return names | crosswalk | {"aliases": aliases, "registry_version": registry.version}


def rule_text(rules: Sequence[Sequence[Condition]]) -> str:
    """Rules as they are written in the files."""
    return "/".join("+".join(_condition_text(condition) for condition in rule) for rule in rules)


def _condition_text(condition: Condition) -> str:
    return condition.name + (":" + ",".join(condition.arguments) if condition.arguments else "")


def show_hits(registry: Registry, hits: Sequence[Hit]) -> None:
    """Print the entry of the one actor found, or a line for each of several."""
    console = open_console()
    if len(hits) == 1:
        _show_entry(console, registry, hits[0])
        return
    console.print(f"{len(hits)} actors; 'naba actors CODE' shows one of them.\n", soft_wrap=True)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("code", "kind", "name", "", "found by"):
        table.add_column(column, no_wrap=column in ("code", "kind"), overflow="fold")
    for hit in hits:
        actor = hit.actor
        found_by = " | ".join(isolated(alias.text) for alias in hit.aliases[:3])
        table.add_row(Text(actor.code, style="bold cyan"), actor.kind, actor.name_en, isolated(actor.name_ar), found_by)
    console.print(table)


def _show_entry(console: Console, registry: Registry, hit: Hit) -> None:
    actor = hit.actor
    console.print(Text.assemble((actor.code, "bold cyan"), f"  {actor.kind}"))
    console.print(f"  {actor.name_en}  {isolated(actor.name_ar)}", style="bold")
    codes = (("ISO 3166-1", actor.iso2), ("", actor.iso3), ("CAMEO", actor.cameo), ("PLOVER", actor.plover))
    if any(code for _, code in codes):
        console.print("  " + "  ".join(f"{name} {code}".strip() for name, code in codes if code))
    if 0 < len(hit.aliases) <= 3:
        console.print()
        for alias in hit.aliases:
            console.print(f"  found by {isolated(alias.text)}: {_how(alias)}")
    aliases = (alias for alias in registry.aliases if actor.code in alias.codes)
    for how, sharing in groupby(aliases, key=_how):
        console.print(f"\n  {how}", style="green")
        console.print(Padding(" | ".join(isolated(alias.text) for alias in sharing), (0, 0, 0, 4)))


def _how(alias: Alias) -> str:
    """Type, role, term and rule of an alias."""
    parts = [alias.type, alias.role or ""]
    if alias.valid_from or alias.valid_to:
        parts.append(f"{alias.valid_from or '…'} to {alias.valid_to or '…'}")
    if alias.rules:
        parts.append(f"if {rule_text(alias.rules)}")
    if len(alias.codes) > 1:
        parts.append(f"names {', '.join(alias.codes)}")
    return "  ".join(part for part in parts if part)


def show_summary(registry: Registry) -> None:
    """Print how many actors of each kind and aliases of each type there are, and how to search."""
    console = open_console()
    console.print(f"Registry {registry.version}: {len(registry.actors):,} actors, {len(registry.aliases):,} aliases.\n")
    table = Table.grid(padding=(0, 3, 0, 0))
    for left, right in _side_by_side(
        Counter(actor.kind for actor in registry.actors.values()), Counter(alias.type for alias in registry.aliases)
    ):
        table.add_row(*left, *right)
    console.print(table)
    console.print("""
naba actors RUS                     one actor, by its code
naba actors Muslim Brotherhood      by a name in English
naba actors بوتين                   by a name in Arabic
naba actors --json                  all of them, a JSON object a line
naba actors --check                 check the files of the registry""", soft_wrap=True)  # fmt: skip


def _side_by_side(kinds: Counter[str], types: Counter[str]) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    yield ("actors", ""), ("aliases", "")
    left = [(f"{count:,}", kind) for kind, count in kinds.most_common()]
    right = [(f"{count:,}", name) for name, count in types.most_common()]
    for i in range(max(len(left), len(right))):
        yield left[i] if i < len(left) else ("", ""), right[i] if i < len(right) else ("", "")
