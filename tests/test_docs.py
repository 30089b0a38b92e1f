"""The documents say what the code does."""

import argparse
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.options import IngestOptions
from schemas.article import ARTICLES
from schemas.duplicate import DUPLICATES
from schemas.mention import MENTIONS
from schemas.reject import REJECTS
from schemas.table import Table

ROOT = Path(__file__).parents[1]


def _section(document: str, heading: str) -> str:
    text = (ROOT / document).read_text(encoding="utf-8")
    return text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize("table", [ARTICLES, DUPLICATES, MENTIONS, REJECTS], ids=lambda table: table.name)
def test_every_column_is_documented_as_it_is(table: Table) -> None:
    section = _section("docs/tables.md", f"`{table.name}`")
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", section, re.MULTILINE)
    declared = [
        (field.name, str(field.type) + (", or null" if field.nullable else ""), field.metadata[b"doc"].decode())
        for field in table.columns
    ]
    own = declared[len(ARTICLES.columns) :] if table is DUPLICATES else declared
    assert rows[: len(own)] == own
    assert table.doc in section


def test_every_option_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    parser = argparse.ArgumentParser(add_help=False)
    IngestOptions._add_argparse_args(parser)
    options = [action.option_strings[0] for action in parser._actions]
    assert len(options) > 5
    assert [option for option in options if f"`{option}" not in readme] == []


def test_every_reason_of_a_reject_is_documented() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "transforms").glob("*.py"))
    reasons = set(
        re.findall(r'(?:reject|Rejected|_refusal)\([^")]*(?:\([^")]*\)[^")]*)*"([a-z]+(?:-[a-z]+)*)"', source)
    )
    reasons -= {"bad-feed-list"}  # a mistake of the command line
    table = _section("docs/tables.md", "`rejects`").split("| reason |", 1)[1]
    outcomes = (ROOT / "docs/feeds.md").read_text(encoding="utf-8")
    documented, of_fetching = (set(re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE)) for text in (table, outcomes))
    assert len(reasons) > 5
    assert reasons - of_fetching <= documented
    assert documented <= reasons


def test_the_graph_stays_on_one_screen() -> None:
    assert len((ROOT / "pipelines/ingest.py").read_text().splitlines()) <= 60


@pytest.mark.parametrize("module", ["pipelines.ingest", "pipelines.cli"])
def test_help_is_shown_and_ends_with_status_0(module: str) -> None:
    shown = subprocess.run([sys.executable, "-m", module, "--help"], capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("usage: naba")
    assert shown.stderr == ""
