import sys
from pathlib import Path
from types import ModuleType

import pytest
from apache_beam.io.localfilesystem import LocalFileSystem
from apache_beam.options.pipeline_options import DirectOptions, StandardOptions

from pipelines.cli import main
from pipelines.options import FILE_SYSTEMS, UsageError, parse_options

GIVEN = ["--input", "a.xml", "--output", "out"]


def test_input_may_be_given_many_times_and_as_the_shell_expands_it() -> None:
    options = parse_options(["--input", "a.xml", "b.xml", "--input", "c.jsonl", "--output", "out/"])
    assert options.input == ["a.xml", "b.xml", "c.jsonl"]
    assert options.output == "out"


def test_without_a_runner_everything_runs_in_this_process() -> None:
    assert parse_options(GIVEN).view_as(StandardOptions).runner == "FnApiRunner"
    assert parse_options([*GIVEN, "--runner", "PrismRunner"]).view_as(StandardOptions).runner == "PrismRunner"


def test_beams_own_options_are_taken() -> None:
    options = parse_options([*GIVEN, "--direct_num_workers", "2", "--direct_running_mode=multi_processing"])
    assert options.view_as(DirectOptions).direct_num_workers == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "--input"),
        (["--input", "a.xml"], "--output"),
        (["--output", "out"], "--input"),
        ([*GIVEN, "--lookback-days", "3"], "did you mean --lookback_days?"),
        ([*GIVEN, "--lokback_days=3"], "did you mean --lookback_days?"),
        ([*GIVEN, "--runer", "x"], "did you mean --runner?"),
        ([*GIVEN, "--out", "x"], "no option --out"),  # no abbreviations: they change meaning as options are added
        ([*GIVEN, "--quux"], "no option --quux"),
        (["stray", *GIVEN], "unexpected 'stray'"),
        ([*GIVEN, "--lookback_days", "-1"], "not a number of days"),
        ([*GIVEN, "--lookback_days", "week"], "not a number of days"),
        ([*GIVEN, "--max_reject_ratio", "1.5"], "not a number from 0 to 1"),
        ([*GIVEN, "--max_reject_ratio", "nan"], "not a number from 0 to 1"),
        ([*GIVEN, "--run_id", "../x"], "beginning with a letter or digit"),
        ([*GIVEN, "--run_id", "a.b"], "beginning with a letter or digit"),
        ([*GIVEN, "--fields", "text"], "not FIELD=NAME"),
        ([*GIVEN, "--fields", "body=x"], "not FIELD=NAME"),
        (["--input", "a", "--output", "out[1]"], "cannot be told from a glob"),
        (["--input", "https://x.example/feed.xml", "--output", "out"], "that is an address: use --feed"),
        (["--input", "gs://bucket/*.xml", "--output", "out"], "pip install 'apache-beam[gcp]'"),
        (["--input", "hdfs://host/news", "--output", "out"], "pip install 'apache-beam[hadoop]'"),
        (["--input", "foo://x", "--output", "out"], "no such file system"),
        (["--input", "a.xml", "--output", "gs://bucket/out"], "--output gs://bucket/out: what reads gs:// is not"),
        (["--input", "a.xml", "--output", "s3://bucket/out"], "pip install 'apache-beam[aws]'"),
        (["--input", "a.xml", "--output", "foo://x/out"], "no such file system"),
        (["--input", "a.xml", "--output", "https://x.example/out"], "that is an address, not a path"),
        (["--feeds", "gs://bucket/feeds.yaml", "--output", "out"], "--feeds gs://bucket/feeds.yaml: what reads"),
        ([*GIVEN, "--direct_running_mode", "multi_threading"], "loses rows"),
    ],
)
def test_what_cannot_be_carried_out_is_told(arguments: list[str], told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for _, package in FILE_SYSTEMS.values():
        monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    with pytest.raises(UsageError) as raised:
        parse_options(arguments)
    assert told in str(raised.value)


def test_a_usage_error_ends_with_status_2_and_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ingest", *GIVEN, "--lokback_days", "3"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("naba: no option --lokback_days; did you mean --lookback_days?")


def test_a_runner_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.jsonl").write_text("{}")
    for runner in ("Nope", "no.such.Runner"):
        arguments = ["--input", f"{tmp_path}/a.jsonl", "--output", f"{tmp_path}/out", "--runner", runner]
        assert main(["ingest", *arguments]) == 2
        assert f"--runner {runner}: " in capsys.readouterr().err


def test_help_tells_every_option_in_the_order_a_user_thinks(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["ingest", "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    options = ["--input", "--fields", "--output", "--run_id", "--lookback_days", "--max_reject_ratio"]
    places = [shown.index(f"\n  {option} ") for option in options]
    assert places == sorted(places)
    assert "exit status" in shown
    statuses = ("0 done", "1 failed", "2 wrong usage", "3 more was refused", "or every feed failed", "130 interrupted")
    for status in statuses:
        assert status in shown.replace("\n", " ")


def test_help_beam_tells_beams_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["ingest", "--help_beam"])
    shown = capsys.readouterr().out
    assert "--direct_num_workers" in shown
    assert "--lookback_days" not in shown


@pytest.mark.parametrize(("arguments", "status"), [(["--version"], 0), ([], 0), (["--help"], 0), (["inject"], 2)])
def test_the_command_itself(arguments: list[str], status: int) -> None:
    assert main(arguments) == status


def test_fields_are_parsed() -> None:
    assert parse_options([*GIVEN, "--fields", "text=article_body, date = when"]).fields == {
        "text": "article_body",
        "date": "when",
    }


def test_a_dead_link_among_the_inputs_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "link.xml").symlink_to(tmp_path / "gone.xml")
    assert main(["ingest", "--input", str(tmp_path), "--output", f"{tmp_path}-out"]) == 3
    assert "100%" in capsys.readouterr().err


def test_an_empty_folder_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ingest", "--input", str(tmp_path), "--output", f"{tmp_path}-out"]) == 2
    assert "the folder holds no file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["--output", "foo://x/out"], ["--input", "https://x.example/feed.xml"], ["--input", "hdfs://host/news"]],
)
def test_a_path_on_no_file_system_ends_with_one_message(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jsonl").write_text("{}")
    assert main(["ingest", "--input", f"{tmp_path}/a.jsonl", "--output", f"{tmp_path}/out", *arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"naba: {arguments[0]} {arguments[1]}: ")
    assert told.count("\n") == 2  # the second points to --help


def test_a_path_on_a_file_system_that_is_there_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    class Added(LocalFileSystem):
        """As a package may add one to Beam's."""

        @classmethod
        def scheme(cls) -> str:
            return "added"

    monkeypatch.setitem(sys.modules, "boto3", ModuleType("boto3"))
    for path in ("s3://bucket/out", "added://x/out"):
        assert parse_options(["--input", "a.xml", "--output", path]).output == path
