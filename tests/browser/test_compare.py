"""Two runs beside each other in a real browser: chosen, compared, swapped; with axe in both themes, and on a phone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import in_both_themes
from tests.browser.conftest import Watched
from tests.browser.test_capture import uploaded

pytestmark = pytest.mark.browser


def test_the_stall_beside_its_healthy_twin(window: Watched, bundle: Path) -> None:
    page = window.page
    uploaded(window, bundle.parent / "20261120Tnetdiag4")
    twin = page.url.rstrip("/").rsplit("/", 1)[1]
    uploaded(window, bundle)
    page.get_by_role("link", name="Compare", exact=True).click()
    page.get_by_label("Another run").select_option(twin)
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("#fd")).to_have_text(re.compile("alike up to frame 5; then one answers with 257"))
    expect(page.locator(".fbf tr.behind").first).to_contain_text("keep-alive")
    assert in_both_themes(page) == []
    page.get_by_role("link", name="Swap").click()
    expect(page.locator("#fd")).to_have_text(re.compile("alike up to frame 5"))
    expect(page.locator(".fbf tr.behind").first).to_contain_text("data")
    page.set_viewport_size({"width": 390, "height": 800})
    assert window.widest() == 0
