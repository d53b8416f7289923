"""The newest report of a run."""

from django.db import models

from runs.models.run import Run


class RunReport(models.Model):
    """What one revision of a run's inputs was judged to be: `runs.analysis.report.Report` as JSON."""

    run = models.OneToOneField(Run, models.CASCADE, related_name="report")
    revision = models.PositiveIntegerField()
    body = models.BinaryField()
    created_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.run_id} r{self.revision}"
