"""Outputs of ping and traceroute as people paste them, from bytes to the report's sentences."""

import pytest

from runs.analysis.domain.indented_blocks import shown_plain
from runs.analysis.text import Line
from tests.analysis.bundles import judged, parsed_bytes
from tests.parsers.golden import FIXTURES


def told(kind: str, case: str, encoding: str = "utf-8") -> tuple[str, dict[str, str]]:
    """The line of a fixture's file, and the titles of what was found with their outcomes."""
    text = (FIXTURES / kind / f"{case}.txt").read_text("utf-8")
    _, report = judged("forms", [parsed_bytes(f"{case}.txt", text.encode(encoding))])
    (file,) = [f for f in report["files"] if f["path"] == f"{case}.txt"]
    assert file["kind"] == kind
    summary = file["summary"].replace("\xa0", " ")
    return summary, {f["title"].replace("\xa0", " "): f["outcome"] for f in report["findings"]}


def test_windows_counts_errors_as_answers_and_the_report_does_not() -> None:
    summary, found = told("ping", "windows_errors")
    assert "198.51.100.20: 1/4 answered (75 % lost)." in summary
    assert "192.0.2.5 reports 'Destination host unreachable' (1 ×)." in summary
    assert found["198.51.100.20 answers 1 of 4 pings (75 % loss)."] == "fail"


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "utf-16"])
def test_windows_in_japanese(encoding: str) -> None:
    summary, found = told("ping", "windows_japanese", encoding)
    assert "198.51.100.20: 2/4 answered (50 % lost)." in summary
    assert "192.0.2.9: no answer to 4 probes." in summary
    assert found["198.51.100.20 answers 2 of 4 pings (50 % loss)."] == "fail"


def test_a_ping_that_answers_after_it_could_not_send_is_not_called_unsendable() -> None:
    summary, found = told("ping", "macos_errors")
    assert (
        "198.51.100.20: 2/6 answered (66.7 % lost). Answers begin at sequence 4. ping itself says 'sendto: No route to host'"
        in summary
    )
    assert not [title for title in found if title.startswith("The ping to 198.51.100.20 cannot be sent")]


def test_each_mark_of_a_router_is_a_probe() -> None:
    summary, found = told("ping", "routers")
    assert "198.51.100.20: 3/5 answered (40 % lost)." in summary
    assert found["198.51.100.77 answers 0 of 5 pings (100 % loss)."] == "fail"


def test_hops_whose_first_line_went_elsewhere_say_how_far_and_not_that_a_target_is_missed() -> None:
    summary, found = told("traceroute", "hops_alone")
    assert summary == "Hop 4 is 203.0.113.13; the target is not told."
    assert not found


def test_a_low_ttl_in_the_answer_is_no_refusal() -> None:
    summary, found = told("traceroute", "bsd_forms")
    assert "198.51.100.9 reached at hop 4." in summary
    assert "198.51.100.99: cannot be sent (sendto: No route to host)." in summary
    assert not [title for title in found if "198.51.100.9:" in title or "!" in title]


def test_marks_of_every_system_are_told_by_their_hop() -> None:
    assert (
        "198.51.100.70 not reached: 192.0.2.254 answers !A (administratively prohibited) at hop 1."
        in told("traceroute", "cisco")[0]
    )
    assert "198.51.100.70 not reached: 192.0.2.254 answers !H (host unreachable) at hop 2." in told("traceroute", "linux_forms")[0]
    assert "198.51.100.99 not reached: 192.0.2.5 answers !H (host unreachable) at hop 1." in told("tracert", "failures", "cp932")[0]
    assert (
        "shop.example not reached: 198.51.100.1 answers !H (host unreachable) at hop 4."
        in told("tracepath", "asymmetric_and_refused")[0]
    )


def test_pathping_tells_where_the_loss_begins() -> None:
    summary, _ = told("pathping", "two_languages")
    assert "198.51.100.9: nothing answers from hop 3 on. 198.51.100.10: 0 % lost of 100 at hop 1, 2 ms on average." in summary


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("csv", "198.51.100.9: 20 % lost of 10 at hop 3, 9.52 ms on average."),
        ("xml", "198.51.100.9: 10 % lost of 10 at hop 3, 9.5 ms on average."),
        ("json", "198.51.100.9: 30 % lost of 10 at hop 3, 9.5 ms on average."),
        ("json_on_one_line", "shop.example: 20 % lost of 5 at hop 2, 9.52 ms on average."),
        ("screen", "198.51.100.9: 12.9 % lost of 31 at hop 4, 21.5 ms on average."),
        ("winmtr", "10 % lost of 40 at hop 3, 12 ms on average."),
        (
            "columns_and_multipath",
            "198.51.100.9: 15 % lost of 20 at hop 3, 21.5 ms on average. The loss begins at hop 2 (203.0.113.1) and stays.",
        ),
        ("columns_and_multipath", "2001:db8:9::61: 0 % lost of 4 at hop 2."),
    ],
)
def test_every_form_of_mtr(case: str, expected: str) -> None:
    assert expected in told("mtr", case)[0]


def test_a_udp_probe_without_an_error_is_not_called_open() -> None:
    summary, _ = told("nc", "every_nc")
    assert "192.0.2.7:514 (udp): no error came back (1 ×), which proves neither open nor closed." in summary
    assert "db.example:9101 (tcp) refused (1 ×)." in summary


def test_telnet_and_powershell_tell_ports_too() -> None:
    telnets = told("nc", "telnets")[0]
    assert "192.0.2.7:443 (tcp) is open (2 ×)." in telnets
    assert "192.0.2.7:81 (tcp) refused (1 ×)." in telnets
    shell = told("nc", "powershell", "utf-16")[0]
    assert "192.0.2.7:443 (tcp) is open (1 ×). 192.0.2.9:5432 (tcp) failed (1 ×). 192.0.2.10:22 (tcp) failed (1 ×)." in shell


