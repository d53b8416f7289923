"""Two people at one runbook: the later one who renames it is told; what a version changed; withdrawn and brought back."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import in_both_themes
from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

TEXT = "# Relay\n\n## 3. Restart\n\ntopics: forwarder\n\n    systemctl restart relay@80\n\n## 4. Undo\n\nPut it back.\n"
LATER = TEXT.replace("relay@80", "relay@443").replace("## 4. Undo\n\nPut it back.\n", "<script>alert(1)</script>\n")


def save(window: Watched, text: str) -> None:
    window.page.get_by_label("Text (Markdown)").fill(text)
    window.page.get_by_role("button", name="Save").click()
    expect(window.page.locator("h1")).to_have_text("RELAY_RUNBOOK.md")


def test_two_people_rename_compare_and_withdraw(window: Watched, colleague: Watched) -> None:
    page, other = window.page, colleague.page
    window.open("/runbooks/new/")
    page.get_by_label("Name").fill("RELAY_RUNBOOK.md")
    save(window, TEXT)
    book = page.url.removeprefix(window.address)
    window.open(f"{book}edit/")
    save(window, LATER)

    # both rename it: the second is told, and decides
    for one in (window, colleague):
        one.open(f"{book}rename/")
    page.get_by_label("Name").fill("GATE_RUNBOOK.md")
    page.get_by_role("button", name="Rename").click()
    expect(page.locator("h1")).to_have_text("GATE_RUNBOOK.md")
    other.get_by_label("Name").fill("PROXY_RUNBOOK.md")
    other.get_by_role("button", name="Rename").click()
    expect(other.locator("h1")).to_have_text("admin changed this while you were writing")
    assert in_both_themes(other) == []
    other.get_by_role("button", name="Put mine in its place").click()
    expect(other.locator("h1")).to_have_text("PROXY_RUNBOOK.md")

    # what the second version changed, chosen by the keyboard
    colleague.open(f"{book}versions/")
    other.get_by_role("button", name="Compare the two").press("Enter")
    expect(other.locator("h1")).to_have_text("Version 1 → 2")
    expect(other.locator("tr.gone mark").first).to_have_text("80")
    expect(other.locator("tr.new mark").first).to_have_text("443")
    expect(other.locator("tr.new", has_text="<script>alert(1)</script>")).to_be_visible()

    paths = [f"{book}{more}" for more in ("", "rename/", "withdraw/", "versions/", "versions/1/", "compare/")]
    for width in (1440, 390):
        other.set_viewport_size({"width": width, "height": 844})
        for path in paths:
            colleague.open(path)
            assert colleague.widest() == 0, (path, width)
            assert in_both_themes(other) == [], (path, width)

    # withdrawn by one, brought back by the other, restored
    colleague.open(f"{book}withdraw/")
    other.get_by_role("button", name="Withdraw the runbook").click()
    expect(other.locator("#notices")).to_contain_text("PROXY_RUNBOOK.md is withdrawn.")
    window.open(book)
    expect(page.locator("#withdrawn")).to_contain_text("suzuki withdrew this runbook")
    assert in_both_themes(page) == []
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_role("link", name="Edit")).to_be_visible()
    window.open(f"{book}versions/1/")
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("#notices")).to_contain_text("as version 3")
