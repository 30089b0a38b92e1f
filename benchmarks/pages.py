"""The article of a page: naba beside other extractors, on the layouts that Arabic news sites have.

Only naba's own is a dependency; of the others, those that are installed take part.
"""

import argparse
import html
import importlib
import logging
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from benchmarks.corpus import Record, invent_articles
from benchmarks.measure import noise
from schemas.document import Document
from schemas.item import Item
from transforms.markup import to_text
from transforms.parse import parse_document

NOW = datetime(2025, 4, 1, tzinfo=UTC)
Extractor = Callable[[str], str]
SECTIONS = ("الرئيسية", "سياسة", "اقتصاد", "رياضة", "ثقافة وفن", "منوعات", "آراء", "فيديو", "من نحن", "اتصل بنا")
RIGHTS = "جميع الحقوق محفوظة © 2025، ولا يجوز نقل المحتوى أو نسخه أو إعادة نشره إلا بإذن مكتوب من إدارة الصحيفة."
COOKIES = "نستخدم ملفات تعريف الارتباط لتحسين تجربتك في التصفح، وباستمرارك في استخدام الموقع فإنك توافق على ذلك."
COMMENT = "خبر مفرح، ونرجو أن تتحقق هذه الوعود قريبا كما سمعنا في المرات السابقة، وشكرا لكم على المتابعة الدائمة."


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--articles", type=int, default=20, metavar="N", help="articles in every layout (20)")
    options = parser.parse_args(argv)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    records = list(islice(invent_articles(options.articles * 4), options.articles))
    pages = {layout: [write(record, records) for record in records] for layout, write in LAYOUTS.items()}
    print(f"{len(records)} articles in {len(pages)} layouts; {noise()}; words found: F1\n")
    print("{:16}".format(""), *(f"{layout:>11}" for layout in (*pages, "all", "pages/CPU s")))
    for name, extract in dict(extractors()).items():
        extract(pages["paragraphs"][0])  # imports and caches are not its speed
        started = time.process_time()
        texts = {layout: [extract(page) for page in given] for layout, given in pages.items()}
        spent = time.process_time() - started
        scores = [mean(map(f1, map(gold, records, [layout] * len(records)), found)) for layout, found in texts.items()]
        speed = len(records) * len(pages) / spent
        print(f"{name:16}", *(f"{score:11.3f}" for score in (*scores, mean(scores))), f"{speed:11.0f}")
    return 0


def gold(record: Record, layout: str) -> str:
    """What is to be found on a page."""
    text = short(record) if layout == "short" else record["text"]
    return "" if layout == "front page" else text


def f1(expected: str, found: str) -> float:
    """Of the words: 1 if all of them and no others are there."""
    wanted, got = Counter(expected.split()), Counter(found.split())
    return 1.0 if not wanted and not got else 2 * (wanted & got).total() / (wanted.total() + got.total())


def mean(scores: Iterator[float] | Sequence[float]) -> float:
    scores = list(scores)
    return sum(scores) / len(scores)


def extractors() -> Iterator[tuple[str, Extractor]]:
    """Name and function of each extractor that is installed."""
    yield "naba", by_naba
    for name, make in OTHERS.items():
        try:
            yield name, make()
        except ImportError:
            print(f"{name} is not installed", file=sys.stderr)


def by_naba(page: str) -> str:
    (outcome,) = parse_document(Document("https://news.example/politics/1.html", page.encode(), NOW))
    return outcome.text or "" if isinstance(outcome, Item) else ""


def trafilatura() -> Extractor:
    module = importlib.import_module("trafilatura")
    return lambda page: module.extract(page, include_comments=False) or ""


def trafilatura_fast() -> Extractor:
    module = importlib.import_module("trafilatura")
    return lambda page: module.extract(page, include_comments=False, fast=True) or ""


def readability() -> Extractor:
    module = importlib.import_module("readability")
    return lambda page: to_text(module.Document(page).summary(html_partial=True))


def resiliparse() -> Extractor:
    module = importlib.import_module("resiliparse.extract.html2text")
    return lambda page: str(module.extract_plain_text(page, main_content=True, alt_texts=False))


def newspaper() -> Extractor:
    module = importlib.import_module("newspaper")

    def extract(page: str) -> str:
        article = module.Article("https://news.example/politics/1.html", language="ar")
        article.download(input_html=page)
        article.parse()
        return str(article.text)

    return extract


def goose() -> Extractor:
    module, words = importlib.import_module("goose3"), importlib.import_module("goose3.text")
    settings = {"use_meta_language": False, "target_language": "ar", "stopwords_class": words.StopWordsArabic}
    goose = module.Goose({**settings, "enable_image_fetching": False})
    return lambda page: str(goose.extract(raw_html=page).cleaned_text)


def boilerpipe() -> Extractor:
    extractor = importlib.import_module("boilerpy3.extractors").ArticleExtractor(raise_on_failure=False)
    return lambda page: str(extractor.get_content(page))


def justext() -> Extractor:
    module = importlib.import_module("justext")
    words = module.get_stoplist("Arabic")

    def extract(page: str) -> str:
        paragraphs = module.justext(page, words)
        return "\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate)

    return extract


OTHERS: dict[str, Callable[[], Extractor]] = {
    "trafilatura": trafilatura,
    "  fast": trafilatura_fast,
    "readability-lxml": readability,
    "resiliparse": resiliparse,
    "newspaper4k": newspaper,
    "goose3": goose,
    "boilerpy3": boilerpipe,
    "jusText": justext,
}


def short(record: Record) -> str:
    return record["text"].split("\n")[0]


