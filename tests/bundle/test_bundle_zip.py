"""Zips, sound and hostile."""

import io
import struct
import zipfile
import zlib
from contextlib import suppress

import pytest
import zstandard

from runs.analysis.bundle.limits import BundleError
from runs.analysis.messages import render
from tests.bundle.crafted import CAPTURE, FIFO_MODE, LINK_MODE, zip_member, zip_of, zip_of_members

FILES = {"README.md": b"# notes\n", "logs/a.log": b"line\n" * 1000, "empty.txt": b""}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_it_reads_every_method(opened, method):
    bundle = opened(zip_of(FILES, method), "20270101Tcase1.zip")
    assert bundle.files == FILES
    assert (bundle.name, bundle.refused, bundle.problems) == ("20270101Tcase1", {}, [])


def test_it_reads_zstd(opened):
    data = b"packed by zstd\n" * 500
    archive = zip_of_members(zip_member(b"a.log", data, method=93, packed=zstandard.compress(data)))
    assert opened(archive).files == {"a.log": data}


def test_it_reads_lzma_without_an_end_mark(opened):
    whole = zip_of({"a.log": b"abc" * 100}, zipfile.ZIP_LZMA)
    flags_at = whole.index(b"PK\1\2") + 8
    unmarked = whole[:flags_at] + b"\0\0" + whole[flags_at + 2 :]
    assert opened(unmarked).files == {"a.log": b"abc" * 100}


def test_it_reads_zip64_fields(opened):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, archive.open("a.log", "w", force_zip64=True) as member:
        member.write(b"wide\n")
    assert opened(out.getvalue()).files == {"a.log": b"wide\n"}


@pytest.mark.parametrize(
    "name",
    [b"../evil", b"ok/../../evil", b"..\\evil", b"/etc/evil", b"C:\\evil", b"c:evil", b"\\\\server\\share\\evil", b"//server/evil"],
)
def test_names_that_lead_out_are_refused_by_name(opened, name):
    bundle = opened(zip_of_members(zip_member(name, b"x"), zip_member(b"ok.log", b"ok")))
    assert bundle.files == {"ok.log": b"ok"}
    assert list(bundle.refused) == [name.decode()]
    assert "Pack it again" in bundle.refused[name.decode()]


def test_links_and_devices_are_refused_and_what_lies_behind_them_is_a_file(opened):
    archive = zip_of_members(
        zip_member(b"link", b"/etc/passwd", mode=LINK_MODE),
        zip_member(b"pipe", b"", mode=FIFO_MODE),
        zip_member(b"link/through.txt", b"kept"),
    )
    bundle = opened(archive)
    assert bundle.files == {"link/through.txt": b"kept"}
    assert "not followed" in bundle.refused["link"]
    assert "Not a regular file" in bundle.refused["pipe"]


def test_a_bomb_is_refused_and_the_rest_goes_on(opened):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(70)) + packer.flush()
    bomb = zip_member(b"bomb.txt", b"", packed=packed, declared=70 << 20)
    bundle = opened(zip_of_members(bomb, zip_member(b"ok.log", b"ok")))
    assert bundle.files == {"ok.log": b"ok"}
    assert "Grows to more than 100 times" in bundle.refused["bomb.txt"]


def test_declared_sizes_are_not_believed(opened):
    archive = zip_of_members(
        zip_member(b"longer.log", b"x" * 5000, declared=10),
        zip_member(b"shorter.log", b"x" * 10, declared=5000),
        zip_member(b"wrong.log", b"x" * 10, crc=1),
        zip_member(b"ok.log", b"ok"),
    )
    bundle = opened(archive)
    assert bundle.files == {"ok.log": b"ok"}
    assert "declares 10" in bundle.refused["longer.log"]
    assert "holds 10" in bundle.refused["shorter.log"]
    assert "checksum" in bundle.refused["wrong.log"]


def test_data_that_do_not_decompress_are_refused(opened):
    archive = zip_of_members(zip_member(b"a.log", b"xyz", packed=b"\xff" * 40), zip_member(b"b.log", b"xyz", method=99))
    bundle = opened(archive)
    assert "make no sense" in bundle.refused["a.log"]
    assert "method" in bundle.refused["b.log"]


def test_encrypted_members_are_refused_and_an_encrypted_archive_as_a_whole(opened):
    secret, clear = zip_member(b"secret.txt", b"x", flags=1), zip_member(b"ok.log", b"ok")
    bundle = opened(zip_of_members(secret, clear))
    assert bundle.files == {"ok.log": b"ok"}
    assert "Encrypted" in bundle.refused["secret.txt"]
    with pytest.raises(BundleError) as caught:
        opened(zip_of_members(secret))
    assert render(caught.value.text).startswith("The archive is encrypted: 1 of 1 member needs a password.")


def test_names_in_shift_jis_are_read_and_0x5c_is_no_separator(opened):
    names = ["障害ログ/表示ソ能.txt", "調査メモ①.txt"]
    bundle = opened(zip_of_members(*(zip_member(name.encode("cp932"), b"x", system=0) for name in names)))
    assert list(bundle.files) == names


