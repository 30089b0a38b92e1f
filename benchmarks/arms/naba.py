"""naba as its users run it: the command, on Beam's in-process runner."""

from pathlib import Path

import pipelines.run  # noqa: F401 - main imports it only when it is needed; here it counts as an import
from pipelines.cli import main
from schemas.run import Manifest

RUN_ID = "benchmark"


def run(source: str, output: str) -> int:
    status = main(["ingest", "--input", source, "--output", output, "--run_id", RUN_ID])
    if status:
        raise SystemExit(status)
    return Manifest.from_json(Path(output, "runs", f"{RUN_ID}.json").read_bytes()).counts["articles"]
