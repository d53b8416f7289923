"""Texts that speak of ping, traceroute and mtr, and are none: nobody takes them for the output of these programs."""

from pathlib import Path

import pytest

from runs.analysis import registry
from runs.analysis.source import Source

KINDS = ("ping", "traceroute", "tracert", "pathping", "tracepath", "mtr", "arping", "nc")

TEXTS = {
    "prose": "PING failed again last night, and ping: connect is what people said.\nFrom alice I heard that 64 bytes from there is little.\n"
    "Request timed out, they wrote. Pinging each other is no use. HOST: none of us knows. Reply from her: nothing yet.\n",
    "japanese_prose": "昨夜も ping が通らなかった。担当者からの応答: まだない。要求がタイムアウトしました、と言われた。\n"
    "経路のルートをトレースしていますが、結果は明日になる。統計は別紙のとおり。\n",
    "python": 'import re\n\n\ndef read(text: str) -> None:\n    """Reads ping.\n\n    PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.\n'
    '    64 bytes from 192.0.2.7: icmp_seq=1 ttl=61 time=12.3 ms\n    """\n    if re.match("64 bytes from", text):\n        print("Reply from {}")\n',
    "shell": '#!/bin/sh\nfor h in a b; do\n  ping -c 1 "$h" >/dev/null || echo "ping: $h failed"\ndone\necho "traceroute to $h (192.0.2.7), done"\n',
    "html": "<!doctype html>\n<html><head><title>PING statistics</title></head>\n<body><p>Pinging is fun</p>\n"
    "<pre>ping me</pre><p>tracing route to success</p></body></html>\n",
    "page_with_output": "<!DOCTYPE html>\n<html><body>\n<pre>\nPING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.\n"
    "64 bytes from 192.0.2.7: icmp_seq=1 ttl=61 time=12.3 ms\ntraceroute to 192.0.2.7 (192.0.2.7), 30 hops max, 60 byte packets\n"
    "Ncat: Connection refused.\nARPING 192.0.2.7 from 192.0.2.5 eth1\n</pre>\n</body></html>\n",
    "quoted_in_a_mail": "From: Alice <alice@example.net>\nSubject: Re: ping\n\nHi Bob,\n\n> PING 192.0.2.7 (192.0.2.7): 56 data bytes\n"
    "> 64 bytes from 192.0.2.7: icmp_seq=0 ttl=64 time=1.2 ms\n\nBest,\nAlice\n",
    "csv": "time,target,sent,received,loss\n2026-03-01T09:00:00,192.0.2.7,5,4,20%\n2026-03-01T09:01:00,192.0.2.7,5,5,0%\n"
    "1,192.0.2.1,0.4 ms\n2,203.0.113.1,1.1 ms\n",
    "traceback": 'Traceback (most recent call last):\n  File "app.py", line 3, in <module>\n    ping("192.0.2.7")\n'
    '  File "net.py", line 14, in ping\n    raise TimeoutError("Request timed out.")\nTimeoutError: Request timed out.\n',
    "mail": "From: Alice <alice@example.net>\nTo: bob@example.net\nSubject: ping statistics\nDate: Sun, 1 Mar 2026 09:00:00 +0900\n\n"
    "Hi Bob,\n\nthe ping to 192.0.2.7 lost 3 packets, 25% packet loss. Could you run traceroute?\n\n-- \nAlice\n",
    "mbox": "From alice@example.net Sun Mar  1 09:00:00 2026\nSubject: hello\n\n1. 192.0.2.7 is down\n2. 192.0.2.9 is up\n",
    "yaml": "ping:\n  host: 192.0.2.7\n  count: 5\nmtr:\n  host: gw.example\ntrace: off\n",
    "log": "Mar  1 09:00:01 web app[7]: ping: connect refused by peer 3\nMar  1 09:00:02 web app[7]: 64 bytes from cache: Done\n",
    "numbered": "1  Unpack the router\n2  Connect 192.0.2.1 to port 3\n3  * * *\n 4  gw.example (192.0.2.1)  see the manual, 3 ms is fine\n",
    "bracketed": "worker [main] 12 (idle) : done\njob [192.0.2.7] finished\nConnected to the database.\nTrying again...\n"
    "Connection to the house succeeded!\n% Connection to the mains is loose\nConnecting To a dream...\n",
    "config": "HOST: edge\nport 9100 (tcp) open\nRemotePort = 443\nComputerName: alice\nmtr = yes\n1. gw\n2. shop\n",
    "json": '{"ping": {"sent": 4, "received": 3}, "report": [1, 2]}\n',
}


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_nobody_takes_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.txt"
    path.write_text(TEXTS[name], "utf-8")
    source = Source(path, path.name)
    parsers = registry.parsers()
    assert [kind for kind in KINDS if parsers[kind].detect(source, path.name)] == []
