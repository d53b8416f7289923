"""Lines of pf rules as pfctl prints them and as pf.conf holds them, read into PfRule.

Source: pf.conf(5), GRAMMAR, of OpenBSD, FreeBSD and macOS.
"""

import re
from collections.abc import Mapping

from runs.analysis.facts.firewall import PfRule

_WORD = re.compile(r'"[^"]*"|<[^>\s]*>|\([^)]*\)(?::\w+)?(?:/\d+)?|[{}!,]|->|(?:<=|>=|!=|<>|><|[=<>])|[^\s{}!,"=<>(][^\s{},"=]*|\S')
_NUMBERED = re.compile(r"@\d+(?:\(\d+\))?\s+")
_MACRO = re.compile(r"\$(\w+)")
ACTIONS = frozenset(
    [
        "pass",
        "block",
        "match",
        "scrub",
        "scrub-anchor",
        "anchor",
        "nat",
        "rdr",
        "binat",
        "nat-anchor",
        "rdr-anchor",
        "binat-anchor",
        "dummynet-anchor",
        "dummynet",
        "no",
        "antispoof",
        "set",
        "table",
        "load",
        "include",
        "altq",
        "queue",
    ]
)
_KEPT = {"pass", "block", "match", "scrub", "scrub-anchor", "anchor", "nat", "rdr", "binat", "nat-anchor", "rdr-anchor", "no"}
_RETURNS = {"return", "return-rst", "return-icmp", "return-icmp6"}
# Words after which the rest no longer narrows what a rule matches on addresses and ports, with how many words follow each.
_TAIL = {"all": 0, "keep": 1, "modulate": 1, "synproxy": 1, "fragment": 1, "reassemble": 0, "label": 1, "flags": 1, "log": 0, "quick": 0,
         "allow-opts": 0, "probability": 1, "queue": 1, "tag": 1, "tagged": 1, "user": 1, "group": 1, "icmp-type": 1, "icmp6-type": 1,
         "code": 1, "tos": 1, "rtable": 1, "no-df": 0, "random-id": 0, "max-mss": 1, "min-ttl": 1, "set-tos": 1, "no": 1, "static-port": 0,
         "state": 0, "drop": 0, "once": 0, "divert-to": 3, "route-to": 1, "reply-to": 1, "dup-to": 1, "received-on": 1, "prio": 1,
         "nat-to": 1, "rdr-to": 1, "round-robin": 0, "sticky-address": 0, "pass": 0, "os": 1, "set": 2, "rate": 1, "max-pkt-rate": 1,
         "scrub": 1, "if-bound": 0, "floating": 0, "rtable-id": 1, "dummynet": 3, "ridentifier": 1, "filteropts": 1}  # fmt: skip


class _Words:
    """The words of a rule, read one by one."""

    def __init__(self, words: list[str]) -> None:
        self.words, self.at = words, 0

    def peek(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def take(self) -> str:
        word = self.peek()
        self.at += 1
        return word

    def list(self) -> tuple[str, ...]:
        """One word, or the words between braces."""
        if self.peek() != "{":
            negated = self.take() + " " if self.peek() == "!" else ""
            return (negated + self.take().strip('"'),)
        self.take()
        found: list[str] = []
        while self.peek() and self.peek() != "}":
            word = self.take()
            if word == "!":
                word = f"! {self.take()}"
            if word != ",":
                found.append(word.strip('"'))
        self.take()
        return tuple(found)

    def ports(self) -> tuple[str, ...]:
        """What follows `port`: '8080', '1000:2000', '!= 22', '> 1023', '1000 >< 2000', a list of these."""
        if self.peek() == "{":
            self.take()
            found: list[str] = []
            while self.peek() and self.peek() != "}":
                if self.peek() == ",":
                    self.take()
                else:
                    found.extend(self.ports())
            self.take()
            return tuple(found)
        operator = ""
        if self.peek() in ("=", "!=", "<", "<=", ">", ">=") or self.peek() == "!":
            operator = self.take()
            if operator == "!" and self.peek() == "=":
                operator += self.take()
        port = self.take()
        if self.peek() in ("<>", "><"):
            return (f"{port} {self.take()} {self.take()}",)
        return (port,) if operator in ("", "=") else (f"{operator} {port}",)


def read_macro(text: str) -> tuple[str, str] | None:
    """Name and value of a macro definition: ext_if = "en0"."""
    match = re.fullmatch(r'\s*(\w{1,64})\s*=\s*(?:"([^"]*)"|(\S+))\s*(?:#.*)?', text)
    return (match[1], match[2] if match[2] is not None else match[3]) if match else None


def is_rule(text: str) -> bool:
    """Whether a line begins like a rule."""
    words = _NUMBERED.sub("", text.strip(), count=1).split(None, 2)
    if not words or words[0] not in ACTIONS:
        return False
    if (
        words[0] in ("table", "include", "load", "set", "queue", "altq", "no", "match", "anchor", "pass", "block")
        and len(words) > 1
    ):
        return not re.match(r"[぀-ヿ一-鿿]", words[1])
    return len(words) > 1 or words[0] in ("pass", "block", "scrub")


def read_rule(text: str, line: int, macros: Mapping[str, str] = {}) -> PfRule:  # never written to
    """A rule; words that are not understood are passed over and make `understood` false."""
    shown = text.strip()
    source = _NUMBERED.sub("", shown, count=1).partition("#")[0]
    source = _MACRO.sub(lambda m: macros.get(m[1], m[0]), source)
    words = _Words(_WORD.findall(source[:4096]))
    action = words.take()
    said: dict[str, object] = {}
    understood = "$" not in source
    if action == "no" and words.peek() in ("nat", "rdr", "binat", "scrub"):
        words.take()
    elif action.endswith("anchor") and words.peek().startswith('"'):
        said["anchor"] = words.take().strip('"')
    elif action.endswith("anchor") and words.peek() not in ("all", "in", "out", "on", ""):
        said["anchor"] = words.take()
    while words.peek():
        word = words.take()
        if word in ("in", "out"):
            said["direction"] = word
        elif word in _RETURNS:
            said["returns"] = True
            if words.peek().startswith("("):
                words.take()
        elif word == "quick":
            said["quick"] = True
        elif word == "on":
            said["interface"] = ", ".join(words.list())
        elif word in ("inet", "inet6"):
            said["family"] = word
        elif word == "proto":
            said["protocols"] = words.list()
        elif word in ("from", "to"):
            _side(words, said, "source" if word == "from" else "destination")
        elif word == "port":  # 'to any' may be left out in pf.conf
            said["destination_ports"] = words.ports()
        elif word == "->":
            break
        elif word in _TAIL:
            _pass_over(words, word)
        elif word in ("{", "}", ",") or word.startswith("("):
            continue
        else:
            understood = False
    kept = action if action in _KEPT else "other"
    understood = understood and kept != "other"
    return PfRule(line=line, text=shown, action=kept, understood=understood, **said)  # type: ignore[arg-type]


def _side(words: _Words, said: dict[str, object], name: str) -> None:
    if words.peek() == "port":
        said[name] = "any"
    else:
        found = words.list()
        said[name] = found[0] if len(found) == 1 else "{ " + ", ".join(found) + " }"
    if words.peek() == "port":
        words.take()
        said[f"{name}_ports"] = words.ports()


def _pass_over(words: _Words, word: str) -> None:
    for _ in range(_TAIL[word]):
        if words.peek() == "{":
            words.list()
        elif words.peek():
            words.take()
    if words.peek().startswith("(") and word in ("state", "keep", "log", "modulate", "synproxy", "pass"):
        words.take()
