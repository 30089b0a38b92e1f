"""Made-up news for tests: articles, items and input files."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from schemas.article import Article
from schemas.item import Item
from transforms.normalize import normalize_item

ARRIVED = datetime(2026, 11, 20, 12, tzinfo=UTC)

SUBJECTS = [
    "وزير الخارجية المصري",
    "الرئيس الفرنسي",
    "رئيس الوزراء العراقي",
    "وزير الطاقة السعودي",
    "المستشار الألماني",
]
DEEDS = ["بحث مع نظيره", "استقبل في العاصمة", "أكد في مؤتمر صحفي", "اتفق مع الجانب الآخر على", "دعا إلى"]
MATTERS = ["تعزيز التعاون الاقتصادي", "خفض التوتر في المنطقة", "استئناف المحادثات", "زيادة إنتاج الحبوب", "فتح المعابر"]


def story(number: int) -> str:
    """A body of about forty words that no other number has."""
    lines = [
        f"{SUBJECTS[(number + line) % 5]} {DEEDS[(number // 5 + line) % 5]} {MATTERS[(number // 25 + line) % 5]}"
        f" وذلك في الجلسة {number * 7 + line} التي عقدت بحضور {number + line + 3} مندوبا."
        for line in range(4)
    ]
    return "\n".join(lines)


def record(number: int, **fields: object) -> dict[str, object]:
    """One line of a JSONL file."""
    return {
        "id": f"n{number}",
        "url": f"https://nashra.example/news/{number}",
        "title": f"العنوان رقم {number}",
        "text": story(number),
        "date": (ARRIVED - timedelta(days=3, minutes=number)).isoformat(),
        "source": "nashra",
    } | fields


def write_jsonl(path: Path, records: Iterable[dict[str, object]]) -> Path:
    """The records as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in records), encoding="utf-8")
    return path


def article(number: int, text_of: int | None = None, **fields: object) -> Article:
    """An article; ``text_of`` lends it the text of another number."""
    raw = record(number, text=story(number if text_of is None else text_of)) | fields
    return normalize_item(
        Item(
            source=str(raw["source"]),
            document=str(raw.get("document", "news.jsonl")),
            position=int(str(raw.get("position", number))),
            arrived_at=ARRIVED,
            arrival="file",
            title=str(raw["title"]),
            text=str(raw["text"]),
            url=str(raw["url"]) if raw["url"] else None,
            guid=str(raw["id"]),
            dates=(("feed", str(raw["date"])),),
        )
    )
