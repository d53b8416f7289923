"""The terms that a text is found by, the same for every database: words, pairs of CJK characters, and exact things by their value.

    '再送: [::1]:9080 refused'  →  再送 送 1 9080 refused ip00…01 port9080

Japanese has no spaces between its words: a run of CJK characters gives all its pairs, and its last character. An address gives
its 128 bits whatever its spelling, a hardware address its digits, a port its number. RUN_IDs and hashes are words.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

TERM_MAX_CHARS = 64
TERMS_MAX = 2_000
QUERY_WORDS_MAX = 8
PREFIX_LEAST_CHARS = 2
_CJK = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = re.compile(f"(?P<cjk>[{_CJK}]+)|(?P<word>[^\\W_{_CJK}]+)")
_ADDRESS = re.compile(r"(?<![0-9A-Za-z.:])[0-9A-Fa-f:]*[:.][0-9A-Fa-f:.]*[0-9A-Fa-f:](?![0-9A-Za-z])")
_IPV4_PORT = re.compile(r"(\d+\.\d+\.\d+\.\d+):\d{1,5}")
_MAC = re.compile(
    r"(?<![0-9A-Fa-f:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:-])|\b(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}\b", re.I
)
_PORT = re.compile(
    r"(?:(?:[^\W\d]|\]|\*|\d+\.\d+\.\d+\.\d+|(?<![\w-])(?=[\w-]{0,63}[A-Za-z])[\w-]{1,64}|^|(?<=\s)):|\bports? ?|ポート ?)(\d{1,5})(?![\w:.-])",
    re.I,
)


@dataclass(frozen=True)
class Wanted:
    """One condition of a query: neighbouring terms, the last perhaps only begun."""

    terms: tuple[str, ...]
    begun: bool = False


def folded(text: str) -> str:
    """NFKC in small letters: full-width digits, half-width kana and case make no difference."""
    return unicodedata.normalize("NFKC", text).casefold()


def terms_of(text: str) -> list[str]:
    """All terms of a text, in its order, then the exact ones; at most TERMS_MAX."""
    plain = folded(text)
    out: list[str] = []
    for match in _RUNS.finditer(plain):
        part = match[0]
        if match.lastgroup == "word":
            out.append(part[:TERM_MAX_CHARS])
        else:
            out += [part[at : at + 2] for at in range(len(part) - 1)] + [part[-1]]
        if len(out) >= TERMS_MAX:
            break
    return out[:TERMS_MAX] + list(dict.fromkeys(_exact(plain)))[:TERMS_MAX]


def _exact(text: str) -> Iterator[str]:
    for match in _MAC.finditer(text):
        yield _mac_term(match[0])
    for match in _ADDRESS.finditer(_IPV4_PORT.sub(r"\1 ", text)):
        if term := address_term(match[0]):
            yield term
    for match in _PORT.finditer(text):
        if int(match[1]) < 65_536:
            yield port_term(int(match[1]))


def address_term(text: str) -> str | None:
    """'ip' and 32 hex digits of an address, IPv4 as its IPv4-mapped IPv6 address; None for what is none."""
    try:
        address = ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return f"ip{int(address) + (0xFFFF << 32 if address.version == 4 else 0):032x}"


def port_term(port: int) -> str:
    """'port9080'."""
    return f"port{port}"


def _mac_term(text: str) -> str:
    return "mac" + re.sub("[:.-]", "", text).lower()


def wanted(query: str) -> list[Wanted]:
    """What a person asked for, each of which an entry must have; nothing where the query has no word."""
    text = " ".join(folded(query.replace("\0", " ")).split()[: QUERY_WORDS_MAX * 2])
    text = re.sub(r"\b(?:port|ports|ポート) (\d{1,5})(?!\S)", r":\1", text)
    out = [one for word in text.split()[:QUERY_WORDS_MAX] for one in _wanted_of(word)]
    return list(dict.fromkeys(out))


def _wanted_of(word: str) -> Iterator[Wanted]:
    if _MAC.fullmatch(word):
        yield Wanted((_mac_term(word),))
        return
    if term := address_term(word):
        yield Wanted((term,))
        return
    host, colon, port = word.rpartition(":")
    if colon and port.isascii() and port.isdigit() and len(port) <= 5:
        yield Wanted((port_term(int(port)),))
        word = host
        if term := address_term(word):
            yield Wanted((term,))
            return
    latin: list[str] = []
    for match in _RUNS.finditer(word):
        if match.lastgroup == "word":
            latin.append(match[0][:TERM_MAX_CHARS])
            continue
        if latin:
            yield Wanted(tuple(latin))
            latin = []
        part = match[0][:TERM_MAX_CHARS]
        pairs = tuple(part[at : at + 2] for at in range(len(part) - 1))
        yield Wanted(pairs or (part,), begun=not pairs)
    if latin:
        last = latin[-1]
        yield Wanted(tuple(latin), begun=len(last) >= PREFIX_LEAST_CHARS and (not last.isdigit() or len(last) > 5))
