"""Rulesets of nft for tests, as `nft list ruleset` prints them and the parser reads them."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import msgspec

from runs.analysis.facts.nftables import NftRuleset
from runs.analysis.parsers.nftables import parse
from runs.analysis.source import Source


def ruleset(text: str, host: str | None = "gw") -> NftRuleset:
    """The first ruleset of a text."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "nft.txt"
        path.write_text(text, "utf-8")
        return msgspec.structs.replace(cast("NftRuleset", parse(Source(path, path.name)).facts[0]), host=host)


def chain(*rules: str, hook: str = "input", policy: str = "accept", table: str = "inet filter") -> str:
    """A table with one base chain; its first rule stands in line 4."""
    head = f"\t\ttype filter hook {hook} priority filter; policy {policy};"
    return "\n".join([f"table {table} {{", f"\tchain {hook} {{", head, *(f"\t\t{rule}" for rule in rules), "\t}", "}", ""])
