"""The grammar of comparisons: `tcp[tcpflags] & tcp-syn != 0`, `len > 1000`."""

from runs.analysis.domain.filters import tree
from runs.analysis.domain.filters.cursor import Cursor
from runs.analysis.domain.filters.tokens import FilterError, Token
from runs.analysis.domain.filters.vocabulary import (
    BY_ZERO,
    CONSTANTS,
    EXPECTED,
    GREEDY,
    IP_PROTOCOLS,
    LINK_PROTOCOLS,
    MINUS,
    NOT_SUPPORTED,
    NUMBER,
    PRECEDENCE,
    RELATIONS,
    TOO_LARGE,
)
from runs.analysis.messages import plain

INDEXED = frozenset({"ether", "link", *LINK_PROTOCOLS, *IP_PROTOCOLS} - {"ah", "esp"})


class Arithmetic(Cursor):
    """Reads comparisons."""

    def relation(self, depth: int) -> tree.Relation | None:
        """A comparison, if one stands here; else nothing is taken. Raises FilterError."""
        start, found = self.at, self.tokens
        token, is_indexed = self.now, self.following.text == "["
        is_certain = is_indexed or token.text == "len"
        if not (is_certain or token.text in ("-", "(") or token.kind == "number" or token.text in CONSTANTS):
            return None
        sign = None
        try:
            left = self.arithmetic(0, depth)
            sign = self.take_if(*RELATIONS)
        except FilterError:
            if is_certain:
                raise
        if sign is None:
            if is_certain:
                raise self.wrong(plain("=, !=, <, >"))
            self.at, self.tokens = start, found
            return None
        return tree.Relation(sign.text, left, self.arithmetic(0, depth))

    def arithmetic(self, least: int, depth: int) -> tree.Value:
        """An expression of operations that bind tighter than `least`. Raises FilterError."""
        self.check_depth(depth)
        left = self.operand(depth)
        while self.now.text in GREEDY or PRECEDENCE.get(self.now.text, -1) > least:
            sign = self.take()
            right = self.arithmetic(0 if sign.text in GREEDY else PRECEDENCE[sign.text], depth + 1)
            left = tree.Computed(sign.text, left, self.divisor(sign, right))
        return left

    def divisor(self, sign: Token, right: tree.Value) -> tree.Value:
        """The right side of an operation, refused where libpcap refuses it."""
        if isinstance(right, tree.Number):
            if sign.text in ("/", "%") and right.value == 0:
                raise FilterError(BY_ZERO(), sign.position)
            if sign.text in ("<<", ">>") and right.value > 31:
                raise FilterError(TOO_LARGE(most=31), sign.position)
        return right

    def operand(self, depth: int) -> tree.Value:
        """A number, a header's bytes, an expression in parentheses."""
        self.check_depth(depth)
        if self.now.kind == "range":
            self.split_range()
        token = self.now
        if self.take_if("("):
            value = self.arithmetic(0, depth + 1)
            self.expect(")")
            return value
        if self.take_if("-"):
            return tree.Computed("-", tree.Number(0), self.arithmetic(MINUS, depth + 1))
        if token.kind == "number" and "/" not in token.text:
            self.take()
            number = int(token.text, 16) if token.text[:2] in ("0x", "0X") else int(token.text)
            if number > 0xFFFFFFFF:
                raise FilterError(TOO_LARGE(most=0xFFFFFFFF), token.position)
            return tree.Number(number)
        if self.take_if("len"):
            return tree.Length()
        if token.text in CONSTANTS and self.following.text != "[":
            self.take()
            return tree.Number(CONSTANTS[token.text])
        if self.following.text == "[" and token.kind == "word":
            if token.text not in INDEXED:
                raise FilterError(NOT_SUPPORTED(text=f"{token.text}["), token.position)
            return self.header_bytes(depth)
        raise self.wrong(NUMBER)

    def split_range(self) -> None:
        """`5-3` where numbers are expected is a subtraction."""
        token = self.now
        first, last = token.text.split("-")
        places = token.position, token.position + len(first), token.position + len(first) + 1
        parts = [Token("number", first, places[0]), Token("sign", "-", places[1]), Token("number", last, places[2])]
        self.tokens = [*self.tokens[: self.at], *parts, *self.tokens[self.at + 1 :]]

    def header_bytes(self, depth: int) -> tree.Bytes:
        """`ip[2:2]`."""
        token = self.take()
        self.expect("[")
        at = self.arithmetic(0, depth + 1)
        size = 1
        if self.take_if(":"):
            if self.now.text not in ("1", "2", "4"):
                raise FilterError(EXPECTED(what="1, 2, 4"), self.now.position)
            size = int(self.take().text)
        self.expect("]")
        return tree.Bytes("ether" if token.text == "link" else token.text, at, size, self.vlans, token.position)
