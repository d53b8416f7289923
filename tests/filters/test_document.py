"""docs/filter-language.md says what is true: its examples are filters, its lists are complete."""

import re
from pathlib import Path

import pytest

from runs.analysis.domain.filters.syntax import parse
from runs.analysis.domain.filters.tokens import FilterError
from runs.analysis.packets.schema import REMARK_BITS

PAGE = (Path(__file__).parents[2] / "docs" / "filter-language.md").read_text("utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| `")]
EXAMPLES = [text.replace("\\|", "|") for row in ROWS for text in re.findall(r"`([^`]+)`", re.split(r" (?<!\\)\| ", row)[2])]
RUNNING = [
    "tcp or udp and host 10.0.0.1", "tcp port 80 or 443", "port (80 or 443)", "inner (tcp port 443)", "inner (tcp[13] & 2 != 0)",
    "ip6 host 2001:db8::1 and inner (src net 192.0.2.0/24)", "tcp or (vlan and tcp)", "host 10.1", "ip broadcast", "port http",
    "192.0.2.7", "net 10.0.0.1/24", "proto tcp",
]  # fmt: skip
REFUSED = ["protochain", "gateway", "mpls", "pppoes", "geneve", "inbound", "outbound"]


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 30


@pytest.mark.parametrize("text", [*EXAMPLES, *RUNNING])
def test_its_examples_are_filters(text: str) -> None:
    assert parse(text) is not None
    assert f"`{text}`" in PAGE.replace("\\|", "|")


def test_it_lists_the_remarks() -> None:
    assert all(f"`{name}`" in PAGE for name in REMARK_BITS)


@pytest.mark.parametrize("word", REFUSED)
def test_what_it_says_is_not_understood_is_refused(word: str) -> None:
    assert f"`{word}`" in PAGE
    for text in (word, f"ip {word} 6", f"tcp and {word}"):
        with pytest.raises(FilterError):
            parse(text)
