"""The two ends speak different protocols: plain HTTP to a TLS port, or TLS to a plain one.

Claim: the first bytes of both sides are of different protocols (an HTTP request answered by a TLS alert, a TLS ClientHello
answered by HTTP). The first bytes are cited, and they are the first: the capture holds the handshake, and both numbers follow on
it. In the middle of a stream a payload begins with any bytes.

Refuted by: first bytes of the same protocol on both sides.

Source: RFC 8446 §5.1 (a TLS record begins with its type), RFC 9112 §3.
"""

from collections.abc import Iterator

import numpy as np

from runs.analysis.case import Case
from runs.analysis.domain.frames import cite
from runs.analysis.domain.wording import ends, responder_subject, statement
from runs.analysis.facts.conversation import Conversation
from runs.analysis.messages import message
from runs.analysis.packets.schema import (
    APPLICATIONS,
    HTTP_REQUEST,
    HTTP_RESPONSE,
    SMTP_LIKE,
    SSH,
    TLS_ALERT,
    TLS_HANDSHAKE,
    TLS_OTHER,
)  # fmt: skip
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

FAMILY = {
    HTTP_REQUEST: "HTTP", HTTP_RESPONSE: "HTTP", TLS_HANDSHAKE: "TLS", TLS_ALERT: "TLS", TLS_OTHER: "TLS", SSH: "SSH",
    SMTP_LIKE: "SMTP, FTP",
}  # fmt: skip

TITLE = message("protocol_mismatch", en="The two ends speak different protocols", ja="両端のプロトコルが異なる")
DIFFER = message(
    "protocol_mismatch.title",
    en="{responder} speaks {theirs}, the client speaks {ours}.",
    ja="{responder} は {theirs} を話すが、クライアントは {ours} を話している。",
)
FIRST = message(
    "protocol_mismatch.first",
    en="The client's first bytes are a {ours}, the answer's a {theirs}.",
    ja="クライアントの先頭バイトは {ours}、応答の先頭バイトは {theirs}。",
)
REFUTE = message(
    "protocol_mismatch.refute", en="First bytes of one protocol on both sides.", ja="両側の先頭バイトが同じプロトコルなら覆る。"
)
TRY = message("protocol_mismatch.try", en="Try the other protocol on that port.", ja="そのポートに別のプロトコルで接続する。")
ALIKE = message(
    "protocol_mismatch.alike", en="Both ends of {responder} speak {ours}.", ja="{responder} との会話は両端とも {ours}。"
)


@rule(
    title=TITLE,
    domain="application",
    topics=["tls", "http"],
    needs=[Conversation],
    collect="sudo tcpdump -i any -s 0 -w run.pcap tcp",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each responder."""
    alike: dict[str, Statement] = {}
    first_kinds: dict[tuple[str, int], dict[int, list[int]]] = {}
    told_of: set[tuple[object, ...]] = set()
    for c in case.all(Conversation):
        if c.protocol != "tcp" or not c.handshake_complete or not all(c.first_data_frames):
            continue
        if (c.file, c.segment) not in first_kinds:
            first_kinds[c.file, c.segment] = _first_kinds(case, c)
        kinds = first_kinds[c.file, c.segment].get(c.row, [0, 0])
        names = [FAMILY.get(k) for k in kinds]
        if None in names:
            continue
        if names[0] == names[1]:
            if len(alike) < 12:
                place = cite(case, c, *c.first_data_frames)
                alike.setdefault(str(c.responder), statement(ALIKE(responder=str(c.responder), ours=names[0]), place))
            continue
        if (c.responder, *names) in told_of:
            continue
        told_of.add((c.responder, *names))
        place = cite(case, c, *c.first_data_frames)
        told = FIRST(ours=APPLICATIONS[kinds[0]], theirs=APPLICATIONS[kinds[1]])
        scheme = "https" if names[1] == "TLS" else "http"
        yield Found(
            outcome="fail",
            severity="high",
            confidence="certain",
            title=DIFFER(responder=str(c.responder), theirs=names[1], ours=names[0]),
            statements=(statement(told, place),),
            subject=responder_subject(c.responder) | {"ours": str(names[0]), "theirs": str(names[1])},
            endpoints=ends(c.originator, c.responder),
            refuted_by=REFUTE(),
            next_actions=(Action(TRY(), f"curl -vk {scheme}://{c.responder}/"),),
        )
    if alike:
        yield Excluded(statements=tuple(alike.values()))


def _first_kinds(case: Case, c: Conversation) -> dict[int, list[int]]:
    """What both sides' first bytes look like, by the row of each conversation of the same capture that holds them.

    At once for all of them: one by one takes a tenth of a second for ten thousand.
    """
    packets, conversations = case.table(c, "packets"), case.table(c, "conversations")
    if packets is None or conversations is None or "application" not in packets:
        return {}
    rows = np.flatnonzero((conversations["first_data_frames"] > 0).all(axis=1) & (conversations["application"] > 0))
    firsts = conversations["first_data_frames"][rows] - 1
    begins = packets["sequence"][firsts] == conversations["base_sequences"][rows] + np.uint32(1)
    rows, firsts = rows[begins.all(axis=1)], firsts[begins.all(axis=1)]
    return dict(zip(rows.tolist(), packets["application"][firsts].tolist(), strict=True))
