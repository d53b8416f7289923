"""A rule of nft read into the form of an iptables rule. Source: nft(8), sections 'Statements' and 'Payload expressions'.

What stands behind a word that is not known may belong to it ('ct original ip saddr …'): only the verdict is read from there on.
"""

import re
from typing import Any

from runs.analysis.domain.services import port_of
from runs.analysis.facts.nftables import NftRule

_TOKEN = re.compile(r'"[^"]*"|\{[^{}]*\}|[^\s{}]+')
_HANDLE = re.compile(r"\s*# handle \d+\s*$")
_VERDICTS = {"accept": "ACCEPT", "drop": "DROP", "return": "RETURN", "queue": "QUEUE", "continue": "CONTINUE"}
_INTERFACES = {"iifname": "in_interface", "iif": "in_interface", "oifname": "out_interface", "oif": "out_interface"}
_PORTS = {"sport": "source_ports", "dport": "destination_ports"}
_ADDRESSES = {"saddr": "source", "daddr": "destination"}
_FAMILIES = {"ip": 4, "ip6": 6, "ipv4": 4, "ipv6": 6}
_TRANSPORTS = ("tcp", "udp", "sctp", "udplite", "dccp", "th")
_PROTOCOLS = {"ipv6-icmp": "icmpv6", "1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
_TRANSLATIONS = ("snat", "dnat", "redirect", "masquerade")
MOST_MEMBERS = 1_000


class _Reader:
    """The words of one rule, taken from the front."""

    def __init__(self, text: str) -> None:
        self.words = _TOKEN.findall(_HANDLE.sub("", text)[:4096])
        self.at = 0
        self.said: dict[str, Any] = {"target": None}
        self.understood = "." not in self.words  # fields put together: only the verdict is read

    def next(self) -> str:
        word = self.words[self.at] if self.at < len(self.words) else ""
        self.at += 1
        return word

    def peek(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def value(self) -> tuple[bool, list[str]]:
        """Whether it is negated, and the value or the members of a set."""
        negated = False
        if self.peek() in ("!=", "==", "eq", "ne"):
            negated = self.next() in ("!=", "ne")
        word = self.next()
        if word.startswith("{"):
            return negated, [part.strip().strip('"') for part in word.strip("{} ").split(",") if part.strip()][:MOST_MEMBERS]
        parts = [word.strip('"')]
        while parts[-1].endswith(",") and self.peek():
            parts.append(self.next())
        return negated, [part for part in ",".join(parts).replace(",,", ",").split(",") if part]

    def match(self, name: str) -> None:
        """A field and what it is compared with: a value, several, a set, or a map to verdicts."""
        self.said["packets"] = None  # a counter before a match counts what does not match, too
        if name in self.said and name != "protocol":  # the form has one place for it
            self.understood = False
            return
        if self.peek() == "vmap":
            self._verdict_map(name)
            return
        negated, values = self.value()
        if name == "states":
            self.said["not_states" if negated else "states"] = tuple(value.upper() for value in values)
            return
        if name == "protocol":
            values = [_PROTOCOLS.get(value, value) for value in values]
        elif name in _PORTS.values():
            values = [_ports(value) for value in values]
        self.said[name] = ("! " if negated else "") + ",".join(values)
        self.understood = self.understood and bool(values)

    def _verdict_map(self, name: str) -> None:
        self.next()
        body = self.next()
        found: list[tuple[str, str]] = []
        for member in body.strip("{} ").split(",") if body.startswith("{") else ():
            key, _, verdict = member.rpartition(" : ") if " : " in member else member.rpartition(":")
            words = verdict.split()
            if not key.strip() or not words:
                self.understood = False
                continue
            what = _VERDICTS.get(words[0]) or (words[-1] if words[0] == "jump" else f"goto {words[-1]}" if len(words) == 2 else "?")
            key = key.strip().strip('"')
            found.append((_ports(key) if name in _PORTS.values() else key.upper() if name == "states" else key, what))
        self.said |= {"verdict_key": name, "verdicts": tuple(found[:MOST_MEMBERS]), "target": None if found else body or "?"}
        self.understood = self.understood and bool(found) and len(found) <= MOST_MEMBERS

    def read(self) -> None:
        while self.at < len(self.words):
            word = self.next()
            if self._statement(word):
                continue
            if not (self.understood and self._match(word)):
                self.understood = False

    def _match(self, word: str) -> bool:
        """A match that iptables' form has a place for."""
        if word in _INTERFACES:
            self.match(_INTERFACES[word])
        elif word in ("ip", "ip6") and self.peek() in _ADDRESSES:
            self.said["family"] = _FAMILIES[word]
            self.match(_ADDRESSES[self.next()])
        elif (word, self.peek()) in (("ip", "protocol"), ("ip6", "nexthdr"), ("meta", "l4proto")):
            self.said |= {"family": _FAMILIES[word]} if word in _FAMILIES else {}
            self.next()
            self.match("protocol")
        elif (word, self.peek()) in (("meta", "nfproto"), ("meta", "protocol")):
            self.next()
            negated, values = self.value()
            self.said["family"] = _FAMILIES.get(values[0]) if len(values) == 1 and not negated else None
            return self.said["family"] is not None
        elif word in _TRANSPORTS and self.peek() in _PORTS:
            if word != "th":
                self.said["protocol"] = word
            self.match(_PORTS[self.next()])
        elif word == "ct" and self.peek() == "state":
            self.next()
            self.match("states")
        else:
            return word == "meta" and self.peek() in _INTERFACES
        return True

    def _statement(self, word: str) -> bool:
        """What is done with the packet; false for what is none of it."""
        if word in _VERDICTS:
            self.said["target"] = _VERDICTS[word]
        elif word in ("jump", "goto"):
            self.said |= {"target": self.next(), "goto": word == "goto"}
        elif word == "reject":
            self.said["target"] = "REJECT"
            if self.peek() == "with":
                self.next()
                self.said["reject_with"] = " ".join(w for w in self.words[self.at :] if not w.startswith('"'))[:80]
                self.at = len(self.words)
        elif word in _TRANSLATIONS:
            self._translation(word)
        elif word == "counter":
            self._counter()
        elif word == "log":
            while self.peek() in ("prefix", "level", "group", "flags", "snaplen", "queue-threshold"):
                self.at += 2
        elif word == "notrack":
            self.said["target"] = self.said["target"] or "NOTRACK"
        elif word == "comment":
            self.next()
        elif word == "vmap":  # of a field that has no place here
            self.said["target"], self.understood = self.next() or "?", False
        else:
            return word in ("random", "persistent", "fully-random")
        return True

    def _translation(self, word: str) -> None:
        self.said["target"] = word.upper()
        while self.peek() in ("ip", "ip6", "to"):
            self.next()
        if self.peek() and not self.peek().isalpha():
            self.said["to"] = self.next()

    def _counter(self) -> None:
        if self.peek() == "name":
            self.at += 2
        elif self.peek() == "packets":
            self.next()
            count = self.next()
            self.said["packets"] = int(count[:18]) if count.isdigit() and not self.said.get("verdicts") else None
            self.at += 2


def _ports(value: str) -> str:
    """A port, a service's name or a range of ports as iptables has it."""
    first, dash, last = value.partition("-")
    if dash and first.isdigit() and last.isdigit():
        return f"{first}:{last}"
    port = port_of(value) if not value.startswith(("@", "$")) else None
    return str(port) if port is not None else value


def read_rule(text: str, line: int, table: str, chain: str) -> NftRule:
    """A rule as nft lists it. A word that is not known makes it not understood, never an error."""
    reader = _Reader(text)
    reader.read()
    return NftRule(line=line, text=text.strip()[:500], table=table, chain=chain, understood=reader.understood, **reader.said)