def test_a_cut_ping_tells_its_errors() -> None:
    text = "PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.\n64 bytes from 192.0.2.7: icmp_seq=1 ttl=61 time=12.3 ms\n"
    text += "From 192.0.2.1 icmp_seq=2 Destination Host Unreachable\n"
    _, report = judged("cut", [parsed_bytes("cut.txt", text.encode())])
    told = "192.0.2.7: 1 replies, then the text ends without statistics. 192.0.2.1 reports 'Destination Host Unreachable' (1 ×)."
    assert report["files"][0]["summary"].replace("\xa0", " ") == told


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_a_japanese_windows_session_is_split_into_its_commands(encoding: str) -> None:
    text = (FIXTURES / "shell_session" / "windows_japanese.txt").read_text("utf-8")
    _, report = judged("forms", [parsed_bytes("session.txt", text.encode(encoding))])
    summary = report["files"][0]["summary"].replace("\xa0", " ")
    assert "Default gateways: 192.0.2.254" in summary
    assert "198.51.100.20: no answer to 4 probes. 192.0.2.5 reports '宛先ホストに到達できません' (4 ×)." in summary
    assert "198.51.100.20 not reached: 192.0.2.5 answers !H (host unreachable) at hop 1." in summary


def test_spaces_that_a_web_page_left_do_not_matter() -> None:
    text = (FIXTURES / "traceroute" / "linux_forms.txt").read_text("utf-8")
    plain, pasted = (
        judged("nbsp", [parsed_bytes("t.txt", t.encode())])[1]["files"][0] for t in (text, text.replace(" ", "\N{NO-BREAK SPACE}"))
    )
    assert (plain["kind"], plain["summary"]) == (pasted["kind"], pasted["summary"])


def test_the_dots_of_a_flood_are_no_probes_and_those_of_junos_are() -> None:
    flood = "PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.\n...\n--- 192.0.2.7 ping statistics ---\n"
    flood += "900 packets transmitted, 897 received, 0.333333% packet loss, time 9021ms\n"
    _, report = judged("flood", [parsed_bytes("flood.txt", flood.encode())])
    assert report["files"][0]["summary"].replace("\xa0", " ") == "192.0.2.7: 897/900 answered (0.3 % lost)."


def test_a_finding_tells_who_sent_the_errors() -> None:
    text = (FIXTURES / "ping" / "linux_ipv6_errors.txt").read_text("utf-8")
    _, report = judged("who", [parsed_bytes("p.txt", text.encode())])
    (found,) = [f for f in report["findings"] if f["title"].startswith("2001:db8:7::20")]
    told = " ".join(s["text"] for s in found["statements"])
    assert "2001:db8:1::1: Destination unreachable: Administratively prohibited" in told
    (found,) = [f for f in report["findings"] if f["title"].startswith("192.0.2.77")]
    assert found["statements"][-1]["text"] == "ping itself could not send: sendmsg: Operation not permitted."


def test_a_markdown_file_stays_a_document_whatever_it_shows() -> None:
    shown = "".join(f"    {line}\n" for line in (FIXTURES / "tracert" / "failures.txt").read_text("utf-8").splitlines())
    text = f"# 経路の確認\n\n今朝、エッジから店舗までの経路を計測した。\n\n{shown}"
    _, report = judged("memo", [parsed_bytes("memo.md", text.encode())])
    assert report["files"][0]["kind"] == "note"
    _, report = judged("plain", [parsed_bytes("memo.txt", shown.encode())])
    assert report["files"][0]["kind"] == "tracert"
    assert "192.0.2.5 answers !H (host unreachable) at hop 1" in report["files"][0]["summary"]


def segments_of(name: str, text: str) -> tuple[list[tuple[str, int, int]], str]:
    """Kind, first and last line of what a document shows, and the document's line in the file table."""
    _, report = judged("shown", [parsed_bytes(name, text.encode())])
    (file,) = report["files"]
    return [(s["kind"], *s["lines"]) for s in file["segments"]], file["summary"]


def test_an_indented_block_of_a_memo_is_a_terminal_and_no_statement() -> None:
    shown = "".join(f"    {line}\n" for line in (FIXTURES / "tracert" / "failures.txt").read_text("utf-8").splitlines())
    found, summary = segments_of(
        "memo.md", f"# 経路の確認\n\n続いて Windows で確認した。\n\n{shown}\n以上のとおり、経路は途中で切れている。\n"
    )
    assert [kind for kind, _, _ in found] == ["tracert", "tracert", "tracert"]
    assert found[0][1:] == (5, 12)
    assert summary.startswith("2 statements.")


def test_a_japanese_ping_pasted_into_a_work_log_stays_whole() -> None:
    shown = (FIXTURES / "ping" / "windows_japanese.txt").read_text("utf-8")
    found, _ = segments_of(
        "worklog.txt", f"作業記録\n\n朝、プリンターへ ping を実行した。\n\n{shown}\nその後、ルーターを再起動した。\n"
    )
    assert [kind for kind, _, _ in found] == ["ping", "ping", "ping"]
    assert found[0][1:] == (5, 16)


def test_a_bullets_text_and_a_fence_keep_their_indentation() -> None:
    text = "# Steps\n\nWe did what stands here, one after the other.\n\n- first\n\n    $ ping 192.0.2.7\n\n```\na:\n\n    $ ping 192.0.2.9\n```\n"
    lines = [line.text for line in shown_plain(Line(n, line, 0) for n, line in enumerate(text.splitlines(), 1))]
    assert lines == text.splitlines()
