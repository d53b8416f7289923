"""Secrets in evidence text: where they stand, and the stable tokens that are shown instead.

Equal secrets get equal tokens, so that a reader sees whether two hosts sent the same cookie; the token is a keyed hash
(HMAC-SHA-256, RFC 2104), so that nobody can try guesses against it without the portal's key. Names, schemes and user names
stay readable.
"""

import hmac
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MAX_LINE_CHARACTERS = 1 << 16  # the rest of a longer line is searched in pieces of this size
_OVERLAP = 512


class Span(NamedTuple):
    """A secret's place in a text: characters `start` to `end` (exclusive)."""

    start: int
    end: int


# No open-ended part before the name: a search from every start of a word would take quadratic time on a hostile line
_NAME = (
    r"(?:(?:passw(?:or)?d|passphrase|passwd|pwd|secret|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?key|psk"
    r"|token|credentials?|session[_-]?id|sessid|pre-shared-key|plaintext-password|encrypted-password)(?:[_-]\w{1,16}|\d{1,3})?)"
)
_VALUE = r"""(?:"(?P<v1>(?:[^"\\]|\\.){1,4096})"|'(?P<v2>(?:[^'\\]|\\.){1,4096})'|(?P<v3>[^\s"'&;,<>(){}\[\]|]{1,4096}))"""

_PATTERNS = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        # Authorization: Basic dXNlcjpwdw==   (RFC 9110, 11.6.2); Digest and the like: all that follows the scheme
        (r"^(?:[<>*]\s)?(?:proxy-)?authorization:[ \t]{0,8}(?:[A-Za-z][\w-]{0,30}[ \t]{1,8})?(?P<v1>\S.*)", re.I),
        (
            r"(?:proxy-)?authorization\s{0,8}[:=]\s{0,8}[\"']?"
            r"(?:[A-Za-z][\w-]{0,30}[ \t]{1,8})?(?P<v1>[^\s\"'][^\"'\r\n]{0,8191})",
            re.I,
        ),
        (r"\b(?:bearer|negotiate|ntlm)[ \t]{1,8}(?P<v1>[A-Za-z0-9._~+/=-]{12,8192})", re.I),
        # X-Api-Key: …, X-Auth-Token: …
        (r"\bx-[\w-]{0,40}(?:key|token|secret|signature|credential)\s{0,8}:\s{0,8}(?P<v1>[^\s\"']{1,8192})", re.I),
        # scheme://user:password@host
        (r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"']{0,256}:(?P<v1>[^\s/@\"']{1,512})@", re.I),
        # curl -u user:password
        (r"(?:^|\s)(?:-u|--user|--proxy-user)[ =]+[\"']?[^\s:\"']{1,256}:(?P<v1>[^\s\"']{1,512})", 0),
        (r"\bsshpass\s{1,8}-p\s{0,8}(?P<v1>\S{1,512})", 0),
        # password=…, "api_key": "…", token: …
        (rf"{_NAME}[\"']?\s{{0,8}}(?:=>|:=|[=:])\s{{0,8}}{_VALUE}", re.I),
        # Cisco, VyOS, IOS-like configuration: 'enable secret 5 $1$…', 'encrypted-password $6$…'
        (
            r"\b(?:password|secret|pre-shared-secret|pre-shared-key|plaintext-password|encrypted-password|key-string|passphrase)"
            r"[ \t]{1,8}(?:[0-9][ \t]{1,8})?(?P<v1>\"[^\"\r\n]{1,512}\"|'[^'\r\n]{1,512}'|\$[0-9a-z]{1,4}\$\S{1,512}"
            r"|(?=\S{0,512}[0-9$])\S{6,512})",
            re.I,
        ),
        (r"\bsnmp-server[ \t]{1,8}community[ \t]{1,8}(?P<v1>\S{1,256})", re.I),
        # plain-text protocols: FTP, POP3 (RFC 959, RFC 1939), SMTP and IMAP
        (r"(?:^|[>\s])PASS[ \t]{1,8}(?P<v1>[^\s]{1,512})", 0),
        (r"\bAUTH(?:ENTICATE)?[ \t]{1,8}(?:PLAIN|LOGIN|CRAM-MD5|XOAUTH2)[ \t]{1,8}(?P<v1>[A-Za-z0-9+/=]{4,4096})", 0),
        # tokens that are known by their form: JSON Web Token (RFC 7519), AWS, GitHub, Slack, GitLab, crypt(5)
        (r"(?P<v1>\beyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{4,8192}\.[A-Za-z0-9_-]{0,4096})", 0),
        (r"(?P<v1>\b(?:AKIA|ASIA)[0-9A-Z]{16}\b)", 0),
        (r"(?P<v1>\b(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|glpat-[\w-]{16,255}|xox[abprs]-[\w-]{8,255}))", 0),
        (r"(?P<v1>\$(?:1|2[aby]|5|6|y|apr1)\$[./A-Za-z0-9$=,]{8,256})", 0),
    )
)
_COOKIE = re.compile(r"\b(set-)?cookie\s{0,8}[:=]\s{0,8}(?P<pairs>[^\r\n\"']{1,16384})", re.I)
_COOKIE_PAIR = re.compile(r"(?:^|;)\s{0,8}[^=;\s]{1,256}=(?P<v1>[^;\r\n]{1,8192})")
_PEM_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_HINT = re.compile(
    r"auth|bearer|negotiate|ntlm|cookie|pass|pwd|secret|key|token|credential|sess|psk|snmp|://|-u|--user|eyJ|AKIA|ASIA|gh[pousr]_"
    r"|github_pat|glpat|xox|\$[0-9a-z]{1,4}\$|PRIVATE",
    re.I,
)


