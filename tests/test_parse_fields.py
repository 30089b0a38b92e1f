"""The names that the user gives fields are looked for before anything is read."""

from pathlib import Path

import pytest

from transforms.parse_fields import missing_fields


def told(folder: Path, **fields: str) -> list[str]:
    return list(missing_fields(sorted(map(str, folder.iterdir())), fields))


def test_a_name_that_no_record_has_is_told_with_those_there_are(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"head": "خبر", "المتن": "نص"}\n{"head": "خبر", "when": "أمس"}\nmore\n[1]\n')
    (tmp_path / "b.txt").write_text("نص لا حقول فيه")
    assert told(tmp_path, title="head", text="المتن", date="when") == []
    assert told(tmp_path, text="المتون", date="when") == [
        "--fields text=المتون: no record looked at has such a field; there are head, المتن, when"
    ]


def test_columns_are_looked_for_in_any_case(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("ID,Title,Story\n1,خبر,\n")
    assert told(tmp_path, text="STORY") == []
    assert told(tmp_path, text="storry") == [
        "--fields text=storry: no record looked at has such a field; there are id, title, story"
    ]


@pytest.mark.parametrize("content", ["", "نص", "<rss/>", '{"broken'])
def test_where_no_record_is_found_nothing_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.jsonl").write_text(content)
    assert told(tmp_path, text="x") == []
    assert told(tmp_path) == []
