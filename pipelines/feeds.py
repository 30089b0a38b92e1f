"""``naba feeds check LIST``: what each feed of a list gives, before it is scheduled."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from schemas.reject import Rejected
from transforms.check_feeds import FeedCheck, check_feeds
from transforms.feed_list import load_feed_list
from transforms.wire import Client, FetchSettings


def run_feeds(argv: Sequence[str]) -> int:
    """Check a list. Returns 0 if every address gave a feed, 1 if not, 2 for a list that cannot be read."""
    parser = argparse.ArgumentParser(
        prog="naba feeds", description="Ask each feed of a list, whatever its state; nothing is remembered or written."
    )
    check = parser.add_subparsers(required=True, metavar="check").add_parser(
        "check",
        help="reachable, type, entries, newest date, encoding, full text or teaser, support of 304",
        description="Ask each feed of a list, whatever its state; nothing is remembered or written.",
        epilog="exit status: 0 every address gave a feed; 1 one did not (an error, a page, nothing); 2 wrong usage, or "
        "a list that cannot be read",
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
        print(tabulate(checks))
    return 0 if all(each.reachable for each in checks) else 1


def tabulate(checks: Sequence[FeedCheck]) -> str:
    """Two lines a feed: what it gave, in columns; and below, where a long URL has room, which feed it is."""
    columns = "{:<19} {:<13} {:>7}  {:<16}  {:<8} {:<6} {}"
    lines = [columns.format("outcome", "type", "entries", "newest", "encoding", "text", "304")]
    for check in checks:
        encoding = f"{check.encoding or ''}" + ("*" if check.encoding_repaired else "")
        text = {True: "full", False: "teaser", None: ""}[check.full_text]
        says_304 = {True: "yes", False: "no", None: ""}[check.supports_304]
        newest = f"{check.newest:%Y-%m-%d %H:%M}" if check.newest else ""
        entries = str(check.entries) if check.reachable else ""
        lines.append(
            columns.format(check.outcome, check.type or "", entries, newest, encoding, text, says_304).rstrip()
        )
        often = ", most often" if check.refused > 1 else ""
        refused = f"{check.refused:,} cannot be read{often}: {check.refused_for}" if check.refused else None
        moved = check.moved_to and f"has moved to {check.moved_to}"
        lines += [f"    {note}" for note in (check.name, check.url, check.message, moved, refused) if note]
    if any(check.encoding_repaired for check in checks):
        lines.append("* not the encoding that it declares")
    return "\n".join(lines)
