"""Two people work on one finding at once: what each does stands in place without a reload, and the later one is told."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import in_both_themes
from tests.browser.conftest import Watched, upload

pytestmark = pytest.mark.browser


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
    expect(window.page.locator(".comment", has_text="look at").locator(".call")).to_have_text("@admin")

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
    seen = window.page.locator("#F1 .seen", has_text="Seen before in")
    expect(seen).to_contain_text("Seen before in")
    expect(seen.locator("li").first).to_contain_text("resolved")
    expect(window.page.locator("#F1 .frow")).to_contain_text("open")
