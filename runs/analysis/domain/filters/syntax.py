"""The grammar of filters: pcap-filter(7), with `remark`, `stream`, `frame` and `inner ( … )` added.

As in libpcap `and` and `or` bind equally and from the left, `not` binds tighter, a value without qualifiers takes those of the one
before it (`tcp port 80 or 443`), and each `vlan` moves what follows one tag inwards.
"""

from collections.abc import Callable
from dataclasses import replace

from runs.analysis.domain.filters import tree
from runs.analysis.domain.filters.cursor import Qualifiers
from runs.analysis.domain.filters.qualified import Qualified
from runs.analysis.domain.filters.tokens import FilterError, Token, tokens
from runs.analysis.domain.filters.vocabulary import (
    ADDRESS,
    IP_PROTOCOLS,
    LINK_PROTOCOLS,
    NO_REMARK,
    NOT_SUPPORTED,
    NOTHING_BEFORE,
    NUMBER,
    TOO_LARGE,
    TYPES,
    UNEXPECTED,
    UNSUPPORTED,
    WORD,
)
from runs.analysis.packets.schema import REMARK_BITS

VALUE_KINDS = ("ipv4", "ipv6", "mac", "number", "range")
MOST_FRAMES, MOST_STREAMS, LARGEST_VLAN = 2**62, 2**31 - 1, 4_095
CASTS = {"broadcast": "broadcast", "multicast": "multicast"}


def parse(text: str) -> tree.Node | None:
    """The meaning of a filter; None for an empty one (every frame). Raises FilterError."""
    parser = _Parser(tokens(text))
    if parser.now.kind == "":
        return None
    node = parser.expression(0)
    if parser.now.kind:
        raise FilterError(UNEXPECTED(text=parser.now.text), parser.now.position)
    return node


