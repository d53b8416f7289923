"""The smaller joins: forwarders from commands, tcpdump's counters, clocks and days, texts of captures, collections."""

import pytest

from runs.analysis.facts.base import Stamp
from runs.analysis.facts.capture import CaptureStatistics
from runs.analysis.facts.clock import DAY_NS, Clock, RunZone
from runs.analysis.facts.joined import CaptureRun, Collection, Forwarder, SameTraffic
from runs.analysis.facts.log import Log
from runs.analysis.facts.notes import DocumentHeader, FileNote, ShellCommand
from tests.kit import SECOND, T0, Run, Talk


def talk(**more: float) -> Talk:
    return Talk(**more).opens().request().answer().closes()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("socat TCP4-LISTEN:7000,fork,reuseaddr TCP:198.51.100.9:8443", "socat *:7000 198.51.100.9:8443 4"),
        ("socat -d tcp6-l:7000,bind=[::1] tcp6:[2001:db8::1]:80", "socat [::1]:7000 [2001:db8::1]:80 6"),
        ("ssh -fNL 7000:db.example:5432 bastion", "ssh localhost:7000 db.example:5432 46"),
        ("ssh -N -L 0.0.0.0:7000:10.1.2.3:80 bastion", "ssh 0.0.0.0:7000 10.1.2.3:80 46"),
        ("kubectl -n web port-forward svc/front 7000:80", "kubectl localhost:7000 svc/front:80 46"),
        ("docker run -d -p 127.0.0.1:7000:80 nginx", "docker 127.0.0.1:7000 container:80 46"),
    ],
)
def test_forwarders(command: str, expected: str) -> None:
    run = Run().add("README.md", ShellCommand(text=command, line=3)).add("notes.md", ShellCommand(text=command, line=8, ran=False))
    (found,) = run.case().all(Forwarder)
    assert f"{found.program} {found.listen} {found.target} {found.families}" == expected
    assert (found.citation.file, found.citation.lines) == ("README.md", (3,))


@pytest.mark.parametrize("command", ["ssh bastion", "socat - TCP:198.51.100.9:80", "docker run nginx", "echo TCP-LISTEN"])
def test_no_forwarder(command: str) -> None:
    assert Run().add("README.md", ShellCommand(text=command, line=3)).case().all(Forwarder) == []


def test_counters_belong_to_the_capture_of_the_row_above() -> None:
    run = Run().capture("x.pcap", talk()).capture("y.pcap", talk()).statistics("stdout1.log", 9).statistics("stdout2.log", 9)
    rows = [("x.pcap", "tcpdump -w x.pcap"), ("stdout1.log", "上記 tcpdump の標準出力"), ("y.pcap", "tcpdump -w y.pcap")]
    rows.append(("stdout2.log", "stderr of the tcpdump above"))
    run.add("README.md", *(FileNote(path=path, line=5 + n, command=command) for n, (path, command) in enumerate(rows)))
    assert {r.statistics_file: r.file for r in run.case().all(CaptureRun)} == {"stdout1.log": "x.pcap", "stdout2.log": "y.pcap"}


def test_counters_without_a_row_belong_by_name_or_to_none() -> None:
    run = Run().capture("eth1_ng.pcap", talk()).capture("eth0_ng.pcap", talk())
    run.add("eth1_tcpdump.log", CaptureStatistics(captured=9)).add("tcpdump.log", CaptureStatistics(captured=9))
    assert {r.statistics_file: r.file for r in run.case().all(CaptureRun)} == {"eth1_tcpdump.log": "eth1_ng.pcap"}


def test_a_text_in_local_time_is_its_capture() -> None:
    local = talk(at_s=9 * 3600)
    run = Run().capture("a.pcap", talk()).capture("a.txt", local, text=True, zone=None)
    (same,) = run.case().all(SameTraffic)
    assert (same.capture, same.matched, same.text_count, same.offset_ns) == ("a.pcap", 9, 9, -9 * 3600 * SECOND)


def test_another_conversation_is_no_text_of_it() -> None:
    other = Talk(port=9).opens().request(77).answer(1).closes()
    assert Run().capture("a.pcap", talk()).capture("b.txt", other, text=True).case().all(SameTraffic) == []


def test_the_run_s_zone() -> None:
    def zone(run: Run) -> tuple[str, str]:
        (found,) = run.case().all(RunZone)
        return found.zone, found.source

    assert zone(Run(timezone=None).add("a.md")) == ("Asia/Tokyo", "assumed")
    assert zone(Run(timezone="Europe/Berlin").add("a.md", DocumentHeader(zone="Asia/Tokyo"))) == ("Europe/Berlin", "stated")
    assert zone(Run(timezone=None).add("a.md", DocumentHeader(zone="Asia/Seoul"))) == ("Asia/Seoul", "stated")
    assert zone(Run(timezone=None).add("a.log", Log(zone="-05:00"))) == ("-05:00", "stated")
    assert zone(Run(timezone=None).add("a.log", Log(zone="-05:00")).add("b.log", Log(zone="Z"))) == ("-05:00", "stated")


def clocks(run: Run) -> dict[str, Clock]:
    return {c.file: c for c in run.case().all(Clock)}


def test_a_missing_day_comes_from_the_stated_window_before_the_captures() -> None:
    timed = Log(first_wall_ns=0, last_wall_ns=1, has_date=False)
    stated = DocumentHeader(start=Stamp(T0 - 3 * DAY_NS))
    assert clocks(Run().capture("a.pcap", talk()).add("d.log", timed))["d.log"].day == T0 // DAY_NS
    run = Run().capture("a.pcap", talk()).add("d.log", timed).add("README.md", stated)
    assert clocks(run)["d.log"].day == T0 // DAY_NS - 3
    assert not clocks(Run().add("d.log", timed))["d.log"].day_known


def test_captures_of_two_days_name_no_day() -> None:
    timed = Log(first_wall_ns=0, last_wall_ns=1, has_date=False)
    run = Run().capture("a.pcap", talk()).capture("b.pcap", talk(at_s=86_400)).add("d.log", timed)
    assert not clocks(run)["d.log"].day_known


def test_a_row_a_prompt_and_a_prescription() -> None:
    run = (
        Run().add("a.pcap").add("b.log").add("README.md", FileNote(path="a.pcap", line=7, command="tcpdump -w a.pcap", remark="r"))
    )
    run.add("memo.md", ShellCommand(text="dmesg > b.log", line=4, about="b.log"))
    run.add("plan.md", ShellCommand(text="reboot", line=5, about="b.log", ran=False))
    told = {c.file: c for c in run.case().all(Collection)}
    assert (told["a.pcap"].command, told["a.pcap"].listed, told["a.pcap"].noted) == ("tcpdump -w a.pcap", True, "r")
    assert (told["b.log"].command, told["b.log"].listed) == ("dmesg > b.log", False)
