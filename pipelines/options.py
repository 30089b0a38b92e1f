"""The options of ``naba ingest``: Beam pipeline options, parsed strictly."""

import argparse
import difflib
import os
import re
from collections.abc import Sequence
from importlib import import_module
from typing import Literal, NoReturn

from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions, StandardOptions, _BeamArgumentParser

from schemas.feed import Feed
from schemas.run import new_run_id
from transforms.bert import ModelError, prepare_model
from transforms.feed_list import load_feed_list
from transforms.wire import FetchSettings

FILE_SYSTEMS = {
    "gs": ("gcp", "google.cloud.storage"),
    "s3": ("aws", "boto3"),
    "hdfs": ("hadoop", "hdfs"),
    "azfs": ("azure", "azure.storage.blob"),
}
"""By the scheme of a path: the extra of apache-beam that reads it, and a package that comes with that."""
RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
FIELDS = ("guid", "url", "title", "text", "date", "source", "author", "language")

_DESCRIPTION = """\
Read Arabic news from files and feeds, drop what is already told, tag the actors, and write Parquet tables by date
and actor. Running again with the same input changes nothing."""

_EPILOG = """\
Any option of Apache Beam is taken too, so the same command runs on Dataflow, Flink or Spark
(--runner DataflowRunner --project ...); --help_beam lists them. Without --runner everything runs in this process.

exit status: 0 done; 1 failed, nothing was committed; 2 wrong usage; 3 more was refused than --max_reject_ratio
allows, or every feed failed and nothing was read (the output is committed all the same); 130 interrupted, nothing
was committed unless it says so

example: naba ingest --input 'news/*.xml' --input articles.jsonl.gz --output out/"""


class UsageError(Exception):
    """The command line cannot be carried out; the message tells what to change."""


