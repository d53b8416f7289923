"""Sign-off of runs: given by a reviewer, ended by one, or by changed evidence and by what an analysis newly finds."""

from typing import TYPE_CHECKING

from django.utils import timezone

from runs.models import Ending, Event, Run, SignOff
from runs.services.history import record

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def standing(run: Run) -> SignOff | None:
    """The sign-off that holds, if any."""
    return run.signoffs.filter(ended_at=None).select_related("by").first()


def reopen(run: Run, ending: Ending, actor: "User | None" = None) -> bool:
    """End the sign-off that holds, within the caller's transaction, and record it. Returns whether there was one."""
    ended = SignOff.objects.filter(run=run, ended_at=None).update(ended_at=timezone.now(), ended_by=actor, ending=ending)
    if ended:
        event = Event.SIGNOFF_WITHDRAWN if ending == Ending.WITHDRAWN else Event.REOPENED
        record(run, event, actor, after={"why": ending.value})
    return bool(ended)
