"""Uploads into a run: what arrived as temporary files is judged, unpacked and kept, and appears in the run at once or not at all.

Nothing of a run is written before all its bytes are kept; what is not kept in the end is removed. An archive that was sent by
itself is opened; one that lay in a sent folder is a file of that folder, as it would be inside another archive.
"""

import errno
import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from runs.analysis.bundle import names
from runs.analysis.bundle.entries import ONLY_PART, Found, Member, Refused
from runs.analysis.bundle.folder import open_regular
from runs.analysis.bundle.limits import TOO_LARGE, Budget, BundleError, Limits, MemberError
from runs.analysis.bundle.opening import Bundle, is_archive, open_bundle, polyglot
from runs.analysis.bundle.spool import spool
from runs.analysis.domain import readme_fields
from runs.analysis.messages import Text, message
from runs.analysis.text import detect_encoding
from runs.models import LABEL_MAX_CHARS, Run, Team
from runs.services import objects, runs, storage
from runs.services.runs import Incoming

if TYPE_CHECKING:
    from django.contrib.auth.models import User

NOTHING = message("intake.nothing", en="No file was chosen.", ja="ファイルが選ばれていない。")
NOTHING_TAKEN = message(
    "intake.nothing_taken",
    en="Nothing was taken: every file was refused.",
    ja="すべてのファイルが受入拒否となり、何も取り込まなかった。",
)
REFUSED_FILE = message("intake.refused_file", en="{path}: {reason}", ja="{path}: {reason}")
MORE_REFUSED = message(
    "intake.more_refused",
    en="… and {count:count} more {count:plural:file|files}.",
    ja="… ほか {count:count} ファイル。",
)
NO_SPACE = message(
    "intake.no_space",
    en="The server has no room for these files; nothing was taken.",
    ja="サーバの空き容量が足りないため、何も取り込まなかった。",
)
MOST_REASONS = 20
README_HEAD_BYTES = 64 << 10

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Arrived:
    """A whole file as it was sent: its name with the folders above it, and the temporary file with its bytes."""

    name: str
    local: Path
    sha256: str
    size_bytes: int


class IntakeError(Exception):
    """Nothing was taken; `reasons` say why."""

    def __init__(self, reasons: Sequence[Text]) -> None:
        super().__init__(reasons)
        self.reasons = list(reasons)


@dataclass(frozen=True)
class Taken:
    """The run that took the files, and what is to be said of the upload that no file's row says."""

    run: Run
    notes: list[Text]


@dataclass
class _Part:
    """One folder, archive or handful of loose files, read: kept files still stand in temporary ones."""

    name: str
    files: list[Arrived] = field(default_factory=list)
    remarks: dict[str, Text] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    whole: list[Refused] = field(default_factory=list)  # the archive itself, where it is refused or cut off

    def take(self, member: Member, file: Arrived) -> None:
        """Take a file under its judged path."""
        self.files.append(replace(file, name=member.path))
        if member.remark is not None:
            self.remarks[member.path] = member.remark


class _LooseFiles:
    """Reads uploaded files as the members of a bundle, so that the same checks hold for their names."""

    def __init__(self, arrived: Sequence[Arrived], budget: Budget) -> None:
        self._arrived, self._budget = arrived, budget
        self.problems: list[Text] = []

    def found(self) -> Iterator[Found]:
        """Each file once."""
        most = self._budget.limits.max_file_bytes
        for one in self._arrived:
            self._budget.take_entry()
            self._budget.take_bytes(one.size_bytes)
            refusal = TOO_LARGE(most=most) if one.size_bytes > most else None
            raw_name = one.name.encode("utf-8", "replace")
            yield Found(raw_name, one.size_bytes, lambda one=one: open_regular(one.local), refusal, local=one.local)  # type: ignore[misc]


def new_run(
    arrived: Sequence[Arrived], team: Team, user: "User | None" = None, label: str = "", refused: Sequence[Refused] = ()
) -> Taken:
    """A new run of the team with these files. `label`: as a person typed it; else the README's RUN_ID, else the bundle's name.

    `refused`: what the sender could not send; it is listed. Raises IntakeError; then there is no run. The temporary files are gone
    in any case.
    """
    label = label.strip()[:LABEL_MAX_CHARS]
    with _unpacked(arrived) as parts:
        shown = label or _run_id_of_readme(parts)
        incoming = _incoming(parts)
        incoming += [Incoming(path=one.path, size_bytes=0, refusal=one.message) for one in refused]
        with transaction.atomic():
            run = runs.create_run(team, names.shown_name(parts[0].name), user, label_is_manual=bool(label))
            if shown:
                Run.objects.filter(pk=run.pk).update(label=shown[:LABEL_MAX_CHARS])
            runs.add_files(run, incoming, user)
    return Taken(run, [note for part in parts for note in part.notes])


def add_to_run(run: Run, arrived: Sequence[Arrived], user: "User | None" = None) -> Taken:
    """Take more files into a run. Raises IntakeError; then the run is as it was. The temporary files are gone in any case."""
    with _unpacked(arrived) as parts:
        runs.add_files(run, _incoming(parts), user)
    return Taken(run, [note for part in parts for note in part.notes])


@contextmanager
def _unpacked(arrived: Sequence[Arrived]) -> Iterator[list[_Part]]:
    """What arrived, archives opened. Removes what is temporary, whatever happens. Raises IntakeError."""
    temporaries = [one.local for one in arrived]
    try:
        if not arrived:
            raise IntakeError([NOTHING()])
        yield _parts(arrived, temporaries)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        logger.warning("no room for an upload of %d files", len(arrived))
        raise IntakeError([NO_SPACE()]) from error
    finally:
        for path in temporaries:
            path.unlink(missing_ok=True)


