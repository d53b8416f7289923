"""Configurations of VyOS, EdgeOS and Vyatta as lists of settings: `set …` lines and braces come out alike.

Source: the VyOS user guide, chapters 'Command Line Interface' and 'Configuration Overview'.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from runs.analysis.facts.router import Setting
from runs.analysis.text import Line

MAX_SETTINGS = 50_000
MAX_DEPTH = 40
TOPS = (
    "interfaces firewall nat nat64 nat66 protocols system service policy vpn zone-policy traffic-policy traffic-control qos "
    "high-availability load-balancing container cluster vrf pki port-forward custom-attribute"
)
_TOP = "|".join(re.escape(top) for top in TOPS.split())
SET_LINE = re.compile(rf"\s*(?:[+>-] ?)?(?P<verb>set|delete)\s+(?P<rest>(?:{_TOP})\s+\S.*)$")
OPENING = re.compile(rf"(?:{_TOP})\s+\{{\s*$")
_NODE = re.compile(r"\s*(?P<words>[^{}#/;][^{};]*?)\s*\{\s*$")
_WORD = re.compile(r"'(?P<one>[^']*)'|\"(?P<two>(?:[^\"\\]|\\.)*)\"|(?P<bare>[^\s'\"]+)")
_SECRET = re.compile(r"(?:plaintext-|encrypted-)?password|pre-shared-(?:secret|key)|private-key|secret|passphrase|key|shared-key")
_SESSION = re.compile(r"(?:configure|commit|save|exit|discard|compare)\b")
MASKED = "(masked)"


@dataclass
class Tree:
    """What was read, in order."""

    form: str = "set"
    settings: list[Setting] = field(default_factory=list)
    deleted: list[Setting] = field(default_factory=list)
    unread: list[Line] = field(default_factory=list)
    unclosed: int = 0  # the line of the last brace that is never closed

    @property
    def tops(self) -> frozenset[str]:
        return frozenset(setting.words[0] for setting in self.settings if setting.words)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a setting, without quotes; the value of a password or key is masked."""
    found = [
        match["one"] if match["one"] is not None else match["two"] or match["bare"] or "" for match in _WORD.finditer(text[:4096])
    ][:64]
    if len(found) > 1 and _SECRET.fullmatch(found[-2]):
        found[-1] = MASKED
    return tuple(found)


def read_tree(lines: Iterable[Line]) -> Tree:
    """All settings; a line of neither form is kept as unread (at most 100)."""
    tree = Tree()
    path: list[tuple[str, ...]] = []
    opened: list[int] = []
    for line in lines:
        text = line.text.rstrip()
        stripped = text.strip()
        if len(tree.settings) + len(tree.deleted) >= MAX_SETTINGS:
            break
        if not stripped or stripped.startswith(("//", "/*", "#", "[edit", "*/")) or _SESSION.match(stripped):
            continue
        if not path and (typed := SET_LINE.match(text)) is not None:
            (tree.settings if typed["verb"] == "set" else tree.deleted).append(Setting(line.number, words_of(typed["rest"])))
        elif stripped == "}":
            if path:
                path.pop()
                opened.pop()
        elif (node := _NODE.match(text)) is not None and (path or OPENING.match(text)) and len(path) < MAX_DEPTH:
            tree.form = "braces"
            path.append(words_of(node["words"]))
            opened.append(line.number)
        elif path:
            tree.settings.append(Setting(line.number, tuple(word for part in path for word in part) + words_of(stripped)))
        elif len(tree.unread) < 100:
            tree.unread.append(line)
    tree.unclosed = opened[-1] if opened else 0
    return tree


def below(settings: Iterable[Setting], *path: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """The rest of each setting under a path, with its line; '*' in the path stands for any word and is kept in the rest."""
    for setting in settings:
        if len(setting.words) < len(path) or any(want not in ("*", word) for want, word in zip(path, setting.words, strict=False)):
            continue
        kept = tuple(word for want, word in zip(path, setting.words, strict=False) if want == "*")
        yield kept + setting.words[len(path) :], setting.line
