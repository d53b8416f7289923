"""The timeline in a real browser: dragged to zoom, counted from a row, marked, searched; by keyboard, without scripts, on a phone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import in_both_themes
from tests.browser.conftest import Watched
from tests.browser.test_capture import uploaded

pytestmark = pytest.mark.browser

JUDGED_SECONDS = 60
SAID = "#timeline [data-said]"
ROWS = ".tl tbody tr"


def opened(window: Watched, bundle: Path) -> Page:
    address = uploaded(window, bundle)
    window.open(re.sub(r"files/.*", "timeline/", address))
    expect(window.page.locator(ROWS).first).to_be_visible()
    return window.page


def test_zoom_zero_mark_and_search(window: Watched, bundle: Path) -> None:
    page = opened(window, bundle)
    everything = page.locator(SAID).inner_text()
    page.evaluate("window.sameDocument = true")
    box = page.locator("svg[data-zoom]").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 60, steps=5)
    page.mouse.up()
    page.wait_for_url("**?*range=*")
    expect(page.locator("svg[data-zoom] .brush")).to_be_visible()
    zoomed = page.locator(SAID).inner_text()
    assert zoomed != everything
    expect(page.locator("#live")).to_have_text(zoomed)
    assert page.evaluate("window.sameDocument") is True
    page.go_back()
    expect(page.locator(SAID)).to_have_text(everything)

    # a row is opened, counted from, and marked
    row = page.locator(ROWS, has_text="[FIN, ACK]").first
    row.locator("td.abs a").click()
    page.get_by_role("link", name="Count from here").click()
    expect(page.locator(".tag", has_text="Zero:")).to_be_visible()
    expect(page.locator(ROWS, has_text="[FIN, ACK]").first.locator("td").nth(1)).to_have_text("0.000000")
    page.locator(ROWS, has_text="[FIN, ACK]").first.locator("td.abs a").click()
    page.get_by_label("Remark").fill("curl gives up")
    page.get_by_label("Remark").press("Enter")
    expect(page.locator(".remark")).to_contain_text("curl gives up")
    page.locator("select[name=only]").select_option("marked")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator(SAID)).to_have_text(re.compile(r"^1 of "))

    # words in logs, a filter in captures
    page.goto(page.url.partition("?")[0])
    page.get_by_label("Search", exact=True).fill("tcp[tcpflags] & tcp-syn != 0")
    page.get_by_label("Search", exact=True).press("Enter")
    expect(page.locator("#timeline")).to_contain_text("Captures were asked for")
    for text in page.locator(f"{ROWS} td.what").all_inner_texts():
        assert "[SYN" in text
    assert in_both_themes(page) == []
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save these rows as text").click()
    lines = Path(saved.value.path()).read_text().splitlines()
    assert lines
    assert all(re.match(r"-?\d+\.\d{6} -?\d+\.\d{6} IP6? ", line) for line in lines)


def test_a_clock_is_corrected_and_given_back(window: Watched, bundle: Path) -> None:
    page = opened(window, bundle)
    own = page.url.partition("?")[0] + "?lane=lo0_9080.pcap"
    page.goto(own)
    clock = page.locator("#clocks tbody tr", has_text="lo0_9080.pcap")
    first = page.locator(f"{ROWS} td.abs").first
    before = clock_hour(first)
    for seconds, told, hours in (("3600", "corrected by a person", 1), ("", "stated", 0)):
        if not clock.locator("form").is_visible():
            clock.get_by_text("Zone, offset, date").click()
        clock.get_by_label("Seconds to add").fill(seconds)
        assert in_both_themes(page) == []
        clock.get_by_role("button", name="Correct").click()
        for _second in range(JUDGED_SECONDS):  # the workers judge the run again
            page.goto(own)
            if (clock_hour(first) - before) % 24 == hours:
                break
            page.wait_for_timeout(1_000)
        assert (clock_hour(first) - before) % 24 == hours
        expect(clock).to_contain_text(told)


def clock_hour(cell: Locator) -> int:
    """The hour of a row's time of day."""
    return int(cell.inner_text().split(":")[0][-2:])


def test_without_scripts(plain_window: Watched, bundle: Path) -> None:
    page = opened(plain_window, bundle)
    page.get_by_role("link", name="Zoom in").click()
    assert "range=" in page.url
    page.locator(f"{ROWS} td.abs a").first.click()
    page.get_by_label("Remark").fill("without scripts")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator(".remark").first).to_contain_text("without scripts")


def test_on_a_phone(window: Watched, bundle: Path) -> None:
    page = opened(window, bundle)
    page.set_viewport_size({"width": 390, "height": 800})
    assert window.widest() == 0
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
