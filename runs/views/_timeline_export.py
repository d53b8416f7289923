"""The timeline as text, as merge scripts print it: seconds since zero, seconds since the row before, then the row.

Frames are written as tcpdump writes them, log lines as they stand; the source follows in parentheses, as such scripts append it.
"""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from runs.analysis.packets import schema
from runs.services.timeline import Event, place
from runs.views._packets import Packets
from runs.views._timeline_rows import EXACT, RowContext, words_of
from runs.views._times import seconds

FLAGS = ((schema.FIN, "F"), (schema.SYN, "S"), (schema.RST, "R"), (schema.PSH, "P"), (schema.ACK, "."), (schema.URG, "U"))


def export_lines(events: Iterable[Event], context: RowContext, most: int) -> Iterator[str]:
    """One line an event. Behind `most` events a last line says that there are more."""
    words = words_of(context)
    before: int | None = None
    count = 0
    for event in events:
        count += 1
        lane = context.lanes[event.lane]
        is_exact = lane.kind in EXACT
        delta = seconds(0 if before is None else event.ts_ns - before)
        packets = words.packets(event)
        text = tcpdump_line(packets, event.row) if packets else words.plain(event, place(lane, event)[1])
        yield f"{seconds(event.ts_ns - context.zero_ns)} {delta} {text}  ({context.names[event.lane].full})\n"
        if is_exact:
            before = event.ts_ns
    if count >= most:
        yield "# " + _("Not more than %(n)s rows are written; narrow the range to have the rest.") % {"n": f"{most:,}"} + "\n"


def tcpdump_line(packets: Packets, row: int) -> str:
    """A frame as `tcpdump -n` writes it, with relative sequence numbers: 'IP 10.0.0.1.49152 > 10.0.0.2.80: Flags [S], seq 7, …'."""
    table = packets.table
    source, destination = (packets.address(int(table[name][row])) for name in ("source", "destination"))
    version = int(table["ip_version"][row])
    if not version:
        return packets.told(row)
    name = "IP6" if version == 6 else "IP"
    protocol = int(table["protocol"][row])
    if protocol not in (schema.TCP, schema.UDP) or not int(table["transport_offset"][row]):
        return f"{name} {source} > {destination}: {packets.protocol(row)} {packets.info(row)}"
    head = f"{name} {source}.{table['source_port'][row]} > {destination}.{table['destination_port'][row]}: "
    length = int(table["payload_length"][row])
    return head + (_tcp(packets, row, length) if protocol == schema.TCP else f"UDP, length {length}")


def _tcp(packets: Packets, row: int, length: int) -> str:
    table = packets.table
    flags = int(table["tcp_flags"][row])
    said = "".join(letter for bit, letter in FLAGS if flags & bit) or "none"
    own, other = _bases(packets, row)
    sequence, acknowledgment = int(table["sequence"][row]), int(table["acknowledgment"][row])
    parts = [f"Flags [{said}]"]
    if flags & schema.SYN:
        parts.append(f"seq {sequence}")
    elif length:
        relative = (sequence - own) & 0xFFFFFFFF
        parts.append(f"seq {relative}:{relative + length}")
    elif flags & (schema.FIN | schema.RST):
        parts.append(f"seq {(sequence - own) & 0xFFFFFFFF}")
    if flags & schema.ACK:
        parts.append(f"ack {acknowledgment if flags & schema.SYN else (acknowledgment - other) & 0xFFFFFFFF}")
    parts += [f"win {table['window'][row]}", f"length {length}"]
    return ", ".join(parts)


def _bases(packets: Packets, row: int) -> tuple[int, int]:
    """The initial sequence numbers of the frame's sender and of its receiver."""
    conversation = int(packets.table["conversation"][row])
    if packets.conversations is None or conversation < 0:
        return 0, 0
    direction = int(packets.table["direction"][row])
    bases = packets.conversations["base_sequences"][conversation]
    return int(bases[direction]), int(bases[1 - direction])
