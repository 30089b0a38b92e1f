"""Sentences that invite a mistake: each with all the actors it refers to, in ``data/traps.tsv``."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.actors import load_registry
from transforms.tag import Tagger

TRAPS = Path(__file__).parent / "data" / "traps.tsv"
TAGGER = Tagger(load_registry())


def traps() -> list[dict[str, str]]:
    """Columns: class of trap, day of publication (else 2015-09-01), actors parted by spaces (or NONE), sentence."""
    with TRAPS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("trap", traps(), ids=lambda trap: trap["sentence"])
def test_no_trap_is_fallen_into(trap: dict[str, str]) -> None:
    day = datetime.fromisoformat(trap["day"] or "2015-09-01").replace(tzinfo=UTC)
    found = {tally.actor for tally in TAGGER.tag(None, trap["sentence"], day)}
    assert found == set(trap["actors"].split()) - {"NONE"}


def test_the_traps_are_many_and_differ() -> None:
    sentences = [trap["sentence"] for trap in traps()]
    assert len(sentences) == len(set(sentences)) >= 350
    assert len({code for trap in traps() for code in trap["actors"].split()}) >= 140
