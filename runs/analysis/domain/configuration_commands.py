"""Commands that configure a host, read as what they set up: rules, routes, tunnels, addresses, policies, sysctls.

    sudo iptables -t nat -A POSTROUTING -o wan9 -j SNAT --to-source 192.0.2.18:5136-5151
    ip -6 route add 2001:db8:ff::1/128 via fe80::1 dev eth3

Sources: ip-route(8), ip-tunnel(8), ip-link(8), ip-address(8), ip-rule(8), iptables(8), nft(8), route(8), sysctl(8).
"""

import re
import shlex
from collections.abc import Iterable
from ipaddress import ip_network
from itertools import pairwise

from runs.analysis.domain.iptables_syntax import read_saved
from runs.analysis.domain.nft_syntax import read_rule
from runs.analysis.domain.shell import program
from runs.analysis.facts.commanded import (
    CommandedRoute,
    CommandedRule,
    CommandedSetting,
    CommandedTunnel,
    ConfigurationCommands,
)
from runs.analysis.facts.network import Route
from runs.analysis.facts.notes import ShellCommand

Commanded = CommandedRule | CommandedRoute | CommandedTunnel | CommandedSetting
MAX_COMMANDS = 2_000
_FILTERS = ("iptables", "ip6tables", "iptables-nft", "ip6tables-nft", "iptables-legacy", "ip6tables-legacy")
_ENDS = re.compile(r"(?<!\S)(?:&&|\|\||[;|])(?!\S)|;\s|\s#\s|\s>{1,2}\s?\S")
_FILTER = re.compile(r"(?:^|\s)(?:-t|--table)[ =](?P<table>\w+)")
_RULE = re.compile(
    r"(?:^|\s)(?P<verb>-[AID]|--append|--insert|--delete)\s+(?P<chain>[\w.-]+)(?:\s+(?P<place>\d+)(?=\s|$))?(?P<rest>\s.*|$)"
)
_NFT = re.compile(
    r"(?P<verb>add|insert|replace) rule (?:(?P<family>ip6?|inet|arp|bridge|netdev) )?(?P<table>[\w.-]+) (?P<chain>[\w.-]+)"
    r"(?: (?:handle|index|position) \d+)? (?P<rest>.+)"
)
_KINDS = ("unicast", "local", "broadcast", "multicast", "throw", "unreachable", "prohibit", "blackhole", "nat")
_ADDS = {"add": False, "a": False, "append": False, "replace": False, "change": False, "prepend": False, "set": False}
_ADDS |= {"del": True, "delete": True, "d": True}
_TUNNEL_TYPES = ("ipip", "ip6tnl", "gre", "gretap", "ip6gre", "sit", "vti", "vti6", "vxlan", "geneve", "wireguard")


def read_commands(commands: Iterable[ShellCommand]) -> list[ConfigurationCommands]:
    """What the commands of a document set up, grouped by host, by whether they were run and by purpose; others say nothing."""
    groups: dict[tuple[str | None, bool, str | None], list[Commanded]] = {}
    seen: set[tuple[int, str]] = set()
    for command in list(commands)[:MAX_COMMANDS]:
        if (command.line, command.text) in seen:
            continue
        seen.add((command.line, command.text))
        for part in _ENDS.split(command.text) if program(command.text) != "nft" else [command.text]:
            found = read_command(part.strip(), command.line)
            if found is not None:
                groups.setdefault((command.host, command.ran, command.purpose), []).append(found)
    return [
        ConfigurationCommands(
            host=host,
            ran=ran,
            purpose=purpose,
            rules=tuple(one for one in found if isinstance(one, CommandedRule)),
            routes=tuple(one for one in found if isinstance(one, CommandedRoute)),
            tunnels=tuple(one for one in found if isinstance(one, CommandedTunnel)),
            settings=tuple(one for one in found if isinstance(one, CommandedSetting)),
        )
        for (host, ran, purpose), found in groups.items()
    ]


def read_command(text: str, line: int) -> Commanded | None:
    """What one command sets up; None for one that only shows something, or that has gaps ('…') where its values should stand."""
    name = program(text)
    rest = text.partition(name)[2].strip() if name else ""
    if not rest or "..." in rest or "…" in rest:
        return None
    if name in _FILTERS:
        return _filter(name.partition("-")[0], rest, line)
    if name == "nft":
        return _nft(rest.strip("'\""), line)
    if name == "sysctl":
        found = re.search(r"(?:^|\s)(?:-w\s+)?([a-z][\w./-]+)\s?=\s?[\"']?([^\"']+?)[\"']?$", rest)
        return CommandedSetting(line=line, what="sysctl", subject=found[1].replace("/", "."), value=found[2]) if found else None
    try:
        words = shlex.split(rest)
    except ValueError:
        words = rest.split()
    if name == "ip":
        return _ip(words, line)
    return _route_of_old(words, line) if name == "route" else None


def _filter(name: str, rest: str, line: int) -> CommandedRule | None:
    match, table = _RULE.search(rest), _FILTER.search(rest)
    if match is None:
        return None
    others = _FILTER.sub(" ", rest[: match.start()] + match["rest"]).strip()
    deletes = match["verb"] in ("-D", "--delete")
    if deletes and not others and match["place"]:
        return None  # by number: which rule it was stands in a listing
    rule = read_saved(f"-A {match['chain']} {others}".strip(), line, table["table"] if table else "filter")
    return None if rule is None else CommandedRule(rule=rule, program=name, deletes=deletes)


