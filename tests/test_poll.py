"""Feeds through the whole pipeline: polled when due, held when committed, told in the manifest."""

import errno
import json
from pathlib import Path
from typing import Any

import pytest
from apache_beam.io.localfilesystem import LocalFileSystem

from pipelines.cli import main
from schemas.feed import Feed
from tests.misbehaving_server import MisbehavingServer, conditional, reply, rss
from tests.news import record, write_jsonl
from tests.tables import ingest, rows
from transforms.poll import lanes

NEWS = rss("مجلس الأمن يبحث الهدنة في السودان", "ارتفاع أسعار النفط بعد قرار أوبك")

MORE = rss("وصول قافلة مساعدات إلى غزة")


def _outcomes(manifest: dict[str, Any]) -> dict[str, str]:
    return {poll["url"]: poll["outcome"] for poll in manifest["polls"]}


def _forget_when(output: Path) -> None:
    """As if the interval of every feed were over."""
    for path in (output / "state/feeds").glob("*.json"):
        state = json.loads(path.read_text())
        path.write_text(json.dumps(state | {"next_at": None}))


def test_a_feed_is_asked_once_in_its_interval_and_its_articles_are_written(
    server: MisbehavingServer, tmp_path: Path
) -> None:
    server.answer("/rss", conditional(NEWS, '"v1"'))
    arguments = ("--feed", server.url("/rss"), "--allow_private_hosts", "--contact", "desk@nashra.example")
    first = ingest(tmp_path, *arguments)
    assert (first["counts"]["articles"], _outcomes(first)) == (2, {server.url("/rss"): "fetched"})
    assert {row["document"] for row in rows(tmp_path, "articles")} == {server.url("/rss")}
    second = ingest(tmp_path, *arguments)
    assert (second["counts"]["read"], _outcomes(second)) == (0, {server.url("/rss"): "not-due"})
    _forget_when(tmp_path)
    third = ingest(tmp_path, *arguments)
    assert (third["counts"]["read"], _outcomes(third)) == (0, {server.url("/rss"): "not-modified"})
    assert [request.headers.get("if-none-match") for request in server.log] == [None, '"v1"']
    assert "desk@nashra.example" in server.log[0].headers["user-agent"]


def test_a_run_that_asked_feeds_is_not_replaced_by_nothing(server: MisbehavingServer, tmp_path: Path) -> None:
    server.answer("/rss", reply(NEWS))
    for _ in range(2):
        ingest(tmp_path, "--feed", server.url("/rss"), "--allow_private_hosts", "--run_id", "morning")
        assert len(rows(tmp_path, "articles")) == 2


