import random
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Article
from schemas.run import Run
from tests.news import ARRIVED, article
from transforms.deduplicate import Part, Plan, _Load, link_claims, load_parts, plan_parts, split_claims, split_days
from transforms.judge import AGAIN, FRESH, REVISION, SAME_TEXT, SEEN, VERDICT, judge_links
from transforms.stage import CLAIM, SIGNED, Claims, claim_articles, day_of, stage_articles

NAMES = {FRESH: "fresh", SEEN: "seen", SAME_TEXT: "same-text", REVISION: "revision"}
Verdicts = dict[int, tuple[str, str]]


def claims_of(articles: list[Article]) -> Claims:
    return claim_articles(articles, chunk=1)


def written(articles: list[Article], of: str | None = None) -> Claims:
    """Claims of articles that an earlier run wrote, as duplicates of ``of`` if that is given."""
    claims = claims_of(articles)
    claims["of"] = claims["id"] if of is None else bytes.fromhex(of)
    claims["chunk"] = claims["row"] = claims["tie"] = 0
    return claims


def verdicts(*arrays: Claims, lookback_days: int = 7, seed: int | None = None) -> Verdicts:
    """What becomes of each new row: its kind, and the id of its canonical article."""
    claims = np.concatenate(arrays)
    if seed is not None:
        claims = claims[np.random.default_rng(seed).permutation(len(claims))]
    signed = np.zeros(len(claims), SIGNED)
    signed["claim"] = claims
    shards = sorted(split_claims(signed.tobytes()), key=lambda pair: pair[0])
    links = [
        packed
        for shard, group in groupby(shards, key=lambda pair: pair[0])
        for packed in link_claims((shard, [each for _, each in group]), lookback_days)
    ]
    told: Verdicts = {int(row): ("fresh", "") for row in claims["row"][claims["of"] == b""]}
    for day, packed in judge_links(0, links) if links else ():
        for verdict in np.frombuffer(packed, VERDICT):
            kind = NAMES[int(verdict["kind"])]
            of = bytes(verdict["of"]).ljust(16, b"\0").hex()
            told[int(verdict["row"])] = (kind, "" if kind == "fresh" else of)
            assert day == day_of(int(claims["published"][(claims["row"] == verdict["row"]) & (claims["of"] == b"")][0]))
    return told


def test_the_same_item_twice_is_seen() -> None:
    one = article(1)
    assert verdicts(claims_of([one, article(1, position=9)]))[1] == ("seen", one.id)


def test_the_same_text_at_another_link_is_a_duplicate_of_the_earliest() -> None:
    late = article(1, date="2026-11-17T10:00:00+00:00")
    early = article(2, text_of=1, date="2026-11-16T10:00:00+00:00", source="sada", title="عنوان آخر")
    assert verdicts(claims_of([late, early])) == {0: ("same-text", early.id), 1: ("fresh", "")}


def test_another_spelling_is_the_same_text() -> None:
    one = article(1)
    respelt = article(2, text=one.text.replace("ة", "ه").replace("أ", "ا").replace("ال", "الـ"), source="sada")
    assert verdicts(claims_of([one, respelt])) == {0: ("same-text", respelt.id), 1: ("fresh", "")}


def test_new_text_at_the_same_link_is_a_revision() -> None:
    one, revised = article(1), article(1, text="نص جديد تماما بعد التحديث", date=article(1).published_at.isoformat())
    told = verdicts(claims_of([one, revised]))
    assert sorted(kind for kind, _ in told.values()) == ["fresh", "revision"]


def test_a_revised_headline_is_a_revision() -> None:
    assert sorted(kind for kind, _ in verdicts(claims_of([article(1), article(1, title="غيره")])).values()) == [
        "fresh",
        "revision",
    ]


def test_a_duplicate_names_an_article_and_not_another_duplicate() -> None:
    """``b`` revises ``a``; ``c`` reprints the revision."""
    a = article(1, date="2026-11-15T00:00:00+00:00")
    b = article(1, text_of=2, date="2026-11-16T00:00:00+00:00")
    c = article(3, text_of=2, date="2026-11-17T00:00:00+00:00")
    assert verdicts(claims_of([c, b, a])) == {0: ("same-text", a.id), 1: ("revision", a.id), 2: ("fresh", "")}


