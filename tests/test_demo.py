"""``make demo``: what it prints is what the files hold, and it deletes nothing that is not its own."""

import io
import json
import os
import re
import shlex
from collections import Counter, defaultdict
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.dataset as ds
import pytest
from rich.cells import cell_len

from pipelines import demo
from pipelines.cli import main as naba
from schemas.actors import load_registry
from tests.tables import files

WRITTEN = ("articles", "revision", "same-text", "near", "contained", "rejects")
EXPECTED = demo.SAMPLES.parent / "expected.json"
ARABIC = re.compile("[ء-ي]")
INVISIBLE = dict.fromkeys(map(ord, "\N{FIRST STRONG ISOLATE}\N{POP DIRECTIONAL ISOLATE}"))

Row = dict[str, Any]


@dataclass(frozen=True)
class Shown:
    """One run of the demo: what it printed, where it wrote, what that holds."""

    printed: str
    output: Path
    tables: dict[str, list[Row]]

    def below(self, title: str) -> list[str]:
        """The lines of a section, without the marks that isolate Arabic."""
        _, found, rest = self.printed.translate(INVISIBLE).partition(f"\n\n{title}\n")
        assert found, title
        return rest.split("\n\n")[0].splitlines()

    @property
    def sql(self) -> str:
        """The query as it is printed."""
        return "\n".join(self.below(demo.QUESTION)).rstrip(";")

    @property
    def answer(self) -> list[str]:
        """The lines of the answer, headings included."""
        return self.below(f"{demo.QUESTION}\n{self.sql};\n")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    output = tmp_path_factory.mktemp("demo") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "80")
        patch.delenv("FORCE_COLOR", raising=False)
        with redirect_stdout(io.StringIO()) as stdout:
            assert demo.main(["--output", str(output)]) == 0
    return Shown(stdout.getvalue(), output, {table: read(output, table) for table in demo.TABLES})


def read(output: Path, table: str) -> list[Row]:
    rows: list[Row] = ds.dataset(output / table, partitioning="hive").to_table().to_pylist()
    return rows


def manifest(shown: Shown) -> Row:
    held: Row = json.loads((shown.output / "runs" / "demo.json").read_text())
    return held


def test_each_source_is_told_with_what_the_tables_hold_of_it(shown: Shown) -> None:
    lines = [line.split(maxsplit=5) for line in shown.below("What was read, and what became of it")[2:] if line.strip()]
    told = {source.strip(): [int(number) for number in numbers] for *numbers, source in lines}
    total = told.pop("total")
    assert total == [sum(column) for column in zip(*told.values(), strict=True)]
    assert all(read == sum(outcomes) for read, *outcomes in told.values())
    for place, table in ((1, "articles"), (2, "duplicates"), (4, "rejects")):
        held = Counter(row["source"] for row in shown.tables[table])
        assert {source: numbers[place] for source, numbers in told.items() if numbers[place]} == held
    assert total[0] == manifest(shown)["counts"]["read"]


def test_each_refusal_is_told_with_its_place_and_message(shown: Shown) -> None:
    text = " ".join(" ".join(shown.below("What was refused, and why")).split())
    for row in shown.tables["rejects"]:
        where = Path(row["document"]).name + (f":{row['position']}" if row["position"] else "")
        assert f"{row['reason']} {where} {row['message']}" in text
    assert len(re.findall("|".join({row["reason"] for row in shown.tables["rejects"]}), text)) == 5


def test_each_repeat_is_told_above_what_it_repeats(shown: Shown) -> None:
    lines = shown.below("What repeats an article already told")[2:]
    pairs = {(again.rstrip(), told.rstrip()) for again, told in zip(lines[::2], lines[1::2], strict=True)}
    articles = {row["id"]: row for row in shown.tables["articles"]}
    assert len(pairs) == len(shown.tables["duplicates"]) > 0
    for row in shown.tables["duplicates"]:
        assert any(
            is_line(again, row["kind"], row) and is_line(told, "  of", articles[row["duplicate_of"]])
            for again, told in pairs
        )


def is_line(line: str, kind: str, row: Row) -> bool:
    """Whether a line tells of an article; its headline may be cut."""
    if not line.startswith(f"{kind} "):
        return False
    source, _, headline = line.removeprefix(kind).strip().partition("  ")
    return source == row["source"] and is_headline(headline.strip(), row["title"])


