"""`manage.py upload PATH`: puts a folder, an archive or a single file into the portal as a new run."""

from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from runs.analysis.messages import render
from runs.models import Team
from runs.services.intake import IntakeError
from runs.services.intake_path import new_run_from_path


class Command(BaseCommand):
    """Upload a bundle from this machine's disk."""

    help = "Put a bundle (folder, archive or file) into the portal as a new run, and print the run's key and page."

    def add_arguments(self, parser: CommandParser) -> None:
        """--team may be left out where there is one team only."""
        parser.add_argument("path", type=Path, help="folder, archive or file")
        parser.add_argument("--team", help="slug of the team that will see the run; may be left out where there is only one")
        parser.add_argument("--user", help="name of the user to whom the upload is credited")
        parser.add_argument(
            "--label", default="", help="the run id; else the README's RUN_ID, else the name of the folder or archive"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print '<key> <page>'. What is wrong is said in clear lines, with exit status 1; then there is no run."""
        team = _team(options["team"])
        user = _user(options["user"]) if options["user"] else None
        try:
            taken = new_run_from_path(options["path"], team, user, options["label"])
        except IntakeError as error:
            raise CommandError("\n".join(render(reason) for reason in error.reasons)) from error
        for note in taken.notes:
            self.stderr.write(render(note))
        self.stdout.write(f"{taken.run.key} {reverse('run', args=[taken.run.key])}")


def _team(slug: str | None) -> Team:
    teams = list(Team.objects.filter(slug=slug) if slug else Team.objects.all()[:2])
    if len(teams) == 1:
        return teams[0]
    known = ", ".join(Team.objects.values_list("slug", flat=True)) or "none; `manage.py ensure_admin` makes the first"
    raise CommandError(f"there is no team {slug} (teams: {known})" if slug else f"say which team: --team SLUG (teams: {known})")


def _user(name: str) -> User:
    try:
        return User.objects.get(username=name)
    except User.DoesNotExist as error:
        raise CommandError(f"there is no user {name}") from error
