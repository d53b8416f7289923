"""One frame, opened: its layers as a tree, and its bytes, with secrets masked in both."""

from typing import NamedTuple

from runs.analysis.facts.capture import Capture
from runs.analysis.packets.frame import Layer, dissect, frame_bytes
from runs.analysis.packets.schema import column
from runs.models import EvidenceFile
from runs.services import storage
from runs.views._hex import HexRow, hex_rows, secret_indexes
from runs.views._packets import Packets

SHOWN_BYTES = 4096
ETHERNET = 1


class FrameDetail(NamedTuple):
    """What the page shows of one frame."""

    number: int
    original_length: int
    captured_length: int
    layers: list[Layer]
    rows: list[HexRow]
    is_masked: bool
    is_cut: bool  # longer than what is shown


def frame_detail(file: EvidenceFile, packets: Packets, number: int) -> FrameDetail | None:
    """A frame of a capture (from 1); None for a text's packets, and where the bytes are not there."""
    if not 1 <= number <= len(packets) or "line" in packets.table:
        return None
    try:
        data = frame_bytes(storage.blob_path(file.blob_id or ""), packets.table, number)
    except OSError:
        return None
    masked = secret_indexes(data)
    shown = bytes(ord("*") if i in masked else octet for i, octet in enumerate(data)) if masked else data
    return FrameDetail(
        number=number,
        original_length=int(packets.table["original_length"][number - 1]),
        captured_length=int(packets.table["captured_length"][number - 1]),
        layers=dissect(shown, _linktype(file, packets, number)),
        rows=hex_rows(data[:SHOWN_BYTES], 0, masked),
        is_masked=bool(masked),
        is_cut=len(data) > SHOWN_BYTES,
    )


def _linktype(file: EvidenceFile, packets: Packets, number: int) -> int:
    result = storage.load_result(file.artefact)
    capture = next((f for f in (result.located(file.path) if result else ()) if isinstance(f, Capture)), None)
    interface = int(column(packets.table, "interface")[number - 1])
    if capture is None or interface >= len(capture.interfaces):
        return ETHERNET
    return capture.interfaces[interface].linktype
