"""The portal's fixtures for the tests of this folder, and real workers."""

from tests.portal_fixtures import *  # noqa: F403  # pytest finds fixtures by their names here
from tests.tasks.real_workers import portal

__all__ = ["portal"]
