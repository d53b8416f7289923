"""Words outside of templates: sentences in the page's language, moments in a zone, names cut to a width, secrets masked."""

import unicodedata
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy

from runs.analysis.messages import NBSP, Text, render
from runs.services.masking import masker as masker
from runs.services.masking import shown_text as shown_text

NAME_MAX_COLUMNS = 48
REVIEW_WORDS: dict[str, str | Promise] = {
    "open": pgettext_lazy("review", "open"),
    "confirmed": pgettext_lazy("review", "confirmed"),
    "in_progress": pgettext_lazy("review", "in progress"),
    "resolved": pgettext_lazy("review", "resolved"),
    "false_positive": pgettext_lazy("review", "false positive"),
    "accepted": pgettext_lazy("review", "accepted"),
}


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


def portal_zone() -> tzinfo:
    """The zone that is meant where no run says another."""
    return ZoneInfo(settings.TIME_ZONE)


def zone_word(zone: tzinfo, ts_ns: int | None) -> str:
    """'JST', 'CET': what the zone is called at that moment (or at the epoch)."""
    at = moment_of(ts_ns or 0, zone)
    return str(at.tzname() or "") if at else ""


def file_size(value: int) -> str:
    """'2,588 B', '40.2 kB', '1.3 GB' (powers of ten, as df -H and Wireshark's capture info)."""
    if value < 10_000:
        return f"{value:,}{NBSP}B"
    for unit in ("kB", "MB", "GB", "TB"):
        value_in_unit = value / 1000
        if value_in_unit < 1000 or unit == "TB":
            break
        value = value_in_unit  # type: ignore[assignment]
    return f"{value_in_unit:,.1f}{NBSP}{unit}"
