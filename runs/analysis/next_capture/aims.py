"""What the next capture is to watch: the ends that failed, their requests, and what the captures at hand lack."""

import re
from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from runs.analysis.case import Case
from runs.analysis.domain.secrets import find
from runs.analysis.domain.wording import is_loopback
from runs.analysis.facts.attempt import Attempt
from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.capture import Capture, CaptureStatistics
from runs.analysis.facts.http import CurlAttempt
from runs.analysis.report import Check

MOST_ENDS = 6
PATIENT_SECONDS = 60  # for one request
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_SCHEMES = ("http", "https")


class Request(NamedTuple):
    """One request to send again."""

    url: str | None  # None: a bare connection
    end: Endpoint
    family: str  # '4', '6'
    shortened: bool = False  # the URL's secrets were left out


class Aim(NamedTuple):
    """What failed, and what the evidence lacks. `lacking`: rules that could not be answered, with their checks."""

    ends: tuple[Endpoint, ...]
    requests: tuple[Request, ...]
    names: tuple[str, ...]  # asked for, no addresses
    attempts: tuple[Attempt, ...]
    lacking: dict[str, Check]
    told: dict[str, Check]  # rules that found a fault or something worth knowing
    seconds: int  # that the requests may take

    @property
    def is_local(self) -> bool:
        """Whether all that failed was asked of the own host."""
        return all(is_loopback(end.address) for end in self.ends)


def aim_of(case: Case, checks: Sequence[Check]) -> Aim | None:
    """The aim of a run in which something failed; None where no end is known that could be asked again."""
    attempts = [a for a in case.all(Attempt) if _is_askable(a.target)]
    failed = [a for a in attempts if a.stopped_at not in (None, "close") and not a.superseded] or attempts
    ends = tuple(dict.fromkeys(a.target for a in failed))[:MOST_ENDS]
    if not ends:
        return None
    told = [a for a in failed if a.target in ends]
    requests = tuple(_requests(case, ends))
    return Aim(
        ends=ends,
        requests=requests,
        names=tuple(dict.fromkeys(a.name for a in told if a.name and _is_name(a.name))),
        attempts=tuple(told),
        lacking={c.rule: c for c in checks if c.outcome == "not_evaluable"},
        told={c.rule: c for c in checks if c.outcome in ("fail", "info")},
        seconds=len(requests) * PATIENT_SECONDS + 15,
    )


def _is_askable(end: Endpoint) -> bool:
    """Whether an end is an address with a port: a text's host names may be anything."""
    return end.port is not None and 0 < end.port < 65_536 and _is_address(end.address)


def _is_address(word: str) -> bool:
    try:
        ip_address(word)
    except ValueError:
        return False
    return "%" not in word


def _is_name(word: str) -> bool:
    return _NAME.fullmatch(word) is not None and not _is_address(word) and word != "localhost"


def _requests(case: Case, ends: Sequence[Endpoint]) -> Iterable[Request]:
    """Each end once: by the URL that a client's log shows, else as a bare connection."""
    asked = {t.endpoint: c for c in case.all(CurlAttempt) for t in c.tries}
    for end in ends:
        curl = asked.get(end)
        url, shortened = _safe_url(curl.url) if curl is not None and curl.url else (None, False)
        yield Request(url, end, "6" if ":" in end.address else "4", shortened)


def _safe_url(url: str) -> tuple[str | None, bool]:
    """The URL without what may be secret, and whether something was left out; None where it is none of HTTP."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None, False
    if parts.scheme not in _SCHEMES or not (_is_address(host) or _NAME.fullmatch(host)):
        return None, False
    place = f"[{host}]" if ":" in host else host
    head = f"{parts.scheme}://{place}{f':{port}' if port else ''}"
    rest = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    bare = parts.path or "/"
    if parts.username or parts.password or find(url) or not rest.isascii() or not rest.isprintable():
        return head + (bare if bare.isascii() and bare.isprintable() and not find(bare) else "/"), True
    return head + rest, False


class Lack(NamedTuple):
    """What the captures at hand lack."""

    captures: tuple[Capture, ...]
    truncated: tuple[Capture, ...]
    lossy: tuple[CaptureStatistics, ...]
    uncaptured: tuple[Attempt, ...]


def lack_of(case: Case, aim: Aim) -> Lack:
    """Of the run's capture files."""
    captures = tuple(c for c in case.all(Capture) if not c.is_text)
    return Lack(
        captures=captures,
        truncated=tuple(c for c in captures if c.truncated_count),
        lossy=tuple(s for s in case.all(CaptureStatistics) if s.dropped_by_kernel),
        uncaptured=tuple(a for a in aim.attempts if a.outside or not a.conversation),
    )
