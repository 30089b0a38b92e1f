"""The stage that asks a model: in the graph, and in the tables."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import apache_beam as beam
import pyarrow as pa
import pytest

import pipelines.options
import transforms.commit
import transforms.inference
from schemas.entity import Entity
from tests.news import record, story, write_jsonl
from tests.tables import VOLATILE, Row, ingest, rows
from tests.test_entities import Lexicon
from transforms.deduplicate import Part
from transforms.entities import Model
from transforms.recognize import ARTICLES_AT_ONCE, RecognizeEntities, recognize_parts

NAMES = {"المصري": "B-LOC", "العراقي": "B-LOC", "رقم": "B-MISC"}


def part(texts: list[str], ordinal: int = 0) -> Part:
    articles = pa.table({"title": pa.array([None] * len(texts), pa.string()), "text": pa.array(texts, pa.string())})
    return Part("2026-11-17", ordinal, articles, (None,) * len(texts))


def recognized(row: Row) -> list[tuple[str, str, str]]:
    return [(entity["text"], entity["label"], entity["field"]) for entity in row["entities"]]


@pytest.fixture
def with_lexicon(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """``--ner camel`` gets a model that needs no torch. Gives the folders it was loaded from, as they come."""
    loaded: list[str] = []

    def load(folder: str) -> Model:
        loaded.append(folder)
        return Lexicon(NAMES)

    monkeypatch.setattr(transforms.inference, "load_bert", load)
    monkeypatch.setattr(pipelines.options, "prepare_model", lambda folder: folder or "default")
    monkeypatch.setattr(transforms.commit, "version", lambda name: f"of {name}")
    return loaded


def test_with_a_model_articles_and_duplicates_have_their_entities(tmp_path: Path, with_lexicon: list[str]) -> None:
    news = write_jsonl(tmp_path / "news.jsonl", [*(record(n) for n in range(30)), record(40, text=story(2))])
    manifest = ingest(tmp_path / "out", "--input", news, "--ner", "camel", "--ner_model", "m")
    assert manifest["options"]["ner_model"] == "m"
    assert manifest["versions"]["torch"] == "of torch"
    assert manifest["counts"]["duplicates"] == 1
    held = rows(tmp_path / "out", "articles") + rows(tmp_path / "out", "duplicates")
    for row in held:
        fields = {"title": row["title"], "text": row["text"]}
        assert all(fields[e["field"]][e["start"] : e["end"]] == e["text"] for e in row["entities"])
        named = [word for word in row["text"].split() if word in NAMES]
        assert recognized(row) == [("رقم", "MISC", "title"), *((word, "LOC", "text") for word in named)]
    assert {entity["text"] for row in held for entity in row["entities"]} == set(NAMES)
    assert with_lexicon == ["m"], "it is loaded once"


def test_without_a_model_entities_are_null(tmp_path: Path) -> None:
    news = write_jsonl(tmp_path / "news.jsonl", [record(1), record(2), record(3, text=story(2))])
    manifest = ingest(tmp_path / "out", "--input", news)
    assert (manifest["options"]["ner"], manifest["options"]["ner_model"]) == ("none", None)
    assert [row["entities"] for table in ("articles", "duplicates") for row in rows(tmp_path / "out", table)] == [
        None
    ] * 3


def test_an_article_without_names_has_an_empty_list_not_null(tmp_path: Path, with_lexicon: list[str]) -> None:
    news = write_jsonl(tmp_path / "news.jsonl", [record(1, title="بيان", text="لا أسماء في هذا الخبر القصير.")])
    ingest(tmp_path / "out", "--input", news, "--ner", "camel")
    assert [row["entities"] for row in rows(tmp_path / "out", "articles")] == [[]]
    assert with_lexicon == ["default"]


def test_a_run_with_a_model_follows_one_without(tmp_path: Path, with_lexicon: list[str]) -> None:
    news = write_jsonl(tmp_path / "news.jsonl", [record(1)])
    ingest(tmp_path / "out", "--input", news)
    more = write_jsonl(tmp_path / "more.jsonl", [record(1), record(2)])
    manifest = ingest(tmp_path / "out", "--input", more, "--ner", "camel")
    assert (manifest["counts"]["seen"], manifest["counts"]["articles"]) == (1, 1)
    assert {row["guid"]: row["entities"] is None for row in rows(tmp_path / "out", "articles")} == {
        "n1": True,
        "n2": False,
    }


def test_a_run_repeated_under_its_id_with_a_model_has_its_entities(tmp_path: Path, with_lexicon: list[str]) -> None:
    news = write_jsonl(tmp_path / "news.jsonl", [record(1), record(2), record(3, text=story(2))])
    ingest(tmp_path / "out", "--input", news, "--run_id", "r")
    without = [rows(tmp_path / "out", table, (*VOLATILE, "entities")) for table in ("articles", "duplicates")]
    ingest(tmp_path / "out", "--input", news, "--run_id", "r", "--ner", "camel")
    assert [rows(tmp_path / "out", table, (*VOLATILE, "entities")) for table in ("articles", "duplicates")] == without
    assert all(row["entities"] for table in ("articles", "duplicates") for row in rows(tmp_path / "out", table))
    assert with_lexicon


def test_entities_stay_with_their_articles_over_many_parts() -> None:
    texts = [f"خبر عن بلد{number} اليوم" for number in range(2 * ARTICLES_AT_ONCE + 7)]
    model = Lexicon({f"بلد{number}": "B-LOC" for number in range(len(texts))})
    cuts = (0, 3, 3, ARTICLES_AT_ONCE + 50, len(texts))
    parts = [part(texts[start:end], start) for start, end in pairwise(cuts)]
    done = list(recognize_parts(model, parts))
    assert [(each.day, each.ordinal, each.duplicates) for each in done] == [
        (each.day, each.ordinal, each.duplicates) for each in parts
    ]
    found = [row for each in done for row in each.articles["entities"].to_pylist()]
    assert [[entity["text"] for entity in row] for row in found] == [[f"بلد{n}"] for n in range(len(texts))]
    assert found[1] == [{"text": "بلد1", "label": "LOC", "field": "text", "start": 7, "end": 11}]
    assert Entity(**found[1][0]) == Entity("بلد1", "LOC", "text", 7, 11)


def test_sentences_of_many_articles_are_batched_together() -> None:
    model = Lexicon({}, batch_pieces=100)
    list(recognize_parts(model, [part(["في يوم"]), part(["في يوم من الأيام"] * 3), part(["في شهر"] * 2)]))
    assert model.batches == [[13, 13, 13, 5, 5, 5]]


def test_parts_are_not_shuffled_for_their_entities() -> None:
    pipeline = beam.Pipeline(runner="FnApiRunner")
    parts = pipeline | beam.Create([part(["خبر"])]) | beam.Map(lambda each: each).with_output_types(Part)
    assert parts | "Off" >> RecognizeEntities(None) is parts
    assert (parts | "On" >> RecognizeEntities("m")).element_type is Part
    transforms_ = pipeline.to_runner_api().components.transforms
    within = {each.unique_name: each.spec.urn for each in transforms_.values() if each.unique_name.startswith("On/")}
    assert set(within.values()) - {""} == {"beam:transform:pardo:v1", "beam:transform:generic_composite:v1"}
    assert any("RunInference" in name for name in within)


def test_what_stands_for_the_model_is_not_imported_before_it_is_needed() -> None:
    look = (
        "import sys; import pipelines.cli, pipelines.run, transforms.bert, transforms.recognize; "
        "print([name for name in ('torch', 'transformers', 'apache_beam.ml.inference.base', 'camel_tools.data', "
        "'camel_tools.ner') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
