"""No program listens on a port that is asked for.

Claim: a whole listing of listening sockets, from a host that owns the asked address by its own interface listing, has no listener for the port,
and the connection was not established. Silence beside it may also be a packet filter's; a refusal fits.

Refuted by: a listing of another time or network namespace; a translation (DNAT, a container's published port) that takes the port elsewhere.

Source: RFC 9293 §3.10.7.1 (a SYN to a closed port is reset); ss(8), netstat(8).
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.frames import cite
from runs.analysis.domain.places import same_host
from runs.analysis.domain.wording import ends, family, once, responder_subject, statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.network import Interfaces
from runs.analysis.facts.sockets import Listener, SocketTable
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

ANY = {"IPv4": ("*", "0.0.0.0", "::"), "IPv6": ("*", "::")}  # noqa: S104  # as listings show it; nothing is bound here

TITLE = message("port_not_listening", en="Nothing listens on the port", ja="待ち受けがない")
NONE = message(
    "port_not_listening.title",
    en="{host} has no listener on TCP port {port}, which is asked for at {address}.",
    ja="{host} には {address} 宛に接続が試みられた TCP ポート {port} の待ち受けがない。",
)
LISTED = message(
    "port_not_listening.listed", en="The listing of sockets has none for it.", ja="ソケット一覧に該当する待ち受けはない。"
)
ASKED = message("port_not_listening.asked", en="The connection is tried here.", ja="接続はここで試みられている。")
OWNED = message("port_not_listening.owned", en="The address is this host's own.", ja="このアドレスは当該ホスト自身のもの。")
REFUTE = message(
    "port_not_listening.refute",
    en="A listing of another time or namespace, or a translation of the port.",
    ja="別の時点・別の名前空間の一覧か、ポートの変換があれば覆る。",
)
LOOK = message("port_not_listening.look", en="Look for the program.", ja="プログラムの起動状態を確認する。")
LISTENS = message("port_not_listening.listens", en="TCP port {port} has a listener.", ja="TCP ポート {port} には待ち受けがある。")


@rule(
    title=TITLE,
    domain="host",
    topics=["service-down"],
    needs=[SocketTable, Conversation],
    uses=[Listener, Interfaces],
    collect="sudo ss -ltnp; ip addr",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each responder that a listing's host owns."""
    listens: list[Statement] = []
    for table in case.all(SocketTable):
        if not table.shows_listeners or table.partial or (table.protocols and "tcp" not in table.protocols):
            continue
        listeners = [one for one in case.all(Listener) if one.file == table.file and one.segment == table.segment]
        for c in (c for c in case.all(Conversation) if c.protocol == "tcp" and c.syn_frame and not c.handshake_complete):
            owned = _owned(case, table, c)
            if owned is None:
                continue
            found = next((one for one in listeners if _serves(one, c)), None)
            if found is not None:
                listens.append(statement(LISTENS(port=str(c.responder.port)), Citation(table.file, lines=(found.line,))))
            else:
                yield _found(case, table, c, owned)
    if listens:
        yield Excluded(statements=once(listens))


def _owned(case: Case, table: SocketTable, c: Conversation) -> Citation | None:
    """Where the host's own interface listing has the responder's address."""
    for listing in case.all(Interfaces):
        if same_host(listing, table):
            for address in (a for i in listing.interfaces for a in i.addresses if a.address == c.responder.address):
                return Citation(listing.file, lines=(address.line,))
    return None


def _serves(one: Listener, c: Conversation) -> bool:
    any_address = ANY[family(c.responder.address)]
    return one.protocol.startswith("tcp") and one.port == c.responder.port and one.address in (c.responder.address, *any_address)


def _found(case: Case, table: SocketTable, c: Conversation, owned: Citation) -> Found:
    port = str(c.responder.port)
    listed = Citation(table.file, lines=tuple(sorted({table.first_line, table.last_line})))
    return Found(
        outcome="fail",
        severity="high",
        confidence="firm" if c.rst_frame else "tentative",
        title=NONE(host=table.host or c.responder.address, port=port, address=c.responder.address),
        statements=(
            statement(LISTED(), listed),
            statement(ASKED(), cite(case, c, c.syn_frame, c.rst_frame)),
            statement(OWNED(), owned),
        ),
        subject=responder_subject(c.responder),
        endpoints=ends(c.originator, c.responder),
        refuted_by=REFUTE(),
        next_actions=(Action(LOOK(), f"sudo ss -ltnp 'sport = :{port}'; systemctl --failed"),),
    )
