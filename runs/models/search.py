"""What a search finds: one row for each thing of a run that has words, with the terms it is found by.

The engines' own indexes over `terms` (FTS5, GIN) are made by the migration and kept by the databases themselves: a row that is
written or deleted here is found or gone within the same transaction. A migration that rebuilds this table on SQLite (any change
of a column) must make the triggers again.
"""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from runs.models.evidence import EvidenceFile
from runs.models.fields import EvidenceTextField
from runs.models.finding import RunFinding
from runs.models.run import Run
from runs.models.team import Team, teams_of

if TYPE_CHECKING:
    from runs.models.team import AnyUser


class EntryKind(models.TextChoices):
    """The groups of a search's results, in their order on the page."""

    RUN = "run", _("Runs")
    FINDING = "finding", _("Findings")
    FILE = "file", _("Files")
    ADDRESS = "address", _("Addresses and ports")
    NAME = "name", _("Names")
    TEMPLATE = "template", _("Log lines")


class SearchEntryQuerySet(models.QuerySet["SearchEntry"]):
    """Entries by who may see them."""

    def visible_to(self, user: "AnyUser") -> "SearchEntryQuerySet":
        """The entries of the user's teams."""
        return self.filter(team_id__in=teams_of(user)) if user.is_active else self.none()


class SearchEntry(models.Model):
    """A run, a finding, a file, or an address, a name or a log template of a run, as the newest report has it."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    finding = models.ForeignKey(RunFinding, models.CASCADE, null=True, related_name="+")
    file = models.ForeignKey(EvidenceFile, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=8, choices=EntryKind.choices)
    text = EvidenceTextField()  # masked; what the excerpt shows
    terms = EvidenceTextField()  # `runs.services.search_terms`, separated by single spaces

    objects = SearchEntryQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="entry_kind_known"),
            models.CheckConstraint(condition=~Q(terms=""), name="entry_terms_present"),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.run_id}"