class IngestOptions(PipelineOptions):
    """What to read, where to write, and how far to trust."""

    input: list[str]
    fields: dict[str, str]
    feed: list[str]
    feeds: list[str]
    fetch_articles: bool
    contact: str | None
    allow_private_hosts: bool
    output: str
    run_id: str
    ner: Literal["none", "camel"]
    ner_model: str | None
    lookback_days: int
    max_reject_ratio: float

    @classmethod
    def _add_argparse_args(cls, parser: argparse.ArgumentParser) -> None:
        reading = parser.add_argument_group("what to read")
        reading.add_argument(
            "--input",
            action="extend",
            nargs="+",
            default=[],
            metavar="PATH",
            help="A file, a glob, or a folder with all below it; may be given many times. RSS, Atom, RDF, "
            "JSON Feed, news sitemaps, JSON lines, CSV, WARC, HTML and plain text, also packed with gzip, zstd or "
            "bzip2.",
        )
        reading.add_argument(
            "--fields",
            type=_fields,
            default={},
            metavar="FIELD=NAME,...",
            help="Names of the fields in JSON lines and CSV that are not called as naba expects, for example "
            f"text=article_body,date=pub_time. Fields: {', '.join(FIELDS)}.",
        )
        asking = parser.add_argument_group("feeds to ask (docs/feeds.md)")
        asking.add_argument(
            "--feed", action="extend", nargs="+", default=[], metavar="URL", help="A feed; may be given many times."
        )
        asking.add_argument(
            "--feeds",
            action="extend",
            nargs="+",
            default=[],
            metavar="LIST",
            help="A list of feeds: OPML, a URL a line, or YAML with name, country, zone and interval of each outlet.",
        )
        asking.add_argument(
            "--fetch_articles",
            action="store_true",
            help="Follow entries that are only teasers to their pages, where robots.txt allows it.",
        )
        asking.add_argument(
            "--contact",
            type=_contact,
            metavar="WHO",
            help="A URL or mail address in the User-Agent, for publishers who want to reach you.",
        )
        asking.add_argument(
            "--allow_private_hosts",
            action="store_true",
            help="Also ask hosts on private networks and this machine. A list of feeds is then trusted with them.",
        )
        writing = parser.add_argument_group("what to write")
        writing.add_argument(
            "--output", metavar="FOLDER", help="The folder of the tables: local, or on any file system Beam knows."
        )
        writing.add_argument(
            "--run_id",
            type=_run_id,
            metavar="ID",
            help="Names this run's files (up to 80 of A-Z a-z 0-9 _ -); a run with the id of an earlier one "
            "replaces what that one wrote; if it asked feeds, nothing is asked again. Default: the time.",
        )
        naming = parser.add_argument_group("names that no registry holds (docs/entities.md)")
        naming.add_argument(
            "--ner",
            choices=("none", "camel"),
            default="none",
            help="Also find people, organisations and places by a model: CAMeL Tools' BERT, which needs torch and a "
            "model of 542 MB. Default: none.",
        )
        naming.add_argument(
            "--ner_model",
            metavar="DIR",
            help="The folder of that model. Default: where CAMeL Tools keeps its own, CAMELTOOLS_DATA or "
            "~/.camel_tools.",
        )
        deciding = parser.add_argument_group("how to decide")
        deciding.add_argument(
            "--lookback_days",
            type=_days,
            default=7,
            metavar="N",
            help="How many days around an article's date are searched for what it may repeat. Default: 7.",
        )
        deciding.add_argument(
            "--max_reject_ratio",
            type=_ratio,
            default=0.5,
            metavar="R",
            help="End with status 3 if more than this share of what was read is refused. Default: 0.5.",
        )

    def told(self) -> dict[str, object]:
        """Naba's own options as given, for the manifest."""
        reading = ("input", "fields", "feed", "feeds", "fetch_articles")
        others = ("output", "ner", "ner_model", "lookback_days", "max_reject_ratio")
        return {name: getattr(self, name) for name in (*reading, *others)}

    def listed_feeds(self) -> tuple[Feed, ...]:
        """The feeds to ask. Errors: ``Rejected`` for a list that cannot be read, with file and line."""
        given = [*map(Feed, self.feed), *(feed for path in self.feeds for feed in load_feed_list(path))]
        return tuple({feed.url: feed for feed in reversed(given)}.values())[::-1]

    def fetching(self) -> FetchSettings:
        """How to ask."""
        return FetchSettings(contact=self.contact, allow_private_hosts=self.allow_private_hosts)


