"""``naba actors`` as a user sees it: looking up, and checking the files."""

import json
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

from pipelines.cli import main
from schemas.actors import load_registry

ROOT = Path(__file__).parents[1]


def plain(text: str) -> str:
    return text.replace("\N{FIRST STRONG ISOLATE}", "").replace("\N{POP DIRECTIONAL ISOLATE}", "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the registry, to break."""
    for file in resources.files("schemas.actors").iterdir():
        if file.name.endswith(".tsv"):
            (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def add(folder: Path, file: str, row: str) -> int:
    """Add a row; returns its line."""
    path = folder / file
    lines = [*path.read_text(encoding="utf-8").splitlines(), row]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines)


@pytest.mark.parametrize("query", ["RUS", "rus", "ru", "Russia", "روسيا"])
def test_a_code_or_a_name_shows_the_entry(capsys: pytest.CaptureFixture[str], query: str) -> None:
    assert main(["actors", query]) == 0
    shown = plain(capsys.readouterr().out)
    assert shown.startswith("RUS  state\n  Russia  روسيا\n  ISO 3166-1 RU  RUS  CAMEO RUS  PLOVER RUS\n")
    assert "  capital  if acting\n    موسكو" in shown
    assert "  office-holder  head-of-state  2012-05-07 to …\n    فلاديمير بوتين | " in shown


@pytest.mark.parametrize("query", ["بوتين", "بُوتين"])
def test_a_surname_is_found_and_told_how(capsys: pytest.CaptureFixture[str], query: str) -> None:
    assert main(["actors", query]) == 0
    shown = plain(capsys.readouterr().out)
    assert shown.startswith("RUS  state\n")
    assert "found by بوتين: office-holder  head-of-state  2012-05-07 to …" in shown


def test_a_name_with_the_article_or_in_several_words_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["actors", "Muslim", "Brotherhood"]) == 0
    assert capsys.readouterr().out.startswith("MUSLIM_BROTHERHOOD  group\n")
    assert main(["actors", "السعوديون"]) == 0
    assert capsys.readouterr().out.startswith("SAU  state\n")


