"""Options of TCP and IPv4 headers, as fields (RFC 9293, 7323, 2018, 791)."""

from collections.abc import Callable

from runs.analysis.packets.upper.tree import Field

MAX_OPTIONS = 40


def tcp_options(data: bytes, at: int, end: int) -> tuple[Field, ...]:
    """The options in data[at:end], as far as they are whole."""
    return _options(data, at, end, _tcp_words)


def ipv4_options(data: bytes, at: int, end: int) -> tuple[Field, ...]:
    """The options in data[at:end], by number."""
    return _options(data, at, min(end, len(data)), lambda kind, value: f"option {kind}, {len(value) + 2} bytes")


def _options(data: bytes, at: int, end: int, words: Callable[[int, bytes], str]) -> tuple[Field, ...]:
    fields: list[Field] = []
    while at < end and len(fields) < MAX_OPTIONS:
        kind = data[at]
        if kind == 0:
            break
        if kind == 1:
            at += 1
            continue
        length = data[at + 1] if at + 1 < end else 0
        if length < 2 or at + length > end:
            fields.append(Field("Option", f"kind {kind}, cut or of a length that cannot be", at, end - at))
            break
        fields.append(Field("Option", words(kind, data[at + 2 : at + length]), at, length))
        at += length
    return tuple(fields)


def _tcp_words(kind: int, value: bytes) -> str:
    numbers = [int.from_bytes(value[i : i + 4], "big") for i in range(0, len(value) - 3, 4)]
    if kind == 2 and len(value) == 2:
        return f"maximum segment size {int.from_bytes(value, 'big')}"
    if kind == 3 and len(value) == 1:
        return f"window scale {value[0]} (multiply by {1 << min(value[0], 14)})"
    if kind == 4:
        return "SACK permitted"
    if kind == 5:
        ranges = zip(numbers[::2], numbers[1::2], strict=False)
        return "SACK " + ", ".join(f"{left}-{right}" for left, right in ranges)
    if kind == 8 and len(numbers) == 2:
        return f"timestamps: value {numbers[0]}, echo reply {numbers[1]}"
    return f"kind {kind}, {len(value) + 2} bytes"
