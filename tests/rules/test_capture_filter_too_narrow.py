"""`capture_filter_too_narrow`: filters that hide the ICMP errors which a failing conversation may have met."""

import pytest

from runs.analysis.domain.capture_filter import expression
from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.capture import CaptureInterface
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.facts.notes import FileNote
from tests.kit import CLIENT, SERVER, SERVER6, T0, Run, Talk, english, places

RULE = "capture_filter_too_narrow"
SILENT = Talk().syn().waits(1).syn_again()
OTHER = Talk(port=22, client_port=50_022).opens().request().answer().closes()


def run(filter: str | None, *talks: Talk) -> Run:
    interface = CaptureInterface(linktype=1, snaplen=262_144, filter=filter)
    return Run().capture("narrow.pcap", *(talks or (SILENT,)), interfaces=(interface,))


def error(server: str = SERVER) -> IcmpError:
    return IcmpError(
        frame=4, ts_ns=T0, version=4, icmp_type=3, icmp_code=13, sender="203.0.113.1", receiver=server, ttl=60, quoted_protocol="tcp",
        quoted_source=Endpoint(server, 8443), quoted_destination=Endpoint(CLIENT, 51515), quoted_ttl=60,
    )  # fmt: skip


@pytest.mark.parametrize(
    "filter", ["port 8443", "tcp", "tcp port 8443 and host 198.51.100.9", "tcp and not icmp", "tcp[13] & 2 != 0", "icmp6 or tcp"]
)
def test_a_filter_that_no_icmp_error_passes_fires(filter: str) -> None:
    (found,) = run(filter).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "medium", "certain")
    assert found.subject == {"filter": filter}
    assert places(found.statements)["narrow.pcap"] == ((1, 2), ())
    command = found.next_actions[0].command or ""
    assert expression(command) == f"({filter}) or icmp or icmp6"


@pytest.mark.parametrize(
    "filter",
    ["not port 22", f"host {SERVER}", "port 8443 or icmp", "ip", "net 198.51.100.0/24", "host 203.0.113.1", "not tcp port 22"],
)
def test_filters_that_let_icmp_through_or_leave_it_open_are_silent(filter: str) -> None:
    assert run(filter).found(RULE) == []


def test_icmp_of_one_family_does_not_answer_for_the_other() -> None:
    assert run("port 8443 or icmp", Talk(SERVER6).syn().waits(1).syn_again()).found(RULE)


def test_a_command_tells_the_filter_with_its_line() -> None:
    note = FileNote(path="a.pcap", line=7, command="sudo tcpdump -nni any -w a.pcap 'tcp port 8443'")
    (found,) = Run().capture("a.pcap", SILENT).add("README.md", note, kind="readme").found(RULE)
    assert found.subject == {"filter": "tcp port 8443"}
    assert places(found.statements)["README.md"] == ((), (7,))


def test_one_port_alone_is_tentative_and_two_are_silent() -> None:
    assert [f.confidence for f in Run().capture("a.pcap", SILENT).found(RULE)] == ["tentative"]
    assert Run().capture("a.pcap", SILENT, OTHER).found(RULE) == []


def test_conversations_that_work_need_no_icmp() -> None:
    assert run("port 22", OTHER).ask(RULE) == []


def test_a_wide_capture_of_the_same_conversation_supersedes() -> None:
    made = run("port 8443").capture("wide.pcap", SILENT).add("wide.pcap", error(), kind="capture")
    (found,) = [f for f in made.found(RULE) if f.subject == {"filter": "port 8443"}]
    assert found.outcome == "info"
    assert places(found.statements)["wide.pcap"] == ((4,), ())
    admitting = CaptureInterface(linktype=1, snaplen=262_144, filter="port 8443 or icmp")
    assert {f.outcome for f in run("port 8443").capture("wide.pcap", SILENT, interfaces=(admitting,)).found(RULE)} == {"info"}


def test_an_icmp_error_about_another_conversation_does_not() -> None:
    made = run("port 8443").capture("wide.pcap", OTHER).add("wide.pcap", error("198.51.100.200"), kind="capture")
    assert {f.outcome for f in made.found(RULE)} == {"fail"}


def test_a_capture_with_icmp_in_it_is_excluded() -> None:
    made = Run().capture("a.pcap", SILENT).add("a.pcap", error(), kind="capture")
    assert made.found(RULE) == []
    assert "a.pcap" in places(made.excluded(RULE))


@pytest.mark.parametrize(
    ("command", "filter"),
    [
        ("tcpdump -i any", ""),
        ("sudo timeout 60 tcpdump -s0 -Uw x.pcap -i eth1 host a and port 53 > log 2>&1 &", "host a and port 53"),
        ("tshark -i 2 -f 'udp port 53' -w x.pcapng", "udp port 53"),
        ("dumpcap -b filesize:100 -i eth0 -w x -f tcp", "tcp"),
        ("tcpdump -nn -r x.pcap port 80", None),
        ("cat x | tcpdump -c 5 'tcp[13] & 4 != 0'", "tcp[13] & 4 != 0"),
        ("ls", None),
    ],
)
def test_expressions_of_commands(command: str, filter: str | None) -> None:
    assert expression(command) == filter


def test_not_evaluable_without_a_capture() -> None:
    (unknown,) = Run().add("note.md").unknown(RULE)
    assert "capture" in english(unknown.missing[0])
    assert "icmp6" in (unknown.collect or "")
