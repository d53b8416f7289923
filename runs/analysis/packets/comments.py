"""What a pcapng file says about one frame: the comments in its packet block, read when the frame is looked at."""

import struct
from pathlib import Path

from runs.analysis.columns import Table
from runs.analysis.packets.pcapng_blocks import options_of, texts_of
from runs.analysis.packets.spans import read_any

ENHANCED_PACKET, OBSOLETE_PACKET, COMMENT = 6, 2, 1
HEAD_BYTES = 28  # of both blocks: type, length, and five words before the frame's bytes
MAX_OPTION_BYTES = 1 << 16
MAX_COMMENTS = 20


def frame_comments(origin: Path | bytes, packets: Table, row: int) -> tuple[str, ...]:
    """The comments of a frame (row of `packets`); none where its bytes stand in no such block. Raises OSError."""
    offset, captured = int(packets["offset"][row]), int(packets["captured_length"][row])
    if offset < HEAD_BYTES:
        return ()
    ((head),) = read_any(origin, [(offset - HEAD_BYTES, HEAD_BYTES)])
    for order in "<>":
        kind, length = struct.unpack_from(order + "II", head.ljust(8, b"\0"))
        behind = offset + (captured + 3) // 4 * 4  # where the options begin
        size = offset - HEAD_BYTES + length - 4 - behind
        if kind in (ENHANCED_PACKET, OBSOLETE_PACKET) and length % 4 == 0 and 4 <= size <= MAX_OPTION_BYTES:
            (data,) = read_any(origin, [(behind, size)])
            return tuple(texts_of(options_of(data, order), COMMENT)[:MAX_COMMENTS])
    return ()