def parse_options(argv: Sequence[str]) -> IngestOptions:
    """Options of a command line. Errors: ``UsageError``; ``SystemExit`` 0 after ``--help``."""
    parser = _Parser(
        prog="naba ingest",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    IngestOptions._add_argparse_args(parser)
    beam_parser = _beam_parser()
    parser.add_argument("--help_beam", action="version", version=beam_parser.format_help(), help="List Beam's options.")
    _, rest = parser.parse_known_args(argv)
    _, unknown = beam_parser.parse_known_args(rest)
    if unknown:
        raise UsageError(_explain(unknown, [*parser._option_string_actions, *beam_parser._option_string_actions]))
    options = IngestOptions(list(argv))
    _check(options)
    return options


def _check(options: IngestOptions) -> None:
    if not (options.input or options.feed or options.feeds):
        raise UsageError("nothing to read: give --input with a file, a glob or a folder, or --feed or --feeds")
    if not options.output:
        raise UsageError("nowhere to write: give --output with a folder")
    if unwritable := [path for path in (*options.input, options.output) if not _is_utf8(path)]:
        path = os.fsencode(unwritable[0]).decode("utf-8", "backslashreplace")
        raise UsageError(f"{path}: the name is not UTF-8, so no table can hold it; rename it, or read its folder")
    for option, paths in (("--input", options.input), ("--feeds", options.feeds), ("--output", [options.output])):
        for path in paths:
            _check_file_system(option, path)
    if re.search(r"[*?\[\]]", options.output):
        raise UsageError(f"--output {options.output}: a folder whose name holds one of *?[] cannot be told from a glob")
    options.output = options.output.rstrip("/") or "/"
    options.run_id = options.run_id or new_run_id()
    standard = options.view_as(StandardOptions)
    if not standard.runner:
        # Beam's DirectRunner would first try to download another runner.
        standard.runner = "FnApiRunner"
    if options.view_as(DirectOptions).direct_running_mode == "multi_threading":
        raise UsageError(
            "--direct_running_mode multi_threading loses rows in Beam's direct runner; "
            "use in_memory (the default) or multi_processing"
        )
    options.ner_model = _model(options)


def _check_file_system(option: str, path: str) -> None:
    """Whether Beam has what reads and writes there: its own errors come late, and name no remedy."""
    scheme = FileSystems.get_scheme(path)
    if scheme is None:
        return
    if scheme in ("http", "https") and option == "--input":
        raise UsageError(f"{option} {path}: that is an address: use --feed")
    if scheme in ("http", "https"):
        raise UsageError(f"{option} {path}: that is an address, not a path")
    if scheme not in FILE_SYSTEMS:
        try:
            FileSystems.get_filesystem(path)  # one that somebody has added to Beam's
        except ValueError:
            known = ", ".join(f"{name}://" for name in FILE_SYSTEMS)
            raise UsageError(f"{option} {path}: no such file system; beside local paths there are {known}") from None
        return
    extra, package = FILE_SYSTEMS[scheme]
    try:
        import_module(package)
    except ImportError:
        raise UsageError(
            f"{option} {path}: what reads {scheme}:// is not installed: pip install 'apache-beam[{extra}]'"
        ) from None


def _model(options: IngestOptions) -> str | None:
    """The folder of the NER model, loaded once to be sure of it: a run does not fail for it on the way."""
    if options.ner == "none":
        if options.ner_model:
            raise UsageError("--ner_model names the model of --ner camel, which is not given")
        return None
    try:
        return prepare_model(options.ner_model)
    except ModelError as error:
        raise UsageError(f"--ner {options.ner}: {error}") from None


def _is_utf8(path: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in path)


class _Parser(_BeamArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def _beam_parser() -> _Parser:
    """All that Beam's own option classes define, ours aside."""
    parser = _Parser(prog="naba ingest", add_help=False, allow_abbrev=False, usage=argparse.SUPPRESS)
    for options in PipelineOptions.__subclasses__():
        if options.__module__.startswith("apache_beam."):
            options._add_argparse_args(parser)
    return parser


def _explain(unknown: Sequence[str], known: Sequence[str]) -> str:
    word = unknown[0]
    name = word.split("=")[0]
    if not name.startswith("-"):
        return f"unexpected '{word}'"
    nearest = difflib.get_close_matches(name.replace("-", "_").replace("__", "--", 1), known, 1, 0.5)
    return f"no option {name}" + (f"; did you mean {nearest[0]}?" if nearest else "; see --help and --help_beam")


def _fields(text: str) -> dict[str, str]:
    fields = {}
    for pair in filter(None, text.split(",")):
        field, equals, name = (part.strip() for part in pair.partition("="))
        if not equals or not name or field not in FIELDS:
            raise argparse.ArgumentTypeError(f"'{pair}' is not FIELD=NAME with a FIELD of {', '.join(FIELDS)}")
        fields[field] = name
    return fields


def _contact(text: str) -> str:
    if not text.isprintable() or not text.isascii():
        raise argparse.ArgumentTypeError("one line of plain ASCII, as a header takes no other")
    return text


def _run_id(text: str) -> str:
    if not RUN_ID.fullmatch(text):
        raise argparse.ArgumentTypeError(f"'{text}': up to 80 of A-Z a-z 0-9 _ -, beginning with a letter or digit")
    return text


def _days(text: str) -> int:
    if not text.isdecimal() or int(text) > 3650:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of days from 0 to 3650")
    return int(text)


def _ratio(text: str) -> float:
    try:
        ratio = float(text)
    except ValueError:
        ratio = -1.0
    if not 0 <= ratio <= 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 0 to 1")
    return ratio
