"""Words, numbers, addresses and signs of a filter, each with its position in the text."""

import re
from typing import NamedTuple

from runs.analysis.messages import Text, message

MAX_LENGTH = 4_000
_HEX = "[0-9A-Fa-f]"
_TOKEN = re.compile(
    rf"""
    (?P<space>\s+)
  | (?P<mac>(?:{_HEX}{{1,2}}[:-]){{5}}{_HEX}{{1,2}}(?![\w:]))
  | (?P<cisco>(?:{_HEX}{{4}}\.){{2}}{_HEX}{{4}}(?![\w.]))
  | (?P<ipv6>(?=[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:)[0-9A-Fa-f:]+(?:\d+\.\d+\.\d+\.\d+)?(?:/\d{{1,3}})?(?![\w:]))
  | (?P<ipv4>\d{{1,3}}(?:\.\d{{1,3}}){{1,3}}(?:/\d{{1,2}})?(?![\w.]))
  | (?P<range>\d+-\d+(?![\w.]))
  | (?P<number>0[xX]{_HEX}+(?!\w)|\d+(?:/\d{{1,2}})?(?![\w.]))
  | (?P<word>\\?[A-Za-z_](?:[-.\w]*\w)?)
  | (?P<sign>&&|\|\||<<|>>|!=|==|<=|>=|[()\[\]:!&|^+\-*/%<>=])
    """,
    re.VERBOSE,
)

TOO_LONG = message(
    "filter.too_long", en="The filter is longer than {most:count} characters.", ja="フィルタが {most:count} 文字を超えている。"
)
STRANGE = message("filter.strange", en="“{text}” means nothing here.", ja="「{text}」は解釈できない。")


class FilterError(ValueError):
    """A mistake in a filter: what, and at which character (from 0)."""

    def __init__(self, text: Text, position: int) -> None:
        super().__init__(text)
        self.text, self.position = text, position


class Token(NamedTuple):
    """A piece of the filter. Kinds: the group names above; '' at the end."""

    kind: str
    text: str
    position: int


def tokens(text: str) -> list[Token]:
    """The pieces of a filter, an empty one last. Raises FilterError."""
    if len(text) > MAX_LENGTH:
        raise FilterError(TOO_LONG(most=MAX_LENGTH), MAX_LENGTH)
    found, position = [], 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise FilterError(STRANGE(text=text[position : position + 12]), position)
        kind = str(match.lastgroup).replace("cisco", "mac")
        if kind != "space":
            found.append(Token(kind, match[0], position))
        position = match.end()
    return [*found, Token("", "", len(text))]
