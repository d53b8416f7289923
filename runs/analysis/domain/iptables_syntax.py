"""Rules of iptables in both of its forms, read into IptablesRule.

Sources: iptables(8), iptables-extensions(8); the columns of `iptables -L -v -n` (iptables.c, print_firewall).
"""

import re
import shlex

from runs.analysis.facts.firewall import IptablesRule

CHAIN_SAVED = re.compile(r":(?P<name>\S+) (?P<policy>\S+)(?: \[(?P<packets>\d+):\d+\])?\s*$")
CHAIN_LISTED = re.compile(
    r"Chain (?P<name>\S+) \((?:policy (?P<policy>\w+)(?: (?P<packets>\d+[KMGT]?) packets.*?)?|\d+ references?)\)"
)
COLUMNS = re.compile(r"\s*(?:num\s+)?(?P<counted>pkts\s+bytes\s+)?target\s+prot\s+opt\s+(?P<ends>in\s+out\s+)?source\s+destination")
POLICY = re.compile(r"-P (?P<name>\S+) (?P<policy>ACCEPT|DROP|QUEUE|RETURN|REJECT)\s*$")
NEW_CHAIN = re.compile(r"-N (?P<name>\S+)\s*$")
_COUNTED = re.compile(r"\[(\d+):\d+\] ")
_OPTIONS = {
    "-p": "protocol", "--protocol": "protocol", "-s": "source", "--source": "source", "-d": "destination", "--destination": "destination",
    "-i": "in_interface", "--in-interface": "in_interface", "-o": "out_interface", "--out-interface": "out_interface", "-j": "target",
    "--jump": "target", "-g": "target", "--goto": "target", "--sport": "source_ports", "--source-port": "source_ports",
    "--sports": "source_ports", "--dport": "destination_ports", "--destination-port": "destination_ports", "--dports": "destination_ports",
    "--reject-with": "reject_with", "--to-source": "to", "--to-destination": "to", "--to-ports": "to", "--to": "to",
}  # fmt: skip
# Options that do not narrow what a rule matches, or whose module is known by another option; with how many words follow.
_PASSED = {"-m": 1, "--match": 1, "--comment": 1, "--log-prefix": 1, "--log-level": 1, "--random": 0, "--random-fully": 0, "--persistent": 0,
           "--set-mark": 1, "--set-xmark": 1, "--clamp-mss-to-pmtu": 0, "--set-mss": 1, "--nflog-group": 1, "--nflog-prefix": 1}  # fmt: skip
_PROTOCOLS = {
    "0": None,
    "all": None,
    "1": "icmp",
    "6": "tcp",
    "17": "udp",
    "58": "icmpv6",
    "ipv6-icmp": "icmpv6",
    "132": "sctp",
    "47": "gre",
}
_ANYWHERE = ("0.0.0.0/0", "::/0", "anywhere", "*", "any")


def read_saved(text: str, line: int, table: str) -> IptablesRule | None:
    """A rule '-A CHAIN …', with or without counters before it; None for any other line."""
    counted = _COUNTED.match(text)
    source = text[counted.end() :] if counted else text
    if not source.startswith(("-A ", "-I ")) or len(source) > 4096:
        return None
    try:
        words = shlex.split(source)
    except ValueError:
        words = source.split()
    if len(words) < 2:
        return None
    said: dict[str, object] = {}
    understood = True
    negated = ""
    at = 2
    while at < len(words):
        word = words[at]
        at += 1
        if word == "!":
            negated = "! "
        elif word in _OPTIONS and at < len(words):
            said[_OPTIONS[word]] = negated + words[at]
            negated = ""
            at += 1
        elif word in ("--ctstate", "--state") and at < len(words):
            said["states"] = tuple(words[at].split(","))
            understood = understood and not negated
            negated = ""
            at += 1
        elif word in _PASSED:
            at += _PASSED[word]
        elif word.startswith("-"):
            understood = False
            negated = ""
    protocol = said.get("protocol")
    said["protocol"] = _PROTOCOLS.get(str(protocol), protocol) if protocol else None
    said.setdefault("target", None)
    packets = int(counted[1][:15]) if counted else None
    return IptablesRule(line=line, text=text.strip(), table=table, chain=words[1], packets=packets, understood=understood, **said)  # type: ignore[arg-type]


def read_listed(text: str, line: int, table: str, chain: str, columns: re.Match[str], numbered: bool) -> IptablesRule | None:
    """A line under the columns of `iptables -L`; None where it has too few of them."""
    words = text.split()
    if numbered and words and words[0].isdigit():
        words = words[1:]
    said: dict[str, object] = {}
    if columns["counted"]:
        if len(words) < 2 or not re.fullmatch(r"\d+[KMGT]?", words[0]):
            return None
        said["packets"] = int(words[0]) if words[0].isdigit() else None
        words = words[2:]
    count = 7 if columns["ends"] else 5
    # a rule without target has an empty column: the protocol stands first
    target = words[0] if words and words[0].lower() not in ("tcp", "udp", "icmp", "all", "0", "1", "6", "17") else None
    if target is None:
        words = ["", *words]
    if len(words) < count:
        return None
    protocol = words[1]
    said["protocol"] = _PROTOCOLS.get(protocol, protocol)
    if columns["ends"]:
        said |= {"in_interface": _narrow(words[3]), "out_interface": _narrow(words[4])}
    said |= {"source": _narrow(words[count - 2]), "destination": _narrow(words[count - 1])}
    rest = " ".join(words[count:])
    understood = _details(rest, said)
    return IptablesRule(line=line, text=text.strip(), table=table, chain=chain, target=target, understood=understood, **said)  # type: ignore[arg-type]


def _details(rest: str, said: dict[str, object]) -> bool:
    """What stands behind the columns; whether all of it was read."""
    forms = (
        (r"\b(?:spts?|sports):(\S+)", "source_ports"),
        (r"\b(?:dpts?|dports):(\S+)", "destination_ports"),
        (r"\bmultiport sports (\S+)", "source_ports"),
        (r"\bmultiport dports (\S+)", "destination_ports"),
        (r"\breject-with (\S+)", "reject_with"),
        (r"\bto:(\S+)", "to"),
        (r"\bredir ports (\S+)", "to"),
    )
    for form, name in forms:
        if (found := re.search(form, rest)) is not None:
            said[name] = found[1]
            rest = rest.replace(found[0], " ", 1)
    if (states := re.search(r"\b(?:ctstate|state) ([A-Z,]+)", rest)) is not None:
        said["states"] = tuple(states[1].split(","))
        rest = rest.replace(states[0], " ", 1)
    rest = re.sub(r"/\*.*?\*/|\b(?:tcp|udp|LOG flags \d+ level \d+|prefix \"[^\"]*\")", " ", rest)
    return not rest.strip()


def _narrow(word: str) -> str | None:
    return None if word in _ANYWHERE else f"! {word[1:]}" if word.startswith("!") else word
