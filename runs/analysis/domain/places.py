"""Which evidence belongs together: taken on the same host, or kept in the same folder where no host is named."""

import re
from posixpath import dirname

from runs.analysis.facts.base import Fact

_INSIDE = re.compile(
    r"\b(?:ip\s+netns\s+exec|ip\s+vrf\s+exec|ip\s+(?:-\w+\s+)*-n(?:etns)?|nsenter\s.*?(?:-t|--target)[ =]?"
    r"|(?:docker|podman)\s+(?:container\s+)?exec(?:\s+-\w+)*|kubectl\s.*?\bexec(?:\s+-\w+)*|ssh(?:\s+-\S+)*)\s+(?P<name>[\w.@/-]+)"
)


def folder(fact: Fact) -> str:
    """The folder of the fact's file: 'ok' and 'ng' are two states of one host."""
    return dirname(fact.file)


def inside(fact: Fact) -> str:
    """The network namespace, container or remote host that the fact's command names; '' where it ran on the host itself."""
    command = getattr(fact, "command", None)
    match = _INSIDE.search(command[:1000]) if isinstance(command, str) else None
    return match["name"] if match else ""


def same_place(a: Fact, b: Fact) -> bool:
    """Whether two facts can speak of the same host in the same state: same folder and namespace, no two different host names."""
    return folder(a) == folder(b) and inside(a) == inside(b) and (a.host is None or b.host is None or a.host == b.host)


def same_host(a: Fact, b: Fact) -> bool:
    """Whether two facts were surely taken on one host in one state: both name it, or both stand in one file."""
    same = (a.host is not None and a.host == b.host) or (a.file == b.file and a.host == b.host)
    return same and folder(a) == folder(b) and inside(a) == inside(b)
