"""Measurements: ``make bench BENCH=ingest``. What each measures and what came out: docs/benchmarks.md."""
