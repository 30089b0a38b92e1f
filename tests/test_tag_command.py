"""``naba tag`` as a user sees it."""

import io
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines import cli, tag
from schemas.actors import RegistryError, load_registry

TEXT = "رفضت موسكو المقترح، وقال الرئيس الروسي فلاديمير بوتين إن «حزب الله» [طرف] في سوريا.\nوأكدت للأمم المتحدة ذلك.\n"
COMMAND = [sys.executable, "-m", "pipelines.cli", "tag"]
ROOT = Path(__file__).parents[1]


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "article.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def run(*arguments: object, given: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=given,
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=os.environ | environment,
    )


def on_a_terminal(*arguments: object, **environment: str) -> str:
    """What the command prints on a terminal of 80 columns."""
    controller, terminal = pty.openpty()
    env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    env |= {"TERM": "xterm-256color", "COLUMNS": "80"} | environment
    running = subprocess.Popen([*COMMAND, *map(str, arguments)], stdout=terminal, stderr=terminal, cwd=ROOT, env=env)
    os.close(terminal)
    shown = b""
    while True:
        try:
            part = os.read(controller, 65536)
        except OSError:  # Linux's word for the end
            break
        if not part:
            break
        shown += part
    os.close(controller)
    assert running.wait() == 0
    return shown.decode()


def test_every_mention_is_told_with_its_evidence(article: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["tag", str(article), "--title", "بوتين والأسد", "--date", "2015-09-01"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("بوتين والأسد\n\nرفضت موسكو المقترح، وقال")
    rows = [line.split() for line in shown.replace("\u2068", "").replace("\u2069", "").splitlines()]
    assert ["*", "RUS", "4", "0.50", "Russia", "روسيا"] in rows
    assert ["RUS", "1", "nisba+clitic", "الروسي"] in rows
    assert ["RUS", "1", "office-holder", "head-of-state", "فلاديمير", "بوتين"] in rows
    assert ["HEZBOLLAH", "1", "name", "حزب", "الله"] in rows
    assert ["UN", "1", "name+clitic", "أمم", "المتحدة"] in rows
    assert "Office-holders are those of 2015-09-01. Registry " in shown


def test_json_holds_the_spans_of_every_mention(article: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["tag", str(article), "--title", "بوتين", "--date", "2015-09-01", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["text"] == TEXT.strip()
    assert (told["language"], told["has_arabic"], told["date"], told["date_source"]) == (
        "ar",
        True,
        "2015-09-01",
        "option",
    )
    assert told["registry_version"] == load_registry().version
    russia = told["actors"][0]
    assert (russia["actor"], russia["name_en"], russia["name_ar"], russia["is_principal"]) == (
        "RUS",
        "Russia",
        "روسيا",
        True,
    )
    surfaces = [(mention["field"], mention["surface"], mention["rule"]) for mention in russia["mentions"]]
    assert surfaces == [
        ("title", "بوتين", "office-holder"),
        ("text", "موسكو", "capital"),
        ("text", "الروسي", "nisba+clitic"),
        ("text", "فلاديمير بوتين", "office-holder"),
    ]
    for actor in told["actors"]:
        for mention in actor["mentions"]:
            assert told[mention["field"]][mention["start"] : mention["end"]] == mention["surface"]


def test_the_date_decides_whose_office_it_is(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "article.txt"
    path.write_text("استقبل باراك أوباما ضيفه أمس.", encoding="utf-8")
    found = {}
    for day in ("2015-09-01", "2020-09-01"):
        cli.main(["tag", str(path), "--date", day, "--json"])
        found[day] = [actor["actor"] for actor in json.loads(capsys.readouterr().out)["actors"]]
    assert found == {"2015-09-01": ["USA"], "2020-09-01": []}
    cli.main(["tag", str(path)])
    assert ", today: --date tells another day" in capsys.readouterr().out


def test_a_terminal_shows_whole_words_in_colour(article: Path) -> None:
    shown = on_a_terminal("--date", "2015-09-01", article)
    assert "\N{ESCAPE}[1;4;36mموسكو\N{ESCAPE}[0m" in shown
    assert (
        "mللأمم المتحدة\N{ESCAPE}[0m" in shown
    )  # with its clitic: a colour that changed inside would part the letters
    assert "«\N{ESCAPE}[1;4;" in shown  # but not the quotation mark
    assert "[طرف]" in shown
    assert max(map(len, shown.replace("\u2068", "").replace("\u2069", "").split("Registry")[0].splitlines()[-3:])) < 200


def test_no_color_and_a_pipe_give_no_colour(article: Path) -> None:
    assert "\N{ESCAPE}[1;4;3" not in on_a_terminal(article, NO_COLOR="1")
    line = " ".join([TEXT.splitlines()[0]] * 5)
    piped = run(given=line.encode())
    assert piped.returncode == 0
    assert b"\x1b" not in piped.stdout
    assert piped.stdout.decode().splitlines()[0] == line


def test_a_text_comes_from_standard_input_in_any_encoding() -> None:
    for codec in ("utf-8", "cp1256", "utf-16"):
        told = json.loads(run("--json", given=TEXT.encode(codec)).stdout)
        assert told["text"] == TEXT.strip()


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("The president of Russia said on Monday that talks with Saudi Arabia would go on.", "en", "(English)"),
        ("Владимир Путин прибыл в Москву", None, "(Cyrillic letters)"),
        ("2015 - 2016!", None, "(no letters)"),
    ],
)
def test_text_without_arabic_is_told_and_not_tagged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, language: str | None, told: str
) -> None:
    path = tmp_path / "article.txt"
    path.write_text(text, encoding="utf-8")
    assert cli.main(["tag", str(path)]) == 0
    assert capsys.readouterr().out == f"No Arabic in it {told}: naba finds actors in Arabic text alone.\n"
    assert cli.main(["tag", str(path), "--json"]) == 0
    object_ = json.loads(capsys.readouterr().out)
    assert (object_["language"], object_["has_arabic"], object_["actors"]) == (language, False, [])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\x08\6\0\0\0\\r\xa8f" + bytes(range(256)), "is binary"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "is packed"),
    ],
)
def test_what_is_no_text_ends_with_status_2(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "article.txt"
    path.write_bytes(content)
    for refused in (run(path), run(given=content)):
        assert (refused.returncode, refused.stdout) == (2, b"")
        message = refused.stderr.decode()
        assert message.startswith("naba: ")
        assert told in message
        assert message.count("\n") == 1


def test_a_wrong_path_folder_or_date_ends_with_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["tag", str(tmp_path / "none.txt")]) == 2
    assert "none.txt: No such file or directory" in capsys.readouterr().err
    assert cli.main(["tag", str(tmp_path)]) == 2
    assert "Is a directory" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        cli.main(["tag", "--date", "2015-13-01"])
    assert "'2015-13-01' is not a date of the form 2015-09-30" in capsys.readouterr().err


