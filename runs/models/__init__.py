"""What the database keeps: teams, runs, their files and their reports. Nothing per packet or per log line."""

from runs.models.evidence import PATH_MAX_CHARS, Blob, EvidenceFile, FileState
from runs.models.fields import SentenceField
from runs.models.report import RunReport
from runs.models.run import LABEL_MAX_CHARS, Run, RunState
from runs.models.team import Membership, Role, Team
from runs.models.timeline import MARK_MAX_CHARS, TimelineMark

__all__ = [
    "LABEL_MAX_CHARS",
    "MARK_MAX_CHARS",
    "PATH_MAX_CHARS",
    "Blob",
    "EvidenceFile",
    "FileState",
    "Membership",
    "Role",
    "Run",
    "RunReport",
    "RunState",
    "SentenceField",
    "Team",
    "TimelineMark",
]
