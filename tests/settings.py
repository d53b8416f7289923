"""The portal's settings for tests: a data directory that is thrown away, no broker, quick passwords.

A test never sees the data, the broker or the public address of a real portal on this machine.
"""

import os
import tempfile

os.environ.update({name: "" for name in os.environ if name.startswith("KONSEKI_") or name == "REDIS_URL"})
os.environ["KONSEKI_DATA_DIR"] = tempfile.mkdtemp(prefix="konseki-tests-")

from portal.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # Argon2 is slow on purpose, and tests sign in often
