"""A file holds nothing: 0 bytes, or a capture header without one frame.

Claim (`info`): nothing can be learned from it. A capture without frames says that nothing passed its filter while it ran, which
is worth something only when its filter and time are known. One whose header is damaged is `capture_file_damaged`.

Refuted by: the file with its content.

Source: the file's size; tcpdump writes its header before the first packet.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.facts.base import Citation
from runs.analysis.facts.capture import Capture
from runs.analysis.messages import Message, message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Found, Outcome, Statement

TITLE = message("file_empty", en="A file holds nothing", ja="空のファイルがある")
NO_BYTES = message("file_empty.no_bytes", en="{file} has 0 bytes.", ja="{file} は 0 byte。")
NO_FRAMES = message(
    "file_empty.no_frames",
    en="{file} is a capture without a frame: nothing passed its filter while it ran, or it was stopped too early.",
    ja="{file} はフレームのないキャプチャ。採取中にフィルタを通るものがなかったか、早く止めすぎている。",
)
REFUTE = message("file_empty.refute", en="The file with its content.", ja="中身のあるファイルが追加されれば覆る。")
AGAIN = message("file_empty.again", en="Collect it again.", ja="取り直す。")


@rule(title=TITLE, domain="evidence", topics=["capture-practice"], needs=[], uses=[Capture])
def judge(case: Case) -> Iterator[Outcome]:
    """One finding for each sort of emptiness."""
    for file in case.files:
        if file.size_bytes == 0 and file.state != "refused":
            yield _found(NO_BYTES, file.path, "bytes")
    for capture in case.all(Capture):
        damaged = case.file(capture.file)
        if not capture.is_text and not capture.frame_count and not (damaged and any(p.lost for p in damaged.problems)):
            yield _found(NO_FRAMES, capture.file, "frames")


def _found(said: Message, path: str, what: str) -> Found:
    title = said(file=path)
    return Found(
        outcome="info",
        severity="info",
        confidence="certain",
        title=title,
        statements=(Statement(title, (Citation(path),)),),
        subject={"what": f"no {what}"},
        refuted_by=REFUTE(),
        next_actions=(Action(AGAIN()),),
    )
