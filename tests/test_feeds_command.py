"""``naba feeds check`` as a user sees it."""

import json
from pathlib import Path

import pytest

from pipelines.cli import main
from tests.misbehaving_server import MisbehavingServer, conditional, redirect, reply, rss

DATED = rss("مجلس الأمن يبحث الهدنة").replace(b"</item>", b"<pubDate>Thu, 12 Nov 2026 10:00:00 GMT</pubDate></item>")


def test_each_feed_of_a_list_is_told(
    server: MisbehavingServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answer("/good", conditional(DATED, '"v1"'))
    server.answer("/old", redirect("/good", 301))
    server.answer("/page", reply(b"<html><body><p>x</p></body></html>"))
    (tmp_path / "feeds.yaml").write_text(
        f"- name: صحيفة الأفق\n  url: {server.url('/good')}\n- {server.url('/old')}\n- {server.url('/none')}\n"
    )
    arguments = ["feeds", "check", f"{tmp_path}/feeds.yaml", "--allow_private_hosts"]
    assert main([*arguments, "--json"]) == 1
    good, old, none = map(json.loads, capsys.readouterr().out.splitlines())
    assert (good["name"], good["type"], good["entries"], good["newest"]) == (
        "صحيفة الأفق", "rss", 1, "2026-11-12 10:00:00+00:00",
    )  # fmt: skip
    assert (good["reachable"], good["encoding"], good["full_text"], good["supports_304"]) == (
        True,
        "utf-8",
        False,
        True,
    )
    assert old["moved_to"] == server.url("/good")
    assert (none["reachable"], none["outcome"]) == (False, "http-error")
    assert main(arguments) == 1
    shown = capsys.readouterr().out
    for told in ("صحيفة الأفق", "http-error", "2026-11-12 10:00", "has moved to"):
        assert told in shown


def test_a_list_of_good_feeds_ends_with_status_0(
    server: MisbehavingServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answer("/good", reply(DATED))
    (tmp_path / "feeds.txt").write_text(server.url("/good"))
    assert main(["feeds", "check", f"{tmp_path}/feeds.txt", "--allow_private_hosts"]) == 0


def test_an_address_that_gives_a_page_ends_with_status_1_and_says_so(
    server: MisbehavingServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answer("/login", reply("<html><title>تسجيل الدخول</title><body><p>كلمة المرور</p></body></html>".encode()))
    (tmp_path / "feeds.txt").write_text(server.url("/login"))
    assert main(["feeds", "check", f"{tmp_path}/feeds.txt", "--allow_private_hosts"]) == 1
    shown = capsys.readouterr().out
    assert "not-a-feed" in shown
    assert "an HTML page, «تسجيل الدخول»" in shown


@pytest.mark.parametrize(
    ("entries", "told"),
    [("<item/>", "1 cannot be read: no-text (neither"), ("<item/><item/>", "2 cannot be read, most often: no-text (")],
)
def test_why_entries_cannot_be_read_is_told(
    server: MisbehavingServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], entries: str, told: str
) -> None:
    server.answer("/rss", reply(DATED.replace(b"</channel>", f"{entries}</channel>".encode())))
    (tmp_path / "feeds.txt").write_text(server.url("/rss"))
    assert main(["feeds", "check", f"{tmp_path}/feeds.txt", "--allow_private_hosts"]) == 0
    assert told in capsys.readouterr().out


def test_the_help_tells_the_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["feeds", "check", "--help"])
    assert "exit status: 0 every address gave a feed; 1" in capsys.readouterr().out


@pytest.mark.parametrize(("content", "told"), [("ftp://x.example\n", "line 1"), (None, "cannot read")])
def test_a_bad_list_ends_with_status_2_and_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, told: str
) -> None:
    if content:
        (tmp_path / "feeds.txt").write_text(content)
    assert main(["feeds", "check", f"{tmp_path}/feeds.txt"]) == 2
    assert told in capsys.readouterr().err
