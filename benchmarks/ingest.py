"""naba end to end, beside a plain loop over the same stage functions and beside a plain script."""

import argparse
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Literal

from benchmarks.corpus import write_articles
from benchmarks.measure import Measured, measure, noise

ARMS = {
    "naba": "naba on Beam",
    "loop": "(a) loop over naba's stages, no Beam",
    "script": "(b) script: camel_tools, exact, no actors",
}
TARGET = 0.8
"""What share of the plain loop's speed naba must keep."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingest", description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000, metavar="N", help="how many to invent (20,000)")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="how often each arm runs (3)")
    parser.add_argument("--input", type=Path, metavar="FILE", help="JSON lines to read instead, also packed with gzip")
    options = parser.parse_args(argv)
    with TemporaryDirectory(prefix="naba-benchmark-") as name:
        folder = Path(name)
        source = options.input or write_articles(folder / "news.jsonl", options.articles)
        print(f"reading {source.name}, {source.stat().st_size / 1e6:.1f} MB; {noise()}")
        measured = list(run_arms(source.resolve(), folder, options.repeat))
    print(tabulate(measured))
    return 0


def run_arms(source: Path, folder: Path, repeat: int) -> Iterator[Measured]:
    """Run every arm ``repeat`` times; every other time in reverse order, so that none always has the warm cache."""
    for time in range(repeat):
        for arm in list(ARMS)[:: -1 if time % 2 else 1]:
            output = folder / "out"
            measured = measure(arm, source, output)
            shutil.rmtree(output)
            print(f"  {arm:7} {measured.wall:7.1f} s wall {measured.cpu:7.1f} s CPU   {noise()}", file=sys.stderr)
            yield measured


def tabulate(measured: Sequence[Measured]) -> str:
    """A line an arm, and naba's speed as a share of the others'."""
    heads = ("", "written", "wall s (best)", "CPU s (best)", "+ imports", "per CPU s", "peak")
    lines = ["", "{:42}{:>8}{:>17}{:>17}{:>11}{:>11}{:>9}".format(*heads)]
    for arm, label in ARMS.items():
        runs = [run for run in measured if run.arm == arm]
        wall, cpu = sorted(run.wall for run in runs), sorted(run.cpu for run in runs)
        written = runs[0].articles
        lines.append(
            f"{label:42}{written:8,}{median(wall):9.1f} ({wall[0]:5.1f}){median(cpu):9.1f} ({cpu[0]:5.1f})"
            f"{median(run.start_cpu for run in runs):11.1f}{written / cpu[0]:11,.0f}"
            f"{max(run.peak for run in runs) / 1e6:6.0f} MB"
        )
    lines.append("")
    for arm in ("loop", "script"):
        by_cpu, by_wall = share(measured, "naba", arm, "cpu"), share(measured, "naba", arm, "wall")
        lines.append(f"naba's speed is {by_cpu:.2f} of the {arm}'s by CPU time, {by_wall:.2f} by the clock")
    reached = share(measured, "naba", "loop", "cpu") >= TARGET
    lines.append(f"target: {TARGET} of the loop's by CPU time: {'reached' if reached else 'MISSED'}")
    return "\n".join(lines)


def share(measured: Sequence[Measured], arm: str, other: str, clock: Literal["cpu", "wall"]) -> float:
    """Speed of ``arm`` as a share of that of ``other``, each at its best: what disturbs a run only makes it slower."""

    def best(name: str) -> float:
        return min(run.cpu if clock == "cpu" else run.wall for run in measured if run.arm == name)

    return best(other) / best(arm)


if __name__ == "__main__":
    sys.exit(main())
