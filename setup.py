"""Packaging of naba. Beam ships the sdist that this file makes to its workers, so it imports nothing of naba."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(r'^VERSION = "(.+)"$', (HERE / "schemas/__init__.py").read_text(encoding="utf-8"), re.MULTILINE)
assert VERSION, "schemas/__init__.py states no VERSION"

setup(
    name="naba",
    version=VERSION[1],
    description="Arabic news with Apache Beam: from feeds and files to Parquet by date and actor",
    license="Apache-2.0",
    license_files=["LICENSE"],
    python_requires=">=3.11,<3.14",
    packages=find_packages(include=["pipelines*", "schemas*", "transforms*"]),
    package_data={"": ["*.tsv"], "schemas": ["actors/*.tsv"]},
    # Why each is here: see "What naba stands on" in README.md. Exact versions: requirements/*.lock.
    install_requires=[
        "apache-beam>=2.77,<3",
        "brotli>=1.2,<2",
        "camel-tools>=1.6,<2",
        "charset-normalizer>=3.4,<4",
        "fasteners>=0.20,<1",
        "fastwarc>=2.0,<3",
        "feedparser>=6.0.14,<7",
        "hijridate>=2.6,<3",
        "httpcore>=1,<2",
        "httpx>=0.28,<1",
        "lxml>=6.1,<7",
        "numpy>=2.4,<3",
        "protego>=0.6,<1",
        "pyarrow>=25,<26",
        "pyyaml>=6,<7",
        "rich>=15,<16",
        "trafilatura>=2.3,<3",
        "tzdata",
    ],
    extras_require={
        "demo": ["duckdb>=1.2,<3"],
        "ner": ["torch>=2.13,<3", "transformers>=5,<6"],
        "gcp": ["apache-beam[gcp]"],
        "aws": ["apache-beam[aws]"],
    },
    entry_points={"console_scripts": ["naba = pipelines.cli:main"]},
)
