"""Tars, sound and hostile, as they stand and compressed."""

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable
from contextlib import suppress

import pytest
import zstandard

from runs.analysis.bundle.limits import BundleError
from runs.analysis.messages import render
from tests.bundle.crafted import tar_info, tar_of, tar_of_infos

FILES = {"README.md": b"# notes\n", "logs/a.log": b"line\n" * 1000, "empty.txt": b""}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "tar": bytes,
    "tar.gz": gzip.compress,
    "tar.bz2": bz2.compress,
    "tar.xz": lzma.compress,
    "tar.zst": zstandard.compress,
}


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_it_reads_every_form(opened, suffix, form):
    bundle = opened(PACKERS[suffix](tar_of(FILES, format=form)), f"20270101Tcase1.{suffix}")
    assert bundle.files == FILES
    assert (bundle.name, bundle.refused, bundle.problems) == ("20270101Tcase1", {}, [])


def test_concatenated_gzip_streams_are_one_archive(opened):
    data = tar_of(FILES)
    assert opened(gzip.compress(data[:3000]) + gzip.compress(data[3000:])).files == FILES


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_and_japanese_names(opened, form):
    name = "記録/" + "あ" * 60 + ".log"
    assert list(opened(tar_of({name: b"x", "b": b""}, format=form)).files) == [name, "b"]


def test_the_prefix_of_ustar(opened):
    name = "a" * 90 + "/" + "b" * 60 + ".log"
    assert list(opened(tar_of({name: b"x", "c": b""}, format=tarfile.USTAR_FORMAT)).files) == [name, "c"]


def test_only_regular_files_are_kept(opened):
    archive = tar_of_infos(
        (tar_info("sym", type=tarfile.SYMTYPE, linkname="/etc/passwd"), b""),
        (tar_info("hard", type=tarfile.LNKTYPE, linkname="ok.txt"), b""),
        (tar_info("null", type=tarfile.CHRTYPE, devmajor=1, devminor=3), b""),
        (tar_info("disk", type=tarfile.BLKTYPE, devmajor=8), b""),
        (tar_info("pipe", type=tarfile.FIFOTYPE), b""),
        (tar_info("folder", type=tarfile.DIRTYPE), b""),
        (tar_info("setuid.sh", b"#!", mode=0o4755), b"#!"),
        (tar_info("sym/through.txt", b"kept"), b"kept"),
    )
    bundle = opened(archive)
    assert bundle.files == {"setuid.sh": b"#!", "sym/through.txt": b"kept"}
    assert list(bundle.refused) == ["sym", "hard", "null", "disk", "pipe"]


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil", "a/../../evil"])
def test_names_are_judged_after_pax_replaced_them(opened, name):
    archive = tar_of_infos((tar_info("good.txt", b"x", pax_headers={"path": name}), b"x"), (tar_info("ok.txt", b"ok"), b"ok"))
    bundle = opened(archive)
    assert bundle.files == {"ok.txt": b"ok"}
    assert list(bundle.refused) == [name]


