"""Two people told of one run: by e-mail through a real mail server, and a room by a webhook, signed."""

import hashlib
import hmac
import re
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import in_both_themes
from tests.browser.conftest import Watched, upload
from tests.letterbox import Letterbox
from tests.listener import Listener
from tests.stack.portal import wait_until

pytestmark = pytest.mark.browser
TOLD_SECONDS = 90  # what happens within 20 s comes in one e-mail, and the sweeper looks every 10 s


def letter(box: Letterbox, holds: Callable[[EmailMessage], bool]) -> EmailMessage:
    """The first that came and holds."""
    return wait_until(lambda: next(filter(holds, list(box.letters)), None), TOLD_SECONDS, "an e-mail came")  # type: ignore[no-any-return]


def set_address(window: Watched, box: Letterbox, email: str) -> None:
    """As a person does it: type it, open the link in the e-mail."""
    window.open("/notifications/")
    window.page.get_by_label("E-mail address").fill(email)
    window.page.get_by_role("button", name="Set the address").click()
    expect(window.page.locator("#notices")).to_contain_text("Open the link")
    came = letter(box, lambda each: each["To"] == email)
    link = re.search(r"http://\S+", came.get_content())
    assert link
    window.page.goto(link[0])
    expect(window.page.locator("#notices")).to_contain_text(f"E-mails go to {email} now")


def test_two_people_and_a_room_are_told(
    window: Watched, colleague: Watched, bundle: Path, box: Letterbox, listener: Listener
) -> None:
    page, other = window.page, colleague.page
    set_address(colleague, box, "suzuki@example.org")
    set_address(window, box, "admin@example.org")
    assert in_both_themes(page) == []

    # a room of the team, tried
    page.get_by_role("link", name="Webhooks of").click()
    page.get_by_label("Name").fill("the room")
    page.get_by_label("Address").fill(f"{listener.address}/hooks/T0")
    page.get_by_role("button", name="Add").click()
    page.get_by_role("button", name="Post a test").click()
    expect(page.locator("#notices")).to_contain_text("It was taken: 200")
    page.get_by_text("Show the secret").click()
    secret = page.locator(".cmd pre").inner_text()
    assert in_both_themes(page) == []

    # the fault is given to the colleague, who is told and comes by the link
    run = upload(window, bundle)
    window.open(f"{run}?open=F1")
    page.locator("#F1 select[name=assignee]").select_option(label="suzuki")
    page.locator("#F1 .review-form button.btn-main").click()
    expect(page.locator("#F1 .frow")).to_contain_text("suzuki")
    came = letter(box, lambda each: each["To"] == "suzuki@example.org" and "F1" in each.get_content())
    assert "assignee of F1: nobody → suzuki" in came.get_content()
    links = re.findall(r"http://\S+/findings/\S+", came.get_content())
    other.goto(links[0])
    expect(other.locator("h1")).to_contain_text("never answers")

    # the uploader is told how it was judged, and the room of both
    verdict = letter(box, lambda each: each["To"] == "admin@example.org" and "Verdict: " in each.get_content())
    assert run in verdict.get_content()
    posts = wait_until(lambda: [each for each in listener.posts if b"finding.assigned" in each[1]], TOLD_SECONDS, "a post came")
    headers, body = posts[0]
    at, mac = headers["X-Konseki-Signature"].removeprefix("t=").split(",v1=")
    assert mac == hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert any("run.analysed" in str(said["events"]) for said in listener.said())

    # the colleague, who rules no team, sees no webhooks
    colleague.open("/notifications/")
    expect(other.get_by_role("link", name="Webhooks of")).to_have_count(0)
    window.open("/notifications/")
    page.get_by_role("link", name="Webhooks of").click()
    page.get_by_role("link", name="the room").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#notices")).to_contain_text("The webhook is removed")
