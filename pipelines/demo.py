"""``make demo``: ingest the sample news that ships with the repository, and show what came of it."""

import argparse
import io
import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.bar import Bar
from rich.console import Console
from rich.table import Table
from rich.tree import Tree

from pipelines.cli import main as naba
from schemas.actors import load_registry
from schemas.run import Manifest

try:
    import duckdb
except ImportError:  # a development dependency
    duckdb = None

SAMPLES = Path(__file__).parents[1] / "samples" / "news"
RUN_ID = "demo"
MARKER = ".naba-demo"
TABLES = ("articles", "mentions", "duplicates", "rejects")
COUNTS = ("read", "articles", "duplicates", "seen", "rejects")

REFUSALS = "SELECT reason, document, position, message FROM rejects ORDER BY document, position"
REPEATS = """\
SELECT again.kind, again.source, again.title, told.source, told.title
FROM duplicates AS again JOIN articles AS told ON told.id = again.duplicate_of
ORDER BY again.published_at, again.id"""
TOP_ACTORS = """\
SELECT actor, count(*) AS articles, sum(count) AS mentions
FROM mentions GROUP BY actor ORDER BY articles DESC, mentions DESC, actor LIMIT 10"""
QUESTION = "Whom has each outlet named in most articles since 12 November?"
ANSWER = """\
SELECT count(*) AS articles, sum(count) AS mentions, actor, source AS outlet,
       max_by(title, salience) AS headline
FROM {mentions}
WHERE date >= '2026-11-12'
GROUP BY source, actor
QUALIFY row_number() OVER (
    PARTITION BY source ORDER BY articles DESC, mentions DESC, actor) = 1
ORDER BY articles DESC, mentions DESC, outlet"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo. Returns the exit status of ``naba ingest``; ``SystemExit`` 1 or 2 if it could not begin."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.demo", description="Ingest the sample news and show it.")
    told = "Where to write; a former demo there is replaced. Default: out/demo."
    parser.add_argument("--output", type=Path, default=Path("out/demo"), metavar="FOLDER", help=told)
    output: Path = parser.parse_args(argv).output
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without Arabic letters is no reason to fail
    if duckdb is None:
        parser.exit(1, "naba: the demo needs duckdb, a development dependency that is not installed: run 'make demo'\n")
    try:
        make_room(output)
    except OSError as error:
        parser.exit(1, f"naba: {error}\n")
    command = ["ingest", "--input", os.path.relpath(SAMPLES), "--output", str(output), "--lookback_days", "7"]
    print(f"naba {shlex.join(command)}", flush=True)
    status = naba([*command, "--run_id", RUN_ID])
    if status in (0, 3):  # 3: more was refused than is good, but all is committed
        show(output, command)
    return status


def make_room(output: Path) -> None:
    """Make the folder, or empty it of a former demo's tables; ``FileExistsError`` if something else is there."""
    output.mkdir(parents=True, exist_ok=True)
    marker = output / MARKER
    if not marker.is_file() and any(output.iterdir()):
        raise FileExistsError(f"{output} is not a former demo's and is left as it is; name another with --output")
    # The marker comes first, so that a demo which is killed on the way can be replaced too.
    marker.write_text("The tables here are a demo's, and the next demo replaces them.\n", encoding="utf-8")
    for name in (*TABLES, "runs", "_staging"):
        if (output / name).exists():
            shutil.rmtree(output / name)


def show(output: Path, command: Sequence[str]) -> None:
    """Print what the run brought about: counts, refusals, repeats, actors, files, an answer, what to do next."""
    # No markup: a headline may hold square brackets.
    console = Console(markup=False, highlight=False, emoji=False)
    manifest = Manifest.from_json((output / "runs" / f"{RUN_ID}.json").read_bytes())
    sql = ANSWER.format(mentions=_files(output, "mentions"))
    with duckdb.connect() as connection:
        for table in TABLES:
            connection.sql(f"FROM {_files(output, table)}").create_view(table)
        for title, *shown in (
            ("What was read, and what became of it", _balance(manifest)),
            ("What was refused, and why", _refusals(connection.sql(REFUSALS).fetchall())),
            ("What repeats an article already told", _repeats(connection.sql(REPEATS).fetchall())),
            ("The actors in most articles", _actors(connection.sql(TOP_ACTORS).fetchall())),
            ("The files, by date and actor", _tree(output)),
            (QUESTION, f"{sql};\n", _answer(connection.sql(sql))),
            ("Try next", _advice(command)),
        ):
            console.print(f"\n{title}", style="bold")
            for part in shown:
                console.print(part, soft_wrap=isinstance(part, str))  # what may be copied is not broken into lines


