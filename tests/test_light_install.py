"""naba in the light environment: without torch and its kin, and without a network while it is imported."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A distribution is not always imported under its own name.
MODULE_OF = {"camel-kenlm": "kenlm", "scikit-learn": "sklearn"}

IMPORT_EVERYTHING = """
import importlib, pkgutil, socket, sys

absent = set(sys.argv[1].split(","))
packages = sys.argv[2].split(",")
calls = []

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

def refused(*args, **kwargs):
    calls.append(args)
    raise OSError("no network here")

sys.meta_path.insert(0, Absent())
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refused

for package in packages:
    importlib.import_module(package)
    for module in pkgutil.walk_packages([package], package + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
            print(module.name)

assert not calls, f"an import called out: {calls}"
"""


def import_everything(root: Path, packages: str, absent: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", IMPORT_EVERYTHING, ",".join(absent), packages],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def left_out() -> list[str]:
    """What requirements/light.excludes leaves out of the light lock, as the names that code imports."""
    lines = (ROOT / "requirements/light.excludes").read_text(encoding="utf-8").splitlines()
    return [MODULE_OF.get(line, line) for line in lines if re.match(r"\w", line)]


def test_every_module_imports_without_the_model_libraries_and_without_a_network(left_out: list[str]) -> None:
    assert {"torch", "transformers", "sklearn", "pandas"} <= set(left_out)
    run = import_everything(ROOT, "schemas,transforms,pipelines", left_out)
    assert run.returncode == 0, run.stderr
    sources = [path for package in ("schemas", "transforms", "pipelines") for path in (ROOT / package).rglob("*.py")]
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sources if path.stem[:2] != "__"}
    assert names <= set(run.stdout.split())


def test_the_guard_sees_a_model_library_and_a_call_out(tmp_path: Path) -> None:
    (tmp_path / "heavy").mkdir()
    (tmp_path / "heavy/__init__.py").write_text("import torch.nn\n")
    heavy = import_everything(tmp_path, "heavy", ["torch"])
    assert heavy.returncode != 0
    assert "No module named 'torch" in heavy.stderr

    (tmp_path / "chatty").mkdir()
    (tmp_path / "chatty/__init__.py").write_text(
        "import contextlib, socket\n"
        "with contextlib.suppress(OSError):\n"
        "    socket.create_connection(('192.0.2.1', 80))\n"
    )
    chatty = import_everything(tmp_path, "chatty", [])
    assert chatty.returncode != 0
    assert "an import called out" in chatty.stderr


@pytest.mark.parametrize("host", ["192.0.2.1", "news.example"])
def test_a_test_that_leaves_this_machine_fails(host: str) -> None:
    with socket.socket() as client, pytest.raises(pytest.fail.Exception, match=host):
        client.connect((host, 80))
    with pytest.raises(pytest.fail.Exception, match=r"news\.example"):
        socket.getaddrinfo("news.example", 80)


def test_a_test_may_talk_to_a_server_of_its_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
