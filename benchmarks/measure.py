"""Run one arm in a fresh process and tell what it took."""

import importlib
import json
import logging
import os
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of wall and of CPU (user and system, all threads); ``start`` is interpreter and imports."""

    arm: str
    articles: int
    start_wall: float
    start_cpu: float
    wall: float
    cpu: float
    peak: int
    """Bytes of memory, the whole process."""
    read: int
    """Bytes read from files; 0 where the system does not tell."""


def measure(arm: str, source: Path, output: Path) -> Measured:
    """Run an arm in a process of its own. Errors: ``CalledProcessError`` if it fails."""
    command = [sys.executable, "-m", "benchmarks.measure", arm, str(source), str(output), repr(time.time())]
    told = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout
    return Measured(**json.loads(told.splitlines()[-1]))


def noise() -> str:
    """What else the machine was doing, for whoever reads the figures."""
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def _run(arm: str, source: str, output: str, spawned: float) -> Measured:
    logging.basicConfig(level=logging.ERROR)  # Beam tells at length of its optional parts
    run = importlib.import_module(f"benchmarks.arms.{arm}").run
    started, cpu, read = time.time(), time.process_time(), _read_bytes()
    articles = run(source, output)
    wall, total = time.time() - started, time.process_time()
    return Measured(
        arm, articles, started - spawned, cpu, wall, total - cpu, _peak_bytes(), max(_read_bytes() - read, 0)
    )


def _peak_bytes() -> int:
    status = Path("/proc/self/status")
    if status.exists():  # Linux's ru_maxrss begins with what the parent had
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def _read_bytes() -> int:
    told = Path("/proc/self/io")
    return int(told.read_text().split()[1]) if told.exists() else 0


if __name__ == "__main__":
    _, arm, source, output, spawned = sys.argv
    print(json.dumps(asdict(_run(arm, source, output, float(spawned)))))
