"""Undo the compression of a response without believing what it claims to be, or to become."""

import zlib

import brotli  # type: ignore[import-untyped]

from schemas.reject import Rejected

_GZIP_MAGIC = b"\x1f\x8b"
_EITHER = 32 + zlib.MAX_WBITS
"""zlib tells a gzip header from a zlib one by itself."""
_RAW = -zlib.MAX_WBITS


def decompress(body: bytes, encoding: str, limit: int) -> tuple[bytes, bool]:
    """The content, and whether its end was reached; a body that was cut off gives what came through.

    ``encoding`` is the Content-Encoding header. A body said to be gzip that is not is taken as it is, and one
    that is gzip underneath (``sitemap.xml.gz``, or compressed twice) is undone once more.
    Raises ``Rejected`` beyond ``limit`` bytes (``too-large``) or where the bytes are damaged (``broken-encoding``).
    """
    if not body:
        return body, True  # a 304 may well tell how its body would have been compressed
    names = [name for part in encoding.lower().split(",") if (name := part.strip()) not in {"", "identity"}]
    if len(names) > 1:
        raise Rejected("broken-encoding", f"compressed more than once: {encoding}")
    complete = True
    if names:
        body, complete = _undo(names[0], body, limit)
    if body.startswith(_GZIP_MAGIC):
        body, whole = _inflate(body, _EITHER, limit)
        complete = complete and whole
    return body, complete


def _undo(name: str, body: bytes, limit: int) -> tuple[bytes, bool]:
    if name in {"gzip", "x-gzip"}:
        # The second step of decompress does it; a body without the magic was never compressed.
        return body, True
    if name == "deflate":
        return _inflate(body, _EITHER if _has_zlib_header(body) else _RAW, limit)
    if name == "br":
        return _unbrotli(body, limit)
    raise Rejected("broken-encoding", f"an encoding that was not asked for: {name}")


def _has_zlib_header(body: bytes) -> bool:
    """RFC 1950: compression method 8, and the first two bytes are a multiple of 31."""
    return len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0


def _inflate(body: bytes, window: int, limit: int) -> tuple[bytes, bool]:
    content = bytearray()
    rest = body
    while True:
        stream = zlib.decompressobj(window)
        try:
            content += stream.decompress(rest, limit + 1 - len(content))
        except zlib.error as error:
            raise Rejected("broken-encoding", f"damaged compressed body: {error}") from error
        _within(content, limit)
        rest = stream.unused_data
        if not rest.startswith(_GZIP_MAGIC):  # else a further member of the same gzip file
            return bytes(content), stream.eof


def _unbrotli(body: bytes, limit: int) -> tuple[bytes, bool]:
    stream = brotli.Decompressor()
    content = bytearray()
    try:
        content += stream.process(body, output_buffer_limit=limit + 1)
        while len(content) <= limit and not stream.is_finished() and not stream.can_accept_more_data():
            content += stream.process(b"", output_buffer_limit=limit + 1)
    except brotli.error as error:
        raise Rejected("broken-encoding", f"damaged compressed body: {error}") from error
    _within(content, limit)
    return bytes(content), bool(stream.is_finished())


def _within(content: bytearray, limit: int) -> None:
    if len(content) > limit:
        raise Rejected("too-large", f"more than {limit} bytes when decompressed")
