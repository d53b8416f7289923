"""`port_not_listening`: a whole listing of the owner's sockets without the port that is asked for."""

import pytest

from runs.analysis.facts.network import Interface, InterfaceAddress, Interfaces
from runs.analysis.facts.sockets import Listener, SocketTable
from tests.kit import CLIENT, SERVER, Run, Talk, english, places

RULE = "port_not_listening"
REFUSED = Talk().syn().rst()


def run(*listeners: Listener, talk: Talk = REFUSED, owner: str = SERVER, host: str | None = "web", **fields: object) -> Run:
    table = SocketTable(host=host, program="ss", shows_listeners=True, first_line=1, last_line=4, **fields)  # type: ignore[arg-type]
    own = InterfaceAddress(line=3, address=owner, prefix_length=24)
    made = Run().capture("a.pcap", talk).add("ss.txt", table, *listeners, kind="ss")
    return made.add("addr.txt", Interfaces(host="web", interfaces=(Interface(line=2, name="eth0", addresses=(own,)),)))


def listener(address: str = "*", port: int = 8443) -> Listener:
    return Listener(host="web", address=address, port=port, protocol="tcp", line=2)


def test_a_refused_port_without_listener_fires() -> None:
    (found,) = run(listener(port=22)).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "high", "firm")
    assert places(found.statements) == {"ss.txt": ((), (1, 4)), "a.pcap": ((1, 2), ()), "addr.txt": ((), (3,))}
    assert found.subject == {"role": "responder", "family": "IPv4", "address": SERVER, "port": "8443"}


def test_silence_beside_it_is_tentative_and_a_loopback_listener_does_not_serve() -> None:
    assert [f.confidence for f in run(talk=Talk().syn().waits(1).syn_again()).found(RULE)] == ["tentative"]
    assert run(listener("127.0.0.1")).found(RULE)


@pytest.mark.parametrize("address", ["*", "0.0.0.0", "::", SERVER])
def test_a_listener_excludes(address: str) -> None:
    assert places(run(listener(address)).excluded(RULE)) == {"ss.txt": ((), (2,))}


def test_silent_where_the_listing_cannot_tell() -> None:
    assert run(partial=True).ask(RULE) == []
    assert run(protocols=("udp",)).ask(RULE) == []
    assert run(owner=CLIENT).ask(RULE) == []
    assert run(host=None).ask(RULE) == []
    assert run(talk=Talk().opens().request().answer().closes()).ask(RULE) == []


def test_not_evaluable_without_a_listing() -> None:
    (unknown,) = Run().capture("a.pcap", REFUSED).unknown(RULE)
    assert "socket table" in english(unknown.missing[0])
    assert unknown.collect == "sudo ss -ltnp; ip addr"
