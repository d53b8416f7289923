"""What `detect` functions share: which lines of a head are evidence of their own, and the words for 'because of line 3'."""

import re
from collections.abc import Iterable, Sequence

from runs.analysis.messages import Message, message
from runs.analysis.registry import Reason
from runs.analysis.text import Line

FORM = message("detected.form", en="line {line} is {what}", ja="{line} 行目が「{what}」の形")
NAME = message("detected.name", en="its name is that of {what}", ja="名前が「{what}」のもの")

LEAST_SENTENCES = 4
MAX_PROSE = 0.2
TOP_LINES = 6
_HEADING = re.compile(r"#{1,6}\s+\S")
_PROSE = re.compile(r"[぀-ヿ一-鿿].*[。、]|[。！]$|^[-*・]\s.*[぀-ヿ]|^\|.*\|.*\|$|^[A-Z][a-z]+ .{30,}[.]$")
_SENTENCE = re.compile(r"[぀-ヿ一-鿿].*[。！？]\s*$|^[A-Z][a-z]+ (?:[\w'’,-]+ ){6,}[\w'’-]+\.$")
_BULLET = re.compile(r"\s{0,4}(?:[-*+]|\d{1,2}\.) \S+ \S+")
# Sentences that programs print: Windows' ping, tracert and ipconfig, iputils and Yamaha in Japanese.
_PROGRAMS_OWN = re.compile(
    r".{0,300}(?:からの応答: (?:バイト数|時間|宛先|転送中)|レポート: ?宛先|に ping を送信しています|へのルートをトレースしています|の ping 統計:)"
    r"|\s*(?:要求がタイムアウトしました。|トレースを完了しました。|パケット数: 送信 = |最小 = \d|ラウンド トリップの概算時間"
    r"|宛先(?:ホスト|ネットワーク)に到達できません。|一般エラー(?:です)?。|ping 要求ではホスト |送信元 \S+ icmp_seq=|送信パケット数 \d"
    r"|\d+個のパケットを送信し|\d{1,3}\s.{0,60}要求がタイムアウトしました。|経由するホップ数は最大 )"
)
_PAGE = re.compile(r"\s*<(?:!doctype html|html|head|body)\b|(?:r?\"\"\"|#!.{0,40}(?:python|perl|ruby|node))", re.IGNORECASE)
_TIMED = re.compile(r"\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:|\d\d:\d\d:\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:|\d{10}\.\d")


def outside_fences(lines: Iterable[Line]) -> list[Line]:
    """The lines that stand in no Markdown code block; all of them where a fence is never closed."""
    kept: list[Line] = []
    fenced: list[Line] = []
    inside = False
    for line in lines:
        if "\N{NO-BREAK SPACE}" in line.text:  # pasted by way of a web page
            line = line._replace(text=line.text.replace("\N{NO-BREAK SPACE}", " "))
        if line.text.lstrip().startswith("```"):
            inside = not inside
            fenced = []
        elif inside:
            fenced.append(line)
        else:
            kept.append(line)
    return kept + fenced if inside else kept


def has_fences(lines: Iterable[Line]) -> bool:
    """Whether a head holds a closed Markdown code block: programs print none."""
    return sum(line.text.lstrip().startswith("```") for line in lines) > 1


def is_page(lines: Iterable[Line]) -> bool:
    """Whether a head is that of a web page or of a program's source: what it quotes is no file of its own."""
    first = next((line.text for line in lines if line.text.strip()), "")
    return _PAGE.match(first) is not None


def matching(lines: Iterable[Line], pattern: re.Pattern[str]) -> list[int]:
    """The numbers of the lines whose start matches."""
    return [line.number for line in lines if pattern.match(line.text)]


def is_markdown(lines: Iterable[Line]) -> bool:
    """Whether a head reads as a Markdown document: a heading and sentences, bullets or tables under it."""
    headings = prose = 0
    for line in lines:
        headings += bool(_HEADING.match(line.text))
        prose += bool(_PROSE.search(line.text[:400]) or _BULLET.match(line.text))
    return bool(headings and prose)


def prose_share(lines: Iterable[Line]) -> float:
    """Which part of the non-empty lines are sentences of a person."""
    full = [line.text for line in lines if line.text.strip() and not _TIMED.match(line.text) and not _PROGRAMS_OWN.match(line.text)]
    return sum(bool(_PROSE.search(text[:400])) for text in full) / len(full) if full else 0.0


def is_told(lines: Sequence[Line], first: int = 0) -> bool:
    """Whether a person tells what the lines show: whole sentences, several of them, one before the line `first` (0: near the top).

    What a program prints of others' words, such as the page in a dump, comes behind lines of its own.
    """
    told = [line.number for line in lines if _SENTENCE.search(line.text[:400]) and not _PROGRAMS_OWN.match(line.text)]
    if len(told) < LEAST_SENTENCES:
        return False
    full = [line.number for line in lines if line.text.strip()]
    return told[0] < (first or full[min(TOP_LINES, len(full) - 1)])


def is_quoted(lines: Sequence[Line], first: int) -> bool:
    """Whether a person's sentences stand around the evidence that begins in the line `first`: it is pasted into a document."""
    return prose_share(lines) > MAX_PROSE or is_told(lines, first)


def is_programs_own(text: str) -> bool:
    """Whether a sentence is one that a program prints, not a person's."""
    return _PROGRAMS_OWN.match(text) is not None


def is_document(name: str, lines: Iterable[Line]) -> bool:
    """Whether a file is called Markdown and reads so: what it shows of a program's output, indented or not, is shown by a person."""
    return name.lower().endswith((".md", ".markdown")) and is_markdown(line for line in lines if not _PROGRAMS_OWN.match(line.text))


def because(title: Message, line: int, strength: int) -> Reason:
    """'Line 3 is a line of …'."""
    return Reason(strength, FORM(line=line, what=title()), line)
