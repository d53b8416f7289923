"""Which evidence belongs together: taken on the same host, or kept in the same folder where no host is named."""

from posixpath import dirname

from runs.analysis.facts.base import Fact


def folder(fact: Fact) -> str:
    """The folder of the fact's file: 'ok' and 'ng' are two states of one host."""
    return dirname(fact.file)


def same_place(a: Fact, b: Fact) -> bool:
    """Whether two facts speak of the same host in the same state: same folder, and no two different host names."""
    return folder(a) == folder(b) and (a.host is None or b.host is None or a.host == b.host)


def same_host(a: Fact, b: Fact) -> bool:
    """Whether two facts were surely taken on one host in one state: both name it, or both stand in one file."""
    return folder(a) == folder(b) and ((a.host is not None and a.host == b.host) or (a.file == b.file and a.host == b.host))