def test_a_broken_registry_is_told_with_file_and_line(
    article: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise RegistryError("people.tsv", 7, "the term ends before it begins")

    monkeypatch.setattr(tag, "load_registry", refuse)
    assert cli.main(["tag", str(article)]) == 1
    assert "people.tsv, line 7: the term ends before it begins" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "article.txt"
    path.write_text(TEXT * 5000, encoding="utf-8")
    for option in ("--json", "--title=x"):
        running = subprocess.Popen([*COMMAND, path, option], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
        assert running.stdout
        assert running.stderr
        running.stdout.read(10)
        running.stdout.close()
        assert running.stderr.read() == b""
        running.stderr.close()
        assert running.wait() == 1


def test_an_interruption_ends_with_one_line() -> None:
    # What a shell runs in the background ignores SIGINT, and so would its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    running = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
    assert running.stdin
    with pytest.raises(subprocess.TimeoutExpired):  # it waits for its text
        running.wait(timeout=6)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate()
    assert (running.returncode, out, err) == (130, b"", b"naba: interrupted\n")


def test_an_output_without_arabic_letters_is_no_error(article: Path) -> None:
    shown = run(article, PYTHONIOENCODING="ascii")
    assert (shown.returncode, shown.stderr) == (0, b"")


def test_a_terminal_is_asked_for_the_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Terminal(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(io.BytesIO(TEXT.encode())))
    assert cli.main(["tag"]) == 0
    assert "end it with Ctrl-D" in capsys.readouterr().err


def test_a_narrow_terminal_breaks_no_rule_and_no_role(article: Path) -> None:
    shown = on_a_terminal(article, "--date=2015-09-01", COLUMNS="50")
    for word in ("nisba+clitic", "office-holder", "head-of-state", "as printed", "بوتين"):
        assert word in shown


def test_a_full_disk_ends_with_one_line_and_status_1(article: Path) -> None:
    for option in ("--json", "--title=x"):
        with open("/dev/full", "wb") as full:
            shown = subprocess.run(
                [*COMMAND, article, option], stdout=full, stderr=subprocess.PIPE, check=False, cwd=ROOT
            )
        assert shown.returncode == 1
        assert shown.stderr == b"naba: cannot write to standard output: No space left on device\n"
