"""Packet captures: pcap and pcapng files, as tcpdump -w, dumpcap and Wireshark write them, plain or compressed.

    $ sudo tcpdump -i en4 -w lo0_8443.pcap 'tcp port 8443 or icmp'
    $ zstd lo0_8443.pcap

Yields a Capture, bounded facts of the upper layers (DNS, TLS, HTTP, ICMP errors, DHCP, ARP, checksums), and the tables `packets`,
`conversations` and `addresses` (packets/schema.py). Recognised by content, also inside gzip and zstd. A damaged capture gives every
frame before the damage. Refuses an empty file, which is nobody's.
"""

from pathlib import Path

from runs.analysis.messages import message
from runs.analysis.packets.capture import headless_pcapng, is_capture, read_capture
from runs.analysis.packets.problems import NO_SECTION
from runs.analysis.packets.stream import compression_of, first_bytes
from runs.analysis.packets.upper.facts import upper_facts
from runs.analysis.registry import CERTAIN, STRONG, Parsed, Problem, Reason
from runs.analysis.source import Source

VERSION = 4
TITLE = message("capture.title", en="packet capture", ja="パケットキャプチャ")
MAGIC = message("capture.magic", en="it begins as a {format} file does", ja="{format} ファイルの先頭である")
COMPRESSED = message(
    "capture.magic_compressed",
    en="{compression} data that begins as a {format} file does",
    ja="{compression} 圧縮された {format} ファイルの先頭である",
)
HEADLESS = message(
    "capture.headless",
    en="pcapng blocks, without the section header before them",
    ja="節見出し（SHB）のない pcapng ブロック列である",
)


def detect(head: Source, name: str) -> Reason | None:
    """By the magic number; names do not count."""
    compression = compression_of(head.head[:4])
    first = first_bytes(head.head, compression) if compression else head.head[:64]
    if is_capture(first):
        kind = "pcapng" if first.startswith(b"\n\r\r\n") else "pcap"
        return Reason(CERTAIN, COMPRESSED(compression=compression, format=kind) if compression else MAGIC(format=kind))
    return Reason(STRONG, HEADLESS()) if headless_pcapng(first) else None


def parse(source: Source) -> Parsed:
    """The whole capture; see packets/capture.py for what may be wrong with it."""
    if headless_pcapng(source.head):
        return Parsed(problems=[Problem(NO_SECTION(), offset=0, lost=True)], counts={"frames": 0})
    origin = _origin(source)
    read = read_capture(origin)
    return Parsed(facts=[read.capture, *upper_facts(origin, read)], tables=read.tables, problems=read.problems, counts=read.counts)


def _origin(source: Source) -> Path | bytes:
    if source.path is not None:
        return source.path
    with source.open() as file:
        return file.read()
