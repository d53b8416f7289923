"""Prompts as shells and routers print them, and lines that only look like one."""

import pytest

from runs.analysis.domain.shell import program, read_prompt

PROMPTS = {
    "[root@server ~]# ping 192.0.2.7": "server",
    "alice@host:~$ ping 192.0.2.7": "host",
    "PS C:\\Users\\a b> ping 192.0.2.7": None,
    "C:\\>ping 192.0.2.7": None,
    "PS /srv/tools> ping 192.0.2.7": None,
    "PS> ping 192.0.2.7": None,
    "edge1#ping 192.0.2.7": "edge1",
    "edge1# ping 192.0.2.7": "edge1",
    "edge1>ping 192.0.2.7": "edge1",
    "edge1(config-if)#do ping 192.0.2.7": "edge1",
    "RP/0/RSP0/CPU0:edge1#ping 192.0.2.7": "edge1",
    "FG100 # execute ping 192.0.2.7": "FG100",
    "FG100 (root) # execute ping 192.0.2.7": "FG100",
    "alice@core1> ping 192.0.2.7": "core1",
    "alice@core1# run ping 192.0.2.7": "core1",
    "[admin@edge1] > ping 192.0.2.7": "edge1",
    "[admin@edge1] /ip> ping 192.0.2.7": "edge1",
    "/ # ping 192.0.2.7": None,
    "~ # ping 192.0.2.7": None,
    "/app $ ping 192.0.2.7": None,
    "edge1:~ # ping 192.0.2.7": "edge1",
    "edge1 ~ # ping 192.0.2.7": "edge1",
    "mbp:~ alice$ ping 192.0.2.7": "mbp",
    "alice@mbp ~ % ping 192.0.2.7": "mbp",
    "alice@mbp ~> ping 192.0.2.7": "mbp",
    "alice@web1 [~]$ ping 192.0.2.7": "web1",
    "mbp% ping 192.0.2.7": "mbp",
    "bash-5.1# ping 192.0.2.7": None,
    "sh-4.4$ ping 192.0.2.7": None,
    "(venv) alice@host:~$ ping 192.0.2.7": "host",
    "(base) alice@mbp ~ % ping 192.0.2.7": "mbp",
    "[12:30:01] alice@host:~$ ping 192.0.2.7": "host",
    "12:30:01 alice@host:~$ ping 192.0.2.7": "host",
    "❯ ping 192.0.2.7": None,
    "➜  ~ ping 192.0.2.7": None,
    "➜  app git:(main) ✗ ping 192.0.2.7": None,
    "└─$ ping 192.0.2.7": None,
    "λ ping 192.0.2.7": None,
}

NONE = (
    "<p>ping me</p>",
    "conn->ip = other->ip;",
    "Loss% Snt Last",
    "docs#show",
    "10:00 # ping is down",
    "12:30:01 IP 192.0.2.7.80 > 192.0.2.5.4000: Flags [S]",
    "12:30:01 IP 192.0.2.7 > 192.0.2.5: ICMP echo request",
    "+ ping -c 1 192.0.2.7",
    "#ping 192.0.2.7",
    "> ping 192.0.2.7",
    "std::cout>>ip",
    "/etc/hosts # set by somebody",
    "Mar  1 09:00:01 web app[7]: a > ip",
    "PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.",
    "Step 3 # ip of the server",
    "tcp dport 80 accept # log it",
)


@pytest.mark.parametrize("text", sorted(PROMPTS))
def test_a_command_is_typed(text: str) -> None:
    prompt = read_prompt(text)
    assert prompt is not None
    assert prompt.host == PROMPTS[text]
    assert program(prompt.command) == "ping"
    assert prompt.command.endswith("ping 192.0.2.7")


@pytest.mark.parametrize("text", NONE)
def test_nothing_is_typed(text: str) -> None:
    assert read_prompt(text) is None
