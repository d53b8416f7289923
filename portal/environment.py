"""Environment variables: each is declared once with its default and its meaning, and a bad value is remembered for `check`.

    FILES = count("KONSEKI_MAX_FILES", 5_000, "most files in one run")

`DECLARED` is what docs/configuration.md must list; `BAD` is what the system check reports.
"""

import os
import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Variable:
    """A declared environment variable; `secret` ones are never shown."""

    name: str
    default: str
    meaning: str
    secret: bool = False


DECLARED: dict[str, Variable] = {}
BAD: dict[str, str] = {}
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}
_BYTES = re.compile(r"(\d+)\s*([kmgt]?)(?:i?b)?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def text(name: str, default: str, meaning: str, *, secret: bool = False) -> str:
    """The variable as it stands, or its default."""
    DECLARED[name] = Variable(name, default, meaning, secret)
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool, meaning: str) -> bool:
    """1/0, true/false, yes/no, on/off."""
    value = text(name, "1" if default else "0", meaning).lower()
    if value in _TRUE or value in _FALSE:
        return value in _TRUE
    BAD[name] = f"{value!r} is neither yes nor no (1 or 0)"
    return default


def count(name: str, default: int, meaning: str, *, least: int = 1) -> int:
    """A whole number of at least `least`."""
    value = text(name, str(default), meaning)
    if value.replace("_", "").isdecimal() and int(value) >= least:
        return int(value)
    BAD[name] = f"{value!r} is not a whole number of at least {least}"
    return default


def size(name: str, default: str, meaning: str) -> int:
    """Bytes, with K, M, G or T as powers of 1,024 if the number ends in one."""
    value = text(name, default, meaning)
    match = _BYTES.fullmatch(value)
    if match is None or not int(match[1]):
        BAD[name] = f"{value!r} is not a size such as 2G, 512M or 1048576"
        match = _BYTES.fullmatch(default)
        assert match is not None
    return int(match[1]) * int(1024 ** _POWERS[match[2].lower()])


def zone(name: str, default: str, meaning: str) -> str:
    """A time zone's name. Django stops with a traceback at an unknown one, so it is looked up here."""
    value = text(name, default, meaning)
    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError):
        BAD[name] = f"there is no zone {value!r}"
        return default
    return value


def choice(name: str, default: str, values: tuple[str, ...], meaning: str) -> str:
    """One of `values`, in upper or lower case."""
    value = text(name, default, meaning).upper()
    if value in values:
        return value
    BAD[name] = f"{value!r} is none of {', '.join(values)}"
    return default


def folder(name: str, default: Path, meaning: str, *, shown: str) -> Path:
    """An absolute path; a relative one counts from the current folder."""
    DECLARED[name] = Variable(name, shown, meaning)
    value = os.environ.get(name, "").strip()
    return Path(value).expanduser().absolute() if value else default


def names(name: str, meaning: str) -> list[str]:
    """A list separated by commas; empty by default."""
    return [part.strip() for part in text(name, "", meaning).split(",") if part.strip()]


def origins(name: str, meaning: str) -> frozenset[str]:
    """Places of the web, separated by commas: `hooks.example.org` (https), `https://chat.example.org:8443`, `http://10.0.0.7:9000`."""
    found = set()
    for given in names(name, meaning):
        parts = urlsplit(given.lower() if "://" in given else f"https://{given.lower()}")
        try:
            port = parts.port
        except ValueError:
            port = 0
        if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or parts.path.strip("/") or parts.query:
            BAD[name] = f"{given!r} is not a place such as hooks.example.org or http://10.0.0.7:9000"
            continue
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        own = {"https": 443, "http": 80}[parts.scheme]
        found.add(f"{parts.scheme}://{host}" + (f":{port}" if port and port != own else ""))
    return frozenset(found)


def networks(name: str, meaning: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks in CIDR notation, separated by commas."""
    found = []
    for given in names(name, meaning):
        try:
            found.append(ip_network(given))
        except ValueError:
            BAD[name] = f"{given!r} is not a network such as 10.0.0.0/8"
    return tuple(found)


def mail(name: str, meaning: str) -> dict[str, Any]:
    """Django's EMAIL_ settings: `smtp://user:password@host:587` (STARTTLS; `?tls=no` without), `smtps://host:465`; the log if empty."""
    url = text(name, "", meaning, secret=True)
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = 0
    options = dict(parse_qsl(parts.query))
    known = parts.scheme in ("smtp", "smtps") and parts.hostname and port != 0 and options in ({}, {"tls": "no"})
    if url and not known:
        BAD[name] = "not a URL of the form smtp://user:password@host:587 or smtps://user:password@host:465"
    over_tls = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": f"django.core.mail.backends.{'smtp' if known else 'console'}.EmailBackend",
        "EMAIL_HOST": parts.hostname or "",
        "EMAIL_PORT": port or (465 if over_tls else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": not over_tls and not options,
        "EMAIL_USE_SSL": over_tls,
    }


def database(name: str, sqlite: Path, meaning: str) -> dict[str, Any]:
    """One entry of Django's DATABASES: `postgresql://user:password@host:port/name?sslmode=…`, or SQLite at the given path."""
    url = text(name, "", meaning, secret=True)
    parts = urlsplit(url)
    try:
        port = str(parts.port or "")
    except ValueError:
        port = "?"
    if parts.scheme in ("postgres", "postgresql") and len(parts.path) > 1 and port != "?":
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": port,
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": dict(parse_qsl(parts.query)),
        }
    if url:
        BAD[name] = "not a URL of the form postgresql://user:password@host:5432/name"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": sqlite,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
