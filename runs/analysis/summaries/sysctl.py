"""sysctl: how many settings are listed, and those that most often decide what becomes of packets."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.kernel import KernelSettings
from runs.analysis.messages import message
from runs.analysis.report import Statement

MOST = 6
LISTED = message("sysctl.summary_listed", en="{n:count} {n:plural:setting|settings}.", ja="設定 {n:count} 件。")
TELLING = message("sysctl.summary_telling", en="Of these: {settings:list}.", ja="うち {settings:list}。")
_TELLING = (
    "ip_forward", "all.forwarding", "ip.forwarding", "ip6.forwarding", "all.rp_filter", "default.rp_filter", "nf_conntrack_max",
    "nf_conntrack_count", "tcp_mtu_probing", "ip_local_port_range", "tcp_syncookies", "somaxconn", "all.disable_ipv6", "all.accept_ra",
    "tcp_timestamps", "tcp_tw_reuse", "arp_ignore", "ip_no_pmtu_disc",
)  # fmt: skip


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for listing in [fact for fact in facts if isinstance(fact, KernelSettings)][:4]:
        yield Statement(LISTED(n=len(listing.settings)), (Citation(file.path, lines=(listing.first_line, listing.last_line)),))
        found = [one for end in _TELLING for one in listing.settings if one.name.endswith(f".{end}")][:MOST]
        if found:
            shown = [f"{one.name} = {one.value[:40]}" for one in found]
            yield Statement(TELLING(settings=shown), (Citation(file.path, lines=tuple(one.line for one in found)),))
