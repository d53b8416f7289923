"""The loop of a runbook: a finding without a section, one written for its topic, found at the finding, 'helped', counted."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import in_both_themes
from tests.browser.conftest import Watched, upload

pytestmark = pytest.mark.browser

TEXT = "## 9. Forwarded port does not answer\n\ntopics: port-forward\n\n```sh\nlsof -nP -iTCP:{port} -sTCP:LISTEN\n```\n"


def test_from_a_finding_to_its_section_and_back(window: Watched, bundle: Path) -> None:
    run, page = upload(window, bundle), window.page
    window.open(f"{run}?open=F1")
    page.get_by_role("link", name="Discussion, links, history").first.click()
    finding = page.url.removeprefix(window.address)
    unwritten = page.locator("#runbook").get_by_role("link", name="port-forward", exact=True)
    expect(page.locator("#runbook")).to_contain_text("No section covers this yet.")

    # a section is written for the topic, looked at first
    unwritten.click()
    page.get_by_label("Name").fill("PORTS_RUNBOOK.md")
    page.get_by_label("Text (Markdown)").fill(TEXT)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("#§9")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("PORTS_RUNBOOK.md")
    book = page.url.removeprefix(window.address)

    # it stands at the finding, its command filled in, and it helped
    window.open(finding)
    section = page.locator("#runbook .section-card")
    expect(section).to_contain_text("lsof -nP -iTCP:9080 -sTCP:LISTEN")
    section.get_by_role("button", name="Yes").click()
    expect(section).to_contain_text("helped · admin")
    expect(section.get_by_role("button", name="Yes")).to_have_attribute("aria-pressed", "true")
    section.get_by_role("link", name="9. Forwarded port does not answer").click()
    expect(page.locator("section[id='§9'] .uses")).to_contain_text("1 yes, 0 no")

    for path in (finding, book, f"{book}edit/", f"{book}versions/", f"{book}versions/1/", "/runbooks/", "/runbooks/new/"):
        window.open(path)
        assert window.widest() == 0, path
        assert in_both_themes(page) == [], path
    page.set_viewport_size({"width": 390, "height": 844})
    for path in (finding, book, f"{book}edit/", f"{book}versions/", "/runbooks/"):
        window.open(path)
        assert window.widest() == 0, path