def find(text: str) -> list[Span]:
    """The secrets of one line, in order, not overlapping. Linear in the length of the text."""
    if not _HINT.search(text):
        return []
    found: list[Span] = []
    for start in range(0, max(len(text), 1), MAX_LINE_CHARACTERS):
        low = max(0, start - _OVERLAP)
        piece = text[low : start + MAX_LINE_CHARACTERS]
        found += (Span(low + a, low + b) for a, b in _find_piece(piece))
    return _joined(found)


def _find_piece(text: str) -> Iterator[tuple[int, int]]:
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            for name in match.groupdict():
                if match[name]:
                    yield match.span(name)
    for header in _COOKIE.finditer(text):
        at = header.start("pairs")
        for pair in _COOKIE_PAIR.finditer(header["pairs"]):
            yield at + pair.start("v1"), at + pair.end("v1")
            if header[1]:  # Set-Cookie: what follows the first pair are attributes
                break


def _joined(spans: Iterable[Span]) -> list[Span]:
    out: list[Span] = []
    for span in sorted(spans):
        if out and span.start < out[-1].end:
            out[-1] = Span(out[-1].start, max(out[-1].end, span.end))
        else:
            out.append(span)
    return out


class PrivateKeys:
    """Follows a text line by line and says which lines are the body of a private key (PEM, RFC 7468; OpenPGP)."""

    def __init__(self) -> None:
        self.inside = False

    def hides(self, line: str) -> bool:
        """Whether this line is a key's body; call it for each line in order."""
        if _PEM_END.search(line):
            self.inside = False
            return False
        if _PEM_BEGIN.search(line):
            self.inside = True
            return False
        return self.inside and bool(line.strip())


class Masker:
    """Replaces secrets by tokens made with `key`: equal secrets, equal tokens."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, secret: str) -> str:
        """'3fa9c1d2': eight hexadecimal digits that stand for a secret."""
        return hmac.new(self._key, secret.encode("utf-8", "surrogatepass"), "sha256").hexdigest()[:8]

    def mask(self, text: str) -> str:
        """The text with '[masked 3fa9c1d2]' where a secret stands; for sentences, exports and anything outside of HTML."""
        out: list[str] = []
        at = 0
        for start, end in find(text):
            out += (text[at:start], f"[masked {self.token(text[start:end])}]")
            at = end
        out.append(text[at:])
        return "".join(out)

    def mask_lines(self, lines: Iterable[str]) -> Iterator[str]:
        """Lines of one text, in order: secrets within lines, and the bodies of private keys."""
        keys = PrivateKeys()
        for line in lines:
            yield f"[masked {self.token(line)}]" if keys.hides(line) else self.mask(line)
