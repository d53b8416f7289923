"""Prompts that are prompts only before a known command: what stands before it looks like other texts' words too.

edge1#ping 192.0.2.7                 edge1(config-if)#do show ip route     RP/0/RSP0/CPU0:edge1#ping 192.0.2.7
/ # ping 192.0.2.7                   edge1:~ # ip addr                     mbp:~ alice$ ping 192.0.2.7
❯ ping 192.0.2.7                     ➜  app git:(main) ✗ ping 192.0.2.7    └─$ ping 192.0.2.7
(venv) alice@edge1:~$ ip addr        [12:30:01] alice@edge1:~$ ip addr     [admin@edge1] > ping 192.0.2.7

Sources: the default prompts of Cisco IOS and IOS XR, FortiOS, RouterOS, BusyBox, SUSE, macOS' old bash, oh-my-zsh, Starship, Kali.
"""

import re
from typing import NamedTuple

_NAME = r"[A-Za-z](?:[\w.-]{0,62}\w)?"
_PATH = r"[~/][\w./~+-]{0,120}"
_MARKED = re.compile(r"[#$%>❯➜›»λ]")
_FORMS = re.compile(
    r"(?:\([\w.+-]{1,64}\) |\[?\d\d:\d\d(?::\d\d)?\]? ){0,2}"
    rf"(?:(?:RP/\d{{1,2}}/\w{{1,8}}/CPU\d{{1,2}}:)?(?P<router>{_NAME})(?: ?\([\w/.:-]{{1,64}}\))?(?: ?#|[>%])[ \t]*"
    rf"|{_PATH} [#$%][ \t]+"
    rf"|(?P<host>{_NAME}):{_PATH} ?(?:[\w.-]{{1,64}})?[$#%>][ \t]+"
    rf"|\[?[\w.-]{{1,64}}@(?P<at>[\w.-]{{1,255}})\]?(?: \[?{_PATH}\]?|:{_PATH})? ?[$#%>][ \t]+"
    rf"|(?P<gentoo>{_NAME}) {_PATH} [#$][ \t]+"
    r"|[a-z]{0,3}sh-[\d.]{1,8}\$[ \t]+|PS [/~][^>]{0,120}>[ \t]*"
    r"|[❯›»λ][ \t]+|➜[ \t]+(?:[\w./~-]{1,120} )?(?:git:\([^)]{1,120}\) )?(?:✗ )?[ \t]*|[└╰]─+[$#%❯>][ \t]+)"
    r"(?P<command>\S.{0,8192})$"
)
_SHELL = re.compile(r"(?:[a-z]{0,3}sh(?:-[\d.]{1,8})?|PS)$")  # 'bash-5.1#' names no host


class Typed(NamedTuple):
    """What may be a command, and the host before it."""

    command: str
    host: str | None


def typed_after(text: str) -> Typed | None:
    """The text behind one of these prompts."""
    if _MARKED.search(text, 0, 300) is None:
        return None
    match = _FORMS.match(text)
    if match is None:
        return None
    host = match["router"] or match["host"] or match["at"] or match["gentoo"]
    return Typed(match["command"].strip(), None if host and is_shell(host) else host)


def is_shell(host: str) -> bool:
    """Whether what looks like a host is the shell's own name."""
    return _SHELL.match(host) is not None
