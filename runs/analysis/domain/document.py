"""A person's document, read line by line: sentences, commands, files it names, and the evidence that is pasted into it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from runs.analysis.domain.markdown_tables import code_spans
from runs.analysis.domain.sentences import Kind, classify, heading_kind, is_bullet, may_plan, without_bullet
from runs.analysis.domain.shell import is_command, read_prompt
from runs.analysis.domain.tcpdump_lines import looks_like_packet
from runs.analysis.facts.notes import NoteLine, ShellCommand
from runs.analysis.registry import Segment
from runs.analysis.text import Line

MAX_ITEMS = 5_000
MAX_SENTENCE = 1_000
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_BRACKETED = re.compile(r"\s*[\[【〔<＜]([^\]】〕>＞]{1,120})[\]】〕>＞]\s*$")
_UNDERLINE = re.compile(r"\s*(?:={3,}|-{3,}|\*{3,}|_{3,})\s*$")
_LABEL_ONLY = re.compile(r"\**([^*:：。\s][^*:：。]{0,59})\**\s?[:：]\**$")
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


class _Reader:
    def __init__(self, document: Document, passed_over: Collection[int]) -> None:
        self.document, self.passed_over = document, passed_over
        self.context: Kind | None = None
        self.outer: Kind | None = None  # the heading's, before a label under it
        self.planning = False
        self.fence = ""
        self.block: list[Line] = []
        self.pasted: list[Line] = []

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
            self._heading(heading[heading.re.groups], line)
        elif (label := _LABEL_ONLY.match(line.text.strip())) is not None:
            self.context = heading_kind(label[1]) or self.outer
            self._references(line)
        elif line.text.strip() and not _UNDERLINE.match(line.text):
            self._words(line)

    def _heading(self, text: str, line: Line) -> None:
        document = self.document
        if len(document.headings) < MAX_ITEMS:
            document.headings.append((line.number, text))
        if document.title is None:
            document.title, document.title_line = text[:300], line.number
        self.outer = self.context = heading_kind(text)
        self.planning = may_plan(text)
        self._references(line)

    def _words(self, line: Line) -> None:
        document = self.document
        if document.title is None:
            document.title, document.title_line = without_bullet(line.text)[:300], line.number
        if self.context is not self.outer and not is_bullet(line.text) and not line.text.startswith((" ", "\t")):
            self.context = self.outer
        for kind, text in classify(line.text[:8192], self.context, self.planning):
            held = document.sentences[kind]
            if len(held) < MAX_ITEMS:
                held.append(NoteLine(line.number, text[:MAX_SENTENCE]))
        for span in code_spans(line.text[:8192]):
            if is_command(span) and " " in span:
                self._command(span, line.number, None)
        self._references(line)

    def _references(self, line: Line) -> None:
        text = line.text[:8192]
        for found in [*_LINK.findall(text), *_FILE.findall(text)]:
            if not found.startswith(("http://", "https://", "#")) and len(self.document.references) < MAX_ITEMS:
                self.document.references.setdefault(found, line.number)

    def _command(self, text: str, line: int, host: str | None) -> None:
        if len(self.document.commands) < MAX_ITEMS:
            planned = self.context is Kind.ACTION
            self.document.commands.append(ShellCommand(text=text[:4096], line=line, host=host, ran=not planned))

    def _paste(self, line: Line) -> bool:
        """Whether the line belongs to a terminal that was pasted without a fence."""
        prompt = read_prompt(line.text)
        if prompt is not None and (not prompt.command or is_command(prompt.command)):
            self._end_paste()
            if prompt.command:
                self.pasted = [line]
            return True
        if self.pasted:
            if _PROSE_LINE.search(line.text[:500]):
                self._end_paste()
                return False
            self.pasted.append(line)
            return True
        if looks_like_packet(line.text):
            self.pasted = [line]
            return True
        return False

    def _end_paste(self) -> None:
        lines, self.pasted = self.pasted, []
        self._add(lines)

    def _end_block(self) -> None:
        lines, self.block, self.fence = self.block, [], ""
        self._add(lines)

    def _add(self, lines: list[Line]) -> None:
        while lines and not lines[-1].text.strip():
            lines.pop()
        if not lines:
            return
        prompt = read_prompt(lines[0].text)
        typed, going_on = 0, False
        for line in lines:
            shown = read_prompt(line.text)
            text = shown.command if shown else line.text.strip()
            if going_on or not text or text.startswith("#"):
                typed += 1
            elif is_command(text) and (shown or prompt is None):
                typed += 1
                self._command(_joined(lines, line.number), line.number, shown.host if shown else None)
            going_on = text.endswith("\\")
        has_output = typed < len(lines) or any(line.text.lstrip().startswith(("set ", "delete ")) for line in lines)
        if has_output and len(self.document.segments) < MAX_ITEMS:
            text = "\n".join(line.text for line in lines) + "\n"
            host, command = (prompt.host, prompt.command or None) if prompt else (None, None)
            self.document.segments.append(Segment(text, lines[0].number, lines[-1].number, host, command))

    def end(self) -> None:
        self._end_paste()
        self._end_block()


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
    reader = _Reader(document, passed_over)
    for line in lines:
        reader.line(line)
    reader.end()
    return document
