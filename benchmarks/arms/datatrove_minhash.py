"""datatrove's MinHash pipeline: read, sign, bucket, cluster, filter, write; its four steps in one process.

Its Arabic tokenizer is spaCy's; here words are parted by spaces, which is faster, after naba's folding.
"""

import os
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import ParquetWriter
from datatrove.utils.hashing import HashConfig
from loguru import logger

from transforms.fold import fold_text

os.environ["TQDM_DISABLE"] = "1"
CONFIG = MinhashConfig(n_grams=3, num_buckets=32, hashes_per_bucket=4, hash_config=HashConfig(precision=64))


class _Words:
    def word_tokenize(self, text: str) -> list[str]:
        return fold_text(text).split()


def run(source: str, output: str) -> int:
    logger.disable("datatrove")
    work = Path(output, "work")
    reader: Any = JsonlReader(str(Path(source).parent), glob_pattern=Path(source).name, id_key="id")
    sign = MinhashDedupSignature(output_folder=str(work / "signatures"), config=CONFIG, language="ace_Arab")
    sign.word_tokenizer = _Words()
    steps: list[tuple[int, list[Any]]] = [
        (1, [reader, sign]),
        (CONFIG.num_buckets, [MinhashDedupBuckets(str(work / "signatures"), str(work / "buckets"), config=CONFIG)]),
        (1, [MinhashDedupCluster(str(work / "buckets"), str(work / "remove"), config=CONFIG)]),
        (
            1,
            [reader, MinhashDedupFilter(str(work / "remove")), ParquetWriter(f"{output}/articles", compression="zstd")],
        ),
    ]
    for number, (tasks, pipeline) in enumerate(steps):
        LocalPipelineExecutor(pipeline, tasks=tasks, workers=1, logging_dir=str(work / f"logs{number}")).run()
    return sum(pq.read_metadata(path).num_rows for path in Path(output, "articles").glob("*.parquet"))
