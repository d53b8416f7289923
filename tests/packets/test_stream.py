"""The bytes of a plain file, a piece at a time."""

import os

from runs.analysis.packets.stream import READ_BYTES, SINGLE_READ_BYTES, open_bytes


def test_reading_on_gives_every_byte_once(tmp_path):
    path = tmp_path / "file"
    data = os.urandom(READ_BYTES + 1_234_567)
    path.write_bytes(data)
    found, at = b"", 0
    with open_bytes(path) as source:
        while at < len(data):
            window = source.window(at, 1)
            found += window.data[at - window.base :].tobytes()
            at = window.end
    assert found == data


def test_a_window_holds_what_is_asked_for_and_a_jump_reads_little(tmp_path):
    path = tmp_path / "file"
    data = os.urandom(4 * SINGLE_READ_BYTES)
    path.write_bytes(data)
    with open_bytes(path) as source:
        window = source.window(3 * SINGLE_READ_BYTES, 10)
        assert (window.base, window.end) == (3 * SINGLE_READ_BYTES, 4 * SINGLE_READ_BYTES)
        window = source.window(5, 2 * SINGLE_READ_BYTES)
        assert window.data[: 2 * SINGLE_READ_BYTES].tobytes() == data[5 : 5 + 2 * SINGLE_READ_BYTES]


def test_a_file_that_is_cut_meanwhile_gives_fewer_bytes(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(10_000))
    with open_bytes(path) as source:
        os.truncate(path, 100)
        assert source.window(0, 10_000).end == 100
        assert len(source.window(5_000, 10).data) == 0
