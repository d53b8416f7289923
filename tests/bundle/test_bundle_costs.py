"""Archives that are made to cost time or memory, and claims that no file can keep: refused in less than a moment."""

import gzip
import io
import struct
import tarfile
import time

import pytest

from runs.analysis.bundle import streams
from runs.analysis.bundle.limits import BundleError
from runs.analysis.bundle.streams import GZIP, StreamError, decompressed, read_exactly
from tests.bundle.crafted import tar_info, tar_of, tar_of_infos, zip_member, zip_of_members


def _with_size_field(archive: bytes, at: int, field: bytes) -> bytes:
    header = bytearray(archive[at : at + 512])
    header[124:136] = field.ljust(12, b"\0")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return archive[:at] + bytes(header) + archive[at + 512 :]


@pytest.mark.parametrize("field", [b"-0000000017", b"+0000000005", b"0_5", b"\xff" * 12])
def test_a_size_that_is_no_number_ends_the_archive(opened, field):
    archive = _with_size_field(tar_of({"a.log": b"first", "b.log": b"second", "c.log": bytes(3 << 20)}), 1024, field)
    bundle = opened(archive)
    assert (bundle.files, bundle.refused) == ({"a.log": b"first"}, {})
    assert "only part" in bundle.problems[0]


def test_many_extensions_of_one_member_count_together(opened):
    def extension(number: int) -> tuple[tarfile.TarInfo, bytes]:
        value = b"v" * 600_000
        record = b"%d k%d=%s\n" % (len(value) + len(b"600006 k1=\n"), number, value)
        return tar_info("x", record, type=b"x"), record

    member = (tar_info("b.log", b"b"), b"b")
    within = tar_of_infos(extension(1), member, extension(2), member, form=tarfile.USTAR_FORMAT)
    assert sorted(opened(within).files) == ["b (2).log", "b.log"]
    beyond = tar_of_infos((tar_info("a.log", b"a"), b"a"), extension(1), extension(2), member, form=tarfile.USTAR_FORMAT)
    assert list(opened(beyond).files) == ["a.log"]


def test_thousands_of_namesakes_take_no_quadratic_time(opened):
    start = time.process_time()
    bundle = opened(zip_of_members(*[zip_member(b"a.log", b"", packed=b"", method=0)] * 8000))
    assert (len(bundle.files), "a (8000).log" in bundle.files) == (8000, True)
    assert time.process_time() - start < 6


def test_gzip_streams_without_end_are_damaged(opened, monkeypatch, tmp_path):
    monkeypatch.setattr(streams, "MAX_STREAMS", 50)
    whole = gzip.compress(tar_of({"a.log": b"a"}))
    assert list(opened(whole + gzip.compress(b"") * 49).files) == ["a.log"]
    beyond = tmp_path / "beyond.gz"
    beyond.write_bytes(gzip.compress(b"x") + gzip.compress(b"") * 50)
    with io.FileIO(beyond) as raw, pytest.raises(StreamError):
        read_exactly(decompressed(GZIP, raw) or raw, 2)


def test_bytes_that_two_files_claim_are_given_to_the_first(opened):
    data = bytes(1 << 20)
    local, central = zip_member(b"a.log", data)
    archive = zip_of_members((local, central), (b"", central[:46] + b"b.log"), zip_member(b"c.log", b"c"))
    at = archive.index(b"b.log", len(local)) - 46
    archive = archive[: at + 42] + struct.pack("<I", 0) + archive[at + 46 :]
    bundle = opened(archive)
    assert bundle.files == {"a.log": data, "c.log": b"c"}
    assert "overlap" in bundle.refused["b.log"]


@pytest.mark.parametrize("offset", [1 << 40, 1 << 63, (1 << 64) - 1])
def test_a_member_beyond_what_can_be_sought_is_damaged(opened, offset):
    local, central = zip_member(b"a.log", b"a")
    wide = struct.pack("<HHQ", 1, 8, offset)
    there = central[:30] + struct.pack("<H", len(wide)) + central[32:42] + b"\xff" * 4 + b"b.log" + wide
    here = central[:42] + struct.pack("<I", 0) + central[46:]
    directory = here + there
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 2, 2, len(directory), len(local), 0)
    bundle = opened(local + directory + end)
    assert bundle.files == {"a.log": b"a"}
    assert "Damaged" in bundle.refused["b.log"]


def test_a_claim_beyond_the_file_takes_nothing_from_others(opened):
    local, central = zip_member(b"a.log", b"a" * 50)
    lie = central[:20] + struct.pack("<I", 1 << 30) + central[24:]
    bundle = opened(zip_of_members((local, lie), zip_member(b"b.log", b"b")))
    assert bundle.files["b.log"] == b"b"


def test_an_archive_of_damaged_headers_alone_is_refused(opened):
    with pytest.raises(BundleError):
        opened(_with_size_field(tar_of({"a.log": bytes(3 << 20)}), 0, b"-0000000017"))
