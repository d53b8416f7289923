"""Words and small judgements that several rules share: families, endpoints in their roles, sentences with their places."""

import shlex
from collections.abc import Iterable, Sequence

from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.messages import Text
from runs.analysis.report import RoleEndpoint, Statement


def family(address: str) -> str:
    """'IPv4' or 'IPv6'."""
    return "IPv6" if ":" in address else "IPv4"


def is_loopback(address: str) -> bool:
    """Whether an address never leaves its host."""
    return address in ("::1", "localhost") or address.startswith("127.")


def responder_subject(responder: Endpoint) -> dict[str, str]:
    """What a finding about a service is about, in words that hold in another run."""
    return {"role": "responder", "family": family(responder.address), "address": responder.address, "port": str(responder.port)}


def ends(originator: Endpoint, responder: Endpoint) -> tuple[RoleEndpoint, RoleEndpoint]:
    """Both ends in their roles; the originator's port is of this attempt only, so it stays out."""
    return RoleEndpoint("originator", Endpoint(originator.address)), RoleEndpoint("responder", responder)


def statement(text: Text, *citations: Citation | None) -> Statement:
    """A sentence with the places that prove it; empty places, and the 0 of a line or frame that is not there, are left out."""
    real = (Citation(c.file, *(tuple(n for n in numbers if n > 0) for numbers in (c.frames, c.lines))) for c in citations if c)
    return Statement(text, tuple(c for c in real if c.frames or c.lines))


def quoted(word: str) -> str:
    """A word of the evidence for a command that people paste: quoted where the shell would read more into it."""
    return shlex.quote(word)


def whole(paths: Iterable[str]) -> tuple[Citation, ...]:
    """Citations of files as wholes."""
    return tuple(Citation(p) for p in paths)


def median(intervals_ns: Sequence[int]) -> int | None:
    """The median interval; None where there is none."""
    ordered = sorted(intervals_ns)
    return ordered[len(ordered) // 2] if ordered else None


def once(statements: Iterable[Statement], most: int = 12) -> tuple[Statement, ...]:
    """Each sentence once, in their order, at most so many."""
    kept: list[Statement] = []
    for one in statements:
        if one not in kept:
            kept.append(one)
        if len(kept) == most:
            break
    return tuple(kept)
