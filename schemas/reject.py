"""What was refused, at which stage and why: the ``rejects`` table."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

import pyarrow as pa

from schemas.table import TIMESTAMP, Table, column

PAYLOAD_LIMIT = 32 * 1024


class Rejected(Exception):  # noqa: N818 - a verdict on input, not an error of ours
    """An input that can never be processed. ``reason`` is a kebab-case slug, ``message`` tells a person."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class Reject:
    """One refused input. ``payload`` is kept up to ``PAYLOAD_LIMIT`` bytes."""

    stage: str
    reason: str
    message: str
    source: str
    document: str
    position: int
    arrived_at: datetime
    payload: bytes

    @property
    def id(self) -> str:
        """Equal for the same refusal of the same input, so that a second run does not record it again."""
        parts = (self.stage, self.reason, self.document, str(self.position))
        return blake2b("\0".join(parts).encode() + b"\0" + self.payload, digest_size=16).hexdigest()


REJECTS = Table(
    "rejects",
    pa.schema(
        [
            column("id", pa.string(), "Identity of the refusal, 32 hex digits."),
            column("stage", pa.string(), "The stage that refused: read, parse or normalize."),
            column("reason", pa.string(), "Why, as a slug: see the table of reasons."),
            column("message", pa.string(), "Why, for a person."),
            column("source", pa.string(), "The outlet as far as it was known, else the name of the file."),
            column("document", pa.string(), "The file or feed."),
            column("position", pa.int32(), "Where in it: line or ordinal from 1; 0 for the whole document."),
            column("payload", pa.binary(), f"What was refused, its first {PAYLOAD_LIMIT} bytes."),
            column("run_id", pa.string(), "The run that wrote the row."),
            column("ingested_at", TIMESTAMP, "When that run began, UTC."),
        ]
    ),
    ("date",),
    "One row per input that was refused; `date` is the UTC day the document is from.",
)
