"""What the upload refuses: with its reason, never a 500, and without leaving anything."""

import gzip
import zipfile

import pytest
from django.urls import reverse

from runs.analysis.bundle.limits import Limits
from runs.models import Blob, FileState, Run
from tests.bundle.crafted import LINK_MODE, tar_of, zip_member, zip_of, zip_of_members
from tests.web.uploading import BOUNDARY, multipart, only_run
from tests.web.uploading import nothing_temporary_stays as nothing_temporary_stays
from tests.web.uploading import post as post


def hostile_archives() -> dict[str, bytes]:
    """Archives of which nothing can be taken."""
    return {
        "encrypted.zip": zip_of_members(zip_member(b"secret", b"x", flags=1)),
        "lie.zip": zip_of_members(zip_member(b"a.log", b"x" * 4000, declared=10)),
        "links.zip": zip_of_members(zip_member(b"link", b"/etc/passwd", mode=LINK_MODE)),
        "ruined.zip": b"PK\3\4" + b"\xff" * 500,
        "bomb.zip": zip_of({"bomb": bytes(70 << 20)}, zipfile.ZIP_BZIP2),
        "bomb.tar.gz": gzip.compress(tar_of({"bomb": bytes(80 << 20)}), 9),
    }


@pytest.mark.parametrize("name", hostile_archives())
@pytest.mark.parametrize("script", [False, True])
def test_an_upload_of_which_nothing_can_be_taken_is_refused_with_its_reasons(post, member, name, script, own_storage):
    answer = post(member, [(name, hostile_archives()[name])], script=script)
    assert answer.status_code == 400
    assert "Nothing was taken" in answer.content.decode()
    assert not Run.objects.exists()
    assert not Blob.objects.exists()
    assert not [path for path in own_storage.rglob("*") if path.is_file()]


def test_a_bad_archive_beside_good_files_is_refused_alone(post, member):
    post(member, [("ok.log", b"ok"), ("secret.zip", hostile_archives()["encrypted.zip"])])
    assert only_run().files.get(state=FileState.REFUSED).path == "secret.zip"
    assert only_run().label == "ok"


@pytest.mark.parametrize("script", [False, True])
def test_limits_refuse_with_a_clear_line(post, member, settings, script):
    settings.UPLOAD_LIMITS = Limits(max_total_bytes=50_000, max_files=5)
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 5
    answer = post(member, [("a.log", bytes(60_000)), ("b.log", b"x")], script=script)
    assert answer.status_code == 413
    assert "the limit for one upload" in answer.content.decode()
    answer = post(member, [(f"{n}.log", b"x") for n in range(7)], script=script)
    assert answer.status_code == 413
    assert "more than 5 members" in answer.content.decode()
    answer = post(member, [("c.zip", zip_of({f"{n}.log": b"x" for n in range(7)}))], script=script)
    assert answer.status_code == 400
    assert "more than 5 members" in answer.content.decode()
    assert not Run.objects.exists()


def test_one_file_that_is_too_large_is_refused_by_name(post, member, settings):
    settings.UPLOAD_LIMITS = Limits(max_file_bytes=1000)
    post(member, [("c/large.log", bytes(2000)), ("c/small.log", b"x")])
    assert [(f.path, f.state) for f in only_run().files.all()] == [("small.log", "waiting"), ("large.log", "refused")]


def test_a_full_disk_is_said_and_nothing_stays(post, member, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("runs.services.storage.keep_blob", full)
    answer = post(member, [("a.log", b"x")])
    assert answer.status_code == 400
    assert "no room" in answer.content.decode()
    assert not Run.objects.exists()


@pytest.mark.parametrize("cut", [10, 150, 400, 3000])
def test_a_body_that_ends_in_the_middle_takes_nothing(client, member, cut):
    client.force_login(member)
    body = multipart([("a.log", b"x" * 5000)], label="x")[:cut]
    answer = client.post(reverse("upload"), body, content_type=f"multipart/form-data; boundary={BOUNDARY}")
    assert answer.status_code in (400, 413)
    assert not Run.objects.exists()


def test_a_form_that_is_none_is_refused(client, member):
    client.force_login(member)
    answer = client.post(reverse("upload"), b"no form", content_type="multipart/form-data; boundary=" + "é" * 10)
    assert answer.status_code in (400, 413)
