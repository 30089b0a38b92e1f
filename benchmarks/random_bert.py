"""A BERT for named entities in the layout of CAMeL Tools' model, with weights at random: its labels mean nothing."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

LABELS = ("B-LOC", "B-ORG", "B-PERS", "B-MISC", "I-LOC", "I-ORG", "I-PERS", "I-MISC", "O")
"""In the order of CAMeL Tools."""

TINY = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
BASE = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}
"""AraBERT's own size, but for the vocabulary."""


def write_random_bert(folder: Path, words: Iterable[str], size: dict[str, int], *, as_pickle: bool = False) -> Path:
    """Save a model whose vocabulary is made of the words: the frequent ones whole, the others by letters.

    ``as_pickle`` saves the weights as CAMeL Tools' model has them, not as transformers saves them today.
    """
    import torch  # noqa: PLC0415
    from transformers import BertConfig, BertForTokenClassification, logging  # noqa: PLC0415

    logging.disable_progress_bar()
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = write_vocabulary(folder, words)
    config = BertConfig(
        vocab_size=len(vocabulary),
        id2label=dict(enumerate(LABELS)),
        label2id={label: number for number, label in enumerate(LABELS)},
        initializer_range=0.2,  # ten times the usual: labels that differ, and not by a hair
        **size,
    )
    torch.manual_seed(1)
    model = BertForTokenClassification(config)
    model.save_pretrained(folder)
    if as_pickle:
        torch.save(model.state_dict(), folder / "pytorch_model.bin")
        (folder / "model.safetensors").unlink()
    return folder


def write_vocabulary(folder: Path, words: Iterable[str]) -> list[str]:
    """Save what the tokenizer reads, and give its pieces."""
    counts = Counter(words)
    letters = sorted({letter for word in counts for letter in word})
    whole = [word for word, _ in counts.most_common(6000) if len(word) > 1]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters), *whole]
    (folder / "vocab.txt").write_text("".join(f"{piece}\n" for piece in pieces), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": False, "max_len": 512}))
    special = {f"{name}_token": f"[{name.upper()}]" for name in ("unk", "sep", "pad", "cls", "mask")}
    (folder / "special_tokens_map.json").write_text(json.dumps(special))
    return pieces
