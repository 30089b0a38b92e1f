"""What ``--ner camel`` refuses before a run, and what it then tells to do. None of it needs torch."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import transforms.bert
from benchmarks.random_bert import LABELS, write_vocabulary
from pipelines.cli import main
from pipelines.options import UsageError, parse_options
from tests.news import record, write_jsonl
from transforms.bert import ModelError, camel_folder, check_folder, prepare_model

GIVEN = ["--input", "a.xml", "--output", "out"]
ERROR_PAGE = b"\n<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head></html>"
LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:cb5e1e27\nsize 540851335\n"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder in the layout of CAMeL Tools' model, whole as far as can be seen without torch."""
    folder = tmp_path / "data/ner/arabert"
    folder.mkdir(parents=True)
    pieces = write_vocabulary(folder, ["طلبت", "روسيا", "من", "مجلس", "الأمن", "الدولي"])
    config = {
        "model_type": "bert",
        "architectures": ["BertForTokenClassification"],
        "vocab_size": len(pieces),
        "id2label": {str(number): label for number, label in enumerate(LABELS)},
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "model.safetensors").write_bytes(safetensors())
    return folder


def safetensors(missing: int = 0) -> bytes:
    """A file of one tensor of nine numbers, the last bytes of it missing."""
    tensor = {"dtype": "F32", "shape": [9], "data_offsets": [0, 36]}
    header = json.dumps({"__metadata__": {"format": "pt"}, "classifier.bias": tensor}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(36 - missing)


def change(folder: Path, **fields: Any) -> None:
    config = json.loads((folder / "config.json").read_text()) | fields
    (folder / "config.json").write_text(json.dumps(config))


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as raised:
        check_folder(str(folder))
    return str(raised.value)


def test_a_whole_model_passes(model: Path) -> None:
    check_folder(str(model))


def test_weights_as_camel_tools_has_them_pass(model: Path) -> None:
    (model / "model.safetensors").unlink()
    (model / "pytorch_model.bin").write_bytes(b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.")  # as torch wrote before 1.6
    check_folder(str(model))


def test_a_model_with_more_room_than_pieces_passes(model: Path) -> None:
    pieces = json.loads((model / "config.json").read_text())["vocab_size"]
    change(model, vocab_size=pieces + 3)
    check_folder(str(model))


def test_a_piece_may_hold_a_line_separator_that_is_no_line_feed(model: Path) -> None:
    pieces = (model / "vocab.txt").read_text().split("\n")
    pieces[5] = "\N{LINE SEPARATOR}\x85\x1c"
    (model / "vocab.txt").write_text("\n".join(pieces))
    check_folder(str(model))


def test_a_folder_that_is_not_there_is_told_with_how_to_get_it(tmp_path: Path) -> None:
    told = refusal(tmp_path / "nowhere")
    assert told.startswith(f"no model in {tmp_path}/nowhere:\n")
    assert "camel_data -i ner-arabert" in told
    assert "542 MB" in told
    assert "--ner_model" in told


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json", "vocab.txt"])
def test_a_file_that_is_not_there_is_named(model: Path, name: str) -> None:
    (model / name).unlink()
    assert f"lacks {name}: " in refusal(model)


def test_missing_weights_are_named_in_both_forms(model: Path) -> None:
    (model / "model.safetensors").unlink()
    (model / "vocab.txt").unlink()
    assert "lacks vocab.txt, model.safetensors or pytorch_model.bin: " in refusal(model)


@pytest.mark.parametrize(
    "name", ["config.json", "tokenizer_config.json", "vocab.txt", "model.safetensors", "pytorch_model.bin"]
)
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (ERROR_PAGE, "is a web page, saved where a download failed"),
        (LFS_POINTER, "pointer of Git LFS"),
        (b"", "is empty"),
    ],
)
def test_what_a_failed_download_leaves_is_recognized(model: Path, name: str, content: bytes, told: str) -> None:
    if name == "pytorch_model.bin":
        (model / "model.safetensors").unlink()
    (model / name).write_bytes(content)
    assert refusal(model).startswith(f"{model}/{name} ")
    assert told in refusal(model)


def test_a_file_that_breaks_off_is_recognized(model: Path) -> None:
    (model / "model.safetensors").write_bytes(safetensors(missing=1))
    assert "model.safetensors holds no weights, or not all of them" in refusal(model)
    (model / "model.safetensors").write_bytes(safetensors()[:40])
    assert "holds no weights, or not all of them" in refusal(model)
    (model / "model.safetensors").unlink()
    (model / "pytorch_model.bin").write_bytes(b"PK\x03\x04" + bytes(1000))
    assert "pytorch_model.bin holds no weights, or not all of them" in refusal(model)
    (model / "config.json").write_text('{"model_type": "be')
    assert "config.json is no JSON" in refusal(model)
    (model / "config.json").write_bytes(b"\xff\xfe\x00")
    assert "config.json is no JSON" in refusal(model)
    (model / "config.json").write_text("[]")
    assert "config.json is no JSON object" in refusal(model)


def test_what_is_no_bert_is_told_what_it_is(model: Path) -> None:
    change(model, model_type="distilbert")
    assert "is no BERT (config.json says model_type distilbert)" in refusal(model)


