"""A verbose record of two lines, and a segment of a list, are read by a short way: it gives what the long way gives."""

import re

import pytest

from runs.analysis.domain.tcpdump_lines import Record, records
from runs.analysis.domain.tcpdump_packets import read_packet, read_verbose
from runs.analysis.domain.wireshark_info import _PLAIN, read_info
from runs.analysis.text import Line

HEAD = "08:15:02.114300 IP (tos 0x0{tos}, ttl {ttl}, id {id}, offset 0, flags [{flag}], proto TCP (6), length 60)"
SEGMENTS = [
    "    192.0.2.10.51544 > 192.0.2.20.8443: Flags [S], cksum 0xe561 (correct), seq 4211154411, win 29200, "
    "options [mss 1460,sackOK,TS val 9 ecr 0,nop,wscale 7], length 0",
    "192.0.2.20.http > web.example.net.51544: Flags [S.], cksum 0x5c51 (incorrect -> 0xe164), seq 70000, ack 4211154412, win 28960, length 0",
    "    192.0.2.10.51544 > 192.0.2.20.8443: Flags [P.], seq 1:43, ack 1, win 502, length 42: HTTP: GET / HTTP/1.1",
    "\t192.0.2.10.51544 > 192.0.2.20.8443: Flags [R], cksum 0x0001 (correct), seq 7, win 0, length 0",
    "    192.0.2.10.51544 > 192.0.2.20.8443: Flags [.], cksum 0x0001 (correct), ack 43, win 509, options [nop,nop,sack 1 {1:9}], length 0",
]


@pytest.mark.parametrize("segment", SEGMENTS)
@pytest.mark.parametrize(("tos", "ttl", "ident", "flag"), [("", 64, 0, "DF"), (",ECT(0)", 255, 65535, "none"), ("", 1, 9, "")])
def test_a_verbose_record_gives_the_same_packet(segment: str, tos: str, ttl: int, ident: int, flag: str) -> None:
    head = HEAD.format(tos=tos, ttl=ttl, id=ident, flag=flag)
    (record,) = records([Line(3, head, 0), Line(4, segment, 100)])
    assert isinstance(record, Record)
    assert record.segment is not None
    long = read_packet(record.start["rest"], record.more)
    assert long is not None
    assert read_verbose(record.start, record.segment) == long
    assert (long.ttl, long.ip_id) == (ttl, ident)


def test_lines_behind_a_verbose_segment_belong_to_it() -> None:
    head = HEAD.format(tos="", ttl=64, id=1, flag="DF")
    lines = [head, SEGMENTS[2], "\tGET / HTTP/1.1", "\t0x0000:  4500 003c", head, SEGMENTS[3], "^C", "2 packets captured"]
    first, second, *others = records(Line(n, text, 0) for n, text in enumerate(lines, 1))
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert first.more == [SEGMENTS[2], "\tGET / HTTP/1.1"]
    assert first.dump == bytes.fromhex("4500003c")
    assert second.line == 5
    assert len(others) == 2


@pytest.mark.parametrize(
    "text",
    [
        "51544 → 8443 [SYN] Seq=0 Win=64240 Len=0 MSS=1460 SACK_PERM=1",
        "8443 > 51544 [PSH, ACK] Seq=1 Ack=99 Win=501 Len=1448 [TCP segment of a reassembled PDU]",
        "8443 → 51544 [RST] Seq=1 Win=0 Len=0",
        "8443 -> 51544 [FIN, PSH, ACK, URG] Seq=1 Ack=2 Win=3 Urg=7 Len=4",
        "70000 → 8443 [ACK] Seq=1 Ack=2 Win=3 Len=4",
    ],
)
def test_a_plain_segment_gives_the_same_info(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _PLAIN.match(text)
    short = read_info(text)
    monkeypatch.setattr("runs.analysis.domain.wireshark_info._PLAIN", re.compile("(?!)"))
    assert read_info(text) == short
