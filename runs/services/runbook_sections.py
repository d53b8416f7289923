"""A runbook's Markdown as sections: split at its headings, with anchors that stay, and the topics that each declares. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt

from runs.models.runbook import ANCHOR_MAX_CHARS, HEADING_MAX_CHARS

TOPICS = (
    "port-forward", "forwarder", "dual-stack", "service-down", "server-slow", "receiver-slow", "packet-filter", "return-path",
    "packet-loss", "mtu", "routing", "address-resolution", "tunnel", "map-e", "nat", "dhcp", "dns", "tls", "http", "logs",
    "capture-practice", "clocks", "secrets",
)  # fmt: skip
START = "start"  # the anchor of what stands before the first heading
MOST_SECTIONS = 1_000

_NUMBERED = re.compile(r"(?:§|第)?\s{0,3}(\d{1,4}(?:\.\d{1,4}){0,5})(?:[.)．）:：、章節]|\s|$)")
_MARKED = re.compile(r"§\s{0,3}(\d{1,4}(?:\.\d{1,4}){0,5})")
_TOPICS = re.compile(r"^\s{0,3}topics\s{0,3}[:：](.*)$", re.IGNORECASE)
_MARKS = re.compile(r"[`*_~\[\]]")
_PARSER = MarkdownIt("commonmark", {"html": False, "maxNesting": 20})


@dataclass(frozen=True)
class Part:
    """One section of a text. `body`: up to the next heading, without its topics line; `line`: of the heading, 1-based."""

    anchor: str
    heading: str
    level: int
    line: int
    body: str
    topics: tuple[str, ...]
    unknown_topics: tuple[str, ...]


def split(text: str) -> list[Part]:
    """The sections of a Markdown text (line ends '\\n'); headings inside code or quotes are none. At most MOST_SECTIONS."""
    lines = text.split("\n")
    headings, topic_lines = _places(text, lines)
    parts: list[Part] = []
    taken: set[str] = set()
    starts = [(0, 0, 0, ""), *headings]
    for (begin, after, level, heading), end in zip(starts, [h[0] for h in headings] + [len(lines)], strict=True):
        own = [n for n in range(after, end) if n not in topic_lines]
        body = "\n".join(lines[n] for n in own).strip("\n")
        if level == 0 and not body.strip():
            continue
        known, unknown = _topics(topic_lines[n] for n in range(after, end) if n in topic_lines)
        anchor = _unique(START if level == 0 else anchor_of(heading), taken)
        parts.append(Part(anchor, heading[:HEADING_MAX_CHARS], level, begin + 1, body, known, unknown))
    return parts


def _places(text: str, lines: list[str]) -> tuple[list[tuple[int, int, int, str]], dict[int, str]]:
    """((first line, line after it, level, words) of each heading, {line: words of a topics line}); lines from 0."""
    headings: list[tuple[int, int, int, str]] = []
    topics: dict[int, str] = {}
    tokens = _PARSER.parse(text)
    for index, token in enumerate(tokens):
        if token.map is None or token.level != 0:
            continue
        if token.type == "heading_open" and len(headings) < MOST_SECTIONS:
            words = " ".join(_MARKS.sub("", tokens[index + 1].content).split())
            headings.append((token.map[0], token.map[1], int(token.tag[1:]), words))
        elif token.type == "paragraph_open":
            for number in range(*token.map):
                if found := _TOPICS.match(lines[number]):
                    topics[number] = found[1]
    return headings, topics


def _topics(said: Iterator[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(known, unknown) topics of declarations, each once."""
    words = [word.strip(" `").lower() for line in said for word in re.split(r"[,，、;]", line)]
    named = list(dict.fromkeys(word for word in words if word))
    return tuple(w for w in named if w in TOPICS), tuple(w for w in named if w not in TOPICS)


def anchor_of(heading: str) -> str:
    """'§8' of '8. Silent port', '§ 8 …' and '第8章 …'; else the words, lower case, joined by '-', as GitHub makes them."""
    normal = unicodedata.normalize("NFKC", heading).strip()
    if found := _NUMBERED.match(normal):
        return f"§{found[1]}"
    words = "".join(c if c.isalnum() or c in "-_" else " " if c.isspace() else "" for c in normal.lower())
    return "-".join(words.split())[: ANCHOR_MAX_CHARS - 10] or "section"


def _unique(anchor: str, taken: set[str]) -> str:
    made, number = anchor, 2
    while made in taken:
        made, number = f"{anchor}-{number}", number + 1
    taken.add(made)
    return made


def numbers_named(words: str) -> list[str]:
    """The anchors that a reference names: ['§8', '§9'] of '…_RUNBOOK.md §8/§9'."""
    return list(dict.fromkeys(f"§{number}" for number in _MARKED.findall(unicodedata.normalize("NFKC", words)[:1_000])))
