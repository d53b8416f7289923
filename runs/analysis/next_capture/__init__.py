"""The next capture to take: from what failed and what the evidence lacks to one script that a colleague can run at each place.

`aims` says what to watch and what was missing, `places` where to capture and what to note there, `script` writes it for a shell.
"""

from collections.abc import Sequence

from runs.analysis.case import Case
from runs.analysis.next_capture.aims import aim_of
from runs.analysis.next_capture.places import START_SECONDS, places_of
from runs.analysis.report import Check, NextCapture, Verdict


def next_capture(case: Case, verdict: Verdict, checks: Sequence[Check]) -> NextCapture | None:
    """What to record next; None where nothing failed, or where the evidence names nothing that could be asked again."""
    aim = aim_of(case, checks) if verdict.outcome != "pass" else None
    if aim is None:
        return None
    return NextCapture(why=verdict.undecided, places=tuple(places_of(case, aim)), seconds=aim.seconds + START_SECONDS)
