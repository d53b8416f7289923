"""A text in another encoding, with other line ends, with a terminal's colours or NULs gives the same kind and the same facts."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from runs.analysis import pipeline
from runs.analysis.source import Source
from tests.parsers.golden import FIXTURES

ASCII = [
    "tcpdump_text/icmp_errors_and_dns",
    "ping/linux",
    "ip_addr/with_counters",
    "iptables/save",
    "nstat/all_counters",
    "curl_log/old_wording",
]
JAPANESE = ["note/worklog", "readme/netdiag3", "tracert/japanese_unreachable", "windows_ipconfig/japanese_no_lease"]


def coloured(text: str) -> bytes:
    """As `grep --color=always` and `ip -c` print it: digits in colour, the rest of the line cleared."""
    return "".join(f"\x1b[01;31m\x1b[K{c}\x1b[m\x1b[K" if c.isdigit() else c for c in text).encode()


ALIKE: dict[str, Callable[[str], bytes]] = {
    "bom": lambda text: text.encode("utf-8-sig"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be with mark": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "colours": coloured,
    "NULs at line ends": lambda text: text.replace("\n", "\0\n", 3).encode(),
    "latin-1 in a comment": lambda text: text.replace("as it was", "caf\xe9 \xe0 c\xf4t\xe9").encode("latin-1"),
}
CODECS = {"cp932": "shift_jis", "euc_jp": "euc-jp", "iso2022_jp": "iso-2022-jp", "utf-8": "utf-8", "utf-16": "utf-16"}


def existing(name: str) -> str:
    """The text of a fixture, or of the first one of its kind."""
    path = FIXTURES / f"{name}.txt"
    return (path if path.exists() else sorted(path.parent.glob("*.txt"))[0]).read_text("utf-8")


def read(folder: Path, name: str, data: bytes) -> tuple[str, str | None, str]:
    """Kind, encoding, and facts without what names the bytes."""
    path = folder / f"{name.partition('/')[0]}.txt"
    path.write_bytes(data)
    result, _ = pipeline.parse(Source(path, path.name))
    facts = [json.loads(bytes(raw)) for raw in result.facts]
    return (
        result.kind,
        result.encoding,
        json.dumps([fact for fact in facts if fact["type"] != "ExposedSecrets"], ensure_ascii=False),
    )


@pytest.mark.parametrize("how", ALIKE)
@pytest.mark.parametrize("name", ASCII)
def test_the_same_text_otherwise_written(name: str, how: str, tmp_path: Path) -> None:
    text = existing(name)
    text += "as it was\n"
    kind, _, facts = read(tmp_path, name, text.encode())
    found, _, other = read(tmp_path, name, ALIKE[how](text))
    assert kind == name.partition("/")[0]
    assert found == kind
    assert other == facts


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("name", JAPANESE)
def test_japanese_texts_in_every_encoding(name: str, codec: str, tmp_path: Path) -> None:
    text = existing(name).replace("–", "-").replace("〜", "~").replace("—", "-").encode(codec, "ignore").decode(codec)
    kind, _, facts = read(tmp_path, name, text.encode())
    found, encoding, other = read(tmp_path, name, text.encode(codec))
    assert (found, encoding) == (kind, CODECS[codec])
    assert other == facts
