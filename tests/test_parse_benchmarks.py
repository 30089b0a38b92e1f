"""The benchmarks of parsing compare like with like. Nothing here is timed."""

from itertools import islice

import pytest

from benchmarks import pages
from benchmarks.corpus import invent_articles
from benchmarks.parse import ARMS, DEFAULTS, ENTRIES, KINDS, NABA, Timed, run_arms, tabulate


def test_all_arms_find_all_entries_of_every_kind_of_feed(capsys: pytest.CaptureFixture[str]) -> None:
    timed = list(run_arms(1, 2))
    assert [(run.feed, run.arm) for run in timed[:6]] == [(kind, arm) for kind in KINDS for arm in ARMS][:6]
    assert [run.arm for run in timed[-3:]] == list(ARMS)[::-1]
    assert {run.entries for run in timed} == {ENTRIES}
    assert "kB each" in capsys.readouterr().out


def test_the_table_says_how_many_times_as_fast_naba_is() -> None:
    timed = [Timed(kind, arm, 100, 2.0 if arm == NABA else 9.0) for kind in KINDS for arm in ARMS]
    assert "MISSED" in tabulate(timed)
    timed += [Timed(kind, NABA, 100, 1.5) for kind in KINDS]
    table = tabulate(timed)
    assert "reached" in table
    assert [line.split()[-1] for line in table.splitlines() if f" {DEFAULTS} " in line] == ["6.0x"] * 3


def test_naba_finds_the_article_in_every_layout_of_a_page() -> None:
    records = list(islice(invent_articles(40), 20))
    for layout, write in pages.LAYOUTS.items():
        assert pages.f1(pages.gold(records[0], layout), pages.by_naba(write(records[0], records))) > 0.99, layout


@pytest.mark.parametrize(("found", "score"), [("أ ب ج", 1.0), ("أ ب", 0.8), ("أ ب ج د هـ و", 2 / 3), ("", 0.0)])
def test_f1_counts_words_missed_and_words_added(found: str, score: float) -> None:
    assert pages.f1("أ ب ج", found) == pytest.approx(score)
    assert pages.f1("", "") == 1
