"""Shell prompts in pasted terminals: which command was typed, on which host, and which lines it printed.

$ ip route                      [root@fw1 ~]# tcpdump -nn -i eth0          alice@web:~$ curl -v http://10.1.2.3/
% nc -l 1234                    rt1# show ip route                         PS C:\\> ping 10.1.2.3
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from runs.analysis.domain.shell_forms import is_shell, typed_after
from runs.analysis.text import Line

# '# …' and 'word# …' are prompts only before one of these: a Markdown heading or a comment looks the same.
_NAMES = (
    "tcpdump tshark dumpcap curl wget ping ping6 traceroute traceroute6 tracepath tracepath6 tracert mtr arping nc ncat "
    "netcat socat dig host nslookup openssl pfctl iptables ip6tables iptables-save ip6tables-save iptables-nft nft "
    "conntrack ip ifconfig route netstat ss lsof arp ndp cat zcat less head tail grep rg egrep awk sed sort journalctl "
    "log docker docker-compose podman kubectl systemctl service show set configure commit delete sysctl ethtool scutil "
    "firewall-cmd uname date sudo pgrep ps kill telnet ssh scp nmap getent resolvectl hostname brctl bridge tc dhclient "
    "nstat networksetup ifstatus dhcp6c odhcp6c python python3 for while watch time md5sum sha256sum shasum echo ls cd vim vi vtysh wg ipsec "
    "strongswan swanctl birdc dmesg crictl ipconfig netsh Get-NetRoute Test-NetConnection "
    "pathping tcptraceroute fping iperf3 nmcli Test-Connection"
)
COMMANDS = frozenset(_NAMES.split())
_PROMPT = re.compile(
    r"(?:\[(?P<u1>[\w.-]{1,64})@(?P<h1>[\w.-]{1,255})(?:[ :][^\]]{0,80})?\](?P<m1>[#$%>])"
    r"|(?P<u2>[\w.-]{1,64})@(?P<h2>[\w.-]{1,255})(?::[^\s$#%>]{0,120}|[ ][~/][\w./~-]{0,120})?[ ]?(?P<m2>[$#%>])"
    r"|(?P<h3>[A-Za-z][\w.-]{0,63})(?P<m3>[#>])"
    r"|(?:PS )?[A-Z]:\\[^>]{0,120}(?P<m5>>)"
    r"|(?P<m4>[$%#]))"
    r"(?:(?(m5)[ \t]*|[ \t]+)(?P<command>.*))?$"
)
# Programs whose names begin sentences too, and what a command line has behind them.
_WORDS = frozenset(
    (
        "log",
        "host",
        "show",
        "set",
        "watch",
        "time",
        "date",
        "head",
        "less",
        "sort",
        "for",
        "while",
        "service",
        "delete",
        "commit",
        "script",
    )
)
_ARGUMENT = re.compile(
    r"\s--?\w|\s[\w.-]*/|^\w+ (?:show|stream|interfaces?|ip|ipv6|configuration|config|protocols|system|firewall|nat|version|running-config"
    r"|arp|\d|[\w-]+\.[\w.-]+$)|\||; do\b"
)
_ASSIGNMENTS = re.compile(
    r"(?:\w+=\S*\s+)*(?:(?:sudo|time|nohup|env|doas)\s+(?:-\S+\s+)*)*(?:(?:do|run|execute)\s+(?=(?:show|ping6?|traceroute6?)\b))?"
)  # the last: a router's 'do show', 'run ping'


class Prompt(NamedTuple):
    """A line on which a command was typed. An empty command: the prompt alone, after the last command."""

    command: str
    host: str | None


class Section(NamedTuple):
    """A command and what it printed. `command_line` is 0 before the first prompt."""

    command: str | None
    host: str | None
    command_line: int
    lines: list[Line]


def read_prompt(text: str) -> Prompt | None:
    """The command and host of a prompt line; None for any other line."""
    if "\N{NO-BREAK SPACE}" in text:
        text = text.replace("\N{NO-BREAK SPACE}", " ")
    match = _PROMPT.match(text)
    if match is None:
        typed = typed_after(text)
        return Prompt(*typed) if typed is not None and typed.command not in _WORDS and is_command(typed.command) else None
    command = (match["command"] or "").strip()
    bare = match["m3"] or (match["m4"] if match["m4"] in ("#", "%") else None)
    if bare and not is_command(command):
        return None
    if match["m4"] == "$" and (not command or command[0] in "=|+*<>)"):
        return None
    host = match["h1"] or match["h2"] or match["h3"]
    return Prompt(command, None if host and is_shell(host) else host)


def program(command: str) -> str:
    """The program's name in a command: 'pfctl' of 'sudo /sbin/pfctl -sr | grep 80'."""
    command = command.lstrip("({ ")
    rest = command[_ASSIGNMENTS.match(command).end() :] if command else ""  # type: ignore[union-attr]  # it matches the empty string
    return rest.split(None, 1)[0].rpartition("/")[2] if rest.strip() else ""


def is_command(text: str) -> bool:
    """Whether a text is a command line: a known program first; of one that is an English word too, something behind it that fits."""
    name = program(text)
    if name not in COMMANDS:
        return False
    return name not in _WORDS or bool(_ARGUMENT.search(text[:300])) or text.strip() == name


def strip_prompt(text: str) -> str:
    """The command of a prompt line, or the text itself."""
    prompt = read_prompt(text)
    return prompt.command if prompt else text


def sections(lines: Iterable[Line]) -> Iterator[Section]:
    """A text split at its prompts. A command that ends in a backslash goes on in the next line."""
    command: str | None = None
    host: str | None = None
    typed, held, pending = 0, list[Line](), False
    for line in lines:
        if pending and command is not None:
            command, pending = _continued(f"{command} {line.text.strip().removeprefix('> ')}")
            continue
        prompt = read_prompt(line.text)
        if prompt is None and host and line.text.strip() in (f"{host}#", f"{host}>"):  # a router's, after the last command
            prompt = Prompt("", host)
        if prompt is None:
            held.append(line)
            continue
        if command is not None or held:
            yield Section(command, host, typed, held)
        command, pending = _continued(prompt.command)
        host, typed, held = prompt.host or host, line.number, []
    if command is not None or held:
        yield Section(command, host, typed, held)


def _continued(command: str) -> tuple[str, bool]:
    if len(command) < 8192 and command.endswith("\\"):
        return command[:-1].rstrip(), True
    return command, False
