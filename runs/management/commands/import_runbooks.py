"""`manage.py import_runbooks FOLDER`: every Markdown file below the folder as a runbook of a team."""

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from runs.analysis.domain.visible import visible
from runs.models import Team
from runs.services.runbooks import import_folder

TAKEN = {"new": "new", "changed": "a new version", "same": "unchanged"}
REFUSED = {"empty": "it has no words", "long": "it is too long", "encoding": "it is not UTF-8", "name": "it has no name"}


class Command(BaseCommand):
    """Exit status 1 where some file was not taken."""

    help = "Import the Markdown files below a folder as a team's runbooks; known ones get a new version."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--team", help="the team's slug; may be left out where there is one team only")

    def handle(self, *args: Any, folder: Path, team: str | None, **options: Any) -> None:
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder")
        results = import_folder(folder, _team(team))
        if not results:
            raise CommandError(f"no Markdown file below {folder}")
        for one in results:
            words = TAKEN.get(one.outcome) or f"not taken: {REFUSED.get(one.outcome, one.outcome)}"
            self.stdout.write(f"{visible(one.name)}: {words}")
        if any(one.outcome not in TAKEN for one in results):
            raise CommandError("some files were not taken")


def _team(slug: str | None) -> Team:
    teams = list(Team.objects.filter(slug=slug) if slug else Team.objects.all()[:2])
    if len(teams) != 1:
        raise CommandError("there is no such team" if slug or not teams else "there are several teams: name one with --team")
    return teams[0]
