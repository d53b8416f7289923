"""What a command that tests reachability is told to reach: `ping -c 3 192.0.2.7`, `ping 192.0.2.7 repeat 5`, `mtr -n gw.example`."""

import ipaddress
import re
from itertools import pairwise

from runs.analysis.domain.shell import program

# Options of ping, traceroute, tracepath, tracert and mtr that have a value behind them, on one system at least.
_VALUED = frozenset(
    (*(f"-{letter}" for letter in "cisWwImMpQStlfTFGghbBNajkPouqzVX"), "repeat", "size", "timeout", "source", "count")
)
_VALUED |= {"interval", "vrf", "routing-instance", "interface", "ttl"}
_WORDS = _VALUED | {"ip", "ipv6", "inet", "inet6", "rapid", "detail", "df-bit", "do-not-fragment"}
_BARE_ON_WINDOWS = frozenset(("-t", "-a", "-f"))
_END = re.compile(r"[|;&]|\d?>")


def asked_target(command: str) -> str | None:
    """An address among the command's words, else its first word that is no option, no option's value and no number."""
    words = [re.sub(r"/\d{1,5}$", "", word) for word in _END.split(command, maxsplit=1)[0].split()]  # tracepath's host/port
    names = [index for index, word in enumerate(words) if word.rpartition("/")[2] == program(command)]
    words = words[names[0] :] if names else words
    pairs = [(before, re.sub("^[-–—−]", "-", word)) for before, word in pairwise(words)]
    free = [word for before, word in pairs if not word.startswith("-") and before not in ("-I", "-S", "-a", "source", "interface")]
    for word in free:
        if is_address(word):
            return word
    hosts = [
        (b, w) for b, w in pairs if re.fullmatch(r"[A-Za-z0-9_][\w.:%-]*", w) and not re.fullmatch(r"[\d.]+", w) and w not in _WORDS
    ]
    free_hosts = [word for before, word in hosts if before not in _VALUED or before in _BARE_ON_WINDOWS]
    return free_hosts[0] if free_hosts else hosts[-1][1] if hosts else None


def is_address(word: str) -> bool:
    """Whether a word is an IPv4 or IPv6 address, with or without a zone."""
    try:
        ipaddress.ip_address(word.partition("%")[0])
    except ValueError:
        return False
    return True
