"""A place in the tokens of a filter, and what is said where something else was expected."""

from dataclasses import dataclass

from runs.analysis.domain.filters import tree
from runs.analysis.domain.filters.tokens import FilterError, Token
from runs.analysis.domain.filters.vocabulary import ENDS, EXPECTED, TOO_DEEP
from runs.analysis.messages import Text, plain

MAX_DEPTH = 100


@dataclass(frozen=True)
class Qualifiers:
    """What stands before a value: protocol, direction, type."""

    protocol: str | None = None
    direction: tree.Direction = "either"
    type: str | None = None


class Cursor:
    """Walks over tokens; an empty one is the last."""

    def __init__(self, found: list[Token]) -> None:
        self.tokens, self.at = found, 0
        self.vlans = 0  # `vlan` words so far: each moves what follows one tag inwards
        self.last: Qualifiers | None = None  # what a value without qualifiers takes

    @property
    def now(self) -> Token:
        """The token at hand."""
        return self.tokens[self.at]

    @property
    def following(self) -> Token:
        """The token after it."""
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    def take(self) -> Token:
        """The token at hand; the next one is at hand then."""
        token = self.now
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def take_if(self, *texts: str) -> Token | None:
        """The token at hand if it is one of these."""
        return self.take() if self.now.text in texts else None

    def expect(self, text: str) -> Token:
        """The token at hand, which must be this one. Raises FilterError."""
        if self.now.text != text:
            raise self.wrong(plain(f"“{text}”"))
        return self.take()

    def wrong(self, what: Text) -> FilterError:
        """The error that something else is expected at the token at hand."""
        said = EXPECTED(what=what) if self.now.kind else ENDS(what=what)
        return FilterError(said, self.now.position)

    def check_depth(self, depth: int) -> None:
        """Raise FilterError where parentheses nest too deeply."""
        if depth > MAX_DEPTH:
            raise FilterError(TOO_DEEP(), self.now.position)
