"""A pasted terminal with commands of several programs, or of several hosts: a router dump, a checklist's output.

    ### server
    $ ip route
    default via 192.0.2.254 dev eth0
    $ ss -ltn
    State  Recv-Q Send-Q Local Address:Port  Peer Address:Port

Yields a segment for each command with output, read as evidence of its own kind, and the ShellCommands that printed nothing.
A heading ('### server') names the host of the prompts under it that name none. Refuses texts with one program only: that program's
own kind reads them.
"""

import re

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, is_markdown, is_page, is_told, outside_fences, prose_share
from runs.analysis.domain.shell import COMMANDS, program, read_prompt, sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, Parsed, Reason, Segment
from runs.analysis.source import Source

IS_CONTAINER = True  # what it holds says what the file is
VERSION = 6
TITLE = message("shell_session.title", en="a terminal with several commands", ja="複数コマンドの端末記録")
MAX_SEGMENTS = 2_000
MAX_SEGMENT_CHARACTERS = 50 << 20
_HEADING = re.compile(r"\s*(?:#{2,6}|={2,}|-{2,}|\*{2,})\s*([^#=*]{1,80}?)\s*(?:#*|=*|-*|\*{2,})\s*$")
_SAME = {
    "iptables-save": "iptables",
    "ip6tables": "iptables",
    "ip6tables-save": "iptables",
    "ping6": "ping",
    "traceroute6": "traceroute",
    "tracepath6": "tracepath",
}
_SAME |= dict.fromkeys(("host", "nslookup", "delv", "kdig"), "dig") | {"route": "netstat", "ndp": "arp"}
_SAME |= dict.fromkeys(("ncat", "netcat", "telnet", "socat"), "nc")
_OBJECT = re.compile(r"\bip\s+(?:-\S+\s+)*([a-z]+)")
_OBJECTS = {"a": "addr", "r": "rout", "n": "neig", "l": "addr", "t": "tunn"}
_NO_OUTPUT = ("cd", "ls", "echo", "date", "sudo", "vim", "vi", "set", "configure", "commit", "delete")


def _family(command: str) -> str:
    """What is read by one parser counts as one program: `ip route` and `ip -6 route`, iptables and iptables-save."""
    name = program(command)
    if name == "ip" and re.search(r"\bip\s+(?:-\S+\s+)*ru", command):
        return "ip rule"
    if name == "ip" and (found := _OBJECT.search(command)) is not None:
        return f"ip {_OBJECTS.get(found[1][0], found[1])}"
    if name == "show" and len(words := command.split()) > 1:  # a router's: each subject has an output of its own
        return f"show {words[1].removesuffix('v6')}"
    return _SAME.get(name, name)


def detect(head: Source, name: str) -> Reason | None:
    """Stronger than any one program's kind, where prompts run two programs or more and no prose stands around them."""
    lines = outside_fences(head.head_lines)
    prompts = [(line.number, prompt.command) for line in lines if (prompt := read_prompt(line.text)) is not None]
    families = {_family(command) for _, command in prompts if program(command) in COMMANDS} - set(_NO_OUTPUT)
    if len(families) < 2 or is_page(lines) or is_markdown([one for one in lines if not _HEADING.match(one.text)]):
        return None
    if prose_share(lines) > 0.15 or is_told(lines, prompts[0][0]):
        return None
    return because(TITLE, prompts[0][0], CERTAIN + 1)


def parse(source: Source) -> Parsed:
    """Split at prompts; a segment begins with its prompt."""
    segments: list[Segment] = []
    commands: list[Fact] = []
    heading: str | None = None
    size = 0
    for section in sections(bounded_lines(source)):
        lines = list(section.lines)
        following = heading
        while lines and (not lines[-1].text.strip() or _HEADING.match(lines[-1].text)):
            title = _HEADING.match(lines.pop().text)
            following = title[1].strip() if title else following
        host = section.host or heading
        if section.command and len(segments) < MAX_SEGMENTS and size < MAX_SEGMENT_CHARACTERS:
            if lines:
                text = "\n".join([f"$ {section.command}", *(line.text for line in lines)]) + "\n"
                gap = lines[0].number - section.command_line
                text = text.replace("\n", "\n" * gap, 1) if 1 < gap < 100 else text
                segments.append(Segment(text, section.command_line, lines[-1].number, host, section.command))
                size += len(text)
            else:
                commands.append(ShellCommand(text=section.command, line=section.command_line, host=host))
        elif lines and not section.command and len(segments) < MAX_SEGMENTS:  # before the first prompt, behind a bare one
            text = "\n".join(line.text for line in lines) + "\n"
            segments.append(Segment(text, lines[0].number, lines[-1].number, host, None))
        heading = following
    return Parsed(facts=commands, segments=segments, counts={"commands": len(segments) + len(commands)})
