"""Two runs beside each other in a real browser: chosen, compared, swapped; with axe in both themes, and on a phone."""

import re
import shutil
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


def test_two_folders_of_one_run(window: Watched, bundle: Path, tmp_path: Path) -> None:
    both = tmp_path / "20261127Thalves"
    shutil.copytree(bundle, both / "ng")
    shutil.copytree(bundle.parent / "20261120Tnetdiag4", both / "ok")
    page = window.page
    uploaded(window, both)
    page.get_by_role("link", name="Compare", exact=True).click()
    page.get_by_role("link", name="ng · ok").click()
    expect(page.locator("#fd")).to_have_text(re.compile("alike up to frame 5; then one answers with 257"))
    assert in_both_themes(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert window.widest() == 0


def test_a_baseline_is_offered_until_it_is_none(plain_window: Watched, window: Watched, bundle: Path) -> None:
    """Without scripts for who marks it."""
    uploaded(window, bundle.parent / "20261120Tnetdiag4")
    healthy = window.page.url.replace(window.address, "")
    uploaded(window, bundle)
    broken = window.page.url
    offer = window.page.get_by_role("link", name="compare with 20261120Tnetdiag4")
    expect(offer).to_have_count(0)

    plain_window.open(healthy)
    plain_window.page.locator("summary", has_text="More").click()
    plain_window.page.get_by_role("button", name="Mark as a baseline of its services").click()
    expect(plain_window.page.locator("h1 .tag")).to_have_text("baseline")
    window.page.goto(broken)
    offer.click()
    expect(window.page.locator("#fd")).to_have_text(re.compile("alike up to frame 5"))

    plain_window.page.locator("summary", has_text="More").click()
    plain_window.page.get_by_role("button", name="No longer a baseline").click()
    expect(plain_window.page.locator("h1 .tag")).to_have_count(0)
    window.page.goto(broken)
    expect(offer).to_have_count(0)
