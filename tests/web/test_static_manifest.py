"""Vendored files are what the manifest says, and every page brings its own: nothing is fetched from elsewhere."""

import hashlib
import json
import re
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "runs" / "static" / "runs"
VENDOR = STATIC / "vendor"


def manifest() -> dict[str, dict[str, object]]:
    made: dict[str, dict[str, object]] = json.loads((VENDOR / "MANIFEST.json").read_text(encoding="utf-8"))
    return made


def test_each_part_names_its_version_its_licence_and_its_source() -> None:
    parts = manifest()
    assert parts
    for name, part in parts.items():
        assert {"version", "licence", "source", "files"} <= part.keys(), name


def test_the_files_are_the_ones_that_were_checked_in() -> None:
    listed = {path: digest for part in manifest().values() for path, digest in dict(part["files"]).items()}  # type: ignore[call-overload]
    there = {p.relative_to(VENDOR).as_posix() for p in VENDOR.rglob("*") if p.is_file() and p.name != "MANIFEST.json"}
    assert there == listed.keys()
    for path, digest in listed.items():
        assert hashlib.sha256((VENDOR / path).read_bytes()).hexdigest() == digest, path


def test_no_style_or_script_fetches_from_elsewhere() -> None:
    for path in (*STATIC.rglob("*.css"), *STATIC.rglob("*.js")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"url\(\s*[\"']?(https?:)?//", text), path.name
        assert "@import" not in text, path.name
        assert "sourceMappingURL" not in text, path.name
