"""Deduplication of near-duplicates end to end to Parquet, beside datatrove's MinHash and a plain script with rensa.

Needs both: ``make setup-bench`` installs them. What all of them read is the planted corpus of ``benchmarks.reprints``.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Measured, measure, noise
from benchmarks.reprints import plant_reprints, write_planted

ARMS = {
    "untagged": "naba, without the tagger",
    "rensa_script": "a script with rensa",
    "datatrove_minhash": "datatrove's MinHash",
    "naba": "naba, with the tagger",
}
TARGETS = {"rensa_script": 1.0, "datatrove_minhash": 4.0}
"""What multiple of the others' speed naba without the tagger should reach."""
MEMORY = 600_000_000


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print a line an arm."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.deduplicate", description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000, metavar="N", help="how many to plant (20,000)")
    parser.add_argument("--repeat", type=int, default=2, metavar="N", help="how often each arm runs (2)")
    options = parser.parse_args(argv)
    if missing := [name for name in ("rensa", "datatrove") if not find_spec(name)]:
        print(f"{' and '.join(missing)} not installed: make setup-bench", file=sys.stderr)
        return 2
    runs: dict[str, list[Measured]] = {arm: [] for arm in ARMS}
    with TemporaryDirectory(prefix="naba-benchmark-") as name:
        source = write_planted(Path(name, "news.jsonl"), plant_reprints(options.articles))
        print(f"{options.articles:,} articles, {source.stat().st_size / 1e6:.1f} MB; {noise()}")
        for time in range(options.repeat):
            for arm in list(ARMS)[:: -1 if time % 2 else 1]:
                with TemporaryDirectory(dir=name) as output:
                    runs[arm].append(measure(arm, source, Path(output, "out")))
    best = {arm: min(of_arm, key=lambda run: run.cpu) for arm, of_arm in runs.items()}
    for arm, label in ARMS.items():
        run, peak = best[arm], max(run.peak for run in runs[arm])
        print(
            f"{label:26}{run.articles:8,} written{run.cpu:8.1f} s CPU{run.wall:8.1f} s wall"
            f"{options.articles / run.cpu:8,.0f} read per CPU s{peak / 1e6:7.0f} MB"
        )
    for arm, target in TARGETS.items():
        ratio = best[arm].cpu / best["untagged"].cpu
        print(
            f"{ratio:.2f} of the speed of {ARMS[arm]}; target {target:g}: {'reached' if ratio >= target else 'MISSED'}"
        )
    peak = max(run.peak for run in runs["untagged"])
    print(f"memory {peak / 1e6:.0f} MB; target {MEMORY / 1e6:.0f}: {'reached' if peak <= MEMORY else 'MISSED'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
