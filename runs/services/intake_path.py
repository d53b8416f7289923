"""Uploads from this machine's own disk, for commands: a folder, an archive or a single file, by the same intake as the browser's."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

from django.conf import settings

from runs.analysis.bundle import names
from runs.analysis.bundle.entries import Refused
from runs.analysis.bundle.folder import open_regular
from runs.analysis.bundle.limits import BundleError, Limits, MemberError
from runs.analysis.bundle.opening import open_bundle
from runs.analysis.bundle.spool import copy_hashed, spool
from runs.models import Team
from runs.services import intake, objects
from runs.services.intake import NOTHING_TAKEN, REFUSED_FILE, Arrived, IntakeError, Taken

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def new_run_from_path(path: Path, team: Team, user: "User | None" = None, label: str = "") -> Taken:
    """A new run of the team with what lies at the path, which stays as it is. Raises IntakeError; then there is no run."""
    arrived: list[Arrived] = []
    refused: list[Refused] = []
    try:
        if path.is_dir():
            _copy_folder(path, arrived, refused)
        else:
            arrived.append(_copy_file(path))
        if not arrived and refused:
            reasons = [REFUSED_FILE(path=names.shown_name(one.path), reason=one.message) for one in refused[: intake.MOST_REASONS]]
            raise IntakeError([NOTHING_TAKEN(), *reasons])
        return intake.new_run(arrived, team, user, label, refused)
    except (BundleError, MemberError) as error:
        raise IntakeError([error.text]) from error
    finally:
        for one in arrived:
            one.local.unlink(missing_ok=True)


def _copy_folder(path: Path, arrived: list[Arrived], refused: list[Refused]) -> None:
    """The folder's files as temporary ones, each named below the folder's own name, as a browser sends them."""
    with open_bundle(path, cast(Limits, settings.UPLOAD_LIMITS)) as bundle:
        for entry in bundle.entries():
            if isinstance(entry, Refused):
                refused.append(entry)
                continue
            try:
                stored = spool(entry, objects.new_temporary())
            except MemberError as error:
                refused.append(Refused(entry.path, error.text))
            else:
                arrived.append(Arrived(f"{bundle.name}/{entry.path}", stored.path, stored.sha256, stored.size_bytes))


def _copy_file(path: Path) -> Arrived:
    temporary = objects.new_temporary()
    try:
        with open_regular(path.resolve()) as source, temporary.open("xb") as target:
            sha256, size_bytes = copy_hashed(source, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return Arrived(path.name, temporary, sha256, size_bytes)
