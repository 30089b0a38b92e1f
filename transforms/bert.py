"""CAMeL Tools' BERT for named entities: where it lies, whether it is whole, and how it is run.

``camel_tools.ner`` itself is never imported. Its import asks for a catalogue on the network, without a time-out, where
there is none on disk, and fails for good where an error page was once saved as the catalogue; its tokenizer loads
without a ``vocab.txt`` and a BERT without its last layer, and both then label at random. The folder is a plain
transformers checkpoint: it is checked here first, file by file and without torch, and then loaded from the disk alone.
"""

import json
import os
import pickle
import sys
import zipfile
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from transforms.entities import LABELS

SEQUENCE_PIECES = 256
"""As CAMeL Tools has it: longer sentences are cut there, and with them what a label can know of its sentence."""
PACKAGES = ("torch", "transformers")
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
CONFIG, VOCABULARY = "config.json", "vocab.txt"
TOKENIZER = "tokenizer_config.json"
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")

_LINE = "\n      "
_INSTALL = f"{_LINE}run 'make setup-ner' (2.1 GB) and use .venv-ner/bin/naba, or run pip install '.[ner]'"
_DOWNLOAD = (
    f"{_LINE}on a machine with a network run .venv-ner/bin/camel_data -i ner-arabert"
    f"{_LINE}(542 MB, once; make setup-ner brings the command); if that is another machine,"
    f"{_LINE}copy its ~/.camel_tools/data/ner/arabert here and name it with --ner_model"
)
_AGAIN = "delete it and download the model again: camel_data -f -i ner-arabert"


class ModelError(Exception):
    """There is no model that could run here; the message tells what to do."""


def prepare_model(folder: str | None) -> str:
    """The folder of a model that has been loaded here: the one named, else CAMeL Tools' own. Errors: ``ModelError``.

    All that is wrong is told at once.
    """
    wrong: list[str] = []
    absent = [package for package in PACKAGES if find_spec(package) is None]
    if absent:
        wrong.append(f"{' and '.join(absent)} not installed:{_INSTALL}")
    found = ""
    try:
        found = os.path.abspath(folder or camel_folder())
        check_folder(found)
    except ModelError as error:
        wrong.append(str(error))
    if wrong:
        raise ModelError(f"{_LINE}and ".join(wrong))
    load_bert(found)
    return found


def camel_folder() -> str:
    """Where CAMeL Tools keeps its default NER model. Errors: ``ModelError`` if its catalogue is unreadable."""
    home = Path.home() / ("AppData/Roaming/camel_tools" if sys.platform == "win32" else ".camel_tools")
    data = Path(os.environ.get("CAMELTOOLS_DATA") or home).expanduser()
    catalogue = data / "catalogue.json"
    if not catalogue.exists():
        return str(data / "data/ner/arabert")
    component = _read_json(catalogue, "delete it: camel_data fetches it anew")
    try:
        component = component["components"]["NamedEntityRecognition"]
        return str(data / "data" / component["datasets"][component["default"]]["path"])
    except (KeyError, TypeError):
        raise ModelError(f"{catalogue} names no NER model: delete it, camel_data fetches it anew") from None


def check_folder(folder: str) -> None:
    """Refuse what is no whole NER model of CAMeL Tools' kind, without torch. Errors: ``ModelError``."""
    path = Path(folder)
    if not path.is_dir():
        raise ModelError(f"no model in {folder}:{_DOWNLOAD}")
    weights = next((path / name for name in WEIGHTS if (path / name).exists()), None)
    lacking = [name for name in (CONFIG, TOKENIZER, VOCABULARY) if not (path / name).exists()]
    if not weights:
        lacking.append(" or ".join(WEIGHTS))
    if lacking or not weights:
        raise ModelError(f"{folder} lacks {', '.join(lacking)}: it is no model, or not all of one.{_DOWNLOAD}")
    config = _read_json(path / CONFIG, _AGAIN)
    _read_json(path / TOKENIZER, _AGAIN)
    _check_kind(folder, config)
    _check_vocabulary(path / VOCABULARY, int(config.get("vocab_size", 0)))
    _check_weights(weights)


@lru_cache(maxsize=1)
def load_bert(folder: str) -> "Bert":
    """The model of a folder that was checked, on the accelerator if there is one. Errors: ``ModelError``.

    The check before a run and the run itself share it where they share a process.
    """
    import torch  # noqa: PLC0415
    from transformers import BertForTokenClassification, BertTokenizer, logging  # noqa: PLC0415

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        network, told = BertForTokenClassification.from_pretrained(
            folder, local_files_only=True, output_loading_info=True
        )
        tokenizer = BertTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, RuntimeError, KeyError, EOFError, pickle.UnpicklingError) as error:
        raise ModelError(f"{folder} cannot be loaded: {str(error).strip() or type(error).__name__}") from error
    if told["missing_keys"]:
        missing = sorted(told["missing_keys"])
        raise ModelError(
            f"{folder}: the weights lack {len(missing)} parts, {missing[0]} among them; they would be random. "
            "It is no NER model, or not all of one"
        )
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return Bert(network.to(device).eval(), tokenizer, device)


