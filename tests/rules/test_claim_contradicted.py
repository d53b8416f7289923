"""Statements of people: which are recognised, what the evidence says of them, and what is no statement."""

from typing import Any

import pytest

from runs.analysis.domain.claims import stated_in
from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.facts.notes import FileNote, Note, NoteLine
from runs.analysis.facts.process import ProcessIds
from tests.kit import Run, Talk, answered, english, places, timed_out, tried


def noted(remark: str, path: str) -> Run:
    return Run().add("README.md", FileNote(path=path, line=9, remark=remark), kind="readme")


def verdicts(run: Run) -> list[str]:
    return [claim.verdict for claim in run.report().claims]


def silent() -> Talk:
    return Talk().opens().request(116).acked().waits(120).fin()


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("キャプチャ 30 件 / フィルタ受信 60 件 / ドロップ 0。", ["captured", "received", "dropped"]),
        ("33 packets captured, 590 received by filter, 0 dropped", ["captured", "received", "dropped"]),
        ("握手成功後に 120 秒待機しても 0 byte 受信。", ["silent", "waited", "handshake"]),
        ("curl timed out after 120 seconds", ["waited"]),
        ("15s 間隔の ACK 継続", ["interval"]),
        ("GET 115 byte を送出する", ["request_bytes"]),
        ("ICMPエラーはコード3、タイプ10です", ["icmp_turned"]),
        ("ICMP type 3 code 13", ["icmp"]),
        ("PID=59517 を記録", ["pid"]),
        ("No retransmissions, 0.5% packet loss", ["loss", "no_retransmission"]),
    ],
)
def test_statements_are_recognised_in_both_languages(text: str, kinds: list[str]) -> None:
    assert [s.kind for s in stated_in(text)] == kinds


@pytest.mark.parametrize(
    "text",
    [
        "仮説: 応答なしの原因は port-forward", "おそらく 30 件キャプチャ 30 件のはず", "probably no response", "If it times out after 20 seconds",
        "応答がない場合は再起動する予定", "0.5 byte", "192.0.2.0 bytes", "should be 0 dropped", "再送はなしと思われる", "応答なし？",
    ],
)  # fmt: skip
def test_guesses_plans_conditions_and_questions_state_nothing(text: str) -> None:
    assert list(stated_in(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "前回は 20 秒でタイムアウト。", "20 秒でタイムアウトすれば再起動。", "利用者から「20 秒でタイムアウト」と連絡。",
        "20 秒でタイムアウトしない。",
        "It never timed out after 20 s.", "Previously it timed out after 20 s.", "20 秒以上待って切断。", "timed out after 20 s or more",
        "Until it gives up after 20 s, nothing is wrong.", "接続拒否されない。", "接続は即拒否されていない。",
        "According to the carrier, no reply.",
        'The carrier wrote "no response" in its mail.', "20 秒でタイムアウトしたか。",
    ],
)  # fmt: skip
def test_denials_bounds_quotations_and_other_times_state_nothing(text: str) -> None:
    assert list(stated_in(text)) == []


@pytest.mark.parametrize(
    ("remark", "verdict"), [("キャプチャ 9 件 / ドロップ 0", "supported"), ("キャプチャ 12 件", "contradicted")]
)
def test_counts_are_held_against_tcpdumps_own_lines(remark: str, verdict: str) -> None:
    run = noted(remark, "t.log").statistics("t.log", 9)
    assert set(verdicts(run)) == {verdict}
    if verdict == "contradicted":
        (found,) = run.found("claim_contradicted")
        assert places(found.statements) == {"README.md": ((), (9,)), "t.log": ((), (2,))}
        assert english(found.title).endswith("does not agree with t.log: 9.")
    else:
        assert run.excluded("claim_contradicted")


def test_silence_durations_and_sizes_are_held_against_the_capture() -> None:
    run = noted("握手と GET 送信まで成立。GET 116 byte。応答なし", "a.pcap").capture("a.pcap", silent())
    assert set(verdicts(run)) == {"supported"}
    wrong = noted("GET 300 byte", "a.pcap").capture("a.pcap", silent())
    (found,) = wrong.found("claim_contradicted")
    assert "116 bytes" in english(found.title)
    heard = noted("応答なし", "a.pcap").capture("a.pcap", Talk().opens().request().answer().closes())
    assert verdicts(heard) == ["contradicted"]


def test_what_holds_for_some_conversations_only_is_no_contradiction() -> None:
    run = noted("応答なし", "a.pcap").capture("a.pcap", silent(), Talk(client_port=2).opens().request().answer().closes())
    assert verdicts(run) == []


@pytest.mark.parametrize(("remark", "verdict"), [("120 秒待って 0 byte", "supported"), ("30 秒待っても応答なし", "contradicted")])
def test_a_clients_patience_is_rounded_by_people(remark: str, verdict: str) -> None:
    run = noted(remark, "c.log").curl("c.log", tried(), **timed_out(120.4))
    assert verdict in verdicts(run)


def test_a_status_is_held_against_the_clients_log() -> None:
    assert verdicts(noted("500 応答", "c.log").curl("c.log", tried(), **answered(200))) == ["contradicted"]
    assert verdicts(noted("200 応答", "c.log").curl("c.log", tried(), **answered(200))) == ["supported"]


def test_a_pid_is_held_against_its_file() -> None:
    run = noted("PID=59517", "p.txt").add("p.txt", ProcessIds(pids=(7,), lines=(1,)), kind="pid_file")
    assert verdicts(run) == ["contradicted"]


def icmp(kind: int, code: int) -> IcmpError:
    ends: dict[str, Any] = {"quoted_source": Endpoint("192.0.2.1", 1), "quoted_destination": Endpoint("192.0.2.2", 2)}
    return IcmpError(
        frame=3, ts_ns=1, version=4, icmp_type=kind, icmp_code=code, sender="192.0.2.9", receiver="192.0.2.1", ttl=63,
        quoted_protocol="tcp", quoted_ttl=62, **ends,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("error", "verdict"),
    [(icmp(3, 10), "contradicted"), (icmp(10, 3), "supported"), (icmp(11, 0), None), (None, "cannot_be_checked")],
)
def test_type_and_code_turned_round_are_found(error: IcmpError | None, verdict: str | None) -> None:
    run = Run().add("memo.md", Note(statements=(NoteLine(4, "今回のICMPエラーはコード3、タイプ10です。"),)))
    if error is not None:
        run.add("a.pcap", error, kind="capture")
    assert verdicts(run) == ([verdict] if verdict else [])


def test_a_statement_without_its_file_states_nothing_of_it() -> None:
    assert verdicts(noted("キャプチャ 12 件", "gone.log")) == []


def test_without_notes_it_is_not_evaluable() -> None:
    assert Run().capture("a.pcap", silent()).unknown("claim_contradicted")