def is_headline(printed: str, title: str) -> bool:
    """Whether it is the title, or the greater part of it with an ellipsis."""
    return printed == title or (printed[-1:] == "…" and len(printed) > 20 and title.startswith(printed[:-1]))


def test_the_top_actors_stand_with_their_arabic_names_and_bars_to_scale(shown: Shown) -> None:
    names = load_registry().actors
    articles: Counter[str] = Counter()
    mentions: Counter[str] = Counter()
    for row in shown.tables["mentions"]:
        articles[row["actor"]] += 1
        mentions[row["actor"]] += row["count"]
    top = sorted(articles, key=lambda actor: (-articles[actor], -mentions[actor], actor))[:10]
    lines = [line.split(maxsplit=4) for line in shown.below("The actors in most articles")[2:]]
    assert [(int(line[0]), int(line[1]), line[2], line[4].strip()) for line in lines] == [
        (articles[actor], mentions[actor], actor, names[actor].name_ar) for actor in top
    ]
    longest = articles[top[0]]
    assert all(abs(len(line[3]) - 24 * int(line[0]) / longest) < 1 for line in lines)


def test_the_tree_counts_the_files_and_folds_what_it_leaves_out(shown: Shown) -> None:
    lines = [line.strip("│├└─ ") for line in shown.below("The files, by date and actor")]
    for table in demo.TABLES:
        paths = sorted(path.relative_to(shown.output / table) for path in (shown.output / table).rglob("*.parquet"))
        dates = Counter(path.parts[0] for path in paths)
        first = lines.index(f"{table}  {len(paths)} file{'s' if len(paths) > 1 else ''}")
        date, count = min(dates.items())
        assert lines[first + 1] == f"{date}  {count} file{'s' if count > 1 else ''}"
        assert len(dates) <= 2 or f"… {len(dates) - 2} more" in lines[first + 1 :]
    actors = {path.parent.name for path in (shown.output / "mentions").rglob("*.parquet")}
    told = {line.split()[0] for line in lines if line.startswith("actor=")}
    assert told
    assert told <= actors


def test_the_answer_printed_is_the_one_the_files_give(shown: Shown) -> None:
    articles: Counter[tuple[str, str]] = Counter()
    mentions: Counter[tuple[str, str]] = Counter()
    titles: dict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
    for row in shown.tables["mentions"]:
        if row["date"] >= "2026-11-12":
            key = row["source"], row["actor"]
            articles[key] += 1
            mentions[key] += row["count"]
            titles[key].append((row["salience"], row["title"]))
    ranked = sorted(articles, key=lambda key: (-articles[key], -mentions[key], key[1]))
    first_of_source = [key for at, key in enumerate(ranked) if key[0] not in {source for source, _ in ranked[:at]}]
    first_of_source.sort(key=lambda key: (-articles[key], -mentions[key], key[0]))
    printed = [line.strip() for line in shown.answer[2:]]
    for line, key in zip(printed, first_of_source, strict=True):
        found = re.fullmatch(f"{articles[key]} +{mentions[key]} +{key[1]} +{re.escape(key[0])} +(.+)", line)
        assert found, line
        salience = max(salience for salience, _ in titles[key])
        assert any(is_headline(found[1], title) for weight, title in titles[key] if weight == salience), line


def test_the_query_printed_can_be_pasted_as_it_stands(shown: Shown) -> None:
    assert str(shown.output / "mentions") in shown.sql
    assert len(duckdb.sql(shown.sql).fetchall()) == len(shown.answer) - 2 > 0


def test_no_line_is_wider_than_the_terminal_unless_it_is_to_be_copied(shown: Shown) -> None:
    lines = [line for line in shown.printed.splitlines() if str(shown.output) not in line]
    assert max(map(cell_len, lines)) <= 80
    assert "\N{ESCAPE}" not in shown.printed


def test_arabic_is_isolated_from_the_columns_beside_it(shown: Shown) -> None:
    sources = {row["source"] for row in shown.tables["articles"] if not row["source"].isascii()}
    assert sources
    lines = shown.printed.splitlines()
    for source in sources:
        told = [line for line in lines if source in line]
        assert told
        assert all(f"\N{FIRST STRONG ISOLATE}{source}\N{POP DIRECTIONAL ISOLATE}" in line for line in told)
    assert all(
        line.index("\N{FIRST STRONG ISOLATE}") < first.start() for line in lines if (first := ARABIC.search(line))
    )


