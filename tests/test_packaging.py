"""What Beam's workers get: the sdist, its requirements, and the locks beside them."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("pipelines", "schemas", "transforms")
NOT_IMPORTED = {"tzdata"}  # the time zones, where the system has none: read by zoneinfo
NOT_SHIPPED = ("tests/", "docs/", "samples/", "benchmarks/", "deploy/", "requirements/", "out/")


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, unpacked, as Beam makes it for its workers: of a copy, so that no older build shows through."""
    out = tmp_path_factory.mktemp("sdist")
    made = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist", "out", "state")
    shutil.copytree(ROOT, out / "checkout", ignore=made)
    run(sys.executable, "setup.py", "-q", "sdist", "--dist-dir", out, cwd=out / "checkout")
    (archive,) = out.glob("naba-*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(out, filter="data")
    return archive.with_name(archive.name.removesuffix(".tar.gz"))


@pytest.fixture(scope="module")
def declared() -> dict[str, list[str]]:
    """``setup.py``'s keyword arguments that are lists of requirements, by name; the extras as one list."""
    setup = ast.parse((ROOT / "setup.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(setup) if isinstance(node, ast.Call) and ast.unparse(node.func) == "setup"]
    (arguments,) = [{keyword.arg: keyword.value for keyword in call.keywords} for call in calls]
    extras = ast.literal_eval(arguments["extras_require"])
    return {
        "install_requires": ast.literal_eval(arguments["install_requires"]),
        "extras_require": [requirement for extra in extras.values() for requirement in extra],
    }


def files_below(folder: Path) -> set[str]:
    found = (path for package in PACKAGES for path in (folder / package).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix() for path in found if "__pycache__" not in path.parts}


def distribution(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def imported_modules() -> Iterator[str]:
    for name in files_below(ROOT):
        if name.endswith(".py"):
            for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    yield from (alias.name.partition(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    yield node.module.partition(".")[0]


def pins(lock: str) -> list[str]:
    lines = (ROOT / "requirements" / lock).read_text(encoding="utf-8").splitlines()
    return [line.partition("#")[0].strip() for line in lines if not line.startswith("#")]


def test_the_sdist_holds_every_module_and_every_data_file(sdist: Path) -> None:
    assert files_below(sdist) == files_below(ROOT)


def test_the_sdist_holds_the_licence_and_nothing_that_workers_do_not_need(sdist: Path) -> None:
    names = {path.relative_to(sdist).as_posix() for path in sdist.rglob("*") if path.is_file()}
    assert {"LICENSE", "CHANGELOG.md", "setup.py", "pyproject.toml"} <= names
    assert not [name for name in names if name.startswith(NOT_SHIPPED)]


def test_the_sdist_tells_pip_what_to_install(sdist: Path, declared: dict[str, list[str]]) -> None:
    told = (sdist / "naba.egg-info/requires.txt").read_text(encoding="utf-8").split("\n[")[0].split()
    assert {distribution(line) for line in told} == {distribution(line) for line in declared["install_requires"]}
    assert {"apache-beam", "camel-tools", "feedparser", "pyarrow"} <= {distribution(line) for line in told}
    metadata = (sdist / "PKG-INFO").read_text(encoding="utf-8")
    assert "\nRequires-Python: >=3.11,<3.14\n" in metadata
    assert "\nLicense: Apache-2.0\n" in metadata


def test_pyproject_has_no_project_table_that_would_silence_setup_py() -> None:
    assert "project" not in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_sdist_installs_and_imports_away_from_the_checkout(sdist: Path, tmp_path: Path) -> None:
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet")
    run(*pip, "--no-index", "--no-deps", "--no-build-isolation", "--target", tmp_path, sdist)
    look = (
        "import importlib.metadata as m, schemas, transforms; "
        "(command,) = m.distribution('naba').entry_points; "
        "print(command.load().__code__.co_filename, schemas.VERSION, m.version('naba'))"
    )
    where, version, told = run(sys.executable, "-c", look, cwd=tmp_path, PYTHONPATH=str(tmp_path)).split()
    assert Path(where) == tmp_path / "pipelines/cli.py"
    assert version == told
    assert files_below(tmp_path) == files_below(ROOT)


def test_setup_py_declares_what_the_code_imports_and_nothing_else(declared: dict[str, list[str]]) -> None:
    ours = {*PACKAGES, *sys.stdlib_module_names}
    owners = packages_distributions()
    imported = {distribution(owners[module][0]) for module in imported_modules() if module in owners}
    unknown = {module for module in imported_modules() if module not in owners} - ours
    required = {distribution(line) for line in declared["install_requires"]}
    optional = {distribution(line) for line in declared["extras_require"]}
    assert imported - required - optional - {"naba"} == set(), "imported, but not declared"
    assert required - imported == NOT_IMPORTED, "declared, but not imported"
    assert not unknown - {name.replace("-", "_") for name in optional}


@pytest.mark.parametrize("lock", ["base.lock", "dev.lock", "bench.lock", "ner.lock"])
def test_a_lock_names_exact_versions_and_no_host(lock: str) -> None:
    assert all(re.match(r"[\w.-]+==[\w.]+( ;|$)", pin) for pin in pins(lock))
    assert "://" not in (ROOT / "requirements" / lock).read_text(encoding="utf-8")


def test_the_light_lock_holds_what_setup_py_declares_and_nothing_that_was_left_out(
    declared: dict[str, list[str]],
) -> None:
    locked = {distribution(pin) for pin in pins("base.lock")}
    assert {distribution(line) for line in declared["install_requires"]} <= locked
    excludes = (ROOT / "requirements/light.excludes").read_text(encoding="utf-8").splitlines()
    assert not locked & set(excludes)


def test_the_locks_agree_with_one_another() -> None:
    versions: dict[str, set[str]] = {}
    for lock in ("base.lock", "dev.lock", "ner.lock"):
        for pin in pins(lock):
            name, _, version = pin.partition(" ;")[0].partition("==")
            versions.setdefault(name, set()).add(version)
    # One name may have several versions, each for its own Python; never within the light environment.
    light = {distribution(pin) for lock in ("base.lock", "dev.lock") for pin in pins(lock)}
    assert not {name: found for name, found in versions.items() if name in light and len(found) > 1}
