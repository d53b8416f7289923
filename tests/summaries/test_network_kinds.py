"""The file table's line for reachability, host state, packet filters and routers: what it says, in both languages, and what it cites."""

import re
from pathlib import Path

import pytest

from runs.analysis import pipeline, registry
from runs.analysis.case import Case, MemoryTables
from runs.analysis.messages import render
from runs.analysis.report import Statement
from runs.analysis.source import Source
from tests.parsers.golden import cases

NAMES = (
    "ping traceroute tracepath nc ip_route ip_addr ifconfig ip_neigh arp_table ip_tunnel iptables nftables dig arping conntrack "
    "vyos_config openssl_s_client ss lsof netstat resolv_conf mtr wget frr_route shell_session tracert pathping ip_rule sysctl ethtool scutil_dns "
    "firewalld odhcp6c windows_ipconfig windows_routes ss_summary nstat conntrack_statistics"
)
KINDS = NAMES.split()
CASES = [case for case in cases() if case.kind in KINDS]


def statements(path: Path, kind: str) -> list[Statement]:
    """What the file table says of a text."""
    result, _ = pipeline.parse(Source(path, path.name), kind)
    file = pipeline.BundleFile(path=path.name, size_bytes=path.stat().st_size, sha256="", result=result)
    facts = result.located(path.name)
    case = Case("run", [pipeline._case_file(file)], facts, MemoryTables())
    return list(registry.summaries()[kind].summary(case.files[0], facts, case))


def words(name: str, lang: str = "en") -> str:
    """The whole line of a fixture 'kind/case'."""
    case = next(case for case in CASES if case.id == name)
    return " ".join(render(statement.text, lang) for statement in statements(case.text, case.kind))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_sentence_has_words_and_a_place(case) -> None:
    said = statements(case.text, case.kind)
    assert said
    count = case.text.read_bytes().count(b"\n") + 1
    for statement in said:
        assert statement.citations
        for citation in statement.citations:
            assert citation.file == case.text.name
            assert all(1 <= line <= count for line in citation.lines)
        english, japanese = render(statement.text, "en"), render(statement.text, "ja")
        assert not re.search(r"[{}]|None", english + japanese)
        assert english.endswith(".")
        assert japanese.endswith("。")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "dig/several_answers",
            "2 of 6 queries answered. NXDOMAIN: nope.example.net. 203.0.113.9:53 is unreachable (shop.example.net).",
        ),
        ("arping/iputils_and_habets", "2 MAC addresses answer for 192.0.2.7: 02:00:5e:00:00:07, 02:00:5e:00:00:08."),
        ("arping/iputils_and_habets", "Duplicate detection: nobody uses 192.0.2.9."),
        ("conntrack/translated", "6 connections (tcp 2, udp 1, icmp 1, icmpv6 1, unknown 1)."),
        ("conntrack/translated", "1 redirected to 10.7.0.80:443. 2 without any reply."),
        (
            "openssl_s_client/alert_refused_and_plain",
            "192.0.2.7:8443: the server breaks off with alert 40 (sslv3 alert handshake failure).",
        ),
        ("openssl_s_client/alert_refused_and_plain", "192.0.2.7:80: the handshake fails: wrong version number."),
        ("openssl_s_client/self_signed", "Verification fails: self-signed certificate in certificate chain (19)."),
        ("ss/listeners_and_details", "129 connections wait for [::1]:9100 to accept them (limit 128)."),
        ("netstat/linux_and_routes", "Tcp: 87 segments retransmitted."),
        ("nftables/ruleset", "12 rules; policies: input DROP, forward ACCEPT. input: DROP @blocked→any, 12 packets so far."),
        (
            "mtr/report",
            "198.51.100.9: 30 % lost of 10 at hop 4, 22.5\u00a0ms on average. The loss begins at hop 3 (203.0.113.1) and stays.",
        ),
        ("tracepath/mtu_shrinks", "198.51.100.9 not reached: 198.51.100.9 answers !H (host unreachable) at hop 4. Path MTU 1454."),
        ("vyos_config/set_with_zones_and_nat", "Tunnel tun9 (ipip6): 2001:db8:77::2 → 2001:db8:ff::1."),
        ("vyos_config/set_with_zones_and_nat", "SNAT of *→tun9 tcp/udp to 192.0.2.77:2048-2063."),
        ("wget/tries_and_failures", "[2001:db8:7::7]:8081 refused. HTTP 200, 5,120\u00a0bytes."),
        ("wget/tries_and_failures", "http://192.0.2.7:9080/: Read error (Connection timed out) in headers."),
        ("resolv_conf/two_servers", "Resolvers, in order: 192.0.2.53, 2001:db8:53::1."),
    ],
)
def test_what_it_says(name: str, expected: str) -> None:
    assert expected in words(name)


def test_japanese() -> None:
    assert "192.0.2.7 に 2 つの MAC アドレスが応答：02:00:5e:00:00:07、02:00:5e:00:00:08。アドレス重複。" in words(
        "arping/iputils_and_habets", "ja"
    )


def test_losses_at_the_end_are_told_from_scattered_ones(tmp_path: Path) -> None:
    def replies(answered: tuple[int, ...]) -> str:
        lines = [f"64 bytes from 192.0.2.7: icmp_seq={n} ttl=61 time=1.5 ms" for n in answered]
        end = f"5 packets transmitted, {len(answered)} received, {100 - 20 * len(answered)}% packet loss, time 4001ms"
        return "\n".join(
            ["PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.", *lines, "", "--- 192.0.2.7 ping statistics ---", end, ""]
        )

    path = tmp_path / "ping.txt"
    told = {}
    for answered in ((1, 2, 3), (4, 5), (1, 3)):
        path.write_text(replies(answered))
        told[answered] = " ".join(render(s.text) for s in statements(path, "ping"))
    assert told[1, 2, 3] == "192.0.2.7: 3/5 answered (40 % lost). Nothing from sequence 4 on."
    assert told[4, 5] == "192.0.2.7: 2/5 answered (60 % lost). Answers begin at sequence 4."
    assert told[1, 3] == "192.0.2.7: 2/5 answered (60 % lost)."