def _nft(rest: str, line: int) -> CommandedRule | None:
    match = _NFT.match(" ".join(rest.replace("\\", " ").split()))
    if match is None:
        return None
    rule = read_rule(match["rest"].rstrip("'\""), line, f"{match['family'] or 'ip'} {match['table']}", match["chain"])
    return CommandedRule(rule=rule, program="nft")


def _ip(words: list[str], line: int) -> Commanded | None:
    version = 4
    while words and words[0].startswith("-"):
        option = words.pop(0)
        version = 6 if option in ("-6", "-f6") else version
        if option in ("-n", "-netns", "-f", "-family") and words:
            version = 6 if words.pop(0) == "inet6" else version
    if len(words) < 3 or words[1] not in _ADDS:
        return None
    about, verb, rest = words[0], words[1], words[2:]
    deletes = _ADDS[verb]
    if "route".startswith(about):
        return _route(rest, line, version, deletes)
    if "address".startswith(about):
        said = _options(rest[1:])
        device = said.get("dev")
        return CommandedSetting(line=line, what="address", subject=device, value=rest[0], deletes=deletes) if device else None
    if "tunnel".startswith(about) or about == "tun":
        return _tunnel(rest, line, deletes)
    if "link".startswith(about):
        return _link(rest, line, verb)
    if "rule".startswith(about) and about.startswith("ru"):
        at = next((n for n, word in enumerate(rest) if word in ("table", "lookup", "blackhole", "prohibit", "unreachable")), None)
        if at is not None:
            action = " ".join(rest[at : at + 2]).replace("table ", "lookup ")
            selector = " ".join(rest[:at] + rest[at + 2 :]) or "from all"
            return CommandedSetting(line=line, what="policy rule", subject=selector, value=action, deletes=deletes)
    return None


def _route(words: list[str], line: int, version: int, deletes: bool) -> CommandedRoute | None:
    kind = words.pop(0) if words[0] in _KINDS else "unicast"
    if not words:
        return None
    said = _options(words[1:])
    via = said.get("via")
    if words[0] == "default":
        version = 6 if via and ":" in via else version
    destination = _prefix(words[0], version)
    if destination is None:
        return None
    route = Route(
        line=line,
        destination=destination,
        via=via,
        device=said.get("dev"),
        source=said.get("src"),
        protocol=said.get("proto") or said.get("protocol"),
        metric=int(said["metric"][:9]) if said.get("metric", "").isdigit() else None,
        kind=kind,
    )
    return CommandedRoute(route=route, version=6 if ":" in destination else 4, table=said.get("table"), deletes=deletes)


def _prefix(text: str, version: int) -> str | None:
    if text == "default":
        return "::/0" if version == 6 else "0.0.0.0/0"
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        return None


def _tunnel(words: list[str], line: int, deletes: bool) -> CommandedTunnel | None:
    said = _options(words if words[0] in ("name", "mode") else words[1:])
    name = said.get("name") or words[0]
    if not deletes and not (said.get("remote") or said.get("local") or said.get("mode")):
        return None
    return CommandedTunnel(
        line=line,
        name=name,
        mode=said.get("mode") or said.get("type"),
        local=said.get("local"),
        remote=said.get("remote"),
        device=said.get("dev"),
        encapsulation_limit=said.get("encaplimit"),
        deletes=deletes,
    )


def _link(words: list[str], line: int, verb: str) -> CommandedTunnel | CommandedSetting | None:
    said = _options(words)
    if verb in ("add", "a"):
        return (
            _tunnel([word for word in words if word not in ("name", "dev")], line, False)
            if said.get("type") in _TUNNEL_TYPES
            else None
        )
    words = [word for word in words if word != "dev"]
    if len(words) < 2:
        return None
    return CommandedSetting(line=line, what="link", subject=words[0], value=" ".join(words[1:])[:200], deletes=_ADDS[verb])


def _options(words: list[str]) -> dict[str, str]:
    """Each word with the one behind it; of a name that comes twice the first."""
    said: dict[str, str] = {}
    for name, value in pairwise(words):
        said.setdefault(name, value)
    return said


def _route_of_old(words: list[str], line: int) -> CommandedRoute | None:
    """`route add [-net|-host] target [netmask mask] [gw] gateway [dev device]` of Linux and BSD."""
    words = [word for word in words if word not in ("-n", "-net", "-host", "-inet")]
    six = "-inet6" in words or "-A" in words
    words = [word for word in words if word not in ("-inet6", "-A", "inet6")]
    if len(words) < 2 or words[0] not in _ADDS:
        return None
    target, rest = words[1], words[2:]
    said = _options(rest)
    mask = said.get("netmask") or said.get("-netmask")
    destination = _prefix(f"{target}/{mask}" if mask else target, 6 if six else 4)
    via = said.get("gw") or (rest[0] if rest and _prefix(rest[0], 4) else None)
    if destination is None or not (via or said.get("dev") or _ADDS[words[0]]):
        return None
    route = Route(line=line, destination=destination, via=via, device=said.get("dev"))
    return CommandedRoute(route=route, version=6 if ":" in destination else 4, deletes=_ADDS[words[0]])
