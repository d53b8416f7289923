"""Words outside of templates: sentences in the page's language, moments in a zone, names cut to a width, secrets masked."""

import unicodedata
from datetime import UTC, datetime, timedelta, tzinfo

from django.utils.translation import get_language

from runs.analysis.messages import Text, render
from runs.services.masking import masker as masker
from runs.services.masking import shown_text as shown_text

NAME_MAX_COLUMNS = 48


def shorten(text: str, most: int = NAME_MAX_COLUMNS) -> str:
    """At most so many characters, the middle left out: a file's beginning and its ending tell it apart. Wide ones count twice."""
    width = [2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text]
    if sum(width) <= most:
        return text
    tail = text[-(most // 3) :]
    room = most - 1 - sum(width[len(text) - len(tail) :])
    head = ""
    for character, columns in zip(text, width, strict=True):
        if (room := room - columns) < 0:
            break
        head += character
    return f"{head}…{tail}"


def current_language() -> str:
    """'ja' or 'en': the languages that sentences have."""
    return "ja" if (get_language() or "").startswith("ja") else "en"


def sentence(text: Text, lang: str, zone: tzinfo) -> str:
    """The words of a Text, with whatever evidence put into its parameters fit to be looked at. Not escaped."""
    return shown_text(render(text, lang, zone))


def moment_of(ts_ns: int, zone: tzinfo) -> datetime | None:
    """The second of a UTC time in ns, in the zone; None where no calendar has it."""
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=ts_ns // 1_000_000_000)).astimezone(zone)
    except (OverflowError, ValueError):
        return None


def zone_word(zone: tzinfo, ts_ns: int | None) -> str:
    """'JST', 'CET': what the zone is called at that moment (or at the epoch)."""
    at = moment_of(ts_ns or 0, zone)
    return str(at.tzname() or "") if at else ""
