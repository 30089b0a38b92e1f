"""The real loading code on a small BERT at random, beside CAMeL Tools' own: needs torch (make test-ner)."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from benchmarks.ner import read_sentences
from benchmarks.random_bert import LABELS, TINY, write_random_bert
from tests.news import record, story, write_jsonl
from tests.tables import ingest, rows
from transforms.bert import Bert, ModelError, load_bert, prepare_model
from transforms.entities import LABELS as KNOWN
from transforms.entities import label_words, recognize

pytestmark = [
    pytest.mark.ner,
    # Of torch and transformers themselves; a warning of naba's own still fails the test.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:torch", "ignore::DeprecationWarning:transformers"),
]

UNSEEN = "\N{RIGHT-TO-LEFT MARK}"


@pytest.fixture(scope="module")
def sentences() -> list[list[str]]:
    """News, some of it of words that the model cuts up, and one sentence of more than 510 pieces."""
    found = read_sentences(None, 300)
    return [*found, [word for sentence in found[:30] for word in sentence], ["ثلاجات", "متجمدة", "QUARTZ"]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, sentences: list[list[str]]) -> Path:
    """A model in CAMeL Tools' layout; half of the words are known to it by their letters only."""
    data = tmp_path_factory.mktemp("camel")
    words = [word for sentence in sentences[::3] for word in sentence]
    return write_random_bert(data / "data/ner/arabert", [*words, *"ثلاجات"], TINY, as_pickle=True)


