"""``naba feeds check LIST``: what each feed of a list gives, before it is scheduled."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from schemas.reject import Rejected
from transforms.check_feeds import FeedCheck, check_feeds
from transforms.feed_list import load_feed_list
from transforms.wire import Client, FetchSettings


def run_feeds(argv: Sequence[str]) -> int:
    """Check a list. Returns 0 if every feed gave a body, 1 if not, 2 for a list that cannot be read."""
    parser = argparse.ArgumentParser(
        prog="naba feeds", description="Ask each feed of a list, whatever its state; nothing is remembered or written."
    )
    check = parser.add_subparsers(required=True, metavar="check").add_parser(
        "check", help="reachable, type, entries, newest date, encoding, full text or teaser, support of 304"
    )
    check.add_argument("list", metavar="LIST", help="OPML, a URL a line, or YAML (docs/feeds.md)")
    check.add_argument("--json", action="store_true", help="one JSON object a line instead of a table")
    check.add_argument("--contact", metavar="WHO", help="a URL or mail address in the User-Agent")
    check.add_argument("--allow_private_hosts", action="store_true", help="also ask hosts on private networks")
    options = parser.parse_args(argv)
    settings = FetchSettings(contact=options.contact, allow_private_hosts=options.allow_private_hosts)
    try:
        feeds = load_feed_list(options.list)
    except Rejected as refusal:
        print(f"naba: {refusal.message}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"naba: cannot read {options.list}: {error.strerror or error}", file=sys.stderr)
        return 2
    checks = check_feeds(feeds, Client(settings), datetime.now(UTC))
    if options.json:
        for each in checks:
            print(json.dumps(asdict(each) | {"reachable": each.reachable}, ensure_ascii=False, default=str))
    else:
        Console().print(tabulate(checks))
    return 0 if all(each.reachable for each in checks) else 1


def tabulate(checks: Sequence[FeedCheck]) -> Table:
    """A row a feed, and what is wrong with it where something is."""
    table = Table(Column("feed", overflow="fold"), box=None, pad_edge=False)
    for name in ("outcome", "type", "entries", "newest", "encoding", "text", "304"):
        table.add_column(name, no_wrap=True)
    for check in checks:
        entries = f"{check.entries}" + (f" ({check.refused} refused)" if check.refused else "")
        encoding = f"{check.encoding or ''}" + (" (mended)" if check.encoding_repaired else "")
        text = {True: "full", False: "teaser", None: ""}[check.full_text]
        says_304 = {True: "yes", False: "no", None: ""}[check.supports_304]
        newest = f"{check.newest:%Y-%m-%d %H:%M}" if check.newest else ""
        notes = (check.name, check.url, check.message, check.moved_to and f"has moved to {check.moved_to}")
        feed = Text("\n".join(filter(None, notes)))
        gave = (check.type or "", entries, newest, encoding, text, says_304) if check.reachable else ()
        table.add_row(feed, check.outcome, *gave)
    return table