def _parts(arrived: Sequence[Arrived], temporaries: list[Path]) -> list[_Part]:
    """The parts of an upload with at least one file to keep. Raises IntakeError."""
    budget = Budget(_limits())
    archives = [one for one in arrived if "/" not in one.name and is_archive(one.local)]
    opened = {one.local for one in archives}
    loose = [one for one in arrived if one.local not in opened]
    parts = [_loose_part(loose, budget)] if loose else []
    for archive in archives:
        part = _archive_part(archive, budget, temporaries)
        if len(archives) + bool(loose) > 1:
            part = _below(part, part.name.replace("/", "_") + "/")
        parts.append(part)
    if not any(part.files for part in parts):
        raise IntakeError(_reasons([one for part in parts for one in part.whole + part.refused]))
    return sorted(parts, key=lambda part: not part.files)


def _limits() -> Limits:
    return cast(Limits, settings.UPLOAD_LIMITS)


def _loose_part(loose: Sequence[Arrived], budget: Budget) -> _Part:
    bundle = Bundle("", "folder", _LooseFiles(loose, budget), budget, ExitStack())
    by_local = {one.local: one for one in loose}
    part = _Part("")
    try:
        for entry in bundle.entries():
            if isinstance(entry, Refused):
                part.refused.append(entry)
            else:
                assert entry.local is not None
                part.take(entry, by_local[entry.local])
                if "/" not in entry.path and (remark := polyglot(entry.local, names.shown_name(entry.path))):
                    part.remarks[entry.path] = remark
    except BundleError as error:
        raise IntakeError([error.text]) from error
    part.notes += bundle.problems
    folder = names.common_folder([file.name for file in part.files], [one.path for one in part.refused])
    part = _without(part, folder)
    if folder:
        part.name = folder.rstrip("/")
    elif len(loose) == 1:
        part.name = Path(loose[0].name).stem or loose[0].name
    else:
        top = next((one.name.partition("/")[0] for one in loose if "/" in one.name), "")
        part.name = top or timezone.localtime().strftime("%Y%m%dT%H%M%S")
    return part


def _archive_part(archive: Arrived, budget: Budget, temporaries: list[Path]) -> _Part:
    part = _Part(names.bundle_name(archive.name))
    shown, _ = names.shortened(names.shown_name(archive.name), _limits().max_name_bytes)
    try:
        with open_bundle(archive.local, _limits(), name=archive.name, budget=budget) as bundle:
            for entry in bundle.entries():
                if isinstance(entry, Refused):
                    part.refused.append(entry)
                    continue
                temporary = objects.new_temporary()
                temporaries.append(temporary)
                try:
                    stored = spool(entry, temporary)
                except MemberError as error:
                    part.refused.append(Refused(entry.path, error.text))
                else:
                    part.take(entry, Arrived(entry.path, temporary, stored.sha256, stored.size_bytes))
    except BundleError as error:
        return _Part(part.name, whole=[Refused(shown, error.text)])
    part = _without(part, names.common_folder([file.name for file in part.files], [one.path for one in part.refused]))
    for problem in bundle.problems:
        if problem.id == ONLY_PART.id:  # stays in the file table for as long as the run: what is missing may matter
            part.whole.append(Refused(shown, problem))
        else:
            part.notes.append(problem)
    return part


def _without(part: _Part, folder: str) -> _Part:
    files = [replace(file, name=file.name.removeprefix(folder)) for file in part.files]
    remarks = {path.removeprefix(folder): remark for path, remark in part.remarks.items()}
    refused = [Refused(names.below(folder, one.path), one.message) for one in part.refused]
    return replace(part, files=files, remarks=remarks, refused=refused)


def _below(part: _Part, folder: str) -> _Part:
    """The part under a folder of its own, beside others of the same upload."""
    most = _limits().max_name_bytes
    files = [replace(file, name=names.shortened(folder + file.name, most)[0]) for file in part.files]
    remarks = {names.shortened(folder + path, most)[0]: remark for path, remark in part.remarks.items()}
    refused = [Refused(names.shortened(folder + one.path, most)[0], one.message) for one in part.refused]
    return replace(part, files=files, remarks=remarks, refused=refused)


def _incoming(parts: Sequence[_Part]) -> list[Incoming]:
    """The files with their bytes kept, then the refused ones."""
    made = [
        Incoming(
            path=file.name,
            size_bytes=file.size_bytes,
            blob=storage.keep_blob(file.local, file.sha256, file.size_bytes),
            remark=part.remarks.get(file.name),
        )
        for part in parts
        for file in part.files
    ]
    return made + [
        Incoming(path=one.path, size_bytes=0, refusal=one.message) for part in parts for one in part.whole + part.refused
    ]


def _run_id_of_readme(parts: Sequence[_Part]) -> str:
    """The RUN_ID in the README that lies highest; empty where there is none."""
    readmes = [f for part in parts for f in part.files if f.name.rpartition("/")[2].casefold().startswith("readme")]
    for readme in sorted(readmes, key=lambda file: file.name.count("/")):
        with readme.local.open("rb") as stream:
            head = stream.read(README_HEAD_BYTES)
        found = readme_fields.run_id(head.decode(detect_encoding(head, whole=False), "replace"))
        if found:
            return found
    return ""


def _reasons(refused: Sequence[Refused]) -> list[Text]:
    """Why nothing was taken: the first files by name, and how many more."""
    lines = [REFUSED_FILE(path=names.shown_name(one.path), reason=one.message) for one in refused[:MOST_REASONS]]
    if len(refused) > MOST_REASONS:
        lines.append(MORE_REFUSED(count=len(refused) - MOST_REASONS))
    return [NOTHING_TAKEN(), *lines]
