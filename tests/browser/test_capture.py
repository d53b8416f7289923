"""The capture page's graph in a real browser: dragging zooms, the address keeps the range, Back undoes it."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

REPORT_MS = 60_000


def uploaded(window: Watched, bundle: Path) -> str:
    """The address of the capture page of the uploaded bundle's first capture."""
    page = window.page
    window.open("/upload/")
    page.set_input_files('input[name="folder"]', bundle)
    page.click("aside button.btn-main")
    page.wait_for_url("**/runs/*/")
    expect(page.locator(".verdict h2")).to_be_visible(timeout=REPORT_MS)
    link = page.locator("#files tr", has_text="lo0_9080.pcap").locator('a[href*="/capture/"]').first
    return link.get_attribute("href") or ""


def drag(page: Page, start: float, end: float) -> None:
    """Over the graph, from one part of its width to another."""
    box = page.locator("#plot .u-over").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * start, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end, box["y"] + 40, steps=6)
    page.mouse.up()


def test_dragging_zooms_and_back_undoes_it(window: Watched, bundle: Path) -> None:
    page = window.page
    window.open(uploaded(window, bundle))
    expect(page.locator("#plot .uplot")).to_have_count(2)
    expect(page.locator("#plot .svgbox")).to_be_hidden()
    whole = page.input_value("#id_end")

    drag(page, 0.5, 0.75)
    page.wait_for_url("**/capture/?start=*&end=*")
    expect(page.locator("#id_end")).not_to_have_value(whole)
    assert 60 < float(page.input_value("#id_start")) < 70
    assert "filter=frame+" in (page.locator("#io-frames").get_attribute("href") or "")
    assert "start=" in (page.locator("th a[data-keep]").first.get_attribute("href") or "")

    page.mouse.move(700, 400)
    page.reload()  # the address alone gives the same picture
    expect(page.locator("#plot .uplot")).to_have_count(2)
    assert 60 < float(page.input_value("#id_start")) < 70

    page.go_back()
    expect(page.locator("#id_end")).to_have_value(whole)
    page.click("[data-zoom=in]")
    page.wait_for_url("**start=*")
    page.click("[data-zoom=all]")
    expect(page.locator("#id_end")).to_have_value(whole)
    assert "start=" not in page.url
    assert window.widest() == 0


def test_it_fits_a_phone_in_the_dark(window: Watched, bundle: Path) -> None:
    address = uploaded(window, bundle)
    window.page.set_viewport_size({"width": 360, "height": 740})
    window.page.emulate_media(color_scheme="dark")
    window.open(address)
    expect(window.page.locator("#plot .uplot")).to_have_count(2)
    assert window.widest() == 0


def test_without_scripts_the_graph_is_drawn_by_the_server(window: Watched, plain_window: Watched, bundle: Path) -> None:
    plain_window.open(uploaded(window, bundle) + "?start=60&end=110")
    expect(plain_window.page.locator("#plot .svgbox svg")).to_be_visible()
    expect(plain_window.page.locator("#plot .drawn")).to_be_hidden()
    plain_window.page.click("[data-zoom=later]")
    assert "start=72.5" in plain_window.page.url