def lines(record: Record) -> list[str]:
    return [html.escape(line) for line in record["text"].split("\n")]


def paragraphs(record: Record) -> str:
    return "".join(f"<p>{line}</p>" for line in lines(record))


def links(records: Sequence[Record], count: int) -> str:
    return "".join(f'<li><a href="{record["url"]}">{record["title"]}</a></li>' for record in records[:count])


def teasers(records: Sequence[Record], count: int) -> str:
    return "".join(
        f'<div class="card"><h3><a href="{record["url"]}">{record["title"]}</a></h3>'
        f"<p>{' '.join(short(record).split()[:25])}...</p><span>{record['date'][:10]}</span></div>"
        for record in records[:count]
    )


def whole(record: Record, records: Sequence[Record], content: str) -> str:
    """A page around its content: banner, menu, related articles, comments, footer."""
    menu = "".join(f'<li><a href="/{number}">{name}</a></li>' for number, name in enumerate(SECTIONS))
    return f"""<!DOCTYPE html><html lang="ar" dir="rtl"><head>
<meta charset="utf-8"><title>{record["title"]} | النشرة</title>
<meta property="og:title" content="{record["title"]}"><script>window.dataLayer = [];</script></head><body>
<div id="cookie-bar"><p>{COOKIES}</p><button>موافق</button></div>
<header><div class="logo"><a href="/">النشرة</a></div><nav><ul>{menu}</ul></nav></header>
<div class="breaking">عاجل: <ul>{links(records[3:], 3)}</ul></div>
<main>{content}</main>
<aside class="sidebar"><h4>الأكثر قراءة</h4><ol>{links(records[5:], 8)}</ol></aside>
<section class="related"><h4>مواضيع ذات صلة</h4>{teasers(records[2:], 4)}</section>
<div id="comments"><h4>التعليقات (2)</h4><div class="comment"><b>قارئ</b><p>{COMMENT}</p></div></div>
<footer><ul>{menu}</ul><p>{RIGHTS}</p></footer></body></html>"""


def head(record: Record) -> str:
    share = "".join(f'<a class="share" href="#{name}">شارك على {name}</a>' for name in ("فيسبوك", "واتساب", "تلغرام"))
    return (
        f"<h1>{record['title']}</h1><div class='meta'><span class='author'>{record['author']}</span> "
        f"<time datetime='{record['date']}'>{record['date'][:10]}</time></div><div class='social'>{share}</div>"
    )


def as_paragraphs(record: Record, records: Sequence[Record]) -> str:
    body = (
        f'<div class="entry-content">{paragraphs(record)}</div><div class="tags"><a href="/t">الأمم المتحدة</a></div>'
    )
    return whole(record, records, f"<article>{head(record)}{body}</article>")


def as_breaks(record: Record, records: Sequence[Record]) -> str:
    """One block of text with line breaks, as older systems write it."""
    return whole(
        record, records, f'<div class="news">{head(record)}<div id="body">{"<br><br>".join(lines(record))}</div></div>'
    )


def as_tables(record: Record, records: Sequence[Record]) -> str:
    """A page laid out by tables, twenty years old."""
    text = "<br><br>".join(lines(record))
    rows = "".join(f"<tr><td>{link}</td></tr>" for link in links(records, 8).split("</li>"))
    cells = (
        f"<td><font size='4'><b>{record['title']}</b></font><br><font>{text}</font></td><td><table>{rows}</table></td>"
    )
    return whole(record, records, f"<table><tr>{cells}</tr></table>").replace("main>", "center>")


def as_blocks(record: Record, records: Sequence[Record]) -> str:
    """Nameless blocks, with advertisements and a link to something else between the paragraphs."""
    blocks = [f'<div class="c{number}x"><span>{line}</span></div>' for number, line in enumerate(lines(record))]
    blocks.insert(1, '<div class="ad-slot">إعلان</div>')
    blocks.insert(3, f'<div class="inline-related">اقرأ أيضا: <a href="/2">{records[1]["title"]}</a></div>')
    return whole(record, records, f'<div class="z1">{head(record)}<div class="z2">{"".join(blocks)}</div></div>')


def as_short(record: Record, records: Sequence[Record]) -> str:
    """A report of a paragraph, among all that stands around it."""
    body = f"<article>{head(record)}<div class='entry'><p>{html.escape(short(record))}</p></div></article>"
    return whole(record, records, body)


def as_mixed(record: Record, records: Sequence[Record]) -> str:
    """Headings, a quotation, a list and a picture in the article; what stands in them is part of it."""
    first, *rest = lines(record)
    quoted = f"<blockquote>{rest[0]}</blockquote>" if rest else ""
    listed = f"<ul>{''.join(f'<li>{line}</li>' for line in rest[1:3])}</ul>"
    tail = "".join(f"<p>{line}</p>" for line in rest[3:])
    picture = "<figure><img src='/a.jpg' alt='صورة'></figure>"
    return whole(record, records, f"<article>{head(record)}{picture}<p>{first}</p>{quoted}{listed}{tail}</article>")


def as_front_page(record: Record, records: Sequence[Record]) -> str:
    """What is no article."""
    return whole(record, records, f"<section>{teasers(records, 12)}</section><ul>{links(records, 12)}</ul>")


LAYOUTS: dict[str, Callable[[Record, Sequence[Record]], str]] = {
    "paragraphs": as_paragraphs,
    "breaks": as_breaks,
    "tables": as_tables,
    "blocks": as_blocks,
    "short": as_short,
    "mixed": as_mixed,
    "front page": as_front_page,
}


if __name__ == "__main__":
    sys.exit(main())
