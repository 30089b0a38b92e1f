from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from schemas.run import Run
from tests.news import article
from transforms.stage import claim_articles, day_of, load_rows, sign_articles, stage_articles


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run("r", str(tmp_path), datetime(2026, 11, 20, tzinfo=UTC))


def test_staged_articles_come_back_in_the_order_asked_for(run: Run) -> None:
    days = ["2026-11-14", "2026-11-12", "2026-11-13"]
    chunks = [[article(10 * c + n, date=f"{days[n % 3]}T0{n}:00:00Z") for n in range(6)] for c in range(2)]
    places = np.concatenate([stage_articles(run, chunk) for chunk in chunks])["claim"]
    assert [day_of(claim["published"]) for claim in places] == [day for day in sorted(days) for _ in range(2)] * 2
    wanted = places[np.random.default_rng(5).permutation(len(places))][:7]
    rows = load_rows(run, wanted).to_pylist()
    assert [bytes.fromhex(row["id"]).rstrip(b"\0") for row in rows] == list(wanted["id"])
    by_id = {each.id: each for chunk in chunks for each in chunk}
    for row in rows:
        fingerprint = sign_articles([by_id[row["id"]]])[0].tobytes()
        assert row.pop("fingerprint") == fingerprint
        assert row == {name: getattr(by_id[row["id"]], name) for name in row}


def test_rows_are_read_from_as_many_batches_as_they_lie_in(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transforms.stage.BATCH_ARTICLES", 4)
    places = np.concatenate([stage_articles(run, [article(20 * c + n) for n in range(11)]) for c in range(3)])["claim"]
    for seed in range(20):
        wanted = np.random.default_rng(seed).permutation(places)[: seed + 1]
        ids = load_rows(run, wanted)["id"].to_pylist()
        assert [bytes.fromhex(id_).rstrip(b"\0") for id_ in ids] == list(wanted["id"])


def test_a_claim_says_when_to_the_microsecond() -> None:
    early = article(1, date="2026-11-12T00:00:00.000001Z")
    (claim,) = claim_articles([early], 1)
    assert claim["published"] == 1_794_441_600_000_001
    assert day_of(claim["published"]) == "2026-11-12"
    assert day_of(-1) == "1969-12-31"


def test_claims_of_one_article_read_at_two_places_differ_in_their_tie_alone() -> None:
    one, other = claim_articles([article(1, position=1), article(1, position=2)], 1)
    assert one["tie"] != other["tie"]
    assert all(one[name] == other[name] for name in ("id", "content", "text", "published", "size"))
