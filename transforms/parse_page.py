"""HTML pages: the article of a page, with what its head says of it."""

from collections.abc import Iterator

from schemas.item import Item
from schemas.reject import Reject
from transforms.decode import DecodedDocument
from transforms.parse_feed import host, stem


def parse_page(decoded: DecodedDocument) -> Iterator[Item | Reject]:
    """The article a page shows."""
    # Half a second to import, and most runs never meet a page.
    from trafilatura import bare_extraction

    page = bare_extraction(decoded.text, with_metadata=True, include_comments=False, date_extraction_params={})
    if page is None:
        yield decoded.reject("no-text", "no article found in the page")
        return
    document = decoded.document
    yield decoded.item(
        1,
        document.source or host(page.url or "") or stem(document.uri),
        title=page.title,
        text=page.text,
        url=page.url,
        author=page.author,
        language=page.language,
        dates=(("html", page.date),) if page.date else (),
    )
