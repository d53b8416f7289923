"""A TCP failure is in a capture whose filter cannot admit the ICMP errors that would explain it.

Claim: an ICMP error about a failing conversation (no SYN+ACK, no ACK, no answer) could not pass the filter of its capture (from its tcpdump
command, or pcapng's if_filter); a filter that leaves it open (a host alone, bytes) claims nothing. Where no filter is known and the capture
holds TCP of one port only it is tentative. Where another capture has an ICMP error about the conversation, or its packets behind a filter that
admits ICMP, this one is superseded, and that is said.

Refuted by: a filter that admits ICMP; a wide capture without ICMP errors.

Source: pcap-filter(7): 'port' matches TCP, UDP and SCTP, never ICMP.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.capture_filter import expression, lets_icmp_through
from runs.analysis.domain.frames import cite, error_places
from runs.analysis.domain.wording import once, quoted, statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.facts.joined import Collection
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

FAILING_STATES = ("S0", "S1", "SH", "OTH", "RSTOS0")

TITLE = message("capture_filter_too_narrow", en="The capture filter hides ICMP errors", ja="採取フィルタが狭く ICMP が写らない")
NARROW_FILTER = message(
    "capture_filter_too_narrow.title",
    en="The filter “{filter}” of {capture} admits no ICMP: what a router says about the failing conversation cannot be in it.",
    ja="{capture} の採取フィルタ「{filter}」は ICMP を通さず、失敗した会話についてルータが返すエラーは写らない。",
)
ONE_PORT = message(
    "capture_filter_too_narrow.title_one_port",
    en="{capture} holds port {port} only: its filter probably admits no ICMP, which could explain the failure.",
    ja="{capture} にはポート {port} しかなく、失敗を説明しうる ICMP を通さないフィルタだった可能性が高い。",
)
HERE = message("capture_filter_too_narrow.here", en="The filter stands here.", ja="フィルタの指定はここにある。")
FAILS = message("capture_filter_too_narrow.fails", en="The failing conversation is {id}.", ja="失敗している会話は {id}。")
SUPERSEDED = message(
    "capture_filter_too_narrow.superseded",
    en="{wide} admits ICMP and answers the question: this capture is superseded.",
    ja="ICMP を通す {wide} が答えを与えており、このキャプチャは不要になった。",
)
REFUTE = message(
    "capture_filter_too_narrow.refute",
    en="A wide capture of the same failure without ICMP errors.",
    ja="同じ失敗を広いフィルタで採って ICMP エラーがなければ覆る。",
)
AGAIN = message("capture_filter_too_narrow.again", en="The same capture with ICMP.", ja="ICMP を加えて同じ採取を行う。")
WIDE = message("capture_filter_too_narrow.wide", en="{capture} admits ICMP.", ja="{capture} は ICMP を通している。")


@rule(
    title=TITLE,
    domain="evidence",
    topics=["capture-practice"],
    needs=[Capture],
    uses=[Conversation, Collection, ShellCommand, IcmpError],
    collect="sudo tcpdump -i any -s 0 -w wide.pcap '(port PORT) or icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each capture with a failing TCP conversation."""
    admitted: list[Statement] = []
    for capture in case.all(Capture):
        own = [c for c in case.all(Conversation) if (c.file, c.segment) == (capture.file, capture.segment)]
        failing = next((c for c in own if _fails(c)), None)
        if failing is None:
            continue
        known = _filter(case, capture)
        admits = lets_icmp_through(known[0], failing) if known is not None else None
        if any((e.file, e.segment) == (capture.file, capture.segment) for e in case.all(IcmpError)) or admits:
            place = known[1] if known is not None else cite(case, failing, failing.first_frame)
            admitted.append(statement(WIDE(capture=capture.file), place))
        elif admits is False:
            yield _found(case, capture, failing, known, _wide(case, capture, failing))
        elif known is None and (port := _one_port(own)) is not None:
            yield _found(case, capture, failing, None, _wide(case, capture, failing), port)
    if admitted:
        yield Excluded(statements=once(admitted))


def _fails(c: Conversation) -> bool:
    if c.protocol != "tcp" or (not c.frames[1] and c.completeness & 12):
        return False  # an originator that goes on was answered: the capture holds one direction only
    return (c.conn_state in FAILING_STATES and not c.handshake_complete and bool(c.completeness & 3)) or (
        c.handshake_complete and c.payload_bytes[0] > 0 and not c.acked_bytes[0]
    )


def _filter(case: Case, capture: Capture) -> tuple[str, Citation] | None:
    """The filter expression with the place it stands at; options and file names of the command left out."""
    for interface in capture.interfaces:
        if interface.filter:
            return interface.filter, Citation(capture.file)
    commands = [(c.command, c.command_at) for c in case.all(Collection) if c.file == capture.file and c.command and c.command_at]
    commands += [(s.text, Citation(s.file, lines=(s.line,))) for s in case.all(ShellCommand) if s.file == capture.file and s.ran]
    for text, place in commands:
        words = expression(text)
        if words is not None:
            return words, place
    return None


def _wide(case: Case, capture: Capture, failing: Conversation) -> tuple[str, Citation] | None:
    """Another capture that answers the question, and where: an ICMP error about the conversation, or a filter that admits it."""
    pair = {failing.originator.address, failing.responder.address}
    for e in case.all(IcmpError):
        ends = (e.quoted_source, e.quoted_destination)
        if e.file != capture.file and {end.address for end in ends} == pair and failing.responder in ends:
            return e.file, error_places([e])[0]
    same = {c.file for c in case.all(Conversation) if (c.originator, c.responder) == (failing.originator, failing.responder)}
    for other in (c for c in case.all(Capture) if c.file in same and c.file != capture.file):
        known = _filter(case, other)
        if known is not None and lets_icmp_through(known[0], failing):
            return other.file, known[1]
    return None


def _one_port(own: list[Conversation]) -> int | None:
    """The port that every packet of the capture has; None where there are others, or anything but TCP."""
    ports = {c.responder.port for c in own}
    return ports.pop() if len(ports) == 1 and all(c.protocol == "tcp" for c in own) else None


def _found(
    case: Case,
    capture: Capture,
    failing: Conversation,
    known: tuple[str, Citation] | None,
    wide: tuple[str, Citation] | None,
    port: int | None = None,
) -> Found:
    told: list[Statement] = []
    if known:
        told.append(statement(HERE(), known[1]))
    told.append(statement(FAILS(id=failing.id), cite(case, failing, failing.first_frame, failing.last_frame)))
    if wide:
        told.append(Statement(SUPERSEDED(wide=wide[0]), (wide[1],)))
    narrow = known[0] if known else f"port {port}"
    title = NARROW_FILTER(filter=known[0], capture=capture.file) if known else ONE_PORT(capture=capture.file, port=port)
    return Found(
        outcome="info" if wide else "fail",
        severity="info" if wide else "medium",
        confidence="certain" if known else "tentative",
        title=title,
        statements=tuple(told),
        subject={"filter": " ".join(narrow.split())},
        refuted_by=REFUTE(),
        next_actions=(Action(AGAIN(), f"sudo tcpdump -i any -nn -s 0 -w wide.pcap {quoted(f'({narrow}) or icmp or icmp6')}"),),
    )