def test_the_command_that_is_proposed_next_writes_nothing(shown: Shown, capsys: pytest.CaptureFixture[str]) -> None:
    before = files(shown.output)
    (proposed,) = (line for line in shown.below("Try next") if str(shown.output) in line)
    program, *arguments = shlex.split(proposed)
    assert Path(program).name == "naba"
    assert naba(arguments) == 0
    assert files(shown.output) == before
    assert f"{manifest(shown)['counts']['read']} seen" in capsys.readouterr().out


@pytest.mark.skipif(not EXPECTED.is_file(), reason="the samples came without expected.json")
def test_the_samples_come_to_what_their_author_expects(shown: Shown) -> None:
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    counts, tables = manifest(shown)["counts"], shown.tables
    kinds = Counter(row["kind"] for row in tables["duplicates"])
    total = {name: counts[name] for name in ("read", "articles", "seen", "rejects")} | kinds
    assert total == expected["total"]
    assert folders(tables) == folders_expected(expected["files"])
    titles = {row["id"]: row["title"] for row in tables["articles"]}
    for kind in kinds:
        repeats = {(row["title"], titles[row["duplicate_of"]]) for row in tables["duplicates"] if row["kind"] == kind}
        assert repeats == {(repeat["title"], repeat["of"]) for repeat in expected[kind]}
    for refused in expected["rejects"]:
        assert any(
            is_of(row, refused["document"])
            and row["reason"] == refused["reason"]
            and row["position"] == refused.get("position", row["position"])
            for row in tables["rejects"]
        ), refused


def folders_expected(outcomes: dict[str, dict[str, int]]) -> dict[str, Counter[str]]:
    """What is written of each outlet. Not of each file: of two equal sightings either may be the one that is held."""
    folders: dict[str, Counter[str]] = defaultdict(Counter)
    for name, counts in outcomes.items():
        folders[name.split("/")[0]] += Counter(counts)
    return {name: Counter({kind: counts[kind] for kind in WRITTEN if counts[kind]}) for name, counts in folders.items()}


def folders(tables: dict[str, list[Row]]) -> dict[str, Counter[str]]:
    folders: dict[str, Counter[str]] = defaultdict(Counter)
    for table in ("articles", "duplicates", "rejects"):
        for row in tables[table]:
            folders[Path(row["document"]).relative_to(os.path.abspath(demo.SAMPLES)).parts[0]][
                row.get("kind", table)
            ] += 1
    return folders


def is_of(row: Row, name: str) -> bool:
    return bool(row["document"].endswith(f"samples/news/{name}"))


def test_a_folder_that_no_demo_made_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "articles" / "date=2026-11-12" / "mine.parquet"
    mine.parent.mkdir(parents=True)
    mine.write_text("years of work")
    with pytest.raises(SystemExit) as ended:
        demo.main(["--output", str(tmp_path)])
    assert ended.value.code == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [mine]
    assert re.fullmatch(r"naba: .+ left as it is; name another with --output\n", capsys.readouterr().err)


@pytest.mark.parametrize("status", [1, 2, 130])
def test_a_former_demo_makes_room_and_a_failed_ingest_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(demo, "naba", lambda _: status)
    monkeypatch.setattr(demo, "show", lambda *_: pytest.fail("nothing to show"))
    assert demo.main(["--output", str(tmp_path)]) == status
    former = tmp_path / "mentions" / "date=2026-11-12" / "actor=EGY" / "former.parquet"
    former.parent.mkdir(parents=True)
    former.touch()
    (tmp_path / "notes.txt").write_text("the user's own")
    assert demo.main(["--output", str(tmp_path)]) == status
    assert not (tmp_path / "mentions").exists()
    assert (tmp_path / "notes.txt").exists()


def test_too_many_rejects_are_shown_and_still_told_by_the_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Path] = []
    monkeypatch.setattr(demo, "naba", lambda _: 3)
    monkeypatch.setattr(demo, "show", lambda output, _: shown.append(output))
    assert demo.main(["--output", str(tmp_path)]) == 3
    assert shown == [tmp_path]


def test_without_duckdb_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "duckdb", None)
    with pytest.raises(SystemExit) as ended:
        demo.main(["--output", str(tmp_path / "out")])
    assert ended.value.code == 1
    assert capsys.readouterr().err.splitlines() == [
        "naba: the demo needs duckdb, a development dependency that is not installed: run 'make demo'"
    ]
    assert not (tmp_path / "out").exists()