def test_what_is_written_stays_canonical_even_if_it_is_later() -> None:
    held = article(1, date="2026-11-17T10:00:00+00:00")
    earlier = article(2, text_of=1, date="2026-11-16T10:00:00+00:00")
    assert verdicts(written([held]), claims_of([earlier])) == {0: ("same-text", held.id)}


def test_equal_texts_of_one_day_are_joined_without_a_window() -> None:
    early, late = article(1, date="2026-11-01T08:00:00Z"), article(2, text_of=1, date="2026-11-01T20:00:00Z")
    assert verdicts(claims_of([early, late]), lookback_days=0)[1] == ("same-text", early.id)


def again(articles: list[Article]) -> Claims:
    """What the claims of articles are, where this run wrote them under its id before."""
    claims = written(articles)
    claims["of"], claims["text"] = AGAIN, b""
    return claims


def test_a_run_that_is_repeated_brings_back_the_article_that_a_later_duplicate_names() -> None:
    repeated, its_duplicate = article(1), article(2, text_of=1)
    held = again([repeated]), written([its_duplicate], of=repeated.id)
    assert verdicts(*held, claims_of([repeated])) == {0: ("fresh", "")}


def test_a_run_that_is_repeated_brings_back_the_article_that_a_later_run_revised() -> None:
    repeated, revision = article(1), article(1, text_of=2)
    held = again([repeated]), written([revision], of=repeated.id)
    assert verdicts(*held, claims_of([repeated])) == {0: ("fresh", "")}


def test_an_article_stays_one_when_its_run_is_repeated_though_a_later_run_ties_it_to_another() -> None:
    """It would be a duplicate now; but it was written as an article, and others name it."""
    first, third = article(1, date="2026-11-15T00:00:00Z"), article(3, text_of=1)
    held = written([first]), again([third])
    assert verdicts(*held, claims_of([third])) == {0: ("fresh", "")}
    assert verdicts(written([first]), claims_of([third])) == {0: ("same-text", first.id)}


def test_an_article_that_its_run_never_wrote_is_not_brought_back_by_a_duplicate_that_names_it() -> None:
    """It lies beyond what is read of the tables, which may hold it."""
    far, its_duplicate = article(1), article(2, text_of=1)
    assert verdicts(written([its_duplicate], of=far.id), claims_of([far])) == {0: ("same-text", far.id)}


def test_what_joins_a_written_duplicate_is_given_its_article() -> None:
    held, its_duplicate = article(1), article(2)
    new = article(3, text_of=2)
    assert verdicts(written([its_duplicate], of=held.id), claims_of([new])) == {0: ("same-text", held.id)}


def test_a_written_revision_is_seen_when_it_comes_again() -> None:
    """Also when what lies between the two in time is another version of the same article."""
    first = article(1, date="2026-11-15T00:00:00+00:00")
    second = article(1, text_of=2, date="2026-11-16T00:00:00+00:00")
    known = written([first]), written([second], of=first.id)
    for again in (first, second):
        assert verdicts(*known, claims_of([again])) == {0: ("seen", first.id)}


def test_equal_texts_further_apart_than_the_window_are_two_articles() -> None:
    old = article(1, date="2026-11-01T23:00:00+00:00")
    new = article(2, text_of=1, date="2026-11-09T00:00:01+00:00")
    assert {kind for kind, _ in verdicts(claims_of([old, new]), lookback_days=7).values()} == {"fresh"}
    assert verdicts(claims_of([old, new]), lookback_days=8)[1] == ("same-text", old.id)


@pytest.mark.parametrize("text", ["", "حالة الطقس", "اليوم"])
def test_texts_that_say_next_to_nothing_are_not_joined(text: str) -> None:
    articles = [article(n, text=text, title="أخبار") for n in range(5)]
    assert {kind for kind, _ in verdicts(claims_of(articles)).values()} == {"fresh"}


def test_short_texts_are_joined_only_under_one_headline() -> None:
    text = "التفاصيل بعد قليل على موقعنا تابعونا"
    articles = [article(1, text=text), article(2, text=text), article(3, text=text, title=article(1).title)]
    assert [kind for kind, _ in verdicts(claims_of(articles)).values()] == ["same-text", "fresh", "fresh"]


