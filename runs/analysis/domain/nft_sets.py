"""A named set of nft while it is read: its members as written, and whether they come and go by themselves. Source: nft(8), section 'Sets'."""

import re
from dataclasses import dataclass, field

MOST_MEMBERS = 1_000
MOST_TEXT = 400_000  # characters
_CHANGES = re.compile(r"flags .*\b(?:dynamic|timeout)\b|timeout |gc-interval ")
_BESIDE = re.compile(r'\s+(?:comment\s+"[^"]*"|counter(?:\s+packets \d+ bytes \d+)?|(?:timeout|expires)\s+\w+)')


@dataclass
class NftSet:
    """Lines are given to `read` in turn until it refuses one: that closes the set."""

    name: str  # with its table: 'inet filter blocked'
    line: int
    members: list[str] = field(default_factory=list)
    changes: bool = False
    _body: str = ""
    _within: bool = False  # the braces of the elements are open

    def read(self, text: str) -> bool:
        """Whether the line is the set's own."""
        if not self._within:
            if text in ("}", "};"):
                return False
            if _CHANGES.match(text):
                self.changes = True
            if not text.startswith("elements"):
                return True
            text = text.partition("{")[2]
        self._within = "}" not in text
        self._body += " " + text.partition("}")[0]
        self.changes = self.changes or len(self._body) > MOST_TEXT
        if not self._within or self.changes:
            self._take()
        return True

    def _take(self) -> None:
        for part in self._body.split(","):
            if (" timeout " in part) or (" expires " in part):
                self.changes = True
            member = _BESIDE.sub("", part).strip().strip('"')
            if member and len(self.members) <= MOST_MEMBERS:
                self.members.append(member)
        self._body = ""