def test_a_bert_for_something_else_is_told_what_it_is(model: Path) -> None:
    change(model, architectures=["BertForMaskedLM"])
    assert "is a BertForMaskedLM, which labels no words" in refusal(model)


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (None, ": none"),
        ({"0": "LABEL_0", "1": "LABEL_1"}, ": LABEL_0, LABEL_1"),
        ({str(n): label for n, label in enumerate(LABELS[:-1])}, ": B-LOC, B-MISC"),
        ({str(n): label for n, label in enumerate([*LABELS, "O"])}, ", O, O"),
        ({str(n): f"B-{n}" for n in range(40)}, ", …"),
    ],
)
def test_other_labels_are_told(model: Path, labels: object, told: str) -> None:
    change(model, id2label=labels)
    assert "has other labels than CAMeL Tools' NER, B-LOC, B-MISC, B-ORG, B-PERS" in refusal(model)
    assert told in refusal(model)


def test_the_vocabulary_of_another_model_is_told(model: Path) -> None:
    change(model, vocab_size=64000)
    assert "and the model 64,000: it was cut off, or is another's" in refusal(model)
    change(model, vocab_size=10)
    assert "and the model 10: it was cut off, or is another's" in refusal(model)
    (model / "vocab.txt").write_text("روسيا\nمصر\n")
    assert "vocab.txt lacks [PAD], [UNK], [CLS], [SEP]: " in refusal(model)
    (model / "vocab.txt").write_bytes(b"\xe1\xe2\xe3")
    assert "vocab.txt is not UTF-8" in refusal(model)


def test_camel_tools_own_folder_is_found(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CAMELTOOLS_DATA", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert camel_folder() == f"{tmp_path}/home/.camel_tools/data/ner/arabert"
    monkeypatch.setenv("CAMELTOOLS_DATA", str(tmp_path))
    assert camel_folder() == str(model)
    datasets = {"newer": {"path": "ner/newer"}, "arabert": {"path": "ner/arabert"}}
    catalogue = {"components": {"NamedEntityRecognition": {"default": "newer", "datasets": datasets}}}
    (tmp_path / "catalogue.json").write_text(json.dumps(catalogue))
    assert camel_folder() == f"{tmp_path}/data/ner/newer"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (ERROR_PAGE, "catalogue.json is a web page, saved where a download failed: delete it"),
        (b'{"components": {"Nam', "catalogue.json is no JSON, it was cut off or is another file: delete it"),
        (b'{"components": []}', "catalogue.json names no NER model: delete it"),
    ],
)
def test_a_broken_catalogue_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, told: str) -> None:
    monkeypatch.setenv("CAMELTOOLS_DATA", str(tmp_path))
    (tmp_path / "catalogue.json").write_bytes(content)
    with pytest.raises(ModelError, match=r"catalogue\.json") as raised:
        camel_folder()
    assert told in str(raised.value)


@pytest.fixture
def without_packages(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Call it to have these packages be absent, and no others."""

    def without(*absent: str) -> None:
        monkeypatch.setattr(transforms.bert, "find_spec", lambda name: None if name in absent else object())

    return without


def test_without_packages_and_model_both_are_told_and_nothing_is_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    without_packages: Callable[..., None],
) -> None:
    without_packages("torch", "transformers")
    monkeypatch.setenv("CAMELTOOLS_DATA", str(tmp_path / "none"))
    news = write_jsonl(tmp_path / "news.jsonl", [record(1)])
    status = main(["ingest", "--input", str(news), "--output", str(tmp_path / "out"), "--ner", "camel"])
    shown = capsys.readouterr()
    assert (status, shown.out) == (2, "")
    assert shown.err.startswith(
        "naba: --ner camel: torch and transformers not installed:\n      run 'make setup-ner' (2.1 GB)"
    )
    assert f"\n      and no model in {tmp_path}/none/data/ner/arabert:\n      on a machine with a netw" in shown.err
    assert all(len(line) < 100 for line in shown.err.splitlines() if str(tmp_path) not in line)
    assert not (tmp_path / "out").exists()


def test_one_missing_package_is_named_alone(model: Path, without_packages: Callable[..., None]) -> None:
    without_packages("transformers")
    with pytest.raises(ModelError, match=r"^transformers not installed") as raised:
        prepare_model(str(model))
    assert "no model" not in str(raised.value)


def test_the_model_is_loaded_before_the_run_and_named_by_its_whole_path(
    model: Path, monkeypatch: pytest.MonkeyPatch, without_packages: Callable[..., None]
) -> None:
    without_packages()
    loaded: list[str] = []
    monkeypatch.setattr(transforms.bert, "load_bert", loaded.append)
    monkeypatch.chdir(model.parent)
    options = parse_options([*GIVEN, "--ner", "camel", "--ner_model", "arabert"])
    assert options.ner_model == str(model)
    assert loaded == [str(model)]


def test_a_model_that_nobody_asked_for_is_refused() -> None:
    with pytest.raises(UsageError, match="--ner_model names the model of --ner camel, which is not given"):
        parse_options([*GIVEN, "--ner_model", "somewhere"])
    with pytest.raises(UsageError, match="invalid choice: 'camal'"):
        parse_options([*GIVEN, "--ner", "camal"])
    assert parse_options(GIVEN).ner_model is None
