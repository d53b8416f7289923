#!/usr/bin/env python
"""Django's command line for this portal: `python manage.py help` lists the commands."""

import gc
import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if sys.argv[1:2] == ["analyse"]:
        gc.set_threshold(200_000, 50, 100)  # modules and facts stay: looking through them for garbage took a third of the time
        from runs.management.commands.analyse import Command

        try:
            Command().run_from_argv(sys.argv)  # it needs settings and no application: loading them takes a third of a second
        except SystemExit as end:
            if not isinstance(end.code, int):
                raise
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(end.code)  # all is written: letting go of the facts one by one took a tenth of the time
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
