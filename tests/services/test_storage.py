"""Evidence is kept once by its content, appears whole, and goes when nothing needs it."""

import hashlib
import os
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone

from runs.analysis.columns import Table
from runs.analysis.pipeline import FileResult
from runs.analysis.registry import SegmentInfo
from runs.models import Blob
from runs.services import objects, storage

pytestmark = pytest.mark.django_db


def result(kind: str = "curl_log", **more: object) -> FileResult:
    return FileResult(kind=kind, state="parsed", encoding="utf-8", reason=None, **more)  # type: ignore[arg-type]


def later() -> object:
    return timezone.now() + timedelta(seconds=1)


def test_same_bytes_are_stored_once(own_storage: Path):
    first, second = storage.keep_bytes(b"GET /"), storage.keep_bytes(b"GET /")
    assert first.pk == second.pk == hashlib.sha256(b"GET /").hexdigest()
    assert storage.blob_path(first.pk).read_bytes() == b"GET /"
    assert [p.name for p in own_storage.rglob("*") if p.is_file()] == [first.pk]


def test_no_temporary_file_stays_behind(tmp_path: Path):
    storage.keep_bytes(b"one")
    storage.keep_bytes(b"one")
    assert list((tmp_path / "incoming").iterdir()) == []


def test_evidence_is_its_owners_alone(own_storage: Path):
    blob = storage.keep_bytes(b"secret")
    assert storage.blob_path(blob.pk).stat().st_mode & 0o077 == 0


def test_bytes_that_were_lost_come_back_with_the_next_upload():
    blob = storage.keep_bytes(b"again")
    storage.blob_path(blob.pk).unlink()
    storage.keep_bytes(b"again")
    assert storage.blob_path(blob.pk).read_bytes() == b"again"


def test_missing_blob_is_a_missing_file():
    with pytest.raises(FileNotFoundError):
        storage.blob_path("0" * 64)


def test_artefact_comes_back_with_its_tables():
    blob = storage.keep_bytes(b"x")
    times = np.arange(5, dtype=np.int64)
    name = storage.keep_artefact(blob.pk, result(counts={"lines": 5}), {"events": Table({"wall_ns": times}, {"zone": "Z"})})
    assert storage.find_artefact(blob.pk, "curl_log") == name
    loaded = storage.load_result(name)
    assert loaded is not None
    assert loaded.counts == {"lines": 5}
    table = storage.open_table(name, "events")
    assert table is not None
    assert table["wall_ns"].tolist() == [0, 1, 2, 3, 4]
    assert not table["wall_ns"].flags.owndata  # a view of the mapped file, not a copy
    assert storage.open_table(name, "packets") is None


def test_artefacts_of_one_content_stand_apart_by_kind():
    blob = storage.keep_bytes(b"x")
    storage.keep_artefact(blob.pk, result("curl_log"), {})
    assert storage.find_artefact(blob.pk, "pf_rules") is None


def test_artefact_with_segments_is_found_again():
    blob = storage.keep_bytes(b"x")
    name = storage.keep_artefact(blob.pk, result(segments=(SegmentInfo("pf_rules", (3, 9)),)), {})
    assert storage.find_artefact(blob.pk, "curl_log") == name


@pytest.mark.parametrize("name", ["../result", "a/b", "", "Packets", "packets@x", "packets\n"])
def test_table_names_cannot_leave_the_artefact(name: str):
    blob = storage.keep_bytes(b"x")
    with pytest.raises(ValueError, match="no name of a table"):
        storage.keep_artefact(blob.pk, result(), {name: Table({})})
    assert storage.open_table(storage.artefact_folder(blob.pk), name) is None


def test_result_of_another_version_counts_as_none():
    objects.put_bytes(b'{"kind": 3}', "artefacts/00/x/result.json")
    assert storage.load_result("artefacts/00/x") is None


def test_collect_takes_bytes_artefacts_and_row(own_storage: Path):
    blob = storage.keep_bytes(b"unneeded")
    storage.keep_artefact(blob.pk, result(), {"events": Table({})})
    assert storage.collect(later()) == 1  # type: ignore[arg-type]
    assert not Blob.objects.exists()
    assert [p for p in own_storage.rglob("*") if p.is_file()] == []


def test_collect_leaves_what_an_upload_has_just_brought():
    storage.keep_bytes(b"fresh")
    assert storage.collect() == 0
    assert Blob.objects.count() == 1


def test_bytes_without_a_row_are_found_and_collected():
    sha256 = hashlib.sha256(b"stray").hexdigest()
    objects.put_bytes(b"stray", storage.blob_name(sha256))
    assert storage.adopt_strays(sha256[:2]) == 1
    assert storage.collect() == 1
    assert not objects.exists(storage.blob_name(sha256))


def test_stray_bytes_that_an_upload_brings_again_stay():
    sha256 = hashlib.sha256(b"stray").hexdigest()
    objects.put_bytes(b"stray", storage.blob_name(sha256))
    storage.adopt_strays(sha256[:2])
    assert storage.keep_bytes(b"stray").size_bytes == 5
    assert storage.collect() == 0


def test_outdated_artefacts_go_and_used_ones_stay(concluded_run):
    file = concluded_run.files.get(path="curl_localhost_9080_ipv4.log")
    old = f"{storage.artefact_folder(file.blob_id)}/curl_log-v0"
    objects.put_bytes(b"{}", f"{old}/result.json")
    for name in (old, file.artefact):
        os.utime(objects.local_path(f"{name}/result.json"), (0, 0))
    storage.adopt_strays(file.blob_id[:2])
    assert storage.load_result(file.artefact) is not None
    assert not objects.exists(f"{old}/result.json")


def test_old_temporaries_go_and_fresh_ones_stay():
    old, fresh = objects.new_temporary(), objects.new_temporary()
    for path in (old, fresh):
        path.write_bytes(b"part")
    os.utime(old, (time.time() - 2 * objects.TEMPORARY_SECONDS,) * 2)
    assert objects.sweep_temporaries() == 1
    assert not old.exists()
    assert fresh.exists()
