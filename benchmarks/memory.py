"""Whether naba's memory stays flat as the input grows."""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.corpus import write_articles
from benchmarks.measure import measure

CLAIM_BYTES = 96
"""Of ``transforms.stage.CLAIM``, to which a test holds it: importing that would load Beam in this process too."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print a line a size, then the difference beside what the claims explain of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    sizes = [20_000, 100_000]
    parser.add_argument("--articles", type=int, nargs=2, default=sizes, metavar="N", help="how many (20,000 100,000)")
    few, many = parser.parse_args(argv).articles
    peaks = {}
    with TemporaryDirectory(prefix="naba-benchmark-") as name:
        for count in (few, many):
            source = write_articles(Path(name, "news.jsonl"), count)
            measured = measure("naba", source, Path(name, "out"))
            peaks[count] = measured.peak
            print(
                f"{count:9,} read  {measured.articles:9,} written  {source.stat().st_size / 1e6:6.0f} MB in"
                f"  {measured.cpu:6.1f} s CPU  {measured.wall:6.1f} s wall  peak {measured.peak / 1e6:5.0f} MB"
            )
            shutil.rmtree(Path(name, "out"))
    grown, claims = peaks[many] - peaks[few], (many - few) * CLAIM_BYTES
    print(f"{many - few:,} articles more: {grown / 1e6:.0f} MB more, {grown / (many - few):,.0f} bytes an article")
    print(f"their claims: {claims / 1e6:.1f} MB, {CLAIM_BYTES} bytes an article, and several copies of them are held")
    return 0


if __name__ == "__main__":
    sys.exit(main())
