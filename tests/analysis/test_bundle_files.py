"""Every file of the recorded bundles: size, digest, lines and, of captures, frames and window, as whoever recorded them noted."""

import json
from datetime import datetime
from typing import Any

import pytest

from tests.analysis.bundles import EVERY, judged, parsed

NOTED = {
    name: path.with_name(f"{name}.expected.json")
    for name, path in EVERY.items()
    if path.with_name(f"{name}.expected.json").exists()
}


@pytest.mark.parametrize("name", sorted(NOTED))
def test_lines_frames_and_windows(name: str) -> None:
    noted: dict[str, Any] = json.loads(NOTED[name].read_text(encoding="utf-8"))
    _, found = judged(name, parsed(name))
    files = {file["path"]: file for file in found["files"]}
    assert files.keys() == {one["file"] for one in noted["files"]}
    for one in noted["files"]:
        file = files[one["file"]]
        assert (file["size_bytes"], file["sha256"]) == (one["bytes"], one["sha256"])
        assert file["counts"].get("lines") == one.get("lines"), one["file"]
        assert file["counts"].get("frames") == one.get("packets") or "packets" not in one, one["file"]
    for path, capture in noted["pcaps"].items():
        if capture.get("first_epoch"):
            window = files[path]["window"]
            for end, key in (("start", "first_epoch"), ("end", "last_epoch")):
                assert abs(_ns(window[end]) - _epoch_ns(capture[key])) < 1_000, path  # noted to the microsecond


def _epoch_ns(text: str) -> int:
    whole, _dot, fraction = str(text).partition(".")
    return int(whole) * 10**9 + int(fraction.ljust(9, "0"))


def _ns(text: str) -> int:
    """Of 'YYYY-MM-DDTHH:MM:SS.…Z'."""
    whole, _dot, fraction = text.removesuffix("Z").partition(".")
    return int(datetime.fromisoformat(whole + "+00:00").timestamp()) * 10**9 + int(fraction.ljust(9, "0"))
