"""``docs/feeds.md`` names every outcome that the code has, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULES = ("addresses", "connect", "decompress", "feed_kind", "fetch", "full_text", "robots", "wire")
MAKES_ONE = re.compile(r"Rejected\(|Declined\(|FetchResult\(|(reason|outcome)\b.* = |outcome=\"")


def test_every_outcome_is_in_the_table_and_the_table_has_no_other() -> None:
    docs = (ROOT / "docs/feeds.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `([a-z-]+)` \|", docs, re.MULTILINE)
    lines = [
        line
        for name in MODULES
        for line in (ROOT / f"transforms/{name}.py").read_text(encoding="utf-8").splitlines()
        if MAKES_ONE.search(line)
    ]
    made = {slug for line in lines for slug in re.findall(r'"([a-z]+(?:-[a-z]+)*)"', line)}
    assert sorted(documented) == sorted(made)
