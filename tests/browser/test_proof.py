"""A proof shared by a link: made by a reviewer, opened by somebody without an account, printed."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.accessibility import in_both_themes
from tests.browser.conftest import Watched, watch
from tests.browser.test_capture import uploaded
from tests.stack.portal import Portal

pytestmark = pytest.mark.browser


def test_shared_opened_printed_and_taken_back(window: Watched, browser: Browser, portal: Portal, bundle: Path) -> None:
    uploaded(window, bundle)
    page = window.page
    page.get_by_role("link", name="Proof", exact=True).click()
    assert in_both_themes(page) == []
    page.get_by_role("button", name="Make a link").click()
    address = page.locator(".cmd pre").first.inner_text()

    outside = watch(browser.new_context(viewport={"width": 390, "height": 800}), portal)
    outside.page.goto(address)
    expect(outside.page.locator(".verdict h2")).to_contain_text("never answers")
    expect(outside.page.locator("table").first).to_contain_text("[SYN]")
    assert outside.widest() == 0
    assert in_both_themes(outside.page) == []
    assert outside.page.locator("a").count() == 0
    printed = outside.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 1

    page.get_by_role("button", name="Revoke").first.click()
    expect(page.get_by_role("button", name="Revoke")).to_have_count(0)
    answer = outside.page.goto(address)
    assert answer is not None
    assert answer.status == 404
    outside.page.context.close()
    assert (outside.elsewhere, outside.errors) == ([], [])