@st.composite
def rivals(draw: st.DrawFn) -> list[Article]:
    """Up to 12 articles that share links, texts and days."""
    picks = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=12))
    return [
        article(link, text_of=text, position=n, date=ARRIVED.replace(day=10 + day).isoformat(), title="عنوان")
        for n, (link, text, day) in enumerate(picks)
    ]


@given(rivals(), st.integers(0, 10))
def test_verdicts_do_not_depend_on_the_order_of_what_comes_in(articles: list[Article], seed: int) -> None:
    assert verdicts(claims_of(articles), seed=seed) == verdicts(claims_of(articles))


@given(rivals())
def test_every_cluster_has_one_article_that_its_duplicates_name(articles: list[Article]) -> None:
    told = verdicts(claims_of(articles))
    fresh = {articles[row].id for row, (kind, _) in told.items() if kind == "fresh"}
    assert len(fresh) == sum(kind == "fresh" for kind, _ in told.values())
    assert {of for kind, of in told.values() if kind != "fresh"} <= fresh


@given(rivals())
def test_what_was_judged_once_is_seen_when_it_comes_again(articles: list[Article]) -> None:
    told = verdicts(claims_of(articles))
    held = []
    for row, (kind, of) in told.items():
        if kind != "seen":
            held.append(written([articles[row]], of or None))
    again = verdicts(*held, claims_of(articles), lookback_days=7)
    assert {kind for kind, _ in again.values()} == {"seen"}


def _plans(claims: Claims, judged: Iterable[bytes] = ()) -> tuple[list[np.ndarray], list[object]]:
    out = list(plan_parts("2026-11-17", {"claims": [claims.tobytes()], "verdicts": list(judged)}))
    plans = [np.frombuffer(plan[3], VERDICT) for plan in out if isinstance(plan, tuple)]
    return plans, [each for each in out if not isinstance(each, tuple)]


def test_parts_hold_every_row_once_in_order_of_time_and_no_more_than_their_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("transforms.deduplicate.PART_ARTICLES", 10)
    claims = claims_of([article(n) for n in random.Random(3).sample(range(100), 35)])
    plans, _ = _plans(claims)
    assert [len(plan) for plan in plans] == [10, 10, 10, 5]
    rows = np.concatenate(plans)["row"]
    assert sorted(rows) == list(range(35))
    assert (np.diff(claims["published"][rows]) >= 0).all()


def test_a_part_is_cut_by_size_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transforms.deduplicate.PART_SIZE", 3000)
    claims = np.zeros(5, CLAIM)
    claims["size"], claims["published"] = 2000, np.arange(5)
    claims["row"] = np.arange(5)
    assert [len(plan) for plan in _plans(claims)[0]] == [2, 1, 2]


def test_parts_loaded_together_are_those_loaded_alone(tmp_path: Path) -> None:
    run = Run("r", str(tmp_path), datetime(2026, 11, 20, tzinfo=UTC))
    articles = [article(n, date=f"2026-11-{10 + n % 3}T00:{n:02}:00Z") for n in range(30)]
    days: dict[str, list[bytes]] = {}
    for chunk in (articles[:20], articles[20:]):
        for day, claims in split_days(stage_articles(run, chunk).tobytes()):
            days.setdefault(day, []).append(claims)
    plans = [plan for day, claims in days.items() for plan in plan_parts(day, {"claims": claims, "verdicts": []})]
    alone = [part for plan in plans for part in load_parts(run, [plan])]
    assert [len(part.articles) for part in alone] == [10, 10, 10]
    assert list(load_parts(run, plans)) == alone


def test_no_more_than_a_share_of_a_part_is_loaded_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    loaded: list[list[int]] = []

    def load_parts(_run: Run, plans: list[Plan]) -> list[Part]:
        loaded.append([ordinal for _, ordinal, *_ in plans])
        return []

    monkeypatch.setattr("transforms.deduplicate.load_parts", load_parts)
    load = _Load(Run("r", str(tmp_path), datetime(2026, 11, 20, tzinfo=UTC)))
    load.start_bundle()
    for ordinal, share in enumerate((0.2, 0.2, 0.2, 0.9, 0.1, 0.1)):
        assert not list(load.process(("2026-11-17", ordinal, share, b"")))
    assert not list(load.finish_bundle())
    assert loaded == [[0, 1], [2], [3], [4, 5]]
