"""ARP (RFC 826): requests by who asks whom, and the answers."""

from collections.abc import Iterator
from typing import Any

from runs.analysis.facts.arp import ArpResolution
from runs.analysis.packets.addresses import address_texts
from runs.analysis.packets.schema import ETHERTYPE_ARP, column
from runs.analysis.packets.upper.view import View

REQUEST, REPLY = 1, 2
MAX_LISTED = 50


def arp_resolutions(view: View) -> Iterator[ArpResolution]:
    """Who asked for whom, in the order of the first frames. An answer counts for everyone who asked for its address."""
    packets, operation = view.packets, column(view.packets, "icmp_code")
    rows = view.first((packets["ethertype"] == ETHERTYPE_ARP) & (operation > 0))
    texts = address_texts(view.addresses, [int(packets[name][row]) for row in rows for name in ("source", "destination")])
    asked: dict[tuple[str, str], list[int]] = {}
    answers: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for row in rows:
        sender, target = (texts[int(packets[name][row])] for name in ("source", "destination"))
        if operation[row] == REQUEST and sender != target:
            asked.setdefault((sender, target), []).append(row)
        elif operation[row] == REPLY or sender == target:
            at = int(column(packets, "network_offset")[row])
            mac = view.frame(row)[at + 8 : at + 14].hex(":")
            answers.setdefault((target, sender), []).append((row, mac))
    for (asker, target), requests in asked.items():
        found: list[Any] = answers.get((asker, target), [])
        yield ArpResolution(
            asker=asker, target=target, request_frames=tuple(row + 1 for row in requests[:MAX_LISTED]), request_count=len(requests),
            reply_frames=tuple(row + 1 for row, _ in found[:MAX_LISTED]), reply_count=len(found),
            macs=tuple(dict.fromkeys(mac for _, mac in found)), first_ns=view.ts_ns(requests[0]),
            last_ns=view.ts_ns(max([*requests, *(row for row, _ in found)])),
        )  # fmt: skip
