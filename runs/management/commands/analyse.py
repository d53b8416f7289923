"""`analyse PATH`: analyse a folder, an archive or a single file, and print the report. No database, queue or network."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand

from runs.analysis.bundle.limits import BundleError, Limits
from runs.analysis.local import analyse
from runs.analysis.messages import LANGUAGES, render
from runs.analysis.report_json import to_json
from runs.analysis.report_markdown import to_markdown

ANALYSED, INCOMPLETE, NO_BUNDLE = 0, 1, 2


class Command(BaseCommand):
    """Exit status: 0 analysed; 1 some file failed or was refused; 2 the path cannot be read or is no bundle."""

    help = "Analyse a folder, an archive or a single file and print the report."
    requires_system_checks: list[str] = []  # Django's own declaration

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--format", choices=("json", "markdown"), default="json")
        parser.add_argument("--lang", choices=LANGUAGES, default="en")

    def handle(self, *args: Any, path: Path, format: str, lang: str, **options: Any) -> None:
        try:
            analysis = analyse(path, cast(Limits, settings.UPLOAD_LIMITS))
        except BundleError as error:
            self.stderr.write(render(error.text, lang))
            sys.exit(NO_BUNDLE)
        if format == "json":
            sys.stdout.buffer.write(to_json(analysis.report, analysis.conversations, lang) + b"\n")
        else:
            sys.stdout.buffer.write(to_markdown(analysis.report, lang).encode())
        sys.exit(ANALYSED if analysis.is_complete else INCOMPLETE)