def test_a_sparse_file_is_refused_under_its_own_name(opened):
    headers = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "real.img",
        "GNU.sparse.realsize": "99999999999",
    }
    bundle = opened(tar_of_infos((tar_info("GNUSparseFile.0/real.img", b"x" * 512, pax_headers=headers), b"x" * 512)))
    assert "sparse" in bundle.refused["real.img"]


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_cut_archive_gives_its_whole_files_and_says_that_it_is_a_part(opened, suffix):
    data = tar_of({"a.log": b"first", "b.log": bytes(range(256)) * 40})
    cut = data[:6000] if suffix == "tar" else None
    if cut is None:
        noise = {"a.log": b"first", "b.log": _noise(1 << 20)}
        packed = PACKERS[suffix](tar_of(noise))
        cut = packed[: len(packed) * 9 // 10]
    bundle = opened(cut)
    assert bundle.files == {"a.log": b"first"}
    assert list(bundle.refused) == ["b.log"]
    assert "only part" in bundle.problems[0]


def _noise(count: int) -> bytes:
    state, out = 12345, bytearray()
    while len(out) < count:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        out += state.to_bytes(8, "little")[3:]
    return bytes(out[:count])


def test_an_archive_cut_between_members_says_so(opened):
    data = tar_of({"a.log": b"x", "b.log": b"y"}, format=tarfile.USTAR_FORMAT)
    bundle = opened(data[:1024])
    assert bundle.files == {"a.log": b"x"}
    assert "only part" in bundle.problems[0]


def test_a_damaged_header_stops_there(opened):
    data = bytearray(tar_of({"a.log": b"x", "b.log": b"y"}, format=tarfile.USTAR_FORMAT))
    data[1024 + 150] ^= 1
    bundle = opened(bytes(data))
    assert bundle.files == {"a.log": b"x"}
    assert "only part" in bundle.problems[0]


def test_a_compressed_bomb_refuses_the_archive(opened):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        data = bytes(80 << 20)
        archive.addfile(tar_info("bomb", data), io.BytesIO(data))
    with pytest.raises(BundleError) as caught:
        opened(out.getvalue())
    assert "more than 100 times" in render(caught.value.text)


def test_an_extension_beyond_measure_is_not_read_into_memory(opened):
    info = tar_info("x", bytes(3 << 20), type=b"x")
    archive = tar_of_infos((tar_info("a.log", b"x"), b"x"), (info, bytes(3 << 20)), form=tarfile.USTAR_FORMAT)
    assert "only part" in opened(archive).problems[0]


def test_extensions_without_end_are_too_many_members(opened):
    archive = tar_of_infos(*((tar_info("g", type=b"g"), b"") for _ in range(50)), form=tarfile.USTAR_FORMAT)
    with pytest.raises(BundleError):
        opened(archive, max_files=20)


def test_more_than_the_total_refuses_the_archive(opened):
    with pytest.raises(BundleError) as caught:
        opened(gzip.compress(tar_of({"a": bytes(6000), "b": bytes(6000)})), max_total_bytes=8000)
    assert "none of it is taken" in render(caught.value.text)


def test_one_folder_in_an_archive_is_the_bundle(opened):
    archive = tar_of_infos(
        (tar_info("case", type=tarfile.DIRTYPE), b""),
        (tar_info("case/a.log", b"x"), b"x"),
        (tar_info("case/sub/b.log", b"y"), b"y"),
        (tar_info("case/link", type=tarfile.SYMTYPE, linkname="a.log"), b""),
    )
    bundle = opened(archive, "sent.tgz")
    assert (bundle.name, list(bundle.files), list(bundle.refused)) == ("sent", ["a.log", "sub/b.log"], ["link"])


def test_what_macos_adds_is_left_out_and_counted(opened):
    bundle = opened(tar_of({"case/a.log": b"x", "case/._a.log": b"r", "case/.DS_Store": b"d", "__MACOSX/case/a": b"m"}))
    assert bundle.files == {"a.log": b"x"}
    assert bundle.problems == ["3 files that macOS adds by itself (.DS_Store, ._*, __MACOSX) are left out."]


def test_a_compressed_file_that_is_no_tar_stays_as_it_is(opened):
    data = gzip.compress(b"not a tar" * 100)
    assert opened(data, "capture.pcap.gz").files == {"capture.pcap.gz": data}
    broken = b"\x1f\x8b\x08" + bytes(30)
    assert opened(broken, "x.tgz").files == {"x.tgz": broken}


@pytest.mark.parametrize("seed", range(60))
def test_no_byte_changed_makes_it_raise_anything_else(opened, seed):
    pack = list(PACKERS.values())[seed % 5]
    data = bytearray(pack(tar_of(FILES)))
    for step in range(3):
        data[(seed * 7919 + step * 104729) % len(data)] ^= 1 << (seed + step) % 8
    with suppress(BundleError):
        opened(bytes(data))
