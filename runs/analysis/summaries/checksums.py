"""Lists of checksums: how many of the named files are here, and whether their SHA-256 is the listed one."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.domain.paths import resolve
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.small import Checksum, Checksums
from runs.analysis.messages import message
from runs.analysis.report import Statement

LISTED = message(
    "checksums.summary_listed",
    en="{n:count} {n:plural:checksum|checksums}; {here:count} of the files are here.",
    ja="チェックサム {n:count} 件、うち {here:count} 件のファイルが束にある。",
)
EQUAL = message("checksums.summary_equal", en="{n:count} SHA-256 agree.", ja="SHA-256 の一致 {n:count} 件。")
DIFFERENT = message("checksums.summary_different", en="{path}: its SHA-256 is another one.", ja="{path}：SHA-256 が一致しない。")
MOST_LISTED = 10


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    digests = {f.path: f.sha256 for f in case.files}
    for listed in (f for f in facts if isinstance(f, Checksums)):
        pairs = [(entry, resolve(entry.path, file.path, list(digests))) for entry in listed.entries]
        here = [(entry, path) for entry, path in pairs if path is not None]
        yield Statement(LISTED(n=len(pairs), here=len(here)), (_at(file, [entry for entry, _ in pairs]),))
        held = [(entry, digests[path] == entry.digest) for entry, path in here if entry.algorithm == "sha256"]
        if equal := [entry for entry, same in held if same]:
            yield Statement(EQUAL(n=len(equal)), (_at(file, equal),))
        for entry in [entry for entry, same in held if not same][:MOST_LISTED]:
            yield Statement(DIFFERENT(path=entry.path), (_at(file, [entry]),))


def _at(file: CaseFile, entries: Sequence[Checksum]) -> Citation:
    return Citation(file.path, lines=tuple(entry.line for entry in entries[:50]))
