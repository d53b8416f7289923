"""The portal's fixtures for the tests of this folder."""

from tests.portal_fixtures import *  # noqa: F403  # pytest finds fixtures by their names here