class _Parser(Qualified):
    # ---- logic ------------------------------------------------------------------------------------------------------
    def expression(self, depth: int) -> tree.Node:
        self.check_depth(depth)
        node = self.term(depth)
        while joined := self.take_if("and", "&&", "or", "||"):
            right = self.term(depth)
            node = tree.And(node, right) if joined.text in ("and", "&&") else tree.Or(node, right)
        return node

    def term(self, depth: int) -> tree.Node:
        negations = 0
        while self.take_if("not", "!"):
            negations += 1
        node = self.comparison(depth) or self.primary(depth)
        return tree.Not(node) if negations % 2 else node

    def comparison(self, depth: int) -> tree.Node | None:
        node = self.relation(depth)
        if node is not None:
            self.last = None
        return node

    def primary(self, depth: int) -> tree.Node:
        token = self.now
        if self.take_if("("):
            before = self.last
            node = self.expression(depth + 1)
            self.last = before
            self.expect(")")
            return node
        if token.kind == "word" and token.text in OWN_WORDS:
            self.take()
            node = OWN_WORDS[token.text](self, depth)
            self.last = None
            return node
        qualifiers = self.qualifiers() if token.kind == "word" else None
        return self.bare(token) if qualifiers is None else self.qualified(qualifiers)

    def bare(self, token: Token) -> tree.Node:
        """A value alone: with the qualifiers of the one before it; an address alone is a host."""
        if token.text in UNSUPPORTED:
            raise FilterError(NOT_SUPPORTED(text=token.text), token.position)
        if token.kind in ("ipv4", "ipv6", "mac") and self.last is None:
            self.last = Qualifiers(type="net" if "/" in token.text else "host")
        if token.kind not in (*VALUE_KINDS, "word"):
            raise self.wrong(WORD)
        if self.last is None:
            raise FilterError(NOTHING_BEFORE(text=token.text), token.position)
        return self.value(self.last)

    # ---- qualifiers -------------------------------------------------------------------------------------------------
    def qualifiers(self) -> Qualifiers | None:
        """Protocol, direction and type as far as they stand here; None where none does."""
        start, found, word = self.at, Qualifiers(), self.now.text
        if word in LINK_PROTOCOLS or word in IP_PROTOCOLS or word in ("ether", "link"):
            found = replace(found, protocol="ether" if word == "link" else word)
            self.take()
        if direction := self.direction():
            found = replace(found, direction=direction)
        if self.now.text in TYPES and self.now.kind == "word":
            found = replace(found, type=self.take().text)
        return found if self.at > start else None

    def direction(self) -> tree.Direction | None:
        first = self.take_if("src", "dst")
        if first is None:
            return None
        second = self.following
        if self.now.text in ("or", "and") and second.text in ("src", "dst") and second.text != first.text:
            joins = self.take()
            self.take()
            return "either" if joins.text == "or" else "both"
        return "src" if first.text == "src" else "dst"

    def qualified(self, q: Qualifiers) -> tree.Node:
        """What stands behind qualifiers; a protocol alone is a condition."""
        token, is_alone = self.now, q.type is None and q.direction == "either"
        if is_alone and q.protocol is not None:
            self.last = None
            if token.text in CASTS and q.protocol in ("ether", "ip", "ip6"):
                self.take()
                return self.cast(token, q.protocol)
            if token.text == "stream" and q.protocol in IP_PROTOCOLS:
                self.take()
                return self.stream(q.protocol)
            if token.kind not in VALUE_KINDS and q.protocol != "ether":
                return tree.Protocol(q.protocol, self.vlans)
        if q.type is None and token.kind not in VALUE_KINDS and token.text not in ("(", "not", "!"):
            raise self.wrong(ADDRESS)
        return self.values(replace(q, type=q.type or "host"))

    def values(self, q: Qualifiers) -> tree.Node:
        """One value, or several in parentheses: `port (80 or 443)`."""
        self.last = q
        if not self.take_if("("):
            return self.negated_value(q)
        node = self.negated_value(q)
        while joined := self.take_if("or", "||", "and", "&&"):
            right = self.negated_value(q)
            node = tree.And(node, right) if joined.text in ("and", "&&") else tree.Or(node, right)
        self.expect(")")
        return node

    def negated_value(self, q: Qualifiers) -> tree.Node:
        """`port not 80`."""
        negations = 0
        while self.take_if("not", "!"):
            negations += 1
        node = self.value(q)
        return tree.Not(node) if negations % 2 else node

    # ---- words with a meaning of their own --------------------------------------------------------------------------
    def numbers(self, most: int) -> tuple[int, int]:
        """`N` or `N-M`, cut to the largest."""
        token = self.now
        first, _, last = token.text.partition("-") if token.kind == "range" else (token.text, "", token.text)
        if token.kind not in ("number", "range") or not first.isdigit() or not last.isdigit():
            raise self.wrong(NUMBER)
        self.take()
        return min(int(first), most), min(int(last), most)

    def stream(self, protocol: str) -> tree.Node:
        first, last = self.numbers(MOST_STREAMS)
        return tree.Stream(first, last, protocol)

    def frame(self, depth: int) -> tree.Node:
        first, last = self.numbers(MOST_FRAMES)
        return tree.Frame(first, last)

    def remark(self, depth: int) -> tree.Node:
        token = self.now
        name = token.text.replace("-", "_")
        if name not in REMARK_BITS and name != "any":
            known = ["any", *REMARK_BITS]
            raise FilterError(NO_REMARK(text=token.text, known=known), token.position) if token.kind else self.wrong(WORD)
        self.take()
        return tree.Remark(name)

    def inner(self, depth: int) -> tree.Node:
        self.expect("(")
        node = self.expression(depth + 1)
        self.expect(")")
        return tree.Inner(node)

    def vlan(self, depth: int) -> tree.Node:
        number = None
        if self.now.kind == "number" and self.now.text.isdigit():
            number = int(self.now.text)
            if number > LARGEST_VLAN:
                raise FilterError(TOO_LARGE(most=LARGEST_VLAN), self.now.position)
            self.take()
        node = tree.Vlan(number, self.vlans)
        self.vlans += 1
        return node

    def length(self, sign: str) -> tree.Node:
        token = self.now
        if token.kind != "number" or not token.text.isdigit():
            raise self.wrong(NUMBER)
        self.take()
        if int(token.text) > 0xFFFFFFFF:
            raise FilterError(TOO_LARGE(most=0xFFFFFFFF), token.position)
        return tree.Relation(sign, tree.Length(), tree.Number(int(token.text)))

    def cast(self, word: Token, layer: str) -> tree.Node:
        kind = CASTS[word.text]
        if kind == "broadcast" and layer == "ip6":
            raise FilterError(UNEXPECTED(text=word.text), word.position)
        return tree.Cast(kind, layer, self.vlans, word.position)  # type: ignore[arg-type]  # one of the three


OWN_WORDS: dict[str, Callable[[_Parser, int], tree.Node]] = {
    "stream": lambda parser, depth: parser.stream("tcp"),
    "frame": _Parser.frame,
    "remark": _Parser.remark,
    "inner": _Parser.inner,
    "vlan": _Parser.vlan,
    "less": lambda parser, depth: parser.length("<="),
    "greater": lambda parser, depth: parser.length(">="),
    "broadcast": lambda parser, depth: parser.cast(parser.tokens[parser.at - 1], "ether"),
    "multicast": lambda parser, depth: parser.cast(parser.tokens[parser.at - 1], "ether"),
}
