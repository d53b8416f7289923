"""Echo requests and replies of a capture: which frame answers which (RFC 792, RFC 4443), near the frame that is looked at."""

import numpy as np

from runs.analysis.columns import Table
from runs.analysis.packets.schema import ICMP, ICMPV6, column

REQUESTS, REPLIES = {ICMP: 8, ICMPV6: 128}, {ICMP: 0, ICMPV6: 129}
MAX_SEARCHED = 20_000  # frames of the conversation before and behind the one asked for


def echo_words(packets: Table, conversations: Table, row: int) -> str:
    """'reply in 4', 'request in 3', 'no response found!' as Wireshark has them; '' for other frames, and where it is not known."""
    protocol, conversation = int(packets["protocol"][row]), int(packets["conversation"][row])
    kind = int(column(packets, "icmp_type")[row])
    if protocol not in REQUESTS or conversation < 0 or kind not in (REQUESTS[protocol], REPLIES[protocol]):
        return ""
    is_request = kind == REQUESTS[protocol]
    start, count = (int(conversations[name][conversation]) for name in ("order_start", "order_count"))
    rows = packets["by_conversation"][start : start + count]
    at = int(np.searchsorted(rows, np.uint32(row)))  # of the column's own type: another would copy it
    near = rows[at + 1 : at + 1 + MAX_SEARCHED] if is_request else rows[max(0, at - MAX_SEARCHED) : at]
    wanted = REPLIES[protocol] if is_request else REQUESTS[protocol]
    same = packets["sequence"][near] == packets["sequence"][row]
    found = np.flatnonzero(same & (column(packets, "icmp_type")[near] == wanted))
    again = np.flatnonzero(same & (column(packets, "icmp_type")[near] == kind)) if is_request else np.zeros(0, np.int64)
    if len(found) and not (len(again) and again[0] < found[0]):  # a request sent again is the one that is answered
        return f"{'reply' if is_request else 'request'} in {int(near[found[0 if is_request else -1]]) + 1}"
    return "no response found!" if is_request and len(near) < MAX_SEARCHED else ""
