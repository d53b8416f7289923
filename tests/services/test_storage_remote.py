"""The same storage on an S3-compatible service: files come through a local cache that does not grow without bound."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import numpy as np
import pytest
from moto.server import ThreadedMotoServer

from runs.analysis.columns import Table
from runs.analysis.pipeline import FileResult
from runs.models import Blob
from runs.services import objects, storage

pytestmark = pytest.mark.django_db
BUCKET = "evidence"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def bucket(endpoint: str, own_storage: Path, settings: Any) -> Any:
    access: dict[str, Any] = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    client = boto3.resource("s3", endpoint_url=endpoint, **access)
    made = client.create_bucket(Bucket=BUCKET)
    made.objects.all().delete()
    options = {
        "bucket_name": BUCKET,
        "endpoint_url": endpoint,
        "access_key": "key",
        "secret_key": "secret",
        "region_name": "us-east-1",
        "signature_version": "s3v4",
        "file_overwrite": True,
    }
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}}
    return made


def names(bucket: Any) -> list[str]:
    return sorted(item.key for item in bucket.objects.all())


def test_blob_goes_to_the_bucket_and_comes_back_through_the_cache(bucket: Any, tmp_path: Path):
    blob = storage.keep_bytes(b"frames")
    storage.keep_bytes(b"frames")
    assert names(bucket) == [storage.blob_name(blob.pk)]
    path = storage.blob_path(blob.pk)
    assert path.read_bytes() == b"frames"
    assert path.is_relative_to(tmp_path / "cache")
    assert list((tmp_path / "incoming").iterdir()) == []


def test_second_read_does_not_ask_the_bucket(bucket: Any):
    blob = storage.keep_bytes(b"frames")
    storage.blob_path(blob.pk)
    bucket.objects.all().delete()
    assert storage.blob_path(blob.pk).read_bytes() == b"frames"


def test_missing_blob_is_a_missing_file():
    with pytest.raises(FileNotFoundError):
        storage.blob_path("0" * 64)


def test_tables_are_mapped_from_the_cache():
    blob = storage.keep_bytes(b"x")
    made = FileResult(kind="curl_log", state="parsed", encoding=None, reason=None)
    name = storage.keep_artefact(blob.pk, made, {"events": Table({"line": np.arange(3)})})
    assert storage.find_artefact(blob.pk, "curl_log") == name
    table = storage.open_table(name, "events")
    assert table is not None
    assert table["line"].tolist() == [0, 1, 2]
    assert storage.open_table(name, "packets") is None


def test_collect_empties_bucket_and_cache(bucket: Any, tmp_path: Path):
    blob = storage.keep_bytes(b"x")
    storage.keep_artefact(blob.pk, FileResult(kind="curl_log", state="parsed", encoding=None, reason=None), {})
    storage.blob_path(blob.pk)
    Blob.objects.update(stored_at=storage.EPOCH)
    assert storage.collect() == 1
    assert names(bucket) == []
    assert [p for p in (tmp_path / "cache").rglob("*") if p.is_file()] == []


def test_eviction_takes_the_oldest_and_spares_what_is_in_use():
    paths = [storage.blob_path(storage.keep_bytes(bytes([i]) * 1000).pk) for i in range(4)]
    for age, path in zip((4000, 3000, 2000, 0), paths, strict=True):
        os.utime(path, (time.time() - age,) * 2)
    assert objects.evict(bound_bytes=2500) == 2
    assert [p.exists() for p in paths] == [False, False, True, True]
    assert objects.evict(bound_bytes=0) == 1
    assert [p.exists() for p in paths] == [False, False, False, True]


def test_strays_in_the_bucket_are_found():
    objects.put_bytes(b"x", storage.blob_name("ab" + "0" * 62))
    assert storage.adopt_strays("ab") == 1
    assert storage.collect() == 1
    assert not objects.exists(storage.blob_name("ab" + "0" * 62))
