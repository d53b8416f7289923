"""Two people work on one finding at once: what each does stands in place without a reload, and the later one is told."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import in_both_themes
from tests.browser.conftest import Watched, watch
from tests.stack.portal import PROJECT, Portal

pytestmark = pytest.mark.browser

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


def save(page: Page, status: str) -> None:
    page.locator("#F1 select[name=status]").select_option(status)
    page.locator("#F1 .review-form button.btn-main").click()


def test_two_people_at_once(window: Watched, colleague: Watched, bundle: Path) -> None:
    run = upload(window, bundle)
    for one in (window, colleague):
        one.open(f"{run}?open=F1")
        one.page.evaluate("window.sameDocument = true")

    # the first decides, in place
    save(window.page, "confirmed")
    expect(window.page.locator("#F1 .frow")).to_contain_text("confirmed")
    assert window.page.evaluate("window.sameDocument") is True

    # the second did not see that: both versions stand in place of the page, and nothing is written
    save(colleague.page, "resolved")
    expect(colleague.page.locator("h1")).to_have_text("admin changed this while you were writing")
    window.open(f"{run}?open=F1")
    expect(window.page.locator("#F1 .frow")).to_contain_text("confirmed")
    colleague.page.get_by_role("button", name="Put mine in its place").click()
    colleague.page.wait_for_url("**/runs/**")
    expect(colleague.page.locator("#F1 .frow")).to_contain_text("resolved")

    # what is missing is said in place as well
    save(colleague.page, "false_positive")
    expect(colleague.page.locator("#notices")).to_contain_text("say why it is a false positive")

    # a comment calls the first, who finds it on the desk
    colleague.page.get_by_role("link", name="Discussion, links, history").click()
    colleague.page.locator("#comments textarea").last.fill("@admin **look** at `lo0_9080.pcap`")
    colleague.page.get_by_role("button", name="Comment").click()
    expect(colleague.page.locator("#comments .md strong")).to_have_text("look")
    window.open("/desk/?tab=mentions")
    expect(window.page.locator(".comment .call")).to_have_text("@admin")

    # the checklist is shared, and ticked in place
    colleague.open(f"{run}#actions")
    first = colleague.page.locator("#actions .tick[aria-pressed=false]").first
    first.click()
    expect(colleague.page.locator("#actions .tick[aria-pressed=true]")).not_to_have_count(0)
    for path in (
        run,
        "/desk/?tab=unclaimed",
        "/desk/?tab=mentions",
        "/activity/",
        "/rules/",
        "/rules/response_missing/",
        f"{run}signoff/",
    ):
        colleague.open(path)
        assert colleague.widest() == 0, path
        assert in_both_themes(colleague.page) == [], path


def test_the_same_fault_again_says_what_was_decided(window: Watched, bundle: Path) -> None:
    first = upload(window, bundle)
    window.open(f"{first}?open=F1")
    save(window.page, "resolved")
    expect(window.page.locator("#F1 .frow")).to_contain_text("resolved")
    upload(window, bundle)
    seen = window.page.locator("#F1 .seen")
    expect(seen).to_contain_text("Seen before in")
    expect(seen.locator("li").first).to_contain_text("resolved")
    expect(window.page.locator("#F1 .frow")).to_contain_text("open")
