"""The README's table and the bundle disagree: a file that it lists is not there, or one is there that it does not list.

Claim: `file_missing`: a row names a file of which the bundle has nothing (evidence that somebody saw and we do not); `file_unlisted`:
a file without a row (`info`: nobody said how it was collected).

Refuted by: the file under another name; a README of another run.

Source: the README's own table.
"""

from collections.abc import Iterator
from posixpath import basename

from runs.analysis.case import Case
from runs.analysis.domain.paths import resolve
from runs.analysis.domain.wording import statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.notes import FileNote
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

MISSING_TITLE = message("file_missing", en="A listed file is not in the bundle", ja="一覧にあるファイルが束にない")
MISSING = message(
    "file_missing.title",
    en="{n:count} {n:plural:file|files} that the README lists {n:plural:is|are} not in the bundle: {names:list}.",
    ja="README の一覧にある {n:count} 件のファイルが束にない：{names:list}。",
)
ROW = message("file_missing.row", en="{name} is listed here.", ja="{name} の記載はここにある。")
ALL_THERE = message(
    "file_missing.all_there",
    en="All {n:count} files that the README lists are in the bundle.",
    ja="README の一覧にある {n:count} 件のファイルはすべて束にある。",
)
REFUTE_MISSING = message(
    "file_missing.refute",
    en="The file, added to the run (perhaps under another name).",
    ja="（別名の場合も含め）ファイルが追加されれば覆る。",
)
ADD = message("file_missing.add", en="Add the missing files to the run.", ja="欠けているファイルを追加する。")
UNLISTED_TITLE = message("file_unlisted", en="A file is not listed in the README", ja="README の一覧にないファイルがある")
UNLISTED = message(
    "file_unlisted.title",
    en="{n:count} {n:plural:file is|files are} not listed in the README: {names:list}.",
    ja="README の一覧にないファイルが {n:count} 件ある：{names:list}。",
)
ALL_LISTED = message(
    "file_unlisted.all_listed",
    en="Every file of the bundle is listed in the README.",
    ja="束のファイルはすべて README の一覧にある。",
)
REFUTE_UNLISTED = message("file_unlisted.refute", en="A row for the file in the README.", ja="README に行があれば覆る。")
LIST_IT = message("file_unlisted.list_it", en="Write down how it was collected.", ja="取得方法を書き加える。")
MOST_NAMES = 20


@rule(title=MISSING_TITLE, domain="evidence", topics=["capture-practice"], needs=[FileNote], collect="ls -lR > files.txt")
def file_missing(case: Case) -> Iterator[Outcome]:
    """One answer for the table."""
    paths = [f.path for f in case.files]
    rows = case.all(FileNote)
    missing = [row for row in rows if resolve(row.path, row.file, paths) is None]
    if not missing:
        lines: dict[str, list[int]] = {}
        for row in rows:
            lines.setdefault(row.file, []).append(row.line)
        places = [Citation(file, lines=tuple(sorted(numbers))) for file, numbers in lines.items()]
        yield Excluded(statements=(statement(ALL_THERE(n=len({r.path for r in rows})), *places),))
        return
    yield Found(
        outcome="fail",
        severity="low",
        confidence="certain",
        title=MISSING(n=len(missing), names=[r.path for r in missing[:MOST_NAMES]]),
        statements=tuple(statement(ROW(name=r.path), Citation(r.file, lines=(r.line,))) for r in missing[:MOST_NAMES]),
        subject={"what": "listed files"},
        refuted_by=REFUTE_MISSING(),
        next_actions=(Action(ADD()),),
    )


@rule(title=UNLISTED_TITLE, domain="evidence", topics=["capture-practice"], needs=[FileNote], collect="ls -lR > files.txt")
def file_unlisted(case: Case) -> Iterator[Outcome]:
    """One answer for the bundle; the documents that hold the table need no row of their own."""
    paths = [f.path for f in case.files if f.state != "refused"]
    rows = case.all(FileNote)
    listed = {resolve(row.path, row.file, paths) for row in rows} | {row.file for row in rows}
    unlisted = [p for p in paths if p not in listed and not basename(p).lower().startswith("readme")]
    if not unlisted:
        first = min(rows, key=lambda r: (r.file, r.line))
        yield Excluded(statements=(statement(ALL_LISTED(), Citation(first.file, lines=(first.line,))),))
        return
    title = UNLISTED(n=len(unlisted), names=unlisted[:MOST_NAMES])
    yield Found(
        outcome="info",
        severity="info",
        confidence="certain",
        title=title,
        statements=(Statement(title, tuple(Citation(p) for p in unlisted[:MOST_NAMES])),),
        subject={"what": "unlisted files"},
        refuted_by=REFUTE_UNLISTED(),
        next_actions=(Action(LIST_IT()),),
    )
