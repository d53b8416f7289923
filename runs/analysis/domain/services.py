"""Service names as ports: a small bundled table (services.txt, from IANA's registry)."""

from functools import cache, lru_cache
from pathlib import Path


@cache
def _ports() -> dict[str, int]:
    found: dict[str, int] = {}
    for line in (Path(__file__).parent / "services.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            port, *names = line.split()
            for name in names:
                found.setdefault(name, int(port))
                found.setdefault(name.lower(), int(port))
    return found


@lru_cache(65_536)
def port_of(text: str) -> int | None:
    """The port that a number or a service's name stands for; None for a name that is not in the table."""
    if text.isdigit():
        return int(text) if len(text) < 6 and int(text) < 65536 else None
    return _ports().get(text) or _ports().get(text.lower())
