"""A person's document, read line by line: sentences, commands, files it names, and the evidence that is pasted into it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from runs.analysis.domain.detection import is_programs_own
from runs.analysis.domain.indented_blocks import shown_plain
from runs.analysis.domain.markdown_tables import code_spans
from runs.analysis.domain.note_times import NoteTimes
from runs.analysis.domain.sentences import (
    Kind,
    classify,
    heading_kind,
    is_bullet,
    may_plan,
    priority_of,
    section_of,
    without_bullet,
)
from runs.analysis.domain.shell import is_command, program, read_prompt
from runs.analysis.domain.tcpdump_lines import looks_like_packet
from runs.analysis.domain.wireshark_details import BYTES, is_pane
from runs.analysis.domain.wireshark_list import Form, default_row, header, row_of
from runs.analysis.facts.notes import NoteLine, ShellCommand
from runs.analysis.registry import Segment
from runs.analysis.text import Line

MAX_ITEMS = 5_000
MAX_SENTENCE = 1_000
SECTIONS = ("succeeded", "failed", "learned", "rollback")
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_BRACKETED = re.compile(r"\s*[\[【〔<＜]([^\]】〕>＞]{1,120})[\]】〕>＞]\s*$")
_UNDERLINE = re.compile(r"\s*(?:={3,}|-{3,}|\*{3,}|_{3,})\s*$")
_LABEL_ONLY = re.compile(r"\**([^*:：。\s][^*:：。]{0,59})\**\s?[:：]\**$")
_ENDS = re.compile(r"(?:configure|commit|save|exit)\b")  # of a session in which a router is set up
_LEADING_TIME = re.compile(r"\s*(?:\d{4}-\d\d-\d\d[ T])?\d\d:\d\d:\d\d(?:\.\d+)?\s+|\s*\d{9,10}\.\d+\s+")
_FENCE = re.compile(r"\s*(```+|~~~+)\s*([\w-]*)")
_PROSE_LINE = re.compile(r"[぀-ヿ一-鿿].*[。！？!]\s*$|^#{1,6}\s|^[①-⑳]")
_FILE = re.compile(
    r"(?<![\w/.-])((?:[\w.-]+/)*[\w.-]*\w\.(?:md|txt|log|pcap|pcapng|cap|dump|json|conf|cfg|csv|tsv|gz|zip|tgz|html?|pdf|xml|ya?ml|sh|py|out|pid))"
    r"(?![\w/])"
)
_LINK = re.compile(r"\[[^\][]{0,200}\]\(([^()\s]{1,500})\)")


@dataclass
class Document:
    """What was read, each with its line."""

    title: str | None = None
    title_line: int = 0
    sentences: dict[Kind, list[NoteLine]] = field(default_factory=lambda: {kind: [] for kind in Kind})
    references: dict[str, int] = field(default_factory=dict)
    commands: list[ShellCommand] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    sections: dict[str, list[NoteLine]] = field(default_factory=lambda: {name: [] for name in SECTIONS})
    times: NoteTimes = field(default_factory=NoteTimes)


class _Place(NamedTuple):
    """What a heading says of what stands under it, and under the smaller headings there."""

    level: int
    kind: Kind | None = None
    section: str | None = None
    priority: str | None = None


class _Reader:
    def __init__(self, document: Document, passed_over: Collection[int], first: int, last: int) -> None:
        self.document, self.passed_over = document, passed_over
        self.first, self.last = first, last  # lines that are not empty
        self.context: Kind | None = None
        self.outer: Kind | None = None  # the heading's, before a label under it
        self.planning = False
        self.places = [_Place(0)]
        self.fence = ""
        self.block: list[Line] = []
        self.pasted: list[Line] = []
        self.shown: set[str] = set()  # lines of evidence so far, without their times
        self.listing = False
        self.form: Form | None = None

    def line(self, line: Line) -> None:
        fence = _FENCE.match(line.text)
        if self.fence:
            if fence is not None and fence[1].startswith(self.fence) and not fence[2]:
                self._end_block()
            else:
                self.block.append(line)
            return
        if fence is not None:
            self._end_paste()
            self.fence = fence[1]
            return
        if line.number in self.passed_over:
            return
        if self._paste(line):
            return
        heading = _HEADING.match(line.text) or _BRACKETED.match(line.text)
        if heading is not None:
            self._heading(heading[heading.re.groups], line, len(heading[1]) if heading.re is _HEADING else 2)
        elif (label := _LABEL_ONLY.match(line.text.strip())) is not None:
            self.context = heading_kind(label[1]) or self.outer
            self._references(line)
        elif line.text.strip() and not _UNDERLINE.match(line.text):
            self._words(line)

    def _heading(self, text: str, line: Line, level: int) -> None:
        document = self.document
        if len(document.headings) < MAX_ITEMS:
            document.headings.append((line.number, text))
        if document.title is None:
            document.title, document.title_line = text[:300], line.number
        while len(self.places) > 1 and self.places[-1].level >= level:
            self.places.pop()
        above = self.places[-1]
        kind, section = heading_kind(text), section_of(text)
        if kind is None and section is None:
            kind, section = above.kind, above.section
        self.places.append(_Place(level, kind, section, priority_of(text) or above.priority))
        self.outer = self.context = kind
        self.planning = may_plan(text)
        document.times.read(text[:8192], line.number)
        self._references(line)

    def _words(self, line: Line) -> None:
        document = self.document
        if _without_time(line.text) in self.shown:
            return  # a line of the evidence above, repeated
        if document.title is None:
            document.title, document.title_line = without_bullet(line.text)[:300], line.number
        indented = line.text.startswith(("  ", "\t"))
        if self.context is not self.outer and not is_bullet(line.text) and not indented:
            self.context = self.outer
        for kind, text in classify(line.text[:8192], self.context, self.planning):
            self._sentence(kind, text, line.number, indented)
        document.times.read(line.text[:8192], line.number)
        for span in code_spans(line.text[:8192]):
            if is_command(span) and " " in span:
                self._command(span, line.number, None)
        self._references(line)

    def _sentence(self, kind: Kind, text: str, line: int, indented: bool) -> None:
        place, held = self.places[-1], self.document.sentences[kind]
        if kind is Kind.ACTION and indented and held and self.context is Kind.ACTION:
            above = held[-1]  # an item under an action says how
            if len(above.text) + len(text) < MAX_SENTENCE:
                held[-1] = NoteLine(above.line, f"{above.text} — {text}", above.priority)
            return
        priority = (priority_of(text) or place.priority) if kind is Kind.ACTION else None
        said = NoteLine(line, text[:MAX_SENTENCE], priority)
        if len(held) < MAX_ITEMS:
            held.append(said)
        if place.section is not None and kind is not Kind.HYPOTHESIS and len(self.document.sections[place.section]) < MAX_ITEMS:
            self.document.sections[place.section].append(said)

    def _references(self, line: Line) -> None:
        text = line.text[:8192]
        for found in [*_LINK.findall(text), *_FILE.findall(text)]:
            if not found.startswith(("http://", "https://", "#")) and len(self.document.references) < MAX_ITEMS:
                self.document.references.setdefault(found, line.number)

    def _command(self, text: str, line: int, host: str | None) -> None:
        if len(self.document.commands) < MAX_ITEMS:
            undoing = self.places[-1].section == "rollback"
            planned = self.context is Kind.ACTION or undoing
            purpose = "rollback" if undoing else None
            self.document.commands.append(ShellCommand(text=text[:4096], line=line, host=host, ran=not planned, purpose=purpose))
            if undoing and len(self.document.sections["rollback"]) < MAX_ITEMS:
                self.document.sections["rollback"].append(NoteLine(line, text[:MAX_SENTENCE]))

    def _paste(self, line: Line) -> bool:
        """Whether the line belongs to a terminal that was pasted without a fence."""
        prompt = read_prompt(line.text)
        if prompt is not None and (not prompt.command or is_command(prompt.command)):
            self._end_paste()
            if prompt.command:
                self.pasted = [line]
            return True
        if self._listed(line.text):
            if not self.listing:
                self._end_paste()
            self.listing = True
            self.pasted.append(line)
            return True
        if self.listing:
            self._end_paste()
        if is_pane(line.text[:500]) and self.form is not None:
            return True  # of a packet in the list above
        if self.pasted:
            if _PROSE_LINE.search(line.text[:500]) and not is_programs_own(line.text[:500]):
                self._end_paste()
                return False
            self.pasted.append(line)
            return True
        if looks_like_packet(line.text):
            self.pasted = [line]
            return True
        return False

    def _listed(self, text: str) -> bool:
        """Whether the line is the head or a row of a packet list that was pasted from Wireshark."""
        if "|" in text[:3] or len(text) > 2000:
            return False
        form = header(text)
        if form is not None and not self.listing:
            self.form = form
            return "number" in form.names
        if self.listing and self.form is not None and row_of(self.form, text) is not None:
            return True
        return default_row(text) is not None

    def _end_paste(self) -> None:
        lines, self.pasted, self.listing = self.pasted, [], False
        self._add(lines)

    def _end_block(self) -> None:
        lines, self.block, self.fence = self.block, [], ""
        self._add(lines)

    def _add(self, lines: list[Line]) -> None:
        while lines and not lines[-1].text.strip():
            lines.pop()
        if self.form is not None and lines and all(BYTES.match(line.text) or not line.text.strip() for line in lines):
            return  # the bytes of a packet in the list above
        if not lines or (lines[0].number <= self.first and lines[-1].number >= self.last):
            return  # a segment that is all of the text would be read as this again
        if any(is_command(line.text.strip()) for line in lines):  # typed without prompts: '# …' is a comment
            prompts = {line.number: None if line.text.lstrip().startswith("#") else read_prompt(line.text) for line in lines}
        else:
            prompts = {line.number: read_prompt(line.text) for line in lines}
        prompt = prompts[lines[0].number]
        typed, going_on = 0, False
        for line in lines:
            shown = prompts[line.number]
            text = shown.command if shown else line.text.strip()
            if going_on or not text or text.startswith("#"):
                typed += 1
            elif is_command(text) and (shown or prompt is None):
                typed += 1
                self._command(_joined(lines, line.number), line.number, shown.host if shown else None)
            going_on = text.endswith("\\")
        output = [_without_time(line.text) for line in lines if line.text.strip()]
        if len(self.document.segments) and all(text in self.shown for text in output):
            return  # an excerpt of what stands above
        self.shown.update(text for text in output if len(text) >= 12 and len(self.shown) < 4 * MAX_ITEMS)
        has_output = typed < len(lines) or any(line.text.lstrip().startswith(("set ", "delete ")) for line in lines)
        if has_output and len(self.document.segments) < MAX_ITEMS:
            text = "\n".join(line.text for line in lines) + "\n"
            host, command = (prompt.host, prompt.command or None) if prompt else (None, None)
            others = [line.text.strip() for line in lines]
            ends = sum(bool(_ENDS.match(text)) and not is_command(text) for text in others)
            is_typed = typed + ends == len(lines) and not any(program(text) in ("show", "cat") for text in others)
            self.document.segments.append(Segment(text, lines[0].number, lines[-1].number, host, command, is_typed))

    def end(self) -> None:
        self._end_paste()
        self._end_block()


def _without_time(text: str) -> str:
    """A line of evidence as a note repeats it: without its time, blanks alike."""
    return " ".join(_LEADING_TIME.sub("", text).split())


def _joined(lines: Sequence[Line], number: int) -> str:
    """The command on that line with the lines that continue it."""
    parts: list[str] = []
    for line in lines:
        if line.number < number:
            continue
        prompt = read_prompt(line.text)
        text = (prompt.command if prompt else line.text).strip()
        parts.append(text.removesuffix("\\").strip())
        if not text.endswith("\\") or len(parts) > 100:
            break
    return " ".join(parts)


def read_document(lines: Sequence[Line], passed_over: Collection[int] = ()) -> Document:
    """Read a document. `passed_over`: numbers of lines that were read otherwise (tables, header fields)."""
    document = Document()
    full = [line.number for line in lines if line.text.strip()]
    reader = _Reader(document, passed_over, full[0] if full else 0, full[-1] if full else 0)
    for line in shown_plain(lines):
        reader.line(line)
    reader.end()
    return document
