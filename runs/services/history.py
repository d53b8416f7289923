"""The one place where a change of a run, its findings, notes, checklist or sign-off is recorded; who is to be told is planned with it."""

from typing import TYPE_CHECKING, Any

from runs.models import Event, EvidenceFile, HistoryEntry, Run, RunFinding, Team
from runs.models.fields import storable
from runs.services import notices, webhook_queue

if TYPE_CHECKING:
    from django.contrib.auth.models import User

NAME_MAX_CHARS = 150


def name_of(user: "User") -> str:
    """What a person is called on the pages: the full name, or else the user name."""
    return user.get_full_name() or user.get_username()


def record(
    run: Run,
    event: Event,
    actor: "User | None" = None,
    *,
    finding: RunFinding | None = None,
    file: EvidenceFile | None = None,
    before: Any = None,
    after: Any = None,
) -> HistoryEntry:
    """Write down what happened, within the caller's transaction: change and record are kept together or not at all.

    `actor` None: the analysis itself. `before`, `after`: plain JSON values, as `Event` documents them for the event.
    """
    entry = HistoryEntry(team_id=run.team_id, run=run, finding=finding, file=file, event=event)
    return _write(entry, actor, before, after)


def record_of_team(team: Team, event: Event, actor: "User | None" = None, *, before: Any = None, after: Any = None) -> HistoryEntry:
    """`record` for what belongs to a team and to none of its runs."""
    return _write(HistoryEntry(team=team, event=event), actor, before, after)


def _write(entry: HistoryEntry, actor: "User | None", before: Any, after: Any) -> HistoryEntry:
    entry.actor, entry.actor_name = actor, name_of(actor)[:NAME_MAX_CHARS] if actor is not None else ""
    entry.before, entry.after = storable_json(before), storable_json(after)
    entry.save()
    notices.plan(entry)
    webhook_queue.plan(entry)
    return entry


def storable_json(value: Any) -> Any:
    """The JSON value with all its text made storable (no NUL, no lone surrogate): evidence and people may have put them there."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): storable_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(each) for each in value]
    return value
