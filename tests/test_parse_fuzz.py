"""Whatever the bytes: items and rejects that can be written down, and no exception."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.document import Document, Format
from schemas.item import Item
from schemas.reject import PAYLOAD_LIMIT
from transforms.parse import parse_document

FEEDS = Path(__file__).parent / "data" / "feeds"
INPUTS = [path.read_bytes() for path in sorted(FEEDS.iterdir()) if not path.name.endswith(".expected.json")]
NOW = datetime(2016, 3, 5, 12, tzinfo=UTC)

CHARSETS = st.none() | st.sampled_from(["utf-8", "windows-1256", "utf-16", "iso-2022-kr", "unicode_escape", "mbcs"])
FORMATS: list[Format | None] = [None, "jsonl", "csv"]
NAMES = ["a.xml", "a.csv", "a.tsv.gz", "a.html", "", "/", "https://[a/b", "https://a.example/", "gs://bucket/أ/ب.txt"]
MARKS = """
    <rss> </rss> <channel> </channel> <item> </item> <entry> </entry> <feed> <title> </title> <link> <description>
    </description> <content:encoded> <![CDATA[ ]]> <!-- --> <!DOCTYPE [<!ENTITY a "b"> ]> <?xml version="1.0"?> &a;
    &amp; &#0; &#xD800; &#146; &lt;p&gt; <p> </p> <html> <body> <script> <urlset> <url> <loc> <opml> xmlns="urn:x"
    a:b="c" href=" rel='alternate' { } [ ] "items": "title": "text": , : null 1e999 -Infinity " \\ud800 WARC/1.0
    Content-Length:
""".split()  # noqa: SIM905
PIECES = st.sampled_from([*MARKS, " ", "\n", "\r", "\0", "\x1b", "\ufeff", "\u2028", "خبر", "ÇáÎÈÑ", "ط§ظ„ط®ط¨ط±"])


def parses(content: bytes, uri: str = "a.xml", charset: str | None = None, kind: Format | None = None) -> None:
    document = Document(uri, content, NOW, charset=charset, format=kind)
    outcomes = list(parse_document(document))
    assert outcomes or kind
    for outcome in outcomes:
        assert outcome.document == uri
        assert outcome.position >= 0
        assert outcome.source
        assert repr(outcome).encode()
        if isinstance(outcome, Item):
            assert outcome.title or outcome.text
            said = (outcome.title, outcome.text, outcome.url, outcome.guid, outcome.author, outcome.source)
            assert "".join(filter(None, said)).encode()
        else:
            assert len(outcome.payload) <= PAYLOAD_LIMIT
            assert outcome.id


@given(st.binary(), st.sampled_from(NAMES), CHARSETS, st.sampled_from(FORMATS))
def test_any_bytes_are_parsed(content: bytes, uri: str, charset: str | None, kind: Format | None) -> None:
    parses(content, uri, charset, kind)


@given(
    st.lists(PIECES), st.sampled_from(NAMES), st.sampled_from(FORMATS), st.sampled_from(["utf-8", "utf-16", "cp1256"])
)
def test_any_heap_of_marks_is_parsed(pieces: list[str], uri: str, kind: Format | None, codec: str) -> None:
    parses("".join(pieces).encode(codec, "replace"), uri, None, kind)


@given(st.data())
def test_any_damage_to_a_document_is_survived(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(INPUTS))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(len(content), start + 200)))
        put = data.draw(st.binary(max_size=8) | PIECES.map(str.encode) | st.just(content[start:end] * 2))
        content = content[:start] + put + content[end:]
    parses(content, charset=data.draw(CHARSETS), kind=data.draw(st.sampled_from(FORMATS)))


@pytest.mark.parametrize("content", INPUTS)
def test_a_document_cut_anywhere_is_survived(content: bytes) -> None:
    for length in range(0, len(content), max(1, len(content) // 25)):
        parses(content[:length])
