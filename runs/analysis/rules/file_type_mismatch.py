"""A file's content is of another kind than its name says; it is read as what it is.

Claim (`info`): a capture under a text's name, or a text under a capture's.

Refuted by: nothing; the first bytes decide.

Source: the magic numbers of pcap and pcapng.
"""

from collections.abc import Iterator
from posixpath import splitext

from runs.analysis.case import Case
from runs.analysis.facts.base import Citation
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

CAPTURE_NAMES = (".pcap", ".pcapng", ".cap", ".dmp")
TEXT_NAMES = (".txt", ".log", ".md", ".csv", ".json", ".conf")
COMPRESSED = (".gz", ".zst")

TITLE = message("file_type_mismatch", en="A file is not what its name says", ja="ファイルの中身が名前と異なる")
IS_CAPTURE = message(
    "file_type_mismatch.capture", en="{file} is a capture, whatever its name says.", ja="{file} の中身はキャプチャである。"
)
IS_TEXT = message(
    "file_type_mismatch.text", en="{file} is a text, not a capture.", ja="{file} の中身はキャプチャではなくテキストである。"
)
REFUTE = message(
    "file_type_mismatch.refute", en="The first bytes decide; nothing refutes them.", ja="先頭バイトで決まり、覆らない。"
)
RENAME = message("file_type_mismatch.rename", en="Give it its right suffix.", ja="正しい拡張子に直す。")
FITS = message("file_type_mismatch.fits", en="Names and contents agree.", ja="名前と中身は一致している。")


@rule(title=TITLE, domain="evidence", topics=["capture-practice"], needs=[])
def judge(case: Case) -> Iterator[Outcome]:
    """One finding for each sort of mismatch."""
    odd = False
    for file in case.files:
        stem, suffix = splitext(file.path.lower())
        if suffix in COMPRESSED:
            suffix = splitext(stem)[1]
        if file.state in ("refused", "failed") or not file.size_bytes:
            continue
        if file.kind == "capture" and suffix in TEXT_NAMES:
            odd = True
            yield _found(Statement(IS_CAPTURE(file=file.path), (Citation(file.path, frames=(1,)),)), "capture")
        elif file.kind != "capture" and suffix in CAPTURE_NAMES and file.encoding is not None:
            odd = True
            yield _found(Statement(IS_TEXT(file=file.path), (Citation(file.path, lines=(1,)),)), "text")
    if not odd and case.files:
        yield Excluded(statements=(Statement(FITS(), (Citation(case.files[0].path),)),))


def _found(said: Statement, what: str) -> Found:
    return Found(
        outcome="info",
        severity="info",
        confidence="certain",
        title=said.text,
        statements=(said,),
        subject={"is": what},
        refuted_by=REFUTE(),
        next_actions=(Action(RENAME()),),
    )
