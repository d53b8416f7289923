"""Findings name the process that holds an endpoint, where a socket listing of its host says so."""

import json
from typing import Any

import pytest

from runs.analysis.facts.base import Endpoint, Fact
from runs.analysis.facts.network import Interface, InterfaceAddress, Interfaces
from runs.analysis.facts.process import ProcessIds
from runs.analysis.facts.sockets import Listener, Socket, SocketTable
from runs.analysis.report import PortOwner
from runs.analysis.report_json import to_json
from tests.kit import SERVER, Run, Talk


def listener(address: str = SERVER, process: str | None = "webd", pid: int | None = 812, **fields: Any) -> Listener:
    return Listener(host="srv", address=address, port=8443, protocol="tcp", process=process, pid=pid, line=4, **fields)


def owning(address: str = SERVER, host: str = "srv") -> Interfaces:
    own = InterfaceAddress(line=3, address=address, prefix_length=24)
    return Interfaces(host=host, interfaces=(Interface(line=2, name="eth0", addresses=(own,)),))


def run(*facts: Fact, talk: Talk | None = None) -> Run:
    made = Run().capture("a.pcap", talk or Talk().opens().request().acked().waits(30).fin())
    for n, fact in enumerate(facts):
        made.add(f"f{n}.txt", fact)
    return made


def owner(made: Run) -> PortOwner | None:
    finding = next(f for f in made.report().findings if f.rule == "response_missing")
    return next(e.process for e in finding.endpoints if e.role == "responder")


@pytest.mark.parametrize("facts", [(listener(),), (listener("0.0.0.0"), owning()), (listener("*"), owning())])
def test_the_process_of_the_responder_is_named_with_its_line(facts: tuple[Fact, ...]) -> None:
    found = owner(run(*facts))
    assert found is not None
    assert (found.process, found.pid) == ("webd", 812)
    assert [(c.file, c.lines) for c in found.citations] == [("f0.txt", (4,))]


@pytest.mark.parametrize(
    "facts",
    [
        (listener("0.0.0.0"),),  # whose address that is nobody says
        (listener("0.0.0.0"), owning(host="other")),
        (listener("::"), owning()),  # of the other family
        (listener("203.0.113.9"), owning()),
        (listener(process=None, pid=None),),
        (listener(), listener(process="other", pid=9)),
    ],
)
def test_nothing_is_named_where_the_evidence_leaves_it_open(facts: tuple[Fact, ...]) -> None:
    assert owner(run(*facts)) is None


def test_loopback_is_of_the_one_host_there_is() -> None:
    talk = Talk("127.0.0.1", client="127.0.0.1").opens().request().acked().waits(30).fin()
    assert owner(run(listener("127.0.0.1"), talk=talk)) is not None
    assert owner(run(listener("127.0.0.1"), owning(host="other"), talk=talk)) is None


def test_connected_sockets_and_pid_files_count_too() -> None:
    socket = Socket(line=7, protocol="tcp", state="ESTABLISHED", local=Endpoint(SERVER, 8443), process="webd", pid=812)
    found = owner(run(SocketTable(host="srv", program="ss", sockets=(socket,)), ProcessIds(pids=(5, 812), lines=(1, 2))))
    assert found is not None
    assert [(c.file, c.lines) for c in found.citations] == [("f0.txt", (7,)), ("f1.txt", (2,))]


def test_the_json_report_has_it() -> None:
    report = run(listener()).report()
    told = json.loads(to_json(report, []))
    (responder,) = [
        e for f in told["findings"] if f["rule"] == "response_missing" for e in f["endpoints"] if e["role"] == "responder"
    ]
    assert (responder["process"], responder["pid"]) == ("webd", 812)
    assert all("process" not in e for f in told["findings"] for e in f["endpoints"] if e["role"] == "originator")
