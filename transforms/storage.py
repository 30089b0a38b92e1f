"""Whole small files on any of Beam's file systems."""

from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems


def read_bytes(path: str) -> bytes:
    """The whole of a file on any of Beam's file systems."""
    with FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED) as file:
        return bytes(file.read())


def write_text(path: str, text: str) -> None:
    """Write a file whole: a reader sees the old content or the new, never a part."""
    passing = f"{path}.tmp"
    with FileSystems.create(passing, compression_type=CompressionTypes.UNCOMPRESSED) as file:
        file.write(text.encode())
    FileSystems.rename([passing], [path])
