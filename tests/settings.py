"""The portal's settings for tests: a data directory that is thrown away, no broker, quick passwords.

A test never sees the data, the broker or the public address of a real portal on this machine.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_OWNER = os.getpid()


def _throw_away(folder: str) -> None:
    if os.getpid() == _OWNER:  # a forked process leaves it to the one that made it
        shutil.rmtree(folder, ignore_errors=True)


os.environ.update({name: "" for name in os.environ if name.startswith("KONSEKI_") or name == "REDIS_URL"})
os.environ["KONSEKI_DATA_DIR"] = tempfile.mkdtemp(prefix="konseki-tests-")
atexit.register(_throw_away, os.environ["KONSEKI_DATA_DIR"])
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parent.parent / "var" / "numba"))  # compiled once, not in every run

from portal.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # Argon2 is slow on purpose, and tests sign in often