def test_what_a_feed_brought_is_not_held_before_it_is_committed(
    server: MisbehavingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that dies after fetching costs one more download, and no article."""
    server.answer("/rss", conditional(NEWS, '"v1"'))
    arguments = ("--feed", server.url("/rss"), "--allow_private_hosts")
    create = LocalFileSystem.create

    def full(self: LocalFileSystem, path: str, *args: Any, **kwargs: Any) -> Any:
        if path.endswith(".parquet"):
            raise OSError(errno.ENOSPC, "No space left on device", path)
        return create(self, path, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(LocalFileSystem, "create", full)
        assert main(["ingest", *arguments, "--output", str(tmp_path)]) == 1
    _forget_when(tmp_path)
    assert ingest(tmp_path, *arguments)["counts"]["articles"] == 2


def test_a_feed_that_fails_is_a_reject_and_the_others_are_read(server: MisbehavingServer, tmp_path: Path) -> None:
    server.answer("/rss", reply(NEWS))
    server.answer("/gone", reply(status=410))
    manifest = ingest(
        tmp_path, "--feed", server.url("/rss"), server.url("/gone"), server.url("/none"), "--allow_private_hosts"
    )
    assert sorted(_outcomes(manifest).values()) == ["fetched", "gone", "http-error"]
    assert {(row["stage"], row["reason"]) for row in rows(tmp_path, "rejects")} == {
        ("read", "gone"),
        ("read", "http-error"),
    }
    assert manifest["counts"]["articles"] == 2


def test_a_feed_that_is_down_while_the_others_have_no_news_is_no_cause_for_alarm(
    server: MisbehavingServer, tmp_path: Path
) -> None:
    server.answer("/rss", conditional(NEWS, '"v1"'))
    server.answer("/down", conditional(MORE, '"v1"'), reply(status=500))
    arguments = ("--feed", server.url("/rss"), server.url("/down"), "--allow_private_hosts")
    ingest(tmp_path, *arguments)
    _forget_when(tmp_path)
    again = ingest(tmp_path, *arguments)
    assert sorted(_outcomes(again).values()) == ["not-modified", "server-error"]
    assert (again["counts"]["rejects"], again["counts"]["failed_requests"]) == (1, 1)


def test_a_run_of_which_every_feed_failed_ends_with_status_3_and_says_so(
    server: MisbehavingServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answer("/down", reply(status=500))
    ingest(tmp_path, "--feed", server.url("/down"), server.url("/none"), "--allow_private_hosts", status=3)
    assert f"every feed that was asked failed; {tmp_path}/rejects tells why:" in capsys.readouterr().err


def test_a_page_in_place_of_a_feed_is_one_reject_and_no_article(server: MisbehavingServer, tmp_path: Path) -> None:
    page = "<html><title>تسجيل الدخول</title><body><p>أدخل كلمة المرور لتتابع قراءة الصحيفة.</p></body></html>"
    server.answer("/rss", reply(NEWS))
    server.answer("/login", reply(page.encode(), {"Content-Type": "text/html"}))
    manifest = ingest(tmp_path, "--feed", server.url("/rss"), server.url("/login"), "--allow_private_hosts")
    assert _outcomes(manifest) == {server.url("/rss"): "fetched", server.url("/login"): "not-a-feed"}
    (reject,) = rows(tmp_path, "rejects")
    assert (reject["stage"], reject["reason"]) == ("read", "not-a-feed")
    assert {row["document"] for row in rows(tmp_path, "articles")} == {server.url("/rss")}


def test_files_and_a_list_of_feeds_are_read_in_one_run(server: MisbehavingServer, tmp_path: Path) -> None:
    server.answer("/rss", reply(NEWS))
    (tmp_path / "feeds.yaml").write_text(f"- name: صحيفة الأفق\n  zone: Asia/Damascus\n  url: {server.url('/rss')}\n")
    news = write_jsonl(tmp_path / "a.jsonl", [record(n) for n in range(3)])
    output = tmp_path / "out"
    ingest(output, "--input", news, "--feeds", tmp_path / "feeds.yaml", "--allow_private_hosts")
    sources = [row["source"] for row in rows(output, "articles")]
    assert sorted(sources) == ["nashra"] * 3 + ["صحيفة الأفق"] * 2


def test_teasers_are_followed_to_their_pages(server: MisbehavingServer, tmp_path: Path) -> None:
    body = "وقال الوزير في مؤتمر صحفي إن الاجتماع المقبل سيعقد في العاصمة خلال أسبوع بحضور ممثلي الدول المعنية. "
    page = f"<html><body><article><h1>عنوان</h1><p>{body * 4}</p><p>{body[::-1]}{body * 3}</p></article></body></html>"
    link = server.url("/story/1")
    feed = (
        '<rss version="2.0"><channel><title>نشرة</title><item><title>عنوان</title>'
        f"<link>{link}</link><description>وقال الوزير…</description></item></channel></rss>"
    )
    server.answer("/rss", reply(feed.encode()))
    server.answer("/story/1", reply(page.encode(), {"Content-Type": "text/html; charset=utf-8"}))
    ingest(tmp_path, "--feed", server.url("/rss"), "--allow_private_hosts", "--fetch_articles")
    (article,) = rows(tmp_path, "articles")
    assert len(article["text"]) > 500
    assert len(server.asked("/robots.txt")) == 1


def test_an_entry_whose_page_does_not_come_keeps_its_teaser(server: MisbehavingServer, tmp_path: Path) -> None:
    link = server.url("/story/1")
    item = f"<item><title>عنوان</title><link>{link}</link><description>وقال الوزير…</description></item>"
    server.answer("/rss", reply(f'<rss version="2.0"><channel><title>نشرة</title>{item}</channel></rss>'.encode()))
    server.answer("/robots.txt", reply(b"User-agent: *\nDisallow: /story"))
    manifest = ingest(tmp_path, "--feed", server.url("/rss"), "--allow_private_hosts", "--fetch_articles")
    assert _outcomes(manifest) == {server.url("/rss"): "fetched", link: "robots-disallowed"}
    assert (manifest["counts"]["articles"], manifest["counts"]["rejects"]) == (1, 0)


def test_a_page_is_followed_once(server: MisbehavingServer, tmp_path: Path) -> None:
    link = server.url("/story/1")
    feed = (
        '<rss version="2.0"><channel><title>نشرة</title><item><title>عنوان</title>'
        f"<link>{link}</link><description>وقال الوزير…</description></item></channel></rss>"
    )
    server.answer("/rss", reply(feed.encode()))
    ingest(tmp_path, "--feed", server.url("/rss"), "--allow_private_hosts", "--fetch_articles")
    server.answer("/rss", reply(feed.replace("<title>نشرة", "<title>نشرة اليوم").encode()))
    _forget_when(tmp_path)
    again = ingest(tmp_path, "--feed", server.url("/rss"), "--allow_private_hosts", "--fetch_articles")
    assert (again["counts"]["read"], again["counts"]["seen"]) == (1, 1)
    assert len(server.asked("/story/1")) == 1


@pytest.mark.parametrize(
    ("listed", "told"),
    [("ftp://nashra.example/rss", "only http and https"), ("- nmae: x\n  url: https://nashra.example/rss\n", "line 1")],
)
def test_a_bad_list_is_told_before_anything_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], listed: str, told: str
) -> None:
    (tmp_path / "feeds.txt").write_text(listed)
    assert main(["ingest", "--feeds", f"{tmp_path}/feeds.txt", "--output", f"{tmp_path}/out"]) == 2
    assert told in capsys.readouterr().err


def test_a_list_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ingest", "--feeds", f"{tmp_path}/none.opml", "--output", f"{tmp_path}/out"]) == 2
    assert "none.opml" in capsys.readouterr().err


def test_private_hosts_are_refused_unless_allowed(server: MisbehavingServer, tmp_path: Path) -> None:
    server.answer("/rss", reply(NEWS))
    manifest = ingest(tmp_path, "--feed", server.url("/rss"), status=3)
    assert list(_outcomes(manifest).values()) == ["refused-address"]
    assert server.log == []


def test_a_host_is_in_one_lane() -> None:
    feeds = [Feed(f"https://h{n % 40}.example/{n}") for n in range(100)]
    spread = lanes(feeds)
    assert sorted(feed.url for lane in spread for host in lane for feed in host) == sorted(feed.url for feed in feeds)
    hosts = [host[0].url.split("/")[2] for lane in spread for host in lane]
    assert len(hosts) == len(set(hosts)) == 40