class Bert:
    """A loaded model: ``transforms.entities.Model``."""

    def __init__(self, network: Any, tokenizer: Any, device: str) -> None:
        self.sequence_pieces = min(SEQUENCE_PIECES, network.config.max_position_embeddings) - 2  # [CLS] and [SEP]
        # More at once is slower on a processor, whose caches it leaves, and faster on an accelerator.
        self.batch_pieces = 1024 if device == "cpu" else 32768
        self._network = network
        self._tokenizer = tokenizer
        self._device = device

    def encode(self, words: Sequence[str]) -> list[list[int]]:
        """The ids of each word's pieces."""
        pieces: list[list[int]] = self._tokenizer(list(words), add_special_tokens=False)["input_ids"] if words else []
        return pieces

    def label(self, sequences: Sequence[Sequence[int]]) -> list[list[str]]:
        """The likeliest label of each piece."""
        import torch  # noqa: PLC0415

        tokens = self._tokenizer
        lengths = [len(sequence) + 2 for sequence in sequences]
        width = max(lengths)
        ids = [
            [tokens.cls_token_id, *sequence, tokens.sep_token_id] + [tokens.pad_token_id] * (width - length)
            for sequence, length in zip(sequences, lengths, strict=True)
        ]
        seen = [[1] * length + [0] * (width - length) for length in lengths]
        with torch.inference_mode():
            logits = self._network(
                input_ids=torch.tensor(ids, device=self._device),
                attention_mask=torch.tensor(seen, device=self._device),
            ).logits
        names = self._network.config.id2label
        best = logits.argmax(-1).tolist()
        return [[names[label] for label in row[1 : length - 1]] for row, length in zip(best, lengths, strict=True)]


def _read_json(path: Path, mend: str) -> dict[str, Any]:
    head = _head(path)
    try:
        _check_genuine(path, head, mend)
        content = json.loads(path.read_bytes())
    except ValueError:  # of JSON, or of UTF-8
        raise ModelError(f"{path} is no JSON, it was cut off or is another file: {mend}") from None
    if not isinstance(content, dict):
        raise ModelError(f"{path} is no JSON object: {mend}")
    return content


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(512)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from None


def _check_genuine(path: Path, head: bytes, mend: str = _AGAIN) -> None:
    """Refuse what is saved in a file's place when its download fails."""
    if not head:
        raise ModelError(f"{path} is empty: {mend}")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        raise ModelError(f"{path} is a web page, saved where a download failed: {mend}")
    if head.startswith(b"version https://git-lfs"):
        raise ModelError(f"{path} is only a pointer of Git LFS: run git lfs pull where it was cloned")


def _check_kind(folder: str, config: dict[str, Any]) -> None:
    kind = config.get("model_type")
    if kind != "bert":
        raise ModelError(f"{folder} is no BERT ({CONFIG} says model_type {kind}): CAMeL Tools' NER models are")
    heads = config.get("architectures") or []
    if heads and "BertForTokenClassification" not in heads:
        raise ModelError(
            f"{folder} is a {heads[0]}, which labels no words: an NER model is a BertForTokenClassification"
        )
    labels = config.get("id2label")
    labels = sorted(map(str, labels.values())) if isinstance(labels, dict) else []
    if set(labels) != LABELS or len(labels) != len(LABELS):
        told = f"{', '.join(labels[:12])}{', …' if len(labels) > 12 else ''}" or "none"
        raise ModelError(f"{folder} has other labels than CAMeL Tools' NER, {', '.join(sorted(LABELS))}: {told}")


def _check_vocabulary(path: Path, size: int) -> None:
    _check_genuine(path, _head(path))
    try:
        with path.open(encoding="utf-8") as file:
            pieces = [line.rstrip("\n") for line in file]
    except UnicodeDecodeError:
        raise ModelError(f"{path} is not UTF-8: {_AGAIN}") from None
    absent = [piece for piece in SPECIAL if piece not in pieces]
    if absent:
        raise ModelError(f"{path} lacks {', '.join(absent)}: it is no vocabulary of a BERT. {_AGAIN}")
    # Some models have more room than words, none has much.
    if not 0.9 * size <= len(pieces) <= size:
        raise ModelError(
            f"{path} has {len(pieces):,} pieces and the model {size:,}: it was cut off, or is another's. {_AGAIN}"
        )


def _check_weights(path: Path) -> None:
    head = _head(path)
    _check_genuine(path, head)
    whole = _is_whole_safetensors(path, head) if path.suffix == ".safetensors" else _is_whole_pickle(path, head)
    if not whole:
        raise ModelError(f"{path} holds no weights, or not all of them: it was cut off, or is another file. {_AGAIN}")


def _is_whole_safetensors(path: Path, head: bytes) -> bool:
    """By its format: eight bytes of length, a JSON object of that length, and as many bytes as that speaks of."""
    length = int.from_bytes(head[:8], "little")
    size = path.stat().st_size
    if not 2 <= length <= size - 8:
        return False
    with path.open("rb") as file:
        file.seek(8)
        try:
            tensors: dict[str, Any] = json.loads(file.read(length))
            tensors.pop("__metadata__", None)
            end = max(tensor["data_offsets"][1] for tensor in tensors.values())
        except (ValueError, KeyError, TypeError, AttributeError):
            return False
    return bool(end == size - 8 - length)


def _is_whole_pickle(path: Path, head: bytes) -> bool:
    """A zip file tells by its end whether it is whole; the older format tells nothing."""
    return zipfile.is_zipfile(path) or head.startswith(b"\x80\x02")