def test_the_article_is_no_part_of_every_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["actors", "ال", "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) < len(load_registry().actors)


def test_several_hits_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["actors", "Korea"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("2 actors; 'naba actors CODE' shows one of them.")
    assert [line.split()[0] for line in shown.splitlines()[-2:]] == ["KOR", "PRK"]


def test_an_unknown_name_ends_with_status_1_and_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["actors", "Rusia"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("naba: the registry has no actor 'Rusia'; the nearest: Russia (RUS)")
    assert main(["actors", "!"]) == 1
    assert capsys.readouterr().err == "naba: the registry has no actor '!'\n"


def test_the_nearest_are_five_at_most_and_each_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["actors", "republik"]) == 1
    assert capsys.readouterr().err.count("(") == 5
    assert main(["actors", "Rusia"]) == 1
    assert capsys.readouterr().err.count("Russia (RUS)") == 1


def test_a_name_in_arabic_has_its_nearest_in_arabic(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["actors", "روسييا"]) == 1
    told = plain(capsys.readouterr().err)
    assert "روسيا (RUS)" in told
    assert "persons are there" not in told


@pytest.mark.parametrize(
    ("query", "near"),
    [
        ("brotherhod", "Muslim Brotherhood (MUSLIM_BROTHERHOOD)"),
        ("EMIRATS", "United Arab Emirates (ARE)"),
        ("HIZBOLLAH", "Hezbollah (HEZBOLLAH)"),
        ("USAA", "the nearest: USA"),  # a code
    ],
)
def test_a_name_in_english_is_near_by_any_of_its_words_or_its_code(
    capsys: pytest.CaptureFixture[str], query: str, near: str
) -> None:
    assert main(["actors", query]) == 1
    assert near in capsys.readouterr().err


@pytest.mark.parametrize("query", ["brotherhood", "EMIRATES", "arab emirates"])
def test_a_name_in_english_is_found_by_any_of_its_words(capsys: pytest.CaptureFixture[str], query: str) -> None:
    assert main(["actors", query]) == 0
    assert query.casefold() in capsys.readouterr().out.casefold()


def test_a_person_sought_in_latin_letters_is_told_to_be_there_in_arabic(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["actors", "putin"]) == 1
    assert capsys.readouterr().err == (
        "naba: the registry has no actor 'putin'; persons are there by their names in Arabic\n"
    )


def test_without_a_name_it_tells_how_large_the_registry_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["actors"]) == 0
    shown = capsys.readouterr().out
    registry = load_registry()
    assert f"{len(registry.actors):,} actors, {len(registry.aliases):,} aliases" in shown
    assert "naba actors RUS" in shown


def test_json_is_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["actors", "HEZBOLLAH", "--json"]) == 0
    (entry,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (entry["code"], entry["kind"], entry["name_ar"]) == ("HEZBOLLAH", "group", "حزب الله")
    assert {"alias": "حزب الله", "type": "name", "role": None, "from": None, "to": None}.items() <= entry["aliases"][
        0
    ].items()
    main(["actors", "RUS", "--json"])
    rules = {alias["alias"]: alias["rule"] for alias in json.loads(capsys.readouterr().out)["aliases"]}
    assert rules["موسكو"] == "acting"
    assert main(["actors", "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(load_registry().actors)


def test_a_good_registry_passes_the_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["actors", "--check", "--registry", str(folder)]) == 0
    assert capsys.readouterr().out.endswith("aliases, no error\n")


@pytest.mark.parametrize(
    ("file", "row", "reason"),
    [
        ("people.tsv", "RUS\toffice-holder\t\t2016-02-01\t2015-01-01\t\tفلان", "the term ends before it begins"),
        ("state_names.tsv", "ATL\tname\t\t\t\t\tأطلانتس", "the code 'ATL' is not in the closed list"),
        ("group_names.tsv", "ISIS\tname\t\t\t\t\tلبنان", "«لبنان» is an alias twice: ISIS (name, «لبنان»), and LBN"),
        ("people.tsv", "SYR\toffice-holder\t\t2016-02-01\t\t\tبوتين", "«بوتين» is an alias twice: SYR"),
        ("null_names.tsv", "\tnull\t\t\t\t\tـــ", "«ـــ» has no match form"),
    ],
)
def test_an_error_is_refused_with_file_line_and_reason(
    folder: Path, capsys: pytest.CaptureFixture[str], file: str, row: str, reason: str
) -> None:
    line = add(folder, file, row)
    assert main(["actors", "--check", "--registry", str(folder)]) == 1
    told = capsys.readouterr()
    assert f"{file}:{line}: " in told.err
    assert reason in told.err
    assert told.out == ""


def test_a_missing_file_ends_with_status_2(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "people.tsv").unlink()
    assert main(["actors", "--check", "--registry", str(folder)]) == 2
    assert "people.tsv: No such file or directory" in capsys.readouterr().err


def test_a_registry_that_is_no_folder_is_told_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for registry, told in ((folder / "absent", "is not there"), (folder / "people.tsv", "is not a folder")):
        with pytest.raises(SystemExit, match="2"):
            main(["actors", "--check", "--registry", str(registry)])
        assert f"--registry {registry}: the folder of a registry's files {told}" in capsys.readouterr().err


@pytest.mark.parametrize("query", ["RUS", "--json"])
def test_a_check_takes_no_name(query: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["actors", query, "--check"])
    assert "--check checks the whole registry" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["RUS"], ["--json"], ["--check"]])
def test_a_full_disk_ends_with_one_line_and_status_1(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "pipelines.cli", "actors", *arguments]
    with open("/dev/full", "wb") as full:
        shown = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, cwd=ROOT)
    assert shown.returncode == 1
    assert shown.stderr == b"naba: cannot write to standard output: No space left on device\n"


def test_make_check_checks_the_registry() -> None:
    make = shutil.which("make")
    assert make
    told = subprocess.run([make, "--dry-run", "check"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "-m pipelines.cli actors --check" in told


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = [sys.executable, "-m", "pipelines.cli", "actors", "--json"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
    assert running.stdout
    assert running.stderr
    running.stdout.read(10)
    running.stdout.close()
    assert running.stderr.read() == b""
    running.stderr.close()
    assert running.wait() == 1
