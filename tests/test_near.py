"""Articles that tell the same in other words, from their fingerprints to the tables."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.reprints import Planted, join_articles, plant_reprints, write_planted
from tests.planted import edited_twice
from tests.tables import all_rows, ingest, rows
from transforms.fold import fold_text
from transforms.judge import LINK
from transforms.near import SHARDS, Sent, compare_met, pair_passages, send_articles, send_first
from transforms.signature import FINGERPRINT, NO_PASSAGE, sign
from transforms.similarity import compare
from transforms.stage import SIGNED, SignedClaims

Groups = set[frozenset[str]]


@pytest.fixture(scope="module")
def planted() -> list[Planted]:
    return plant_reprints(300, seed=11)


def joined(output: Path) -> Groups:
    """What the tables say is one story, by the ids as published: all that ``duplicate_of`` and ``also_of`` connect."""
    articles, duplicates = rows(output, "articles"), rows(output, "duplicates")
    groups = {row["id"]: {row["guid"]} for row in articles}
    for row in duplicates:
        one = groups[row["duplicate_of"]]
        one.add(row["guid"])
        for other in row["also_of"]:
            if groups[other] is not one:
                one |= groups[other]
                groups.update({id_: one for id_, group in groups.items() if group is groups[other]})
    return {frozenset(group) for group in groups.values()}


def groups_of(names: Sequence[str], labels: Iterable[int]) -> Groups:
    of: dict[int, set[str]] = defaultdict(set)
    for name, label in zip(names, labels, strict=True):
        of[label].add(name)
    return {frozenset(group) for group in of.values()}


def verdicts(output: Path) -> dict[str, tuple[object, ...]]:
    """Of each duplicate, by the id as published, what is said of it."""
    names = ("duplicate_of", "kind", "similarity", "via", "also_of")
    return {row["guid"]: tuple(row[name] for name in names) for row in rows(output, "duplicates")}


@pytest.fixture(scope="module")
def at_once(planted: list[Planted], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of one run over everything."""
    folder = tmp_path_factory.mktemp("near")
    ingest(folder / "out", "--input", write_planted(folder / "news.jsonl", planted))
    return folder / "out"


def test_the_tables_join_what_the_fingerprints_join(planted: list[Planted], at_once: Path) -> None:
    assert joined(at_once) == groups_of([each.id for each in planted], join_articles(planted))
    kinds = Counter(row["kind"] for row in rows(at_once, "duplicates"))
    assert min(kinds["near"], kinds["contained"], kinds["same-text"]) > 5, kinds


def test_the_evidence_of_a_duplicate_is_what_its_fingerprint_gives(at_once: Path) -> None:
    duplicates = rows(at_once, "duplicates")
    held = {row["id"]: row for row in [*rows(at_once, "articles"), *duplicates]}
    measured = [row for row in duplicates if row["kind"] in {"near", "contained"}]
    for row in measured:
        other = held[row["via"] or row["duplicate_of"]]
        verdict = compare(*(np.frombuffer(each["fingerprint"], FINGERPRINT)[0] for each in (row, other)))
        assert verdict is not None
        assert (verdict.kind, pytest.approx(verdict.similarity, abs=1e-6)) == (row["kind"], row["similarity"])
    assert len(measured) > 10


def test_a_fingerprint_is_that_of_the_title_and_text_beside_it(at_once: Path) -> None:
    for row in rows(at_once, "articles"):
        assert sign([fold_text(row["title"] or "")], [fold_text(row["text"])])[0].tobytes() == row["fingerprint"]


def test_rows_with_fingerprints_of_another_version_are_known_by_identity_and_text_alone(
    planted: list[Planted], tmp_path: Path
) -> None:
    out, source = tmp_path / "out", write_planted(tmp_path / "1.jsonl", planted[:40])
    ingest(out, "--input", source)
    for path in (out / "articles").rglob("*.parquet"):
        table = pq.read_table(path, partitioning=None)
        others = pa.array([b"0123"] * len(table), pa.binary())
        pq.write_table(table.set_column(table.column_names.index("fingerprint"), "fingerprint", others), path)
    assert ingest(out, "--input", source)["counts"]["seen"] == 40


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_the_input_changes_nothing(
    planted: list[Planted], at_once: Path, tmp_path: Path, seed: int
) -> None:
    shuffled = random.Random(seed).sample(planted, len(planted))
    files = [write_planted(tmp_path / f"{n}.jsonl", shuffled[n::3]) for n in range(3)]
    ingest(tmp_path / "out", "--input", *files)
    assert verdicts(tmp_path / "out") == verdicts(at_once)


def test_ten_runs_join_what_one_run_joins(planted: list[Planted], at_once: Path, tmp_path: Path) -> None:
    """In another order than that of time, so that what comes later must tie together what is written apart."""
    for n in range(10):
        ingest(tmp_path / "out", "--input", write_planted(tmp_path / f"{n}.jsonl", planted[n::10]))
    assert joined(tmp_path / "out") == joined(at_once)