@pytest.fixture
def copied(model: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy to break."""
    load_bert.cache_clear()
    yield Path(shutil.copytree(model, tmp_path / "model"))
    load_bert.cache_clear()


@pytest.fixture(scope="module")
def camel(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """CAMeL Tools' own recognizer with the same model."""
    home = tmp_path_factory.mktemp("home")
    (home / "catalogue.json").write_text('{"version": "", "packages": {}, "components": {}}')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("CAMELTOOLS_DATA", str(home))  # without a catalogue there, the import would ask the network
        from camel_tools.ner import NERecognizer

        return NERecognizer(str(model), use_gpu=False)


def test_the_layout_is_that_of_camel_tools(model: Path) -> None:
    assert sorted(path.name for path in model.iterdir()) == [
        "config.json",
        "pytorch_model.bin",
        "special_tokens_map.json",
        "tokenizer_config.json",
        "vocab.txt",
    ]


def test_labels_are_those_of_camel_tools(camel: Any, model: Path, sentences: list[list[str]]) -> None:
    assert set(camel.labels()) == KNOWN == set(LABELS)
    ours = label_words(load_bert(str(model)), sentences)
    assert ours == camel.predict(sentences)
    assert len({label for labels in ours for label in labels}) > 4
    pieces = [sum(map(len, load_bert(str(model)).encode(sentence))) for sentence in sentences]
    assert max(pieces) > 510
    assert sum(pieces) > 1.2 * sum(map(len, sentences))


def test_a_word_without_pieces_shifts_the_labels_of_camel_tools_and_not_ours(
    camel: Any, model: Path, sentences: list[list[str]]
) -> None:
    sentence = next(words for words in sentences if len(set(camel.predict_sentence(words))) > 2)
    with_unseen = [UNSEEN, *sentence, UNSEEN]
    assert len(camel.predict_sentence(with_unseen)) == len(sentence)
    expected = ["O", *camel.predict_sentence(sentence), "O"]
    assert label_words(load_bert(str(model)), [with_unseen, [], [UNSEEN]]) == [expected, [], ["O"]]


def test_a_word_of_more_pieces_than_a_sequence_ends_camel_tools_and_not_naba(camel: Any, model: Path) -> None:
    sentence = ["روسيا", "中" * 300, "مصر"]
    with pytest.raises(RuntimeError, match="stack expects each tensor"):
        camel.predict([sentence, ["روسيا"]])
    (labels,) = label_words(load_bert(str(model)), [sentence])
    assert len(labels) == 3


def test_pieces_are_those_of_the_tokenizer_word_by_word(camel: Any, model: Path) -> None:
    words = ["روسيا", "ثلاجات", "سُوريا", "x", "中国", UNSEEN, "\u0640", "10,5", "أ" * 200]
    tokens = camel.tokenizer
    expected = [tokens.convert_tokens_to_ids(tokens.tokenize(word)) for word in words]
    assert load_bert(str(model)).encode(words) == expected
    assert load_bert(str(model)).encode([]) == []


def test_both_forms_of_weights_label_alike(model: Path, copied: Path, sentences: list[list[str]]) -> None:
    from transformers import BertForTokenClassification

    BertForTokenClassification.from_pretrained(model).save_pretrained(copied)
    (copied / "pytorch_model.bin").unlink()
    assert (copied / "model.safetensors").exists()
    expected = label_words(load_bert(str(model)), sentences)
    assert label_words(load_bert(prepare_model(str(copied))), sentences) == expected


def test_a_whole_run_finds_what_the_model_finds(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import BertForTokenClassification

    load_bert.cache_clear()
    loads: list[object] = []
    load = BertForTokenClassification.from_pretrained

    def counted(folder: object, **options: object) -> object:
        loads.append(folder)
        return load(folder, **options)

    monkeypatch.setattr(BertForTokenClassification, "from_pretrained", counted)
    monkeypatch.setenv("CAMELTOOLS_DATA", str(model.parents[2]))
    days = [record(n, date=f"2026-11-{1 + n % 9:02}T10:00:00Z") for n in range(40)]
    news = write_jsonl(tmp_path / "news.jsonl", [*days, record(90, text=story(3))])
    manifest = ingest(tmp_path / "out", "--input", news, "--ner", "camel")
    assert manifest["options"]["ner_model"] == str(model)
    assert len(loads) == 1
    held = rows(tmp_path / "out", "articles") + rows(tmp_path / "out", "duplicates")
    assert len(held) == 41
    expected = recognize(load_bert(str(model)), [(row["title"], row["text"]) for row in held])
    found = [[tuple(entity.values()) for entity in row["entities"]] for row in held]
    assert found == [[(e.text, e.label, e.field, e.start, e.end) for e in entities] for entities in expected]
    assert sum(map(len, found)) > 40


def test_workers_of_their_own_load_it_for_themselves(model: Path, tmp_path: Path) -> None:
    news = write_jsonl(tmp_path / "news.jsonl", [record(n) for n in range(5)])
    arguments = ("--ner", "camel", "--ner_model", model, "--direct_running_mode", "multi_processing")
    ingest(tmp_path / "one", "--input", news, *arguments)
    ingest(tmp_path / "other", "--input", news, "--ner", "camel", "--ner_model", model)
    assert rows(tmp_path / "one", "articles") == rows(tmp_path / "other", "articles")
    assert any(row["entities"] for row in rows(tmp_path / "one", "articles"))


def test_a_tokenizer_without_its_vocabulary_loads_in_silence_and_is_refused(copied: Path) -> None:
    from transformers import BertTokenizer

    (copied / "vocab.txt").unlink()
    assert BertTokenizer.from_pretrained(copied).tokenize("روسيا مصر") == ["[UNK]", "[UNK]"]
    with pytest.raises(ModelError, match=r"lacks vocab\.txt"):
        prepare_model(str(copied))


def test_a_network_without_its_last_layer_loads_at_random_and_is_refused(copied: Path) -> None:
    import torch

    weights = torch.load(copied / "pytorch_model.bin")
    del weights["classifier.weight"], weights["classifier.bias"]
    torch.save(weights, copied / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"the weights lack 2 parts, classifier\.bias among them"):
        prepare_model(str(copied))


@pytest.mark.filterwarnings("ignore")
def test_weights_of_another_shape_are_refused(copied: Path) -> None:
    import torch

    weights = torch.load(copied / "pytorch_model.bin")
    weights["classifier.weight"] = weights["classifier.weight"][:5]
    torch.save(weights, copied / "pytorch_model.bin")
    with pytest.raises(ModelError, match="cannot be loaded: "):
        prepare_model(str(copied))


def test_weights_that_run_code_are_refused(copied: Path, tmp_path: Path) -> None:
    import torch

    torch.save({"classifier.bias": _Mischief(tmp_path / "done")}, copied / "pytorch_model.bin")
    with pytest.raises(ModelError, match="cannot be loaded: "):
        prepare_model(str(copied))
    assert not (tmp_path / "done").exists()


class _Mischief:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._path),)


def test_what_refuses_a_model_ends_the_command_with_status_2(
    copied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from pipelines.cli import main

    weights = (copied / "pytorch_model.bin").read_bytes()
    (copied / "pytorch_model.bin").write_bytes(weights[: len(weights) // 2])
    news = write_jsonl(tmp_path / "news.jsonl", [record(1)])
    arguments = ["--input", str(news), "--output", str(tmp_path / "out"), "--ner", "camel", "--ner_model", str(copied)]
    assert main(["ingest", *arguments]) == 2
    assert "pytorch_model.bin holds no weights, or not all of them" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_naba_does_not_import_torch_where_it_is_installed() -> None:
    look = "import sys; import pipelines.cli, pipelines.run, transforms.recognize; print('torch' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"


def test_labels_do_not_depend_on_what_is_labelled_with_a_sentence(model: Path, sentences: list[list[str]]) -> None:
    bert: Bert = load_bert(str(model))
    together = label_words(bert, sentences)
    assert [label_words(bert, [sentence])[0] for sentence in islice(sentences, 40)] == together[:40]
