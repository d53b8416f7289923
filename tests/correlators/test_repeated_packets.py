"""A text that only shows a capture of the run: what was read from its packets is not counted again."""

from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.http import HttpExchange
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.facts.joined import SameTraffic
from tests.kit import CLIENT, SERVER, T0, Run, Talk


def exchange(frame: int) -> HttpExchange:
    return HttpExchange(conversation_row=0, conversation_stream=0, request_frame=frame, has_credentials=True)


def error(frame: int) -> IcmpError:
    return IcmpError(
        frame=frame, ts_ns=T0, version=4, icmp_type=3, icmp_code=13, sender="203.0.113.1", receiver=CLIENT, ttl=60, quoted_protocol="tcp",
        quoted_source=Endpoint(CLIENT, 51515), quoted_destination=Endpoint(SERVER, 8443), quoted_ttl=60,
    )  # fmt: skip


def talk(at_s: float = 0) -> Talk:
    return Talk(at_s=at_s).opens().request().answer().closes()


def run(text_at_s: float) -> Run:
    made = Run().capture("a.pcap", talk()).add("a.pcap", exchange(4), error(5), kind="capture")
    made.capture("a.txt", talk(text_at_s), text=True).add("a.txt", exchange(4), error(5), kind="tcpdump_text")
    if text_at_s:
        made.tables.table("a.txt", "packets")["payload_length"][3] += 1  # type: ignore[index]  # another request
        made.tables.table("a.txt", "packets")["payload_length"][4] += 1  # type: ignore[index]
    return made


def test_the_texts_packets_are_dropped_and_the_captures_stay() -> None:
    case = run(0).case()
    assert [(s.file, s.capture) for s in case.all(SameTraffic)] == [("a.txt", "a.pcap")]
    assert {f.file for kind in (HttpExchange, IcmpError) for f in case.all(kind)} == {"a.pcap"}
    assert [f.file for f in case.all(Capture)] == ["a.pcap", "a.txt"], "the text itself is still a file of the run"
    assert len([f for f in case.of_file("a.txt") if isinstance(f, IcmpError)]) == 1, "its own page still shows them"


def test_a_text_of_other_traffic_keeps_its_own() -> None:
    case = run(86_400).case()
    assert case.all(SameTraffic) == []
    assert {f.file for f in case.all(HttpExchange)} == {"a.pcap", "a.txt"}


def test_a_segment_of_a_text_is_told_apart_from_the_rest() -> None:
    case = run(86_400).case()
    case.without_repeated_packets([("a.txt", 40)])
    assert {f.file for f in case.all(HttpExchange)} == {"a.pcap", "a.txt"}
    case.without_repeated_packets([("a.txt", 0)])
    assert {f.file for f in case.all(HttpExchange)} == {"a.pcap"}
