"""The registry's files: what they hold, and what the loader and the linter refuse."""

from datetime import date, timedelta
from importlib import resources
from pathlib import Path

import pytest
from babel import Locale

from schemas.actors import (
    ACTOR_COLUMNS,
    ACTOR_FILES,
    ALIAS_COLUMNS,
    ALIAS_FILES,
    WORD_COLUMNS,
    WORD_FILE,
    Registry,
    RegistryError,
    lint_registry,
    load_registry,
)
from transforms.fold import fold_text


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A registry of one state and one alias."""
    for file in ACTOR_FILES:
        (tmp_path / file).write_text("\t".join(ACTOR_COLUMNS) + "\n", encoding="utf-8")
    for file in ALIAS_FILES:
        (tmp_path / file).write_text("\t".join(ALIAS_COLUMNS) + "\n", encoding="utf-8")
    (tmp_path / WORD_FILE).write_text("\t".join(WORD_COLUMNS) + "\nlion\tعرين|شبل\n", encoding="utf-8")
    add(tmp_path, "states.tsv", "LBN", "state", "لبنان", "Lebanon", "LB", "LBN", "LBN", "LBN")
    add(tmp_path, "state_names.tsv", "LBN", "name", "", "", "", "", "لبنان")
    return tmp_path


def add(folder: Path, file: str, *cells: str) -> None:
    with (folder / file).open("a", encoding="utf-8") as rows:
        rows.write("\t".join(cells) + "\n")


def test_the_registry_that_ships_has_no_aliases_that_cannot_be_told_apart(registry: Registry) -> None:
    assert lint_registry(registry, fold_text) == []


def test_every_state_and_territory_has_a_code_names_and_an_alias(registry: Registry) -> None:
    territories = {code for code in Locale("ar").territories if len(code) == 2 and code.isalpha()}
    not_countries = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
    held = {actor.iso2 for actor in registry.actors.values() if actor.iso2}
    assert held == territories - not_countries
    named = {code for alias in registry.aliases if alias.type == "name" for code in alias.codes}
    assert {code for code, actor in registry.actors.items() if actor.iso2} <= named
    assert {"XKX", "PSE", "TWN", "ESH"} <= registry.actors.keys()


def test_the_registry_is_as_broad_as_it_says(registry: Registry) -> None:
    kinds = [actor.kind for actor in registry.actors.values()]
    assert kinds.count("igo") + kinds.count("body") + kinds.count("forum") + kinds.count("coalition") >= 120
    assert kinds.count("group") + kinds.count("party") >= 200
    terms = {
        (alias.codes, alias.role, alias.valid_from, alias.valid_to)
        for alias in registry.aliases
        if alias.type == "office-holder"
    }
    assert len(terms) >= 1300


def test_every_actor_but_none_other_can_be_found_by_an_alias(registry: Registry) -> None:
    referred_to = {code for alias in registry.aliases for code in alias.codes}
    assert registry.actors.keys() == referred_to


NATIONLESS = {"DMA", "KNA", "LCA", "MCO", "MHL", "NRU", "SLB", "STP", "TUV", "VCT", "VUT"}
"""States whose nationality the Arabic press writes in no settled form."""
NAMED_AS_THEIR_CAPITAL = {"DJI", "DZA", "KWT", "LUX", "MCO", "SGP", "SMR", "STP", "TUN", "VAT"}
WITHOUT_A_CAPITAL = {"FSM", "KNA", "MDV", "NRU", "PLW", "SYC", "TLS", "VCT"}
"""Their capitals are other words too (ماليه), or hardly ever act in the news."""


def states_with(registry: Registry, alias_type: str) -> set[str]:
    found = {code for alias in registry.aliases if alias.type == alias_type for code in alias.codes}
    return {code for code in found if registry.actors[code].kind == "state"}


def test_every_state_has_a_nationality_and_a_capital_but_those_listed(registry: Registry) -> None:
    states = {code for code, actor in registry.actors.items() if actor.kind == "state"}
    assert states - states_with(registry, "nisba") == NATIONLESS
    assert states - states_with(registry, "capital") == NAMED_AS_THEIR_CAPITAL | WITHOUT_A_CAPITAL


def test_a_nationality_with_one_construct_plural_has_the_other(registry: Registry) -> None:
    forms = {fold_text(alias.text) for alias in registry.aliases if alias.type == "nisba" and " " not in alias.text}
    assert {form for form in forms if form.endswith("يو") and form[:-1] + "ي" not in forms} == set()


def test_given_names_of_two_parts_are_written_both_ways(registry: Registry) -> None:
    """عبد الله and عبدالله."""
    forms = {(alias.codes, fold_text(alias.text)) for alias in registry.aliases if alias.type == "office-holder"}
    apart = {(codes, form) for codes, form in forms if " عبد ال" in f" {form}"}
    assert {(codes, form) for codes, form in apart if (codes, form.replace("عبد ال", "عبدال")) not in forms} == set()


VACANT = {
    "DZA": [(date(2019, 4, 2), date(2019, 4, 9))],
    "LBN": [(date(2014, 5, 24), date(2016, 10, 31)), (date(2022, 10, 30), date(2025, 1, 9))],
    "LBY": [(date(2013, 5, 28), date(2014, 8, 5))],
    "SOM": [(date(2012, 8, 20), date(2012, 9, 16))],
    "SYR": [(date(2024, 12, 8), date(2025, 1, 29))],
    "IRN": [],
}
"""When nobody is held to have been head of state: vacancies, and times of more claims than one."""
HEADED = "BHR DZA EGY IRN IRQ JOR KWT LBN LBY MAR MRT OMN PSE QAT SAU SDN SOM SYR TUN ARE YEM TUR ISR RUS CHN USA FRA"


@pytest.mark.parametrize("state", HEADED.split())
def test_heads_of_state_follow_one_another_since_2010(registry: Registry, state: str) -> None:
    terms = {
        (alias.valid_from or date.min, alias.valid_to or date.max)
        for alias in registry.aliases
        if alias.codes == (state,) and alias.role == "head-of-state"
    }
    day, gaps = date(2010, 1, 1), []
    for begin, end in sorted(terms):
        if begin - day > timedelta(days=3):
            gaps.append((day, begin))
        day = max(day, end)
    assert gaps == VACANT.get(state, [])
    assert day == date.max


def test_the_version_changes_with_the_files(folder: Path) -> None:
    before = load_registry(folder).version
    assert load_registry(folder).version == before
    add(folder, "state_names.tsv", "LBN", "nisba", "", "", "", "", "لبناني")
    assert load_registry(folder).version != before


def test_a_row_with_many_spellings_is_many_aliases_with_the_same_term(folder: Path) -> None:
    row = ("LBN", "office-holder", "head-of-state", "2016-10-31", "2022-10-30", "with:LBN/after:lion", "ميشال عون|عون")
    add(folder, "people.tsv", *row)
    one, other = load_registry(folder).aliases[1:]
    assert (one.text, other.text) == ("ميشال عون", "عون")
    assert one.role == other.role == "head-of-state"
    assert [condition.name for rule in one.rules for condition in rule] == ["with", "after"]
    assert one.holds_on(date(2022, 10, 30))
    assert not one.holds_on(date(2022, 10, 31))
    assert not one.holds_on(date(2016, 10, 30))


@pytest.mark.parametrize(
    ("file", "cells", "reason"),
    [
        ("states.tsv", ("LBN", "state", "لبنان", "Lebanon", "", "", "", ""), "the code LBN is given twice"),
        ("groups.tsv", ("Isis", "group", "داعش", "ISIS", "", "", "", ""), "not upper-case ASCII"),
        ("groups.tsv", ("ISIS", "gang", "داعش", "ISIS", "", "", "", ""), "the kind 'gang' is not one of"),
        ("groups.tsv", ("ISIS", "group", "", "ISIS", "", "", "", ""), "a name is missing"),
        ("state_names.tsv", ("LBN", "name", "لبنان"), "3 cells where there are 7 columns"),
        ("state_names.tsv", ("LEB", "name", "", "", "", "", "لبنان"), "'LEB' is not in the closed list"),
        ("state_names.tsv", ("LBN", "nickname", "", "", "", "", "لبنان"), "the type 'nickname' is not one of"),
        ("state_names.tsv", ("", "name", "", "", "", "", "لبنان"), "unless its type is null"),
        ("null_names.tsv", ("LBN", "null", "", "", "", "", "أرز لبنان"), "unless its type is null"),
        ("state_names.tsv", ("LBN", "name", "", "", "", "mostly", "لبنان"), "there is no rule 'mostly'"),
        ("state_names.tsv", ("LBN", "name", "", "", "", "after:tiger", "لبنان"), "names 'tiger', which is not known"),
        ("state_names.tsv", ("LBN", "name", "", "", "", "with:SYR", "لبنان"), "names 'SYR', which is not known"),
        ("state_names.tsv", ("LBN", "name", "", "", "", "", "لبنان||بلاد"), "an alias is empty"),
        ("state_names.tsv", ("LBN", "name", "", "", "", "", " لبنان"), "begins or ends with a space"),
        ("people.tsv", ("LBN", "office-holder", "", "2016-13-01", "", "", "عون"), "is not a date"),
        ("people.tsv", ("LBN", "office-holder", "", "2016-02-01", "2015-01-01", "", "عون"), "ends before it begins"),
    ],
)
def test_a_wrong_row_is_refused_with_file_line_and_reason(
    folder: Path, file: str, cells: tuple[str, ...], reason: str
) -> None:
    line = len((folder / file).read_text(encoding="utf-8").splitlines()) + 1
    add(folder, file, *cells)
    with pytest.raises(RegistryError, match=reason) as refused:
        load_registry(folder)
    assert (refused.value.file, refused.value.line) == (file, line)


def test_a_file_without_its_header_or_in_another_encoding_is_refused(folder: Path) -> None:
    (folder / "people.tsv").write_bytes("LBN\tعون\n".encode("windows-1256"))
    with pytest.raises(RegistryError, match=r"people\.tsv, line 1: not UTF-8"):
        load_registry(folder)
    (folder / "people.tsv").write_text("LBN\tعون\n", encoding="utf-8")
    with pytest.raises(RegistryError, match=r"people\.tsv, line 1: the first line must name the columns"):
        load_registry(folder)


@pytest.mark.parametrize(
    ("rows", "is_refused"),
    [
        ([("LBN", "name", "", "", "", "", "لُبنان")], True),
        ([("LBN", "nisba", "", "", "", "", "لبنان")], False),
        ([("SYR", "name", "", "", "", "", "لبنان")], True),
        ([("SYR", "name", "", "", "", "after:lion", "الشام"), ("LBN", "name", "", "", "", "slot", "الشام")], False),
        ([("SYR", "name", "", "", "", "slot", "الشام"), ("LBN", "name", "", "", "", "", "الشّام")], True),
        (
            [
                ("SYR", "office-holder", "", "2000-01-01", "2005-01-01", "", "أحمد"),
                ("LBN", "office-holder", "", "2005-01-02", "", "", "أحمد"),
            ],
            False,
        ),
        (
            [
                ("SYR", "office-holder", "", "2000-01-01", "2005-01-01", "", "أحمد"),
                ("SYR", "office-holder", "", "2005-01-01", "", "", "أحمد"),
            ],
            True,
        ),
        ([("LBN", "name", "", "", "", "", "ـــ")], True),
    ],
)
def test_the_linter_names_aliases_that_share_a_form_without_a_rule_or_a_date_between_them(
    folder: Path, rows: list[tuple[str, ...]], is_refused: bool
) -> None:
    add(folder, "states.tsv", "SYR", "state", "سوريا", "Syria", "SY", "SYR", "SYR", "SYR")
    for row in rows:
        add(folder, "people.tsv", *row)
    assert bool(lint_registry(load_registry(folder), fold_text)) is is_refused


def test_every_data_file_is_named_and_ends_in_a_line_feed() -> None:
    files = {file.name for file in resources.files("schemas.actors").iterdir() if file.name.endswith(".tsv")}
    assert files == {*ACTOR_FILES, *ALIAS_FILES, WORD_FILE}
    for file in files:
        assert (resources.files("schemas.actors") / file).read_text(encoding="utf-8").endswith("\n")
