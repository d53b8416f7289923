"""The filter that a capture was taken with: its expression in a command, and whether it lets ICMP errors through.

Sources: tcpdump(1), dumpcap(1), tshark(1) (options); pcap-filter(7) ('port' is of TCP, UDP and SCTP, never of ICMP).
"""

import re
from ipaddress import ip_address, ip_network

from runs.analysis.domain.filters import syntax, tree
from runs.analysis.domain.filters.tokens import FilterError
from runs.analysis.domain.grep import stages
from runs.analysis.facts.conversation import Conversation

PROGRAMS = ("tcpdump", "tshark", "dumpcap")
_WITH_VALUE = {"tcpdump": "BcCEFGijMrQsTVwWyzZm", "tshark": "abBcCdDeEfFGHijJKmMNoOQrRsStTuUvwWXyYz", "dumpcap": "abBcCfiNstTwyZ"}
_NAMES_TRANSPORT = re.compile(r"\b(?:port|portrange)\s+[\w-]+|\b(?:tcp|udp)\b")
_WIDENS = re.compile(r"\bicmp6?\b|\bproto\b|\bor\b|\|\||\bnot\b|!")


def expression(command: str) -> str | None:
    """The filter expression of a live capture's command, '' where it has none; None where the command captures nothing."""
    for words in stages(command):
        program = next((w.rpartition("/")[2] for w in words if w.rpartition("/")[2] in PROGRAMS), None)
        if program is not None:
            at = next(i for i, w in enumerate(words) if w.rpartition("/")[2] == program)
            return _positional(program, words[at + 1 :])
    return None


def _positional(program: str, words: list[str]) -> str | None:
    kept: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word in (">", ">>", "<", "&", ";", "&&", "2>", "2", "&>"):
            break
        if not word.startswith("-") or word == "-":
            kept.append(word)
            continue
        if word.startswith("--"):
            continue
        for n, letter in enumerate(word[1:], 2):
            if letter not in _WITH_VALUE[program]:
                continue
            value = word[n:]
            if not value and at < len(words):
                value, at = words[at], at + 1
            if letter == "r" or (letter == "F" and program == "tcpdump"):
                return None
            if letter == "f" and program != "tcpdump":
                kept.append(value)
            break
    return " ".join(" ".join(kept).split())


def lets_icmp_through(text: str, c: Conversation) -> bool | None:
    """Whether an ICMP error about the conversation, sent to one of its ends by any router, passes the filter; None: it depends, or is not known."""
    try:
        node = syntax.parse(text)
    except FilterError:
        return False if _NAMES_TRANSPORT.search(text) and not _WIDENS.search(text) else None
    return True if node is None else _passes(node, c)


def _passes(node: tree.Node, c: Conversation) -> bool | None:
    if isinstance(node, tree.Not):
        inner = _passes(node.of, c)
        return None if inner is None else not inner
    if isinstance(node, tree.And | tree.Or):
        both = (_passes(node.left, c), _passes(node.right, c))
        decisive = isinstance(node, tree.Or)
        return decisive if decisive in both else None if None in both else not decisive
    six = ":" in c.responder.address
    if isinstance(node, tree.Protocol):
        return node.name in (("icmp6", "ip6") if six else ("icmp", "ip")) if not node.vlans else None
    if isinstance(node, tree.IpProtocol):
        return node.number == (58 if six else 1) and node.family in (None, "ip6" if six else "ip")
    if isinstance(node, tree.Port):
        return False
    if isinstance(node, tree.Relation):
        reads = {part.protocol for part in tree.parts(node) if isinstance(part, tree.Bytes)}
        return False if reads & {"tcp", "udp", "sctp"} else None
    if isinstance(node, tree.Network):
        return True if node.direction in ("either", "dst") and _holds_an_end(node.network, c) else None
    return None


def _holds_an_end(network: str, c: Conversation) -> bool:
    try:
        return any(ip_address(end.address) in ip_network(network, strict=False) for end in (c.originator, c.responder))
    except ValueError:
        return False
