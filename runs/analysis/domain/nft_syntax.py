"""A rule of nft read into the form of an iptables rule. Source: nft(8), sections 'Statements' and 'Payload expressions'."""

import re
from typing import Any

from runs.analysis.facts.firewall import IptablesRule

_TOKEN = re.compile(r'"[^"]*"|\{[^{}]*\}|[^\s{}]+')
_HANDLE = re.compile(r"\s*# handle \d+\s*$")
_VERDICTS = {"accept": "ACCEPT", "drop": "DROP", "return": "RETURN", "queue": "QUEUE", "continue": "CONTINUE"}
_INTERFACES = {"iifname": "in_interface", "iif": "in_interface", "oifname": "out_interface", "oif": "out_interface"}
_PORTS = {"sport": "source_ports", "dport": "destination_ports"}
_ADDRESSES = {"saddr": "source", "daddr": "destination"}
_TRANSPORTS = ("tcp", "udp", "sctp", "udplite", "dccp", "th")


class _Reader:
    """The words of one rule, taken from the front."""

    def __init__(self, text: str) -> None:
        self.words = _TOKEN.findall(_HANDLE.sub("", text)[:4096])
        self.at = 0
        self.said: dict[str, Any] = {"target": None}
        self.understood = True

    def next(self) -> str:
        word = self.words[self.at] if self.at < len(self.words) else ""
        self.at += 1
        return word

    def peek(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def value(self) -> tuple[str, list[str]]:
        """'! ' where negated, and the value or the members of a set."""
        negated = ""
        if self.peek() in ("!=", "==", "eq", "ne"):
            negated = "! " if self.next() in ("!=", "ne") else ""
        word = self.next()
        if word.startswith("{"):
            return negated, [part.strip().strip('"') for part in word.strip("{} ").split(",") if part.strip()]
        parts = [word.strip('"')]
        while parts[-1].endswith(",") and self.peek():
            parts.append(self.next())
        return negated, [part for part in ",".join(parts).replace(",,", ",").split(",") if part]

    def one(self, name: str) -> None:
        """A match that iptables' form holds one value of."""
        negated, values = self.value()
        self.said[name] = negated + ",".join(values)
        self.understood = self.understood and len(values) == 1 and not values[0].startswith(("@", "$"))

    def ports(self, name: str) -> None:
        negated, values = self.value()
        self.said[name] = negated + ",".join(value.replace("-", ":") for value in values)
        self.understood = self.understood and not any(value.startswith(("@", "$")) for value in values)

    def protocol(self) -> None:
        negated, values = self.value()
        known = {"ipv6-icmp": "icmpv6", "1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
        self.said["protocol"] = negated + ",".join(known.get(value, value) for value in values)
        self.understood = self.understood and len(values) == 1

    def read(self) -> None:
        while self.at < len(self.words):
            word = self.next()
            if word in _INTERFACES:
                self.one(_INTERFACES[word])
            elif word in ("ip", "ip6") and self.peek() in _ADDRESSES:
                self.one(_ADDRESSES[self.next()])
            elif (word, self.peek()) in (("ip", "protocol"), ("ip6", "nexthdr"), ("meta", "l4proto")):
                self.next()
                self.protocol()
            elif word in _TRANSPORTS and self.peek() in _PORTS:
                if word != "th":
                    self.said["protocol"] = word
                self.ports(_PORTS[self.next()])
            elif word == "ct" and self.peek() == "state":
                self.next()
                negated, values = self.value()
                self.said["states"] = tuple(value.upper() for value in values)
                self.understood = self.understood and not negated
            elif word == "meta" and self.peek() in _INTERFACES:
                continue
            elif word == "comment":
                self.next()
            elif not self._statement(word):
                self.understood = False

    def _statement(self, word: str) -> bool:
        """What is done with the packet; false for what is none of it."""
        if word in _VERDICTS:
            self.said["target"] = _VERDICTS[word]
        elif word in ("jump", "goto"):
            self.said["target"] = self.next()
        elif word == "reject":
            self.said["target"] = "REJECT"
            if self.peek() == "with":
                self.next()
                self.said["reject_with"] = " ".join(self.words[self.at :])[:80]
                self.at = len(self.words)
        elif word in ("snat", "dnat", "redirect", "masquerade"):
            self.said["target"] = word.upper()
            while self.peek() in ("ip", "ip6", "to"):
                self.next()
            if self.peek() and not self.peek().isalpha():
                self.said["to"] = self.next()
        elif word == "counter":
            if self.peek() == "packets":
                self.next()
                count = self.next()
                self.said["packets"] = int(count[:18]) if count.isdigit() else None
                self.at += 2
        elif word == "log":
            while self.peek() in ("prefix", "level", "group", "flags", "snaplen", "queue-threshold"):
                self.at += 2
        else:
            return word in ("random", "persistent", "fully-random", "notrack")
        return True


def read_rule(text: str, line: int, table: str, chain: str) -> IptablesRule:
    """A rule as nft lists it. A word that is not known makes it not understood, never an error."""
    reader = _Reader(text)
    reader.read()
    return IptablesRule(line=line, text=text.strip()[:500], table=table, chain=chain, understood=reader.understood, **reader.said)