def test_what_ties_two_written_articles_together_says_so(tmp_path: Path) -> None:
    """A report edited twice: the first and the last version are too far apart to be joined without the second."""
    first, second, third = edited_twice()
    out = tmp_path / "out"
    ingest(out, "--input", write_planted(tmp_path / "1.jsonl", [first, third]))
    assert len(rows(out, "articles")) == 2
    ingest(out, "--input", write_planted(tmp_path / "2.jsonl", [second]))
    (row,) = rows(out, "duplicates")
    ids = {each["guid"]: each["id"] for each in rows(out, "articles")}
    assert (row["guid"], row["duplicate_of"], row["also_of"]) == ("second", ids["first"], [ids["third"]])

    before = all_rows(out)
    ingest(out, "--input", tmp_path / "1.jsonl", "--run_id", "r0")
    assert all_rows(out) == before, "what was written as an article stays one when its run is repeated"

    at_once = tmp_path / "at_once"
    ingest(at_once, "--input", write_planted(tmp_path / "3.jsonl", [third, second, first]))
    assert joined(at_once) == joined(out) == {frozenset({"first", "second", "third"})}
    by_name = {each["guid"]: each for each in rows(at_once, "duplicates")}
    assert (by_name["second"]["via"], by_name["third"]["via"]) == (None, by_name["second"]["id"])


def test_worker_processes_come_to_the_same(planted: list[Planted], at_once: Path, tmp_path: Path) -> None:
    source = write_planted(tmp_path / "news.jsonl", planted)
    options = ("--direct_running_mode", "multi_processing", "--direct_num_workers", "2")
    ingest(tmp_path / "out", "--input", source, *options)
    assert verdicts(tmp_path / "out") == verdicts(at_once)


