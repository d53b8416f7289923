"""What people write: the README with its file table, notes, hypotheses, next actions."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Fact, Stamp
from runs.analysis.messages import Message, message


class DocumentHeader(Fact, frozen=True, kw_only=True):
    """The head of a README: what the run is. Lines are 0 where it does not say."""

    evidence_name: ClassVar[Message] = message("evidence.document_header", en="a README that names the run", ja="実行を示す README")

    run_id: str | None = None
    run_id_line: int = 0
    title: str | None = None
    title_line: int = 0
    purpose: str | None = None
    purpose_line: int = 0
    start: Stamp | None = None  # '収集日時 (JST): 2026-11-20 17:50〜17:54'
    end: Stamp | None = None
    window_line: int = 0
    zone: str | None = None  # IANA name, from 'JST' and the like
    zone_line: int = 0
    references: tuple[tuple[str, int], ...] = ()  # documents it names, with their lines


class FileNote(Fact, frozen=True, kw_only=True):
    """A row of the README's file table."""

    evidence_name: ClassVar[Message] = message(
        "evidence.file_note", en="a README with a file table", ja="ファイル一覧表のある README"
    )

    path: str  # as the row names it
    line: int
    command: str | None = None  # how it was collected, without the backticks
    time_text: str | None = None  # as written
    start: Stamp | None = None
    end: Stamp | None = None
    remark: str | None = None  # 所見


class NoteLine(msgspec.Struct, frozen=True):
    """A sentence of a note with its line."""

    line: int
    text: str
    priority: str | None = None  # of a next action: 'high', 'medium', 'low'


class NoteTime(msgspec.Struct, frozen=True):
    """A time that a sentence names, written out ('23:26頃') or counted from the one before it ('約30分後')."""

    line: int
    text: str  # as written
    stamp: Stamp | None = None  # of a relative time: counted from the last stamp of the note; None where there is none
    relative_ns: int | None = None  # '約30分後': 1,800 s


class Note(Fact, frozen=True, kw_only=True):
    """A note, an analysis, a memo: its sentences by what they are."""

    evidence_name: ClassVar[Message] = message("evidence.note", en="notes", ja="メモ・分析")

    title: str | None = None
    statements: tuple[NoteLine, ...] = ()  # what it claims
    hypotheses: tuple[NoteLine, ...] = ()  # '仮説', '推定', '見込み', 'probably': claims nothing yet
    actions: tuple[NoteLine, ...] = ()  # next steps
    references: tuple[tuple[str, int], ...] = ()  # documents and files it names
    succeeded: tuple[NoteLine, ...] = ()  # statements under a heading such as '成功したこと'
    failed: tuple[NoteLine, ...] = ()  # '失敗・未解決'
    learned: tuple[NoteLine, ...] = ()  # '学んだこと'
    rollback: tuple[NoteLine, ...] = ()  # steps that undo the work, commands included
    times: tuple[NoteTime, ...] = ()  # in the order of the text, the first 1,000


class ShellCommand(Fact, frozen=True, kw_only=True):
    """A command that somebody ran or prescribes, where it is written: a README's row, a prompt line, a code block."""

    evidence_name: ClassVar[Message] = message("evidence.shell_command", en="the command that collected it", ja="取得コマンド")

    text: str
    line: int
    about: str | None = None  # the file it made, where the text says so (path as written)
    ran: bool = True  # false: prescribed, not run
    purpose: str | None = None  # 'rollback': it undoes the work


class NoteTable(Fact, frozen=True, kw_only=True):
    """A table of a note: cells without their marks, each row with its line."""

    evidence_name: ClassVar[Message] = message("evidence.note_table", en="a table in the notes", ja="メモの表")

    line: int  # of the head
    head: tuple[str, ...] = ()
    rows: tuple[tuple[int, tuple[str, ...]], ...] = ()
