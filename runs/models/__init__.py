"""What the database keeps: teams, runs, their files, reports and findings, and what people decided. Nothing per packet or log line."""

from runs.models.checklist import TASK_MAX_CHARS, Task, TaskSource
from runs.models.comment import COMMENT_MAX_CHARS, Comment, Mention
from runs.models.evidence import PATH_MAX_CHARS, Blob, EvidenceFile, FileState
from runs.models.fields import SentenceField
from runs.models.finding import Change, Presence, RunFinding
from runs.models.history import Event, HistoryEntry
from runs.models.note import NOTE_MAX_CHARS, FileNote
from runs.models.notice import Digest, Notice, NoticeSettings, NoticeState, Reason
from runs.models.proof import ProofLink
from runs.models.report import RunReport
from runs.models.review import PENDING_STATUSES, REASON_MAX_CHARS, FindingLink, FindingReview, Status
from runs.models.run import LABEL_MAX_CHARS, Run, RunState
from runs.models.runbook import (
    RUNBOOK_MAX_CHARS,
    RUNBOOK_NAME_MAX_CHARS,
    Runbook,
    RunbookSection,
    RunbookVersion,
    SectionAnswer,
    SectionLink,
    SectionTopic,
)
from runs.models.search import EntryKind, SearchEntry
from runs.models.signoff import Ending, SignOff
from runs.models.team import Membership, Role, Team
from runs.models.timeline import MARK_MAX_CHARS, TimelineMark
from runs.models.token import TOKEN_NAME_MAX_CHARS, ApiToken, TokenScope
from runs.models.webhook import (
    WEBHOOK_NAME_MAX_CHARS,
    WEBHOOK_URL_MAX_CHARS,
    Topic,
    Webhook,
    WebhookAttempt,
    WebhookEvent,
)

__all__ = [
    "COMMENT_MAX_CHARS",
    "LABEL_MAX_CHARS",
    "MARK_MAX_CHARS",
    "NOTE_MAX_CHARS",
    "PATH_MAX_CHARS",
    "PENDING_STATUSES",
    "REASON_MAX_CHARS",
    "RUNBOOK_MAX_CHARS",
    "RUNBOOK_NAME_MAX_CHARS",
    "TASK_MAX_CHARS",
    "TOKEN_NAME_MAX_CHARS",
    "WEBHOOK_NAME_MAX_CHARS",
    "WEBHOOK_URL_MAX_CHARS",
    "ApiToken",
    "Blob",
    "Change",
    "Comment",
    "Digest",
    "Ending",
    "EntryKind",
    "Event",
    "EvidenceFile",
    "FileNote",
    "FileState",
    "FindingLink",
    "FindingReview",
    "HistoryEntry",
    "Membership",
    "Mention",
    "Notice",
    "NoticeSettings",
    "NoticeState",
    "Presence",
    "ProofLink",
    "Reason",
    "Role",
    "Run",
    "RunFinding",
    "RunReport",
    "RunState",
    "Runbook",
    "RunbookSection",
    "RunbookVersion",
    "SearchEntry",
    "SectionAnswer",
    "SectionLink",
    "SectionTopic",
    "SentenceField",
    "SignOff",
    "Status",
    "Task",
    "TaskSource",
    "Team",
    "TimelineMark",
    "TokenScope",
    "Topic",
    "Webhook",
    "WebhookAttempt",
    "WebhookEvent",
]
