"""`sysctl`: net.* of Linux (`sysctl -a | grep net`), macOS and BSD, /etc/sysctl.conf.

    net.ipv4.ip_forward = 1
    net.ipv4.conf.all.rp_filter = 2
    net.ipv4.tcp_rmem = 4096	131072	6291456
    net.inet.ip.forwarding: 0

Yields KernelSettings for each command. Refuses lists of names that no kernel has.
"""

import re

from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import first_full_line, last_full_line, parse_sections, recognise
from runs.analysis.facts.base import Fact
from runs.analysis.facts.kernel import KernelSetting, KernelSettings
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("sysctl.title", en="the kernel's settings (sysctl)", ja="カーネル設定 (sysctl)")
MAX_SETTINGS = 20_000
_OTHER_FORM = str.maketrans("./", "/.")
_ROOTS = "net|kernel|kern|vm|fs|dev|hw|machdep|security|user|debug|abi|sunrpc|crypto"
_LINE = re.compile(rf"(?P<name>(?:{_ROOTS})(?:[./][\w@:*-]+){{1,8}})(?:\s*=\s*|: )(?P<value>.*?)\s*$")
_SURE = re.compile(rf"(?:{_ROOTS})(?:[./][\w@:*-]+){{1,8}}(?:\s*=\s*|: )-?\d")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by two settings, or by one under its command."""
    return recognise(head, TITLE, _SURE, ("sysctl",), least=2)


def parse(source: Source) -> Parsed:
    """The settings of each command."""
    return parse_sections(source, _settings, "listings")


def _settings(section: Section) -> list[Fact]:
    found: list[KernelSetting] = []
    for line in section.lines:
        match = _LINE.match(line.text[:2000].strip())
        if match is not None and len(found) < MAX_SETTINGS:
            name = match["name"]
            if re.match(r"\w+/", name):  # the other form: dots and slashes change places
                name = name.translate(_OTHER_FORM)
            found.append(KernelSetting(line.number, name, " ".join(match["value"].split())))
    if not found:
        return []
    return [
        KernelSettings(
            host=section.host,
            settings=tuple(found),
            command=section.command,
            first_line=first_full_line(section),
            last_line=last_full_line(section),
        )
    ]
