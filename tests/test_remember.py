"""What is read back of the tables."""

import io
import threading
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.io.filesystems import FileSystems

from transforms.remember import read_columns


class _Watched(io.BytesIO):
    """A file that notes which threads read it."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.threads: set[int] = set()

    def read(self, size: int | None = -1, /) -> bytes:
        self.threads.add(threading.get_ident())
        return super().read(size)


def test_columns_are_read_by_the_thread_that_asks_as_others_may_outlive_the_interpreter(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    rows = {name: [f"{name} {number}" for number in range(20_000)] for name in ("id", "text", "url")}
    pq.write_table(pa.table(rows), path, row_group_size=2_000)
    file = _Watched(path.read_bytes())
    with patch.object(FileSystems, "open", lambda *_args, **_kwargs: file):
        assert read_columns(str(path), ["url", "id"]).num_rows == 20_000
    assert file.threads == {threading.get_ident()}
