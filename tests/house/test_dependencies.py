"""Every package is used, explained and locked with hashes, and no lock names a place to fetch it from."""

import ast
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
NAME = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?", re.ASCII)
MODULES = {
    "Django": "django", "django-htmx": "django_htmx", "django-template-partials": "template_partials", "django-csp": "csp",
    "django-axes": "axes", "django-storages": "storages", "argon2-cffi": "argon2", "markdown-it-py": "markdown_it", "django-ninja": "ninja",
}  # fmt: skip
USED_BY_NAME = {
    "argon2-cffi": "Argon2PasswordHasher",
    "psycopg": "django.db.backends.postgresql",
    "tzdata": "zoneinfo",
    "redis": "redis://",
    "gunicorn": "gunicorn",
}


def wanted(name: str) -> list[str]:
    lines = (PROJECT / name).read_text(encoding="utf-8").splitlines()
    return [match[1] for line in lines if not line.startswith(("#", "-")) and (match := NAME.match(line))]


@pytest.fixture(scope="module")
def product() -> dict[str, str]:
    paths = [path for folder in ("portal", "runs") for path in (PROJECT / folder).rglob("*.py")]
    return {path.as_posix(): path.read_text(encoding="utf-8") for path in paths}


@pytest.fixture(scope="module")
def imported(product: dict[str, str]) -> set[str]:
    found = set()
    for text in product.values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("package", wanted("requirements.in"))
def test_package_is_used(package: str, product: dict[str, str], imported: set[str]) -> None:
    module = MODULES.get(package, package)
    by_name = USED_BY_NAME.get(package, f'"{module}')
    assert module in imported or any(by_name in text for text in product.values())


def test_every_package_is_explained() -> None:
    text = (PROJECT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    explained = [name for row in re.findall(r"^\| ([\w., -]+) \|", text, re.MULTILINE) for name in row.split(", ")]
    packages = [*wanted("requirements.in"), *wanted("requirements-dev.in")]
    assert sorted(name for name in explained if name not in ("package", "---")) == sorted(packages)


@pytest.mark.parametrize("kind", ["requirements", "requirements-dev"])
def test_lock_pins_all_with_hashes_and_names_no_place(kind: str) -> None:
    text = (PROJECT / f"{kind}.txt").read_text(encoding="utf-8")
    pinned = {name.lower() for name in re.findall(r"^([A-Za-z0-9_.-]+)(?:\[.*\])?==", text, re.MULTILINE)}
    missing = {name.lower() for name in wanted(f"{kind}.in")} - pinned
    assert not missing, "run `make lock`"
    assert text.count("==") <= text.count("--hash=sha256:")
    assert not re.search(r"https?://|--index-url|--find-links|file:", text)


def test_both_locks_agree() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[^\s#].*==[^\s\\]+(?: ; [^\\]+)?", (PROJECT / name).read_text(encoding="utf-8"), re.MULTILINE))

    assert {pin.strip() for pin in pins("requirements.txt")} <= {pin.strip() for pin in pins("requirements-dev.txt")}
