"""A running portal for the browser, its pages watched: no request goes elsewhere, no script of the evidence runs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from tests.letterbox import Letterbox, letterbox
from tests.listener import Listener, listening
from tests.stack.portal import PROJECT, Portal, free_port

TIMEOUT_MS = 30_000


@dataclass
class Watched:
    """A browser's window, and what it must not do."""

    page: Page
    address: str
    elsewhere: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Go to a page of the portal."""
        self.page.goto(self.address + path)

    def sign_in(self, portal: Portal) -> None:
        """As the administrator that the first start made."""
        password = portal.password()
        assert password
        self.open("/login/")
        self.page.fill("#id_username", "admin")
        self.page.fill("#id_password", password)
        self.page.click("form.panel button")
        self.page.wait_for_url(self.address + "/")

    def widest(self) -> int:
        """By how many pixels the page, its style sheets loaded, is wider than the window."""
        self.page.wait_for_load_state("load")
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.fixture(scope="session")
def box() -> Iterator[Letterbox]:
    """The mail server of the portal."""
    with letterbox() as opened:
        yield opened


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    """The one place that the portal's webhooks may post to."""
    with listening() as heard:
        yield heard


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory, box: Letterbox, listener: Listener) -> Iterator[Portal]:
    """A portal of its own, started as a user starts it who has a mail server and allows webhooks to one place."""
    told = {"KONSEKI_MAIL_URL": f"smtp://127.0.0.1:{box.port}?tls=no", "KONSEKI_WEBHOOK_HOSTS": listener.address}
    running = Portal(tmp_path_factory.mktemp("browser") / "var", free_port(), "--no-demo", more=told)
    try:
        running.ready()
        yield running
    finally:
        running.end()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """The machine's Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


def watch(context: BrowserContext, portal: Portal) -> Watched:
    """A window whose requests, dialogs and errors are noted."""
    address = f"http://127.0.0.1:{portal.port}"
    context.set_default_timeout(TIMEOUT_MS)
    watched = Watched(context.new_page(), address)

    def only_here(route: Route) -> None:
        target = urlsplit(route.request.url)
        if target.scheme in ("http", "https", "ws", "wss") and target.netloc != f"127.0.0.1:{portal.port}":
            watched.elsewhere.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    def refuse(dialog: Any) -> None:
        watched.dialogs.append(dialog.message)
        dialog.dismiss()

    context.route("**/*", only_here)
    watched.page.on("dialog", refuse)
    watched.page.on("pageerror", lambda error: watched.errors.append(str(error)))
    return watched


@pytest.fixture
def window(browser: Browser, portal: Portal) -> Iterator[Watched]:
    """A fresh window with scripts, signed in; afterwards nothing was asked of other hosts and no script of evidence ran."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True, locale="en-US")
    watched = watch(context, portal)
    watched.sign_in(portal)
    yield watched
    context.close()
    assert (watched.elsewhere, watched.dialogs, watched.errors) == ([], [], [])


@pytest.fixture
def plain_window(browser: Browser, portal: Portal) -> Iterator[Watched]:
    """A fresh window without JavaScript, signed in."""
    context = browser.new_context(java_script_enabled=False, locale="en-US")
    watched = watch(context, portal)
    watched.sign_in(portal)
    yield watched
    context.close()
    assert (watched.elsewhere, watched.dialogs) == ([], [])


@pytest.fixture
def bundle(project: Path) -> Path:
    """The recorded incident."""
    return project / "tests" / "bundles" / "20261120Tnetdiag3"


REPORT_MS = 60_000
PASSWORD = "a colleague's words 7"
COLLEAGUE = f"""
from django.contrib.auth.models import User
from runs.models import Role, Team
from runs.services.teams import set_role
user, made = User.objects.get_or_create(username="suzuki")
user.set_password({PASSWORD!r}); user.save()
set_role(Team.objects.get(), user, Role.REVIEWER)
"""


@pytest.fixture
def colleague(browser: Browser, portal: Portal) -> Iterator[Watched]:
    """A second person in a window of their own."""
    own = {"KONSEKI_DATA_DIR": str(portal.data), "DJANGO_SETTINGS_MODULE": "portal.settings", "DATABASE_URL": ""}
    subprocess.run([sys.executable, "manage.py", "shell", "-c", COLLEAGUE], cwd=PROJECT, env={**os.environ, **own}, check=True)
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    watched = watch(context, portal)
    watched.open("/login/")
    watched.page.fill("#id_username", "suzuki")
    watched.page.fill("#id_password", PASSWORD)
    watched.page.click("form.panel button")
    watched.page.wait_for_url(watched.address + "/")
    yield watched
    context.close()
    assert (watched.elsewhere, watched.dialogs, watched.errors) == ([], [], [])


def upload(window: Watched, bundle: Path) -> str:
    """Upload the bundle, wait for its report; the run's address."""
    window.open("/upload/")
    window.page.set_input_files('input[name="folder"]', bundle)
    window.page.click("aside button.btn-main")
    window.page.wait_for_url("**/runs/*/")
    expect(window.page.locator(".verdict h2")).to_be_visible(timeout=REPORT_MS)
    return window.page.url.removeprefix(window.address)
