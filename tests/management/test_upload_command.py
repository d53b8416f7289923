"""`manage.py upload`: a bundle from disk becomes a run, or a clear line says why not."""

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from runs.models import FileState, Run, Team
from runs.services import reports
from tests.portal_fixtures import BAD, BUNDLES, work_off


def upload(*arguments: str) -> str:
    out = io.StringIO()
    call_command("upload", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_folder_becomes_a_run(team: Team, owner: User):
    said = upload(str(BUNDLES / BAD), "--user", "owner")
    run = Run.objects.get()
    assert said == f"{run.key} /runs/{run.key}/\n"
    assert (run.team, run.created_by, run.label, run.bundle_name) == (team, owner, BAD, BAD)
    assert sorted(run.files.values_list("path", flat=True)) == sorted(p.name for p in (BUNDLES / BAD).iterdir())
    assert reports.load_report(work_off(run)) is not None


def test_archive_becomes_the_same_run(team: Team, tmp_path: Path):
    archive = tmp_path / "sent.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(BUNDLES / BAD, BAD)
    upload(str(archive))
    upload(str(BUNDLES / BAD))
    first, second = Run.objects.order_by("pk")
    assert list(first.files.values_list("path", "blob").order_by("path")) == list(
        second.files.values_list("path", "blob").order_by("path")
    )
    assert archive.is_file()


def test_single_file_becomes_a_run(team: Team, tmp_path: Path):
    (tmp_path / "memo.txt").write_text("23:26 memo\n")
    upload(str(tmp_path / "memo.txt"), "--label", "By hand")
    run = Run.objects.get()
    assert (run.label, run.label_is_manual) == ("By hand", True)
    assert run.files.get().path == "memo.txt"


def test_link_in_the_folder_is_listed_as_refused(team: Team, tmp_path: Path):
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / "memo.txt").write_text("memo\n")
    (folder / "passwd").symlink_to("/etc/passwd")
    upload(str(folder))
    assert dict(Run.objects.get().files.values_list("path", "state")) == {
        "memo.txt": FileState.WAITING,
        "passwd": FileState.REFUSED,
    }


@pytest.mark.parametrize("content", [[], ["link"]])
def test_nothing_to_take_is_said(team: Team, tmp_path: Path, content: list[str]):
    folder = tmp_path / "case"
    folder.mkdir()
    for name in content:
        (folder / name).symlink_to("/etc/passwd")
    with pytest.raises(CommandError, match=r"No file was chosen|every file was refused"):
        upload(str(folder))
    assert not Run.objects.exists()


def test_path_that_is_not_there_is_said(team: Team, tmp_path: Path):
    with pytest.raises(CommandError, match="Cannot be read"):
        upload(str(tmp_path / "nothing"))


def test_limit_refuses_the_upload_and_leaves_nothing(team: Team, tmp_path: Path, settings: Any):
    from runs.analysis.bundle.limits import Limits

    settings.UPLOAD_LIMITS = Limits(max_files=3)
    with pytest.raises(CommandError, match="more than 3 members"):
        upload(str(BUNDLES / BAD))
    assert not Run.objects.exists()
    assert list(tmp_path.glob("incoming/*")) == []


def test_team_must_be_clear(team: Team):
    Team.objects.create(name="Second", slug="second")
    with pytest.raises(CommandError, match="network, second"):
        upload(str(BUNDLES / BAD))
    with pytest.raises(CommandError, match="no team third"):
        upload(str(BUNDLES / BAD), "--team", "third")
    upload(str(BUNDLES / BAD), "--team", "second")
    assert Run.objects.get().team.slug == "second"


def test_unknown_user_is_said(team: Team):
    with pytest.raises(CommandError, match="no user nobody"):
        upload(str(BUNDLES / BAD), "--user", "nobody")