def test_crowds_and_giants_end_with_the_right_answer(tmp_path: Path) -> None:
    """A text told by a thousand, five thousand that say nothing, a form filled in a thousand times, and a long one."""
    began = datetime(2026, 11, 3, tzinfo=UTC)
    base = plant_reprints(200, seed=5)
    originals = [each for each in base if each.how == "original"]
    one, giant = originals[0], "\n".join(each.text for each in originals)

    def tell(number: int, title: str, text: str) -> Planted:
        return Planted(f"t{number}", f"outlet{number % 7}", title, text, began + timedelta(minutes=number), 0, "")

    crowd = [tell(n, one.title, one.text) for n in range(-1, 1000)]
    empty = [tell(n, "", ("حالة الطقس", "عاجل", "صور")[n % 3]) for n in range(1000, 6000)]
    forms = [tell(n, f"نشرة المحطة {n}", _bulletin(n)) for n in range(6000, 7000)]
    long = [tell(7000, "وثيقة", giant * (5_000_000 // len(giant))), tell(7001, "الوثيقة", giant * 3)]
    manifest = ingest(tmp_path / "out", "--input", write_planted(tmp_path / "news.jsonl", crowd + empty + forms + long))
    assert manifest["counts"]["read"] == 7003
    assert manifest["counts"]["crowded_passages"] > 0
    duplicates = rows(tmp_path / "out", "duplicates")
    kept = {row["guid"] for row in rows(tmp_path / "out", "articles")}
    assert {row["kind"] for row in duplicates if row["guid"] in {each.id for each in crowd}} == {"same-text"}
    assert sum(each.id in kept for each in crowd) == 1
    assert all(each.id in kept for each in empty)
    assert sum(each.id in kept for each in forms) >= 950
    assert "t7000" in kept


PLACES = [
    "الرشيدية", "المنصورة", "القطيف", "الخليل", "الناصرية", "سطيف", "القيروان", "إربد", "صحار", "مكناس", "تطوان",
    "باتنة",
    "صفاقس", "سرت", "بنغازي", "أسوان", "دمياط", "نابلس", "الكرك", "صيدا", "زحلة", "حمص", "الحسكة", "تكريت", "الكوت",
    "العمارة", "الأحمدي", "المحرق", "الخور", "صلالة", "المكلا", "عتق", "بريدة", "تبوك",
]  # fmt: skip
PEOPLE = ["سالم", "خديجة", "مروان", "هالة", "يوسف", "نادية", "طارق", "سميرة", "بسام", "ليلى"]


def _bulletin(number: int) -> str:
    """Most of it a form; what it says is a place, a person and four figures."""
    draw = random.Random(number)
    place, person = draw.choice(PLACES), draw.choice(PEOPLE)
    return (
        f"سجلت محطة {place} أمطارا بلغت {draw.uniform(1, 90):.1f} ملم وحرارة عظمى {draw.uniform(12, 44):.1f} وصغرى "
        f"{draw.uniform(1, 12):.1f} ورياحا سرعتها {draw.uniform(5, 70):.1f} كلم، وفق الراصد {person}.\n"
        "وتصدر هذه النشرة عن المركز الوطني للأرصاد كل ست ساعات وتشمل قراءات المحطات الآلية بعد مراجعتها من الفنيين "
        "المختصين، ولا تعد القراءات الواردة فيها نهائية إلا بعد اعتمادها في التقرير الشهري الذي يصدره. ويدعو المركز "
        "المواطنين والمقيمين إلى متابعة التحذيرات عبر حساباته الرسمية وعدم الاقتراب من مجاري السيول أثناء هطول "
        "الأمطار، وإلى الالتزام بتعليمات الدفاع المدني حفاظا على سلامتهم وسلامة أسرهم في جميع الأوقات والظروف."
    )


def in_memory(signed: SignedClaims, chunks: int, seed: int) -> set[tuple[int, int]]:
    """The links of ``LinkNear`` as pairs of rows, with the articles in so many chunks in an order of their own."""
    order = np.random.default_rng(seed).permutation(len(signed))
    packed = [chunk.tobytes() for chunk in np.array_split(signed[order], chunks)]
    sent = _group(each for chunk in packed for each in send_articles(chunk))
    met = _group(each for of in sent.items() for each in pair_passages(of, 7) if isinstance(each, tuple))
    called = _group(each for shard, of in met.items() for each in send_first(shard, of))
    links = [link for shard, of in called.items() for link in compare_met(shard, of)]
    found = np.frombuffer(b"".join(links), LINK)
    return {tuple(sorted((int(link["one"]["row"]), int(link["other"]["row"])))) for link in found}  # type: ignore[misc]


def _group(sent: Iterator[Sent]) -> dict[int, list[tuple[str, bytes]]]:
    grouped: dict[int, list[tuple[str, bytes]]] = defaultdict(list)
    for key, value in sent:
        grouped[key].append(value)
    return grouped


@pytest.fixture(scope="module")
def signed(planted: list[Planted]) -> SignedClaims:
    signed = np.zeros(len(planted), SIGNED)
    signed["fingerprint"] = sign(
        [fold_text(each.title) for each in planted], [fold_text(each.text) for each in planted]
    )
    claims = signed["claim"]
    claims["id"] = claims["content"] = [each.id.encode() for each in planted]
    claims["published"] = [int(each.published.timestamp()) * 1_000_000 for each in planted]
    claims["row"] = np.arange(len(planted))
    return signed


@pytest.mark.parametrize(("chunks", "seed"), [(1, 1), (7, 2), (40, 3)])
def test_links_do_not_depend_on_chunks_or_their_order(signed: SignedClaims, chunks: int, seed: int) -> None:
    links = in_memory(signed, chunks, seed)
    assert links == in_memory(signed, 1, 0)
    assert len(links) > 50


def test_two_written_articles_are_not_compared_again(signed: SignedClaims) -> None:
    known = signed.copy()
    known["claim"]["of"] = known["claim"]["id"]
    assert not in_memory(known, 3, 1)
    known["claim"]["of"][::2] = b""
    is_new = known["claim"]["of"] == b""
    links = in_memory(known, 3, 1)
    assert links == {pair for pair in in_memory(signed, 3, 1) if is_new[list(pair)].any()}


def repeated(signed: SignedClaims, *contents: bytes) -> SignedClaims:
    """One article as often as there are contents, each time under another identity; all at one moment."""
    several = signed[:1].repeat(len(contents))
    claims = several["claim"]
    claims["id"] = [b"%d" % number for number in range(len(contents))]
    claims["content"], claims["row"], claims["published"] = contents, range(len(contents)), 0
    return several


def test_what_came_more_than_the_window_apart_does_not_meet(signed: SignedClaims) -> None:
    apart = repeated(signed, b"one", b"two")
    day = 86_400_000_000
    apart["claim"]["published"][1] += 7 * day
    assert in_memory(apart, 1, 0) == {(0, 1)}
    apart["claim"]["published"][1] += day
    assert not in_memory(apart, 1, 0)


@pytest.mark.parametrize(("passages", "meet"), [([1], False), ([1, 2], True), ([1, 1 + SHARDS], True)])
def test_articles_that_share_a_single_passage_are_not_compared(
    signed: SignedClaims, passages: list[int], *, meet: bool
) -> None:
    """Wherever passages meet: those of the last case do in one shard, those before in two."""
    alike = repeated(signed, b"one", b"two")
    alike["fingerprint"]["passages"] = NO_PASSAGE
    alike["fingerprint"]["passages"][:, : len(passages)] = passages
    assert in_memory(alike, 1, 0) == ({(0, 1)} if meet else set())


@pytest.mark.parametrize(
    ("of", "published", "taken"),
    [([b"", b"x"], [0, 1], 1), ([b"x", b"x"], [1, 0], 1), ([b"", b""], [1, 0], 1), ([b"", b""], [0, 0], 0)],
    ids=["the written", "the first of the written", "the first", "by identity"],
)
def test_of_several_copies_one_is_compared(
    signed: SignedClaims, of: list[bytes], published: list[int], taken: int
) -> None:
    copies = repeated(signed, b"copy", b"copy", b"another")
    copies["claim"]["of"][:2], copies["claim"]["published"][:2] = of, published
    assert in_memory(copies, 1, 0) == in_memory(copies[[1, 0, 2]], 1, 0) == {(taken, 2)}
