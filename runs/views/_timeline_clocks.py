"""The clocks of a run's files in words, with what a person corrected."""

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from runs.analysis.report import FileReport, Report
from runs.models import EvidenceFile

HOW = {"stated": _("stated"), "assumed": _("assumed"), "corrected": _("corrected by a person")}


class ClockRow(NamedTuple):
    """One file's clock."""

    file: FileReport
    file_id: int | None
    zone: str
    how: str
    how_word: str | Promise
    offset: str
    is_corrected: bool
    corrected_zone: str
    corrected_offset: str
    corrected_date: str


def clock_rows(report: Report, files: Mapping[str, EvidenceFile]) -> list[ClockRow]:
    """A row for each file with times."""
    rows = []
    for file in report.files:
        if file.clock is None or file.window is None:
            continue
        own = files.get(file.path)
        corrected = bool(own and own.has_clock_correction)
        how = "corrected" if corrected else file.clock.source
        rows.append(
            ClockRow(
                file=file,
                file_id=own.pk if own else None,
                zone=file.clock.zone,
                how=how,
                how_word=HOW[how],
                offset=offset_text(file.clock.offset_ns),
                is_corrected=corrected,
                corrected_zone=own.clock_zone if own else "",
                corrected_offset=offset_text(own.clock_offset_ns).removeprefix("+").removesuffix(" s") if own else "",
                corrected_date=own.clock_date.isoformat() if own and own.clock_date else "",
            )
        )
    return rows


def offset_text(offset_ns: int | None) -> str:
    """'+2.5 s', '-0.000013 s'; '' for none."""
    if not offset_ns:
        return ""
    whole, fraction = divmod(abs(offset_ns), 1_000_000_000)
    digits = f"{fraction:09d}".rstrip("0")
    return f"{'-' if offset_ns < 0 else '+'}{whole}{'.' + digits if digits else ''} s"
