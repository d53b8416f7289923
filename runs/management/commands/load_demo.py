"""`manage.py load_demo`: the recorded incident and its healthy twin as the first team's first runs, once."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from runs.analysis.messages import render
from runs.models import Run, Team
from runs.services.intake import IntakeError
from runs.services.intake_path import new_run_from_path

HEALTHY, BAD = "20261120Tnetdiag4", "20261120Tnetdiag3"  # the bad one last: it stands on top of the list


class Command(BaseCommand):
    """Load the demo runs."""

    help = "Load the recorded demo runs into the first team (once; runs that are there are left alone)."

    def handle(self, *args: Any, **options: Any) -> None:
        """The mark in the data directory keeps `stack` from bringing back what somebody has deleted."""
        team = Team.objects.order_by("pk").first()
        if team is None:
            raise CommandError("there is no team yet: `manage.py ensure_admin` makes the first")
        for name in (HEALTHY, BAD):
            if Run.objects.filter(team=team, bundle_name=name).exists():
                continue
            try:
                taken = new_run_from_path(Path(settings.BASE_DIR) / "tests" / "bundles" / name, team)
            except IntakeError as error:
                raise CommandError("\n".join(render(reason) for reason in error.reasons)) from error
            self.stdout.write(f"{name} is loaded: {taken.run.key}")
        Path(settings.DATA_DIR).mkdir(parents=True, exist_ok=True)
        (Path(settings.DATA_DIR) / "demo-loaded").touch()
