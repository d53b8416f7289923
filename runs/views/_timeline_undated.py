"""Why a file has no place in the order of time."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from runs.analysis.report import FileReport


def why_undated(file: FileReport) -> str | Promise:
    """Why a file has no place in the order of time."""
    if file.kind in ("readme", "note"):
        return _("Written by a person: no event.")
    if file.kind == "curl_log":
        return _("Elapsed seconds only, and no captured conversation to join.")
    if file.kind == "unrecognised":
        return _("Of no known kind: its times are not read.")
    if file.clock is not None and file.window is not None and file.kind == "tcpdump_text":
        return _("Times since its own start only.")
    if file.clock is not None and file.window is None:
        return _("Its times have no date, and nothing else gives one.")
    if file.window is not None:
        return _("It speaks of a span of time, not of moments.")
    return _("Nothing in it has a clock.")
