"""The whole loop with two people: a fault is assigned, discussed, resolved by a runbook's section; its twin is healthy; it comes again."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched, upload

pytestmark = pytest.mark.browser

HEADING = "3. Nothing answers behind the port"
TEXT = f"## {HEADING}\n\n```sh\nlsof -nP -iTCP:{{port}} -sTCP:LISTEN\n```\n"


def test_from_the_stall_to_seen_before(window: Watched, colleague: Watched, bundle: Path) -> None:
    page, other = window.page, colleague.page
    stall = upload(window, bundle)

    # assigned: it stands on the colleague's desk
    window.open(f"{stall}?open=F1")
    page.locator("#F1 select[name=assignee]").select_option(label="suzuki")
    page.locator("#F1 .review-form button.btn-main").click()
    expect(page.locator("#F1 .frow")).to_contain_text("suzuki")
    colleague.open("/desk/?tab=assigned")
    other.locator("main").get_by_role("link", name="accepts the connection and the request, then never answers").first.click()
    finding = other.url.removeprefix(colleague.address).partition("#")[0]
    if "/findings/" not in finding:
        other.get_by_role("link", name="Discussion, links, history").first.click()
        finding = other.url.removeprefix(colleague.address).partition("#")[0]

    # discussed, by both
    other.locator("#comments textarea").last.fill("@admin is the **container** up?")
    other.get_by_role("button", name="Comment").click()
    window.open(finding)
    expect(page.locator("#comments")).to_contain_text("is the container up?")
    page.locator("#comments textarea").last.fill("It was not.")
    page.get_by_role("button", name="Comment").click()
    expect(page.locator("#comments")).to_contain_text("It was not.")

    # linked to a section of a runbook, which helped; resolved
    colleague.open("/runbooks/new/")
    other.get_by_label("Name").fill("SERVICES_RUNBOOK.md")
    other.get_by_label("Text (Markdown)").fill(TEXT)
    other.get_by_role("button", name="Save").click()
    colleague.open(finding)
    other.locator("#runbook select[name=section]").select_option(label=HEADING)
    other.locator("#runbook").get_by_role("button", name="Link", exact=True).click()
    card = other.locator("#runbook .section-card", has_text=HEADING)
    expect(card).to_contain_text("lsof -nP -iTCP:9080")
    card.get_by_role("button", name="Yes").click()
    expect(other.locator("#runbook .section-card", has_text=HEADING)).to_contain_text("helped · suzuki")
    colleague.open(f"{stall}?open=F1")
    other.locator("#F1 select[name=status]").select_option("resolved")
    other.locator("#F1 .review-form button.btn-main").click()
    expect(other.locator("#F1 .frow")).to_contain_text("resolved")

    # the healthy twin: no fault, nothing seen before
    upload(window, bundle.parent / "20261120Tnetdiag4")
    expect(page.locator(".verdict h2")).to_contain_text("No fault found")

    # the stall again: what was decided, by whom, and what helped
    upload(window, bundle)
    seen = page.locator("#F1 .seen", has_text="Seen before in").locator("li").first
    expect(seen).to_contain_text("resolved")
    expect(seen).to_contain_text("suzuki")
    expect(seen).to_contain_text("It was not.")
    expect(seen).to_contain_text(f"Helped: {HEADING}")
