"""Encodings, lines with numbers and offsets, and sources that are files or parts of them."""

import io
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.analysis.source import Source
from runs.analysis.text import MAX_LINE_BYTES, detect_encoding, looks_binary, public_name, read_lines

JAPANESE = "応答がない。キャプチャを採り直す。\n握手は成立している。\n"


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("cp932", "shift_jis"),
        ("euc_jp", "euc-jp"),
        ("iso2022_jp", "iso-2022-jp"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"),
        ("utf-16", "utf-16"),
    ],
)
def test_japanese_in_every_encoding(codec: str, name: str) -> None:
    data = ("GET /a HTTP/1.1\n" * 4 + JAPANESE).encode(codec) if codec.startswith("utf-16") else JAPANESE.encode(codec)
    found = detect_encoding(data)
    assert public_name(found) == name
    lines = [line.text for line in read_lines(io.BytesIO(data), found)]
    assert lines[-2:] == JAPANESE.splitlines()


def test_latin_1_is_the_last_resort() -> None:
    assert detect_encoding("Gerät überlastet, Gerät zurückgesetzt, ärgerlich: öäü".encode("latin-1")) in (
        "latin-1",
        "cp932",
        "euc_jp",
    )
    assert detect_encoding(b"caf\xe9 \xff\xfe\xfd" * 3) == "latin-1"


def test_a_sample_that_ends_within_a_character() -> None:
    assert detect_encoding("日本語".encode()[:-1], whole=False) == "utf-8"


def test_lines_count_line_feeds_only() -> None:
    data = "a\r\nb\x0cb\u2028b\x85b\n\nlast".encode()
    lines = list(read_lines(io.BytesIO(data), "utf-8"))
    assert [(line.number, line.text) for line in lines] == [(1, "a"), (2, "b\x0cb\u2028b\x85b"), (3, ""), (4, "last")]
    assert [data[line.offset : line.offset + 1] for line in lines if line.text] == [b"a", b"b", b"l"]


def test_an_overlong_line_comes_in_pieces_with_one_number() -> None:
    lines = list(read_lines(io.BytesIO(b"x" * (MAX_LINE_BYTES + 5) + b"\ny"), "utf-8"))
    assert [(line.number, len(line.text)) for line in lines] == [(1, MAX_LINE_BYTES), (1, 5), (2, 1)]


def test_half_characters_of_utf_16_end_no_line() -> None:
    text = "\u0a0a\u000a\u0a00\u000aend"
    for codec in ("utf-16-le", "utf-16-be"):
        assert [line.text for line in read_lines(io.BytesIO(text.encode(codec)), codec)] == ["\u0a0a", "\u0a00", "end"]


@given(st.binary(max_size=300))
def test_any_bytes_have_an_encoding_and_lines(data: bytes) -> None:
    lines = list(read_lines(io.BytesIO(data), detect_encoding(data)))
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert looks_binary(data) in (True, False)


def test_binary_and_text() -> None:
    assert looks_binary(b"\xd4\xc3\xb2\xa1\x02\0\x04\0" + b"\0" * 40)
    assert not looks_binary(JAPANESE.encode("utf-16"))
    assert not looks_binary(b"\x1b[31mred\x1b[0m\n" * 5)
    assert not looks_binary(b"")


def test_a_source_of_a_segment_counts_in_its_file() -> None:
    source = Source.of_text("a\nb\n", "", 41)
    assert [line.number for line in source.lines()] == [41, 42]
    assert [line.number for line in source.head_lines] == [41, 42]


def test_a_source_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(JAPANESE.encode("cp932"))
    source = Source(path, "host/a.log")
    assert (source.size, source.codec, source.is_binary) == (path.stat().st_size, "cp932", False)
    assert [line.text for line in source.lines()] == JAPANESE.splitlines()


@given(
    st.lists(
        st.sampled_from([b"a", b"\n", b"\r\n", b"\xe3\x81\x82", b"\x82\xa0", b"\xff", b"\0", b'\x1b$B$"\x1b(B', b"x" * 9]),
        max_size=60,
    ),
    st.sampled_from(["utf-8", "utf-8-sig", "cp932", "euc_jp", "iso2022_jp", "latin-1"]),
    st.integers(1, 20),
)
def test_chunks_of_any_size_give_the_same_lines(parts: list[bytes], codec: str, size: int) -> None:
    data = b"".join(parts)
    plain = codec.removesuffix("-sig")
    raws = data.split(b"\n") if data else []
    raws = raws[:-1] if data.endswith(b"\n") else raws
    expected, offset = [], 0
    for number, raw in enumerate(raws, 1):
        expected.append((number, raw.decode(plain, "replace").removesuffix("\r"), offset))
        offset += len(raw) + 1
    with mock.patch("runs.analysis.text.CHUNK_BYTES", size):
        assert [tuple(line) for line in read_lines(io.BytesIO(data), codec)] == expected
