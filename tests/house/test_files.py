"""Every file has one job: it says which, is not long, and knows no machine but the reader's."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

LONGEST = 300
LONG_FOR_A_REASON: dict[str, str] = {}
MACHINE = re.compile(r"/tmp/[a-z]|/work/|/root/|/home/[a-z]|/Users/[a-z]")
EVIDENCE = ("tests/bundles/", "tests/fixtures/")
UNFINISHED = re.compile(
    r"#.*\b(TODO|FIXME|XXX)\b|raise NotImplementedError|pragma: no cover|except Exception:\s*pass|# type: ignore$|# noqa$"
)
PROJECT = Path(__file__).resolve().parents[2]


@cache
def files(*endings: str) -> dict[str, str]:
    """The repository's own text files by path; evidence and vendored files are other people's words."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.split("\0")
    names = [name for name in listed if name.endswith(endings) and not name.startswith(EVIDENCE) and "vendor" not in name]
    return {name: (PROJECT / name).read_text(encoding="utf-8") for name in names if (PROJECT / name).is_file()}


def test_the_repository_is_seen() -> None:
    assert len(files(".py")) > 100


def test_no_file_is_long_without_a_reason() -> None:
    written = {
        name: text for name, text in files(".py", ".html", ".sh").items() if "/migrations/" not in name
    }  # Django makes those
    long = {name: text.count("\n") for name, text in written.items() if text.count("\n") > LONGEST}
    assert long.keys() == LONG_FOR_A_REASON.keys(), long


def test_every_module_says_what_it_is() -> None:
    silent = [
        name
        for name, text in files(".py").items()
        if text.strip() and "/migrations/" not in name and not ast.get_docstring(ast.parse(text))
    ]
    assert not silent


def test_no_machine_but_the_readers() -> None:
    found = [
        f"{name}: {line.strip()}"
        for name, text in files(".py", ".html", ".sh", ".md", ".toml", ".yml", "Makefile", "Dockerfile", ".ci/run").items()
        for line in text.splitlines()
        if MACHINE.search(line) and name != "tests/house/test_files.py"
    ]
    assert not found


def test_nothing_is_left_unfinished() -> None:
    found = [
        f"{name}: {line.strip()}"
        for name, text in files(".py", ".html").items()
        for line in text.splitlines()
        if UNFINISHED.search(line) and name != "tests/house/test_files.py"
    ]
    assert not found