def test_names_in_no_encoding_are_escaped(opened):
    assert list(opened(zip_of_members(zip_member(b"a\xff\xfd.log", b"x"), zip_member(b"b", b""))).files) == ["a%FF%FD.log", "b"]


def test_backslashes_of_windows_separate_folders(opened):
    archive = zip_of_members(
        zip_member(b"logs\\", b"", system=0), zip_member(b"logs\\a.log", b"x", system=0), zip_member(b"b.log", b"y", system=0)
    )
    assert list(opened(archive).files) == ["logs/a.log", "b.log"]


def test_equal_names_are_kept_apart_and_said(opened):
    archive = zip_of_members(
        *(zip_member(n, n + str(i).encode()) for i, n in enumerate([b"log/a.txt", b"log/A.txt", b"log/a.txt", b"x"]))
    )
    bundle = opened(archive)
    assert bundle.files["log/a (2).txt"] == b"log/a.txt2"
    assert len(bundle.files) == 4
    assert "log/a.txt" in bundle.remarks["log/a (2).txt"]
    assert any("differ only in case" in problem for problem in bundle.problems)


def test_an_archive_inside_stays_a_file(opened):
    inner = zip_of({"a.log": b"x"})
    assert opened(zip_of({"inner.zip": inner, "b.log": b""})).files == {"inner.zip": inner, "b.log": b""}


def test_what_begins_as_a_capture_is_one_and_the_archive_behind_it_is_told(opened):
    data = zip_of_members(zip_member(b"inside.txt", b"x"), before=CAPTURE)
    bundle = opened(data, "both.zip")
    assert bundle.files == {"both.zip": data}
    assert "also ends as a zip archive (1 member)" in bundle.problems[0]


def test_a_cut_zip_gives_its_whole_members_and_says_that_it_is_a_part(opened):
    data = zip_of_members(zip_member(b"a.log", b"first"), zip_member(b"b.log", b"x" * 4000, method=0), zip_member(b"c.log", b""))
    bundle = opened(data[:2000])
    assert bundle.files == {"a.log": b"first"}
    assert "Cut off" in bundle.refused["b.log"]
    assert "only part" in bundle.problems[0]


def test_a_cut_zip_with_data_descriptors_is_read_too(opened):
    out = io.BytesIO()
    with zipfile.ZipFile(_Unseekable(out), "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name in ("a.log", "b.log", "c.log"):
            archive.writestr(name, name.encode() * 300)
    data = out.getvalue()
    bundle = opened(data[: data.index(b"PK\1\2") - 8])
    assert bundle.files == {"a.log": b"a.log" * 300, "b.log": b"b.log" * 300}
    assert list(bundle.refused) == ["c.log"]


class _Unseekable:
    def __init__(self, out: io.BytesIO) -> None:
        self.write, self.flush = out.write, out.flush


def test_a_damaged_directory_gives_what_was_read(opened):
    data = bytearray(zip_of({"a.log": b"x", "b.log": b"y"}))
    second = data.rindex(b"PK\1\2")
    data[second : second + 4] = b"XXXX"
    bundle = opened(bytes(data))
    assert bundle.files == {"a.log": b"x"}
    assert "1 whole member before" in bundle.problems[0]


def test_an_empty_or_ruined_zip(opened):
    assert opened(zip_of({})).files == {}
    with pytest.raises(BundleError):
        opened(b"PK\3\4" + b"\xff" * 10)


@pytest.mark.parametrize("seed", range(60))
def test_no_byte_changed_makes_it_raise_anything_else(opened, seed):
    data = bytearray(zip_of(FILES))
    for step in range(3):
        at = (seed * 7919 + step * 104729) % len(data)
        data[at] ^= 1 << (seed + step) % 8
    with suppress(BundleError):
        opened(bytes(data))


def test_a_directory_that_lies_of_its_place(opened):
    data = zip_of({"a.log": b"x"})
    end = data.rindex(b"PK\5\6")
    lying = data[: end + 12] + struct.pack("<II", 0xFFFFFFF0, 0xFFFFFFF0) + data[end + 20 :]
    assert opened(lying).files == {"a.log": b"x"}


def test_too_many_members_refuse_the_archive(opened):
    with pytest.raises(BundleError) as caught:
        opened(zip_of({f"{i}.log": b"" for i in range(11)}), max_files=10)
    assert "more than 10 members" in render(caught.value.text)


def test_more_than_the_total_refuses_the_archive(opened):
    with pytest.raises(BundleError) as caught:
        opened(zip_of({"a": bytes(600), "b": bytes(600)}), max_total_bytes=1000)
    assert "none of it is taken" in render(caught.value.text)


def test_a_file_that_is_too_large_is_refused_alone(opened):
    bundle = opened(zip_of({"a": bytes(2000), "b": bytes(10)}), max_file_bytes=1000)
    assert list(bundle.files) == ["b"]
    assert "Larger than 1,000" in bundle.refused["a"]
