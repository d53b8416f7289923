"""What people did that leaves no other trace in the run: kept in Django's own log of actions, which administrators read."""

from typing import TYPE_CHECKING

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from runs.models import EvidenceFile

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def downloaded(user: "User", file: EvidenceFile, what: str = "the original") -> None:
    """Record that the user took the original bytes of a file (or a part of them), in which nothing is masked."""
    LogEntry.objects.create(
        user_id=user.pk,
        content_type=ContentType.objects.get_for_model(EvidenceFile),
        object_id=str(file.pk),
        object_repr=file.path[:200],
        action_flag=CHANGE,
        change_message=f"downloaded {what}, SHA-256 {file.blob_id}",
    )
