"""Reading by line: the same lines as an editor shows, wherever a page begins, and bounded whatever the file is."""

import random
from pathlib import Path

import pytest

from runs.analysis.source import Source
from runs.services import lines

SHA = "0" * 64


def source(tmp_path: Path, data: bytes) -> Source:
    path = tmp_path / "file.log"
    path.write_bytes(data)
    return Source(path, "file.log")


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "cp932"])
def test_any_page_holds_the_lines_of_the_file(tmp_path: Path, codec: str) -> None:
    rng = random.Random(7)
    texts = [f"{n} " + rng.choice(["応答なし", "ok", "表ソ能"]) * rng.randrange(0, 40) for n in range(1, 40_001)]
    mark = b"\xff\xfe" if codec == "utf-16-le" else b""
    file = source(tmp_path, mark + "\n".join(texts).encode(codec))
    assert file.size > 2 * lines.STRIDE_BYTES
    for first in (1, 2, 777, 19_999, 39_990, 40_000, rng.randrange(1, 40_000), rng.randrange(1, 40_000)):
        page = lines.read_page(file, SHA, first)
        assert page.lines[0].number == first
        assert [line.text for line in page.lines] == texts[first - 1 : first - 1 + len(page.lines)]
        assert lines.read_line(file, SHA, first) == texts[first - 1]


def test_beyond_the_end_is_the_last_line(tmp_path: Path) -> None:
    page = lines.read_page(source(tmp_path, b"a\nb\nc\n"), SHA, 99)
    assert [line.text for line in page.lines] == ["c"]
    assert page.total == 3
    assert page.next_line is None


def test_the_index_of_a_large_file_is_kept(tmp_path: Path) -> None:
    file = source(tmp_path, b"0123456789abcde\n" * (lines.KEPT_FROM_BYTES // 16 + 1000))
    last = lines.KEPT_FROM_BYTES // 16 + 1000
    page = lines.read_page(file, SHA, last)
    assert page.total == last
    kept = list((tmp_path / "cache" / "lines").rglob("*.npy"))
    assert len(kept) == 1
    assert lines.read_page(file, SHA, last) == page
    kept[0].write_bytes(b"broken")
    assert lines.read_page(file, SHA, last) == page


def test_a_file_that_is_one_line_is_cut_not_read_whole(tmp_path: Path) -> None:
    page = lines.read_page(source(tmp_path, b"x" * (3 * lines.PAGE_BYTES)), SHA, 1)
    assert len(page.lines[0].text) == lines.LINE_BYTES
    assert page.cut == {1}


def test_a_page_within_a_private_key_knows_it(tmp_path: Path) -> None:
    text = b"a\n-----BEGIN PRIVATE KEY-----\nMIIE\nMIIF\n-----END PRIVATE KEY-----\nb\n"
    assert lines.read_page(source(tmp_path, text), SHA, 4).inside_key
    assert not lines.read_page(source(tmp_path, text), SHA, 6).inside_key
