"""`manage.py ensure_admin`: the first administrator, with a generated password that is printed once and kept nowhere."""

import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand
from django.db import transaction

from runs.models import Role, Team
from runs.services.teams import create_team, set_role

NAME = "admin"
ALPHABET = "abcdefghjkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXYZ2346789"  # nothing that is read wrongly from a screen
LETTERS = 20


class Command(BaseCommand):
    """Make the administrator and a team to work in, unless there is an administrator already."""

    help = "Make the first administrator (once) and print the generated password (once)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Does nothing from the second time on."""
        user_model = get_user_model()
        with transaction.atomic():
            if user_model.objects.filter(is_superuser=True).exists():
                return
            password = "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))
            name = NAME if not user_model.objects.filter(username=NAME).exists() else f"{NAME}-{secrets.token_hex(2)}"
            admin = user_model.objects.create_superuser(name, password=password)
            team = Team.objects.order_by("pk").first() or create_team("Team")
            set_role(team, admin, Role.OWNER)
        self.stdout.write(f"\n  Administrator: {name}\n  Password:      {password}")
        self.stdout.write(f"  The password is shown this once; `manage.py changepassword {name}` sets another.\n")
        self.stdout.flush()