def _balance(manifest: Manifest) -> Table:
    table = _grid("read", "= articles", "+ duplicates", "+ seen", "+ rejects", "source", numbers=5)
    for source, counts in manifest.sources.items():
        if any(counts.values()):
            table.add_row(*(f"{counts[name]:,}" for name in COUNTS), _isolated(source))
    table.add_section()
    table.add_row(*(f"{manifest.counts[name]:,}" for name in COUNTS), "total", style="bold")
    return table


def _refusals(rows: Sequence[tuple[Any, ...]]) -> Table:
    table = _grid("reason", "where", "message", cut=False)
    for reason, document, position, message in rows:
        table.add_row(reason, Path(document).name + (f":{position}" if position else ""), _isolated(message))
    return table


def _repeats(rows: Sequence[tuple[Any, ...]]) -> Table:
    table = _grid("kind", "source", "headline")
    for kind, source, title, source_before, title_before in rows:
        table.add_row(kind, _isolated(source), _isolated(title or "-"))
        table.add_row("  of", _isolated(source_before), _isolated(title_before or "-"), style="dim")
    return table


def _actors(rows: Sequence[tuple[Any, ...]]) -> Table:
    names = load_registry().actors
    table = _grid("articles", "mentions", "actor", "", "name", numbers=2)
    for actor, articles, mentions in rows:
        bar = Bar(rows[0][1], 0, articles, width=24, color="green")
        table.add_row(f"{articles:,}", f"{mentions:,}", actor, bar, _isolated(names[actor].name_ar))
    return table


def _answer(relation: Any) -> Table:
    table = _grid(*relation.columns, numbers=2)
    for row in relation.fetchall():
        table.add_row(*(_isolated(str(value)) for value in row))
    return table


def _tree(output: Path) -> Tree:
    tree = Tree(str(output))
    for table in TABLES:
        _grow(tree, output / table)
    tree.add(f"runs/{RUN_ID}.json  the manifest: options, versions, counts, files")
    return tree


def _grow(tree: Tree, folder: Path) -> None:
    """Add a folder with the number of files below it, and its first folders in the same way."""
    files = sum(1 for _ in folder.rglob("*.parquet"))
    branch = tree.add(f"{folder.name}  {files} file{'s' if files != 1 else ''}")
    folders = sorted(path for path in folder.iterdir() if path.is_dir())
    for path in folders[:2]:
        _grow(branch, path)
    if folders[2:]:
        branch.add(f"… {len(folders) - 2} more")


def _advice(command: Sequence[str]) -> str:
    program = shlex.quote(os.path.relpath(Path(sys.executable).with_name("naba")))
    return f"""\
# the same once more: all is seen, nothing is written
{program} {shlex.join(command)}
# your own news
{program} ingest --input FILES_OR_FOLDERS --output out/mine"""


def _grid(*columns: str, numbers: int = 0, cut: bool = True) -> Table:
    """A table whose first columns are numbers and whose last takes the room left. Arabic is last, or isolated."""
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for place, column in enumerate(columns[:-1]):
        table.add_column(column, justify="right" if place < numbers else "left", no_wrap=True)
    table.add_column(columns[-1], ratio=1, no_wrap=cut, overflow="ellipsis" if cut else "fold")
    return table


def _isolated(text: str) -> str:
    """The text in marks that keep its direction from moving the digits and columns beside it."""
    return text if text.isascii() else f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"


def _files(output: Path, table: str) -> str:
    """A table as DuckDB reads it: the partition keys become columns."""
    pattern = f"{output}/{table}/**/*.parquet".replace("'", "''")
    return f"read_parquet('{pattern}', hive_partitioning = true)"


if __name__ == "__main__":
    sys.exit(main())
