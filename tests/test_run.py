"""Manifests, the balance, and the commit."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.run import Manifest, Poll, Run, Tally, UnbalancedRunError, WrittenFile, balance, new_run_id
from transforms.commit import commit, discard, recover, roll_forward

RUN_TALLIES = [
    Tally("read", "a", 7), Tally("read", "b", 3), Tally("articles", "a", 4), Tally("duplicates", "b", 1),
    Tally("seen", "", 2), Tally("rejects", "a", 2), Tally("rejects_seen", "b", 1),
]  # fmt: skip


def test_a_run_that_balances_is_summed_by_source() -> None:
    counts, sources = balance(RUN_TALLIES)
    assert counts == {
        "read": 10, "articles": 4, "duplicates": 1, "seen": 3, "rejects": 2, "rejects_seen": 1, "crowded_passages": 0,
        "failed_requests": 0,
    }  # fmt: skip
    assert sources["a"] | {"rejects_seen": 0} == {
        "read": 7, "articles": 4, "duplicates": 0, "seen": 1, "rejects": 2, "rejects_seen": 0,
    }  # fmt: skip
    assert list(sources) == ["a", "b"]
    for counted in ("read", "articles", "duplicates", "seen", "rejects"):
        assert sum(source[counted] for source in sources.values()) == counts[counted]


@pytest.mark.parametrize("lost", range(len(RUN_TALLIES)))
def test_a_run_that_loses_anything_does_not_balance(lost: int) -> None:
    with pytest.raises(UnbalancedRunError):
        balance(RUN_TALLIES[:lost] + RUN_TALLIES[lost + 1 :])


def _manifest(run: Run, *paths: str, replaced: tuple[str, ...] = ()) -> Manifest:
    files = [WrittenFile("articles", path, 1) for path in paths]
    counts, sources = balance([])
    return Manifest(run.id, run.started_at.isoformat(), {}, {}, counts, sources, files, list(replaced))


def _polled(outcomes: str, *tallies: Tally) -> Manifest:
    """A run of requests that ended so, and what was read beside those that failed."""
    polls = [Poll(f"https://ufuq.example/{n}", None, outcome, "") for n, outcome in enumerate(outcomes.split())]
    failed = sum(poll.outcome == "timeout" for poll in polls)
    requests = [Tally("read", "", failed), Tally("rejects", "", failed), Tally("failed_requests", "", failed)]
    counts, sources = balance([*requests, *tallies])
    return Manifest("r1", "", {}, {}, counts, sources, [], [], polls)


@pytest.mark.parametrize("others", ["not-modified", "not-due", "same-body not-modified"])
def test_a_feed_that_failed_beside_others_without_news_is_no_refusal(others: str) -> None:
    assert _polled(f"timeout {others}").reject_ratio == 0.0


@pytest.mark.parametrize("outcomes", ["timeout timeout", "timeout timeout host-resting", "timeout retired"])
def test_a_run_of_which_every_request_failed_is_refused_whole(outcomes: str) -> None:
    assert _polled(outcomes).reject_ratio == 1.0


@pytest.mark.parametrize("outcomes", ["", "not-due", "host-resting", "retired"])
def test_a_run_that_asked_for_nothing_is_no_refusal(outcomes: str) -> None:
    assert _polled(outcomes).reject_ratio == 0.0


def test_the_share_of_refusals_is_of_records() -> None:
    read = (Tally("read", "a", 4), Tally("articles", "a", 3), Tally("rejects_seen", "a", 1))
    assert _polled("fetched timeout timeout timeout", *read).reject_ratio == 0.25
    assert _polled("timeout", *read).reject_ratio == 0.25  # the rest was read from files


def test_the_share_of_refusals_is_told_for_manifests_of_earlier_versions() -> None:
    manifest = _polled("fetched", Tally("read", "a", 2), Tally("articles", "a", 1), Tally("rejects", "a", 1))
    del manifest.counts["failed_requests"]
    assert manifest.reject_ratio == 0.5


def _stage(run: Run, path: str, content: str = "x") -> None:
    file = Path(run.staging, "tables", path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run("r1", str(tmp_path / "out"), datetime(2026, 11, 20, tzinfo=UTC))


def test_a_manifest_comes_back_as_it_was(run: Run) -> None:
    manifest = _manifest(run, "articles/date=2026-11-12/r1.0000.parquet")
    assert Manifest.from_json(manifest.to_json()) == manifest


def test_a_commit_moves_the_files_and_removes_what_they_replace(run: Run) -> None:
    path, former = "articles/date=2026-11-12/r1.0000.parquet", "articles/date=2026-11-11/r1.0000.parquet"
    for name in (path, former):
        Path(run.output, name).parent.mkdir(parents=True)
        Path(run.output, name).write_text("old")
    _stage(run, path, "new")
    commit(run, _manifest(run, path, replaced=(former,)))
    assert Path(run.output, path).read_text() == "new"
    assert not Path(run.output, former).exists()
    assert json.loads(Path(run.manifest).read_text())["files"][0]["path"] == path
    assert not Path(run.output, "_staging").exists()


def test_what_was_staged_without_a_manifest_is_deleted(run: Run) -> None:
    _stage(run, "articles/date=2026-11-12/r1.0000.parquet")
    assert "deleted" in recover(run.output)[0]
    assert not Path(run.output, "_staging").exists()
    assert not Path(run.output, "articles").exists()
    assert recover(run.output) == []


def test_a_commit_that_was_interrupted_is_finished_from_where_it_stood(run: Run) -> None:
    paths = [f"articles/date=2026-11-{day}/r1.0000.parquet" for day in (12, 13, 14)]
    for path in paths[1:]:
        _stage(run, path)
    Path(run.output, paths[0]).parent.mkdir(parents=True)
    Path(run.output, paths[0]).write_text("moved before the crash")
    Path(run.staging, "manifest.json").write_text(_manifest(run, *paths).to_json())
    assert "finished" in recover(run.output)[0]
    assert all(Path(run.output, path).exists() for path in paths)
    assert not Path(run.output, "_staging").exists()


def test_a_file_that_is_in_neither_place_is_an_error(run: Run) -> None:
    with pytest.raises(FileNotFoundError, match=r"0000\.parquet"):
        roll_forward(run.output, _manifest(run, "articles/date=2026-11-12/r1.0000.parquet"))


def test_discarding_nothing_is_no_error(run: Run) -> None:
    discard(run.output)


def test_run_ids_sort_by_time() -> None:
    times = [datetime(2026, 11, 20, 12, 0, second, tzinfo=UTC) for second in range(3)]
    assert sorted(map(new_run_id, times)) == list(map(new_run_id, times))
