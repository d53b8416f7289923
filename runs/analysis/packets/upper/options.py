"""TCP options of a segment in Wireshark's words, for its line in the packet list: 'MSS=1460 WS=128 SACK_PERM', 'SLE=1 SRE=1461 D-SACK'.

Time stamps are left to the frame's own page: they change with every segment.
"""

from collections.abc import Iterator

MSS, WINDOW_SCALE, SACK_PERMITTED, SACK = 2, 3, 4, 5
NOTHING, END = 1, 0


def options_of(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(kind, value) of the options in a header's bytes, as far as they are whole (RFC 9293, 3.1)."""
    at = 0
    while at < len(data) and data[at] != END:
        if data[at] == NOTHING:
            at += 1
            continue
        length = data[at + 1] if at + 1 < len(data) else 0
        if length < 2 or at + length > len(data):
            return
        yield data[at], data[at + 2 : at + length]
        at += length


def option_words(data: bytes, base: int, acknowledgment: int) -> str:
    """The options of a segment; `base`: the other side's first sequence number, from which SACK's edges are counted."""
    words: list[str] = []
    for kind, value in options_of(data):
        if kind == MSS and len(value) == 2:
            words.append(f"MSS={int.from_bytes(value, 'big')}")
        elif kind == WINDOW_SCALE and len(value) == 1:
            words.append(f"WS={1 << min(value[0], 14)}")
        elif kind == SACK_PERMITTED:
            words.append("SACK_PERM")
        elif kind == SACK:
            blocks = [tuple(int.from_bytes(value[n + k : n + k + 4], "big") for k in (0, 4)) for n in range(0, len(value) - 7, 8)]
            words += [f"SLE={(low - base) & 0xFFFFFFFF} SRE={(high - base) & 0xFFFFFFFF}" for low, high in blocks]
            if blocks and is_duplicate(blocks, acknowledgment):
                words.append("D-SACK")
    return " ".join(words)


def is_duplicate(blocks: list[tuple[int, ...]], acknowledgment: int) -> bool:
    """Whether the first block tells of bytes that came twice (RFC 2883, 4): below the acknowledgment, or within the second block."""
    low, high = blocks[0]
    if not _after(high, acknowledgment):
        return True
    return len(blocks) > 1 and not _after(blocks[1][0], low) and not _after(high, blocks[1][1])


def _after(a: int, b: int) -> bool:
    """Whether a sequence number comes behind another one (RFC 1982)."""
    return 0 < (a - b) & 0xFFFFFFFF < 0x80000000
